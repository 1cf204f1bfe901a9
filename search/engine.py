"""The best-first search engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemmata.errors import GraphError
from lemmata.events import Event, SearchFinished, SearchStarted
from lemmata.goal import Obligation
from lemmata.graph import ProofGraph
from lemmata.protocols import Critic, EventSink, OutcomeCache, Prover, Refuter, Session
from lemmata.step import Step
from lemmata.verdict import Limits, Verdict, Verification
from search.asking import ProverPool
from search.blueprints import Blueprints
from search.budget import Budget, Meter
from search.checking import CheckPool
from search.concluding import Conclusion, Conclusions, Interrupted
from search.priorities import LengthNormalised, Policy
from search.refutation import Refutation, refute
from search.resume import History
from search.scoring import Scorer
from search.showing import Views
from search.state import REPORT_SECONDS, SearchState

STOP_SECONDS = 2.0
"""How long provers and the session may take to react to the end of the search."""
VERIFY_SECONDS = 10.0
"""Verifying what was found may take at least so long, however short the search."""
SEQUENTIAL_STICKINESS = 1.0
"""Stickiness, in nats, for sessions that are stacks."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found out."""

    verdict: Verdict
    reason: str
    """Why the verdict is not `proved`; empty where it is."""
    steps: tuple[Step, ...]
    """The verified proof, root first; empty unless proved."""
    graph: ProofGraph
    verification: Verification | None
    """What the final check from scratch said, of the proof or of the counterexample."""
    counterexample: Mapping[str, Any] | None
    stats: dict[str, int | float | dict[str, Any]] = field(default_factory=dict)


_ALL_FAILED = "every prover failed"


class Engine:
    """One best-first search on one obligation.

    Takes the best open goals, asks the provers, has their proposals checked as they arrive, follows up on what is
    proved, failed or irrelevant, and verifies from scratch what it finds. Faults of provers, critics and sessions
    never end it.

    Args:
        obligation: what is to be proved.
        session: a live session on it; not closed by the engine.
        provers: whom to ask; those for other systems are left out; not closed by the engine.
        budget: what the search may spend.
        sink: takes every event as it happens.
        policy: order of exploration; `LengthNormalised` by default.
        critics: estimate how likely goals are provable.
        cache: remembers rejected steps across runs.
        batch: greatest number of goals in one question to a prover.
        width: greatest number of proposals wanted for each goal.
        concurrency: greatest number of steps at the session at once; 1 for a session that is `sequential`.
        step_limits: limits of one step.
        verify: checks a proof from scratch in a fresh process; without it nothing is ever `proved`.
        verify_refutation: the same for a counterexample; without it nothing is ever `disproved`.
        minimise: whether to drop unneeded parts of a proof before it is verified.
        history: the events of a killed run on the same obligation, which is continued.
        stagger: head start in seconds of each prover over the next in their order, and of the last over the
            refuter: an easy goal is then closed without paying for everybody.
        delays: by a prover's name, the share of the time budget before which it is not asked, in place of `stagger`;
            it is asked earlier only when nothing else is under way, and without a time budget only then.
        refuter_delay: the same for the refuter; None makes it follow the provers in their order.
        verify_seconds: wall-clock limit of verifying one proof, all have twice that, beside the budget; by default
            as much as the time budget, but at least `VERIFY_SECONDS`, and none without a time budget.
        stickiness: how much less likely, in nats, a proposal for the goal checked last may be than the most likely one
            and still be checked before it; by default 0, and `SEQUENTIAL_STICKINESS` where the session is `sequential`.
        goal_weight: how much a goal's own path cost counts in the order in which proposals are checked.
        sharing: how much it counts there what the provers' steps came to so far; 0 leaves it to their own estimates.
        apart: names of provers that each search on their own, with a part of the checking time of their own.
    """

    def __init__(
        self,
        obligation: Obligation,
        session: Session,
        provers: Sequence[Prover],
        *,
        budget: Budget,
        sink: EventSink,
        policy: Policy | None = None,
        critics: Sequence[Critic] = (),
        cache: OutcomeCache | None = None,
        batch: int = 4,
        width: int = 16,
        concurrency: int = 2,
        step_limits: Limits = Limits(),  # noqa: B008 - immutable
        verify: Callable[[list[Step]], Awaitable[Verification]] | None = None,
        verify_refutation: Callable[[Mapping[str, Any]], Awaitable[Verification]] | None = None,
        minimise: bool = True,
        history: Sequence[Event] = (),
        stagger: float = 0.0,
        delays: Mapping[str, float] | None = None,
        refuter_delay: float | None = None,
        verify_seconds: float | None = None,
        stickiness: float | None = None,
        goal_weight: float = 0.0,
        sharing: float = 0.0,
        apart: Collection[str] = (),
    ) -> None:
        self._obligation = obligation
        self._session = session
        self._provers = [p for p in provers if obligation.system in (getattr(p, "systems", ()) or (obligation.system,))]
        self._budget = budget
        self._policy = policy or LengthNormalised()
        self._limits = step_limits
        self._verify_refutation = verify_refutation
        self._cancelled = False
        self._found: float | None = None
        """Seconds after which the search closed the root for the first time."""
        self._refuter = session if isinstance(session, Refuter) else None
        """Whoever is still to be asked for a counterexample."""
        self._refutation: asyncio.Task[Refutation | None] | None = None
        context = getattr(session, "context", {})
        self._state = state = SearchState(ProofGraph(session.root), Meter(budget), sink)
        if getattr(session, "sequential", False) is True:
            # A second step would only wait for the first while its own time runs.
            concurrency = 1
            stickiness = SEQUENTIAL_STICKINESS if stickiness is None else stickiness
        self._blueprints = Blueprints(state, session, step_limits.memory_bytes)
        self._checks = CheckPool(
            state,
            session,
            step_limits,
            cache,
            self._blueprints,
            concurrency,
            stickiness or 0.0,
            goal_weight,
            sharing,
            apart,
        )
        self._scorer = Scorer(state, obligation, context, critics)
        self._asking = ProverPool(
            state,
            Views(state.graph, obligation, context, self._blueprints),
            self._provers,
            self._policy,
            self._checks,
            self._scorer,
            batch,
            width,
            History(history),
            stagger,
            delays or {},
            refuter_delay,
            apart,
        )
        self._scorer.scored = self._asking.goal_changed
        self._blueprints.again = self._asking.ask_again
        if verify_seconds is None and budget.seconds is not None:
            verify_seconds = max(budget.seconds, VERIFY_SECONDS)
        self._conclusions = Conclusions(state, session, verify, step_limits, minimise, verify_seconds)
        state.followers = [self._checks, self._asking, self._blueprints]
        state.greet = self._asking.recall

    def cancel(self) -> None:
        """Ask the search to stop; `run` then returns `unknown` with the reason "cancelled"."""
        self._cancelled = True
        self._conclusions.interrupt()
        self._state.wake.set()

    async def run(self) -> SearchResult:
        """Search until the obligation is proved or disproved, the budget is spent, or nothing is left to try.

        Returns:
            The result; a spent budget and all faults are verdicts, not exceptions.

        Raises:
            asyncio.CancelledError: the task was cancelled; everything started has been stopped and all events are
            recorded.
        """
        state = self._state
        state.meter.begin()
        state.emit(
            SearchStarted,
            obligation=self._obligation.key,
            system=self._obligation.system,
            name=self._obligation.name,
            provers=list(state.provers),
            policy=self._policy.name,
            budget=self._budget.to_json(),
        )
        try:
            state.follow()
            result = await self._search()
        except asyncio.CancelledError:
            await self._stop()
            self._finished(self._unknown("interrupted"))
            raise
        except GraphError as error:
            result = self._result(Verdict.ERROR, error.message)
        await self._stop()
        self._finished(result)
        return result

    def _finished(self, result: SearchResult) -> None:
        self._state.report(now=True)
        self._state.emit(
            SearchFinished,
            verdict=result.verdict.value,
            reason=result.reason,
            seconds=round(self._state.meter.seconds, 6),
            certificate=None,
        )

    async def _search(self) -> SearchResult:
        while True:
            self._state.wake.clear()
            result = self._refuted() or await self._proved() or self._ended()
            if result is not None:
                return result
            if self._state.graph.proved:
                continue
            self._checks.start()
            self._asking.dispatch()
            self._scorer.dispatch()
            self._start_refutation()
            if not self._waits():
                result = self._next_round()
                if result is not None:
                    return result
                if self._has_more():
                    # Whatever the reason for another turn, what was started must get one, too.
                    await asyncio.sleep(0)
                    continue
            await self._sleep()

    def _start_refutation(self) -> None:
        if self._refuter is not None and self._asking.may_refute():
            self._refutation = asyncio.create_task(self._refute(self._refuter))
            self._refutation.add_done_callback(lambda task: self._state.wake.set())
            self._refuter = None

    def _waits(self) -> bool:
        return self._checks.busy or self._asking.busy or (self._checks.queued > 0 and self._state.meter.may_check)

    def _has_more(self) -> bool:
        """Whether another turn of the loop will start something."""
        meter = self._state.meter
        return meter.may_check and (self._checks.queued > 0 or (meter.may_expand and self._asking.can_ask))

    @property
    def _refuting(self) -> bool:
        return self._refutation is not None and not self._refutation.done()

    async def _sleep(self) -> None:
        """Wait until something happens or is due."""
        due = [REPORT_SECONDS]
        left = self._state.meter.seconds_left
        if left is not None:
            due.append(left)
        turn = self._asking.next_turn()
        if turn is not None:
            due.append(turn)
        for deadline in (self._checks.next_deadline(), self._blueprints.next_deadline()):
            if deadline is not None:
                due.append(max(deadline - time.monotonic(), 0.0))
        try:
            async with asyncio.timeout(min(due)):
                await self._state.wake.wait()
        except TimeoutError:
            self._checks.reap()
            self._blueprints.reap()
        self._state.report()

    def _next_round(self) -> SearchResult | None:
        """Find more to do when nothing is under way; a result where there is nothing."""
        state = self._state
        if not state.meter.may_expand or not state.meter.may_check:
            return None if self._refuting else self._unknown(state.meter.why_spent())
        if self._asking.has_goals or self._checks.queued:
            return None
        if not self._asking.all_dropped and (self._asking.again() or self._release()):
            return None
        if self._refuting:
            return None
        if self._asking.all_dropped and self._provers:
            return self._unknown(_ALL_FAILED)
        return self._unknown("search space exhausted")

    def _release(self) -> bool:
        released = self._state.graph.release_loops()
        self._state.follow()
        return released > 0 and self._asking.has_goals

    def _ended(self) -> SearchResult | None:
        state = self._state
        if state.fault:
            return self._result(Verdict.ERROR, f"the search cannot be recorded: {state.fault}")
        if self._cancelled:
            return self._unknown("cancelled")
        if state.meter.out_of_time:
            return self._unknown(state.meter.why_spent())
        return None

    def _refuted(self) -> SearchResult | None:
        task = self._refutation
        if task is None or not task.done() or task.cancelled():
            return None
        found = task.result()
        if found is None:
            return None
        return self._result(Verdict.DISPROVED, found.verification.reason, found.verification, found.counterexample)

    async def _proved(self) -> SearchResult | None:
        if not self._state.graph.proved or self._cancelled:
            return None
        if self._found is None:
            self._found = self._state.meter.seconds
        if not self._conclusions.can_verify:
            return self._unknown("not verified")
        try:
            conclusion = await self._conclusions.conclude()
        except Interrupted as interruption:
            return self._unknown(str(interruption))
        return None if conclusion is None else self._concluded(conclusion)

    def _concluded(self, conclusion: Conclusion) -> SearchResult:
        verification = conclusion.verification
        if verification.verdict is Verdict.ERROR:
            return self._result(Verdict.ERROR, verification.reason, verification)
        if self._refuted() is not None:
            return self._result(Verdict.ERROR, "a proof and a counterexample were both verified", verification)
        return self._result(Verdict.PROVED, "", verification, steps=conclusion.steps)

    async def _refute(self, session: Refuter) -> Refutation | None:
        left = self._state.meter.seconds_left
        limits = Limits(left, None, self._limits.memory_bytes, self._limits.file_bytes)
        return await refute(session, self._verify_refutation, limits, self._state.log)

    def _unknown(self, reason: str) -> SearchResult:
        refusal = self._conclusions.last_refusal
        if self._asking.all_dropped and self._provers and not reason.startswith(_ALL_FAILED):
            reason = f"{reason}; {_ALL_FAILED}"
        return self._result(
            Verdict.UNKNOWN, f"{reason}; a proof found did not verify: {refusal}" if refusal else reason
        )

    def _result(
        self,
        verdict: Verdict,
        reason: str,
        verification: Verification | None = None,
        counterexample: Mapping[str, Any] | None = None,
        steps: tuple[Step, ...] = (),
    ) -> SearchResult:
        state = self._state
        stats = state.stats() | ({} if self._found is None else {"found_seconds": self._found})
        return SearchResult(verdict, reason, steps, state.graph, verification, counterexample, stats)

    async def _stop(self) -> None:
        """End everything that was started; what does not react within `STOP_SECONDS` is left behind."""
        self._state.stopped = True
        if self._refutation is not None:
            self._refutation.cancel()
        await asyncio.gather(
            self._checks.stop(STOP_SECONDS),
            self._asking.stop(STOP_SECONDS),
            self._scorer.stop(STOP_SECONDS),
            self._blueprints.stop(STOP_SECONDS),
        )
        if self._refuting and self._refutation is not None:
            await asyncio.wait([self._refutation], timeout=STOP_SECONDS)
