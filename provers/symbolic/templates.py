"""Learning clauses from samples: bounds, octagons, equations, congruences, and the same under a condition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from math import gcd
from operator import mul

from lemmata.logic.evaluate import signed
from lemmata.logic.polynomial import Polynomial, build
from lemmata.logic.shape import compare
from lemmata.logic.sorts import INT, width
from lemmata.logic.terms import Term, bv, const, disj, emod, eq, neg, var
from lemmata.logic.transition import Cut, Variable
from provers.symbolic.candidates import at_least, at_most, numeric
from provers.symbolic.relations import nullspace
from provers.symbolic.samples import State

_MOST_QUADRATIC = 7
_MOST_COEFFICIENT = 10**7
_MOST_MODULUS = 1 << 20


class Points:
    """The numbers in some states of a loop, bit-vectors read in their variable's signedness.

    Args:
        cut: the loop.
        states: values of all the cut's variables.
    """

    def __init__(self, cut: Cut, states: Sequence[State]) -> None:
        places = {v.name: i for i, v in enumerate(cut.variables)}
        self.variables = numeric(cut)
        self.rows: list[list[int]] = [[number(v, s[places[v.name]]) for v in self.variables] for s in states]

    def among(self, mask: int) -> Points:
        """Return the points whose bit is set."""
        chosen = object.__new__(Points)
        chosen.variables = self.variables
        chosen.rows = [row for i, row in enumerate(self.rows) if mask >> i & 1]
        return chosen

    @property
    def mathematical(self) -> bool:
        """Whether all variables are mathematical integers."""
        return all(v.sort == INT for v in self.variables)


def number(variable: Variable, value: int) -> int:
    """Read a value as the integer that the programmer sees."""
    bits = width(variable.sort)
    return signed(value, bits) if bits and variable.signed else value


def equations(points: Points) -> list[Term]:
    """Return the linear equations that hold of all points, constants and simple ones first."""
    if not points.rows:
        return []
    basis = nullspace([[1, *row] for row in points.rows], _MOST_COEFFICIENT)
    basis.sort(key=lambda v: (sum(c != 0 for c in v), max(map(abs, v))))
    return [t for vector in basis if (t := _equation(points.variables, vector)) is not None]


def _equation(variables: Sequence[Variable], vector: Sequence[int]) -> Term | None:
    used = [(v, c) for v, c in zip(variables, vector[1:], strict=True) if c]
    sorts = {v.sort for v, _ in used}
    if len(sorts) != 1:
        return None
    sort = sorts.pop()
    if sort == INT:
        poly: Polynomial = {(var(v.name, INT),): c for v, c in used}
        return compare(poly, "==", -vector[0])
    total = const(vector[0], sort)
    for v, c in used:
        total = bv("bvadd", total, bv("bvmul", const(c, sort), var(v.name, sort)))
    return eq(total, const(0, sort))


def quadratics(points: Points) -> list[Term]:
    """Return equations of degree two that do not follow from the linear ones."""
    if not points.rows or not points.mathematical:
        return []
    independent = _independent(points)[:_MOST_QUADRATIC]
    if not independent:
        return []
    names = [points.variables[i].name for i in independent]
    products = [(i, j) for i in range(len(names)) for j in range(i, len(names))]
    rows = []
    for row in points.rows:
        short = [row[i] for i in independent]
        rows.append([1, *short, *(short[i] * short[j] for i, j in products)])
    width_linear = 1 + len(names)
    found = []
    for vector in nullspace(rows, _MOST_COEFFICIENT):
        if not any(vector[width_linear:]):
            continue
        poly: Polynomial = {(var(n, INT),): c for n, c in zip(names, vector[1:], strict=False) if c}
        for (i, j), c in zip(products, vector[width_linear:], strict=True):
            if c:
                factors = sorted((var(names[i], INT), var(names[j], INT)), key=lambda t: str(t.value))
                poly[tuple(factors)] = c
        found.append((len(poly), max(map(abs, vector)), compare(poly, "==", -vector[0])))
    found.sort(key=lambda item: item[:2])
    return [term for _, _, term in found]


def _independent(points: Points) -> list[int]:
    """Return the variables that no linear equation expresses by earlier ones."""
    dependent = set()
    for vector in nullspace([[1, *row] for row in points.rows]):
        dependent.add(max(i for i, c in enumerate(vector) if c) - 1)
    return [i for i in range(len(points.variables)) if i not in dependent]


def congruences(points: Points) -> list[Term]:
    """Return `x mod m == r` for variables and for sums and differences of two, m as large as possible."""
    found: list[Term] = []
    if len(points.rows) < 3:
        return found
    for combination in _combinations(points.variables):
        values = [sum(c * row[i] for i, c in combination) for row in points.rows]
        modulus = gcd(*(v - values[0] for v in values))
        if 1 < modulus <= _MOST_MODULUS:
            for divisor in dict.fromkeys((modulus, *(d for d in (2, 3, 4, 5, 10) if modulus % d == 0))):
                term = _congruence(points.variables, combination, divisor, values[0] % divisor)
                if term is not None:
                    found.append(term)
    return found


def wrapped(points: Points, sizes: Iterable[int]) -> list[Term]:
    """Return linear equations modulo 2ⁿ: those of the small values that still hold once values have wrapped around.

    Args:
        points: of mathematical integers.
        sizes: the powers of two at which the program's arithmetic wraps around.
    """
    found: list[Term] = []
    for size in sizes:
        rows = [[1, *row] for row in points.rows]
        small = [row for row in rows if all(abs(n) < size // 4 for n in row)]
        if not points.mathematical or len(small) <= len(points.variables):
            continue
        for vector in nullspace(small, _MOST_COEFFICIENT):
            used = [(i, c) for i, c in enumerate(vector[1:]) if c]
            if len(used) > 1 and all(sum(map(mul, vector, row)) % size == 0 for row in rows):
                total = build({(var(points.variables[i].name, INT),): c for i, c in used})
                found.append(eq(emod(total, const(size)), const(-vector[0] % size)))
    return found


def _combinations(variables: Sequence[Variable]) -> Iterator[tuple[tuple[int, int], ...]]:
    for i in range(len(variables)):
        yield ((i, 1),)
    for i, j in combinations(range(len(variables)), 2):
        if variables[i].sort == variables[j].sort == INT:
            yield ((i, 1), (j, 1))
            yield ((i, 1), (j, -1))


def _congruence(
    variables: Sequence[Variable], combination: tuple[tuple[int, int], ...], modulus: int, residue: int
) -> Term | None:
    sort = variables[combination[0][0]].sort
    if sort == INT:
        total = build({(var(variables[i].name, INT),): c for i, c in combination})
        return eq(emod(total, const(modulus)), const(residue))
    # In machine integers only powers of two survive wrapping around.
    power = modulus & -modulus
    if power == 1 or len(combination) > 1 or power > 1 << (width(sort) - 1):
        return None
    value = var(variables[combination[0][0]].name, sort)
    return eq(bv("bvand", value, const(power - 1, sort)), const(residue % power, sort))


def bounds(points: Points) -> Iterator[tuple[Term, int]]:
    """Yield the tightest bounds of each variable, each with its number."""
    for i, v in enumerate(points.variables):
        values = [row[i] for row in points.rows]
        if values:
            yield at_least(v, const(min(values), v.sort)), min(values)
            yield at_most(v, const(max(values), v.sort)), max(values)


def octagons(points: Points) -> Iterator[tuple[Term, int]]:
    """Yield the tightest bounds of sums and differences of two variables (Mine, HOSC 2006), with their numbers."""
    for i, j in combinations(range(len(points.variables)), 2):
        one, two = points.variables[i], points.variables[j]
        if one.sort != two.sort or not points.rows:
            continue
        if one.sort != INT:
            yield from _orders(one, two, [(row[i], row[j]) for row in points.rows])
            continue
        x, y = (var(one.name, INT),), (var(two.name, INT),)
        for sign in (-1, 1):
            values = [row[i] + sign * row[j] for row in points.rows]
            yield compare({x: 1, y: sign}, "<=", max(values)), max(values)
            yield compare({x: 1, y: sign}, ">=", min(values)), min(values)


def _orders(one: Variable, two: Variable, values: Sequence[tuple[int, int]]) -> Iterator[tuple[Term, int]]:
    right = var(two.name, two.sort)
    if one.signed == two.signed:
        if all(a <= b for a, b in values):
            yield at_most(one, right), 0
        if all(a >= b for a, b in values):
            yield at_least(one, right), 0


def multiples(points: Points) -> Iterator[tuple[Term, int]]:
    """Yield bounds `a*x - y >= c` with the small factors that slopes between samples suggest."""
    if not points.mathematical:
        return
    for i, v in enumerate(points.variables):
        for j, w in enumerate(points.variables):
            if i == j:
                continue
            for factor in (2, 3, 4, 5, 10):
                values = [factor * row[i] - row[j] for row in points.rows]
                poly: Polynomial = {(var(v.name, INT),): factor, (var(w.name, INT),): -1}
                if values and abs(min(values)) <= 10:
                    yield compare(poly, ">=", min(values)), min(values)
                if values and abs(max(values)) <= 10:
                    yield compare(poly, "<=", max(values)), max(values)


def under(condition: Term, clause: Term) -> Term:
    """Return `condition ==> clause`."""
    return disj((neg(condition), clause))
