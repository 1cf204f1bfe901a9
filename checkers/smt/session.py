"""A session on one SMT goal: every question is put to a solver in a child process of its own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from checkers.smt.script import Derived, derive
from checkers.smt.sexpr import quoted
from checkers.smt.steps import Attempt, understand
from checkers.smt.values import counterexample, requested
from lemmata.errors import BackendError, InputError, LimitExceeded
from lemmata.goal import Goal, GoalRef, Hypothesis, Obligation
from lemmata.outcome import Closed, Crashed, Outcome, Rejected, TimedOut
from lemmata.protocols import Launcher
from lemmata.step import Step
from lemmata.verdict import Limits

GRACE_SECONDS = 2.0
"""What a solver that keeps its time limit may need besides: starting up, printing."""
_SHOWN = 50_000
_OUT_OF_TIME = ("timeout", "canceled", "interrupted")


async def ask(launcher: Launcher, module: str, method: str, params: Mapping[str, Any], limits: Limits) -> Any:
    """Start a child, put one question to it and end it."""
    child = await launcher.start(["-m", module], limits)
    try:
        return await child.request(method, params, limits.wall_seconds)
    finally:
        await child.close()


async def ask_z3(
    launcher: Launcher, text: str, attempt: Attempt, seconds: float, limits: Limits, constants: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Have Z3 decide a script."""
    params = {"text": text.rstrip(), "settings": attempt.settings, "seconds": seconds, "constants": constants}
    found: dict[str, Any] = await ask(launcher, "checkers.smt.worker", "check", params, _patient(limits, seconds))
    return found


async def ask_cvc5(launcher: Launcher, text: str, seconds: float, limits: Limits) -> dict[str, Any]:
    """Have cvc5 decide a script; `cvc5` is its version."""
    params = {"queries": [text], "seconds": seconds}
    answer = await ask(launcher, "checkers.smt.second", "check", params, _patient(limits, seconds))
    return {**answer["answers"][0], "cvc5": answer["cvc5"]}


def _patient(limits: Limits, seconds: float) -> Limits:
    return Limits(seconds + GRACE_SECONDS, limits.cpu_seconds, limits.memory_bytes, limits.file_bytes)


class SmtSession:
    """One obligation; made by `SmtSession.start`."""

    def __init__(self, launcher: Launcher, obligation: Obligation, derived: Derived, limits: Limits) -> None:
        self._launcher = launcher
        self._derived = derived
        self._limits = limits
        hypotheses = [Hypothesis(f"h{i}", text) for i, text in enumerate(derived.assertions, 1)]
        shown = sum(len(h.text) for h in hypotheses) <= _SHOWN
        self.context: dict[str, Any] = {"logic": derived.logic, "assertions": len(hypotheses)}
        conclusion = f"the {len(hypotheses)} assertions are unsatisfiable"
        # The obligation's key is part of the goal's, so what is not shown still counts.
        goal = Goal("smt", conclusion, tuple(hypotheses) if shown else (), f"{obligation.key}")
        self.root = GoalRef("root", goal)

    @classmethod
    async def start(cls, launcher: Launcher, obligation: Obligation, limits: Limits) -> SmtSession:
        """Read the script and have Z3 read it.

        Raises:
            InputError: with a location, where Z3 does not understand it.
            BackendError: Z3 cannot be run.
        """
        derived = derive(obligation.source, obligation.location.file, obligation.name)
        said = await ask(launcher, "checkers.smt.worker", "parse", {"text": derived.body()}, limits)
        if errors := said["errors"]:
            raise _misread(derived, errors, obligation)
        return cls(launcher, obligation, derived, limits)

    async def apply(self, goal: GoalRef, step: Step, limits: Limits) -> Outcome:
        """Put the question to the solver that the step names."""
        began = time.monotonic()
        if step.kind != "tactic" or step.parts:
            return Rejected(f"an SMT goal takes tactics, not a {step.kind}")
        try:
            attempt = understand(step.text)
        except InputError as error:
            return Rejected(error.message)
        seconds = limits.wall_seconds or 10.0
        try:
            answer = await self._ask(attempt, seconds, limits)
        except LimitExceeded as error:
            return TimedOut(time.monotonic() - began, error.message)
        except BackendError as error:
            return Crashed(error.message, time.monotonic() - began)
        took = time.monotonic() - began
        match answer["answer"]:
            case "unsat":
                return Closed(took)
            case "sat":
                return Rejected("the assertions are satisfiable", took, model=self._model(attempt, answer)["model"])
            case "unknown" if attempt.solver == "cvc5" or answer["detail"] in _OUT_OF_TIME:
                return TimedOut(took, f"{attempt.solver} does not decide it in {seconds:g} s")
            case _:
                return Rejected(f"{attempt.solver} says {answer['answer']}: {answer['detail']}", took)

    async def _ask(self, attempt: Attempt, seconds: float, limits: Limits) -> dict[str, Any]:
        if attempt.solver == "cvc5":
            return await ask_cvc5(self._launcher, self._derived.text, seconds, limits)
        constants = tuple(quoted(name) for name in requested(self._derived))
        return await ask_z3(self._launcher, self._derived.text, attempt, seconds, limits, constants)

    def _model(self, attempt: Attempt, answer: Mapping[str, Any]) -> dict[str, Any]:
        return counterexample(self._derived, answer["values"] if attempt.solver == "z3" else "")

    async def refute(self, limits: Limits) -> Mapping[str, Any] | None:
        """Look for a model of the assertions."""
        attempt = Attempt("z3")
        try:
            answer = await self._ask(attempt, limits.wall_seconds or 60.0, limits)
        except BackendError:
            return None
        return self._model(attempt, answer) if answer["answer"] == "sat" else None

    async def close(self) -> None:
        """Nothing is left running between questions."""


def _misread(derived: Derived, errors: str, obligation: Obligation) -> InputError:
    first = errors.splitlines()[0].removeprefix("(error ").rstrip(")").strip('"')
    words = first.split(" ", 4)
    place = obligation.location
    if len(words) == 5 and words[0] == "line" and words[1].isdigit():
        place, first = derived.place(int(words[1])) or place, words[4]
    return InputError(f"Z3 does not understand this: {first[:300]}", location=place)
