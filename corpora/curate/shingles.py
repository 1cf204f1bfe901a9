"""Near duplicates: sets of shingles, found by MinHash and confirmed by their real overlap.

After A. Z. Broder, "On the resemblance and containment of documents" (1997), and the banding of signatures of
P. Indyk and R. Motwani, "Approximate nearest neighbors" (1998).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from lemmata.errors import BackendMissing, UsageError

Shingles = frozenset[int]
_LENGTH = 3
"""Words in a shingle."""
_BANDS, _ROWS = 16, 5
"""A pair with an overlap of 0.8 shares a band with probability 0.998, one of 0.5 with 0.4."""


def shingles(words: Sequence[str], seed: int = 0) -> Shingles:
    """Return the hashes of all runs of three words; shorter texts are one run."""
    runs = range(max(len(words) - _LENGTH + 1, 1))
    key = str(seed).encode()
    return frozenset(
        int.from_bytes(
            blake2b("\0".join(words[n : n + _LENGTH]).encode("utf-8", "replace"), digest_size=8, key=key).digest()
        )
        for n in runs
    )


def overlap(first: Shingles, second: Shingles) -> float:
    """Return the Jaccard index of two sets, 0 to 1."""
    both = len(first & second)
    together = len(first) + len(second) - both
    return both / together if together else 1.0


class Near:
    """Sets that are kept, to be asked for one that is near another.

    Args:
        threshold: least overlap of two that are near, above 0, at most 1.
        seed: of the hash functions.

    Raises:
        UsageError: the threshold makes no sense.
        BackendMissing: numpy is not installed.
    """

    def __init__(self, threshold: float, seed: int) -> None:
        if not 0.0 < threshold <= 1.0:
            raise UsageError(f"{threshold} is no overlap", hint="above 0, at most 1, for example 0.8")
        try:
            import numpy
        except ImportError as error:
            message = "near duplicates need numpy, which is not installed"
            raise BackendMissing(message, hint="pip install 'lemmata[corpora]'") from error
        self._numpy: Any = numpy
        self._threshold = threshold
        draws = b"".join(blake2b(f"{seed} {n}".encode(), digest_size=16).digest() for n in range(_BANDS * _ROWS))
        both = numpy.frombuffer(draws, dtype="<u8").reshape(_BANDS * _ROWS, 2)
        self._xor = both[:, :1].copy()
        # A product with an odd number can be undone: no two hashes fall together.
        self._times = both[:, 1:] | numpy.uint64(1)
        self._buckets: dict[tuple[int, bytes], list[int]] = {}
        self._kept: list[tuple[str, Shingles]] = []

    def nearest(self, found: Shingles) -> tuple[str, float] | None:
        """Return the name of the kept set that overlaps most, with how much, where any does so enough."""
        places = {place for band in self._bands(found) for place in self._buckets.get(band, ())}
        best: tuple[str, float] | None = None
        for place in sorted(places):
            name, other = self._kept[place]
            much = overlap(found, other)
            if much >= self._threshold and (best is None or much > best[1]):
                best = name, much
        return best

    def keep(self, name: str, found: Shingles) -> None:
        """Add a set."""
        for band in self._bands(found):
            self._buckets.setdefault(band, []).append(len(self._kept))
        self._kept.append((name, found))

    def _bands(self, found: Shingles) -> list[tuple[int, bytes]]:
        hashes = self._numpy.fromiter(found, dtype="u8", count=len(found))
        signature = ((hashes ^ self._xor) * self._times).min(axis=1).astype("<u8").reshape(_BANDS, _ROWS)
        return [(band, blake2b(rows.tobytes(), digest_size=8).digest()) for band, rows in enumerate(signature)]
