"""Makes a found proof smaller: drops the parts of its steps, or the steps, that it does not need."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from lemmata.protocols import Shrinker
from lemmata.step import Step
from lemmata.verdict import Limits

T = TypeVar("T")


async def ddmin(items: Sequence[T], test: Callable[[list[T]], Awaitable[bool]]) -> list[T]:
    """Reduce a list that passes a test to a sublist that passes and loses it with any one item less.

    A. Zeller and R. Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE 28(2), 2002;
    complements only.

    Args:
        items: passes the test as a whole.
        test: whether a sublist passes; it is not asked about the whole list.
    """
    kept = list(items)
    pieces = 1 if len(kept) == 1 else 2
    while kept:
        size = max(len(kept) // pieces, 1)
        for start in range(0, len(kept), size):
            smaller = kept[:start] + kept[start + size :]
            if await test(smaller):
                kept = smaller
                pieces = max(pieces - 1, 2)
                break
        else:
            if size == 1:
                break
            pieces = min(2 * pieces, len(kept))
    return kept


class _OutOfTime(Exception):
    """Ends the reduction early; what was reached so far counts."""


async def minimise(
    session: Shrinker,
    steps: Sequence[Step],
    limits: Limits,
    seconds: float | None,
    found: Callable[[list[Step]], None] = lambda steps: None,
) -> list[Step]:
    """Drop what a proof does not need.

    Of steps with parts, the parts that are not needed. Of a proof without any, whole steps, as long as they left
    exactly one subgoal: the proof of that subgoal takes their place.

    Args:
        session: says which smaller proofs still close the root.
        steps: the proof, root first.
        limits: limits of one question to the session.
        seconds: wall-clock limit of the whole reduction; None for none.
        found: told of every smaller proof, so that the last one is known even when the reduction is cancelled.

    Returns:
        A proof that the session accepts, no larger than `steps`; `steps` itself where it accepts no smaller one.

    Raises:
        Exception: whatever the session raises.
    """
    work = _Reduction(session, list(steps), limits, seconds, found)
    try:
        await work.take_core()
        await (work.drop_parts() if _parts(steps) else work.drop_steps())
    except _OutOfTime:
        pass
    return work.best


class _Reduction:
    """One proof that gets smaller; `best` is the smallest so far."""

    def __init__(
        self,
        session: Shrinker,
        steps: list[Step],
        limits: Limits,
        seconds: float | None,
        found: Callable[[list[Step]], None],
    ) -> None:
        self.best = steps
        self._session = session
        self._limits = limits
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._found = found

    async def take_core(self) -> None:
        """Begin with what the backend itself says is needed."""
        needed = await self._session.needed(self.best, self._left())
        if (_parts(needed), len(needed)) < (_parts(self.best), len(self.best)):
            await self._accepted(needed)

    async def drop_parts(self) -> None:
        """Drop parts, across all steps."""
        whole = self.best

        async def test(items: list[tuple[int, int]]) -> bool:
            kept = set(items)
            return await self._accepted(
                [s.keeping(tuple(p for j, p in enumerate(s.parts) if (i, j) in kept)) for i, s in enumerate(whole)]
            )

        await ddmin([(i, j) for i, step in enumerate(whole) for j in range(len(step.parts))], test)

    async def drop_steps(self) -> None:
        """Drop steps one after another until none can be spared.

        Most steps of a proof that was searched for are needed, and then this asks half as often as `ddmin` would. The
        last steps come first: nothing depends on the names that they introduce but what follows them.
        """
        dropped = True
        while dropped:
            dropped = False
            for position in reversed(range(len(self.best))):
                smaller = self.best[:position] + self.best[position + 1 :]
                if self.best[position].subgoals == 1 and await self._accepted(smaller):
                    dropped = True

    async def _accepted(self, candidate: Sequence[Step]) -> bool:
        if await self._session.accepts(candidate, self._left()) is not True:
            return False
        self.best = list(candidate)
        self._found(self.best)
        return True

    def _left(self) -> Limits:
        """Return the limits of the next question; raise `_OutOfTime` where there is no time for one."""
        if self._deadline is None:
            return self._limits
        left = self._deadline - time.monotonic()
        if left <= 0.0:
            raise _OutOfTime
        most = self._limits.wall_seconds
        return dataclasses.replace(self._limits, wall_seconds=left if most is None else min(most, left))


def _parts(steps: Sequence[Step]) -> int:
    return sum(len(step.parts) for step in steps)
