"""Polynomial equations of samples: exact, complete up to the degree, and enough to prove sums."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import closes, loop, propose, view

from lemmata.logic.sorts import INT
from lemmata.logic.terms import var
from provers.symbolic.polynomials import PolynomialsProver, closed_forms
from provers.symbolic.vanishing import vanishing

SQUARES = loop(
    "i s k", ["0", "0", "k0"], "(< i k)", ["(+ i 1)", "(+ s (* (+ i 1) (+ i 1)))", "k"],
    "(= (* 6 s) (+ (* 2 k k k) (* 3 k k) k))", assume="(>= k0 0)",
)  # fmt: skip
CUBES = loop(
    "i s k", ["0", "0", "k0"], "(< i k)", ["(+ i 1)", "(+ s (* (+ i 1) (* (+ i 1) (+ i 1))))", "k"],
    "(= (* 4 s) (+ (* k k k k) (* 2 k k k) (* k k)))", assume="(>= k0 0)",
)  # fmt: skip
EUCLID = loop(
    "a b p q r s x y", ["x0", "y0", "1", "0", "0", "1", "x0", "y0"], "(not (= a b))",
    [
        "(ite (> a b) (- a b) a)", "(ite (> a b) b (- b a))", "(ite (> a b) (- p q) p)", "(ite (> a b) q (- q p))",
        "(ite (> a b) (- r s) r)", "(ite (> a b) s (- s r))", "x", "y",
    ],
    "(= a (+ (* y r) (* x p)))", assume="(and (>= x0 1) (>= y0 1))",
)  # fmt: skip
WRONG_SQUARES = loop(
    "i s k", ["0", "0", "k0"], "(< i k)", ["(+ i 1)", "(+ s (* i i))", "k"],
    "(= (* 6 s) (+ (* 2 k k k) (* 3 k k) k))", assume="(>= k0 0)",
)  # fmt: skip
LINEAR = loop("i n", ["0", "n0"], "(< i n)", ["(+ i 1)", "n"], "(= i n)", assume="(>= n0 0)")


def value(equation, point):
    return sum(c * prod(v**e for v, e in zip(point, m, strict=True)) for m, c in equation.coefficients.items())


def points(width: int):
    return st.lists(st.tuples(*[st.integers(-5, 5)] * width), min_size=1, max_size=30)


@settings(deadline=None)
@given(st.integers(1, 3).flatmap(points))
def test_every_equation_vanishes_on_every_point(rows):
    for equation in vanishing(rows, 3, 100, 10**30, 60.0):
        assert all(value(equation, row) == 0 for row in rows)
        assert equation.coefficients[equation.leading] != 0


@settings(deadline=None)
@given(
    st.lists(st.integers(-9, 9), min_size=6, max_size=6),
    st.lists(st.tuples(st.integers(-6, 6), st.integers(-6, 6)), min_size=40, max_size=60, unique=True),
)
def test_a_polynomial_that_was_put_in_is_found(coefficients, places):
    monomials = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
    rows = [(a, b, sum(c * a**i * b**j for c, (i, j) in zip(coefficients, monomials, strict=True))) for a, b in places]
    found = vanishing(rows, 2, 40, 10**6, 60.0)
    wanted = {(*m, 0): -c for m, c in zip(monomials, coefficients, strict=True) if c} | {(0, 0, 1): 1}
    # Together the equations vanish nowhere that this one does not: each point off the surface breaks one of them.
    assert all(any(value(e, (a, b, c + 1)) for e in found) for a, b, c in rows)
    assert all(sum(k * prod(v**e for v, e in zip(r, m, strict=True)) for m, k in wanted.items()) == 0 for r in rows)


def test_large_numbers_stay_exact():
    rows = [(n, n**3 + 10**15) for n in range(-8, 9)]
    (equation,) = [e for e in vanishing(rows, 3, 10, 10**50, 60.0) if e.leading == (3, 0)]
    assert equation.coefficients in (
        {(3, 0): 1, (0, 1): -1, (0, 0): 10**15},
        {(3, 0): -1, (0, 1): 1, (0, 0): -(10**15)},
    )


def test_sums_have_closed_forms():
    i, s, t = (var(name, INT) for name in "ist")
    rows = [(n, n * (n + 1) // 2, 7) for n in range(12)]
    found = {str(term) for term in closed_forms([i], [s, t], rows)}
    assert len(found) == 2


@pytest.mark.parametrize("system", [SQUARES, CUBES, EUCLID])
def test_products_are_proved(system):
    assert any(closes(system, p.step) for p in propose(PolynomialsProver(), view(system)))


def test_a_wrong_sum_is_not():
    assert not any(closes(WRONG_SQUARES, p.step) for p in propose(PolynomialsProver(), view(WRONG_SQUARES)))


def test_programs_without_products_or_sums_are_left_to_others():
    assert propose(PolynomialsProver(), view(LINEAR)) == []


def test_machine_integers_are_left_alone():
    assert propose(PolynomialsProver(), view(SQUARES, width="32")) == []


def test_the_same_goal_is_looked_at_twice_at_most():
    prover = PolynomialsProver()
    goal = view(SQUARES)
    answers = [propose(prover, goal) for _ in range(4)]
    assert answers[0]
    assert answers[2] == answers[3] == []
