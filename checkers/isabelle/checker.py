"""The checker for Isabelle theories."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from checkers.assistant import AssistantChecker
from checkers.isabelle import artefact as artefacts
from checkers.isabelle import commands, installation, project, scan, verify
from checkers.isabelle.session import IsabelleSession
from lemmata.errors import BackendMissing
from lemmata.goal import Obligation
from lemmata.step import Step
from lemmata.verdict import Availability, Limits, Tool, Verification

_WANTED = f"Isabelle{installation.OLDEST} or newer"


class IsabelleChecker(AssistantChecker[scan.Hole]):
    """Proves theorems of `.thy` files; `isabelle build` and the oracles of what it proved decide.

    Args:
        supervisor: starts the processes.
    """

    name = "isabelle"
    suffixes = (".thy",)

    async def probe(self) -> Availability:
        """Say whether Isabelle is installed."""
        try:
            found = await asyncio.to_thread(installation.find)
        except BackendMissing as error:
            return Availability(False, detail=error.message, install=error.hint)
        return Availability(True, found.version, found.program)

    async def tools(self) -> Sequence[Tool]:
        """Say whether `isabelle` is there, and in which version."""
        try:
            found = await asyncio.to_thread(installation.find)
        except BackendMissing as error:
            return [Tool("isabelle", False, f"{error.message}; {_WANTED} is wanted", error.hint)]
        return [Tool("isabelle", True, f"{found.version}, {found.program}; {_WANTED} is wanted")]

    def _holes(self, text: str, file: str, *, every: bool) -> Iterable[scan.Hole]:
        """Return every `sorry` and every abandoned proof, and the theorems where they are asked for."""
        found = scan.holes(text, file)
        return {hole.name: hole for hole in found if every or scan.is_open(hole)}.values()

    def _find(self, text: str, selector: str, file: str) -> scan.Hole:
        return scan.find(text, selector, file)

    def _settings(self, text: str, path: Path, options: Mapping[str, str]) -> Mapping[str, str]:
        return project.of_file(path.absolute(), commands.read(text, str(path))).options()

    def statement(self, obligation: Obligation) -> str:
        """Return the statement as it stands in the file."""
        return scan.statement(obligation.source, self._hole(obligation))

    def artefact(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the whole theory with the proof in its place."""
        return artefacts.artefact(obligation.source, self._hole(obligation), steps)

    def script(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the proof's text alone."""
        return artefacts.script(steps, 2)

    async def open(self, obligation: Obligation, limits: Limits) -> IsabelleSession:
        """Start a session: a server of its own, with everything above the goal loaded."""
        found = await asyncio.to_thread(installation.find)
        return await IsabelleSession.start(self._supervisor, found, obligation, limits)

    async def verify(
        self, obligation: Obligation, artefact: str, claim: str, limits: Limits, options: Mapping[str, str]
    ) -> Verification:
        """Build the theory in fresh processes and audit what was proved."""
        return await verify.verify(self._supervisor, obligation, artefact, claim, limits, options)

    async def compiles(self, text: str, path: Path, options: Mapping[str, str], limits: Limits) -> str:
        """Build a theory's new text in a fresh process; return the first error, empty where there is none."""
        found = await asyncio.to_thread(installation.find)
        theory = await asyncio.to_thread(commands.read, text, str(path))
        around = await asyncio.to_thread(project.of_file, path.absolute(), theory)
        return await verify.compiles(self._supervisor, found, around, text, path, limits)
