"""Verification of a Coq proof: the only place where `proved` comes from; refutations go on to `negation`.

Five audits, each in fresh processes, must agree: the artefact is the source with nothing but plain tactics in the hole;
`coqc` compiles it; the statement means what the source's means; what it rests on is allowed; `coqchk` accepts the
compiled file. Only the last may be missing, where `coqchk` is not installed or does not finish.
"""

from __future__ import annotations

import asyncio
import dataclasses
import importlib.metadata
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from checkers.auditing import concluded, of_text, sha256
from checkers.coq import installation as installations
from checkers.coq.auditing import AUDITS, RECHECK, Case, unsafe_flag
from checkers.coq.inquiry import Answers, inquire, inquire_compiled
from checkers.coq.negation import refuted
from checkers.coq.project import compiled_with
from checkers.coq.runs import Workspace
from checkers.coq.scan import HoleKind, find
from checkers.coq.splice import NotTheSource, Spliced, original, statement_only, take_apart
from checkers.process import Supervisor
from checkers.runs import RunFailed, of_failure
from lemmata.axioms import allowed_axioms
from lemmata.goal import Obligation
from lemmata.verdict import Audit, Limits, Verdict, Verification

ATTACHMENT = "proof.v"


async def verify(
    supervisor: Supervisor,
    obligation: Obligation,
    artefact: str,
    claim: str,
    limits: Limits,
    options: Mapping[str, str],
) -> Verification:
    """Check from scratch that an artefact proves its obligation, or refutes it.

    Args:
        supervisor: starts the processes.
        obligation: what is to be proved; its options `arguments` and `top` say how the file is compiled.
        artefact: the source with the proof in it; the JSON text of the counterexample where that is the claim.
        claim: `proved` or `disproved`.
        limits: of each process.
        options: `allow_axioms` is a JSON list of further axioms that are allowed, or `"*"`; the obligation's own
            options count too.

    Returns:
        The claim or `unknown`, with the reason; a bad artefact is no error.

    Raises:
        BackendError: Coq is missing or cannot be started.
        LemmataError: the obligation itself, or an option, makes no sense.
    """
    installation = await asyncio.to_thread(installations.find)
    settings = {**options, **dict(obligation.options)}
    compiled = compiled_with(obligation, settings, installation)
    environment = {
        "checker": "coq",
        "lemmata": importlib.metadata.version("lemmata"),
        "coq": installation.version,
        "hammer": installation.hammer or "absent",
        "flags": " ".join([*compiled.arguments, "-top", compiled.top]),
    }
    with tempfile.TemporaryDirectory(prefix="lemmata-coq-") as folder:
        space = Workspace(
            Path(folder).resolve(), supervisor, installation, compiled, limits, Path(obligation.location.file).name
        )
        case = Case(
            space,
            installation,
            obligation.source,
            find(obligation.source, obligation.name, obligation.location.file),
            artefact,
            frozenset(allowed_axioms(settings.get("allow_axioms", ""))),
        )
        if claim != "proved":
            return dataclasses.replace(await refuted(case), environment=environment)
        work = _Verifying(case)
        audits = await work.audits()
    verdict, reason = concluded(audits, Verdict.PROVED, count=AUDITS, optional=RECHECK)
    return Verification(verdict, reason, tuple(audits), environment, None, {ATTACHMENT: artefact}, work.axioms)


class _Verifying:
    """The verification of one artefact."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._axiom = f"lemmata_hole_{secrets.token_hex(16)}"
        self.axioms: tuple[str, ...] | None = None
        """The axioms that the proof rests on, None as long as they are not known."""

    async def audits(self) -> list[Audit]:
        """Make all audits, up to the first that fails; where the text is wrong already, nothing is run."""
        text, spliced = await asyncio.to_thread(self._text)
        if spliced is None:
            return [text]
        try:
            async with asyncio.TaskGroup() as group:
                compiling = group.create_task(self._case.compile(self._case.artefact, "artefact", self._proved()))
                proving = group.create_task(self._inquire(lambda above: spliced.audited(above, self._axiom), "audited"))
                stating = group.create_task(self._inquire(self._unproved, "statement"))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        compiled, rechecked, file = compiling.result()
        audits = [text, compiled]
        proved, stated = proving.result(), stating.result()
        if compiled.result == "passed":
            audits.append(self._statement(proved, stated))
        if audits[-1].result == "passed" and isinstance(proved, Answers):
            audits += [await self._assumptions(proved, file), rechecked]
        return audits

    def _proved(self) -> str:
        """Return the full name of what the compiled file must not assume; beside other holes it assumes the theorem."""
        hole = self._case.hole
        return "" if hole.others else self._case.full(hole.theorem)

    def _unproved(self, above: str) -> str:
        return statement_only(self._case.source, self._case.hole, above)

    async def _inquire(self, build: Callable[[str], str], purpose: str) -> Answers | RunFailed:
        try:
            return await inquire(self._case.space, build, purpose)
        except RunFailed as error:
            return error

    def _text(self) -> tuple[Audit, Spliced | None]:
        began = time.monotonic()
        problem, spliced = self._taken_apart()
        if problem or spliced is None:
            return of_text(self._case.artefact, began, ok=False, detail=problem), None
        return of_text(self._case.artefact, began, ok=True, detail=f"{len(spliced.sentences)} sentences"), spliced

    def _taken_apart(self) -> tuple[str, Spliced | None]:
        hole = self._case.hole
        if problem := unsafe_flag(self._case.space.flags):
            return problem, None
        try:
            spliced = take_apart(self._case.source, hole, self._case.artefact)
        except NotTheSource as error:
            return error.message, None
        if hole.kind is HoleKind.ADMIT and hole.admitted is None:
            return "the proof that holds the `admit.` does not end with `Admitted.`", None
        if hole.others and spliced.looks_around:
            return f"`{spliced.looks_around}` is not allowed beside other holes; write down what it finds", None
        return "", spliced

    def _statement(self, proved: Answers | RunFailed, stated: Answers | RunFailed) -> Audit:
        command = f"coqtop {self._case.installation.version}: the statement, as proved and as the source has it"
        match proved, stated:
            case RunFailed(), _:
                return of_failure(command, proved, "the copy in which only tactics can stand fails")
            case _, RunFailed():
                return of_failure(command, stated, "the statement cannot be read")
            case Answers(), Answers():
                problem = self._differs(proved, stated)
                seconds = round(proved.seconds + stated.seconds, 3)
                digest = sha256(proved.statement)
                return Audit(command, "failed" if problem else "passed", problem or proved.full, digest, seconds)
        return Audit(command, "error")

    def _differs(self, proved: Answers, stated: Answers) -> str:
        top = self._case.top
        if proved.name != stated.name:
            return f"the theorem is {proved.name}, in the source it is {stated.name}"
        local = not proved.full and bool(self._case.hole.sections)
        if not local and not (proved.full.startswith(f"{top}.") and proved.full.endswith(f".{proved.name}")):
            return f"{proved.name} is {proved.full or 'unknown'}, not the theorem of this file"
        if not proved.statement or proved.statement != stated.statement:
            return f"the statement means something else: {proved.statement[:200]} is not {stated.statement[:200]}"
        if top in proved.libraries:
            return f"the proof loads {top}, its own compiled file"
        return ""

    async def _assumptions(self, proved: Answers, compiled: Path) -> Audit:
        command = f"Print Assumptions {proved.name}"
        hole = self._case.hole
        permission = self._case.permission(proved.name, self._case.full(self._axiom) if hole.others else "")
        before: Answers | RunFailed | None = None
        origins = list(proved.origins)
        if not hole.others:
            # The copy is another run of the same tactics: the artefact's own proof is asked too, where it has a name.
            try:
                origins += await inquire_compiled(self._case.space, compiled, hole.modules, proved.name) or ()
            except RunFailed as error:
                return of_failure(command, error, "the compiled file cannot be asked")
        if permission.refused(origins) and original(self._case.source, hole, ""):
            before = await self._inquire(lambda above: original(self._case.source, hole, above), "original")
        known = before if isinstance(before, Answers) else None
        self.axioms = permission.axioms(proved)
        account = permission.account(proved.origins, known).replace(self._axiom, "lemmata_hole")
        digest = sha256(account)
        if refused := permission.refused(origins, known):
            names = "; ".join(dict.fromkeys(origin.shown for origin in refused))
            return Audit(command, "failed", f"the proof rests on what is not allowed: {names}", digest)
        return Audit(command, "passed", account, digest)
