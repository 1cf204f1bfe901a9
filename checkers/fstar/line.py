"""A process that has loaded what stands above a goal, and is brought back whenever it is lost."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from checkers.fstar.fragments import Fragment
from checkers.fstar.protocol import Answer, Ide, Overran
from checkers.process import Supervisor
from lemmata.errors import BackendCrashed, BackendError
from lemmata.verdict import Limits

_GROWTH_BYTES = 2 << 30
"""A process that has grown by so much is replaced."""
_SOLVER_QUERIES = 64
"""After so many fragments the solver is started anew, so that it does not slow down."""
_POP_SECONDS = 5.0


class LoadFailed(Exception):
    """F* refuses what stands above the goal."""

    def __init__(self, fragment: Fragment, answer: Answer) -> None:
        super().__init__(answer.error)
        self.fragment = fragment
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Load:
    """What a process is given before it is of use."""

    command: tuple[str, ...]
    folder: Path
    """Where it works: the file's own folder."""
    files: tuple[tuple[str | None, str], ...]
    """Files that are not as on disk, with their text; None is the file itself."""
    fragments: tuple[Fragment, ...]
    """What stands above the goal."""
    name: str
    """Full name of what is defined, for a file that is loaded from its compiled form; empty where it is not to be."""
    header: str
    """What has to stand above the goal's fragment then."""


class Line:
    """One process at a time; one task at a time may use it."""

    def __init__(self, supervisor: Supervisor, load: Load, limits: Limits) -> None:
        self._supervisor = supervisor
        self._load = load
        self._limits = limits
        self._ide: Ide | None = None
        self._resident = 0
        self._pushes = 0
        self._compiled = bool(load.name) and not load.files
        """Whether the file's compiled form is to be loaded."""
        self.loading_seconds = 0.0
        """How long the last process took to start and load."""
        self.starts = 0
        """How many processes were started."""

    async def check(self, fragment: Fragment, seconds: float | None) -> Answer:
        """Push a fragment behind what is loaded, and pop it again.

        Raises:
            Overran: `seconds` were over; loading does not count.
            LoadFailed: F* refuses what stands above.
            BackendError: the process died, was killed, or broke the protocol; the next call starts a fresh one.
        """
        ide = await self.ready()
        if self._pushes and self._pushes % _SOLVER_QUERIES == 0 and ide.can("restart-solver"):
            await ide.query("restart-solver", {}, seconds)
        self._pushes += 1
        header = self._load.header if self._compiled else ""
        line = max(fragment.line - header.count("\n"), 1)
        answer = await ide.push(header + fragment.text, line, fragment.column, seconds)
        if answer.pushed:
            await self._pop(ide)
        if self._grown(ide):
            await self.close()
        return answer

    async def ready(self) -> Ide:
        """Return a live process that has loaded everything; raises as `check`."""
        if self._ide is not None and self._ide.alive:
            return self._ide
        await self.close()
        began = time.monotonic()
        ide = await self._start()
        if self._compiled and not await self._load_compiled(ide):
            # There is no compiled form of this very text: the text itself does as well, only slower.
            self._compiled = False
            if not ide.alive:
                ide = await self._start()
        if not self._compiled:
            await self._load_text(ide)
        self._ide, self._pushes = ide, 0
        self._resident = _resident(ide.pid)
        self.loading_seconds = time.monotonic() - began
        return ide

    async def _start(self) -> Ide:
        seconds = self._limits.wall_seconds
        ide = await Ide.start(self._supervisor, self._load.command, self._load.folder, self._limits, seconds)
        self.starts += 1
        for name, contents in self._load.files:
            answer = await ide.query("vfs-add", {"filename": name, "contents": contents}, seconds)
            if answer.status != "success":
                await ide.close()
                raise BackendCrashed(f"fstar.exe does not take the text of a file: {answer.error}")
        return ide

    async def _load_compiled(self, ide: Ide) -> bool:
        """Load the file's compiled form up to the goal; False where there is none, or F* cannot."""
        if not ide.can("push-partial-checked-file"):
            return False
        seconds = self._limits.wall_seconds
        try:
            answer = await ide.query("push-partial-checked-file", {"until-lid": self._load.name}, seconds)
        except (Overran, BackendError):
            return False
        if answer.pushed and not answer.accepted:
            await ide.close()
        return answer.accepted

    async def _load_text(self, ide: Ide) -> None:
        for fragment in self._load.fragments:
            answer = await ide.push(fragment.text, fragment.line, fragment.column, self._limits.wall_seconds)
            if not answer.accepted:
                await ide.close()
                raise LoadFailed(fragment, answer)

    async def _pop(self, ide: Ide) -> None:
        """Take the last fragment back; a process that cannot is ended, for what was said of the fragment stands."""
        try:
            answer = await ide.query("pop", {}, _POP_SECONDS)
        except (Overran, BackendError):
            await ide.close()
        else:
            if answer.status != "success":
                await ide.close()

    def _grown(self, ide: Ide) -> bool:
        return ide.alive and _resident(ide.pid) > self._resident + _GROWTH_BYTES

    async def close(self) -> None:
        """End the process; safe to call twice."""
        ide, self._ide = self._ide, None
        if ide is not None:
            await ide.close()


def vfs(path: Path, source: str, interface: str) -> Sequence[tuple[str | None, str]]:
    """Return the files whose text is not that on disk."""
    found: list[tuple[str | None, str]] = []
    if not _same(path, source):
        found.append((None, source))
    if interface and not _same(path.with_suffix(".fsti"), interface):
        found.append((path.with_suffix(".fsti").name, interface))
    return found


def _same(path: Path, text: str) -> bool:
    with contextlib.suppress(OSError):
        return path.read_bytes() == text.encode("utf-8", "surrogateescape")
    return False


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
