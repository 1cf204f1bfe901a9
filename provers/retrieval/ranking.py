"""The best of many scores, in one order always."""

from __future__ import annotations

from typing import Any


def top(scores: Any, k: int, allowed: Any = None, least: float = 0.0) -> list[tuple[int, float]]:
    """Return the greatest scores with their places, greatest first; of equal ones the later place comes first.

    Args:
        scores: a vector (numpy, floats).
        k: how many at most.
        allowed: a vector of booleans; None allows all.
        least: only scores greater than this count.
    """
    import numpy as np

    usable = scores > least
    if allowed is not None:
        usable &= allowed
    places = np.flatnonzero(usable)
    if k <= 0 or not len(places):
        return []
    found = scores[places]
    if len(places) > k:
        # All that tie with the last one stay in, so that the cut does not depend on how they were partitioned.
        kept = found >= np.partition(found, len(found) - k)[len(found) - k]
        places, found = places[kept], found[kept]
    order = np.lexsort((-places, -found))[:k]
    return [(int(places[i]), float(found[i])) for i in order]
