"""A prover that reads clauses off the program's text; quick, and enough for many loops."""

from __future__ import annotations

import time
from collections.abc import Sequence

from lemmata.goal import GoalView
from lemmata.logic.terms import Term, disj, neg
from lemmata.logic.transition import Cut, TransitionSystem
from lemmata.step import Proposal, clauses
from provers.symbolic import candidates
from provers.symbolic.views import Problems, distinct, established, step

_SMALL = 60
_MEDIUM = 240
_LARGE = 420
_LOG_PROBABILITIES = (-0.2, -0.8, -2.0)


class AtomsProver:
    """Proposes pools of clauses built from the program's own comparisons and numbers, small pools first."""

    name = "atoms"
    systems = ("programs",)

    def __init__(self) -> None:
        self._problems = Problems()
        self._pools: dict[str, tuple[dict[str, list[Term]], ...]] = {}

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose the empty step, then pools of clauses, for each goal."""
        return [self._propose(view)[:n] for view in goals]

    async def close(self) -> None:
        """Forget everything."""
        self._pools.clear()

    def _propose(self, view: GoalView) -> list[Proposal]:
        began = time.perf_counter()
        problem = self._problems.of(view)
        if problem is None:
            return []
        found: list[Proposal] = []
        if not view.goal.hypotheses:
            found.append(Proposal(clauses(()), 0.0, self.name))
        key = view.obligation.key
        if key not in self._pools:
            self._pools[key] = pools(problem.system)
        known = established(view, problem.system)
        sizes = (_SMALL, _MEDIUM, _LARGE)
        for pool, most, log_probability in zip(self._pools[key], sizes, _LOG_PROBABILITIES, strict=True):
            proposed = step(problem.system, pool, known, most)
            if proposed is not None and proposed.key not in {p.step.key for p in found}:
                spent = time.perf_counter() - began
                found.append(Proposal(proposed, log_probability, self.name, seconds=spent))
        tried = set(view.tried)
        return [p for p in found if p.step.key not in tried]


def pools(system: TransitionSystem) -> tuple[dict[str, list[Term]], ...]:
    """Build the small, medium and large pool of candidate clauses of each loop."""
    backwards = candidates.preconditions(system)
    small: dict[str, list[Term]] = {}
    medium: dict[str, list[Term]] = {}
    large: dict[str, list[Term]] = {}
    for cut in system.loops:
        atoms = candidates.atoms(system, cut)
        safe = [t for t in candidates.safety(system, cut) if candidates.within(cut, [t])]
        parts = distinct(_parts(safe))
        near = distinct(r for a in [*parts, *candidates.literals(atoms)] for r in candidates.relaxed(a))
        direct = [*cut.facts, *safe, *parts, *(x for a in atoms for x in (a, neg(a)))]
        small[cut.name] = distinct([*direct, *backwards[cut.name][:12], *near[:24]])
        medium[cut.name] = distinct(
            [
                *direct, *backwards[cut.name], *near, *candidates.quantified(system, cut)[:_SMALL],
                *candidates.pairs(cut), *candidates.bounds(system, cut),
            ]
        )  # fmt: skip
        large[cut.name] = [*medium[cut.name][:_SMALL], *_conditional(cut, atoms, parts, near)]
    return small, medium, large


def _parts(safe: Sequence[Term]) -> list[Term]:
    """Return each disjunct of the safety clauses on its own: stronger, and often what holds."""
    return [part for clause in safe for part in (clause.args if clause.op == "or" else (clause,))]


def _conditional(cut: Cut, atoms: Sequence[Term], parts: Sequence[Term], near: Sequence[Term]) -> list[Term]:
    premises = distinct([*(x for a in atoms for x in (a, neg(a))), *(neg(p) for p in parts)])[:16]
    conclusions = distinct([*parts, *(x for a in atoms for x in (a, neg(a))), *near])[:48]
    triples = [disj((neg(a), neg(b), c)) for i, a in enumerate(premises) for b in premises[:i] for c in parts]
    return [*candidates.implications(premises, conclusions), *triples][: 2 * _LARGE]
