"""The two kinds of node of a proof graph, their statuses, and what is told of their changes."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field

from lemmata.goal import Goal, GoalRef
from lemmata.outcome import Closed, Crashed, Open, Outcome, Rejected
from lemmata.step import Proposal, Step

WORST_LOG_PROBABILITY = -1e6
"""Stands for a probability of nought and for an estimate that is not a number; finite, so that sums stay ordered."""


class GoalStatus(enum.Enum):
    """What is known of a goal (an OR node)."""

    OPEN = "open"
    PROVED = "proved"
    FAILED = "failed"
    """No proof can come any more: nobody has further steps, and none of those tried can still succeed."""
    IRRELEVANT = "irrelevant"
    """Not needed at present: nothing that leads from the root to it can still matter."""


class StepStatus(enum.Enum):
    """What is known of a step (an AND node)."""

    OPEN = "open"
    PROVED = "proved"
    REJECTED = "rejected"
    TIMED_OUT = "timed-out"
    CRASHED = "crashed"
    FAILED = "failed"
    """Valid, but one of its subgoals has failed."""
    IRRELEVANT = "irrelevant"
    """Valid, but its goal is decided or itself irrelevant."""
    PRUNED_CYCLE = "pruned-cycle"
    """Valid, but a subgoal that is not proved yet is also an ancestor of the step's goal."""


def price(log_probability: float) -> float:
    """Return what a step adds to the cost of a path: its negative log-probability, never negative nor NaN."""
    if math.isnan(log_probability):
        return -WORST_LOG_PROBABILITY
    return min(max(-log_probability, 0.0), -WORST_LOG_PROBABILITY)


@dataclass(slots=True, eq=False)
class GoalNode:
    """A goal in the graph; only `ProofGraph` changes it."""

    node: int
    ref: GoalRef
    order: int
    """Position in a topological order of the goals; see `lemmata.graph.loops`."""
    status: GoalStatus = GoalStatus.OPEN
    exhausted: bool = False
    """Whether nobody will propose further steps."""
    reached: bool = False
    """Whether steps that still matter lead here from the root."""
    cost: float = math.inf
    """Sum of the prices of the steps on the best path from the root."""
    depth: int = 0
    """Number of steps on that path."""
    via: int | None = None
    """Last step of that path; None for the root."""

    @property
    def goal(self) -> Goal:
        """The goal itself."""
        return self.ref.goal

    @property
    def key(self) -> str:
        """Canonical key of the goal."""
        return self.ref.goal.key


@dataclass(slots=True, eq=False)
class StepNode:
    """A step in the graph with the checker's answer; only `ProofGraph` changes it."""

    node: int
    goal: int
    """Number of the goal that the step was tried on."""
    proposal: Proposal
    outcome: Outcome
    price: float
    refs: tuple[GoalRef, ...] = ()
    """The subgoals as the session knows them here; sharing keeps the first handle only in the goal node."""
    subgoals: tuple[int, ...] = ()
    """Goal numbers, one for each of `refs`; a number occurs twice when two subgoals are equal."""
    loop: tuple[int, ...] = ()
    """Those subgoals that were ancestors of `goal` when the step was added."""
    released: bool = False
    """Whether the search asked to follow the step in spite of its loop."""
    active: bool = False
    """Whether the step can still help its goal; what it leads to is relevant when its goal is."""
    status: StepStatus = StepStatus.OPEN

    @property
    def step(self) -> Step:
        """The step itself."""
        return self.proposal.step

    @property
    def accepted(self) -> bool:
        """Whether the checker found the step valid."""
        return isinstance(self.outcome, Closed | Open)

    @property
    def effective(self) -> Step:
        """The step to write into a proof, with a note of how many subgoals it left.

        It is what the checker says to write instead, otherwise the step without the parts that the checker's notes say
        it did not keep.
        """
        outcome = self.outcome
        if not isinstance(outcome, Closed | Open):
            return self.step
        if outcome.replacement is not None:
            return outcome.replacement.leaving(len(self.subgoals))
        step = self.step.leaving(len(self.subgoals))
        dropped = {note.part for note in outcome.notes if not note.accepted}
        if not dropped:
            return step
        return step.keeping(tuple(p for i, p in enumerate(step.parts) if i not in dropped))

    @property
    def forms(self) -> tuple[Step, ...]:
        """The steps that may be written into a proof, the preferred one first.

        Parts that were not kept may be needed after all; a step with a replacement is never written itself.
        """
        outcome = self.outcome
        if isinstance(outcome, Closed | Open) and outcome.replacement is None and outcome.notes:
            return self.effective, self.step.leaving(len(self.subgoals))
        return (self.effective,)


def dead_status(outcome: Outcome) -> StepStatus | None:
    """Return the status of a step that the checker did not accept, None for one that it did."""
    match outcome:
        case Closed() | Open():
            return None
        case Rejected():
            return StepStatus.REJECTED
        case Crashed():
            return StepStatus.CRASHED
        case _:
            return StepStatus.TIMED_OUT


@dataclass(slots=True)
class Changes:
    """What happened in a graph since the last `ProofGraph.drain`."""

    opened: list[int] = field(default_factory=list)
    """New goals, in order of their numbers."""
    statuses: list[tuple[int, str]] = field(default_factory=list)
    """Nodes whose status changed, in order; a new node begins as `open`, a step that was not accepted as what it is."""
    moved: set[int] = field(default_factory=set)
    """Goals whose best path from the root changed."""
