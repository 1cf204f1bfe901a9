"""A priority queue whose entries can change their priority or leave."""

from __future__ import annotations

import heapq


class Frontier:
    """Goals in order of a key, the smallest first; equal keys in order of arrival.

    A changed key is a new heap entry, the old one is skipped when it comes up, so that every operation takes
    logarithmic time.
    """

    __slots__ = ("_current", "_heap", "_tick")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, int]] = []
        self._current: dict[int, tuple[float, int, int]] = {}
        self._tick = 0

    def __len__(self) -> int:
        return len(self._current)

    def __contains__(self, node: object) -> bool:
        return node in self._current

    def push(self, node: int, key: float) -> None:
        """Put a goal in, or give it a new key and its old place among equals."""
        old = self._current.get(node)
        if old is not None and old[0] == key:
            return
        if old is None:
            self._tick += 1
        entry = (key, self._tick if old is None else old[1], node)
        self._current[node] = entry
        heapq.heappush(self._heap, entry)
        # Skipped entries must not pile up: at most as many as there are live ones.
        if len(self._heap) > 2 * len(self._current) + 64:
            self._heap = list(self._current.values())
            heapq.heapify(self._heap)

    def pop(self) -> int | None:
        """Take out the goal with the smallest key; None where there is none."""
        while self._heap:
            entry = heapq.heappop(self._heap)
            if self._current.get(entry[2]) is entry:
                del self._current[entry[2]]
                return entry[2]
        return None

    def discard(self, node: int) -> None:
        """Take a goal out, if it is there."""
        self._current.pop(node, None)
