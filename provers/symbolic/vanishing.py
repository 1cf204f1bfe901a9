"""Polynomial equations of samples: a basis of the ideal that vanishes on points, degree by degree.

The algorithm of Buchberger and Moeller (H. M. Moeller, B. Buchberger: The construction of multivariate polynomials with
preassigned zeros, EUROCAM 1982), cut off at a degree. Elimination works modulo a prime; what it finds is lifted to the
rationals and holds exactly of all the points.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import gcd, lcm

from provers.symbolic.relations import PRIME, reconstruct

Exponents = tuple[int, ...]
"""Of each variable in a monomial."""
_SPARE = 4
"""One point in so many is spared: with fewer points than monomials, equations would hold that mean nothing."""


@dataclass(frozen=True, slots=True)
class Equation:
    """A polynomial with coprime integer coefficients that is zero on all points."""

    leading: Exponents
    coefficients: dict[Exponents, int]

    @property
    def degree(self) -> int:
        """Its total degree."""
        return sum(self.leading)


@dataclass(slots=True)
class _Column:
    """An independent monomial: its values after elimination, the row it is the pivot of, and what it was made of."""

    pivot: int
    values: list[int]
    made_of: dict[int, int]


def vanishing(
    rows: Sequence[Sequence[int]], degree: int, most_monomials: int, most_coefficient: int, seconds: float
) -> list[Equation]:
    """Find the equations up to a degree that hold of all points and do not follow from those found before.

    Args:
        rows: points, all of one length.
        degree: highest total degree.
        most_monomials: give up before there are more independent monomials than this.
        most_coefficient: equations with a larger coefficient are left out.
        seconds: give up after this wall time.

    Returns:
        The equations, by degree; each expresses one monomial by smaller ones, none has a monomial that is a multiple of
        another's leading one.
    """
    points = list(dict.fromkeys(map(tuple, rows)))
    if not points:
        return []
    deadline = time.perf_counter() + seconds
    width = len(points[0])
    residues = [tuple(v % PRIME for v in p) for p in points]
    free: list[Exponents] = []
    columns: list[_Column] = []
    found: list[Equation] = []
    powers: dict[Exponents, list[int]] = {}
    for monomial in _monomials(width, degree):
        if any(all(mine >= its for mine, its in zip(monomial, e.leading, strict=True)) for e in found):
            continue
        if len(free) >= min(most_monomials, len(points) - len(points) // _SPARE) or time.perf_counter() > deadline:
            break
        values = powers[monomial] = _values(monomial, residues, powers)
        rest, used = _reduce(values, columns)
        pivot = next((i for i, v in enumerate(rest) if v), None)
        if pivot is not None:
            inverse = pow(rest[pivot], -1, PRIME)
            number = len(free)
            made_of = {i: -c * inverse % PRIME for i, c in used.items()}
            made_of[number] = inverse
            columns.append(_Column(pivot, [v * inverse % PRIME for v in rest], made_of))
            free.append(monomial)
            continue
        equation = _lift(monomial, {free[i]: -c % PRIME for i, c in used.items() if c}, most_coefficient)
        if equation is not None and _holds(equation, points):
            found.append(equation)
    return found


def _monomials(width: int, degree: int) -> Iterator[Exponents]:
    """Yield all monomials, low degrees first; among equal degrees those in early variables first."""
    for total in range(degree + 1):
        for chosen in combinations_with_replacement(range(width), total):
            exponents = [0] * width
            for variable in chosen:
                exponents[variable] += 1
            yield tuple(exponents)


def _values(monomial: Exponents, points: Sequence[Sequence[int]], known: dict[Exponents, list[int]]) -> list[int]:
    variable = next((i for i, e in enumerate(monomial) if e), None)
    if variable is None:
        return [1] * len(points)
    smaller = tuple(e - (i == variable) for i, e in enumerate(monomial))
    before = known.get(smaller)
    if before is None:
        before = known[smaller] = _values(smaller, points, known)
    return [b * p[variable] % PRIME for b, p in zip(before, points, strict=True)]


def _reduce(values: list[int], columns: Sequence[_Column]) -> tuple[list[int], dict[int, int]]:
    """Eliminate the pivots; return what is left, and the combination of free monomials that was subtracted."""
    used: dict[int, int] = {}
    for column in columns:
        factor = values[column.pivot]
        if factor:
            values = [(v - factor * c) % PRIME for v, c in zip(values, column.values, strict=True)]
            for i, c in column.made_of.items():
                used[i] = (used.get(i, 0) + factor * c) % PRIME
    return values, used


def _lift(leading: Exponents, rest: dict[Exponents, int], most_coefficient: int) -> Equation | None:
    fractions = {}
    for monomial, residue in rest.items():
        fraction = reconstruct(residue)
        if fraction is None:
            return None
        fractions[monomial] = fraction
    scale = lcm(*(d for _, d in fractions.values())) if fractions else 1
    whole = {m: n * (scale // d) for m, (n, d) in fractions.items()} | {leading: scale}
    divisor = gcd(*whole.values())
    whole = {m: c // divisor for m, c in whole.items()}
    return Equation(leading, whole) if max(map(abs, whole.values())) <= most_coefficient else None


def _holds(equation: Equation, points: Sequence[Sequence[int]]) -> bool:
    for point in points:
        total = 0
        for monomial, coefficient in equation.coefficients.items():
            for value, exponent in zip(point, monomial, strict=True):
                if exponent:
                    coefficient *= value**exponent
            total += coefficient
        if total:
            return False
    return True
