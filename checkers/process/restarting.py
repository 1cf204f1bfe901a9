"""A backend that survives its own death: started again, and brought back to where it was, when it is next needed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from lemmata.errors import BackendCrashed, BackendError, BackendMissing


class Restartable(Protocol):
    """What can be ended and tells whether it still runs; `Child`-like backends are."""

    @property
    def alive(self) -> bool:
        """Whether it can still be used."""
        ...

    async def close(self) -> None:
        """End it; safe to call twice."""
        ...


B = TypeVar("B", bound=Restartable)
R = TypeVar("R")


class Restarting(Generic[B]):
    """Gives work to one backend at a time, in turns, and replaces it when it has died.

    The work during which a backend dies is not repeated: a step that kills its backend would kill every one of them.

    Args:
        start: starts a fresh backend.
        replay: brings a fresh backend to the needed state, from whatever log the caller keeps.
        attempts: how often starting and replaying is tried before giving up.
    """

    def __init__(
        self, start: Callable[[], Awaitable[B]], replay: Callable[[B], Awaitable[None]], attempts: int = 2
    ) -> None:
        self._start = start
        self._replay = replay
        self._attempts = attempts
        self._backend: B | None = None
        self._turn = asyncio.Lock()
        self._closed = False
        self.starts = 0
        """How many backends were started, the first one included."""

    async def use(self, work: Callable[[B], Awaitable[R]]) -> R:
        """Run `work` on a live backend that is in the needed state.

        Args:
            work: a `BackendError` from it, or its cancellation, ends the backend; the next use gets a fresh one.

        Raises:
            BackendCrashed: no backend could be brought to the needed state, or it died during `work`.
            BackendError: whatever `work` raises.
        """
        async with self._turn:
            backend = await self._ready()
            try:
                return await work(backend)
            except (BackendError, asyncio.CancelledError):
                await self._drop()
                raise

    async def _ready(self) -> B:
        if self._closed:
            raise BackendCrashed("the session is closed")
        if self._backend is not None and self._backend.alive:
            return self._backend
        await self._drop()
        failure: BackendError | None = None
        for _ in range(self._attempts):
            try:
                self._backend = await self._fresh()
            except BackendMissing:
                raise
            except BackendError as error:
                failure = error
            else:
                return self._backend
        message = failure.message if failure else "never tried"
        raise BackendCrashed(f"the backend cannot be brought back: {message}") from failure

    async def _fresh(self) -> B:
        backend = await self._start()
        self.starts += 1
        try:
            await self._replay(backend)
        except BaseException:
            await backend.close()
            raise
        return backend

    async def _drop(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            await backend.close()

    async def close(self) -> None:
        """End the backend for good; safe to call twice."""
        self._closed = True
        await self._drop()
