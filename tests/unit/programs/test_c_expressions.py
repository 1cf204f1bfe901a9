"""Annotations as C expressions: the same truth for all values, and nothing undefined on the way."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.programs.cexpression import c_expression
from checkers.programs.execute import execute_source
from checkers.programs.types import IntType, Types

TYPES = Types(32)
VARIABLES = {
    "c": ("signed char", "char"), "u": ("unsigned int", "uint"), "i": ("int", "int"), "b": ("_Bool", "bool"),
    "l": ("long", "long"), "w": ("unsigned long", "ulong"),
}  # fmt: skip


def lookup(name: str) -> tuple[str, IntType] | None:
    if name not in VARIABLES:
        return None
    kind = TYPES.named(VARIABLES[name][0].split())
    assert isinstance(kind, IntType)
    return name, kind


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("0 <= i < 10", "(0 <= i) && (i < 10)"),
        ("i > 0 ==> c == 1 ==> i == 2", "!(i > 0) || (!(c == 1) || (i == 2))"),
        ("i <==> c", "!i == !c"),
        ("i ^^ c", "!i != !c"),
        ("\\true", "1"),
        ("i % 2 == 0", "(i % 2) == 0"),
        ("i + 1 > 0", "((long long)i + 1LL) > 0LL"),
        ("u > -1", "(long long)u > (-1LL)"),
        ("w >= u", "w >= (unsigned long long)u"),
        ("(i == 1) && (c == 1)", "(i == 1) && (c == 1)"),
        ("0x10 == i || i == 010", "(16 == i) || (i == 8)"),
        ("i >= c ? b : !b", "(i >= c) ? b : !b"),
    ],
)
def test_how_annotations_are_written(annotation: str, expected: str) -> None:
    assert c_expression(annotation, lookup) == expected


@pytest.mark.parametrize(
    "annotation",
    [
        "\\forall integer k; k > i", "a[i] == 0", "i / c > 1", "i % -1 == 0", "l + 1 > l", "w > -1", "i * i * i > 0",
        "i > 99999999999999999999", "i - 1 << 40 > 0", "i >> 1 > 0", "unknown > 0", "\\result > 0", "i & 1", "",
    ],
)  # fmt: skip
def test_what_c_cannot_say_without_a_doubt_is_not_written(annotation: str) -> None:
    assert c_expression(annotation, lookup) is None


_NUMBERS = st.sampled_from([0, 1, 2, 3, 7, 255, 2147483647, 2147483648, 4294967295])
_TERMS = st.recursive(
    st.one_of(st.sampled_from(sorted(VARIABLES)), _NUMBERS.map(str)),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(inner, st.sampled_from("/%"), st.integers(1, 9)).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(st.sampled_from("-~+"), inner).map(lambda p: f"{p[0]} {p[1]}"),
    ),
    max_leaves=4,
)
_ATOMS = st.tuples(_TERMS, st.sampled_from(["<", "<=", "==", "!=", ">", ">="]), _TERMS).map(" ".join)
_PREDICATES = st.recursive(
    st.one_of(_ATOMS, _TERMS.map(lambda term: f"({term} != 0)")),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||", "==>", "<==>", "^^"]), inner).map(
            lambda p: f"({p[0]}) {p[1]} ({p[2]})"
        ),
        inner.map(lambda p: f"!({p})"),
        st.tuples(inner, inner, inner).map(lambda p: f"(({p[0]}) ? ({p[1]}) : ({p[2]}))"),
    ),
    max_leaves=3,
)


@settings(max_examples=150, deadline=None)
@given(annotation=_PREDICATES, data=st.data())
def test_both_have_the_same_truth_and_nothing_is_undefined(annotation: str, data: st.DataObject) -> None:
    expression = c_expression(annotation, lookup)
    if expression is None:
        return
    values = []
    for name in VARIABLES:
        found = lookup(name)
        assert found is not None
        kind = found[1]
        corners = [kind.low, kind.high, 0, 1]
        values.append(data.draw(st.one_of(st.sampled_from(corners), st.integers(kind.low, kind.high)), label=name))
    declared = "\n".join(f"{kind} {name} = nondet_{call}();" for name, (kind, call) in VARIABLES.items())
    text = f"""int main(void) {{
{declared}
if ({expression}) {{
//@ assert {annotation};
}} else {{
//@ assert !({annotation});
}} }}"""
    run = execute_source(text, inputs=values, int_width=32)
    assert run.status == "returned", (expression, run.message)
