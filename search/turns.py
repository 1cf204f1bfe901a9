"""Proposals that wait to be checked, of provers that take turns."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection

from lemmata.step import Proposal
from search.waiting import FIRST, Waiting


class Turns:
    """Queues of which each gets its part of the checking time, like `Waiting` otherwise.

    Estimates of provers that know different things cannot be compared: ordered by them alone, one prover's proposals
    would all come before the other's. The queue whose proposals took the least time so far is next.

    Args:
        make: makes an empty queue.
        apart: provers whose proposals have a queue of their own; those of all others share one.
        weight: how many times the part of the shared queue each of them gets.
    """

    def __init__(self, make: Callable[[], Waiting], apart: Collection[str], weight: float = 1.0) -> None:
        self._weight = weight
        self._queues = {name: make() for name in ("", *apart)}
        self._spent = dict.fromkeys(self._queues, 0.0)

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def of(self, prover: str) -> Waiting:
        """Return the queue that a prover's proposals are in."""
        return self._queues[prover if prover in self._queues else ""]

    def add(self, goal: int, proposal: Proposal, *, first: bool = False, bonus: float = 0.0) -> None:
        """Put a proposal into its prover's queue; the arguments are as for `Waiting`."""
        self.of(proposal.prover).add(goal, proposal, first=first, bonus=bonus)

    def moved(self, goal: int) -> None:
        """Take note that a goal's cost changed."""
        for queue in self._queues.values():
            queue.moved(goal)

    def take(self) -> tuple[int, Proposal] | None:
        """Take out the next proposal of the queue whose turn it is; None where all are empty."""
        if len(self._queues) == 1:
            return self._queues[""].take()
        filled = [name for name, queue in self._queues.items() if len(queue)]
        if not filled:
            return None
        # What comes before everything else does so in any queue.
        urgent = [name for name in filled if self._queues[name].best == FIRST]
        least = min(self._spent[name] for name in filled)
        for name in self._queues:
            if name not in filled:
                # Who has nothing to check does not save up turns.
                self._spent[name] = max(self._spent[name], least)
        return self._queues[min(urgent or filled, key=lambda name: self._spent[name])].take()

    def take_all(self, goal: int) -> list[Proposal]:
        """Take out everything that waits for a goal."""
        return [proposal for queue in self._queues.values() for proposal in queue.take_all(goal)]

    def charge(self, proposal: Proposal, seconds: float) -> None:
        """Count the time that a proposal's check took."""
        if math.isfinite(seconds):
            own = proposal.prover in self._queues
            self._spent[proposal.prover if own else ""] += seconds / self._weight if own else seconds
