"""What the provers for Coq share: each says which moves a goal has, and the best that were not tried are proposed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from lemmata.goal import GoalView
from lemmata.step import Proposal, Step
from provers.symbolic.coq.views import View

Move = tuple[str, float, float]
"""Tactic, logarithm of its estimated probability, seconds that it is worth."""


class TacticProver:
    """Proposes its moves, the most probable first."""

    name: str
    systems = ("coq",)

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose what was not tried on each goal."""
        return [self._propose(view)[:n] for view in goals]

    async def close(self) -> None:
        """There is nothing to release."""

    def _propose(self, view: GoalView) -> list[Proposal]:
        if view.goal.system != "coq":
            return []
        ranked = sorted(best(self.moves(View(view))), key=lambda move: -move[1])
        proposals = [Proposal(Step(text), likely, self.name, time_limit=seconds) for text, likely, seconds in ranked]
        tried = set(view.tried)
        return [p for p in proposals if p.step.key not in tried]

    def moves(self, goal: View) -> Iterable[Move]:
        """Return what may be tried on a goal, in any order; of equal tactics the most probable counts."""
        raise NotImplementedError


def best(moves: Iterable[Move]) -> Iterable[Move]:
    """Return each tactic once, as its most probable move."""
    found: dict[str, Move] = {}
    for move in moves:
        if move[1] > found.get(move[0], ("", -math.inf, 0.0))[1]:
            found[move[0]] = move
    return found.values()
