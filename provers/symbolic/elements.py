"""Observations on arrays in sampled states: cells, elements between boundaries, and the clauses that hold of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, permutations
from math import gcd
from typing import Any

from lemmata.logic.evaluate import NotExecutable, compile_terms
from lemmata.logic.shape import compare
from lemmata.logic.sorts import INT
from lemmata.logic.terms import (
    Term,
    conj,
    const,
    disj,
    emod,
    eq,
    forall,
    free,
    le,
    lt,
    neg,
    post_order,
    select,
    substitute,
    var,
)
from lemmata.logic.transition import Cut, TransitionSystem
from provers.symbolic import candidates
from provers.symbolic.polynomials import base, closed_forms, relations, strongest
from provers.symbolic.samples import State, truth
from provers.symbolic.views import distinct

_ARRAY = f"(Array {INT} {INT})"
_K = var("k!0", INT)
_MOST_STATES = 250
_AT_ENDS = 3
_INSIDE = 3
_MOST_BOUNDARIES = 5
_MOST_OBSERVED = 10
_FEW_POINTS = 4
_MOST_TESTS = 12
_NEAR = (-1, 0, 1)
_LINEAR_MONOMIALS = 30
_ALGEBRA_SECONDS = 0.2
_MODULI = range(2, 11)

Row = list[int]


class Observed:
    """What some states of a loop say about its arrays.

    Args:
        system: the program.
        cut: the loop.
        states: values of its variables.
    """

    def __init__(self, system: TransitionSystem, cut: Cut, states: Sequence[State]) -> None:
        self._system = system
        self._cut = cut
        self._rng = random.Random(0)
        self._states = states if len(states) <= _MOST_STATES else self._rng.sample(list(states), _MOST_STATES)
        self._places = {v.name: i for i, v in enumerate(cut.variables)}
        self._arrays = [v.name for v in cut.variables if v.sort == _ARRAY]
        # What the translation made up comes last: clauses in the program's own words are found first.
        scalars = sorted((v for v in cut.variables if v.sort == INT), key=lambda v: "!" in v.name)
        self._scalars = [var(v.name, INT) for v in scalars]
        steady = set(base(system, cut))
        self._steady = [v for v in self._scalars if str(v.value) in steady]
        self._cells = self._constant_cells()
        self._indices = _indices(system)
        self._numbers = {0, *candidates.constants(system)}
        self._same: list[Term] = []
        self._rows = self._evaluated([*self._scalars, *self._cells])
        self._drop_copies()

    def _constant_cells(self) -> list[Term]:
        """Return the elements that the program names by a number; a program may keep its variables there."""
        found: dict[Term, None] = {}
        for node in post_order(self._system.terms):
            if node.op in ("select", "store") and node.args[1].op == "const":
                root = node.args[0]
                while root.op in ("store", "ite"):
                    root = root.args[0] if root.op == "store" else root.args[1]
                if root.op == "var" and str(root.value) in self._arrays:
                    found[select(root, node.args[1])] = None
        return list(found)[:_MOST_OBSERVED]

    def _evaluated(self, terms: Sequence[Term]) -> list[Row]:
        function = compile_terms(terms, [v.name for v in self._cut.variables])
        return [list(function(*state)) for state in self._states]

    def _drop_copies(self) -> None:
        """Leave out variables that always were what an earlier one was; the equation says all about them."""
        first: dict[tuple[int, ...], Term] = {}
        kept = []
        for number, v in enumerate(self._scalars):
            column = tuple(row[number] for row in self._rows)
            if first.setdefault(column, v) is v:
                kept.append(number)
            else:
                self._same.append(eq(v, first[column]))
        count = len(self._scalars)
        self._rows = [[*(row[i] for i in kept), *row[count:]] for row in self._rows]
        self._scalars = [self._scalars[i] for i in kept]
        self._steady = [v for v in self._steady if v in self._scalars]

    # Scalars and cells.

    def scalar_clauses(self) -> list[Term]:
        """Return equations and near bounds of variables and cells."""
        names = [*self._scalars, *self._cells]
        if not names:
            return []
        found = [*self._same, *relations(names, self._rows, 1, _LINEAR_MONOMIALS, _ALGEBRA_SECONDS)]
        steady = [names.index(t) for t in self._steady]
        others = [i for i in range(len(names)) if i not in steady]
        rows = [[row[i] for i in (*steady, *others)] for row in self._rows]
        found += closed_forms([names[i] for i in steady], [names[i] for i in others], rows, 3)
        found += strongest(self._bounds(names, self._rows))
        found += [eq(emod(v, const(m)), const(r)) for v, m, r in self._strides()]
        return distinct(found)

    def _strides(self) -> list[tuple[Term, int, int]]:
        """Return the variables that keep their residue modulo a small number, with the largest such number."""
        found = []
        for number, v in enumerate(self._scalars):
            column = [row[number] for row in self._rows]
            modulus = gcd(*(value - column[0] for value in column))
            if modulus in _MODULI and str(v.value) in self._indices:
                found.append((v, modulus, column[0] % modulus))
        return found

    def cell_conditions(self) -> list[Term]:
        """Return bounds of the cells where one of the loop's comparisons holds: after the first turn, for example."""
        if not self._cells:
            return []
        names = [*self._scalars, *self._cells]
        tests = distinct(candidates.atoms(self._system, self._cut))[:_MOST_OBSERVED]
        found: list[Term] = []
        overall = set(self.scalar_clauses())
        for test, mask in zip(tests, truth(self._cut, tests, self._states), strict=True):
            for condition, wanted in ((test, 1), (neg(test), 0)):
                side = [row for i, row in enumerate(self._rows) if mask >> i & 1 == wanted]
                if _FEW_POINTS <= len(side) < len(self._rows):
                    known = [t for i in range(len(self._scalars), len(names)) for t in self._bounds(names, side, i)]
                    found += [disj((neg(condition), t)) for t in strongest(known) if t not in overall]
        return distinct(found)

    def _bounds(self, values: Sequence[Term], rows: Sequence[Row], only: int | None = None) -> list[Term]:
        """Return bounds of values and of differences, where the number is near one of the program's own.

        Args:
            values: integer terms.
            rows: what they are.
            only: the value that each bound has to be about; None for any.
        """
        close = {n + d for n in self._numbers for d in _NEAR}
        found: list[Term] = []
        for i, one in enumerate(values):
            if only is None or i == only:
                column = [row[i] for row in rows]
                low, high = min(column), max(column)
                found += [compare({(one,): 1}, ">=", low)] if low in close else []
                found += [compare({(one,): 1}, "<=", high)] if high in close else []
        for i, j in combinations(range(len(values)), 2):
            if only is None or only in (i, j):
                column = [row[i] - row[j] for row in rows]
                low, high = min(column), max(column)
                if low == high:
                    continue
                found += [compare({(values[i],): 1, (values[j],): -1}, ">=", low)] if low in _NEAR else []
                found += [compare({(values[i],): 1, (values[j],): -1}, "<=", high)] if high in _NEAR else []
        return found

    # Elements.

    def element_clauses(self, *, conditional: bool) -> tuple[list[Term], list[Term]]:
        """Return quantified clauses: equations of elements, then what else may hold of them.

        Args:
            conditional: whether to look for equations under conditions too, which takes the longest.
        """
        exact: dict[Term, None] = {}
        loose: dict[Term, None] = {}
        for low, high in self._segments():
            rows, points = self._points(low, high)
            if len(rows) < _FEW_POINTS:
                continue
            place = conj((le(low, _K), lt(_K, high)))
            for body in self._equations(rows):
                exact[_all(place, body)] = None
            for body in self._conditional(rows, points) if conditional else ():
                loose[_all(place, body)] = None
            for body in self._said(points):
                loose[_all(place, body)] = None
            for body in self._ranges(rows):
                loose[_all(place, body)] = None
        return list(exact), list(loose)

    def _segments(self) -> Iterator[tuple[Term, Term]]:
        """Yield pairs of boundaries of which one is never above the other, and sometimes well below."""
        index = set(self._indices)
        compared = [free(a).keys() for a in candidates.atoms(self._system, self._cut)]
        wanted = index.union(*(names for names in compared if names & index))
        bounds = [v for v in self._scalars if str(v.value) in wanted]
        columns: dict[tuple[int, ...], Term] = {}
        for v in bounds:
            columns.setdefault(tuple(row[self._scalars.index(v)] for row in self._rows), v)
        chosen = [(const(0), tuple([0] * len(self._rows))), *((v, c) for c, v in columns.items())][:_MOST_BOUNDARIES]
        for (low, first), (high, second) in permutations(chosen, 2):
            if low is high or high.op == "const":
                continue
            gaps = [b - a for a, b in zip(first, second, strict=True)]
            if min(gaps) >= 0 and max(gaps) >= 2:
                yield low, high

    def _points(self, low: Term, high: Term) -> tuple[list[Row], list[tuple[State, int]]]:
        """Return values at some places of a segment in some states: the place, the elements there, the observed."""
        ends = self._evaluated([low, high])
        rows: list[Row] = []
        points: list[tuple[State, int]] = []
        for state, (start, end), row in zip(self._states, ends, self._rows, strict=True):
            inner = (start + _AT_ENDS, end - _AT_ENDS)
            places = {*range(start, min(end, start + _AT_ENDS)), *range(max(start, end - _AT_ENDS), end)}
            if inner[0] < inner[1]:
                places |= {self._rng.randrange(*inner) for _ in range(_INSIDE)}
            for place in sorted(places):
                elements = [state[self._places[a]].read(place) for a in self._arrays]
                rows.append([place, *elements, *row])
                points.append((state, place))
        return rows, points

    @property
    def _values(self) -> list[Term]:
        return [_K, *(select(var(a, _ARRAY), _K) for a in self._arrays), *self._scalars, *self._cells]

    def _equations(self, rows: Sequence[Row], degree: int = 4) -> list[Term]:
        """Return each element as a polynomial in its place, then in the variables too, and linear equations."""
        values = self._values
        count = len(self._arrays)
        found: list[Term] = []
        left = list(range(1, 1 + count))
        steady = [values.index(v) for v in self._steady]
        for others, most in (([], degree), (steady, 3), (list(range(1 + count, len(values))), 2)):
            chosen = [0, *others]
            for element in list(left):
                picked = [[row[i] for i in (*chosen, element)] for row in rows]
                forms = closed_forms([values[i] for i in chosen], [values[element]], picked, most)
                if forms:
                    left.remove(element)
                    found += forms
        linear = relations([*values[1 + count :], values[0], *values[1 : 1 + count]],
                           [[*row[1 + count :], row[0], *row[1 : 1 + count]] for row in rows],
                           1, _LINEAR_MONOMIALS, _ALGEBRA_SECONDS)  # fmt: skip
        elements = set(values[1 : 1 + count])
        return distinct([*found, *(t for t in linear if elements & set(post_order((t,))))])

    def _ranges(self, rows: Sequence[Row]) -> list[Term]:
        """Return near bounds of elements, and what they are modulo small numbers."""
        found: list[Term] = []
        values = self._values
        for number in range(1, 1 + len(self._arrays)):
            found += self._bounds(values, rows, number)
            column = [row[number] for row in rows]
            modulus = gcd(*(v - column[0] for v in column))
            if modulus:
                found += [eq(emod(values[number], const(m)), const(column[0] % m)) for m in _MODULI if modulus % m == 0]
        return strongest(found)

    def _conditional(self, rows: Sequence[Row], points: Sequence[tuple[State, int]]) -> list[Term]:
        """Return equations that hold where one of the program's comparisons does, with the place for the counter."""
        found: list[Term] = []
        overall = set(self._equations(rows, 2))
        for test, mask in self._tests(points):
            for condition, wanted in ((test, True), (neg(test), False)):
                side = [row for row, truth in zip(rows, mask, strict=True) if truth is wanted]
                if _FEW_POINTS <= len(side) < len(rows):
                    mine = [t for t in self._equations(side, 2) if t not in overall and t is not condition]
                    found += [disj((neg(condition), t)) for t in mine]
        return found

    def _said(self, points: Sequence[tuple[State, int]]) -> list[Term]:
        """Return what the program asserts or tests of an element, where it is true of all of them."""
        bodies = [b for clause in candidates.safety(self._system, self._cut) for b in self._at_place(clause)]
        bodies += [b for c in self._everywhere() for b in self._at_place(c)]
        return [body for body, mask in self._masks(distinct(bodies), points) if all(mask)]

    def _everywhere(self) -> list[Term]:
        """Return what any error of the program denies, in case that it is about this loop's variables."""
        kinds = {c.name: c.kind for c in self._system.cuts}
        errors = [b for b in self._system.blocks if kinds[b.target] == "error"]
        return [c for b in errors for c in candidates.conjuncts(neg(b.guard))]

    def _at_place(self, clause: Term) -> Iterator[Term]:
        """Yield a clause about elements at a variable's place as one about any place, its other conditions dropped."""
        parts = clause.args if clause.op == "or" else (clause,)
        about = [p for p in parts if any(n.op == "select" for n in post_order((p,)))]
        reads = (n.args[1] for p in about for n in post_order((p,)) if n.op == "select")
        for place in dict.fromkeys(index for index in reads if index.op == "var"):
            body = substitute(disj(about), {place: _K})
            if free(body).keys() <= {*self._places, str(_K.value)}:
                yield body

    def _tests(self, points: Sequence[tuple[State, int]]) -> Iterator[tuple[Term, list[bool]]]:
        strides = [eq(emod(_K, const(m)), const(r)) for _, m, r in self._strides()]
        names = [var(n, INT) for n in self._indices]
        atoms = candidates.literals(self._system.terms)
        swapped = [substitute(a, {name: _K}) for a in atoms for name in names if str(name.value) in free(a)]
        usable = [t for t in swapped if free(t).keys() <= {*self._places, str(_K.value)} and str(_K.value) in free(t)]
        for test, mask in self._masks(distinct([*strides, *usable])[:_MOST_TESTS], points):
            if any(mask) and not all(mask):
                yield test, mask

    def _masks(self, terms: Sequence[Term], points: Sequence[tuple[State, int]]) -> list[tuple[Term, list[bool]]]:
        order = [*(v.name for v in self._cut.variables), str(_K.value)]
        found = []
        for term in terms:
            try:
                function: Callable[..., tuple[Any, ...]] = compile_terms([term], order)
            except (NotExecutable, KeyError, RecursionError, SyntaxError, MemoryError):
                continue
            found.append((term, [bool(function(*state, place)[0]) for state, place in points]))
        return found


def _all(place: Term, body: Term) -> Term:
    return forall(str(_K.value), INT, disj((neg(place), body)))


def _indices(system: TransitionSystem) -> list[str]:
    """Return the variables that occur in the index of an array element somewhere in the program."""
    found: dict[str, None] = {}
    for node in post_order(system.terms):
        if node.op in ("select", "store"):
            found |= {str(n.value): None for n in post_order((node.args[1],)) if n.op == "var"}
    return list(found)
