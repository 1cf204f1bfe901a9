"""Provers that propose CoqHammer's tactics: its proof search with lemmas in scope, and the hammer itself."""

from __future__ import annotations

from collections.abc import Sequence

from lemmata.goal import GoalView
from lemmata.step import Proposal, Step
from provers.symbolic.coq.library import Library
from provers.symbolic.coq.views import Known, View

_DEEPEST = 1
"""Depth of the deepest goals that the hammer's proof search is tried on; each attempt is dear."""


class SautoProver:
    """Proposes CoqHammer's own proof search, alone and with lemmas in scope, for the goals near the root."""

    name = "coq-sauto"
    systems = ("coq",)

    def __init__(self) -> None:
        self._libraries: Known[Library] = Known(Library)

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose what was not tried on each goal."""
        return [self._propose(view)[:n] for view in goals]

    async def close(self) -> None:
        """There is nothing to release."""

    def _propose(self, view: GoalView) -> list[Proposal]:
        if not _usable(view) or view.depth > _DEEPEST:
            return []
        names = [premise.name for _, premise in self._libraries.of(view).relevance(View(view).features, 8)]
        moves = [("hauto", -0.6, 0.5), ("sauto", -0.8, 1.0)]
        if names:
            moves.append((f"hauto use: {', '.join(names[:4])}", -1.0, 1.0))
            moves.append((f"srun (eauto) use: {', '.join(names)}", -1.2, 0.5))
        return _new(view, self.name, moves)


class HammerProver:
    """Proposes the hammer itself at the root: external provers choose the lemmas."""

    name = "coq-hammer"
    systems = ("coq",)

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose what was not tried on each goal."""
        return [self._propose(view)[:n] for view in goals]

    async def close(self) -> None:
        """There is nothing to release."""

    def _propose(self, view: GoalView) -> list[Proposal]:
        if not _usable(view) or view.depth:
            return []
        return _new(view, self.name, [("hammer", -1.0, 15.0)])


def _usable(view: GoalView) -> bool:
    return view.goal.system == "coq" and bool(view.context.get("hammer"))


def _new(view: GoalView, prover: str, moves: Sequence[tuple[str, float, float]]) -> list[Proposal]:
    tried = set(view.tried)
    proposals = [Proposal(Step(text), likely, prover, time_limit=seconds) for text, likely, seconds in moves]
    return [p for p in proposals if p.step.key not in tried]
