from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from systems import LOOP, loop

from provers.symbolic.leaps import Leaper
from provers.symbolic.relations import nullspace
from provers.symbolic.samples import collect


def rank(rows):
    rows = [[Fraction(v) for v in row] for row in rows]
    done = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(done, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        for i in range(done + 1, len(rows)):
            factor = rows[i][column] / rows[done][column]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[done], strict=True)]
        done += 1
    return done


@settings(deadline=None)
@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.lists(st.integers(-6, 6), min_size=n, max_size=n), min_size=1)))
def test_equations_hold_and_none_is_missing(rows):
    found = nullspace(rows)
    assert all(sum(c * v for c, v in zip(e, row, strict=True)) == 0 for e in found for row in rows)
    assert len(found) == len(rows[0]) - rank(rows)
    if found:
        assert rank(found) == len(found)


def test_equations_have_small_integers():
    assert nullspace([[1, n, n * (n + 1) // 2, n * n] for n in range(9)]) == [[0, 1, -2, 1]]


def test_long_straight_runs_are_crossed_exactly():
    system = loop("x y", ["0", "0"], "(< x 3000000000)", ["(+ x 3)", "(ite (< x 1000000001) y (+ y 1))"], "true")
    states = collect(system, 5.0, 10**6)[LOOP]
    truth = {x: max(0, (x - 1000000002) // 3) for x, _ in states}
    assert all(y == truth[x] for x, y in states)
    assert max(x for x, _ in states) == 3_000_000_000


def test_periodic_bodies_are_not_taken_for_straight():
    system = loop("x y", ["0", "0"], "(< x 100000)", ["(+ x 1)", "(ite (= (mod x 9) 0) (+ y 1) y)"], "true")
    states = collect(system, 5.0, 10**6)[LOOP]
    assert all(y == (x + 8) // 9 for x, y in states)
    assert Leaper(system.cut(LOOP), []) is not None
