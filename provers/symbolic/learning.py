"""What provers of programs share: answering goal by goal, and pools of clauses learned from sampled states."""

from __future__ import annotations

import time
from collections.abc import Sequence

from lemmata.goal import GoalView
from lemmata.logic.terms import Term
from lemmata.logic.transition import TransitionSystem
from lemmata.step import Proposal
from provers.symbolic.views import Problem, Problems, established, step

Pools = tuple[dict[str, list[Term]], ...]
"""Clauses by cut, smaller choices first."""


class ProgramProver:
    """Proposes for one goal at a time."""

    name: str
    systems = ("programs",)

    def __init__(self) -> None:
        self._problems = Problems()

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose at most `n` steps for each goal."""
        return [self._propose(view)[:n] for view in goals]

    async def close(self) -> None:
        """There is nothing to release."""

    def _propose(self, view: GoalView) -> list[Proposal]:
        raise NotImplementedError


class LearningProver(ProgramProver):
    """Proposes pools of clauses that were true of sampled states; a goal asked for again gets a longer look.

    Args:
        seed: of the random inputs.
    """

    looks = 2
    """How often it looks at a goal."""
    sizes: tuple[int, ...]
    """The most clauses of each pool."""
    log_probabilities: tuple[float, ...]
    """Of each pool at the first look; each further one takes 1 away."""
    for_each = False
    """Whether the sizes are for each loop, start or return, instead of all together."""
    once_for_all = False
    """Whether looks are counted for a program, instead of each of its goals."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self._seed = seed
        self._asked: dict[tuple[str, str], int] = {}
        self._pools: dict[tuple[str, int], Pools] = {}

    async def close(self) -> None:
        """Forget everything."""
        self._asked.clear()
        self._pools.clear()

    def wants(self, problem: Problem) -> bool:
        """Say whether a program is worth a look."""
        raise NotImplementedError

    def learn(self, system: TransitionSystem, look: int) -> Pools:
        """Return pools of clauses; `look` counts from 0."""
        raise NotImplementedError

    def limit(self, problem: Problem, number: int) -> float | None:
        """Return how many seconds checking a pool is worth, None for as many as any step."""
        del problem, number
        return None

    def _propose(self, view: GoalView) -> list[Proposal]:
        began = time.perf_counter()
        problem = self._problems.of(view)
        key = (view.obligation.key, "" if self.once_for_all else view.goal.key)
        look = self._asked.get(key, 0)
        if problem is None or look >= self.looks or not self.wants(problem):
            return []
        self._asked[key] = look + 1
        known = established(view, problem.system)
        cuts = len(problem.system.loops) if self.for_each else 1
        found: list[Proposal] = []
        choices = zip(self._learned(view, problem, look), self.sizes, self.log_probabilities, strict=False)
        for number, (pool, size, likely) in enumerate(choices):
            proposed = step(problem.system, pool, known, size * cuts)
            if proposed is None or proposed.key in view.tried or proposed.key in {p.step.key for p in found}:
                continue
            seconds, limit = time.perf_counter() - began, self.limit(problem, number)
            found.append(Proposal(proposed, likely - look, self.name, seconds=seconds, time_limit=limit))
        return found

    def _learned(self, view: GoalView, problem: Problem, look: int) -> Pools:
        made = (view.obligation.key, look)
        if made not in self._pools:
            self._pools[made] = self.learn(problem.system, look)
        return self._pools[made]
