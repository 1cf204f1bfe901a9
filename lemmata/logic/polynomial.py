"""Integer terms as polynomials: the normal form behind readable clauses and learned relations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import gcd

from lemmata.logic.sorts import INT
from lemmata.logic.terms import Term, add, const, mul, post_order, sub

Monomial = tuple[Term, ...]
"""Factors that are not sums, products or constants themselves; the empty product is the constant monomial."""
Polynomial = dict[Monomial, int]
"""Coefficients that are not zero, in the order in which the monomials occur in the term."""

_MOST_MONOMIALS = 64


def polynomial(term: Term) -> Polynomial:
    """Multiply out an integer term.

    Args:
        term: of sort Int; whatever is not `+ - *` or a literal is taken as an indeterminate.

    Returns:
        The coefficients; a product with too many monomials is kept as one indeterminate.
    """
    done: dict[Term, Polynomial] = {}
    for node in post_order((term,)):
        if node.sort != INT:
            continue
        match node.op:
            case "const":
                done[node] = {(): int(node.value)} if node.value else {}  # type: ignore[arg-type]
            case "+":
                done[node] = combine(done[node.args[0]], done[node.args[1]], 1)
            case "-":
                done[node] = combine(done[node.args[0]], done[node.args[1]], -1)
            case "*":
                done[node] = _product(node, done[node.args[0]], done[node.args[1]])
            case _:
                done[node] = {(node,): 1}
    return done[term]


def combine(left: Mapping[Monomial, int], right: Mapping[Monomial, int], factor: int) -> Polynomial:
    """Return `left + factor * right`."""
    total = dict(left)
    for monomial, coefficient in right.items():
        total[monomial] = total.get(monomial, 0) + factor * coefficient
        if not total[monomial]:
            del total[monomial]
    return total


def _product(node: Term, left: Polynomial, right: Polynomial) -> Polynomial:
    if len(left) * len(right) > _MOST_MONOMIALS:
        return {(node,): 1}
    total: Polynomial = {}
    for one, a in left.items():
        for two, b in right.items():
            total = combine(total, {_times(one, two): a * b}, 1)
    return total


def _times(one: Monomial, two: Monomial) -> Monomial:
    # Factors need one order that does not depend on where terms lie in memory.
    return tuple(sorted(one + two, key=repr)) if one and two else one or two


def content(coefficients: Iterable[int]) -> int:
    """Return the greatest common divisor, 1 for no coefficients."""
    return gcd(*coefficients) or 1


def build(poly: Mapping[Monomial, int]) -> Term:
    """Turn a polynomial back into a term, additions first so that it starts without a sign."""
    total: Term | None = None
    for positive in (True, False):
        for monomial, coefficient in poly.items():
            if (coefficient > 0) is not positive:
                continue
            size = abs(coefficient)
            part = const(size)
            for i, factor in enumerate(monomial):
                part = factor if i == 0 and size == 1 else mul(part, factor)
            if total is None:
                total = part if positive else mul(const(-1), part)
                if not positive and not monomial:
                    total = const(coefficient)
            else:
                total = add(total, part) if positive else sub(total, part)
    return const(0) if total is None else total


def sides(poly: Mapping[Monomial, int]) -> tuple[Polynomial, Polynomial]:
    """Split `p` into `left - right` with positive coefficients only."""
    left = {m: c for m, c in poly.items() if c > 0}
    right = {m: -c for m, c in poly.items() if c < 0}
    return left, right
