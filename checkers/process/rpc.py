"""The parent's side of `lemmata.rpc`: requests to a Python child, one JSON document a line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import lemmata.errors
from checkers.process import causes
from checkers.process.causes import Exit, Reason
from checkers.process.child import Child
from lemmata.errors import BackendCrashed, BackendError, LemmataError, LimitExceeded, Location

# How long a child that closed its output may take to end by itself, so that its exit code tells the cause.
_FAREWELL_SECONDS = 1.0


class RpcChild:
    """A child that answers requests; requests from several tasks take turns.

    Args:
        child: speaks the protocol of `lemmata.rpc` on its standard streams.
        name: how messages call it.
    """

    def __init__(self, child: Child, name: str) -> None:
        self.child = child
        self.name = name
        self._turn = asyncio.Lock()
        self._last_id = 0

    @property
    def alive(self) -> bool:
        """Whether the child can be sent requests."""
        return self.child.alive

    async def request(self, method: str, params: Mapping[str, Any], timeout: float | None = None) -> Any:
        """Send one request and return its result.

        A request that times out or is cancelled ends the child: its late answer could be taken for the next one's.

        Args:
            method: name of the handler in the child.
            params: JSON values.
            timeout: seconds from sending to the answer; waiting for one's turn does not count.

        Raises:
            LimitExceeded: the time or another limit ran out; the child is gone.
            BackendCrashed: the child died, broke the protocol, or its handler failed unexpectedly.
            LemmataError: whatever error of `lemmata.errors` the handler raised.
        """
        async with self._turn:
            self._last_id += 1
            request = {"id": self._last_id, "method": method, "params": dict(params)}
            answer = await self._exchange(json.dumps(request).encode() + b"\n", timeout)
            return await self._result(answer)

    async def _exchange(self, line: bytes, timeout: float | None) -> bytes:
        if not self.child.alive:
            raise self._death(await self.child.wait(), b"")
        try:
            async with asyncio.timeout(timeout):
                await self.child.write(line)
                answer = await self.child.read_line()
        except TimeoutError:
            ended = await self.child.kill(causes.wall_time(timeout or 0.0))
            raise self._death(ended, b"") from None
        except asyncio.CancelledError:
            await self.child.kill(Reason("killed: its request was cancelled"))
            raise
        if not answer.endswith(b"\n"):
            raise self._death(await self._end(), answer)
        return answer

    async def _end(self) -> Exit:
        try:
            async with asyncio.timeout(_FAREWELL_SECONDS):
                return await self.child.wait()
        except TimeoutError:
            return await self.child.kill(Reason("killed: it closed its output without an answer"))

    async def _result(self, line: bytes) -> Any:
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            raise await self._broken(line) from None
        if not isinstance(answer, dict) or answer.get("id") != self._last_id:
            raise await self._broken(line)
        if "result" in answer:
            return answer["result"]
        error = _decoded(answer.get("error"))
        if error is None:
            raise await self._broken(line)
        if isinstance(error, BackendError) and causes.out_of_memory(error.message):
            # What is left of a program that ran out of memory is not worth another request.
            ended = await self.child.kill(causes.memory(self.child.limits))
            raise self._death(ended, b"")
        raise error

    async def _broken(self, line: bytes) -> BackendCrashed:
        shown = line[:80].decode("utf-8", "replace").rstrip("\n")
        ended = await self.child.kill(Reason(f"killed: its answer is not in the protocol: {shown!r}"))
        return BackendCrashed(f"{self.name}: {ended.cause}")

    def _death(self, ended: Exit, partial: bytes) -> BackendError:
        cause = ended.cause or f"exited with code {ended.code} before its answer"
        if ended.limit:
            return LimitExceeded(f"{self.name}: {cause}", hint="raise the limit or simplify the input")
        if partial:
            cause += " (in the middle of an answer)"
        return BackendCrashed(f"{self.name}: {cause}")

    def interrupt(self) -> None:
        """Tell the child that nobody waits for its answer any more; it may then answer early, with less."""
        self.child.interrupt()

    async def close(self) -> None:
        """End the child and its group; safe to call twice."""
        await self.child.kill()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _decoded(error: Any) -> LemmataError | None:
    """Build the error an answer describes, None where it describes none."""
    match error:
        case {"type": str(name), "message": str(message)}:
            kind = vars(lemmata.errors).get(name)
            if not (isinstance(kind, type) and issubclass(kind, LemmataError)):
                kind, message = BackendCrashed, f"{name}: {message}"
            hint = error.get("hint")
            return kind(message, hint=hint if isinstance(hint, str) else "", location=_location(error.get("location")))
    return None


def _location(value: Any) -> Location | None:
    match value:
        case [str(file), int(line), int(column)]:
            return Location(file, line, column)
    return None
