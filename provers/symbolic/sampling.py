"""A prover that runs the program and proposes what was true of all the states it saw."""

from __future__ import annotations

from collections.abc import Sequence

from lemmata.logic.terms import Term, disj, multiplies, neg
from lemmata.logic.transition import Cut, TransitionSystem
from provers.symbolic import candidates, templates
from provers.symbolic.learning import LearningProver, Pools
from provers.symbolic.samples import State, always, collect, truth
from provers.symbolic.views import Problem, distinct

_BUDGETS = ((0.7, 1_000_000), (2.5, 4_000_000))
"""Seconds and iterations of the first and the second look at a goal."""
_POOLS = 4
_FEW_POINTS = 3
_FEW_POOLS = 2
"""The first pools are small enough to be checked at length."""
_MOST_LITERALS = 64
_NEAR_ZERO = 2
_SMALLEST_SIZE = 1 << 8
"""Of an integer type; powers of two from here on are taken for sizes at which values wrap around."""


class SamplingProver(LearningProver):
    """Proposes clauses learned from concrete executions, likely ones first."""

    name = "sampling"
    sizes = (24, 60, 200, 400)
    log_probabilities = (-0.3, -0.5, -1.0, -1.7)

    def wants(self, problem: Problem) -> bool:
        """Say whether there are loops."""
        return bool(problem.system.loops)

    def limit(self, problem: Problem, number: int) -> float | None:
        """Return what a pool is worth that is not small."""
        return problem.worth if number >= _FEW_POOLS else None

    def learn(self, system: TransitionSystem, look: int) -> Pools:
        """Return four pools, from what is exact and few to what is many; the first two where there are arrays."""
        states = collect(system, *_BUDGETS[look], self._seed + look)
        backwards = candidates.preconditions(system)
        numbers = set(candidates.constants(system))
        learned = {c.name: learn(system, c, states[c.name], backwards[c.name], numbers) for c in system.loops}
        # What else there is to say where there are arrays is about their elements.
        pools = _FEW_POOLS if system.has_arrays else _POOLS
        return tuple({name: found[i] for name, found in learned.items()} for i in range(pools))


def learn(
    system: TransitionSystem, cut: Cut, states: Sequence[State], backwards: Sequence[Term], numbers: set[int]
) -> tuple[list[Term], ...]:
    """Return pools of clauses that are true of all states, from what is exact and few to what is many.

    Args:
        system: the program.
        cut: the loop.
        states: values of its variables.
        backwards: weakest preconditions, to be kept where they are true.
        numbers: the program's constants; bounds near them are likely.
    """
    if not states:
        return ([],) * _POOLS
    points = templates.Points(cut, states)
    everywhere = (1 << len(states)) - 1
    safe = candidates.within(cut, candidates.safety(system, cut))
    atoms = candidates.atoms(system, cut)
    literals = _literals(system, cut, atoms, safe)
    masks = truth(cut, literals, states)
    true = [t for t, m in zip(literals, masks, strict=True) if m == everywhere]
    close = {n + d for n in numbers | {0} for d in (-_NEAR_ZERO, -1, 0, 1, _NEAR_ZERO)}
    ranges = [*templates.bounds(points), *templates.octagons(points)]
    likely = [t for t, n in ranges if n in close]
    exact = templates.equations(points)
    squares = templates.quadratics(points)
    # Solvers spend long on products, so squares come early only where the program itself asks for them.
    early = squares if multiplies(system.terms) else []
    sizes = sorted(n for n in numbers if n >= _SMALLEST_SIZE and n & (n - 1) == 0)
    residues = [*templates.wrapped(points, sizes), *templates.congruences(points)]
    wanted = always([*safe, *backwards], cut, states)
    conditional, unlikely = _conditional(cut, points, literals, masks, close)
    exact_only = distinct([*cut.facts, *exact, *early, *wanted[:6], *residues[:4]])
    small = distinct([*cut.facts, *exact, *early, *wanted[:20], *residues[:12], *likely[:30], *true[:20]])
    medium = distinct(
        [
            *small, *conditional[:80], *true, *likely, *residues, *wanted[20:],
            *(t for t, n in ranges if abs(n) < 10**7), *(t for t, _ in templates.multiples(points)),
        ]
    )  # fmt: skip
    pairs = list(_disjunctions(literals, masks, everywhere))
    large = distinct([*small, *squares, *conditional, *pairs[:240], *unlikely, *pairs[240:]])
    return exact_only, small, medium, large


def _literals(system: TransitionSystem, cut: Cut, atoms: Sequence[Term], safe: Sequence[Term]) -> list[Term]:
    parts = [p for clause in safe for p in (clause.args if clause.op == "or" else (clause,))]
    own = [x for a in [*atoms, *candidates.literals(parts)] for x in (a, neg(a))]
    near = [r for a in candidates.literals([*parts, *atoms]) for r in candidates.relaxed(a)]
    return distinct([*own, *near, *candidates.pairs(cut), *candidates.bounds(system, cut)])[: 4 * _MOST_LITERALS]


def _conditional(
    cut: Cut, points: templates.Points, literals: Sequence[Term], masks: Sequence[int], close: set[int]
) -> tuple[list[Term], list[Term]]:
    """Learn equations and bounds on the states where a literal is true: `literal ==> clause`."""
    likely: list[list[Term]] = []
    unlikely: list[Term] = []
    overall = set(distinct([*templates.equations(points), *(t for t, _ in templates.bounds(points))]))
    seen: set[int] = set()
    for literal, mask in list(zip(literals, masks, strict=True))[:_MOST_LITERALS]:
        count = mask.bit_count()
        if count < _FEW_POINTS or count == len(points.rows) or mask in seen:
            continue
        seen.add(mask)
        side = points.among(mask)
        found = [t for t in templates.equations(side) if t not in overall]
        ranges = [*templates.bounds(side), *templates.octagons(side)]
        found += [t for t, n in ranges if n in close and t not in overall][:12]
        found += templates.congruences(side)[:4]
        likely.append([templates.under(literal, t) for t in found])
        unlikely.extend(templates.under(literal, t) for t, n in ranges if n not in close and abs(n) < 10**7)
    # One from each condition in turn, so that no condition fills the pool alone.
    turns = max(map(len, likely), default=0)
    return [group[i] for i in range(turns) for group in likely if i < len(group)], unlikely


def _disjunctions(literals: Sequence[Term], masks: Sequence[int], everywhere: int) -> list[Term]:
    """Return the disjunctions of two literals that are true of all states though neither literal is."""
    useful = [(t, m) for t, m in zip(literals, masks, strict=True) if 0 < m < everywhere][:_MOST_LITERALS]
    found = []
    for i, (one, first) in enumerate(useful):
        for two, second in useful[:i]:
            if first | second == everywhere and one is not neg(two):
                # The less the two overlap, the more the clause says.
                found.append(((first & second).bit_count(), disj((one, two))))
    found.sort(key=lambda item: item[0])
    return [term for _, term in found]
