"""Asks the critics about new goals, in batches, while the search goes on."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lemmata.goal import GoalView, Obligation
from lemmata.graph import GoalNode, GoalStatus
from lemmata.protocols import Critic
from search.state import SearchState

BATCH = 64
"""Greatest number of goals in one question."""
MAX_FAILURES = 3
"""A critic that fails this often in a row is not asked any more."""


class Scorer:
    """The critics' estimates, averaged; goals are explored without one until it is there.

    Args:
        state: the search.
        obligation: what is to be proved.
        context: the session's facts.
        critics: whom to ask.
    """

    def __init__(
        self, state: SearchState, obligation: Obligation, context: Mapping[str, Any], critics: Sequence[Critic]
    ) -> None:
        self._state = state
        self._obligation = obligation
        self._context = context
        self._failures: dict[int, int] = dict.fromkeys(range(len(critics)), 0)
        self._critics = list(critics)
        self._waiting: dict[int, None] = {}
        self._scores: dict[int, float] = {}
        self._task: asyncio.Task[None] | None = None
        self.scored: Callable[[GoalNode], None] = lambda node: None
        """Told of every goal that has an estimate now."""

    def score(self, node: GoalNode) -> float | None:
        """Return the estimate for a goal; one that has none yet is noted to be asked about, and takes its parent's."""
        if not self._failures and not self._scores:
            return None
        score = self._scores.get(node.node)
        if score is None:
            if self._failures:
                self._waiting[node.node] = None
            # Without it, new goals would overtake those that a critic has already marked down.
            if node.via is not None:
                return self._scores.get(self._state.graph.step(node.via).goal)
        return score

    def dispatch(self) -> None:
        """Ask about the goals noted, unless an answer is awaited."""
        if self._waiting and self._failures and self._task is None:
            self._task = asyncio.create_task(self._ask())

    async def stop(self, seconds: float) -> None:
        """Cancel the question under way and wait for it, but no longer than `seconds`."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=seconds)

    async def _ask(self) -> None:
        goals = list(self._waiting)[:BATCH]
        for number in goals:
            del self._waiting[number]
        nodes = [n for n in map(self._state.graph.goal, goals) if n.status is GoalStatus.OPEN]
        views = [GoalView(n.goal, self._obligation, n.depth, (), self._context) for n in nodes]
        try:
            answers = [await self._score(index, views) for index in list(self._failures)] if views else []
            sound = [answer for answer in answers if answer is not None]
            for position, node in enumerate(nodes if sound else []):
                values = [v for v in (answer[position] for answer in sound) if v is not None]
                if values:
                    self._scores[node.node] = sum(values) / len(values)
                    self.scored(node)
        finally:
            self._task = None
            self._state.wake.set()

    async def _score(self, index: int, views: Sequence[GoalView]) -> list[float | None] | None:
        critic = self._critics[index]
        try:
            answer: Any = await critic.score(views)
            if len(answer) != len(views):
                raise ValueError(f"{len(answer)} scores for {len(views)} goals")
            scores = [_sound(value) for value in answer]
        except Exception as error:  # noqa: BLE001 - a faulty critic must not end the search
            self._failures[index] += 1
            self._state.log("warning", f"critic {getattr(critic, 'name', index)} failed: {error!r}")
            if self._failures[index] >= MAX_FAILURES:
                del self._failures[index]
            return None
        self._failures[index] = 0
        return scores


def _sound(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return min(float(value), 0.0)
