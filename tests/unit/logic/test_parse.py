from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from random_terms import BYTE, SORTS, VALUES, terms

from lemmata.errors import InputError
from lemmata.logic import terms as t
from lemmata.logic.evaluate import evaluate
from lemmata.logic.parse import parse
from lemmata.logic.smtlib import inline
from lemmata.logic.sorts import BOOL, INT

MORE = {**SORTS, "a": "(Array Int Int)", "odd name": INT, "bv1": INT}
quiet = settings(deadline=None, suppress_health_check=list(HealthCheck))


@quiet
@given(st.sampled_from([INT, BOOL, BYTE]).flatmap(lambda s: terms(s, 3)), VALUES)
def test_what_is_printed_is_read_back(term, values):
    again = parse(inline(term), SORTS, term.sort)
    assert evaluate(again, values) == evaluate(term, values)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("(<= 1 x 3)", {"x": 3}, True),
        ("(> 5 x y)", {"x": 3, "y": 3}, False),
        ("(distinct x y 4)", {"x": 3, "y": 4}, False),
        ("(=> p q (= x 1))", {"p": True, "q": True, "x": 2}, False),
        ("(xor p q true)", {"p": True, "q": True}, True),
        ("(= (- x) (- 3 y 1))", {"x": 1, "y": 3}, True),
        ("(= (abs x) 4)", {"x": -4}, True),
        ("(= (mod x 3) 2)", {"x": -4}, True),
        ("(= (div x 3) (- 2))", {"x": -4}, True),
        ("((_ divisible 3) x)", {"x": -9}, True),
        ("(let ((z (+ x 1)) (x y)) (= z x))", {"x": 1, "y": 2}, True),
        ("(bvsgt b #xf0)", {"b": 1}, True),
        ("(bvugt b #xf0)", {"b": 1}, False),
        ("(= ((_ extract 7 4) b) #b1010)", {"b": 0xA5}, True),
        ("(= (concat #xa b) #xa12)", {"b": 0x12}, True),
        ("(= ((_ rotate_left 3) b) #x0c)", {"b": 0x81}, True),
        ("(= (bvsmod b #x03) #x01)", {"b": 0xFE}, True),
        ("(= (bvcomp b (_ bv7 8)) #b1)", {"b": 7}, True),
        ("(= (bvnand b b) (bvnot b))", {"b": 9}, True),
        ("(= |odd name| |bv1|)", {}, True),
        ("(= (select (store a 1 5) x) 5)", {"x": 1}, True),
        ("(= (select ((as const (Array Int Int)) 4) x) 4)", {"x": 1}, True),
        ("; comment\n(= x ; inside\n x)", {}, True),
    ],
)
def test_operators(text, values, expected):
    assert evaluate(parse(text, MORE), values) is expected


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 1),
        ("(", 1),
        (")", 1),
        ("(= x 1) x", 9),
        ("(= x p)", 1),
        ("(= x z)", 6),
        ("x", 1),
        ("(and p (+ x p))", 8),
        ("(let ((z)) z)", 1),
        ("(let ((z 1) (z 2)) (= z 1))", 1),
        ("(forall ((k Real)) p)", 13),
        ("(forall ((k Int)) k)", 1),
        ("(foo x)", 1),
        ("(bvadd b #x1)", 1),
        ("(= b (_ bv1 0))", 6),
        ("(= ((_ extract 9 0) b) b)", 4),
        ("(= ((_ zero_extend 99999999) b) b)", 23),
        ('(= x "text")', 6),
        ("(= x 01)", 6),
        ("(select a p)", 1),
    ],
)
def test_malformed_text_is_refused_where_it_is_wrong(text, column):
    with pytest.raises(InputError) as caught:
        parse(text, MORE)
    assert caught.value.location is not None
    assert caught.value.location.line == 1
    if column != 23:
        assert caught.value.location.column == column


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["(", ")", "(", ")", "x", "p", "b", "a", "+", "=", "and", "let", "forall", "_", "as", "const", "Int", "bv3",
             "extract", "1", "8", "#xff", "|", "|x|", "\\", "(_ bv3 8)", "((k Int))", "k", "select", "!", "\0", ";"]
        ),
        max_size=25,
    ).map(" ".join)
    | st.text(max_size=40)
)  # fmt: skip
@example("(" * 5000)
@example("(not " * 5000 + "p" + ")" * 5000)
@example("(= x " + "9" * 10000 + ")")
@example("(let ((n 99999999)) " + "(let ((n (* n n))) " * 60 + "(= n x)" + ")" * 61)
def test_any_text_is_read_or_refused(text):
    outcome: object = None
    try:
        outcome = parse(text, MORE).sort
    except InputError as error:
        outcome = error.location
    assert outcome is not None


def test_bound_names_are_never_those_of_the_program():
    term = parse("(forall ((x Int)) (exists ((y Int)) (< x y)))", SORTS)
    assert not t.free(term)
    assert t.substitute(term, {t.var("x", INT): t.const(0)}) is term
    nested = parse("(forall ((k Int)) (and (< k x) (forall ((k Int)) (< k y))))", SORTS)
    assert t.free(nested) == {"x": INT, "y": INT}
    assert parse(inline(nested), SORTS) is nested
