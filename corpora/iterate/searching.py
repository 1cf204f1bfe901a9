"""The search of a round: each problem is worked on as `lemmata prove` does, and what is to be learnt is kept."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from corpora.iterate import harvest
from corpora.iterate.problems import Problem
from corpora.stages.run import Stage
from corpora.stages.task import Failure, Part, Task
from lemmata.config import Settings
from lemmata.errors import BackendError, LemmataError
from lemmata.events import Event, GoalExpanded
from lemmata.goal import Obligation
from lemmata.plugins.wiring import Workbench
from lemmata.protocols import Stated
from lemmata.verdict import Verdict
from lemmata.workflow.obligation import Decision, decide

SCHEMA = "lemmata.searched/1"
CERTIFICATES = "certificates"
_ABOUT = (
    "Each record is a problem with what became of it: the verdict, the steps of a proof that was verified (`steps`, "
    "each a `lemmata.step/1`), pairs of such a step and one that the checker refused (`rejected`), and goals with how "
    "likely they are provable (`values`). The certificates of all verdicts are in `certificates/`."
)
_ELSEWHERE = frozenset(("jobs", "store", "out", "color", "seed"))
"""Settings that the result does not depend on, and the one that has a place of its own."""
_NO_STEPS, _NOT_REPLAYED = "proofs that are not made of tactics", "proofs that do not go step by step"
_STEP_SECONDS = 30.0
T = TypeVar("T")


def settled(settings: Settings) -> dict[str, Any]:
    """Return the settings that a search depends on, as `stage.json` holds them."""
    return {name: value for name, value in settings.to_json().items() if name not in _ELSEWHERE}


def stage(settings: Settings, inputs: Mapping[str, str], learnt: Mapping[str, str]) -> Stage:
    """Return the stage.

    Args:
        settings: of the search; those of the iteration, without the model of the round before.
        inputs: digest of the problems.
        learnt: that model's name in records, with the digest of its weights.
    """
    told = {**settled(settings), "models": dict(learnt)}
    return Stage("iterate", told, inputs, settings.seed, about=_ABOUT)


class Searcher:
    """Does a task: one problem; a context manager.

    It has an event loop of its own, in which the provers stay alive from one task to the next.

    Args:
        settings: of the search.
        folder: where certificates go.
        names: how records call provers whose names are places on this machine.
    """

    def __init__(self, settings: Settings, folder: Path, names: Mapping[str, str]) -> None:
        self._settings = settings
        self._folder = folder
        self._names = names
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="searcher", daemon=True)
        self._bench: Workbench

    def __enter__(self) -> Self:
        self._thread.start()
        self._bench = self._wait(self._opened())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._wait(self._bench.close())
            self._wait(self._loop.shutdown_default_executor())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _opened(self) -> Workbench:
        return Workbench(self._settings)

    async def __call__(self, task: Task) -> Part:
        """Search for a proof, and return the problem's record.

        Raises:
            LemmataError: the problem cannot be worked on.
        """
        work = self._searched(task.key, task.payload)
        try:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))
        except LemmataError:
            raise
        except Exception as error:
            # Plugins raise anything, and one problem that goes wrong must not end the others.
            what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            raise BackendError(f"internal error: {what}", hint="please report it") from error

    async def _searched(self, label: str, problem: Problem) -> Part:
        bench = self._bench
        obligation = await problem.read(bench)
        checker = bench.checker(obligation.system)
        written = checker.statement(obligation) if isinstance(checker, Stated) else ""
        statement = " ".join(written.split()).removesuffix(".")
        kept = _Kept()
        decision = await decide(bench, label, obligation, sink=kept, folder=self._folder)
        result = decision.result
        counts = Counter({result.verdict.value: 1})
        failures = []
        if result.verdict is Verdict.ERROR:
            failures.append(Failure(label, "the verification broke", result.reason or ""))
        steps, why = await self._steps(problem, obligation, statement, decision)
        if why:
            counts[why] += 1
        system = obligation.system
        record = {
            "schema": SCHEMA,
            "problem": label,
            "system": system,
            "licence": problem.named.package.licence,
            "file": problem.named.file,
            "theorem": harvest.theorem(problem.named, obligation),
            "statement": statement,
            "verdict": result.verdict.value,
            "reason": result.reason or "",
            "asked": sum(isinstance(event, GoalExpanded) for event in kept.events),
            "certificate": f"{CERTIFICATES}/{decision.path.name}" if decision.path else "",
            "steps": steps,
            "rejected": harvest.rejected(system, kept.events, steps, self._settings.seed),
            "values": harvest.values(system, kept.events, steps),
        }
        return Part([record], counts, failures)

    async def _steps(
        self, problem: Problem, obligation: Obligation, statement: str, decision: Decision
    ) -> tuple[list[dict[str, Any]], str]:
        """Return the records of a verified proof, or why there are none of it."""
        certificate = decision.certificate
        if certificate is None or certificate.verdict is not Verdict.PROVED:
            return [], ""
        if not harvest.told(certificate.steps):
            return [], _NO_STEPS
        bench = self._bench
        session = await bench.checker(obligation.system).open(obligation, bench.limits(self._settings.timeout))
        try:
            moves = await harvest.replay(session, certificate.steps, bench.limits(_STEP_SECONDS))
            if moves is None:
                return [], _NOT_REPLAYED
            said = (decision.result.proof or {}).get("steps", ())
            provers = [str(step["prover"] or "") for step in said]
            named = [self._names.get(prover, prover) for prover in provers]
            found = harvest.records(problem.named, obligation, statement, session, moves, named)
            return [record.to_json() for record in found], ""
        finally:
            await session.close()


class _Kept:
    """Keeps the events of one search."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        """Keep an event."""
        self.events.append(event)
