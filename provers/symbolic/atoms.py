"""A prover that reads clauses off the program's text; quick, and enough for many loops."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from lemmata.goal import GoalView
from lemmata.logic.terms import Term, disj, neg
from lemmata.logic.transition import Cut, TransitionSystem
from lemmata.step import Proposal, clauses
from provers.symbolic import candidates
from provers.symbolic.learning import ProgramProver
from provers.symbolic.views import Problem, distinct, established, step

_SMALL = 60
_MEDIUM = 240
_LARGE = 420
_SIZES = (_SMALL, _MEDIUM)
_LOG_PROBABILITIES = (-0.2, -0.8)
_UNLIKELY = -2.0


class AtomsProver(ProgramProver):
    """Proposes pools of clauses built from the program's own comparisons and numbers, a small pool first."""

    name = "atoms"

    def __init__(self) -> None:
        super().__init__()
        self._pools: dict[str, tuple[dict[str, list[Term]], ...]] = {}

    async def close(self) -> None:
        """Forget everything."""
        self._pools.clear()

    def _propose(self, view: GoalView) -> list[Proposal]:
        began = time.perf_counter()
        problem = self._problems.of(view)
        if problem is None:
            return []
        found: list[Proposal] = []
        if view.depth == 0 and not view.goal.hypotheses:
            found.append(Proposal(clauses(()), 0.0, self.name))
        key = view.obligation.key
        if key not in self._pools:
            self._pools[key] = self._made(problem)
        known = established(view, problem.system)
        for pool, most, log_probability in zip(self._pools[key], _SIZES, _LOG_PROBABILITIES, strict=False):
            proposed = step(problem.system, pool, known, most)
            if proposed is not None and proposed.key not in {p.step.key for p in found}:
                spent = time.perf_counter() - began
                found.append(Proposal(proposed, log_probability, self.name, seconds=spent, time_limit=problem.worth))
        tried = set(view.tried)
        return [p for p in found if p.step.key not in tried]

    @staticmethod
    def _made(problem: Problem) -> tuple[dict[str, list[Term]], ...]:
        small, medium = pools(problem.system)
        # Of arrays comparisons without quantifiers say little, and each pool costs the solvers more.
        return (small,) if problem.system.has_arrays else (small, medium)


class ImplicationsProver(ProgramProver):
    """Proposes implications between the program's own comparisons: what holds in one phase of a loop only."""

    name = "implications"

    def __init__(self) -> None:
        super().__init__()
        self._pools: dict[str, dict[str, list[Term]]] = {}

    async def close(self) -> None:
        """Forget everything."""
        self._pools.clear()

    def _propose(self, view: GoalView) -> list[Proposal]:
        began = time.perf_counter()
        problem = self._problems.of(view)
        if problem is None or problem.system.has_arrays:
            return []
        key = view.obligation.key
        if key not in self._pools:
            self._pools[key] = conditional(problem.system, pools(problem.system)[1])
        proposed = step(problem.system, self._pools[key], established(view, problem.system), _LARGE)
        if proposed is None or proposed.key in view.tried:
            return []
        spent = time.perf_counter() - began
        return [Proposal(proposed, _UNLIKELY, self.name, seconds=spent, time_limit=problem.worth)]


def pools(system: TransitionSystem) -> tuple[dict[str, list[Term]], dict[str, list[Term]]]:
    """Build a small and a medium pool of candidate clauses of each loop."""
    backwards = candidates.preconditions(system)
    small: dict[str, list[Term]] = {}
    medium: dict[str, list[Term]] = {}
    for cut in system.loops:
        atoms, safe, parts, near = _comparisons(system, cut)
        direct = [*cut.facts, *safe, *parts, *(x for a in atoms for x in (a, neg(a)))]
        small[cut.name] = distinct([*direct, *backwards[cut.name][:12], *near[:24]])
        medium[cut.name] = distinct(
            [
                *direct, *backwards[cut.name], *near,
                *candidates.pairs(cut), *candidates.bounds(system, cut),
            ]
        )  # fmt: skip
    return small, medium


def conditional(system: TransitionSystem, medium: Mapping[str, Sequence[Term]]) -> dict[str, list[Term]]:
    """Build the large pool: the beginning of the medium one, and implications between comparisons."""
    large: dict[str, list[Term]] = {}
    for cut in system.loops:
        atoms, _, parts, near = _comparisons(system, cut)
        large[cut.name] = [*medium[cut.name][:_SMALL], *_conditional(atoms, parts, near)]
    return large


def _comparisons(system: TransitionSystem, cut: Cut) -> tuple[list[Term], list[Term], list[Term], list[Term]]:
    """Return what the loop compares, what excludes errors, the parts of that, and comparisons near all of them."""
    atoms = candidates.atoms(system, cut)
    safe = [t for t in candidates.safety(system, cut) if candidates.within(cut, [t])]
    parts = distinct(_parts(safe))
    return atoms, safe, parts, distinct(r for a in [*parts, *candidates.literals(atoms)] for r in candidates.relaxed(a))


def _parts(safe: Sequence[Term]) -> list[Term]:
    """Return each disjunct of the safety clauses on its own: stronger, and often what holds."""
    return [part for clause in safe for part in (clause.args if clause.op == "or" else (clause,))]


def _conditional(atoms: Sequence[Term], parts: Sequence[Term], near: Sequence[Term]) -> list[Term]:
    premises = distinct([*(x for a in atoms for x in (a, neg(a))), *(neg(p) for p in parts)])[:16]
    conclusions = distinct([*parts, *(x for a in atoms for x in (a, neg(a))), *near])[:48]
    triples = [disj((neg(a), neg(b), c)) for i, a in enumerate(premises) for b in premises[:i] for c in parts]
    return [*candidates.implications(premises, conclusions), *triples][: 2 * _LARGE]
