"""Premises by the likeness of embeddings: one product of a matrix with the goal's vector.

Computing the matrix is what takes time. It is kept in blocks, each in the cache under the digest of its premises: where
a block ends is decided by the premises' own digests, so that a lemma more or less changes one block and no other. The
blocks are computed as far as the time of one question goes, those of the last premises first; until all are there, the
others count as not found.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lemmata.goal import GoalView
from provers.neural.render import goal_text
from provers.retrieval.cache import Cache
from provers.retrieval.encoder import Encoder, premise_text
from provers.retrieval.premise import Premise, content_digest
from provers.retrieval.ranking import top

BUDGET_SECONDS = 20.0
"""Longest that a question waits for premises to be encoded."""
_VERSION = "1"
_CUT, _LARGEST = 256, 1024
"""A block ends at one premise in so many, and at this size at the latest."""
_AT_ONCE = 64


class DenseIndexer:
    """Makes indexes of embeddings.

    Args:
        encoder: computes them.
        cache: keeps the matrices; None is the user's.
        budget_seconds: longest that a question waits for premises to be encoded.
    """

    def __init__(self, encoder: Encoder, cache: Cache | None = None, budget_seconds: float = BUDGET_SECONDS) -> None:
        self._encoder = encoder
        self._cache = cache or Cache()
        self._budget = budget_seconds

    def index(self, premises: Sequence[Premise]) -> DenseIndex:
        """Return the index of premises; nothing is encoded yet."""
        return DenseIndex(premises, self._encoder, self._cache, self._budget)


class DenseIndex:
    """An index of premises; made by `DenseIndexer`."""

    def __init__(self, premises: Sequence[Premise], encoder: Encoder, cache: Cache, budget_seconds: float) -> None:
        self._premises = premises
        self._encoder = encoder
        self._cache = cache
        self._budget = budget_seconds
        self._bounds = list(blocks(premises))
        self._missing = list(self._bounds)
        self._matrices: dict[tuple[int, int], Any] = {}
        self._partial: list[Any] = []

    def rank(self, view: GoalView, k: int, allowed: Any = None) -> list[tuple[int, float]]:
        """Return places and cosines of at most `k` premises that are allowed, best first.

        Raises:
            BackendError: the encoder cannot be loaded or run.
        """
        import numpy as np

        until = time.monotonic() + self._budget
        wanted = self._encoder.encode([goal_text(view)])[0]
        self._fill(until)
        scores = np.full(len(self._premises), -2.0, dtype=np.float32)
        for (begin, end), matrix in self._matrices.items():
            scores[begin:end] = matrix @ wanted
        return top(scores, k, allowed, least=-1.5)

    @property
    def complete(self) -> bool:
        """Whether all premises are encoded."""
        return not self._missing

    def _fill(self, until: float) -> None:
        """Encode what is missing, as far as there is time."""
        if not self._missing:
            return
        model = self._encoder.key
        for bounds in [b for b in self._missing if not self._partial or b != self._missing[-1]]:
            found = self._cache.load(self._key(model, bounds), _read)
            if found is not None and len(found) == bounds[1] - bounds[0]:
                self._matrices[bounds] = found
                self._missing.remove(bounds)
        while self._missing and self._encode_last(model, until):
            pass

    def _encode_last(self, model: str, until: float) -> bool:
        """Encode the last block that is missing; say whether it is done. What was begun is gone on with next time."""
        import numpy as np

        begin, end = bounds = self._missing[-1]
        done = sum(map(len, self._partial))
        while begin + done < end:
            if time.monotonic() >= until:
                return False
            some = self._premises[begin + done : min(begin + done + _AT_ONCE, end)]
            self._partial.append(self._encoder.encode([premise_text(premise) for premise in some]))
            done += len(some)
        matrix = np.concatenate(self._partial)
        self._partial = []
        key = self._key(model, bounds)
        if self._cache.store(key, lambda place: np.save(place / "vectors.npy", matrix)):
            mapped = self._cache.load(key, _read)
            matrix = matrix if mapped is None else mapped
        self._matrices[bounds] = matrix
        self._missing.pop()
        return True

    def _key(self, model: str, bounds: tuple[int, int]) -> str:
        return f"dense-{_VERSION}-{model}-{content_digest(self._premises[bounds[0] : bounds[1]])}"


def blocks(premises: Sequence[Premise]) -> Iterator[tuple[int, int]]:
    """Yield where blocks of premises begin and end."""
    begin = 0
    for place, premise in enumerate(premises, 1):
        raw = f"{premise.name}\0{premise.statement}".encode("utf-8", "surrogatepass")
        mark = int.from_bytes(hashlib.blake2b(raw, digest_size=4).digest(), "little")
        if mark % _CUT == 0 or place - begin == _LARGEST or place == len(premises):
            yield begin, place
            begin = place


def _read(place: Path) -> Any:
    import numpy as np

    found = np.load(place / "vectors.npy", mmap_mode="r", allow_pickle=False)
    if found.ndim != 2 or found.dtype != np.float32:
        raise ValueError("it is no matrix of vectors")
    return found
