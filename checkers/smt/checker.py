"""The checker for SMT-LIB goals: unsatisfiable is proved, satisfiable is disproved, by Z3 and by cvc5."""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from checkers.auditing import sha256
from checkers.files import read
from checkers.smt.opinions import Opinion, combine
from checkers.smt.script import Derived, derive, questions
from checkers.smt.session import SmtSession, ask, ask_cvc5, ask_z3
from checkers.smt.steps import Attempt, understand
from checkers.smt.values import checked, fixed, requested, substituted
from lemmata import strict_json
from lemmata.errors import BackendError, InputError, LimitExceeded
from lemmata.explanation import Explanation, Query
from lemmata.goal import Obligation
from lemmata.protocols import Launcher
from lemmata.step import Step
from lemmata.verdict import Audit, Availability, Limits, Verdict, Verification

_SIZE_LIMIT = 2 << 20
_HEADER = "; step: "
# cvc5 may need much longer than Z3; its silence is recorded, so it is not waited for that long.
_SECOND_SECONDS = 10.0


class SmtChecker:
    """SMT-LIB 2.6 scripts; every `(check-sat)` is an obligation, `check-1`, `check-2` and so on.

    Args:
        launcher: starts child processes.
    """

    name = "smt"
    suffixes = (".smt2",)

    def __init__(self, launcher: Launcher) -> None:
        self.launcher = launcher

    async def probe(self) -> Availability:
        """Say which solvers are installed."""
        try:
            versions = {name: importlib.metadata.version(name) for name in ("z3-solver", "cvc5")}
        except importlib.metadata.PackageNotFoundError as error:
            return Availability(False, detail=f"{error.name} is missing", install=f"pip install {error.name}")
        text = ", ".join(f"{name} {version}" for name, version in versions.items())
        return Availability(True, text, "unsat is proved, sat is disproved; Z3 and cvc5 check each other")

    async def obligations(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        """Read a script and list its questions."""
        text = await asyncio.to_thread(read, path, int(options.get("max_source_bytes") or _SIZE_LIMIT))
        found = await asyncio.to_thread(questions, text, str(path))
        return [Obligation(self.name, question.name, text, question.location) for question in found]

    async def open(self, obligation: Obligation, limits: Limits) -> SmtSession:
        """Start a session."""
        return await SmtSession.start(self.launcher, obligation, limits)

    def artefact(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the question's own script, under a comment that says which step decided it."""
        step = steps[-1].text if steps else "auto"
        understand(step)
        return f"{_HEADER}{step}\n{_derived(obligation).text}"

    async def explain(self, obligation: Obligation, steps: Sequence[Step], limits: Limits) -> Explanation:
        """Return the question's own script."""
        derived = await asyncio.to_thread(_derived, obligation)
        return Explanation((Query(obligation.name, obligation.location, derived.text),))

    async def verify(
        self, obligation: Obligation, artefact: str, claim: str, limits: Limits, options: Mapping[str, str]
    ) -> Verification:
        """Check an artefact in fresh processes of both solvers, on the script as the source has it."""
        derived = _derived(obligation)
        work = _Verifying(self.launcher, derived, limits, bool(options.get("require_both")))
        try:
            if claim == "proved":
                return await work.proof(_attempt(artefact, derived))
            return await work.refutation(_model(artefact, derived))
        except InputError as error:
            audit = Audit("artefact", "failed", error.message)
            return Verification(Verdict.UNKNOWN, error.message, (audit,), work.environment())


def _derived(obligation: Obligation) -> Derived:
    return derive(obligation.source, obligation.location.file, obligation.name)


def _attempt(artefact: str, derived: Derived) -> Attempt:
    first, _, rest = artefact.partition("\n")
    if not first.startswith(_HEADER) or rest != derived.text:
        raise InputError("the artefact is not the script that the source gives")
    return understand(first.removeprefix(_HEADER))


def _model(artefact: str, derived: Derived) -> Mapping[str, str]:
    try:
        claim = strict_json.parse(artefact)
    except ValueError as error:
        raise InputError(f"the counterexample is malformed: {error}") from None
    return checked(derived, claim)


class _Verifying:
    """The verification of one artefact."""

    def __init__(self, launcher: Launcher, derived: Derived, limits: Limits, require_both: bool) -> None:
        self._launcher = launcher
        self._derived = derived
        self._limits = limits
        self._require_both = require_both
        self._seconds = limits.wall_seconds or 60.0
        self._versions: dict[str, str] = {}

    def environment(self) -> dict[str, str]:
        """Return the checker and the versions of what was asked."""
        return {"checker": SmtChecker.name, "lemmata": importlib.metadata.version("lemmata"), **self._versions}

    def _verification(self, verdict: Verdict, reason: str, audits: Sequence[Audit]) -> Verification:
        files = {"goal.smt2": self._derived.text}
        return Verification(verdict, reason, tuple(audits), self.environment(), None, files)

    async def proof(self, attempt: Attempt) -> Verification:
        """Have both solvers decide the script."""
        text = self._derived.text
        first, second = await self._both(text, attempt if attempt.solver == "z3" else Attempt("z3"), "the assertions")
        answers, audits = (first[0], second[0]), (first[1], second[1])
        opinion = Opinion("question", *answers, audits[0].detail)
        if answers == ("unknown", "unsat"):
            # Either solver may be the one that decides; the other one's silence is in the audit.
            verdict, reason = Verdict.PROVED, ""
            if self._require_both:
                verdict, reason = Verdict.UNKNOWN, "z3 does not decide the question"
        else:
            verdict, reason = combine([opinion], require_both=self._require_both)
        return self._verification(verdict, reason, audits)

    async def refutation(self, model: Mapping[str, str]) -> Verification:
        """Have both solvers confirm the model.

        Z3 evaluates every assertion under it where it gives all constants a value and there is nothing else to choose;
        otherwise it decides the script with the model's values, as cvc5 does in any case.
        """
        text = fixed(self._derived, model)
        other = fixed(self._derived, model, by_entries=True)
        first, second = await self._both(text, Attempt("z3"), "the model", self._evaluation(model), other)
        answers = (first[0], second[0])
        if answers == ("sat", "sat"):
            return self._verification(Verdict.DISPROVED, "the assertions are satisfiable", (first[1], second[1]))
        if set(answers) == {"sat", "unsat"}:
            verdict, reason = combine([Opinion("model", *answers)], require_both=True)
        else:
            verdict = Verdict.UNKNOWN
            reason = f"the model is not confirmed: z3 says {answers[0]}, cvc5 says {answers[1]}"
        return self._verification(verdict, reason, (first[1], second[1]))

    def _evaluation(self, model: Mapping[str, str]) -> str:
        """Return the script that evaluates all assertions, empty where the model does not settle everything."""
        whole = all(line.symbol in model for line in self._derived.lines if line.symbol)
        return substituted(self._derived, model) if whole and len(requested(self._derived)) == len(model) else ""

    async def _both(
        self, text: str, attempt: Attempt, what: str, evaluation: str = "", other: str = ""
    ) -> tuple[tuple[str, Audit], tuple[str, Audit]]:
        other = other or text
        first, second = await asyncio.gather(self._z3(text, attempt, evaluation), self._cvc5(other))
        self._versions = {"z3": first.get("z3", "failed"), "cvc5": second.get("cvc5", "failed")}
        settings = " ".join(f"{name}={value}" for name, value in attempt.settings)
        asked = f"z3 {self._versions['z3']}: {what}" + (f" ({settings})" if settings else "")
        part = "" if other == text else " (arrays by their entries)"
        wanted = "sat" if what == "the model" else "unsat"
        return (
            (first["answer"], _audit(asked, first, wanted, text)),
            (second["answer"], _audit(f"cvc5 {self._versions['cvc5']}: {what}{part}", second, wanted, other)),
        )

    async def _z3(self, text: str, attempt: Attempt, evaluation: str) -> dict[str, Any]:
        try:
            found = await ask_z3(self._launcher, text, attempt, self._seconds, self._limits)
            if evaluation and found["answer"] == "sat":
                params = {"text": evaluation, "count": len(self._derived.assertions)}
                said = await ask(self._launcher, "checkers.smt.worker", "evaluate", params, self._limits)
                if said["fails"]:
                    return {**found, "answer": "error", "detail": "z3 evaluates an assertion to false under its model"}
                found["detail"] = (
                    "all assertions evaluate to true" if said["holds"] else "satisfiable with these values"
                )
        except LimitExceeded as error:
            return {"answer": "unknown", "detail": error.message, "seconds": 0.0}
        except BackendError as error:
            return {"answer": "error", "detail": error.message, "seconds": 0.0}
        return found

    async def _cvc5(self, text: str) -> dict[str, Any]:
        try:
            return await ask_cvc5(self._launcher, text, min(self._seconds, _SECOND_SECONDS), self._limits)
        except BackendError as error:
            return {"answer": "error", "detail": error.message, "seconds": 0.0}


def _audit(command: str, answer: Mapping[str, Any], wanted: str, text: str) -> Audit:
    said = answer["answer"]
    result = "passed" if said == wanted else "failed" if said in ("sat", "unsat") else said
    digest = sha256(text)
    return Audit(command, result, answer["detail"], digest, round(answer["seconds"], 4))
