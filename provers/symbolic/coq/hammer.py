"""Provers that propose CoqHammer's tactics: its proof search with lemmas in scope, and the hammer itself."""

from __future__ import annotations

from collections.abc import Iterator

from provers.symbolic.coq.library import Library
from provers.symbolic.coq.prover import TacticProver
from provers.symbolic.coq.views import Known, View
from provers.symbolic.tactics import Move

_DEEPEST = 1
"""Depth of the deepest goals that the hammer's proof search is tried on; each attempt is dear."""


class SautoProver(TacticProver):
    """Proposes CoqHammer's own proof search, alone and with lemmas in scope, for the goals near the root."""

    name = "coq-sauto"

    def __init__(self) -> None:
        self._libraries: Known[Library] = Known(Library)

    def moves_on(self, goal: View) -> Iterator[Move]:
        """Return the searches."""
        if not goal.view.context.get("hammer") or goal.view.depth > _DEEPEST:
            return
        yield "hauto", -0.6, 0.5
        yield "sauto", -0.8, 1.0
        names = [premise.name for _, premise in self._libraries.of(goal.view).relevance(goal.features, 8)]
        if names:
            yield f"hauto use: {', '.join(names[:4])}", -1.0, 1.0
            yield f"srun (eauto) use: {', '.join(names)}", -1.2, 0.5


class HammerProver(TacticProver):
    """Proposes the hammer itself at the root: external provers choose the lemmas."""

    name = "coq-hammer"

    def moves_on(self, goal: View) -> Iterator[Move]:
        """Return the hammer."""
        if goal.view.context.get("hammer") and goal.view.depth == 0:
            yield "hammer", -1.0, 15.0
