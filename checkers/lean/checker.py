"""The checker for Lean 4 files."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from checkers.files import read
from checkers.lean import artefact as artefacts
from checkers.lean import installation, scan, setup, tactics
from checkers.lean.project import project
from checkers.process import Supervisor
from lemmata.errors import BackendMissing, Location
from lemmata.goal import Obligation
from lemmata.step import Step
from lemmata.verdict import Availability, Limits, Tool, Verification

if TYPE_CHECKING:
    from checkers.lean.session import LeanSession

_SIZE_LIMIT = 16 << 20
_MEMORY_BYTES = 32 << 30
"""Address space that Lean needs to map a large library; the resident size is much smaller."""
_VERIFY_SECONDS = 300.0
"""A file takes its time to compile, and a large library to load, however short the search was."""
_SESSION_BYTES = 4 << 30
"""What a session's process needs for itself with a large library."""


class LeanChecker:
    """Proves theorems of `.lean` files; a fresh `lean` and an audit of what it compiled decide.

    Args:
        supervisor: starts the processes.
    """

    name = "lean"
    suffixes = (".lean",)

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def probe(self) -> Availability:
        """Say whether Lean is installed."""
        try:
            found = await asyncio.to_thread(installation.find)
        except BackendMissing as error:
            return Availability(False, detail=error.message, install=error.hint)
        return Availability(True, found.version, "with the REPL" if found.repl else "without a REPL of its own")

    async def obligations(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        """List the holes of a file: every theorem whose whole proof is `sorry`, and every other `sorry`."""
        return await self._read(path, options, lambda hole: hole.unproved or hole.kind is scan.HoleKind.SORRY)

    async def catalogue(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        """List every theorem of a file, proved or not, and its holes."""
        return await self._read(path, options, lambda hole: True)

    async def _read(
        self, path: Path, options: Mapping[str, str], wanted: Callable[[scan.Hole], bool]
    ) -> list[Obligation]:
        text = await asyncio.to_thread(read, path, int(options.get("max_source_bytes") or _SIZE_LIMIT))
        holes = await asyncio.to_thread(scan.holes, text, str(path))
        settings = await asyncio.to_thread(_settings, path, options)
        return [self._obligation(text, path, hole, settings) for hole in holes if wanted(hole)]

    async def select(self, path: Path, selector: str, options: Mapping[str, str]) -> Obligation:
        """Return the theorem or hole with this name, also when it has a proof: that is then to be found again."""
        text = await asyncio.to_thread(read, path, int(options.get("max_source_bytes") or _SIZE_LIMIT))
        hole = await asyncio.to_thread(scan.find, text, selector, str(path))
        settings = await asyncio.to_thread(_settings, path, options)
        return self._obligation(text, path, hole, settings)

    def _obligation(self, text: str, path: Path, hole: scan.Hole, settings: tuple[tuple[str, str], ...]) -> Obligation:
        return Obligation(self.name, hole.name, text, Location(str(path), hole.line, hole.column), settings)

    async def open(self, obligation: Obligation, limits: Limits) -> LeanSession:
        """Start a session: load everything above the goal."""
        from checkers.lean import loading
        from checkers.lean.session import LeanSession

        found = await asyncio.to_thread(_installed, obligation)
        loaded = await asyncio.to_thread(loading.load, obligation, found)
        # The session watches what the REPL itself takes; compiled libraries are mapped into it beside that.
        memory = None if limits.memory_bytes is None else max(limits.memory_bytes, _SESSION_BYTES)
        roomy = Limits(limits.wall_seconds, None, memory, limits.file_bytes)
        return await LeanSession.start(self._supervisor, found, loaded, roomy)

    def artefact(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the whole file with the proof in its place."""
        return artefacts.artefact(obligation.source, _hole(obligation), steps, native=tactics.native(obligation))

    def script(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the proof's text alone."""
        return artefacts.script(steps, 2, native=tactics.native(obligation))

    def statement(self, obligation: Obligation) -> str:
        """Return the declaration's name, binders and type as they stand in the file."""
        start, end = _hole(obligation).statement
        return obligation.source[start:end]

    async def verify(
        self, obligation: Obligation, artefact: str, claim: str, limits: Limits, options: Mapping[str, str]
    ) -> Verification:
        """Compile the file in fresh processes and audit what was proved."""
        from checkers.lean.verify import verify

        found = await asyncio.to_thread(_installed, obligation)
        return await verify(self._supervisor, found, obligation, artefact, claim, _patient(limits), options)

    async def compiles(self, text: str, path: Path, options: Mapping[str, str], limits: Limits) -> str:
        """Compile a file's new text in a fresh process; return the first error, empty where there is none."""
        from checkers.lean.compiling import Workspace
        from checkers.runs import RunFailed

        found = await asyncio.to_thread(installation.find, path)
        how = await asyncio.to_thread(project, path)
        with tempfile.TemporaryDirectory(prefix="lemmata-lean-") as folder:
            space = Workspace(Path(folder).resolve(), self._supervisor, found, how, _patient(limits), path.name)
            try:
                await space.prepare()
            except RunFailed as error:
                return error.message
            run, _ = await space.compile(text, "patched")
        return "" if run.ok else run.error or "lean refuses it"

    async def tools(self) -> Sequence[Tool]:
        """Say which of the programs that can be used are there."""
        try:
            found = await asyncio.to_thread(installation.find, Path.cwd())
        except BackendMissing as error:
            return [Tool("lean", False, error.message, error.hint)]
        oldest = ".".join(map(str, installation.OLDEST))
        wanted = f"; lean-toolchain asks for {found.toolchain}" if found.toolchain else f"; {oldest} or newer is needed"
        checker = " ".join(found.checker)
        try:
            repl, install = " ".join(setup.repl_command(None, found.version)), ""
        except BackendMissing as error:
            repl, install = "", error.hint
        return [
            Tool("lean", True, f"{found.version}, {found.lean}{wanted}"),
            _tool("lake", found.lake, "builds projects, and finds what their files import", installation.INSTALL),
            _tool("repl", repl, "searches for proofs; lean-interact builds one", install),
            _tool("leanchecker", checker, "checks compiled proofs again", "elan default leanprover/lean4:stable"),
        ]


def _settings(path: Path, options: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    chosen = dict(project(path).options())
    if options.get("allow_axioms"):
        chosen["allow_axioms"] = options["allow_axioms"]
    return tuple(sorted(chosen.items()))


def _hole(obligation: Obligation) -> scan.Hole:
    return scan.find(obligation.source, obligation.name, obligation.location.file)


def _installed(obligation: Obligation) -> installation.Installation:
    return installation.find(Path(obligation.location.file))


def _memory(limits: Limits) -> int | None:
    return None if limits.memory_bytes is None else max(limits.memory_bytes, _MEMORY_BYTES)


def _patient(limits: Limits) -> Limits:
    seconds = None if limits.wall_seconds is None else max(limits.wall_seconds, _VERIFY_SECONDS)
    return Limits(seconds, limits.cpu_seconds, _memory(limits), limits.file_bytes)


def _tool(name: str, found: str, use: str, install: str) -> Tool:
    return Tool(name, bool(found), found or f"not found; it {use}", "" if found else install)
