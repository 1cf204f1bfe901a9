"""An Isabelle server of our own, with one session in it: a process group, a connection, a private folder.

`isabelle server -n NAME` says where it listens in its first line ("The Isabelle server" in the Isabelle system manual).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from checkers.isabelle.installation import Installation
from checkers.isabelle.project import Project
from checkers.isabelle.protocol import Address, CommandRefused, Connection
from checkers.isabelle.results import Result, read
from checkers.process import Child, Confinement, Reason, Supervisor
from lemmata.errors import BackendCrashed, BackendError, LimitExceeded
from lemmata.verdict import Limits

START_SECONDS = 120.0
"""For the server itself."""
SESSION_SECONDS = 1800.0
"""For starting a session: images that are missing are built first."""

_ADDRESS = re.compile(r'server "[^"]*" = (127\.0\.0\.1):(\d{1,5}) \(password "([^"\s]+)"\)')
_ANSWER_SECONDS = 20.0
_FAREWELL_SECONDS = 5.0
_OPTIONS = (
    "headless_check_delay=0.05",
    "headless_consolidate_delay=0.05",
    "headless_prune_delay=5",
    "show_states=true",
    "goals_limit=100",
)
_WIDE = 1_000_000.0
"""Columns of a line in messages: nothing is broken into lines."""


class Server:
    """A running server with a session; made by `Server.start`."""

    def __init__(self, child: Child, address: Address, folder: Path) -> None:
        self._child = child
        self._address = address
        self._draining = asyncio.create_task(_drain(child))
        self._connection: Connection | None = None
        self._session = ""
        self._turn = asyncio.Lock()
        self._dirty = False
        """Whether an earlier check may have left its theories behind."""
        self.folder = folder
        """Private to this server; it lies where the server can read it."""

    @classmethod
    async def start(
        cls, supervisor: Supervisor, installation: Installation, project: Project, folder: Path, limits: Limits
    ) -> Server:
        """Start a server and the session that a project wants.

        Args:
            supervisor: starts the process.
            installation: which Isabelle.
            project: says which session, and where it is defined.
            folder: where theories are put; whoever makes it removes it.
            limits: `file_bytes` holds for the server; its address space is not bounded, as neither the Java nor the
                ML run-time system works within a small one.

        Raises:
            BackendError: it cannot be started, or the session cannot.
        """
        name = f"lemmata_{secrets.token_hex(8)}"
        bounded = Limits(None, None, None, None)
        confinement = Confinement(directory=folder, environment={"TMPDIR": str(folder)})
        child = supervisor.spawn([installation.program, "server", "-n", name], bounded, confinement)
        try:
            server = cls(child, await _address(child), folder)
        except BaseException:
            await child.kill()
            raise
        try:
            await server._begin(project, limits.wall_seconds)
        except BaseException:
            await server.close()
            raise
        return server

    async def _begin(self, project: Project, seconds: float | None) -> None:
        arguments: dict[str, Any] = {
            "session": project.logic,
            "dirs": list(project.directories),
            "include_sessions": list(project.sessions),
        }
        connection = await self._connected()
        patience = max(seconds or 0.0, SESSION_SECONDS)
        try:
            try:
                said = await connection.task("session_start", {**arguments, "options": list(_OPTIONS)}, patience)
            except CommandRefused:
                # An Isabelle that does not know one of the options: without them it is slower, and shows less.
                said = await connection.task("session_start", arguments, patience)
        except CommandRefused as error:
            raise BackendError(f"Isabelle cannot start the session {project.logic}: {error.message}") from None
        except TimeoutError:
            hint = f"build its image first: isabelle build -b {project.logic}"
            raise LimitExceeded(f"Isabelle does not start the session {project.logic} in time", hint=hint) from None
        match said:
            case {"session_id": str(identifier)} if identifier:
                self._session = identifier
            case _:
                raise BackendCrashed("the Isabelle server starts a session without saying which")

    async def _connected(self) -> Connection:
        if self._connection is None or not self._connection.alive:
            self._connection = await Connection.open(self._address, _ANSWER_SECONDS)
        return self._connection

    @property
    def alive(self) -> bool:
        """Whether it can still be used."""
        return self._child.alive

    async def use(self, folder: Path, theories: Sequence[str], seconds: float | None, keep: bool = False) -> Result:
        """Have theories processed, and forget them again.

        Args:
            folder: holds the theories; one of its own for each call, since theories of the same name may differ.
            theories: their names.
            seconds: for all of them.
            keep: leaves them in the session, for others to import.

        Raises:
            TimeoutError: they were not processed in time; the session is good.
            BackendError: the session is lost.
        """
        async with self._turn:
            if self._dirty:
                await self._purge({"all": True, "theories": []})
            connection = await self._connected()
            arguments = {
                "session_id": self._session,
                "theories": list(theories),
                "master_dir": str(folder),
                "pretty_margin": _WIDE,
                "check_delay": 0.05,
                "watchdog_timeout": 0.0,
            }
            self._dirty = not keep
            said = await connection.task("use_theories", arguments, seconds)
            result = read(said)
            if not keep:
                await self._purge({"theories": list(theories), "master_dir": str(folder)})
            return result

    async def _purge(self, arguments: Mapping[str, Any]) -> None:
        connection = await self._connected()
        await connection.command("purge_theories", {"session_id": self._session, **arguments}, _ANSWER_SECONDS)
        self._dirty = False

    async def close(self) -> None:
        """End the session and the process with everything it started; safe to call twice."""
        if self._child.alive:
            with contextlib.suppress(BackendError, TimeoutError):
                await self._farewell()
        await self._child.kill(Reason("ended on request"), grace=_FAREWELL_SECONDS if self._child.alive else 0.0)
        self._draining.cancel()
        with contextlib.suppress(asyncio.CancelledError, BackendError):
            await self._draining

    async def _farewell(self) -> None:
        connection = self._connection
        if connection is None or not connection.alive or self._turn.locked():
            return
        try:
            if self._session:
                await connection.task("session_stop", {"session_id": self._session}, _FAREWELL_SECONDS)
            await connection.command("shutdown", None, _FAREWELL_SECONDS)
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await self._child.wait()
        finally:
            await connection.close()

    async def abandon(self) -> None:
        """Kill it at once, without a farewell."""
        if self._connection is not None:
            await self._connection.close()
        await self._child.kill()
        await self.close()


async def _address(child: Child) -> Address:
    """Read where a server listens from its first line of output."""
    try:
        async with asyncio.timeout(START_SECONDS):
            line = (await child.read_line()).decode("utf-8", "replace").strip()
    except TimeoutError:
        raise LimitExceeded(f"the Isabelle server does not start within {START_SECONDS:.0f} s") from None
    found = _ADDRESS.fullmatch(line)
    if found is None or not 0 < int(found[2]) < 1 << 16:
        said = line or child.stderr_tail.strip()[-200:] or "nothing"
        raise BackendCrashed(f"the Isabelle server does not say where it listens, but {said[:200]!r}")
    return Address(found[1], int(found[2]), found[3])


async def _drain(child: Child) -> None:
    """Read what the process prints, so that it never waits for anybody to."""
    while await child.read_line():
        pass
