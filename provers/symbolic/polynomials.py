"""A prover of polynomial equalities up to degree four, by exact linear algebra over sampled states."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import combinations_with_replacement
from operator import mul

from lemmata.logic.polynomial import Polynomial, polynomial
from lemmata.logic.shape import compare, comparison
from lemmata.logic.sorts import INT
from lemmata.logic.terms import Term, multiplies, post_order, var
from lemmata.logic.transition import Cut, TransitionSystem
from provers.symbolic import candidates
from provers.symbolic.learning import LearningProver, Pools
from provers.symbolic.relations import holds, nullspace
from provers.symbolic.samples import State, always, collect
from provers.symbolic.templates import Points
from provers.symbolic.vanishing import vanishing
from provers.symbolic.views import Problem, distinct

_BUDGETS = ((0.3, 400_000), (1.5, 2_000_000))
"""Seconds and iterations of sampling for the first and the second look at a goal."""
_ALGEBRA_SECONDS = (0.6, 3.0)
_DEGREE = 4
_MOST_MONOMIALS = (100, 160)
_MOST_BASE_MONOMIALS = 70
_MOST_COEFFICIENT = 10**4
_MOST_TERMS = 10
_FEW = 6
_FEW_MORE = 12


class PolynomialsProver(LearningProver):
    """Proposes equations between products of variables that held in every state that was seen."""

    name = "polynomials"
    sizes = (30, 90)
    log_probabilities = (-0.2, -0.9)

    def wants(self, problem: Problem) -> bool:
        """Say whether the program multiplies or adds up mathematical integers."""
        return not problem.machine and worthwhile(problem.system)

    def learn(self, system: TransitionSystem, look: int) -> Pools:
        """Return a few equations with linear conditions, then all that was found."""
        states = collect(system, *_BUDGETS[look], self._seed + look)
        small: dict[str, list[Term]] = {}
        large: dict[str, list[Term]] = {}
        for cut in system.loops:
            if not states[cut.name]:
                continue
            equal = equalities(system, cut, states[cut.name], look)
            beside = conditions(system, cut, states[cut.name])
            linear = [t for t in beside if not multiplies((t,))]
            # What solvers do with products is hard to foretell: few of them at first.
            small[cut.name] = [*cut.facts, *equal[:_FEW], *linear]
            large[cut.name] = [*cut.facts, *equal, *beside]
        return small, large


def worthwhile(system: TransitionSystem) -> bool:
    """Say whether products of variables can matter: there are some, or sums of what grows itself, and no arrays."""
    if system.has_arrays:
        return False
    if multiplies(system.terms):
        return True
    for cut in system.loops:
        steady = set(base(system, cut))
        for block in system.blocks:
            if block.source == block.target == cut.name:
                for name, value in block.updates:
                    mentioned = {str(n.value) for n in post_order((value,)) if n.op == "var"} - {name}
                    if name not in steady and mentioned & {v.name for v in cut.variables}:
                        return True
    return False


def base(system: TransitionSystem, cut: Cut) -> list[str]:
    """Return the variables that every iteration leaves alone or changes by the same constant."""
    found = []
    own = [b for b in system.blocks if b.source == b.target == cut.name]
    for v in candidates.numeric(cut):
        if v.sort != INT:
            continue
        changes = set()
        for block in own:
            poly = polynomial(dict(block.updates)[v.name])
            poly[var(v.name, INT),] = poly.get((var(v.name, INT),), 0) - 1
            changes.add(tuple((m, c) for m, c in poly.items() if c))
        if all(m == () for change in changes for m, _ in change) and len(changes) <= 1:
            found.append(v.name)
    return found


def equalities(system: TransitionSystem, cut: Cut, states: Sequence[State], attempt: int = 0) -> list[Term]:
    """Return the equations of all states: closed forms of sums first, then a basis of what holds between products.

    Args:
        system: the program.
        cut: the loop.
        states: values of its variables.
        attempt: 1 allows more time and larger equations than 0.
    """
    points = Points(cut, states)
    if not points.mathematical or not points.rows:
        return []
    order = base(system, cut)
    places = {v.name: i for i, v in enumerate(points.variables)}
    rest = [v.name for v in points.variables if v.name not in order]
    names = [*order, *rest]
    rows = [[row[places[name]] for name in names] for row in points.rows]
    values = [var(name, INT) for name in names]
    found = closed_forms(values[: len(order)], values[len(order) :], rows)
    return distinct([*found, *relations(values, rows, _DEGREE, _MOST_MONOMIALS[attempt], _ALGEBRA_SECONDS[attempt])])


def relations(
    values: Sequence[Term], rows: Sequence[Sequence[int]], degree: int, most_monomials: int, seconds: float
) -> list[Term]:
    """Return a basis of the equations between some values, those of few monomials only.

    Args:
        values: integer terms that are not sums or products.
        rows: what they are, in some states.
        degree: highest total degree.
        most_monomials: see `vanishing`.
        seconds: wall time to spend.
    """
    found = []
    for equation in vanishing(rows, degree, most_monomials, _MOST_COEFFICIENT, seconds):
        if len(equation.coefficients) <= _MOST_TERMS:
            poly: Polynomial = {}
            for exponents, coefficient in equation.coefficients.items():
                factors = [value for value, e in zip(values, exponents, strict=True) for _ in range(e)]
                poly[tuple(sorted(factors, key=repr))] = coefficient
            bound = -poly.pop((), 0)
            found.append(compare(poly, "==", bound))
    return found


def closed_forms(
    steady: Sequence[Term], others: Sequence[Term], rows: Sequence[Sequence[int]], degree: int = _DEGREE
) -> list[Term]:
    """Return each other value as a polynomial in the steady ones, where it is one: sums, sums of sums, squares.

    Args:
        steady: variables that grow evenly or not at all.
        others: values that depend on how often the loop has run.
        rows: what the steady ones are in some states, then the others.
        degree: highest total degree of the polynomial.
    """
    if not others or not steady:
        return []
    monomials: list[tuple[int, ...]] = []
    for total in range(degree + 1):
        more = list(combinations_with_replacement(range(len(steady)), total))
        if len(monomials) + len(more) > min(_MOST_BASE_MONOMIALS, len(rows) * 3 // 4):
            break
        monomials += more
    few = min(len(rows), 2 * (len(monomials) + len(others)) + _FEW_MORE)
    chosen = rows if few == len(rows) else random.Random(few).sample(list(rows), few)

    def table(some: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
        columns = list(zip(*some, strict=True))
        products: dict[tuple[int, ...], Sequence[int]] = {(): [1] * len(some)}
        for m in monomials[1:]:
            products[m] = list(map(mul, products[m[:-1]], columns[m[-1]]))
        return list(zip(*products.values(), *columns[len(steady) :], strict=True))

    # Most often there is no such equation, which few rows are enough to tell.
    vectors = nullspace(table(chosen), _MOST_COEFFICIENT)
    everything = table(rows) if vectors and chosen is not rows else []
    found = []
    for vector in vectors:
        if not holds(vector, everything):
            continue
        used = [i for i, c in enumerate(vector[len(monomials) :]) if c]
        if len(used) != 1 or sum(c != 0 for c in vector) > _MOST_TERMS:
            continue
        poly: Polynomial = {}
        for m, c in zip(monomials, vector, strict=False):
            if c:
                poly[tuple(sorted((steady[i] for i in m), key=repr))] = c
        poly[others[used[0]],] = vector[len(monomials) + used[0]]
        bound = -poly.pop((), 0)
        found.append(compare(poly, "==", bound))
    return found


def conditions(system: TransitionSystem, cut: Cut, states: Sequence[State]) -> list[Term]:
    """Return what the program's own comparisons say of every state, as they are or the other way round."""
    asserted = [*candidates.within(cut, candidates.safety(system, cut)), *candidates.generalised(system, cut)]
    compared = [*candidates.atoms(system, cut), *_entry(system, cut)]
    near = [r for a in compared for r in (a, *candidates.relaxed(a))]
    bounds = [b for v in candidates.numeric(cut) for b in signs(v.name)]
    return strongest(always([*asserted, *near, *bounds], cut, states))


def strongest(terms: Iterable[Term]) -> list[Term]:
    """Keep of the bounds on one expression only the sharpest in each direction, and none beside an equation."""
    best: dict[tuple[object, str], tuple[int, Term]] = {}
    others: list[Term] = []
    order: dict[tuple[object, str], None] = {}
    for term in terms:
        found = comparison(term)
        if found is None or isinstance(found, bool) or found.relation == "!=":
            others.append(term)
            continue
        key = (found.monomials, found.relation)
        order[key] = None
        value = -found.bound if found.relation == ">=" else found.bound
        if key not in best or value < best[key][0]:
            best[key] = (value, term)
    equal = {monomials for monomials, relation in best if relation == "=="}
    return others + [best[key][1] for key in order if key[1] == "==" or key[0] not in equal]


def _entry(system: TransitionSystem, cut: Cut) -> list[Term]:
    """Return the comparisons under which the loop is entered, over the variables that an input was copied to."""
    found: list[Term] = []
    for block in system.blocks:
        if block.target == cut.name and block.source != cut.name:
            found += candidates.over_target(block, cut)
    return found


def signs(name: str) -> Iterable[Term]:
    """Yield the sign conditions of a variable."""
    x: Polynomial = {(var(name, INT),): 1}
    for bound in (1, 0):
        yield compare(x, ">=", bound)
