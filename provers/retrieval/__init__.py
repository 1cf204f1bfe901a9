"""Premise retrieval: which of the lemmas in scope a proof may need, and provers that propose their use."""

from __future__ import annotations

from provers.retrieval.premise import Premise
from provers.retrieval.retriever import Retriever, retrieve

__all__ = ["Premise", "Retriever", "retrieve"]
