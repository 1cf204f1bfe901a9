"""Makes a found proof smaller: drops the parts of its steps that it does not need."""

from __future__ import annotations

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


async def minimise(session: Shrinker, steps: Sequence[Step], limits: Limits, seconds: float | None) -> list[Step]:
    """Drop the parts of a proof's steps that it does not need.

    Args:
        session: says which smaller proofs still close the root.
        steps: the proof, root first.
        limits: limits of one question to the session.
        seconds: wall-clock limit of the whole reduction; None for none.

    Returns:
        A proof that the session accepts, with no more parts than `steps`; `steps` itself where it accepts no smaller
        one.

    Raises:
        Exception: whatever the session raises.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    best = list(steps)
    needed = await session.needed(best, limits)
    if _parts(needed) < _parts(best) and await session.accepts(needed, limits) is True:
        best = list(needed)

    def rebuild(items: Sequence[tuple[int, int]]) -> list[Step]:
        kept = set(items)
        return [s.keeping(tuple(p for j, p in enumerate(s.parts) if (i, j) in kept)) for i, s in enumerate(whole)]

    async def test(items: list[tuple[int, int]]) -> bool:
        nonlocal best
        if deadline is not None and time.monotonic() >= deadline:
            raise _OutOfTime
        candidate = rebuild(items)
        if await session.accepts(candidate, limits) is not True:
            return False
        best = candidate
        return True

    whole = best
    try:
        await ddmin([(i, j) for i, step in enumerate(whole) for j in range(len(step.parts))], test)
    except _OutOfTime:
        return best
    return best


def _parts(steps: Sequence[Step]) -> int:
    return sum(len(step.parts) for step in steps)
