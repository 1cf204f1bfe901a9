"""A prover that runs the program and proposes what was true of all the states it saw."""

from __future__ import annotations

import time
from collections.abc import Sequence

from lemmata.goal import GoalView
from lemmata.logic.terms import Term, disj, neg, post_order
from lemmata.logic.transition import Cut, TransitionSystem
from lemmata.step import Proposal
from provers.symbolic import candidates, templates
from provers.symbolic.samples import State, collect, truth
from provers.symbolic.views import Problems, distinct, established, step

_BUDGETS = ((0.7, 1_000_000), (2.5, 4_000_000))
"""Seconds and iterations of the first and the second look at a goal."""
_SIZES = (24, 60, 200, 400)
_LOG_PROBABILITIES = (-0.3, -0.5, -1.0, -1.7)
_FEW_POINTS = 3
_MOST_LITERALS = 64
_NEAR_ZERO = 2

Pools = tuple[dict[str, list[Term]], ...]


class SamplingProver:
    """Proposes clauses learned from concrete executions, likely ones first.

    Args:
        seed: of the random inputs.
    """

    name = "sampling"
    systems = ("programs",)

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._problems = Problems()
        self._pools: dict[tuple[str, int], Pools] = {}
        self._asked: dict[tuple[str, str], int] = {}

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose up to four pools of clauses for each goal; a goal asked for again gets one longer look."""
        return [self._propose(view)[:n] for view in goals]

    async def close(self) -> None:
        """Forget everything."""
        self._pools.clear()

    def _propose(self, view: GoalView) -> list[Proposal]:
        began = time.perf_counter()
        problem = self._problems.of(view)
        if problem is None or not problem.system.loops:
            return []
        asked = (view.obligation.key, view.goal.key)
        attempt = self._asked.get(asked, 0)
        self._asked[asked] = attempt + 1
        if attempt >= len(_BUDGETS):
            return []
        known = established(view, problem.system)
        found: list[Proposal] = []
        for i, pool in enumerate(self._learned(view.obligation.key, problem.system, attempt)):
            proposed = step(problem.system, pool, known, _SIZES[i])
            if proposed is None or proposed.key in view.tried or proposed.key in {p.step.key for p in found}:
                continue
            log_probability = _LOG_PROBABILITIES[i] - attempt
            found.append(Proposal(proposed, log_probability, self.name, seconds=time.perf_counter() - began))
        return found

    def _learned(self, obligation: str, system: TransitionSystem, attempt: int) -> Pools:
        key = (obligation, attempt)
        if key not in self._pools:
            seconds, iterations = _BUDGETS[attempt]
            states = collect(system, seconds, iterations, self._seed + attempt)
            backwards = candidates.preconditions(system)
            numbers = set(candidates.constants(system))
            learned = [
                (cut.name, learn(system, cut, states[cut.name], backwards[cut.name], numbers)) for cut in system.loops
            ]
            self._pools[key] = tuple({name: pools[i] for name, pools in learned} for i in range(len(_SIZES)))
        return self._pools[key]


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
        return ([],) * len(_SIZES)
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
    early = squares if _multiplies(system) else []
    residues = templates.congruences(points)
    wanted = _true([*safe, *backwards], cut, states)
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


def _multiplies(system: TransitionSystem) -> bool:
    roots = [b.guard for b in system.blocks] + [t for b in system.blocks for _, t in b.updates]
    return any(n.op == "*" and n.args[0].op != "const" != n.args[1].op for n in post_order(roots))


def _literals(system: TransitionSystem, cut: Cut, atoms: Sequence[Term], safe: Sequence[Term]) -> list[Term]:
    parts = [p for clause in safe for p in (clause.args if clause.op == "or" else (clause,))]
    own = [x for a in [*atoms, *candidates.literals(parts)] for x in (a, neg(a))]
    near = [r for a in candidates.literals([*parts, *atoms]) for r in candidates.relaxed(a)]
    return distinct([*own, *near, *candidates.pairs(cut), *candidates.bounds(system, cut)])[: 4 * _MOST_LITERALS]


def _true(terms: Sequence[Term], cut: Cut, states: Sequence[State]) -> list[Term]:
    chosen = distinct(terms)
    everywhere = (1 << len(states)) - 1
    return [t for t, mask in zip(chosen, truth(cut, chosen, states), strict=True) if mask == everywhere]


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
