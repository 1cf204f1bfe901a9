"""The checker for F* files."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from checkers.assistant import AssistantChecker, read_source
from checkers.fstar import artefact as artefacts
from checkers.fstar import installation, scan, signature
from checkers.fstar.installation import Installation
from checkers.fstar.options import in_force
from checkers.fstar.project import Flags, compiled_with, file_name, flags
from checkers.fstar.runs import Workspace
from checkers.fstar.scan import Hole, Scanned
from checkers.fstar.session import FstarSession, Target
from checkers.fstar.verify import verify
from lemmata.errors import BackendMissing, InputError
from lemmata.goal import Obligation
from lemmata.step import Step
from lemmata.verdict import Availability, Limits, Tool, Verification

_MEMORY_BYTES = 6 << 30
"""Address space that F* needs for large libraries; the resident size is much smaller."""
_VERIFY_SECONDS = 120.0
"""A file takes its time to check, however short the search was."""
_SESSION_OPTIONS = ("--report_assumes", "warn")
"""So that a session sees what a body takes for granted."""


class FstarChecker(AssistantChecker[Hole]):
    """Proves lemmas and fills definitions of `.fst` files; `fstar.exe` decides.

    Args:
        supervisor: starts the processes.
    """

    name = "fstar"
    suffixes = (".fst", ".fsti")

    async def probe(self) -> Availability:
        """Say whether F* is installed."""
        try:
            found = await asyncio.to_thread(installation.find)
        except BackendMissing as error:
            return Availability(False, detail=f"{error.message}; wanted: {installation.WANTED}", install=error.hint)
        solvers = ", ".join(found.solvers)
        return Availability(True, found.version, f"with {solvers}" if solvers else "without Z3, which it needs")

    def _holes(self, text: str, file: str, *, every: bool) -> Iterable[Hole]:
        """Return `admit ()`, `assume` and each `val` without definition, or what has a type, by its holes if any."""
        scanned = scan.scan(text, file)
        return scan.catalogue(scanned) if every else scan.open_holes(scanned)

    def _find(self, text: str, selector: str, file: str) -> Hole:
        return scan.find(text, selector, file)[1]

    def _settings(self, text: str, path: Path, options: Mapping[str, str]) -> Mapping[str, str]:
        chosen = {"flags": flags(path).to_json()}
        interface = _interface(path, options)
        return chosen if interface is None else {**chosen, "interface": interface}

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
        roomy = dataclasses.replace(limits.at_least(memory_bytes=_MEMORY_BYTES), cpu_seconds=None)
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
        patient = limits.at_least(wall_seconds=_VERIFY_SECONDS, memory_bytes=_MEMORY_BYTES)
        return await verify(obligation, artefact, claim, patient, options)

    async def compiles(self, text: str, path: Path, options: Mapping[str, str], limits: Limits) -> str:
        """Check a file's new text in a fresh process; return the first error, empty where there is none."""
        found = await asyncio.to_thread(installation.find)
        path = path.absolute()
        compiled = await asyncio.to_thread(flags, path)
        interface = await asyncio.to_thread(_interface, path, options) or ""
        with tempfile.TemporaryDirectory(prefix="lemmata-fstar-") as folder:
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


def _interface(path: Path, options: Mapping[str, str]) -> str | None:
    """Return the text of a file's interface, None where it has none."""
    interface = path.with_suffix(".fsti")
    return read_source(interface, options) if path.suffix == ".fst" and interface.is_file() else None


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
