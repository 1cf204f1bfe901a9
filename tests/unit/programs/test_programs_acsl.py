"""Annotations mean what mathematics says, in both semantics."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.programs.acsl import Names, parse_predicate
from lemmata.errors import InputError, LemmataError, Location, UnsupportedError
from lemmata.logic.evaluate import evaluate
from lemmata.logic.sorts import INT, bit_vector
from lemmata.logic.terms import Term, var

HERE = Location("file.c", 3, 5)
WIDTH = 8


def names(machine: bool) -> Names:
    sort = bit_vector(WIDTH) if machine else INT
    known = {"s": (var("s", sort), True), "u": (var("u", sort), False)}
    return Names(known.get)


def holds(text: str, s: int, u: int, machine: bool) -> bool:
    term: Term = parse_predicate(text, names(machine), HERE, machine)
    return bool(evaluate(term, {"s": s % (1 << WIDTH) if machine else s, "u": u}))


def truncated(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> tuple[str, object]:
    """Make a term's text with a function that computes it on unbounded integers."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        choice = draw(st.integers(0, 2))
        if choice == 0:
            value = draw(st.integers(0, 300))
            return str(value), lambda s, u: value
        return ("s", lambda s, u: s) if choice == 1 else ("u", lambda s, u: u)
    op = draw(st.sampled_from(["+", "-", "*", "/", "%"]))
    left, f = draw(expressions(depth - 1))
    if op in "/%":
        divisor = draw(st.integers(1, 9)) * draw(st.sampled_from([1, -1]))
        quotient = lambda s, u: truncated(f(s, u), divisor)  # noqa: E731
        text = f"(({left}) {op} ({divisor}))"
        return (text, quotient) if op == "/" else (text, lambda s, u: f(s, u) - divisor * quotient(s, u))
    right, g = draw(expressions(depth - 1))
    compute = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}[op]
    return f"({left} {op} {right})", lambda s, u: compute(f(s, u), g(s, u))


@settings(max_examples=150, deadline=None)
@given(expressions(), expressions(), st.integers(-128, 127), st.integers(0, 255))
def test_comparisons_are_exact_in_both_semantics(left, right, s: int, u: int) -> None:
    for op, compare in (("<", int.__lt__), ("==", int.__eq__), (">=", int.__ge__)):
        expected = compare(left[1](s, u), right[1](s, u))
        for machine in (False, True):
            try:
                assert holds(f"{left[0]} {op} {right[0]}", s, u, machine) == expected
            except UnsupportedError:
                assert machine


@pytest.mark.parametrize(
    ("text", "s", "expected"),
    [
        ("0 <= s < 10", 5, True),
        ("0 <= s < 10", 10, False),
        ("s > 0 ==> s > 1 ==> s > 2", 2, False),
        ("s == 1 || s == 2 && s == 3", 1, True),
        ("!(s == 1) <==> s != 1", 1, True),
        ("s == 1 ^^ s == 2", 2, True),
        ("s > 0 ? s < 5 : s > -5", -3, True),
        ("-s % 3 == -2", 5, True),
        ("s == 010", 8, True),
        ("s == 0x1F", 31, True),
        ("\\true && !\\false", 0, True),
        ("(s >> 1) == -2", -3, True),
    ],
)
def test_precedence_and_chains(text: str, s: int, expected: bool) -> None:
    assert holds(text, s, 0, False) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s +",
        "s == ",
        "(s == 1",
        "s == 1)",
        "unknown == 1",
        "s < u > s",
        "s[1] == 2",
        "09 == s",
        "\\result == 1",
        "\\valid(s)",
        "s & 1",
        "\\forall int i; i == i",
        "\\forall integer ; i",
        "1 ? 2",
        "@",
        "s = 1",
    ],
)
def test_bad_annotations_are_refused_with_their_place(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_predicate(text, names(False), HERE, False)
    assert caught.value.location is not None
    assert caught.value.location.line == 3


@given(st.text(alphabet="su019+-*/%<>=!&|^?:()[]\\;, fortalexiscndgr\n", max_size=60))
def test_any_text_is_a_predicate_or_an_error(text: str) -> None:
    for machine in (False, True):
        try:
            parse_predicate(text, names(machine), HERE, machine)
        except LemmataError as error:
            assert error.message


def test_deep_nesting_is_an_error() -> None:
    for text in ("(" * 5000 + "s" + ")" * 5000, "!" * 5000 + "s", "s ==> " * 5000 + "s", "-" * 5000 + "s"):
        with pytest.raises(InputError):
            parse_predicate(text, names(False), HERE, False)


def test_quantified_names_do_not_capture_program_names() -> None:
    inner = parse_predicate("\\forall integer s; s >= u", names(False), HERE, False)
    outer = parse_predicate("s >= u", names(False), HERE, False)
    assert inner is not outer
    both = parse_predicate("s == 1 && (\\forall integer s; s != u) && s == 1", names(False), HERE, False)
    assert "s" in repr(both)
