"""Premises by the words that they share with a goal: BM25 (Robertson and Zaragoza, 2009), computed by bm25s.

All scores of a word in a lemma are computed when the index is made (Lù, "BM25S", 2024), so a query only adds up columns
of a sparse matrix that is mapped from the cache.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lemmata.errors import BackendMissing
from provers.retrieval.premise import Premise, content_digest
from provers.retrieval.ranking import top
from provers.retrieval.tokens import VERSION, words

if TYPE_CHECKING:
    from provers.retrieval.cache import Cache

K1, B = 1.2, 0.6
SMALLEST = 2000
"""Indexes of fewer premises are made faster than they are read, and stay out of the cache."""
_MOST_POSTINGS = 2_000_000
"""So many numbers are added up for one query; what is left out are its commonest words."""


class Bm25Index:
    """An index of premises; made by `build`.

    Args:
        searched: the index of bm25s, None where no premise has any word.
        count: number of premises.
    """

    def __init__(self, searched: Any, count: int) -> None:
        self._searched = searched
        self._count = count

    @classmethod
    def build(cls, premises: Sequence[Premise], cache: Cache | None = None) -> Bm25Index:
        """Make the index of premises, or take it from the cache.

        Raises:
            BackendMissing: bm25s is not installed.
        """
        library = _bm25s()
        if cache is None or len(premises) < SMALLEST:
            return cls(_made(library, premises), len(premises))
        key = f"bm25-{VERSION}-{library.__version__}-{content_digest(premises)}"

        def read(place: Path) -> Any:
            return _read(library, place, len(premises))

        found = cache.load(key, read)
        if found is None:
            made = _made(library, premises)
            if made is not None and cache.store(key, lambda place: made.save(str(place), show_progress=False)):
                # What is mapped is shared between processes.
                found = cache.load(key, read)
            found = found or made
        return cls(found, len(premises))

    def search(self, query: Mapping[str, float], k: int, allowed: Any = None) -> list[tuple[int, float]]:
        """Return the places of the premises that fit best, with their scores, best first.

        Args:
            query: words, as of `provers.retrieval.tokens`, with their weights.
            k: how many at most.
            allowed: for each premise whether it may be found (numpy, booleans); None allows all.
        """
        if self._searched is None:
            return []
        return top(self._scores(query), k, allowed)

    def _scores(self, query: Mapping[str, float]) -> Any:
        import numpy as np

        known, matrix = self._searched.vocab_dict, self._searched.scores
        data, places, starts = matrix["data"], matrix["indices"], matrix["indptr"]
        columns = [(known[word], weight) for word, weight in query.items() if word in known]
        # The rarest first: in sums of floating-point numbers the order counts, and what is everywhere tells least.
        columns.sort(key=lambda column: (starts[column[0] + 1] - starts[column[0]], column[0]))
        scores = np.zeros(self._count, dtype=np.float32)
        left = _MOST_POSTINGS
        for number, weight in columns:
            begin, end = int(starts[number]), int(starts[number + 1])
            left -= end - begin
            if left < 0:
                break
            # A premise stands in a column once, so this adds up what `np.add.at` would, several times faster.
            scores[places[begin:end]] += np.float32(weight) * data[begin:end]
        return scores

    def __len__(self) -> int:
        """Return the number of premises."""
        return self._count


def _made(library: Any, premises: Sequence[Premise]) -> Any:
    vocabulary: dict[str, int] = {}
    texts = (words(f"{premise.name} {premise.statement}") for premise in premises)
    numbers = [[vocabulary.setdefault(word, len(vocabulary)) for word in text] for text in texts]
    if not vocabulary:
        return None
    made = library.BM25(method="lucene", k1=K1, b=B, backend="numpy")
    # Not all of bm25s reckons with a document without words.
    vocabulary.setdefault("", len(vocabulary))
    made.index((numbers, vocabulary), show_progress=False)
    return made


def _read(library: Any, place: Path, count: int) -> Any:
    found = library.BM25.load(str(place), mmap=True, load_corpus=False)
    if found.scores["num_docs"] != count or not isinstance(found.vocab_dict, dict):
        raise ValueError("it is an index of something else")
    return found


def _bm25s() -> Any:
    try:
        import bm25s  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError as error:
        raise BackendMissing(f"BM25 retrieval needs bm25s: {error}", hint="pip install 'lemmata[retrieval]'") from None
    return bm25s
