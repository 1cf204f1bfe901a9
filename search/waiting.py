"""The proposals that wait to be checked."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable

from lemmata.step import Proposal

FIRST = -math.inf
"""Rank of what comes before everything else."""

_Own = tuple[float, int, Proposal]
_Entry = tuple[float, int, int]


class Waiting:
    """Proposals in order of a rank, the smallest first, equal ranks in order of arrival; each belongs to a goal.

    Each goal has a heap of its own, and the goals are in a heap by their best proposals, so that one goal's best is as
    quickly at hand as the best of all. An entry of that heap that is out of date is skipped when it comes up.

    Args:
        stickiness: the goal that was taken from last is taken from again while its best is worse than the best of all
            by at most so much; 0 takes the best of all.
        weight: how much a goal's cost counts in the rank of its proposals.
        cost: returns the cost of a goal by number; not called where `weight` is 0.
    """

    __slots__ = ("_cost", "_current", "_goals", "_heap", "_last", "_sequence", "_size", "_stickiness", "_weight")

    def __init__(self, stickiness: float, weight: float, cost: Callable[[int], float]) -> None:
        self._stickiness = stickiness
        self._weight = weight
        self._cost = cost
        self._goals: dict[int, list[_Own]] = {}
        self._current: dict[int, _Entry] = {}
        self._heap: list[_Entry] = []
        self._sequence = 0
        self._size = 0
        self._last = -1

    def __len__(self) -> int:
        return self._size

    @property
    def best(self) -> float:
        """Rank of the best proposal, infinite where none waits."""
        return self._goals_best()[0] if self._size else math.inf

    def add(self, goal: int, proposal: Proposal, *, first: bool = False, bonus: float = 0.0) -> None:
        """Put a proposal in; `first` puts it before all others, `bonus` adds nats to its log-probability."""
        self._sequence += 1
        self._size += 1
        entry = (FIRST if first else -proposal.log_probability - bonus, self._sequence, proposal)
        own = self._goals.get(goal)
        if own is None:
            own = self._goals[goal] = []
        heapq.heappush(own, entry)
        if own[0] is entry:
            self._lift(goal, entry)

    def moved(self, goal: int) -> None:
        """Take note that a goal's cost changed."""
        own = self._goals.get(goal) if self._weight else None
        if own:
            self._lift(goal, own[0])

    def take(self) -> tuple[int, Proposal] | None:
        """Take out the next proposal, with its goal; None where there is none."""
        if not self._size:
            return None
        goal = self._next()
        own = self._goals[goal]
        proposal = heapq.heappop(own)[2]
        self._size -= 1
        self._last = goal
        if own:
            self._lift(goal, own[0])
        else:
            del self._goals[goal], self._current[goal]
        return goal, proposal

    def take_all(self, goal: int) -> list[Proposal]:
        """Take out everything that waits for a goal, the best first."""
        own = self._goals.pop(goal, [])
        self._current.pop(goal, None)
        self._size -= len(own)
        return [proposal for _, _, proposal in sorted(own)]

    def _goals_best(self) -> _Entry:
        heap, current = self._heap, self._current
        while current.get(heap[0][2]) is not heap[0]:
            heapq.heappop(heap)
        return heap[0]

    def _next(self) -> int:
        current, best = self._current, self._goals_best()
        last = current.get(self._last) if self._stickiness else None
        return self._last if last is not None and last[0] <= best[0] + self._stickiness else best[2]

    def _lift(self, goal: int, best: _Own) -> None:
        """Enter a goal under its best proposal."""
        rank = best[0] + self._weight * self._cost(goal) if self._weight else best[0]
        entry = (rank, best[1], goal)
        self._current[goal] = entry
        heapq.heappush(self._heap, entry)
        # Skipped entries must not pile up: at most as many as there are live ones.
        if len(self._heap) > 2 * len(self._current) + 64:
            self._heap = list(self._current.values())
            heapq.heapify(self._heap)
