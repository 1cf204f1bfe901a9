"""Verification of a Coq proof: the only place where `proved` comes from; refutations go on to `negation`.

Five audits, each in fresh processes, must agree: the artefact is the source with nothing but plain tactics in the hole;
`coqc` compiles it; the statement means what the source's means; what it rests on is allowed; `coqchk` accepts the
compiled file. Only the last may be missing, where `coqchk` is not installed or does not finish.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import importlib.metadata
import re
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from checkers.coq import installation as installations
from checkers.coq.assumptions import Surroundings
from checkers.coq.auditing import compiled_with, of_failure, of_run, unsafe_flag
from checkers.coq.inquiry import Answers, inquire, inquire_compiled
from checkers.coq.installation import Installation
from checkers.coq.negation import refuted
from checkers.coq.permission import Permission, allowed_by_option
from checkers.coq.runs import RunFailed, Workspace
from checkers.coq.scan import HoleKind, find
from checkers.coq.splice import NotTheSource, Spliced, original, statement_only, take_apart
from checkers.process import Supervisor
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
        if claim != "proved":
            said = await refuted(space, installation, obligation, artefact, settings)
            return dataclasses.replace(said, environment=environment)
        work = _Verifying(space, installation, obligation, artefact, settings)
        audits = await work.audits()
    verdict, reason = _conclude(audits)
    return Verification(verdict, reason, tuple(audits), environment, None, {ATTACHMENT: artefact}, work.axioms)


def _conclude(audits: list[Audit]) -> tuple[Verdict, str]:
    """Every audit has to pass, but for the second opinion, which must not contradict."""
    for audit in audits:
        if audit.result != "passed" and not (audit.result == "unknown" and audit.command.startswith("coqchk")):
            return Verdict.UNKNOWN, audit.detail
    if len(audits) < _Verifying.COUNT:
        return Verdict.UNKNOWN, "the verification is incomplete"
    return Verdict.PROVED, ""


class _Verifying:
    """The verification of one artefact."""

    COUNT = 5

    def __init__(
        self,
        space: Workspace,
        installation: Installation,
        obligation: Obligation,
        artefact: str,
        settings: Mapping[str, str],
    ) -> None:
        self._space = space
        self._installation = installation
        self._flags = space.flags
        self._source = obligation.source
        self._artefact = artefact
        self._hole = find(obligation.source, obligation.name, obligation.location.file)
        self._axiom = f"lemmata_hole_{secrets.token_hex(16)}"
        self._allowed = allowed_by_option(settings.get("allow_axioms", ""))
        self.axioms: tuple[str, ...] | None = None
        """The axioms that the proof rests on, None as long as they are not known."""

    async def audits(self) -> list[Audit]:
        """Make all audits, up to the first that fails; where the text is wrong already, nothing is run."""
        text, spliced = await asyncio.to_thread(self._text)
        if spliced is None:
            return [text]
        try:
            async with asyncio.TaskGroup() as group:
                compiling = group.create_task(self._compile())
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

    def _unproved(self, above: str) -> str:
        return statement_only(self._source, self._hole, above)

    async def _inquire(self, build: Callable[[str], str], purpose: str) -> Answers | RunFailed:
        try:
            return await inquire(self._space, build, purpose)
        except RunFailed as error:
            return error

    def _text(self) -> tuple[Audit, Spliced | None]:
        began = time.monotonic()
        problem, spliced = self._taken_apart()
        seconds = round(time.monotonic() - began, 3)
        digest = hashlib.sha256(self._artefact.encode("utf-8", "surrogateescape")).hexdigest()
        command = "text: the source with a plain proof in the hole"
        if problem or spliced is None:
            return Audit(command, "failed", problem, digest, seconds), None
        return Audit(command, "passed", f"{len(spliced.sentences)} sentences", digest, seconds), spliced

    def _taken_apart(self) -> tuple[str, Spliced | None]:
        hole = self._hole
        if problem := unsafe_flag(self._flags):
            return problem, None
        try:
            spliced = take_apart(self._source, hole, self._artefact)
        except NotTheSource as error:
            return error.message, None
        if hole.kind is HoleKind.ADMIT and hole.admitted is None:
            return "the proof that holds the `admit.` does not end with `Admitted.`", None
        if hole.others and spliced.looks_around:
            return f"`{spliced.looks_around}` is not allowed beside other holes; write down what it finds", None
        return "", spliced

    async def _compile(self) -> tuple[Audit, Audit, Path]:
        run, compiled = await self._space.compile(self._artefact, "artefact")
        audit = of_run(f"coqc {self._installation.version}", run)
        return audit, await self._recheck(compiled) if run.ok else audit, compiled

    async def _recheck(self, compiled: Path) -> Audit:
        command = f"coqchk -norec {self._flags.top}"
        run = await self._space.recheck(compiled)
        if run is None:
            return Audit(command, "unknown", "coqchk is not installed: apt-get install coq")
        audit = of_run(command, run)
        name = ".".join([self._flags.top, *self._hole.modules, self._hole.theorem])
        if run.ok and not self._hole.others and re.search(rf"^ +{re.escape(name)}$", run.output, re.M):
            return dataclasses.replace(audit, result="failed", detail=f"coqchk lists {name} among what is assumed")
        return audit

    def _statement(self, proved: Answers | RunFailed, stated: Answers | RunFailed) -> Audit:
        command = f"coqtop {self._installation.version}: the statement, as proved and as the source has it"
        match proved, stated:
            case RunFailed(), _:
                return of_failure(command, "the copy in which only tactics can stand fails", proved)
            case _, RunFailed():
                return of_failure(command, "the statement cannot be read", stated)
            case Answers(), Answers():
                problem = self._differs(proved, stated)
                seconds = round(proved.seconds + stated.seconds, 3)
                digest = hashlib.sha256(proved.statement.encode("utf-8", "surrogateescape")).hexdigest()
                return Audit(command, "failed" if problem else "passed", problem or proved.full, digest, seconds)
        return Audit(command, "error")

    def _differs(self, proved: Answers, stated: Answers) -> str:
        top = self._flags.top
        if proved.name != stated.name:
            return f"the theorem is {proved.name}, in the source it is {stated.name}"
        local = not proved.full and bool(self._hole.sections)
        if not local and not (proved.full.startswith(f"{top}.") and proved.full.endswith(f".{proved.name}")):
            return f"{proved.name} is {proved.full or 'unknown'}, not the theorem of this file"
        if not proved.statement or proved.statement != stated.statement:
            return f"the statement means something else: {proved.statement[:200]} is not {stated.statement[:200]}"
        if top in proved.libraries:
            return f"the proof loads {top}, its own compiled file"
        return ""

    async def _assumptions(self, proved: Answers, compiled: Path) -> Audit:
        command = f"Print Assumptions {proved.name}"
        hole = self._hole
        permission = Permission(
            Surroundings(self._source, hole, self._flags.top),
            self._installation.where,
            proved.name,
            ".".join([self._flags.top, *hole.modules, self._axiom]) if hole.others else "",
            self._allowed,
        )
        before: Answers | RunFailed | None = None
        origins = list(proved.origins)
        if not hole.others:
            # The copy is another run of the same tactics: the artefact's own proof is asked too, where it has a name.
            try:
                origins += await inquire_compiled(self._space, compiled, hole.modules, proved.name) or ()
            except RunFailed as error:
                return of_failure(command, "the compiled file cannot be asked", error)
        if permission.refused(origins) and original(self._source, hole, ""):
            before = await self._inquire(lambda above: original(self._source, hole, above), "original")
        known = before if isinstance(before, Answers) else None
        self.axioms = permission.axioms(proved)
        account = permission.account(proved.origins, known).replace(self._axiom, "lemmata_hole")
        digest = hashlib.sha256(account.encode("utf-8", "surrogateescape")).hexdigest()
        if refused := permission.refused(origins, known):
            names = "; ".join(dict.fromkeys(origin.shown for origin in refused))
            return Audit(command, "failed", f"the proof rests on what is not allowed: {names}", digest)
        return Audit(command, "passed", account, digest)
