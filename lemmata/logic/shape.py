"""Linear comparisons in a normal form, so that `x < y + 1` and `y >= x` are seen to say the same."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache

from lemmata.logic.polynomial import Polynomial, build, combine, content, polynomial, sides
from lemmata.logic.sorts import INT
from lemmata.logic.terms import Term, boolean, const, disj, eq, le, neg

Shape = Hashable
_REMEMBERED = 1 << 14


@dataclass(frozen=True, slots=True)
class Comparison:
    """`expression relation bound` with `relation` one of `<= >= == !=` and a primitive expression."""

    monomials: tuple[tuple[tuple[Term, ...], int], ...]
    """Coefficients with greatest common divisor 1; the first one is positive."""
    relation: str
    bound: int

    def term(self) -> Term:
        """Write the comparison with positive coefficients on both sides."""
        return compare(dict(self.monomials), self.relation, self.bound)


def compare(poly: Polynomial, relation: str, bound: int) -> Term:
    """Return the comparison of a polynomial without constant with a bound, free of negative coefficients."""
    left, right = sides(poly)
    if left and right and bound:
        if bound > 0:
            right[()] = bound
        else:
            left[()] = -bound
        bound = 0
    elif not left:
        left, right, bound = right, left, -bound
        relation = {"<=": ">=", ">=": "<="}.get(relation, relation)
    one = build(left)
    two = build(right) if right else const(bound)
    match relation:
        case "<=":
            return le(one, two)
        case ">=":
            return le(two, one)
        case "==":
            return eq(one, two)
    return neg(eq(one, two))


@lru_cache(maxsize=_REMEMBERED)
def comparison(term: Term) -> Comparison | bool | None:
    """Normalise a comparison of integers.

    Returns:
        The normal form; a truth value where the comparison has one; None where `term` is no comparison of integers.
    """
    positive = term.op != "not"
    inner = term if positive else term.args[0]
    if inner.op not in ("<=", "<", "=") or inner.args[0].sort != INT:
        return None
    poly = combine(polynomial(inner.args[0]), polynomial(inner.args[1]), -1)
    bound = -poly.pop((), 0)
    if inner.op == "=":
        relation = "==" if positive else "!="
    else:
        relation = "<=" if positive else ">="
        # not (p < b) is p >= b; not (p <= b) is p >= b + 1.
        bound += (-1 if positive else 0) if inner.op == "<" else (0 if positive else 1)
    if not poly:
        return {"==": bound == 0, "!=": bound != 0, "<=": bound >= 0, ">=": bound <= 0}[relation]
    divisor = content(poly.values())
    if relation in ("==", "!="):
        if bound % divisor:
            return relation == "!="
        bound //= divisor
    else:
        bound = bound // divisor if relation == "<=" else -(-bound // divisor)
    ordered = sorted(((m, c // divisor) for m, c in poly.items()), key=lambda item: repr(item[0]))
    if ordered[0][1] < 0:
        ordered = [(m, -c) for m, c in ordered]
        bound = -bound
        relation = {"<=": ">=", ">=": "<="}.get(relation, relation)
    return Comparison(tuple(ordered), relation, bound)


@lru_cache(maxsize=_REMEMBERED)
def shape(term: Term) -> Shape:
    """Return a value that is equal for clauses that differ only in how they are written."""
    if term.op == "not" and term.args[0].op in ("and", "or"):
        inner = term.args[0]
        return _connected("or" if inner.op == "and" else "and", [shape(neg(a)) for a in inner.args])
    if term.op in ("and", "or"):
        return _connected(term.op, [shape(a) for a in term.args])
    found = comparison(term)
    return term if found is None else found


def _connected(op: str, parts: list[Shape]) -> Shape:
    flat: set[Shape] = set()
    for part in parts:
        if isinstance(part, tuple) and part[0] == op:
            flat |= part[1]
        else:
            flat.add(part)
    return op, frozenset(flat)


def tidy(term: Term) -> Term:
    """Rewrite the comparisons in a clause to their normal form."""
    found = comparison(term)
    if found is None:
        return term
    return boolean(found) if isinstance(found, bool) else found.term()


def tidy_clause(clause: Term) -> Term:
    """Rewrite the comparisons in a disjunction to their normal form."""
    return disj(tidy(a) for a in clause.args) if clause.op == "or" else tidy(clause)
