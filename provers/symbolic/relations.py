"""Exact linear algebra over samples: all equations that a set of integer points satisfies."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, isqrt, lcm

PRIME = (1 << 127) - 1
"""Elimination modulo a prime is fast; what it finds is lifted to the rationals and checked on all the points."""


def nullspace(rows: Sequence[Sequence[int]], most_coefficient: int = 10**12) -> list[list[int]]:
    """Find the integer equations `sum(c[i] * row[i]) == 0` that hold of all rows.

    Columns that come early are preferred: each equation expresses one later column by independent earlier ones.

    Args:
        rows: points, all of one length; put a 1 in each for equations with a constant.
        most_coefficient: equations with a larger coefficient are left out.

    Returns:
        A basis with coprime coefficients, for each dependent column one equation (Sharma et al., ESOP 2013).
    """
    if not rows:
        return []
    reduced, pivots = _echelon(rows)
    size = len(rows[0])
    found = []
    for free in range(size):
        if free in pivots:
            continue
        vector = _lift([(p, -row[free] % PRIME) for p, row in zip(pivots, reduced, strict=True)], free, size)
        if vector and max(map(abs, vector)) <= most_coefficient and holds(vector, rows):
            found.append(vector)
    return found


def holds(vector: Sequence[int], rows: Sequence[Sequence[int]]) -> bool:
    """Say whether an equation is true of all rows."""
    used = [(i, c) for i, c in enumerate(vector) if c]
    return all(not sum(c * row[i] for i, c in used) for row in rows)


def _echelon(rows: Sequence[Sequence[int]]) -> tuple[list[list[int]], list[int]]:
    """Reduce rows modulo the prime to reduced row echelon form; return it with its pivot columns in order."""
    basis: dict[int, list[int]] = {}
    size = len(rows[0])
    for row in rows:
        current = [v % PRIME for v in row]
        for column, other in basis.items():
            if factor := current[column]:
                current = [(a - factor * b) % PRIME for a, b in zip(current, other, strict=True)]
        pivot = next((i for i, v in enumerate(current) if v), None)
        if pivot is None:
            continue
        inverse = pow(current[pivot], -1, PRIME)
        current = [v * inverse % PRIME for v in current]
        for column, other in basis.items():
            if factor := other[pivot]:
                basis[column] = [(a - factor * b) % PRIME for a, b in zip(other, current, strict=True)]
        basis[pivot] = current
        if len(basis) == size:
            break
    pivots = sorted(basis)
    return [basis[p] for p in pivots], pivots


def _lift(entries: Sequence[tuple[int, int]], free: int, size: int) -> list[int] | None:
    """Turn residues into the small fractions they stand for, and clear the denominators."""
    fractions = []
    for place, residue in entries:
        if residue:
            fraction = reconstruct(residue)
            if fraction is None:
                return None
            fractions.append((place, *fraction))
    scale = lcm(*(d for _, _, d in fractions)) if fractions else 1
    vector = [0] * size
    vector[free] = scale
    for place, numerator, denominator in fractions:
        vector[place] = numerator * (scale // denominator)
    divisor = gcd(*vector)
    return [v // divisor for v in vector]


def reconstruct(residue: int) -> tuple[int, int] | None:
    """Find the fraction with small terms that is `residue` modulo the prime (Wang, SYMSAC 1981)."""
    limit = isqrt(PRIME // 2)
    a, b, s, t = PRIME, residue, 0, 1
    while b > limit:
        q = a // b
        a, b, s, t = b, a - q * b, t, s - q * t
    if t == 0 or abs(t) > limit or gcd(b, t) != 1:
        return None
    return (b, t) if t > 0 else (-b, -t)
