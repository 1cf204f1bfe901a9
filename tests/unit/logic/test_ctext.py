from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from random_terms import SORTS, VALUES, plain

from lemmata.errors import Location
from lemmata.logic import terms as t
from lemmata.logic.ctext import ctext
from lemmata.logic.evaluate import evaluate
from lemmata.logic.parse import parse
from lemmata.logic.shape import comparison, shape, tidy
from lemmata.logic.sorts import BOOL, INT

NAMES = {**{n: n for n in ("x", "y", "m", "n", "p", "q", "a")}, "s!1": "s"}
ALL = {"x": INT, "y": INT, "m": INT, "n": INT, "p": BOOL, "q": BOOL, "a": "(Array Int Int)", "s!1": INT}


def read(text: str) -> t.Term:
    """Read ACSL text as the program checker does."""
    acsl = pytest.importorskip("checkers.programs.acsl")

    def lookup(name: str) -> tuple[t.Term, bool] | None:
        internal = next((i for i, written in NAMES.items() if written == name), None)
        return (t.var(internal, ALL[internal]), True) if internal in ALL else None

    return acsl.parse_predicate(text, acsl.Names(lookup), Location("clause"), False)


@pytest.mark.parametrize(
    ("smtlib", "text"),
    [
        ("(<= (+ x y) 10)", "x + y <= 10"),
        ("(=> (>= n 1) (< m n))", "n >= 1 ==> m < n"),
        ("(<= (+ (* (- 1) x) y) 0)", "x >= y"),
        ("(<= (+ (* (- 1) x) 5) 0)", "x >= 5"),
        ("(< (- x y) 1)", "x <= y"),
        ("(<= (+ x 1) y)", "x < y"),
        ("(>= (- (* 2 x) (* 4 y)) 3)", "x >= 2 * y + 2"),
        ("(= (mod x 2) 0)", "x % 2 == 0"),
        ("(= (mod x 2) 1)", "(x - 1) % 2 == 0"),
        ("(= (mod x 2) (mod y 2))", "(x - y) % 2 == 0"),
        ("(<= (mod x 3) y)", "(x % 3 + 3) % 3 <= y"),
        ("(= (* 2 x) (* n (- n 1)))", "2 * x + n == n * n"),
        ("(= (* 2 x) (+ (* 4 y) 1))", "\\false"),
        ("(not (= x (- y)))", "x + y != 0"),
        ("(or (< x 1) (and p (> y 3)))", "x < 1 || (p && y > 3)"),
        ("(and (or p q) (< x 1))", "(p || q) && x < 1"),
        ("(= p (< x 1))", "p <==> x < 1"),
        ("(< s!1 x)", "s < x"),
        (
            "(forall ((k Int)) (=> (and (<= 0 k) (< k n)) (= (select a k) 0)))",
            "\\forall integer k; k >= 0 && k < n ==> a[k] == 0",
        ),
        ("(= (ite (<= 0 x) (mod x 5) (- 0 (mod (- 0 x) 5))) y)", "x % 5 == y"),
        ("(= (ite (<= 0 x) (div x n) (- 0 (div (- 0 x) n))) y)", "x / n == y"),
    ],
)
def test_texts_are_what_a_programmer_would_write(smtlib, text):
    assert ctext(parse(smtlib, ALL), NAMES) == text


@pytest.mark.parametrize(
    "smtlib",
    ["(= (div x y) 1)", "(= a (store a 1 2))", "(exists ((k Int)) (= (select a k) 0))", "(= (mod x 0) 1)"],
)
def test_what_acsl_cannot_say_is_left_alone(smtlib):
    assert ctext(parse(smtlib, ALL), NAMES) is None


def test_names_must_be_identifiers():
    assert ctext(parse("(< x y)", ALL), {"x": "x", "y": ""}) is None
    assert ctext(parse("(< x y)", ALL), {"x": "x", "y": "main::y"}) is None


def test_huge_texts_are_not_written():
    term = t.var("x", INT)
    for _ in range(60):
        term = t.ite(t.lt(term, t.const(3)), term, t.var("y", INT))
    assert ctext(t.lt(term, t.const(1)), NAMES) is None


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(plain(), VALUES)
def test_text_means_what_the_term_means(term, values):
    text = ctext(term, NAMES)
    assume(text is not None)
    again = read(text)
    assert evaluate(again, values) is evaluate(term, values), text
    assert ctext(term, NAMES) == text


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(plain(), VALUES)
def test_tidy_terms_mean_the_same(term, values):
    assert evaluate(tidy(term), values) is evaluate(term, values)
    assert SORTS.keys() >= t.free(tidy(term)).keys()


def test_shapes_see_through_notation():
    assert shape(parse("(< x (+ y 1))", ALL)) == shape(parse("(>= y x)", ALL))
    assert shape(parse("(not (< x y))", ALL)) == shape(parse("(<= (- y x) 0)", ALL))
    assert shape(parse("(= x y)", ALL)) == shape(parse("(= (* 2 y) (* 2 x))", ALL))
    assert shape(parse("(or p (< x 1))", ALL)) == shape(parse("(or (<= x 0) p)", ALL))
    assert shape(parse("(< x y)", ALL)) != shape(parse("(<= x y)", ALL))
    assert comparison(parse("(= (* 2 x) 3)", ALL)) is False
    assert comparison(parse("p", ALL)) is None
