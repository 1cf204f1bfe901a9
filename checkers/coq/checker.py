"""The checker for Coq and Rocq files."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from checkers.assistant import AssistantChecker, tool
from checkers.coq import artefact as artefacts
from checkers.coq import installation, loading, scan
from checkers.coq.project import flags
from checkers.coq.runs import Workspace
from checkers.coq.session import CoqSession
from checkers.coq.verify import verify
from lemmata.errors import BackendMissing
from lemmata.goal import Obligation
from lemmata.step import Step
from lemmata.verdict import Availability, Limits, Tool, Verification

_MEMORY_BYTES = 4 << 30
"""Address space that Coq needs for large libraries; the resident size is much smaller."""
_VERIFY_SECONDS = 60.0
"""A large file takes its time to compile, however short the search was."""


class CoqChecker(AssistantChecker[scan.Hole]):
    """Proves theorems of `.v` files; `coqc`, `Print Assumptions` and `coqchk` decide.

    Args:
        supervisor: starts the processes.
    """

    name = "coq"
    suffixes = (".v",)

    async def probe(self) -> Availability:
        """Say whether Coq or Rocq is installed."""
        try:
            found = await asyncio.to_thread(installation.find)
        except BackendMissing as error:
            return Availability(False, detail=error.message, install=error.hint)
        return Availability(True, found.version, "with CoqHammer" if found.hammer else "without CoqHammer")

    def _holes(self, text: str, file: str, *, every: bool) -> Iterable[scan.Hole]:
        """Return every `admit.`, every `Admitted.` without one, and the theorems where they are asked for."""
        found = scan.holes(text, file)
        return {hole.name: hole for hole in found if every or hole.kind is not scan.HoleKind.THEOREM}.values()

    def _find(self, text: str, selector: str, file: str) -> scan.Hole:
        return scan.find(text, selector, file)

    def _settings(self, text: str, path: Path, options: Mapping[str, str]) -> Mapping[str, str]:
        compiled = flags(path.absolute(), options, installation.find())
        return {"arguments": json.dumps(list(compiled.arguments)), "top": compiled.top}

    async def open(self, obligation: Obligation, limits: Limits) -> CoqSession:
        """Start a session: load everything above the goal."""
        found = await asyncio.to_thread(installation.find)
        loaded = await asyncio.to_thread(loading.load, obligation, found)
        roomy = dataclasses.replace(limits.at_least(memory_bytes=_MEMORY_BYTES), cpu_seconds=None)
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

    async def verify(
        self, obligation: Obligation, artefact: str, claim: str, limits: Limits, options: Mapping[str, str]
    ) -> Verification:
        """Compile the file in fresh processes and audit what was proved."""
        patient = limits.at_least(wall_seconds=_VERIFY_SECONDS, memory_bytes=_MEMORY_BYTES)
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
            tool(
                "coqchk",
                found.checker[0] if found.checker else "",
                "checks compiled proofs again",
                "apt-get install coq",
            ),
            tool("CoqHammer", found.hammer, "gives sauto, hauto and hammer", "apt-get install libcoq-hammer"),
            tool("eprover", prover or "", "is what hammer asks", "apt-get install eprover"),
            Tool("QuickChick", quick, "looks for counterexamples", "" if quick else "opam install coq-quickchick"),
        ]
