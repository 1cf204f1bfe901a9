"""The checker for F* files."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from checkers.files import read
from checkers.fstar import artefact as artefacts
from checkers.fstar import installation, scan, signature
from checkers.fstar.installation import Installation
from checkers.fstar.options import in_force
from checkers.fstar.project import Flags, compiled_with, file_name, flags
from checkers.fstar.runs import Workspace
from checkers.fstar.scan import Hole, Scanned
from checkers.fstar.session import FstarSession, Target
from checkers.fstar.verify import verify
from checkers.process import Supervisor
from lemmata.errors import BackendMissing, InputError, Location
from lemmata.goal import Obligation
from lemmata.step import Step
from lemmata.verdict import Availability, Limits, Tool, Verification

_SIZE_LIMIT = 16 << 20
_MEMORY_BYTES = 6 << 30
"""Address space that F* needs for large libraries; the resident size is much smaller."""
_VERIFY_SECONDS = 120.0
"""A file takes its time to check, however short the search was."""
_SESSION_OPTIONS = ("--report_assumes", "warn")
"""So that a session sees what a body takes for granted."""


class FstarChecker:
    """Proves lemmas and fills definitions of `.fst` files; `fstar.exe` decides.

    Args:
        supervisor: starts the processes.
    """

    name = "fstar"
    suffixes = (".fst", ".fsti")

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def probe(self) -> Availability:
        """Say whether F* is installed."""
        try:
            found = await asyncio.to_thread(installation.find)
        except BackendMissing as error:
            return Availability(False, detail=f"{error.message}; wanted: {installation.WANTED}", install=error.hint)
        solvers = ", ".join(found.solvers)
        return Availability(True, found.version, f"with {solvers}" if solvers else "without Z3, which it needs")

    async def obligations(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        """List what a file leaves open: `admit ()`, `assume`, and each `val` without a definition."""
        return await self._read(path, options, scan.open_holes)

    async def catalogue(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        """List every definition with a stated type, by its holes where it has some."""
        return await self._read(path, options, scan.catalogue)

    async def _read(
        self, path: Path, options: Mapping[str, str], wanted: Callable[[Scanned], list[Hole]]
    ) -> list[Obligation]:
        text = await asyncio.to_thread(read, path, int(options.get("max_source_bytes") or _SIZE_LIMIT))
        scanned = await asyncio.to_thread(scan.scan, text, str(path))
        settings = await asyncio.to_thread(_settings, path, options)
        return [self._obligation(text, path, hole, settings) for hole in wanted(scanned)]

    async def select(self, path: Path, selector: str, options: Mapping[str, str]) -> Obligation:
        """Return the definition or hole with this name; a definition that has a body gets a new one."""
        text = await asyncio.to_thread(read, path, int(options.get("max_source_bytes") or _SIZE_LIMIT))
        _, hole = await asyncio.to_thread(scan.find, text, selector, str(path))
        settings = await asyncio.to_thread(_settings, path, options)
        return self._obligation(text, path, hole, settings)

    def _obligation(self, text: str, path: Path, hole: Hole, settings: tuple[tuple[str, str], ...]) -> Obligation:
        return Obligation(self.name, hole.name, text, Location(str(path), hole.line, hole.column), settings)

    async def open(self, obligation: Obligation, limits: Limits) -> FstarSession:
        """Start a session: load everything above the goal."""
        found = await asyncio.to_thread(installation.find)
        compiled = compiled_with(obligation)
        if compiled.problem:
            raise InputError(compiled.problem, hint="remove it from the configuration", location=obligation.location)
        path = Path(obligation.location.file).absolute()
        if not path.parent.is_dir():
            raise InputError("the file's folder does not exist", location=obligation.location)
        scanned, hole = await asyncio.to_thread(scan.find, obligation.source, obligation.name, str(path))
        _check_solver(found, compiled, scanned, hole, obligation)
        command = (found.program, *compiled.command(), *_SESSION_OPTIONS, "--ide", file_name(path))
        roomy = Limits(limits.wall_seconds, None, _memory(limits), limits.file_bytes)
        return await FstarSession.start(self._supervisor, Target(obligation, scanned, hole, command), roomy)

    def artefact(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the whole file with the proof in its place."""
        scanned, hole = _found(obligation)
        return artefacts.put(scanned, hole, artefacts.whole(steps))

    def script(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the body's text alone."""
        return artefacts.script(steps)

    def statement(self, obligation: Obligation) -> str:
        """Return what is to be defined as it stands in the file: its `val`, and the head of its definition."""
        scanned, hole = _found(obligation)
        return signature.statement(scanned, hole, obligation.option("interface"))

    async def verify(
        self, obligation: Obligation, artefact: str, claim: str, limits: Limits, options: Mapping[str, str]
    ) -> Verification:
        """Check the file in fresh processes and audit what was proved."""
        seconds = None if limits.wall_seconds is None else max(limits.wall_seconds, _VERIFY_SECONDS)
        patient = Limits(seconds, limits.cpu_seconds, _memory(limits), limits.file_bytes)
        return await verify(obligation, artefact, claim, patient, options)

    async def compiles(self, text: str, path: Path, options: Mapping[str, str], limits: Limits) -> str:
        """Check a file's new text in a fresh process; return the first error, empty where there is none."""
        found = await asyncio.to_thread(installation.find)
        path = path.absolute()
        settings = dict(await asyncio.to_thread(_settings, path, options))
        compiled = await asyncio.to_thread(flags, path)
        with tempfile.TemporaryDirectory(prefix="lemmata-fstar-") as folder:
            interface = settings.get("interface", "")
            space = Workspace(Path(folder).resolve(), found, compiled, limits, path, interface)
            run = await space.run(text)
        return "" if run.ok else run.error or "fstar.exe refuses it"

    async def tools(self) -> Sequence[Tool]:
        """Say which of the programs that are needed are there."""
        try:
            found = await asyncio.to_thread(installation.find)
        except BackendMissing as error:
            return [Tool("fstar.exe", False, f"{error.message}; wanted: {installation.WANTED}", error.hint)]
        solvers = ", ".join(found.solvers)
        missing = "not found; it decides what F* asks (4.8.5 or 4.13.3, by F*'s version)"
        return [
            Tool("fstar.exe", True, f"{found.version}, {found.program}; wanted: {installation.WANTED}"),
            Tool("z3", bool(solvers), solvers or missing, "" if solvers else installation.INSTALL_Z3),
        ]


def _found(obligation: Obligation) -> tuple[Scanned, Hole]:
    return scan.find(obligation.source, obligation.name, obligation.location.file)


def _settings(path: Path, options: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    chosen = {"flags": flags(path).to_json()}
    if options.get("allow_axioms"):
        chosen["allow_axioms"] = options["allow_axioms"]
    interface = path.with_suffix(".fsti")
    if path.suffix == ".fst" and interface.is_file():
        chosen["interface"] = read(interface, int(options.get("max_source_bytes") or _SIZE_LIMIT))
    return tuple(sorted(chosen.items()))


def _check_solver(found: Installation, compiled: Flags, scanned: Scanned, hole: Hole, obligation: Obligation) -> None:
    """Raise `BackendMissing` where the file wants a version of Z3 that F* will not find."""
    given = [list(compiled.arguments), *in_force(scanned.source, hole.start)]
    wanted = [value for words in given for name, value in itertools.pairwise(words) if name == "--z3version"]
    if wanted and not {f"z3-{wanted[-1]}", "z3"} & set(found.solvers):
        raise BackendMissing(
            f"the options want Z3 {wanted[-1]}, which is not installed",
            hint=installation.INSTALL_Z3,
            location=obligation.location,
        )


def _memory(limits: Limits) -> int | None:
    return None if limits.memory_bytes is None else max(limits.memory_bytes, _MEMORY_BYTES)
