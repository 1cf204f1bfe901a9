"""The checker for Lean 4 files."""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from checkers.assistant import AssistantChecker, tool
from checkers.lean import artefact as artefacts
from checkers.lean import installation, scan, setup, tactics
from checkers.lean.project import project
from lemmata.errors import BackendMissing
from lemmata.goal import Obligation
from lemmata.step import Step
from lemmata.verdict import Availability, Limits, Tool, Verification

if TYPE_CHECKING:
    from checkers.lean.session import LeanSession

_MEMORY_BYTES = 32 << 30
"""Address space that Lean needs to map a large library; the resident size is much smaller."""
_VERIFY_SECONDS = 300.0
"""A file takes its time to compile, and a large library to load, however short the search was."""
_SESSION_BYTES = 4 << 30
"""What a session's process needs for itself with a large library."""


class LeanChecker(AssistantChecker[scan.Hole]):
    """Proves theorems of `.lean` files; a fresh `lean` and an audit of what it compiled decide.

    Args:
        supervisor: starts the processes.
    """

    name = "lean"
    suffixes = (".lean",)

    async def probe(self) -> Availability:
        """Say whether Lean is installed."""
        try:
            found = await asyncio.to_thread(installation.find)
        except BackendMissing as error:
            return Availability(False, detail=error.message, install=error.hint)
        return Availability(True, found.version, "with the REPL" if found.repl else "without a REPL of its own")

    def _holes(self, text: str, file: str, *, every: bool) -> Iterable[scan.Hole]:
        """Return every theorem whose whole proof is `sorry`, and every other `sorry`; other theorems when asked for."""
        found = scan.holes(text, file)
        return [hole for hole in found if every or hole.unproved or hole.kind is scan.HoleKind.SORRY]

    def _find(self, text: str, selector: str, file: str) -> scan.Hole:
        return scan.find(text, selector, file)

    def _settings(self, text: str, path: Path, options: Mapping[str, str]) -> Mapping[str, str]:
        return dict(project(path).options())

    async def open(self, obligation: Obligation, limits: Limits) -> LeanSession:
        """Start a session: load everything above the goal."""
        from checkers.lean import loading
        from checkers.lean.session import LeanSession

        found = await asyncio.to_thread(_installed, obligation)
        loaded = await asyncio.to_thread(loading.load, obligation, found)
        # The session watches what the REPL itself takes; compiled libraries are mapped into it beside that.
        roomy = dataclasses.replace(limits.at_least(memory_bytes=_SESSION_BYTES), cpu_seconds=None)
        return await LeanSession.start(self._supervisor, found, loaded, roomy)

    def artefact(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the whole file with the proof in its place."""
        return artefacts.artefact(obligation.source, self._hole(obligation), steps, native=tactics.native(obligation))

    def script(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the proof's text alone."""
        return artefacts.script(steps, 2, native=tactics.native(obligation))

    def statement(self, obligation: Obligation) -> str:
        """Return the declaration's name, binders and type as they stand in the file."""
        start, end = self._hole(obligation).statement
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
            tool("lake", found.lake, "builds projects, and finds what their files import", installation.INSTALL),
            tool("repl", repl, "searches for proofs; lean-interact builds one", install),
            tool("leanchecker", checker, "checks compiled proofs again", "elan default leanprover/lean4:stable"),
        ]


def _installed(obligation: Obligation) -> installation.Installation:
    return installation.find(Path(obligation.location.file))


def _patient(limits: Limits) -> Limits:
    return limits.at_least(wall_seconds=_VERIFY_SECONDS, memory_bytes=_MEMORY_BYTES)
