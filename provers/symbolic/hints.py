"""Proposes the loop invariants that the programmer wrote."""

from __future__ import annotations

from collections.abc import Sequence

from lemmata.goal import GoalView
from lemmata.step import Part, Proposal, clauses


class HintsProver:
    """The programmer's `loop invariant` annotations, and at first nothing at all: many programs need no invariant."""

    name = "annotations"
    systems = ("programs",)

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose, at the root, the empty step and then all annotations of the program together."""
        return [self._of(goal)[:n] for goal in goals]

    def _of(self, goal: GoalView) -> list[Proposal]:
        cuts = goal.context.get("system", {}).get("cuts", [])
        parts = tuple(Part(cut["name"], hint, "c") for cut in cuts for hint in cut["hints"])
        # Without further clauses only the root is a goal that nobody has tried to close.
        steps = [*([clauses(())] if goal.depth == 0 else []), *([clauses(parts)] if parts else [])]
        return [Proposal(s, 0.0, self.name) for s in steps if s.key not in goal.tried]

    async def close(self) -> None:
        """Nothing to release."""
