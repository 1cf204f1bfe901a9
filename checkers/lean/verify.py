"""Verification of a Lean proof: the only place where `proved` comes from.

Five audits, each in fresh processes without network: the artefact is the source with nothing but plain tactics in the
hole; `lean` compiles it; a program of ours reads the compiled module beside that of the source with the hole open, has
the kernel check it once more, and finds the theorem with the source's statement and everything else as it was; what
the theorem rests on is allowed; `leanchecker` accepts the module. Only the last may be missing.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import re
import secrets
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from checkers.auditing import concluded, of_text, sha256
from checkers.lean.answers import Told
from checkers.lean.artefact import EXAMPLE, NotTheSource, Spliced, take_apart
from checkers.lean.compiling import Workspace, module_files
from checkers.lean.installation import Installation
from checkers.lean.pieces import filled
from checkers.lean.project import compiled_with
from checkers.lean.scan import Hole, HoleKind, find, holes
from checkers.lean.tactics import native, searches
from checkers.process import Supervisor
from checkers.runs import Run, RunFailed, of_failure, of_run
from lemmata.axioms import allowed_axioms
from lemmata.goal import Obligation
from lemmata.verdict import Audit, Limits, Verdict, Verification

ATTACHMENT = "proof.lean"
STANDARD = frozenset({"propext", "Classical.choice", "Quot.sound"})
"""The axioms that every Lean proof may use."""

_AUDITS = 5
_RECHECK = "leanchecker"
_SORRY = "sorryAx"
_INSTALL_CHECKER = "leanchecker is not installed: it comes with newer toolchains (elan default leanprover/lean4:stable)"


async def verify(
    supervisor: Supervisor,
    installation: Installation,
    obligation: Obligation,
    artefact: str,
    claim: str,
    limits: Limits,
    options: Mapping[str, str],
) -> Verification:
    """Check from scratch that an artefact proves its obligation.

    Args:
        supervisor: starts the processes.
        installation: the Lean that compiles the file.
        obligation: what is to be proved; its options say how the file is compiled.
        artefact: the source with the proof in it.
        claim: only `proved` can be shown.
        limits: of each process.
        options: `allow_axioms` is a JSON list of further axioms that are allowed, or `"*"`, and may also name theorems
            whose own proofs are open; the obligation's own option counts where it has one.

    Returns:
        The claim or `unknown`, with the reason; a bad artefact is no error.

    Raises:
        BackendError: Lean cannot be started.
        LemmataError: the obligation itself, or an option, makes no sense.
    """
    compiled = compiled_with(obligation)
    settings = {**options, **dict(obligation.options)}
    environment = {
        "checker": "lean",
        "lemmata": importlib.metadata.version("lemmata"),
        "lean": installation.version,
        "toolchain": installation.toolchain or compiled.toolchain,
        "flags": " ".join(compiled.arguments),
        "project": compiled.root,
    }
    if claim != "proved":
        return Verification(Verdict.UNKNOWN, "Lean theorems are not refuted here", environment=environment)
    hole = await asyncio.to_thread(find, obligation.source, obligation.name, obligation.location.file)
    with tempfile.TemporaryDirectory(prefix="lemmata-lean-") as folder:
        shown = Path(obligation.location.file).name
        space = Workspace(Path(folder).resolve(), supervisor, installation, compiled, limits, shown)
        case = _Case(
            space,
            obligation,
            hole,
            artefact,
            frozenset(allowed_axioms(settings.get("allow_axioms", ""))),
            installation.version,
        )
        work = _Verifying(case)
        audits = await work.audits()
    verdict, reason = concluded(audits, Verdict.PROVED, count=_AUDITS, optional=_RECHECK)
    return Verification(verdict, reason, tuple(audits), environment, None, {ATTACHMENT: artefact}, work.axioms)


@dataclass(frozen=True, slots=True)
class _Case:
    """What is verified."""

    space: Workspace
    obligation: Obligation
    hole: Hole
    artefact: str
    allowed: frozenset[str]
    """Names from the option, or `*`."""
    version: str

    @property
    def theorem(self) -> str:
        """The full name that the audited copies give the theorem, without the quotes of odd names."""
        full = EXAMPLE if self.hole.keyword == "example" else self.hole.full
        return re.sub("[«»]", "", full)


class _Verifying:
    """The verification of one artefact."""

    def __init__(self, case: _Case) -> None:
        self._case = case
        self._axiom = f"lemmata_hole_{secrets.token_hex(16)}"
        self.axioms: tuple[str, ...] | None = None
        """The axioms that the proof rests on, None as long as they are not known."""

    async def audits(self) -> list[Audit]:
        """Make all audits, up to the first that fails; where the text is wrong already, nothing is run."""
        text, spliced = await asyncio.to_thread(self._text)
        if spliced is None:
            return [text]
        compiled, proved = await self._compile(spliced)
        audits = [text, compiled]
        if proved is None:
            return audits
        statement, told = await self._statement(spliced, proved)
        audits.append(statement)
        if told is None:
            return audits
        audits.append(self._rests_on(told))
        if audits[-1].result == "passed":
            audits.append(await self._recheck(proved))
        return audits

    def _text(self) -> tuple[Audit, Spliced | None]:
        began = time.monotonic()
        problem, spliced = self._taken_apart()
        if problem or spliced is None:
            return of_text(self._case.artefact, began, ok=False, detail=problem), None
        return of_text(self._case.artefact, began, ok=True, detail=f"{len(spliced.tactics)} words and signs"), spliced

    def _taken_apart(self) -> tuple[str, Spliced | None]:
        case, hole = self._case, self._case.hole
        if not case.theorem:
            return "an instance without a name cannot be audited; give it one", None
        try:
            spliced = take_apart(case.obligation.source, hole, case.artefact, native=native(case.obligation))
        except NotTheSource as error:
            return error.message, None
        if hole.others and searches(spliced.proof):
            return "a tactic that searches is not allowed beside other holes; write down what it finds", None
        return "", spliced

    async def _compile(self, spliced: Spliced) -> tuple[Audit, Path | None]:
        """Compile the artefact itself."""
        command = f"lean --json {self._case.version}"
        try:
            await self._case.space.prepare()
        except RunFailed as error:
            return of_failure(command, error), None
        run, compiled = await self._case.space.compile(self._case.artefact, "artefact")
        audit = of_run(command, run)
        if run.ok and not spliced.hole.others and (line := self._left_open(spliced, run)):
            return Audit(command, "failed", f"line {line}: the declaration uses sorry", run.digest, audit.seconds), None
        return audit, compiled if run.ok else None

    def _left_open(self, spliced: Spliced, run: Run) -> int:
        """Return the line of the declaration where Lean says that it uses `sorry`, 0 where it does not."""
        text = self._case.artefact
        first = text.count("\n", 0, spliced.hole.statement[0]) + 1
        last = text.count("\n", 0, spliced.hole.start + len(spliced.proof)) + 1
        return next((line for line in run.sorries if first <= line <= last), 0)

    async def _statement(self, spliced: Spliced, proved: Path) -> tuple[Audit, Told | None]:
        """Compare the compiled artefact with the source; return what is known of the theorem where all is well."""
        command = f"lean --run {self._case.version}: the compiled theorem, and all else, beside the source's"
        hole = spliced.hole
        try:
            open_ = spliced.copy({}, proof=filled(hole))
            stated = await self._module(open_, "statement", "the source does not compile with the hole open")
            if hole.keyword == "example":
                proved = await self._module(spliced.copy({}), "named", "the example does not compile as a theorem")
            run, told = await self._told(stated, proved, "audit", ())
            if hole.others:
                closed = self._others_closed(spliced)
                closed_module = await self._module(closed, "closed", "the copy with an axiom in the other holes fails")
                run, told = await self._told(stated, closed_module, "audit-closed", (self._axiom,))
        except RunFailed as error:
            return of_failure(command, error), None
        return Audit(command, "passed", f"{told.constants} constants", run.digest, round(run.seconds, 3)), told

    def _others_closed(self, spliced: Spliced) -> str:
        """Return a copy in which an axiom closes the other holes, so that `sorryAx` can only come from this proof."""
        use = f"(_root_.{self._axiom} _)"
        spans = set(spliced.hole.other_holes)
        places = {
            (hole.start, hole.end): use if hole.term else f"exact {use}"
            for hole in holes(spliced.source, "")
            if hole.kind is HoleKind.SORRY and (hole.start, hole.end) in spans
        }
        universe = "lemmata_universe"
        return spliced.copy(places, f"axiom _root_.{self._axiom}.{{{universe}}} (α : Sort {universe}) : α\n")

    async def _module(self, text: str, purpose: str, otherwise: str) -> Path:
        run, compiled = await self._case.space.compile(text, purpose)
        if not run.ok:
            raise RunFailed(f"{otherwise}: {run.error}", limited=run.limited)
        return compiled

    async def _told(self, stated: Path, proved: Path, purpose: str, known: Sequence[str]) -> tuple[Run, Told]:
        """Run the audit program; whatever it finds wrong is a failure.

        Raises:
            RunFailed: it found something, or says nothing sensible.
        """
        case = self._case
        request = {
            "source": module_files(stated),
            "proved": module_files(proved),
            "theorem": case.theorem,
            "stop": sorted(case.allowed - {"*"}),
            "known": list(known),
        }
        run, answer = await case.space.audit(request, purpose, parts=len(request["proved"]) > 1)
        if not run.ok:
            raise RunFailed(f"the audit of the compiled module fails: {run.error}", limited=run.limited)
        told = Told.read(answer)
        if told.problems:
            raise RunFailed("; ".join(told.problems)[:500])
        return run, told

    def _rests_on(self, told: Told) -> Audit:
        """Judge what the theorem rests on."""
        case = self._case
        command = f"axioms of {case.theorem}"
        found = [name for name in told.axioms if name != self._axiom or not case.hole.others]
        self.axioms = tuple(sorted(set(found)))
        refused = [name for name in self.axioms if not self._allowed(name, told)]
        account = "; ".join(f"{name} ({'standard' if name in STANDARD else 'allow_axioms'})" for name in self.axioms)
        if not refused:
            return Audit(command, "passed", account or "no axioms", sha256(account))
        reason = f"the proof rests on what is not allowed: {', '.join(refused)}"
        if _SORRY in refused and not told.direct:
            reason += " (it uses a declaration whose own proof is open)"
        return Audit(command, "failed", reason, sha256(account))

    def _allowed(self, name: str, told: Told) -> bool:
        if name == _SORRY:
            return "*" in self._case.allowed and not told.direct
        # A file can declare an axiom with the name of a standard one, where it imports nothing.
        return (name in STANDARD and name not in told.own) or name in self._case.allowed or "*" in self._case.allowed

    async def _recheck(self, proved: Path) -> Audit:
        run = await self._case.space.recheck(proved)
        if run is None:
            return Audit(_RECHECK, "unknown", _INSTALL_CHECKER)
        return of_run(f"{_RECHECK} {proved.stem}", run)
