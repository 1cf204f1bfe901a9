"""Puts what provers propose in a ranker's order before it is queued; a ranker that is slow or fails changes nothing."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Sequence
from typing import Protocol

from lemmata.goal import GoalView
from lemmata.protocols import Prover
from lemmata.step import Proposal, Step
from search.scoring import MAX_FAILURES, CriticStats

PATIENCE_SECONDS = 2.0
"""How long proposals wait for the ranker."""


class Ranker(Protocol):
    """Judges candidates for a goal, such as loop invariants; nothing it says is believed."""

    name: str

    async def rate(self, view: GoalView, steps: Sequence[Step]) -> list[float]:
        """Return how well each step fits; greater is better."""
        ...


class Ranking:
    """One ranker for all provers of a search.

    While an answer is overdue nobody waits for another, and a ranker that fails `MAX_FAILURES` times in a row is not
    asked any more: what it can delay altogether is a few seconds.

    Args:
        ranker: whom to ask.
        patience: seconds that proposals wait for it.
    """

    def __init__(self, ranker: Ranker, patience: float = PATIENCE_SECONDS) -> None:
        self.name = ranker.name
        self.stats = CriticStats()
        self._ranker = ranker
        self._patience = patience
        self._failures = 0
        self._tasks: set[asyncio.Task[list[float] | None]] = set()
        self._overdue: set[asyncio.Task[list[float] | None]] = set()

    async def order(self, view: GoalView, proposals: Sequence[Proposal]) -> list[Proposal]:
        """Return proposals for a goal in the ranker's order, or as given where it says nothing in time."""
        # That no invariant is needed is for the checker to say.
        judged = [i for i, p in enumerate(proposals) if p.step.kind == "clauses" and p.step.parts]
        if len(judged) < 2 or self._overdue or self._failures >= MAX_FAILURES:
            return list(proposals)
        task = asyncio.create_task(self._rate(view, [proposals[i].step for i in judged]))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        await asyncio.wait([task], timeout=self._patience)
        if not task.done():
            self._overdue.add(task)
            return list(proposals)
        ratings = task.result()
        return list(proposals) if ratings is None else dealt(proposals, dict(zip(judged, ratings, strict=True)))

    def _ended(self, task: asyncio.Task[list[float] | None]) -> None:
        self._tasks.discard(task)
        self._overdue.discard(task)

    async def _rate(self, view: GoalView, steps: Sequence[Step]) -> list[float] | None:
        began = time.monotonic()
        try:
            ratings = await self._ranker.rate(view, steps)
            if len(ratings) != len(steps):
                raise ValueError(f"{len(ratings)} ratings for {len(steps)} steps")
        except Exception as error:  # noqa: BLE001 - a faulty ranker must not end the search
            self._failures += 1
            self.stats.failed(error)
            return None
        self._failures = 0
        self.stats.judged += len(steps)
        self.stats.seconds += time.monotonic() - began
        return ratings

    async def close(self) -> None:
        """Give up the questions under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def dealt(proposals: Sequence[Proposal], ratings: dict[int, float]) -> list[Proposal]:
    """Return proposals, best first, with the estimates of those that were rated dealt out again by rating.

    All together the estimates stay what the prover said. Of equals the one that came first stays first.

    Args:
        proposals: for one goal.
        ratings: by their places; those without one keep their estimates.
    """
    order = sorted(ratings, key=lambda i: (-ratings[i], i))
    estimates = sorted((proposals[i].log_probability for i in ratings), reverse=True)
    given = dict(zip(order, estimates, strict=True))
    found = [dataclasses.replace(p, log_probability=given[i]) if i in given else p for i, p in enumerate(proposals)]
    # Of equal estimates, those not rated come first, and the others follow their ratings.
    place = {i: rank for rank, i in enumerate(order)}
    return [p for _, p in sorted(enumerate(found), key=lambda e: (-e[1].log_probability, place.get(e[0], -1)))]


class Ranked:
    """A prover whose proposals come in a ranker's order.

    Args:
        prover: proposes.
        ranking: orders.
    """

    def __init__(self, prover: Prover, ranking: Ranking) -> None:
        self.name = prover.name
        self.systems = prover.systems
        self.batch = int(getattr(prover, "batch", 1))
        self.patience = int(getattr(prover, "patience", 1))
        self._prover = prover
        self._ranking = ranking

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose what the prover does; raises what it raises."""
        answers = await self._prover.propose(goals, n)
        return [await self._ranking.order(view, group) for view, group in zip(goals, answers, strict=True)]

    async def close(self) -> None:
        """Close the prover."""
        await self._prover.close()
