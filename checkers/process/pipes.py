"""Our ends of a child's three pipes: read on demand, written in full, drained into a ring.

asyncio's own streams stop at lines of 64 KiB or buffer twice their limit unasked, and need a child watcher; these
read only what somebody waits for, so a child that floods its output is stopped by its own full pipe.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

_CHUNK = 1 << 18
_TAIL = 1 << 10


class OutputTooLarge(Exception):
    """A child wrote more than its reader was ready to take."""


class _End:
    """One non-blocking pipe end; `close` may come from a callback while somebody waits."""

    def __init__(self, fd: int, loop: asyncio.AbstractEventLoop) -> None:
        os.set_blocking(fd, False)
        self.fd = fd
        self._loop = loop
        self._waiter: asyncio.Future[None] | None = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _ready(self, add: Callable[..., None], remove: Callable[[int], bool]) -> None:
        waiter = self._waiter = self._loop.create_future()
        fd = self.fd
        add(fd, self._wake)
        try:
            await waiter
        finally:
            self._waiter = None
            if self.fd == fd:
                remove(fd)

    def close(self) -> None:
        """Close our end and wake whoever waits on it; safe to call twice."""
        if self.fd < 0:
            return
        if not self._loop.is_closed():
            self._loop.remove_reader(self.fd)
            self._loop.remove_writer(self.fd)
            self._wake()
        os.close(self.fd)
        self.fd = -1


class Reader(_End):
    """A child's standard output, read only while somebody waits for more of it.

    Args:
        fd: our end of the pipe.
        loop: the running loop.
        cap: most bytes of one line, or of everything in `read_all`.
    """

    def __init__(self, fd: int, loop: asyncio.AbstractEventLoop, cap: int) -> None:
        super().__init__(fd, loop)
        self._cap = cap
        self._buffer = bytearray()
        self.tail = b""
        """The last bytes received, for messages."""

    async def read_until(self, separator: bytes) -> bytes:
        """Return everything up to and including `separator`, or what is left at the end of the output.

        Raises:
            OutputTooLarge: the separator does not come within the cap.
        """
        searched = 0
        while (found := self._buffer.find(separator, searched)) < 0:
            searched = max(0, len(self._buffer) - len(separator) + 1)
            if not await self._more():
                return self._take(len(self._buffer))
        return self._take(found + len(separator))

    async def read_exactly(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer only at the end of the output.

        Raises:
            OutputTooLarge: `count` is over the cap.
        """
        while len(self._buffer) < count and await self._more():
            pass
        return self._take(min(count, len(self._buffer)))

    async def read_all(self) -> bytes:
        """Return everything up to the end of the output.

        Raises:
            OutputTooLarge: it is more than the cap.
        """
        while await self._more():
            pass
        return self._take(len(self._buffer))

    def finish(self) -> None:
        """Take in what the pipe still holds, then close; a pipe kept open by an escaped process counts as ended."""
        room = 1 << 21  # more than a pipe can hold, so that an escaped writer cannot keep us here
        while self.fd >= 0 and room > 0:
            got = self._receive()
            if not got:
                break
            room -= got
        self.close()

    async def _more(self) -> bool:
        if len(self._buffer) >= self._cap:
            raise OutputTooLarge
        while self.fd >= 0:
            got = self._receive()
            if got is not None:
                return got > 0
            before = len(self._buffer)
            await self._ready(self._loop.add_reader, self._loop.remove_reader)
            if len(self._buffer) > before:  # `finish` came first
                return True
        return False

    def _receive(self) -> int | None:
        """Read what is there: its size, 0 at the end, None when nothing is there yet."""
        try:
            data = os.read(self.fd, _CHUNK)
        except BlockingIOError:
            return None
        if data:
            self._buffer += data
            self.tail = (self.tail + data[-_TAIL:])[-_TAIL:]
        return len(data)

    def _take(self, count: int) -> bytes:
        taken = bytes(memoryview(self._buffer)[:count])
        del self._buffer[:count]
        return taken


class Writer(_End):
    """A child's standard input."""

    async def write(self, data: bytes) -> None:
        """Write all of `data`; what an ended child or a closed pipe cannot take is dropped."""
        rest = memoryview(data)
        while rest and self.fd >= 0:
            try:
                rest = rest[os.write(self.fd, rest) :]
            except BlockingIOError:
                await self._ready(self._loop.add_writer, self._loop.remove_writer)
            except BrokenPipeError:
                self.close()


class Drain(_End):
    """A child's standard error, read as it comes; the last `keep` bytes are kept."""

    def __init__(self, fd: int, loop: asyncio.AbstractEventLoop, keep: int) -> None:
        super().__init__(fd, loop)
        self._keep = keep
        self._ring = bytearray()
        loop.add_reader(fd, self._receive)

    @property
    def text(self) -> str:
        """The last `keep` bytes as text."""
        return self._ring[-self._keep :].decode("utf-8", "replace")

    def finish(self) -> None:
        """Take in what the pipe still holds, then close."""
        for _ in range(1 << 5):  # more than a pipe can hold, and an end even for an escaped writer
            if self.fd < 0 or not self._receive():
                break
        self.close()

    def _receive(self) -> bool:
        try:
            data = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return False
        if not data:
            self.close()
            return False
        self._ring += data
        if len(self._ring) > 4 * self._keep:
            del self._ring[: -self._keep]
        return True
