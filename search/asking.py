"""Asks the provers, each at its own pace."""

from __future__ import annotations

import asyncio
import functools
import math
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import Any

from lemmata.errors import LemmataError
from lemmata.events import GoalExpanded
from lemmata.graph import GoalNode, GoalStatus
from lemmata.protocols import Prover
from lemmata.step import Proposal
from search.apart import Apart
from search.checking import CheckPool
from search.priorities import Candidate, Policy, Queue
from search.resume import History
from search.sanitise import clean_proposal
from search.scoring import Scorer
from search.showing import Views
from search.state import ProverStats, SearchState

MAX_FAILURES = 3
"""A prover that fails this often in a row is not asked any more."""


@dataclass(slots=True, eq=False)
class _Call:
    """One question to a prover that is under way."""

    goals: list[int]
    task: asyncio.Task[None] | None = None
    cancelled: bool = False


@dataclass(slots=True, eq=False)
class _Asked:
    """A prover, the goals it is still to be asked about, and its call under way."""

    prover: Prover
    name: str
    bit: int
    queue: Queue
    start: float
    """Seconds after which it is asked although others are at work."""
    batch: int = 1
    """Most goals that it wants in one question."""
    patience: int = 1
    """So often in a row it may have nothing new for a goal; whoever samples may think of something the next time."""
    stats: ProverStats = field(default_factory=ProverStats)
    call: _Call | None = None
    failures: int = 0
    dropped: bool = False


class ProverPool:
    """Gives every prover the best goals it has not seen as soon as it is free, so that none waits for another.

    Args:
        state: the search.
        views: what provers are shown.
        provers: whom to ask.
        policy: order of exploration.
        checks: takes the proposals.
        scorer: the critics' estimates.
        batch: greatest number of goals in one question.
        width: greatest number of proposals wanted for each goal.
        history: what former runs did.
        stagger: head start in seconds of each prover over the next one, while there is anything to do.
        delays: by a prover's name, the share of the time budget that is its start instead; without a time budget it
            is only asked when there is nothing else to do.
        refuter_delay: the same for the refuter, None where its turn comes after that of the last prover.
        apart: provers that search on their own until nothing else is left to do.
    """

    def __init__(
        self,
        state: SearchState,
        views: Views,
        provers: Sequence[Prover],
        policy: Policy,
        checks: CheckPool,
        scorer: Scorer,
        batch: int,
        width: int,
        history: History,
        stagger: float = 0.0,
        delays: Mapping[str, float] = MappingProxyType({}),
        refuter_delay: float | None = None,
        apart: Collection[str] = (),
    ) -> None:
        self._state = state
        self._views = views
        self._checks = checks
        self._scorer = scorer
        self._batch = max(batch, 1)
        self._width = max(width, 1)
        self._history = history
        self._pool: list[_Asked] = []
        self._tasks: set[asyncio.Task[None]] = set()
        for prover in provers:
            name = str(getattr(prover, "name", type(prover).__name__))
            start = len(self._pool) * stagger
            if name in delays:
                start = self._share(delays[name])
            wishes = getattr(prover, "batch", 1), getattr(prover, "patience", 1)
            asked = _Asked(prover, name, 1 << len(self._pool), policy.queue(), start, *wishes)
            asked.stats = state.provers.setdefault(name, asked.stats)
            self._pool.append(asked)
        self._live = (1 << len(self._pool)) - 1
        self._apart = Apart(state.graph, apart, [(asked.name, asked.bit) for asked in self._pool])
        self._refuter_start = len(self._pool) * stagger if refuter_delay is None else self._share(refuter_delay)
        self._pool.sort(key=lambda asked: asked.start)
        self._starts = sorted({asked.start for asked in self._pool} | {self._refuter_start})

    def _share(self, delay: float) -> float:
        """Return the second in which a part of the time budget is over."""
        whole = self._state.meter.budget.seconds
        return math.inf if whole is None else delay * whole

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return any(asked.call is not None and not asked.call.cancelled for asked in self._pool)

    @property
    def all_dropped(self) -> bool:
        """Whether no prover is left."""
        return not self._live

    @property
    def has_goals(self) -> bool:
        """Whether there is a goal that some prover has not been asked about."""
        return any(len(asked.queue) for asked in self._pool if not asked.dropped)

    @property
    def can_ask(self) -> bool:
        """Whether there is such a goal for a prover that is free: one that is being cancelled is not free yet."""
        return any(len(asked.queue) for asked in self._pool if asked.call is None and not asked.dropped)

    def goal_changed(self, node: GoalNode) -> None:
        """Offer an open goal to the provers, cancel questions about goals that no longer matter."""
        if node.status is GoalStatus.OPEN:
            self._offer(node)
            return
        for asked in self._pool:
            call = asked.call
            if call is None or call.cancelled or call.task is None or node.node not in call.goals:
                continue
            goal = self._state.graph.goal
            if all(goal(n).status is not GoalStatus.OPEN for n in call.goals):
                call.cancelled = True
                call.task.cancel()

    def recall(self, node: GoalNode) -> None:
        """Take up what former runs did on a goal, when it is opened."""
        record = self._history.of(node.key)
        if record is None:
            return
        state = self._state.of(node.node)
        finished = record.finished
        for asked in self._pool:
            if asked.name in finished:
                state.asked |= asked.bit
                self._expanded(asked, node.node, record.expanded[asked.name], 0.0)
        for key, recorded in record.steps.items():
            if key in state.seen:
                continue
            state.seen.add(key)
            if recorded.outcome is None:
                self._checks.recheck(node.node, recorded.proposal, recorded.replacement)
            else:
                self._state.add_step(node.node, recorded.proposal, recorded.outcome, cached=True)
                self._state.meter.cached += 1

    def dispatch(self) -> None:
        """Ask every free prover about the best goals, unless enough proposals that are better wait to be checked."""
        for asked in self._pool:
            if asked.dropped or asked.call is not None:
                continue
            if not self._may_start(asked.start):
                break
            goals = self._take(asked)
            if goals:
                call = asked.call = _Call(goals)
                call.task = asyncio.create_task(self._ask(asked, call))
                self._tasks.add(call.task)
                call.task.add_done_callback(functools.partial(self._ended, asked, call))

    def may_refute(self) -> bool:
        """Say whether the turn of the refuter has come."""
        return self._may_start(self._refuter_start)

    def next_turn(self) -> float | None:
        """Return the seconds until the next prover may begin, None when all may."""
        elapsed = self._state.meter.seconds
        return next((start - elapsed for start in self._starts if start > elapsed), None)

    def _may_start(self, start: float) -> bool:
        """Say whether the time for something has come, or nobody is at work."""
        if self._state.meter.seconds >= start:
            return True
        return not (self.busy or self._checks.busy or self._checks.queued)

    def again(self) -> bool:
        """Offer the open goals once more to the provers that had something new for them; False where nobody is left.

        Goals on which everybody is out of ideas are marked exhausted.
        """
        graph = self._state.graph
        offered = False
        for node in [n for n in graph.goals() if n.status is GoalStatus.OPEN]:
            state = self._state.of(node.node)
            left = self._live & ~state.spent
            if left and node.status is GoalStatus.OPEN:
                state.asked &= ~left
                self._apart.share(node.node)
                self._offer(node)
                offered = True
            else:
                self.settle(node.node)
        return offered

    def ask_again(self, goal: int, prover: str) -> None:
        """Offer an open goal to one prover once more, whatever it said before."""
        state, node = self._state.of(goal), self._state.graph.goal(goal)
        for asked in self._pool:
            if asked.name == prover and not asked.dropped:
                state.asked &= ~asked.bit
                state.spent &= ~asked.bit
                if node.status is GoalStatus.OPEN:
                    self._offer(node)

    def settle(self, goal: int) -> None:
        """Mark a goal exhausted when no prover has anything new and nothing waits to be checked."""
        state = self._state.of(goal)
        if not state.waiting and not state.parked and not self._live & ~state.spent:
            self._state.graph.mark_exhausted(goal)
            self._state.follow()

    async def stop(self, seconds: float) -> None:
        """Cancel all questions and wait for them, but no longer than `seconds`."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    def _offer(self, node: GoalNode, *, wake: bool = True) -> None:
        state = self._state.of(node.node)
        state.asked = self._apart.asked(node, state.asked)
        wanting = self._live & ~state.asked
        if not wanting:
            return
        candidate = Candidate(node.node, node.cost, node.depth, self._scorer.score(node))
        for asked in self._pool:
            if asked.bit & wanting:
                asked.queue.push(candidate)
                if wake and self._checks.behind(asked.name, node.cost):
                    self._state.wake.set()

    def _take(self, asked: _Asked) -> list[int]:
        goals: list[int] = []
        meter, graph = self._state.meter, self._state.graph
        while len(goals) < max(self._batch, asked.batch) and len(asked.queue):
            number = asked.queue.pop()
            if number is None or graph.goal(number).status is not GoalStatus.OPEN:
                continue
            if self._checks.enough(asked.name, self._width, graph.goal(number).cost):
                # Who could take it now is asked in this very round.
                self._offer(graph.goal(number), wake=False)
                break
            state = self._state.of(number)
            if state.asked & asked.bit:
                continue
            if not state.round or state.round & asked.bit:
                if not meter.may_expand:
                    self._offer(graph.goal(number))
                    break
                meter.expansions += 1
                state.round = 0
            state.round |= asked.bit
            state.asked |= asked.bit
            goals.append(number)
        return goals

    async def _ask(self, asked: _Asked, call: _Call) -> None:
        begin = time.monotonic()
        problem = ""
        answer: Any = []
        try:
            foreign = functools.partial(self._apart.foreign, asked.name)
            answer = await asked.prover.propose([self._views.of(n, foreign) for n in call.goals], self._width)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                self._withdraw(asked, call)
                raise
            problem = "it cancelled itself"
        except Exception as error:  # noqa: BLE001 - a faulty prover must not end the search
            told = isinstance(error, LemmataError)
            problem = str(error).removeprefix("error: ") if told else f"{type(error).__name__}: {error}"
        asked.call = None
        seconds = time.monotonic() - begin
        asked.stats.seconds += seconds
        if not problem and not (isinstance(answer, list | tuple) and len(answer) == len(call.goals)):
            problem = f"it did not answer with one list for each of {len(call.goals)} goals"
        self._receive(asked, call, answer if isinstance(answer, list | tuple) else [], seconds, problem)
        self._state.wake.set()

    def _ended(self, asked: _Asked, call: _Call, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        # A task that is cancelled before its first step never gets to withdraw its question itself.
        if asked.call is call:
            self._withdraw(asked, call)

    def _withdraw(self, asked: _Asked, call: _Call) -> None:
        """Undo that a prover was asked: the goals may come to matter again."""
        asked.call = None
        if self._state.stopped:
            return
        for number in call.goals:
            self._state.of(number).asked &= ~asked.bit
            node = self._state.graph.goal(number)
            if node.status is GoalStatus.OPEN:
                self._offer(node)
        self._state.wake.set()

    def _receive(self, asked: _Asked, call: _Call, answer: Sequence[Any], seconds: float, problem: str) -> None:
        share = seconds / len(call.goals)
        for number, proposals in zip(call.goals, answer, strict=False):
            count, odd = self._queue(asked, number, proposals)
            problem = problem or odd
            self._expanded(asked, number, count, share, odd)
        for number in call.goals[len(answer) :]:
            self._expanded(asked, number, 0, share, problem)
        if problem:
            for number in call.goals:
                self._state.of(number).spent &= ~asked.bit
            self._failed(asked, call, problem)
        else:
            asked.failures = 0
        for number in call.goals:
            self.settle(number)
        self._checks.start()

    def _queue(self, asked: _Asked, number: int, proposals: Any) -> tuple[int, str]:
        """Queue what is new and sound; return how many that are, and what was wrong."""
        if not isinstance(proposals, list | tuple):
            return 0, f"it answered with a {type(proposals).__name__} instead of a list"
        state = self._state.of(number)
        count, odd = 0, ""
        for value in islice(proposals, self._width):
            try:
                proposal: Proposal | None = clean_proposal(value, asked.name)
                key = "" if proposal is None else proposal.step.key
            except Exception as error:  # noqa: BLE001 - an object of a hostile class
                proposal, key, odd = None, "", repr(error)
            if proposal is None:
                odd = odd or f"it proposed a malformed {type(value).__name__}"
                continue
            asked.stats.proposals += 1
            self._state.meter.tokens += proposal.tokens
            unheard = self._apart.proposed(number, key, asked.name)
            if key not in state.seen:
                state.seen.add(key)
                self._checks.add(number, proposal)
                count += 1
            else:
                count += unheard and self._checks.share(number, proposal)
                if proposal.then or proposal.branches:
                    count += self._checks.go_on(number, proposal)
        if count:
            # New steps may give the others new ideas.
            state.spent = 0
            state.fruitless.clear()
        elif not odd:
            fruitless = state.fruitless[asked.bit] = state.fruitless.get(asked.bit, 0) + 1
            if fruitless >= asked.patience:
                state.spent |= asked.bit
        return count, odd

    def _expanded(self, asked: _Asked, number: int, proposals: int, seconds: float, message: str = "") -> None:
        self._state.emit(
            GoalExpanded, node=number, prover=asked.name, proposals=proposals, seconds=seconds, message=message
        )

    def _failed(self, asked: _Asked, call: _Call, problem: str) -> None:
        asked.failures += 1
        asked.stats.failures += 1
        asked.stats.message = problem
        self._state.log("warning", f"prover {asked.name} failed ({asked.failures} of {MAX_FAILURES}): {problem}")
        if asked.failures < MAX_FAILURES:
            for number in call.goals:
                self._state.of(number).asked &= ~asked.bit
                node = self._state.graph.goal(number)
                if node.status is GoalStatus.OPEN:
                    self._offer(node)
            return
        asked.dropped = True
        self._live &= ~asked.bit
        self._state.log("error", f"prover {asked.name} is not asked any more: {problem}")
