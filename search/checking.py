"""Sends proposals to the session, the most promising first, a few at a time."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Collection
from dataclasses import dataclass

from lemmata.graph import GoalNode, GoalStatus
from lemmata.outcome import Closed, Crashed, Open, Outcome, Rejected, TimedOut
from lemmata.protocols import OutcomeCache, Session
from lemmata.step import Proposal, Step
from lemmata.verdict import Limits
from search.blueprints import Blueprints
from search.continuing import Continuations
from search.sanitise import clean_outcome, decode_rejection, encode_rejection
from search.sharing import Sharing
from search.state import SearchState
from search.turns import Turns
from search.waiting import Waiting

SLICE_SECONDS = 0.005
"""How long checks that answer at once may keep the event loop from everything else."""
APART_WEIGHT = 2.0
"""How many times the checking time of all others a prover gets that searches on its own."""
LOST_SECONDS = 1.0
"""How long a session may take to react to being cancelled before the check is given up as lost."""


@dataclass(slots=True, eq=False)
class _Slot:
    """One worker and the check that it is at."""

    goal: int = -1
    proposal: Proposal | None = None
    scope: asyncio.Timeout | None = None
    deadline: float | None = None
    begun: float = 0.0
    beside: bool = False
    """Whether the check takes nothing from the others."""
    abandoned: bool = False
    lost: bool = False


class CheckPool:
    """A priority queue of proposals and the workers that empty it.

    Args:
        state: the search.
        session: applies the steps.
        limits: limits of one step.
        cache: remembers rejections across runs.
        blueprints: told of those that are accepted.
        concurrency: greatest number of steps at the session at once.
        stickiness: how much less likely, in nats, a proposal for the goal checked last may be than the most likely
            one and still be taken before it.
        goal_weight: how much a goal's own path cost counts against its proposals; 0 compares the proposals alone.
        sharing: how much it counts what the provers' steps came to so far; 0 leaves it to their own estimates.
        apart: provers that each get `APART_WEIGHT` times the checking time of all others together.
    """

    def __init__(
        self,
        state: SearchState,
        session: Session,
        limits: Limits,
        cache: OutcomeCache | None,
        blueprints: Blueprints,
        concurrency: int,
        stickiness: float = 0.0,
        goal_weight: float = 0.0,
        sharing: float = 0.0,
        apart: Collection[str] = (),
    ) -> None:
        self._state = state
        self._session = session
        self._limits = limits
        self._cache = cache
        self._blueprints = blueprints
        self._concurrency = max(concurrency, 1)
        self._apart = bool(apart)
        self._weight = goal_weight
        self._waiting = Turns(
            lambda: Waiting(stickiness, goal_weight, lambda goal: state.graph.goal(goal).cost), apart, APART_WEIGHT
        )
        self._instead: dict[tuple[int, str], Step] = {}
        """What former runs found to write instead of a step, by goal and the step's key."""
        self._twice: dict[tuple[int, str], bool] = {}
        """Steps that wait in several queues, by goal and key, and whether they were taken from one of them."""
        self._slots: set[_Slot] = set()
        self._held: list[tuple[int, Proposal]] = []
        """What waits until the check beside the others is over."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._sharing = Sharing(state.provers, sharing)
        self._continuations = Continuations(state.graph, self._continue, self._hold)

    @property
    def queued(self) -> int:
        """Number of proposals that wait."""
        return len(self._waiting)

    def behind(self, prover: str, cost: float) -> bool:
        """Say whether the best that waits beside a prover's is worse than a goal of this cost promises.

        It never is without goal weights.
        """
        return self._weight > 0 and self._weight * cost < self._waiting.of(prover).best

    def enough(self, prover: str, width: int, cost: float) -> bool:
        """Say whether so many proposals beside a prover's wait that none for a goal of this cost are wanted yet."""
        return len(self._waiting.of(prover)) >= width and not self.behind(prover, cost)

    @property
    def busy(self) -> bool:
        """Whether a check is under way."""
        return bool(self._slots)

    def add(self, goal: int, proposal: Proposal, *, first: bool = False) -> None:
        """Queue a proposal; `first` puts it before all others."""
        self._state.of(goal).waiting += 1
        self._waiting.add(goal, proposal, first=first, bonus=self._sharing.bonus(proposal.prover))

    def share(self, goal: int, proposal: Proposal) -> bool:
        """Take up a step that another side proposed before; say whether it is yet to be checked.

        What it left is this side's now, too. If it waits to be checked, it waits in both sides' queues.
        """
        key = proposal.step.key
        graph = self._state.graph
        made = next((step for step in graph.steps_of(goal) if step.proposal.step.key == key), None)
        if made is not None:
            for subgoal in made.subgoals:
                self._state.again(subgoal)
            return False
        if any(slot.goal == goal and slot.proposal and slot.proposal.step.key == key for slot in self._slots):
            return False
        self._twice.setdefault((goal, key), False)
        self.add(goal, proposal)
        return True

    def recheck(self, goal: int, proposal: Proposal, replacement: Step | None) -> None:
        """Queue, before all others, a step that a former run accepted, with what it found to write instead."""
        if replacement is not None:
            self._instead[goal, proposal.step.key] = replacement
        self.add(goal, proposal, first=True)

    def start(self) -> None:
        """Start workers, as many as are allowed and needed."""
        while not self._done() and len(self._waiting) and self._free():
            slot = _Slot()
            self._slots.add(slot)
            task = asyncio.create_task(self._work(slot))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _is_beside(self, step: Step) -> bool:
        """Say whether a check takes nothing from the others."""
        asked = getattr(self._session, "beside", None)
        try:
            return asked is not None and asked(step) is True
        except Exception as error:  # noqa: BLE001 - a faulty session must not end the search
            self._state.log("warning", f"the session does not say where a step is checked: {error!r}")
            return False

    def _free(self) -> bool:
        return sum(not slot.beside for slot in self._slots) < self._concurrency

    def goal_changed(self, node: GoalNode) -> None:
        """Abandon checks for a goal that no longer matters, take up those put aside for one that does again."""
        if node.status is GoalStatus.OPEN:
            self._waiting.moved(node.node)
            state = self._state.of(node.node)
            if state.parked:
                parked, state.parked = state.parked, []
                for proposal in parked:
                    self.add(node.node, proposal)
            return
        for slot in self._slots:
            if slot.goal == node.node and slot.scope is not None and not slot.abandoned:
                slot.abandoned = True
                # It raises where the time is over already, and the check is being cancelled anyway.
                with contextlib.suppress(RuntimeError):
                    slot.scope.reschedule(asyncio.get_running_loop().time())

    def next_deadline(self) -> float | None:
        """Return when, by `time.monotonic`, `reap` has to look after a check that does not react; None for never."""
        deadlines = [slot.deadline for slot in self._slots if slot.deadline is not None]
        return min(deadlines, default=None)

    def reap(self) -> None:
        """Give up checks that did not even react to being cancelled, and replace their workers."""
        now = time.monotonic()
        for slot in [s for s in self._slots if s.deadline is not None and s.deadline <= now]:
            slot.lost = True
            self._slots.discard(slot)
            self._release(slot)
            if slot.proposal is None:
                continue
            seconds = now - slot.begun
            self._state.meter.checker_seconds += seconds
            self._state.log("warning", f"the session does not react to being cancelled ({seconds:.1f} s)")
            self._finish(slot.goal, slot.proposal, TimedOut(seconds, "the session does not react"))

    async def stop(self, seconds: float) -> None:
        """Cancel all workers and wait for them, but no longer than `seconds`."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    def _done(self) -> bool:
        state = self._state
        return state.stopped or bool(state.fault) or state.graph.proved or not state.meter.may_check

    def _take(self) -> tuple[int, Proposal] | None:
        """Return the next proposal for a goal that matters."""
        graph, state = self._state.graph, self._state
        while not self._done() and (item := self._waiting.take()) is not None:
            goal, proposal = item
            if self._twice and self._taken(goal, proposal):
                state.of(goal).waiting -= 1
                continue
            if graph.goal(goal).status is GoalStatus.OPEN:
                return item
            aside = [proposal, *self._waiting.take_all(goal)]
            state.of(goal).waiting -= len(aside)
            state.of(goal).parked += aside
            for one in aside:
                self._untaken(goal, one)
        return None

    def _taken(self, goal: int, proposal: Proposal) -> bool:
        """Say whether a proposal was taken from another queue before."""
        place = goal, proposal.step.key
        if place not in self._twice:
            return False
        before, self._twice[place] = self._twice[place], True
        return before

    def _untaken(self, goal: int, proposal: Proposal) -> None:
        """Take note that a proposal is put aside instead of being checked."""
        if (goal, proposal.step.key) in self._twice:
            self._twice[goal, proposal.step.key] = False

    async def _work(self, slot: _Slot) -> None:
        turn = time.monotonic()
        try:
            while not slot.lost and (item := self._take()) is not None:
                if self._is_beside(item[1].step):
                    if any(other.beside for other in self._slots):
                        self._held.append(item)
                        self._untaken(*item)
                        continue
                    slot.beside = True
                    # Another worker takes this one's place meanwhile.
                    self.start()
                    await self._check(slot, *item)
                    break
                await self._check(slot, *item)
                if time.monotonic() - turn > SLICE_SECONDS:
                    await asyncio.sleep(0)
                    turn = time.monotonic()
        finally:
            self._slots.discard(slot)
            self._release(slot)
            self._state.wake.set()

    def _release(self, slot: _Slot) -> None:
        """Queue again what had to wait for a check beside the others."""
        if slot.beside:
            held, self._held = self._held, []
            for goal, proposal in held:
                self._state.of(goal).waiting -= 1
                self.add(goal, proposal)

    async def _check(self, slot: _Slot, goal: int, proposal: Proposal) -> None:
        cached = self._lookup(goal, proposal)
        if cached is not None:
            self._state.meter.cached += 1
            self._finish(goal, proposal, cached, cached=True)
            return
        meter = self._state.meter
        meter.checker_calls += 1
        slot.goal, slot.proposal, slot.abandoned = goal, proposal, False
        slot.begun = time.monotonic()
        try:
            if self._instead:
                outcome = await self._apply_either(slot, goal, proposal)
            else:
                outcome = await self._apply(slot, goal, proposal.step, proposal.time_limit)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if slot.lost or task is None or task.cancelling():
                raise
            outcome = Crashed("the session cancelled itself", time.monotonic() - slot.begun)
        finally:
            slot.goal, slot.scope, slot.proposal, slot.deadline = -1, None, None, None
        if slot.lost:
            return
        meter.checker_seconds += time.monotonic() - slot.begun
        if not slot.beside:
            self._waiting.charge(proposal, time.monotonic() - slot.begun)
        if outcome is None:
            state = self._state.of(goal)
            state.waiting -= 1
            state.parked.append(proposal)
            self._untaken(goal, proposal)
            return
        self._finish(goal, proposal, outcome)

    async def _apply_either(self, slot: _Slot, goal: int, proposal: Proposal) -> Outcome | None:
        """Apply what a former run found to write instead of a step, or else the step itself."""
        instead = self._instead.get((goal, proposal.step.key))
        if instead is not None:
            outcome = await self._apply(slot, goal, instead, None)
            if outcome is None:
                return None
            del self._instead[goal, proposal.step.key]
            if isinstance(outcome, Closed | Open):
                return dataclasses.replace(outcome, replacement=outcome.replacement or instead)
        return await self._apply(slot, goal, proposal.step, proposal.time_limit)

    async def _apply(self, slot: _Slot, goal: int, step: Step, wanted: float | None) -> Outcome | None:
        """Apply one step; None where it was abandoned meanwhile."""
        limits, seconds = self._limits, self._state.meter.step_seconds(self._limits.wall_seconds, wanted)
        if seconds != limits.wall_seconds:
            limits = dataclasses.replace(limits, wall_seconds=seconds)
        hard = None
        if seconds is not None:
            # The session has its own way to end a step in time, and may have to start its backend again first: give it
            # the chance before it is cancelled.
            grace = min(seconds, LOST_SECONDS) + float(getattr(self._session, "recovery_seconds", 0.0))
            hard = asyncio.get_running_loop().time() + seconds + grace
            slot.deadline = time.monotonic() + seconds + grace + LOST_SECONDS
        try:
            async with asyncio.timeout_at(hard) as slot.scope:
                answer = await self._session.apply(self._state.graph.goal(goal).ref, step, limits)
        except TimeoutError:
            if slot.abandoned:
                return None
            return TimedOut(time.monotonic() - slot.begun, "the session did not answer in time")
        except Exception as error:  # noqa: BLE001 - a faulty session must not end the search
            return Crashed(f"{type(error).__name__}: {error}", time.monotonic() - slot.begun)
        return clean_outcome(answer, time.monotonic() - slot.begun)

    def _finish(self, goal: int, proposal: Proposal, outcome: Outcome, *, cached: bool = False) -> None:
        state = self._state
        state.of(goal).waiting -= 1
        number = state.add_step(goal, proposal, outcome, cached=cached)
        if self._apart:
            # A goal that was there before has another way to it now.
            for subgoal in state.graph.step(number).subgoals:
                state.again(subgoal)
        self._continuations.follow(goal, proposal, number)
        if proposal.branches:
            self._blueprints.added(goal, proposal, number)
        if isinstance(outcome, Rejected) and not cached:
            self._remember(goal, proposal, outcome)
        if state.graph.proved or not state.meter.may_check:
            state.wake.set()

    def go_on(self, goal: int, proposal: Proposal) -> bool:
        """Follow a whole proof whose first step was checked before; False where nothing new comes of it."""
        before = len(self._waiting)
        self._continuations.follow_known(goal, proposal)
        return len(self._waiting) > before

    def _hold(self, goal: int, count: int) -> None:
        self._state.of(goal).waiting += count

    def _continue(self, goal: int, proposal: Proposal) -> bool:
        """Queue a step that a whole proof goes on with; False where it waits to be checked already."""
        seen = self._state.of(goal).seen
        if proposal.step.key in seen:
            return False
        seen.add(proposal.step.key)
        self.add(goal, proposal, first=True)
        return True

    def _lookup(self, goal: int, proposal: Proposal) -> Rejected | None:
        if self._cache is None:
            return None
        try:
            return decode_rejection(self._cache.lookup(self._state.graph.goal(goal).key, proposal.step.key))
        except Exception as error:  # noqa: BLE001 - the search does without a broken cache
            self._drop_cache(error)
            return None

    def _remember(self, goal: int, proposal: Proposal, outcome: Rejected) -> None:
        if self._cache is None:
            return
        try:
            self._cache.remember(self._state.graph.goal(goal).key, proposal.step.key, encode_rejection(outcome))
        except Exception as error:  # noqa: BLE001 - as above
            self._drop_cache(error)

    def _drop_cache(self, error: Exception) -> None:
        self._cache = None
        self._state.log("warning", f"the outcome cache failed and is not used any more: {error!r}")
