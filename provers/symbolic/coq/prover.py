"""What the provers for Coq share: they look at goals without notations."""

from __future__ import annotations

from collections.abc import Iterable

from lemmata.goal import GoalView
from provers.symbolic import tactics
from provers.symbolic.coq.views import View
from provers.symbolic.tactics import Move


class TacticProver(tactics.TacticProver):
    """Proposes the moves that a Coq goal has."""

    systems = ("coq",)

    def moves(self, view: GoalView) -> Iterable[Move]:
        """Return what may be tried on a goal."""
        return self.moves_on(View(view))

    def moves_on(self, goal: View) -> Iterable[Move]:
        """Return what may be tried on a goal, in any order; of equal tactics the most probable counts."""
        raise NotImplementedError
