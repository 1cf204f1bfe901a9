"""Conjectures proved or refuted by the search, on one session that has a library loaded."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from checkers.coq import refutation
from checkers.coq.artefact import script
from checkers.coq.installation import Installation
from checkers.coq.loading import load
from checkers.coq.session import CoqSession
from checkers.process import Supervisor
from lemmata.errors import BackendError
from lemmata.events import Event
from lemmata.goal import GoalRef, Obligation
from lemmata.outcome import Open, Outcome
from lemmata.plugins.wiring import Workbench
from lemmata.step import Step
from lemmata.verdict import Limits, Verdict, Verification

_STATE_SECONDS = 5.0
_OPEN_SECONDS = 60.0
_NAME = "lemmata_conjecture"
_HOLE = "Admitted."


@dataclass(frozen=True, slots=True)
class Decided:
    """What the search found; nobody has compiled it yet."""

    verdict: Verdict
    steps: tuple[str, ...] = ()
    """Of a proof of the conjecture, or of its negation."""
    structured: str = ""
    """The proof's text, empty for a negation's."""
    expansions: int = 0
    """How many goals the search looked at."""
    instance: str = ""
    """What shows that it is false, for people to read."""


class Decider:
    """A session that any number of conjectures are decided on, one after the other; an async context manager.

    Args:
        bench: the checkers, provers and the search.
        supervisor: starts the processes that look for counterexamples.
        coq: the Coq that is used.
        obligation: a theorem whose file loads what the conjectures speak of, and that is trivially true.
        seconds: for each conjecture.
    """

    def __init__(
        self, bench: Workbench, supervisor: Supervisor, coq: Installation, obligation: Obligation, seconds: float
    ) -> None:
        self._bench = bench
        self._supervisor = supervisor
        self._coq = coq
        self._obligation = obligation
        self._seconds = seconds
        self._session: CoqSession

    async def __aenter__(self) -> Decider:
        """Open the session; raises as `Checker.open` does."""
        session = await self._bench.checker("coq").open(self._obligation, self._bench.limits(_OPEN_SECONDS))
        if not isinstance(session, CoqSession):
            raise BackendError("the checker of Coq is another one", hint="remove the plugin that is called coq")
        self._session = session
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def decide(self, statement: str) -> Decided:
        """Look for a proof of a closed statement, and for a counterexample meanwhile."""
        made = await self._session.apply(self._session.root, Step(f"assert ({statement})"), Limits(_STATE_SECONDS))
        if not isinstance(made, Open):
            return Decided(Verdict.UNKNOWN)
        session = _Conjectured(self, statement, self._session, made.subgoals[0])
        found = await self._bench.search(
            self._obligation,
            session,
            seconds=self._seconds,
            sink=_Nobody(),
            cache=None,
            verify=_later(Verdict.PROVED),
            verify_refutation=_later(Verdict.DISPROVED),
        )
        counted = found.stats.get("expansions")
        expansions = counted if isinstance(counted, int) else 0
        if found.verdict is Verdict.PROVED:
            steps = tuple(step.text for step in found.steps)
            return Decided(Verdict.PROVED, steps, script(found.steps, 2), expansions)
        if found.verdict is Verdict.DISPROVED and found.counterexample:
            instance = ", ".join(
                f"{name} := {value}" for name, value in sorted(found.counterexample["instance"].items())
            )
            return Decided(Verdict.DISPROVED, tuple(found.counterexample["steps"]), "", expansions, instance)
        return Decided(Verdict.UNKNOWN, expansions=expansions)

    async def refute(self, statement: str, limits: Limits) -> Mapping[str, Any] | None:
        """Look for a counterexample in a process of its own."""
        seed = self._obligation
        source = f"{seed.source[: seed.source.rindex('Lemma ')]}Lemma {_NAME} : {statement}.\nProof.\n{_HOLE}\n"
        lone = load(dataclasses.replace(seed, source=source, name=_NAME), self._coq)
        roomy = limits.at_least(memory_bytes=4 << 30)
        return await refutation.search(self._supervisor, self._coq, lone, roomy)


class _Conjectured:
    """The session as the search of one conjecture sees it: its root is the conjecture."""

    sequential = True

    def __init__(self, decider: Decider, statement: str, session: CoqSession, root: GoalRef) -> None:
        self._decider = decider
        self._statement = statement
        self._session = session
        self.root = root
        self.context: Mapping[str, Any] = session.context
        self.recovery_seconds = session.recovery_seconds

    def beside(self, step: Step) -> bool:
        return self._session.beside(step)

    async def apply(self, goal: GoalRef, step: Step, limits: Limits) -> Outcome:
        return await self._session.apply(goal, step, limits)

    async def refute(self, limits: Limits) -> Mapping[str, Any] | None:
        return await self._decider.refute(self._statement, limits)

    async def close(self) -> None:
        """Leave the session open for the next conjecture."""


class _Nobody:
    def emit(self, event: Event) -> None:
        """Forget it: what is kept of a conjecture is its proof."""


def _later(verdict: Verdict) -> Any:
    """Return a verification that believes everything: what was found is compiled with all the others in the end."""

    async def believed(_: Sequence[Step] | Mapping[str, Any]) -> Verification:
        return Verification(verdict)

    return believed
