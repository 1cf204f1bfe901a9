"""What the parts of a running search share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from lemmata import codec
from lemmata.errors import LemmataError
from lemmata.events import (
    BudgetSpent,
    Event,
    GoalOpened,
    Log,
    StatusChanged,
    StepChecked,
)
from lemmata.graph import GoalNode, GoalStatus, ProofGraph
from lemmata.graph.serialise import note_values, outcome_name
from lemmata.outcome import Closed, Open, Outcome
from lemmata.protocols import EventSink
from lemmata.step import Proposal
from search.budget import Meter

REPORT_SECONDS = 1.0
"""How often a `BudgetSpent` event is due."""


@dataclass(slots=True, eq=False)
class GoalState:
    """What the search knows of a goal beside the graph; sets of provers are bit masks."""

    seen: set[str] = field(default_factory=set)
    """Keys of the steps proposed so far."""
    parked: list[Proposal] = field(default_factory=list)
    """Proposals that were not checked because the goal did not matter; it may matter again."""
    asked: int = 0
    """Provers that need not be asked in this round."""
    round: int = 0
    """Provers asked since the goal was last counted as expanded."""
    spent: int = 0
    """Provers that had nothing new when they were last asked, as often as they are patiently asked."""
    fruitless: dict[int, int] = field(default_factory=dict)
    """By prover, how often in a row it had nothing new."""
    waiting: int = 0
    """Proposals in the queue or being checked."""


@dataclass(slots=True)
class ProverStats:
    """What one prover contributed."""

    proposals: int = 0
    accepted: int = 0
    seconds: float = 0.0
    """What it took to propose."""
    tries: int = 0
    """Steps of its that were checked."""
    check_seconds: float = 0.0
    """What checking them took."""
    failures: int = 0
    """Questions that it could not answer."""
    message: str = ""
    """Why it could not answer the last one of them."""

    def checked(self, accepted: bool, seconds: float) -> None:
        """Count a step that was checked."""
        self.tries += 1
        self.accepted += accepted
        self.check_seconds += seconds


class Follower(Protocol):
    """A part of the search that follows what happens to goals."""

    def goal_changed(self, node: GoalNode) -> None:
        """Take note of a goal that is new, has a new status or a better path."""
        ...


class SearchState:
    """The graph, the meter and the event sink of one search.

    Args:
        graph: the proof graph.
        meter: what is spent.
        sink: takes the events.
    """

    def __init__(self, graph: ProofGraph, meter: Meter, sink: EventSink) -> None:
        self.graph = graph
        self.meter = meter
        self.wake = asyncio.Event()
        """Set when the engine's main loop has something to look at."""
        self.stopped = False
        """Whether no further work may begin."""
        self.provers: dict[str, ProverStats] = {}
        self.fault: str = ""
        """Why events can no longer be recorded."""
        self.followers: list[Follower] = []
        self.greet: Callable[[GoalNode], None] = lambda node: None
        """Called with every new goal, after the followers."""
        self._goals: dict[int, GoalState] = {}
        self._sink = sink
        self._reported = 0.0

    def of(self, goal: int) -> GoalState:
        """Return the state of a goal."""
        state = self._goals.get(goal)
        if state is None:
            state = self._goals[goal] = GoalState()
        return state

    def emit(self, make: Callable[..., Event], **fields: Any) -> None:
        """Make an event and record it; a sink that fails ends the search with an error instead of an exception."""
        if self.fault:
            return
        try:
            self._sink.emit(make(**fields))
        except LemmataError as error:
            self.fault = error.message
        except Exception as error:  # noqa: BLE001 - whatever a sink raises, the search must end in order
            self.fault = repr(error)
        if self.fault:
            self.wake.set()

    def log(self, level: str, message: str) -> None:
        """Record something worth telling."""
        self.emit(Log, level=level, message=message)

    def report(self, *, now: bool = False) -> None:
        """Record what is spent, at intervals or at once."""
        meter = self.meter
        if not now and meter.seconds - self._reported < REPORT_SECONDS:
            return
        self._reported = meter.seconds
        self.emit(
            BudgetSpent,
            seconds=round(meter.seconds, 6),
            expansions=meter.expansions,
            checker_calls=meter.checker_calls,
            checker_seconds=round(meter.checker_seconds, 6),
            open_goals=self.graph.counts.get(GoalStatus.OPEN.value, 0),
        )

    def add_step(self, goal: int, proposal: Proposal, outcome: Outcome, *, cached: bool = False) -> int:
        """Add a checked step to the graph and follow up on everything that it changes; return its number."""
        number = self.graph.add_step(goal, proposal, outcome)
        node = self.graph.step(number)
        step = proposal.step
        instead = outcome.replacement if isinstance(outcome, Closed | Open) else None
        self.emit(
            StepChecked,
            goal=goal,
            node=number,
            prover=proposal.prover,
            key=step.key,
            step=step.text,
            step_kind=step.kind,
            parts=[(part.label, part.text, part.language) for part in step.parts],
            log_probability=-node.price,
            outcome=outcome_name(outcome),
            message=getattr(outcome, "message", ""),
            seconds=outcome.seconds,
            subgoals=list(node.subgoals),
            notes=note_values(getattr(outcome, "notes", ())),
            model=getattr(outcome, "model", {}),
            cached=cached,
            time_limit=proposal.time_limit,
            replacement=None if instead is None else codec.step_to_json(instead),
            provenance=dict(proposal.provenance),
        )
        if proposal.prover in self.provers:
            self.provers[proposal.prover].checked(node.accepted, outcome.seconds)
        self.follow(number)
        self.report()
        return number

    def follow(self, parent: int | None = None) -> None:
        """Record what changed in the graph and tell the followers.

        Args:
            parent: the step from which new goals come.
        """
        graph = self.graph
        changes = graph.drain()
        for number in changes.opened:
            self._opened(graph.goal(number), parent)
        affected = dict.fromkeys(changes.opened)
        for number, status in changes.statuses:
            self.emit(StatusChanged, node=number, status=status)
            if graph.has_goal(number):
                affected[number] = None
        affected.update(dict.fromkeys(changes.moved))
        for number in affected:
            node = graph.goal(number)
            for follower in self.followers:
                follower.goal_changed(node)
        for number in changes.opened:
            self.greet(graph.goal(number))

    def again(self, number: int) -> None:
        """Tell the followers of a goal once more that is open."""
        node = self.graph.goal(number)
        if node.status is GoalStatus.OPEN:
            for follower in self.followers:
                follower.goal_changed(node)

    def _opened(self, node: GoalNode, parent: int | None) -> None:
        goal = node.goal
        if parent is None:
            parent = next((step.node for step in self.graph.parents_of(node.node)), None)
        self.emit(
            GoalOpened,
            node=node.node,
            key=goal.key,
            conclusion=goal.conclusion,
            hypotheses=[(h.name, h.text) for h in goal.hypotheses],
            parent=parent,
            depth=node.depth,
        )

    def stats(self) -> dict[str, int | float | dict[str, Any]]:
        """Return the counts that a result reports."""
        meter = self.meter
        return {
            "expansions": meter.expansions,
            "checker_calls": meter.checker_calls,
            "checker_seconds": meter.checker_seconds,
            "seconds": meter.seconds,
            "verify_seconds": meter.verify_seconds,
            "cached": meter.cached,
            "tokens": meter.tokens,
            "goals": sum(self.graph.counts.values()),
            "steps": len(self.graph) - sum(self.graph.counts.values()),
            "provers": {name: asdict(stats) for name, stats in self.provers.items()},
        }
