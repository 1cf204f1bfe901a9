"""Asks the critics about new goals, in batches, each at its own pace, while the search goes on."""

from __future__ import annotations

import asyncio
import functools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemmata.goal import GoalView, Obligation
from lemmata.graph import GoalNode, GoalStatus
from lemmata.protocols import Critic
from search.state import SearchState

BATCH = 64
"""Greatest number of goals in one question."""
MAX_FAILURES = 3
"""A critic that fails this often in a row is not asked any more."""


@dataclass(slots=True, eq=False)
class _Asked:
    """A critic, what it said and what it is still to be asked about."""

    critic: Critic
    scores: dict[int, float] = field(default_factory=dict)
    waiting: dict[int, None] = field(default_factory=dict)
    failures: int = 0
    task: asyncio.Task[None] | None = None

    @property
    def dropped(self) -> bool:
        """Whether it is not asked any more."""
        return self.failures >= MAX_FAILURES


class Scorer:
    """The critics' estimates; goals are explored without one until it is there.

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
        self._asked = [_Asked(critic) for critic in critics]
        self.scored: Callable[[GoalNode], None] = lambda node: None
        """Told of every goal that has an estimate now."""

    def score(self, node: GoalNode) -> tuple[float | None, ...]:
        """Return each critic's estimate for a goal.

        A critic that said nothing of it yet is to be asked, and what it said of the goal's parent counts until then.
        """
        return tuple(self._score(asked, node) for asked in self._asked)

    def _score(self, asked: _Asked, node: GoalNode) -> float | None:
        score = asked.scores.get(node.node)
        if score is None:
            if not asked.dropped:
                asked.waiting[node.node] = None
            # Without it, new goals would overtake those that a critic has already marked down.
            if node.via is not None:
                return asked.scores.get(self._state.graph.step(node.via).goal)
        return score

    def dispatch(self) -> None:
        """Ask every critic that is free about the goals noted."""
        for asked in self._asked:
            if asked.waiting and asked.task is None and not asked.dropped:
                asked.task = asyncio.create_task(self._ask(asked))
                asked.task.add_done_callback(functools.partial(self._ended, asked))

    async def stop(self, seconds: float) -> None:
        """Cancel the questions under way and wait for them, but no longer than `seconds`."""
        tasks = [asked.task for asked in self._asked if asked.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    def _ended(self, asked: _Asked, task: asyncio.Task[None]) -> None:
        asked.task = None
        self._state.wake.set()

    async def _ask(self, asked: _Asked) -> None:
        goals = list(asked.waiting)[:BATCH]
        for number in goals:
            del asked.waiting[number]
        nodes = [n for n in map(self._state.graph.goal, goals) if n.status is GoalStatus.OPEN]
        if not nodes:
            return
        views = [GoalView(n.goal, self._obligation, n.depth, (), self._context) for n in nodes]
        for node, score in zip(nodes, await self._answer(asked, views), strict=True):
            if score is not None:
                asked.scores[node.node] = score
                self.scored(node)

    async def _answer(self, asked: _Asked, views: Sequence[GoalView]) -> Sequence[float | None]:
        try:
            answer: Any = await asked.critic.score(views)
            if len(answer) != len(views):
                raise ValueError(f"{len(answer)} scores for {len(views)} goals")
            scores = [_sound(value) for value in answer]
        except Exception as error:  # noqa: BLE001 - a faulty critic must not end the search
            asked.failures += 1
            name = getattr(asked.critic, "name", self._asked.index(asked))
            self._state.log("warning", f"critic {name} failed ({asked.failures} of {MAX_FAILURES}): {error!r}")
            return [None] * len(views)
        asked.failures = 0
        return scores


def _sound(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return min(float(value), 0.0)


@dataclass(slots=True)
class CriticStats:
    """What one critic or ranker did in a search."""

    judged: int = 0
    """Goals, or steps."""
    seconds: float = 0.0
    """What that took."""
    failures: int = 0
    message: str = ""
    """Of its last failure."""

    def failed(self, error: Exception) -> None:
        """Count a question without a sound answer."""
        self.failures += 1
        self.message = str(error) or type(error).__name__


class Counted:
    """A critic, and what it did.

    Args:
        critic: whom to ask.
    """

    def __init__(self, critic: Critic) -> None:
        self.name = critic.name
        self.stats = CriticStats()
        self._critic = critic

    async def score(self, goals: Sequence[GoalView]) -> list[float]:
        """Return what the critic says; raises what it raises."""
        began = time.monotonic()
        try:
            found = await self._critic.score(goals)
        except Exception as error:
            self.stats.failed(error)
            raise
        self.stats.judged += len(goals)
        self.stats.seconds += time.monotonic() - began
        return found
