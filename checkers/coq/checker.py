"""The checker for Coq and Rocq files."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from checkers.coq import artefact as artefacts
from checkers.coq import installation, loading, scan
from checkers.coq.project import flags
from checkers.coq.runs import Workspace
from checkers.coq.session import CoqSession
from checkers.coq.verify import verify
from checkers.files import read
from checkers.process import Supervisor
from lemmata.errors import BackendMissing, Location
from lemmata.goal import Obligation
from lemmata.step import Step
from lemmata.verdict import Availability, Limits, Tool, Verification

_SIZE_LIMIT = 16 << 20
_MEMORY_BYTES = 4 << 30
"""Address space that Coq needs for large libraries; the resident size is much smaller."""
_VERIFY_SECONDS = 60.0
"""A large file takes its time to compile, however short the search was."""


class CoqChecker:
    """Proves theorems of `.v` files; `coqc`, `Print Assumptions` and `coqchk` decide.

    Args:
        supervisor: starts the processes.
    """

    name = "coq"
    suffixes = (".v",)

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def probe(self) -> Availability:
        """Say whether Coq or Rocq is installed."""
        try:
            found = await asyncio.to_thread(installation.find)
        except BackendMissing as error:
            return Availability(False, detail=error.message, install=error.hint)
        return Availability(True, found.version, "with CoqHammer" if found.hammer else "without CoqHammer")

    async def obligations(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        """List the holes of a file: every `admit.`, and every `Admitted.` without one."""
        return await self._read(path, options, lambda hole: hole.kind is not scan.HoleKind.THEOREM)

    async def catalogue(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        """List every theorem of a file, proved or not, and its holes."""
        return await self._read(path, options, lambda hole: True)

    async def _read(
        self, path: Path, options: Mapping[str, str], wanted: Callable[[scan.Hole], bool]
    ) -> list[Obligation]:
        text = await asyncio.to_thread(read, path, int(options.get("max_source_bytes") or _SIZE_LIMIT))
        holes = await asyncio.to_thread(scan.holes, text, str(path))
        settings = await asyncio.to_thread(self._settings, path, options)
        found = {hole.name: hole for hole in holes if wanted(hole)}
        return [self._obligation(text, path, hole, settings) for hole in found.values()]

    async def select(self, path: Path, selector: str, options: Mapping[str, str]) -> Obligation:
        """Return the theorem or hole with this name, also when it has a proof: that is then to be found again."""
        text = await asyncio.to_thread(read, path, int(options.get("max_source_bytes") or _SIZE_LIMIT))
        hole = await asyncio.to_thread(scan.find, text, selector, str(path))
        settings = await asyncio.to_thread(self._settings, path, options)
        return self._obligation(text, path, hole, settings)

    def _settings(self, path: Path, options: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        compiled = flags(path.absolute(), options, installation.find())
        chosen = {"arguments": json.dumps(list(compiled.arguments)), "top": compiled.top}
        if options.get("allow_axioms"):
            chosen["allow_axioms"] = options["allow_axioms"]
        return tuple(sorted(chosen.items()))

    def _obligation(self, text: str, path: Path, hole: scan.Hole, settings: tuple[tuple[str, str], ...]) -> Obligation:
        return Obligation(self.name, hole.name, text, Location(str(path), hole.line, hole.column), settings)

    async def open(self, obligation: Obligation, limits: Limits) -> CoqSession:
        """Start a session: load everything above the goal."""
        found = await asyncio.to_thread(installation.find)
        loaded = await asyncio.to_thread(loading.load, obligation, found)
        roomy = Limits(limits.wall_seconds, None, _memory(limits), limits.file_bytes)
        return await CoqSession.start(self._supervisor, found, loaded, roomy)

    def artefact(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the whole file with the proof in its place."""
        return artefacts.artefact(obligation.source, self._hole(obligation), steps)

    def script(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the proof's text alone."""
        return artefacts.script(steps, 2)

    def statement(self, obligation: Obligation) -> str:
        """Return the theorem's statement."""
        start, end = self._hole(obligation).statement
        return obligation.source[start:end].strip()

    def _hole(self, obligation: Obligation) -> scan.Hole:
        return scan.find(obligation.source, obligation.name, obligation.location.file)

    async def verify(
        self, obligation: Obligation, artefact: str, claim: str, limits: Limits, options: Mapping[str, str]
    ) -> Verification:
        """Compile the file in fresh processes and audit what was proved."""
        seconds = None if limits.wall_seconds is None else max(limits.wall_seconds, _VERIFY_SECONDS)
        patient = Limits(seconds, limits.cpu_seconds, _memory(limits), limits.file_bytes)
        return await verify(self._supervisor, obligation, artefact, claim, patient, options)

    async def compiles(self, text: str, path: Path, options: Mapping[str, str], limits: Limits) -> str:
        """Compile a file's new text in a fresh process; return the first error, empty where there is none."""
        found = await asyncio.to_thread(installation.find)
        compiled_with = await asyncio.to_thread(flags, path.absolute(), options, found)
        with tempfile.TemporaryDirectory(prefix="lemmata-coq-") as folder:
            space = Workspace(Path(folder).resolve(), self._supervisor, found, compiled_with, limits, path.name)
            run, _ = await space.compile(text, "patched")
        return "" if run.ok else run.error or "coqc refuses it"

    def library(self) -> Path | None:
        """Return the folder of the standard library's sources, None where Coq or they are missing."""
        try:
            folder = installation.find().where / "theories"
        except BackendMissing:
            return None
        return folder if folder.is_dir() else None

    async def tools(self) -> Sequence[Tool]:
        """Say which of the programs and libraries that can be used are there."""
        try:
            found = await asyncio.to_thread(installation.find)
        except BackendMissing as error:
            return [Tool("coqc", False, error.message, error.hint)]
        quick = (found.where / "user-contrib" / "QuickChick").is_dir()
        prover = shutil.which("eprover")
        return [
            Tool("coqc", True, f"{found.version}, {found.compiler[0]}"),
            _tool("coqchk", found.checker[0] if found.checker else "", "checks compiled proofs again", "coq"),
            _tool("CoqHammer", found.hammer, "gives sauto, hauto and hammer", "libcoq-hammer"),
            _tool("eprover", prover or "", "is what hammer asks", "eprover"),
            Tool("QuickChick", quick, "looks for counterexamples", "" if quick else "opam install coq-quickchick"),
        ]


def _memory(limits: Limits) -> int | None:
    return None if limits.memory_bytes is None else max(limits.memory_bytes, _MEMORY_BYTES)


def _tool(name: str, found: str, use: str, package: str) -> Tool:
    return Tool(name, bool(found), found or f"not found; it {use}", "" if found else f"apt-get install {package}")
