"""The checker for Isabelle theories."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from checkers.files import read
from checkers.isabelle import artefact as artefacts
from checkers.isabelle import commands, installation, project, scan, verify
from checkers.isabelle.session import IsabelleSession
from checkers.process import Supervisor
from lemmata.errors import BackendMissing, Location
from lemmata.goal import Obligation
from lemmata.step import Step
from lemmata.verdict import Availability, Limits, Tool, Verification

_SIZE_LIMIT = 16 << 20
_WANTED = f"Isabelle{installation.OLDEST} or newer"


class IsabelleChecker:
    """Proves theorems of `.thy` files; `isabelle build` and the oracles of what it proved decide.

    Args:
        supervisor: starts the processes.
    """

    name = "isabelle"
    suffixes = (".thy",)

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

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

    async def obligations(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        """List the holes of a theory: every `sorry`, and every theorem whose proof is abandoned."""
        return await self._read(path, options, scan.is_open)

    async def catalogue(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        """List every theorem of a theory, proved or not, and its holes."""
        return await self._read(path, options, lambda hole: True)

    async def _read(
        self, path: Path, options: Mapping[str, str], wanted: Callable[[scan.Hole], bool]
    ) -> list[Obligation]:
        text, theory = await asyncio.to_thread(_theory, path, options)
        holes = await asyncio.to_thread(scan.of_theory, theory)
        settings = await asyncio.to_thread(_settings, path, theory, options)
        found = {hole.name: hole for hole in holes if wanted(hole)}
        return [self._obligation(text, path, hole, settings) for hole in found.values()]

    async def select(self, path: Path, selector: str, options: Mapping[str, str]) -> Obligation:
        """Return the theorem or hole with this name, also when it has a proof: that is then to be found again."""
        text, theory = await asyncio.to_thread(_theory, path, options)
        hole = await asyncio.to_thread(scan.find, text, selector, str(path))
        settings = await asyncio.to_thread(_settings, path, theory, options)
        return self._obligation(text, path, hole, settings)

    def _obligation(self, text: str, path: Path, hole: scan.Hole, settings: tuple[tuple[str, str], ...]) -> Obligation:
        return Obligation(self.name, hole.name, text, Location(str(path), hole.line, hole.column), settings)

    def statement(self, obligation: Obligation) -> str:
        """Return the statement as it stands in the file."""
        return scan.statement(obligation.source, self._hole(obligation))

    def artefact(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the whole theory with the proof in its place."""
        return artefacts.artefact(obligation.source, self._hole(obligation), steps)

    def script(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the proof's text alone."""
        return artefacts.script(steps, 2)

    def _hole(self, obligation: Obligation) -> scan.Hole:
        return scan.find(obligation.source, obligation.name, obligation.location.file)

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


def _theory(path: Path, options: Mapping[str, str]) -> tuple[str, commands.Theory]:
    text = read(path, int(options.get("max_source_bytes") or _SIZE_LIMIT))
    return text, commands.read(text, str(path))


def _settings(path: Path, theory: commands.Theory, options: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    chosen = project.of_file(path.absolute(), theory).options()
    if options.get("allow_axioms"):
        chosen["allow_axioms"] = options["allow_axioms"]
    return tuple(sorted(chosen.items()))
