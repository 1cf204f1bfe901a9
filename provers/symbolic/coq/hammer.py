"""A prover that proposes CoqHammer's tactics: its proof search with lemmas in scope, and the hammer itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lemmata.goal import GoalView
from lemmata.step import Proposal, Step
from provers.symbolic.coq.library import Library
from provers.symbolic.coq.views import Known, View

_DEEPEST = 3


class HammerProver:
    """Proposes `hauto`, `sauto` and `hammer` for the goals near the root."""

    name = "coq-hammer"
    systems = ("coq",)

    def __init__(self) -> None:
        self._libraries: Known[Library] = Known(Library)

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose what was not tried on each goal."""
        return [self._propose(view)[:n] for view in goals]

    async def close(self) -> None:
        """There is nothing to release."""

    def _propose(self, view: GoalView) -> list[Proposal]:
        if view.goal.system != "coq" or not view.context.get("hammer") or view.depth > _DEEPEST:
            return []
        tried = set(view.tried)
        moves = self._moves(View(view), self._libraries.of(view), view.depth)
        proposals = [Proposal(Step(t), likely, self.name, time_limit=seconds) for t, likely, seconds in moves]
        return [p for p in proposals if p.step.key not in tried]

    def _moves(self, goal: View, library: Library, depth: int) -> Iterator[tuple[str, float, float]]:
        names = [premise.name for _, premise in library.relevance(goal.features, 16)]
        yield "hauto", -0.6, 1.0
        yield "sauto", -0.8, 1.5
        if names:
            yield f"hauto use: {', '.join(names[:4])}", -0.9, 1.5
            yield f"srun (eauto) use: {', '.join(names[:8])}", -1.0, 1.0
            yield f"hauto lq: on use: {', '.join(names[:8])}", -1.2, 1.5
            yield f"sauto use: {', '.join(names[:4])}", -1.6, 1.5
        if depth == 0:
            yield "hammer", -1.5, 8.0
