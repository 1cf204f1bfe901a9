"""Verification of a refutation: the only place where `disproved` comes from for a Coq theorem.

Five audits in fresh processes must agree: the counterexample is plain tactics and says what Coq says of the statement;
`coqc` compiles the source up to the statement with the proof of its negation; the compiled file, asked by a process
that loaded nothing else, has the negation of exactly the type of the theorem; the proof rests on what is allowed, never
on the theorem itself, and leaves the levels of universes open; `coqchk` accepts the compiled file.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from checkers.auditing import concluded, sha256
from checkers.coq import universes
from checkers.coq.assumptions import full_name, libraries
from checkers.coq.auditing import AUDITS, RECHECK, Case, unsafe_flag
from checkers.coq.counterexample import Counterexample, Denial, NoCounterexample, printed, read
from checkers.coq.goals import WIDE, display
from checkers.coq.inquiry import SETTINGS, Origin, origins_of
from checkers.runs import RunFailed, of_failure
from lemmata.verdict import Audit, Verdict, Verification

ATTACHMENT = "refutation.v"
MONOMORPHIC = "is not universe polymorphic"
"""What `About` says of a theorem that can be refuted."""

_LOGIC = re.compile(r"(?:Coq|Corelib)\.Init\.Logic\.(?:not|False)")


@dataclass(frozen=True, slots=True)
class _Read:
    """What Coq says of the text when it is loaded as the file itself."""

    statement: str
    variables: tuple[str, ...]
    """Of the sections around the theorem."""
    constraint: str
    """A constraint between universes that the refutation adds."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    """What Coq says of the compiled file."""

    theorem: str
    """The full name of the theorem, empty where it has none."""
    lemma: str
    statement: str
    """Everything that follows is printed without notations."""
    negation: str
    applied: str
    """The type of the lemma applied to the theorem."""
    logic: tuple[str, str]
    """The full names of what `not` and `False` are."""
    about: str
    origins: tuple[Origin, ...]


async def refuted(case: Case) -> Verification:
    """Check from scratch that a counterexample refutes a theorem.

    Returns:
        `disproved` or `unknown`, with the reason; a bad counterexample is no error.
    """
    work = _Refuting(case)
    audits = tuple(await work.audits())
    verdict, reason = concluded(audits, Verdict.DISPROVED, count=AUDITS, optional=RECHECK)
    if verdict is not Verdict.DISPROVED or work.claim is None:
        return Verification(Verdict.UNKNOWN, reason, audits)
    return Verification(
        verdict,
        work.claim.explanation,
        audits,
        attachments={ATTACHMENT: work.denial.whole(work.claim.steps)},
        axioms=work.axioms,
    )


class _Refuting:
    """The verification of one counterexample."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.denial = Denial(case.source, case.hole)
        self.claim: Counterexample | None = None
        self.axioms: tuple[str, ...] | None = None

    async def audits(self) -> list[Audit]:
        """Make all audits, up to the first that fails; where the text is wrong already, nothing is run."""
        told = await asyncio.to_thread(self._text)
        if self.claim is None:
            return [told]
        try:
            async with asyncio.TaskGroup() as group:
                text = self.denial.whole(self.claim.steps)
                compiling = group.create_task(self._case.compile(text, "refutation", self._names[1]))
                reading = group.create_task(self._read(self.claim))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        compiled, rechecked, file = compiling.result()
        audits = [told, compiled]
        if compiled.result != "passed":
            return audits
        try:
            seen, asked = reading.result(), await self._ask(file)
        except RunFailed as error:
            return [*audits, of_failure(self._stating, error, "Coq cannot be asked")]
        audits.append(self._statement(self.claim, seen, asked))
        if audits[-1].result == "passed":
            audits += [self._assumptions(seen, asked), rechecked]
        return audits

    def _text(self) -> Audit:
        began = time.monotonic()
        command = "text: a refutation by plain tactics"
        digest = sha256(self._case.artefact)
        claim: Counterexample | None = None
        problem = unsafe_flag(self._case.space.flags) or self.denial.unfit()
        if not problem:
            try:
                claim = read(self._case.artefact)
            except NoCounterexample as error:
                problem = error.message
        seconds = round(time.monotonic() - began, 3)
        if claim is None:
            return Audit(command, "failed", problem, digest, seconds)
        self.claim = claim
        return Audit(command, "passed", f"{len(claim.steps)} steps", digest, seconds)

    async def _read(self, claim: Counterexample) -> _Read | RunFailed:
        """Load the text as the file itself; what is asked on the way is asked before any step of the refutation."""
        asked = {what: self._case.space.folder / f"{what}-{secrets.token_hex(16)}" for what in ("sections", "before")}
        text = self.denial.text(
            claim.steps,
            asked=f'Goal True.\nRedirect "{asked["sections"]}" Show.\nAbort.\n' if self._case.hole.sections else "",
            before=f'Redirect "{asked["before"]}" Print Universes.\n',
        )

        def answer(what: str) -> str:
            file = asked[what].with_name(asked[what].name + ".out")
            return file.read_text("utf-8", "surrogateescape") if file.is_file() else ""

        try:
            async with self._case.space.loaded(text, "denial") as questions:
                after = universes.constraints(await questions.ask("Print Universes."))
                for setting in WIDE:
                    await questions.tell(setting)
                statement = printed(await questions.ask(f"Check @{self._case.hole.theorem}."))
        except RunFailed as error:
            return error
        before = universes.constraints(answer("before"))
        if not before or not after:
            return RunFailed("Coq does not tell the constraints between universes")
        variables: tuple[str, ...] = ()
        if self._case.hole.sections:
            goals = display(answer("sections"))
            if goals is None or goals.first is None:
                return RunFailed("Coq does not tell the variables of the sections")
            variables = tuple(h.name for h in goals.first.hypotheses if not h.text.startswith(":="))
        return _Read(statement, variables, universes.added(before, after))

    async def _ask(self, compiled: Path) -> _Compiled:
        theorem, lemma = self._names
        async with self._case.space.loaded(f"Require {self._case.top}.\n", "compiled", compiled) as questions:
            loaded = libraries(await questions.ask("Print Libraries."))
            for setting in SETTINGS:
                await questions.tell(setting)
            about = await questions.ask(f"About {theorem}.")
            return _Compiled(
                full_name(about),
                full_name(await questions.ask(f"About {lemma}.")),
                printed(await questions.ask(f"Check @{theorem}.")),
                printed(await questions.ask(f"Check @{lemma}.")),
                printed(await questions.ask(f"Check (@{lemma} (@{theorem})).")),
                (
                    full_name(await questions.ask("About not.")),
                    full_name(await questions.ask("About False.")),
                ),
                about,
                await origins_of(questions, lemma, loaded),
            )

    @property
    def _names(self) -> tuple[str, str]:
        """The full names of the theorem and of the lemma."""
        return self._case.full(self._case.hole.theorem), self._case.full(self.denial.name)

    @property
    def _stating(self) -> str:
        return f"coqtop {self._case.installation.version}: the negation of the very statement"

    def _statement(self, claim: Counterexample, seen: _Read | RunFailed, asked: _Compiled) -> Audit:
        if isinstance(seen, RunFailed):
            return of_failure(self._stating, seen, "the text cannot be loaded")
        problem = self._differs(claim, seen, asked)
        digest = sha256(asked.negation)
        return Audit(self._stating, "failed" if problem else "passed", problem or asked.theorem, digest)

    def _differs(self, claim: Counterexample, seen: _Read, asked: _Compiled) -> str:
        if (asked.theorem, asked.lemma) != self._names:
            return f"{self._case.hole.theorem} has no name outside of what is around it"
        if not all(map(_LOGIC.fullmatch, asked.logic)):
            return "`not` and `False` are not those of Coq"
        if not asked.statement or asked.negation not in (f"not {asked.statement}", f"not ({asked.statement})"):
            return f"{asked.negation[:200]} is not the negation of {asked.statement[:200]}"
        if asked.applied != "False":
            return "the theorem does not contradict its refutation"
        if MONOMORPHIC not in asked.about:
            return "a statement that is polymorphic in universes cannot be refuted"
        if _arguments(asked.about)[: len(seen.variables)] != seen.variables:
            return "the statement is not about all variables of the sections around it"
        if claim.statement != seen.statement:
            return f"the statement is {seen.statement[:200]}, not {claim.statement[:200]}"
        return ""

    def _assumptions(self, seen: _Read | RunFailed, asked: _Compiled) -> Audit:
        command = f"Print Assumptions {self.denial.name}"
        permission = self._case.permission(self.denial.name)
        refused = permission.refused(asked.origins)
        itself = [origin for origin in asked.origins if origin.full == asked.theorem]
        self.axioms = tuple(origin.shown for origin in asked.origins if origin.assumption.kind == "axiom")
        account = permission.account(asked.origins)
        digest = sha256(account)
        if itself or refused:
            names = "; ".join(dict.fromkeys(origin.shown for origin in [*itself, *refused]))
            return Audit(command, "failed", f"the refutation rests on what is not allowed: {names}", digest)
        if isinstance(seen, RunFailed) or seen.constraint:
            constraint = "" if isinstance(seen, RunFailed) else seen.constraint
            return Audit(command, "failed", f"the refutation chooses between universes: {constraint}", digest)
        return Audit(command, "passed", account, digest)


def _arguments(about: str) -> tuple[str, ...]:
    """Return the names of a theorem's arguments from the answer to `About`."""
    found = re.search(r"^Arguments \S+ (.*?)(?=^\S|\Z)", about, re.M | re.S)
    words = found[1].split() if found else []
    return tuple(re.sub(r"%\w+", "", word).strip("()[]{}") for word in words)
