"""The premises for a goal: from its session, and from a corpus where there is one."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from lemmata.goal import GoalView
from provers.retrieval.bm25 import Bm25Index
from provers.retrieval.cache import Cache
from provers.retrieval.corpus import Corpus
from provers.retrieval.premise import Premise
from provers.retrieval.query import query
from provers.retrieval.scope import in_scope

CORPUS_VARIABLE = "LEMMATA_PREMISES"
"""Names the corpus file that premises are taken from beside the session's, in LeanDojo's format."""
_KEPT = 2
"""For so many obligations the index is kept."""


class Index(Protocol):
    """Finds premises for goals."""

    def rank(self, view: GoalView, k: int, allowed: Any = None) -> list[tuple[int, float]]:
        """Return places and scores of at most `k` premises that are allowed, best first."""
        ...


class Indexer(Protocol):
    """Makes indexes of one kind."""

    def index(self, premises: Sequence[Premise]) -> Index:
        """Make the index of premises."""
        ...


class Bm25Indexer:
    """Makes BM25 indexes.

    Args:
        cache: keeps the large ones; None keeps none.
    """

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache

    def index(self, premises: Sequence[Premise]) -> Index:
        """Make the index of premises; raises `BackendMissing` where bm25s is not installed."""
        return _Words(Bm25Index.build(premises, self._cache))


class _Words:
    def __init__(self, index: Bm25Index) -> None:
        self._index = index

    def rank(self, view: GoalView, k: int, allowed: Any = None) -> list[tuple[int, float]]:
        return self._index.search(query(view), k, allowed)


@dataclass(frozen=True, slots=True)
class _Scope:
    context: Mapping[str, Any]
    premises: list[Premise]
    index: Index


class Retriever:
    """Finds the premises that goals may need.

    Args:
        indexer: makes the indexes; None is BM25 with the user's cache.
        corpus: file of further premises; None is what `LEMMATA_PREMISES` names, or nothing.
    """

    def __init__(self, indexer: Indexer | None = None, corpus: Path | None = None) -> None:
        self._indexer = indexer or Bm25Indexer(Cache())
        named = os.environ.get(CORPUS_VARIABLE, "")
        self._path = corpus or (Path(named) if named else None)
        self._corpus: tuple[Corpus, Index] | None = None
        self._known: dict[str, _Scope] = {}

    def ranked(self, view: GoalView, k: int) -> list[tuple[Premise, float]]:
        """Return at most `k` premises that can be used at a goal, with their scores, best first.

        Raises:
            BackendMissing: a library is not installed.
            InputError: the corpus cannot be read.
        """
        premises, index = self._of(view)
        found = [(premises[place], score) for place, score in index.rank(view, k)]
        if self._path is not None and view.goal.system == "lean":
            found = _merged(found, self._from_corpus(view, k), k)
        own = str(view.context.get("theorem", ""))
        return [(premise, score) for premise, score in found if premise.name != own]

    def retrieve(self, view: GoalView, k: int) -> list[Premise]:
        """Return at most `k` premises that can be used at a goal, best first; raises as `ranked` does."""
        return [premise for premise, _ in self.ranked(view, k)]

    def _of(self, view: GoalView) -> tuple[list[Premise], Index]:
        key = view.obligation.key
        known = self._known.get(key)
        # One obligation has one context in a search, but not for ever: what is imported may change.
        if known is None or (known.context is not view.context and known.context != view.context):
            premises = in_scope(view)
            known = _Scope(view.context, premises, self._indexer.index(premises))
            self._known.pop(key, None)
            while len(self._known) >= _KEPT:
                del self._known[next(iter(self._known))]
            self._known[key] = known
        return known.premises, known.index

    def _from_corpus(self, view: GoalView, k: int) -> list[tuple[Premise, float]]:
        if self._corpus is None and self._path is not None:
            read = Corpus.load(self._path)
            self._corpus = read, self._indexer.index(read.premises)
        if self._corpus is None:
            return []
        corpus, index = self._corpus
        location = view.obligation.location
        imports = corpus.modules(str(name) for name in view.context.get("imports", ()))
        file = corpus.file_of(location.file)
        allowed = corpus.accessible(imports, file, (location.line, location.column))
        return [(corpus.premises[place], score) for place, score in index.rank(view, k, allowed)]


def _merged(
    first: list[tuple[Premise, float]], second: list[tuple[Premise, float]], k: int
) -> list[tuple[Premise, float]]:
    """Put two rankings together by score; of a name that is in both, the first counts."""
    names = {premise.name for premise, _ in first}
    both = [*first, *(entry for entry in second if entry[0].name not in names)]
    return sorted(both, key=lambda entry: -entry[1])[:k]


@functools.cache
def _default() -> Retriever:
    return Retriever()


def retrieve(view: GoalView, k: int) -> list[Premise]:
    """Return at most `k` premises that can be used at a goal, best first, by BM25: for prompts of other provers.

    Raises:
        BackendMissing: bm25s is not installed.
        InputError: the corpus that `LEMMATA_PREMISES` names cannot be read.
    """
    return _default().retrieve(view, k)
