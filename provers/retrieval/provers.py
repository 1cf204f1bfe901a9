"""Provers that propose the use of premises which a search over those in scope has found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lemmata.goal import GoalView
from lemmata.step import Proposal, Step
from provers.retrieval.dense import BUDGET_SECONDS, DenseIndexer
from provers.retrieval.encoder import Encoder
from provers.retrieval.moves import KINDS, moves
from provers.retrieval.retriever import CORPUS_VARIABLE, Retriever
from provers.symbolic.tactics import best

_MOST_PREMISES = 24


class _PremisesProver:
    """Proposes what may be done with the premises that a retriever finds."""

    name: str
    systems = ("coq", "fstar", "isabelle", "lean")
    variables: tuple[str, ...] = (CORPUS_VARIABLE,)

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose at most `n` steps for each goal, best first.

        Raises:
            BackendMissing: a library that the retriever needs is not installed.
            InputError: the corpus that `LEMMATA_PREMISES` names cannot be read.
        """
        return [self._propose(view)[: max(n, 0)] for view in goals]

    async def close(self) -> None:
        """There is nothing to release."""

    def _propose(self, view: GoalView) -> list[Proposal]:
        if view.goal.system not in self.systems:
            return []
        found = self._retriever.retrieve(view, _MOST_PREMISES)
        kind, tried = KINDS[view.goal.system], set(view.tried)
        ranked = sorted(best(moves(view, found)), key=lambda move: -move[1])
        steps = ((Step(text, kind), likely, seconds) for text, likely, seconds in ranked)
        return [
            Proposal(step, likely, self.name, time_limit=seconds, provenance=self._provenance())
            for step, likely, seconds in steps
            if step.key not in tried
        ]

    def _provenance(self) -> dict[str, Any]:
        return {}


class Bm25PremisesProver(_PremisesProver):
    """Finds premises by the words that they share with the goal."""

    name = "premises-bm25"
    named_only = True
    """It takes part where it is named: what it does for Coq is already done by `coq-premises` in a way of its own."""

    def __init__(self) -> None:
        super().__init__(Retriever())


class DensePremisesProver(_PremisesProver):
    """Finds premises by the likeness of embeddings.

    Args:
        model: a directory or hub id of an encoder, such as that of a retriever of ReProver.
    """

    name = "premises-dense"
    configured = True
    memory_bytes: int | None = None
    call_seconds = 6 * BUDGET_SECONDS
    processes = 1
    variables = (CORPUS_VARIABLE, "CUDA_VISIBLE_DEVICES", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN")

    def __init__(self, model: str) -> None:
        self._encoder = Encoder(model)
        super().__init__(Retriever(DenseIndexer(self._encoder)))

    def _provenance(self) -> dict[str, Any]:
        return {"model": self._encoder.model, "revision": self._encoder.revision}
