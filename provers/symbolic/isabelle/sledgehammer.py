"""A prover that lets Isabelle's own searches choose the proof: what they find is checked as a step of its own."""

from __future__ import annotations

from collections.abc import Iterator

from lemmata.goal import GoalView
from provers.symbolic.tactics import Move, TacticProver

_DEEPEST = 3
"""Depth of the deepest goals that sledgehammer is tried on; each attempt is dear."""


class SledgehammerProver(TacticProver):
    """Proposes `try0` and `sledgehammer`, which call many methods and external provers at once."""

    name = "isabelle-sledgehammer"
    systems = ("isabelle",)

    def moves(self, view: GoalView) -> Iterator[Move]:
        """Return the searches."""
        yield "try0", -1.4 - 0.3 * view.depth, 15.0
        if view.depth <= _DEEPEST:
            yield "sledgehammer", -1.8 - 0.4 * view.depth, 30.0
