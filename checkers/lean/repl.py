"""One process of the Lean REPL (leanprover-community/repl): JSON requests in, JSON answers out.

A request is one JSON document and a blank line; an answer is one, over several lines, and a blank line. The REPL joins
the lines of a request, so that a raw newline would be lost; text that is no JSON ends it, with the reason on its
standard error only (`REPL/Main.lean`). It cannot be interrupted: whoever has waited long enough kills it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checkers.lean.replies import Reply, read
from checkers.process import Confinement, Supervisor
from checkers.process.causes import Exit, Reason, memory, wall_time
from lemmata import strict_json
from lemmata.errors import BackendCrashed, InputError, LimitExceeded
from lemmata.verdict import Limits

OUTPUT_CAP = 256 << 20
"""Most bytes of one answer."""
_MAPPED_BYTES = 32 << 30
"""Address space beside the memory limit: Lean maps the compiled files of a library, which costs no memory."""
_WATCH_SECONDS = 0.25
"""How often the memory of a process that works is looked at."""
_FAREWELL_SECONDS = 1.0
"""How long a process that closed its output may take to end, so that its own end tells the cause."""
_END = b"\n\n"


class OutOfTime(LimitExceeded):
    """A request was not answered in time; the process was killed."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How the REPL is started."""

    command: tuple[str, ...]
    directory: Path | None = None
    """Where it works: a Lake project's folder, for example; None is a private one."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that it needs."""


class Repl:
    """A live process; one task at a time may use it.

    Args:
        supervisor: starts the process.
        launch: what to start.
        limits: memory and file size of the process; its wall time is left to each request.

    Raises:
        BackendMissing: there is no such program.
        BackendError: it cannot be started.
    """

    def __init__(self, supervisor: Supervisor, launch: Launch, limits: Limits) -> None:
        space = None if limits.memory_bytes is None else limits.memory_bytes + _MAPPED_BYTES
        private = launch.directory is None
        self._limits = limits
        self._child = supervisor.spawn(
            launch.command,
            Limits(None, None, space, limits.file_bytes),
            Confinement(
                private_directory=private,
                directory=launch.directory,
                environment=launch.environment,
                network=False,
            ),
            output_cap=OUTPUT_CAP,
        )

    @property
    def alive(self) -> bool:
        """Whether the process can be asked."""
        return self._child.alive

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    @property
    def own_bytes(self) -> int:
        """Its resident size without what it shares with files, 0 where that is not known (see proc(5), `statm`)."""
        try:
            fields = Path(f"/proc/{self.pid}/statm").read_text("ascii").split()
            return max(int(fields[1]) - int(fields[2]), 0) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError, ValueError):
            return 0

    async def ask(self, request: Mapping[str, Any], seconds: float | None) -> Reply:
        """Send a request and return the answer.

        Args:
            request: JSON values.
            seconds: wall-clock limit; None waits for ever.

        Raises:
            InputError: the request holds text that is no Unicode; nothing was sent.
            OutOfTime: there was no answer in time; the process was killed.
            LimitExceeded: it went over another limit and was killed.
            BackendCrashed: it died, or answered with something else; it is gone.
        """
        try:
            data = json.dumps(request, ensure_ascii=False).encode() + _END
        except UnicodeEncodeError:
            raise InputError("the text is no valid Unicode") from None
        if not self._child.alive:
            raise self._death(await self._child.wait())
        watch = asyncio.create_task(self._watch())
        try:
            async with asyncio.timeout(seconds):
                raw = await self._exchange(data)
        except TimeoutError:
            await self._child.kill(wall_time(seconds or 0.0))
            raise OutOfTime(f"the Lean REPL was killed: no answer within {seconds:g} s") from None
        except asyncio.CancelledError:
            # Its late answer could be taken for the next one's.
            await self._child.kill(Reason("killed: its request was cancelled"))
            raise
        finally:
            watch.cancel()
        if not raw.endswith(_END):
            raise self._death(await self._farewell())
        return await self._read(raw)

    async def _exchange(self, data: bytes) -> bytes:
        # A long request and a long answer must not wait for each other.
        writing = asyncio.create_task(self._child.write(data))
        try:
            raw = b"\n"
            while raw.strip() == b"" and raw:
                raw = await self._child.read_until(_END)
            return raw
        finally:
            writing.cancel()
            await asyncio.wait({writing})

    async def _read(self, raw: bytes) -> Reply:
        try:
            document = strict_json.parse(raw.decode())
            if isinstance(document, dict):
                return read(document)
        except ValueError:
            pass
        except BackendCrashed:
            await self._child.kill(Reason("killed: its answer is not in the protocol"))
            raise
        shown = raw[:80].decode("utf-8", "replace").strip()
        await self._child.kill(Reason("killed: its answer is not in the protocol"))
        raise BackendCrashed(f"the Lean REPL: its answer is not in the protocol: {shown!r}")

    async def _watch(self) -> None:
        """Kill the process when it takes more memory than it may."""
        bound = self._limits.memory_bytes
        while bound is not None and self._child.alive:
            await asyncio.sleep(_WATCH_SECONDS)
            if self.own_bytes > bound:
                self._child.kill_now(memory(self._limits))

    async def _farewell(self) -> Exit:
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(self._child.wait(), _FAREWELL_SECONDS)
        return await self._child.kill(Reason("killed: it closed its output without an answer"))

    def _death(self, ended: Exit) -> BackendCrashed | LimitExceeded:
        what = f"the Lean REPL ended: {ended.cause or f'exit code {ended.code}'}"
        return LimitExceeded(what) if ended.limit else BackendCrashed(what)

    async def close(self) -> None:
        """End the process with everything it started; safe to call twice."""
        await self._child.kill()
