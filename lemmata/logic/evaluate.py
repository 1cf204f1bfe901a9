"""Evaluating terms on concrete values, directly or compiled to Python for many evaluations.

Integers are `int`, bit-vectors unsigned `int`, Booleans `bool`, arrays an `ArrayValue`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemmata.logic.sorts import BOOL, INT, array_parts, is_array, width
from lemmata.logic.terms import Term, post_order


@dataclass(frozen=True, slots=True, eq=False)
class ArrayValue:
    """A total array: explicit entries over a default element."""

    default: Any
    entries: Mapping[int, Any] = field(default_factory=dict)

    def read(self, index: int) -> Any:
        """Return the element at an index."""
        return self.entries.get(index, self.default)

    def write(self, index: int, element: Any) -> ArrayValue:
        """Return the array with one element changed."""
        return ArrayValue(self.default, {**self.entries, index: element})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ArrayValue) or self.default != other.default:
            return False
        return all(self.read(i) == other.read(i) for i in {*self.entries, *other.entries})

    def __hash__(self) -> int:
        return hash(self.default)


class NotExecutable(ValueError):
    """A term with a quantifier has no value that can be computed."""


def default(sort: str) -> Any:
    """Return the zero of a sort."""
    if sort == BOOL:
        return False
    return ArrayValue(default(array_parts(sort)[1])) if is_array(sort) else 0


def signed(value: int, bits: int) -> int:
    """Read an unsigned bit-vector value in two's complement."""
    return value - (1 << bits) if value >> (bits - 1) else value


def ediv(a: int, b: int) -> int:
    """Euclidean quotient, 0 for a zero divisor."""
    return (a - a % abs(b)) // b if b else 0


def emod(a: int, b: int) -> int:
    """Euclidean remainder, the dividend for a zero divisor."""
    return a % abs(b) if b else a


def _sdiv(a: int, b: int, w: int) -> int:
    x, y = signed(a, w), signed(b, w)
    if y == 0:
        return 1 if x < 0 else (1 << w) - 1
    q = abs(x) // abs(y)
    return q if (x < 0) == (y < 0) else -q


def _srem(a: int, b: int, w: int) -> int:
    x, y = signed(a, w), signed(b, w)
    if y == 0:
        return a
    r = abs(x) % abs(y)
    return -r if x < 0 else r


# Each operator as a Python expression of its arguments {0}, {1}, {2}; w is the width of the arguments in bits.
_PYTHON = {
    "not": "(not {0})",
    "ite": "({1} if {0} else {2})",
    "=": "({0} == {1})",
    "+": "({0} + {1})",
    "-": "({0} - {1})",
    "*": "({0} * {1})",
    "div": "ediv({0}, {1})",
    "mod": "emod({0}, {1})",
    "<=": "({0} <= {1})",
    "<": "({0} < {1})",
    "select": "{0}.read({1})",
    "store": "{0}.write({1}, {2})",
    "const-array": "ArrayValue({0})",
    "bvadd": "(({0} + {1}) & {m})",
    "bvsub": "(({0} - {1}) & {m})",
    "bvmul": "(({0} * {1}) & {m})",
    "bvneg": "(-{0} & {m})",
    "bvnot": "(~{0} & {m})",
    "bvand": "({0} & {1})",
    "bvor": "({0} | {1})",
    "bvxor": "({0} ^ {1})",
    "bvshl": "(({0} << {1}) & {m} if {1} < {w} else 0)",
    "bvlshr": "({0} >> {1} if {1} < {w} else 0)",
    "bvashr": "(signed({0}, {w}) >> min({1}, {w}) & {m})",
    "bvudiv": "({0} // {1} if {1} else {m})",
    "bvurem": "({0} % {1} if {1} else {0})",
    "bvsdiv": "(_sdiv({0}, {1}, {w}) & {m})",
    "bvsrem": "(_srem({0}, {1}, {w}) & {m})",
    "bvult": "({0} < {1})",
    "bvule": "({0} <= {1})",
    "bvslt": "(signed({0}, {w}) < signed({1}, {w}))",
    "bvsle": "(signed({0}, {w}) <= signed({1}, {w}))",
    "zero_extend": "{0}",
}
_NAMES: dict[str, Any] = {
    "ediv": ediv, "emod": emod, "signed": signed, "_sdiv": _sdiv, "_srem": _srem, "ArrayValue": ArrayValue,
}  # fmt: skip


def _expression(term: Term, args: Sequence[str]) -> str:
    match term.op:
        case "const":
            return repr(term.value)
        case "and" | "or":
            return "(" + f" {term.op} ".join(args) + ")"
        case "sign_extend":
            bits = width(term.args[0].sort)
            return f"(signed({args[0]}, {bits}) & {(1 << width(term.sort)) - 1})"
        case "extract":
            return f"({args[0]} & {(1 << width(term.sort)) - 1})"
        case "forall":
            raise NotExecutable("a quantified formula cannot be executed")
        case op:
            bits = width(term.args[0].sort) if term.args else 0
            return _PYTHON[op].format(*args, w=bits, m=(1 << bits) - 1)


def apply(term: Term, values: Sequence[Any]) -> Any:
    """Evaluate one operator on the values of its arguments."""
    names = [f"a{i}" for i in range(len(values))]
    return eval(_expression(term, names), _NAMES, dict(zip(names, values, strict=True)))


def compile_terms(terms: Sequence[Term], variables: Sequence[str]) -> Callable[..., tuple[Any, ...]]:
    """Compile terms to one Python function of positional values.

    Args:
        terms: what to compute, without quantifiers.
        variables: names of the free variables in the order of the function's arguments.

    Returns:
        A function that returns the terms' values as a tuple.

    Raises:
        NotExecutable: a term has a quantifier.
    """
    order = list(post_order(terms))
    if any(node.op == "forall" for node in order):
        raise NotExecutable("a quantified formula cannot be executed")
    place = {name: f"v{i}" for i, name in enumerate(variables)}
    text: dict[Term, str] = {}
    lines = [f"def function({', '.join(place.values())}):"]
    for i, node in enumerate(order):
        if node.op == "var":
            text[node] = place[str(node.value)]
        elif node.op == "const":
            text[node] = _expression(node, [])
        else:
            lines.append(f"    t{i} = {_expression(node, [text[a] for a in node.args])}")
            text[node] = f"t{i}"
    lines.append(f"    return ({''.join(text[t] + ',' for t in terms)})")
    space: dict[str, Any] = dict(_NAMES)
    exec("\n".join(lines), space)
    function: Callable[..., tuple[Any, ...]] = space["function"]
    return function


def evaluate(term: Term, values: Mapping[str, Any]) -> Any:
    """Evaluate a term once; variables without a value have their sort's zero."""
    done: dict[Term, Any] = {}
    for node in post_order((term,)):
        if node.op == "var":
            done[node] = values.get(str(node.value), default(node.sort))
        elif node.op == "const":
            done[node] = node.value
        else:
            done[node] = apply(node, [done[a] for a in node.args])
    return done[term]


def integer(value: int, sort: str, is_signed: bool) -> int:
    """Read a value of `sort` as the mathematical integer it stands for."""
    return signed(value, width(sort)) if sort not in (INT, BOOL) and is_signed else int(value)
