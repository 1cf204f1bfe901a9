"""Verification of an Isabelle proof: the only place where `proved` comes from.

Six audits must agree: the artefact is the source with nothing but plain proof commands in the hole; nothing that the
theory postulates or runs itself is in play, unless allowed; `isabelle build` accepts the artefact; it accepts a copy
that ends behind the theorem and in which `sorry` is switched off for it; what that copy proved is what the source
states; and its derivation uses no oracle. A refutation has four audits of the same kind; see `refutation`.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import secrets
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from checkers.auditing import concluded, of_text, sha256
from checkers.isabelle import audit, commands, copies, postulates, project, refutation, scan
from checkers.isabelle import installation as installations
from checkers.isabelle.artefact import NotTheSource, take_apart
from checkers.isabelle.audit import Answer, NoAnswer
from checkers.isabelle.builds import Workspace
from checkers.isabelle.copies import Copies
from checkers.isabelle.distribution import SESSIONS
from checkers.isabelle.installation import Installation
from checkers.isabelle.project import Project
from checkers.isabelle.scan import Hole
from checkers.process import Supervisor
from checkers.runs import Run, of_run
from lemmata import strict_json
from lemmata.axioms import allowed_axioms
from lemmata.errors import InputError
from lemmata.goal import Obligation
from lemmata.verdict import Audit, Limits, Verdict, Verification

ATTACHMENT = "proof.thy"

_LEAST_SECONDS = 600.0
"""A build takes its time, however short the search was."""
_AUDITS = 6
_REFUTING_AUDITS = 4


@dataclass(frozen=True, slots=True)
class _Case:
    """What is verified, and with what."""

    obligation: Obligation
    hole: Hole
    artefact: str
    project: Project
    allowed: frozenset[str]
    space: Workspace
    installation: Installation

    @property
    def file(self) -> str:
        return self.obligation.location.file


async def verify(
    supervisor: Supervisor,
    obligation: Obligation,
    artefact: str,
    claim: str,
    limits: Limits,
    options: Mapping[str, str],
) -> Verification:
    """Check from scratch that an artefact proves its obligation.

    Args:
        supervisor: starts the processes.
        obligation: what is to be proved; its options say in which session.
        artefact: the source with the proof in it.
        claim: `proved` or `disproved`; then the artefact is the JSON text of a counterexample.
        limits: of each process.
        options: `allow_axioms` is a JSON list of names of axioms that are allowed, or `"*"`.

    Returns:
        The claim or `unknown`, with the reason; a bad artefact is no error.

    Raises:
        BackendError: Isabelle is missing or cannot be started.
        LemmataError: the obligation itself, or an option, makes no sense.
    """
    installation = await asyncio.to_thread(installations.find)
    settings = {**options, **dict(obligation.options)}
    around = project.of_options(settings)
    environment = {
        "checker": "isabelle",
        "lemmata": importlib.metadata.version("lemmata"),
        "isabelle": installation.version,
        "session": " ".join((around.logic, *around.sessions)),
    }
    theory = await asyncio.to_thread(commands.read, obligation.source, obligation.location.file)
    project.check(around, theory.header.name, obligation.location.file)
    hole = await asyncio.to_thread(scan.find, obligation.source, obligation.name, obligation.location.file)
    imported = await asyncio.to_thread(project.copies, around)
    texts = {name: copies.lenient(text, f"{name}.thy") for name, text in imported.items()}
    allowed = frozenset(allowed_axioms(settings.get("allow_axioms", "")))
    patient = limits.at_least(wall_seconds=_LEAST_SECONDS)
    with tempfile.TemporaryDirectory(prefix="lemmata-isabelle-") as name:
        space = Workspace(Path(name).resolve(), supervisor, installation, around, texts, patient)
        work = _Verifying(_Case(obligation, hole, artefact, around, allowed, space, installation))
        if claim != "proved":
            audits = await work.refuting()
            verdict, reason = concluded(audits, Verdict.DISPROVED, count=_REFUTING_AUDITS)
            known = strict_json.parse(artefact) if verdict is Verdict.DISPROVED else None
            return Verification(verdict, reason, tuple(audits), environment, known)
        audits = await work.audits()
    verdict, reason = concluded(audits, Verdict.PROVED, count=_AUDITS)
    return Verification(verdict, reason, tuple(audits), environment, None, {ATTACHMENT: artefact}, work.axioms)


async def compiles(
    supervisor: Supervisor, installation: Installation, around: Project, text: str, path: Path, limits: Limits
) -> str:
    """Build a theory in a fresh process, `sorry` allowed; return the first error, empty where there is none."""
    theory = await asyncio.to_thread(commands.read, text, str(path))
    project.check(around, theory.header.name, str(path))
    texts = await asyncio.to_thread(project.copies, around)
    header = project.header(theory, list(texts))
    name = theory.header.name
    patient = limits.at_least(wall_seconds=_LEAST_SECONDS)
    with tempfile.TemporaryDirectory(prefix="lemmata-isabelle-") as folder:
        space = Workspace(Path(folder).resolve(), supervisor, installation, around, texts, patient)
        run = await space.build("patched", {name: header + text[theory.header.end :]}, name, lenient=True)
    return "" if run.ok else run.error or "isabelle build refuses it"


class _Verifying:
    """The verification of one artefact."""

    def __init__(self, case: _Case) -> None:
        self._case = case
        self.axioms: tuple[str, ...] | None = None
        """The axioms that the proof may rest on, None as long as they are not known."""

    async def audits(self) -> list[Audit]:
        """Make all audits, up to the first that fails; where the text is wrong already, nothing is run."""
        text, made = await asyncio.to_thread(self._text)
        if made is None:
            return [text]
        postulated = await asyncio.to_thread(self._postulates)
        if postulated.result != "passed":
            return [text, postulated]
        # The first build makes the images that are missing; the others could get into each other's way at that.
        whole = await self._whole(made)
        if whole.result != "passed":
            return [text, postulated, whole]
        try:
            async with asyncio.TaskGroup() as group:
                proving = group.create_task(self._ask("copy", made.proved, made))
                stating = group.create_task(self._ask("statement", made.stated, made))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        run, proved = proving.result()
        stated_run, stated = stating.result()
        strict = f"isabelle build {self._case.installation.version}: a copy up to the theorem, in which `sorry` is off"
        audits = [text, postulated, whole, of_run(strict, run), self._statement(stated_run, proved, stated)]
        if all(one.result == "passed" for one in audits) and isinstance(proved, Answer):
            audits.append(self._oracles(proved))
        return audits

    async def refuting(self) -> list[Audit]:
        """Make the audits of a refutation, up to the first that fails."""
        case = self._case
        command = "text: a plain proof of False from the statement"
        names = [one.name for one in case.project.imports]
        try:
            found = refutation.read(case.artefact)
            made = refutation.copy(case.obligation.source, case.hole, found, names, case.file)
        except InputError as error:
            return [Audit(command, "failed", error.message, sha256(case.artefact))]
        audits = [Audit(command, "passed", found.denied[:200], sha256(case.artefact)), self._postulates()]
        if audits[-1].result != "passed":
            return audits
        nonce = secrets.token_hex(16)
        answer = case.space.answer("refutation")
        text = refutation.asked(made, nonce, answer)
        run = await case.space.build("refutation", {made.name: text}, made.name)
        audits.append(of_run(f"isabelle build {case.installation.version}: the statement leads to False", run))
        if run.ok:
            try:
                audits.append(self._oracles(audit.read(answer, nonce)))
            except NoAnswer as error:
                audits.append(Audit("Thm_Deps.all_oracles", "unknown", error.message))
        return audits

    def _text(self) -> tuple[Audit, Copies | None]:
        began = time.monotonic()
        case = self._case
        try:
            proof = take_apart(case.obligation.source, case.hole, case.artefact, case.file)
            names = [one.name for one in case.project.imports]
            made = copies.make(case.obligation.source, case.hole, case.artefact, names, case.file)
        except (NotTheSource, NoAnswer, InputError) as error:
            return of_text(case.artefact, began, ok=False, detail=error.message), None
        return of_text(case.artefact, began, ok=True, detail=f"{len(proof)} commands"), made

    def _postulates(self) -> Audit:
        """Look through the theory and those that it imports from files."""
        case = self._case
        command = "text: axioms, oracles, ML and unsafe options in the theory and in what it imports from files"
        texts = {Path(case.file).name: case.obligation.source}
        texts.update({f"{name}.thy": text for name, text in project.copies(case.project).items()})
        names = [one.name for one in case.project.imports]
        sessions = [s for s in (case.project.logic, *case.project.sessions) if s not in SESSIONS]
        every = [postulates.session(name, Path(case.file).name) for name in sessions]
        for file, text in texts.items():
            theory = commands.read(text, file)
            every += postulates.found(theory, file)
            every += [postulates.session(name, file) for name in project.foreign(theory, names) if name not in sessions]
        account = "; ".join(one.what for one in every) or "none"
        if refused := postulates.refused(every, case.allowed):
            shown = "; ".join(dict.fromkeys(one.what for one in refused))[:500]
            named = [one.name for one in refused if one.name]
            hint = f"--allow-axioms {named[0]}" if len(named) == len(refused) else "--allow-axioms '*'"
            return Audit(command, "failed", f"the proof may rest on what is not proved: {shown}; see {hint}")
        self.axioms = tuple(dict.fromkeys(one.name or one.what for one in every))
        return Audit(command, "passed", account, sha256(account))

    async def _whole(self, made: Copies) -> Audit:
        lenient = " (sorry allowed: the file has other holes)" if made.other_holes else ""
        command = f"isabelle build {self._case.installation.version}: the theory with the proof{lenient}"
        run = await self._case.space.build("artefact", {made.name: made.whole}, made.name, lenient=made.other_holes)
        return of_run(command, run)

    async def _ask(self, purpose: str, text: str, made: Copies) -> tuple[Run, Answer | NoAnswer]:
        """Build a copy in which the theorem is asked about behind its proof."""
        nonce = secrets.token_hex(16)
        answer = self._case.space.answer(purpose)
        asked = text.replace(made.question, audit.command(made.theorem, nonce, answer))
        theories = {made.name: asked, **made.further}
        run = await self._case.space.build(purpose, theories, made.name)
        if not run.ok:
            return run, NoAnswer(run.error)
        try:
            return run, audit.read(answer, nonce)
        except NoAnswer as error:
            return run, error

    def _statement(self, run: Run, proved: Answer | NoAnswer, stated: Answer | NoAnswer) -> Audit:
        command = "the statement, as proved and as the source has it"
        match proved, stated:
            case Answer(), Answer():
                shown = "; ".join(one.proposition for one in proved.theorems)
                if proved.states(stated):
                    return Audit(command, "passed", f"{len(proved.theorems)} propositions", sha256(shown))
                return Audit(command, "failed", "what was proved is not what the source states", sha256(shown))
            case NoAnswer(message=message), _:
                return Audit(command, "unknown", message)
            case _, NoAnswer(message=message):
                result = "unknown" if run.limited else "failed"
                return Audit(command, result, f"the statement cannot be read: {message}")
        return Audit(command, "error")

    def _oracles(self, proved: Answer) -> Audit:
        command = "Thm_Deps.all_oracles: what the derivation uses beside the kernel's rules"
        digest = sha256(f"{proved.oracles} {proved.skipped}")
        if proved.skipped:
            return Audit(command, "failed", "the proof rests on a theorem that is not proved (sorry)", digest)
        if proved.oracles and "*" not in self._case.allowed:
            return Audit(command, "failed", f"the proof uses {proved.oracles} oracles", digest)
        return Audit(command, "passed", f"{proved.oracles} oracles" if proved.oracles else "no oracles", digest)
