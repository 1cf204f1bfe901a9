"""Several things done at once, until they are done or somebody asks to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def drain(items: Sequence[T], do: Callable[[T], Awaitable[None]], jobs: int) -> bool:
    """Do something with each item, in their order, `jobs` at once; SIGINT and SIGTERM end it.

    Args:
        items: what there is.
        do: is cancelled where a signal comes or another one raises.
        jobs: how many are worked on at once.

    Returns:
        Whether everything is done, which it is not after a signal.
    """
    return asyncio.run(_drained(items, do, jobs))


async def _drained(items: Sequence[T], do: Callable[[T], Awaitable[None]], jobs: int) -> bool:
    waiting = iter(items)

    async def one_after_the_other() -> None:
        for item in waiting:
            await do(item)

    async def everything() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(jobs, len(items))):
                group.create_task(one_after_the_other())

    doing = asyncio.create_task(everything())
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        doing.cancel()

    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as stack:
        for number in (signal.SIGINT, signal.SIGTERM):
            # Outside of the main thread there are no signals to handle.
            with contextlib.suppress(ValueError, RuntimeError):
                loop.add_signal_handler(number, stop)
                stack.callback(loop.remove_signal_handler, number)
        try:
            await doing
        except asyncio.CancelledError:
            if not stopped:
                raise
        except BaseExceptionGroup as group:
            error: BaseException = group
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            raise error from None
    return not stopped
