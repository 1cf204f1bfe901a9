"""What provers of tactics share: each says which moves a goal has, and the best that were not tried are proposed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from lemmata.goal import GoalView
from lemmata.step import Proposal, Step

Move = tuple[str, float, float]
"""Tactic, logarithm of its estimated probability, seconds that it is worth."""


class TacticProver:
    """Proposes its moves, the most probable first."""

    name: str
    systems: tuple[str, ...]
    kind = "tactic"
    """Of the steps that it proposes."""

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose what was not tried on each goal."""
        return [self._propose(view)[:n] for view in goals]

    async def close(self) -> None:
        """There is nothing to release."""

    def _propose(self, view: GoalView) -> list[Proposal]:
        if view.goal.system not in self.systems:
            return []
        ranked = sorted(best(self.moves(view)), key=lambda move: -move[1])
        tried = set(view.tried)
        steps = ((Step(text, self.kind), likely, seconds) for text, likely, seconds in ranked)
        return [Proposal(s, likely, self.name, time_limit=secs) for s, likely, secs in steps if s.key not in tried]

    def moves(self, view: GoalView) -> Iterable[Move]:
        """Return what may be tried on a goal, in any order; of equal tactics the most probable counts."""
        raise NotImplementedError


def best(moves: Iterable[Move]) -> Iterable[Move]:
    """Return each tactic once, as its most probable move."""
    found: dict[str, Move] = {}
    for move in moves:
        if move[1] > found.get(move[0], ("", -math.inf, 0.0))[1]:
            found[move[0]] = move
    return found.values()
