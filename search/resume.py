"""Reads the events of a killed run, so that the next one repeats as little of it as possible."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lemmata import codec
from lemmata.events import Event, GoalExpanded, GoalOpened, SearchStarted, StatusChanged, StepChecked
from lemmata.outcome import Crashed, Note, Outcome, Rejected, TimedOut
from lemmata.step import Part, Proposal, Step
from search.continuing import CONTINUES


@dataclass(frozen=True, slots=True)
class Recorded:
    """A step that a former run checked."""

    proposal: Proposal
    outcome: Outcome | None
    """What it came to; None where the session must apply it again to know its subgoals."""
    replacement: Step | None = None
    """What the checker said to write instead, where the session must apply it again: applying this is enough."""


@dataclass(slots=True)
class GoalRecord:
    """What a former run did on a goal."""

    steps: dict[str, Recorded] = field(default_factory=dict)
    """By the step's key."""
    expanded: dict[str, int] = field(default_factory=dict)
    """By prover, how many proposals of its were sent to be checked."""

    @property
    def finished(self) -> set[str]:
        """Provers that were asked and whose proposals were all checked."""
        checked = dict.fromkeys(self.expanded, 0)
        for recorded in self.steps.values():
            if recorded.proposal.provenance.get(CONTINUES):
                continue  # it was not proposed for this goal, so it counts for none
            name = recorded.proposal.prover
            checked[name] = checked.get(name, 0) + 1
        return {name for name, count in self.expanded.items() if checked[name] >= count}


class History:
    """What former runs on the same obligation did, by the goals' keys.

    Node numbers are only valid within one run: each `SearchStarted` begins a new numbering.

    Args:
        events: the events of the former runs in order; incomplete at any point.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self._records: dict[str, GoalRecord] = {}
        goals: dict[int, str] = {}
        steps: dict[int, tuple[str, str]] = {}
        made: dict[tuple[str, str], int] = {}
        for event in events:
            match event:
                case SearchStarted():
                    goals, steps, made = {}, {}, {}
                case GoalOpened():
                    goals[event.node] = event.key
                case GoalExpanded() if event.node in goals and not event.message:
                    pair = (goals[event.node], event.prover)
                    made[pair] = made.get(pair, 0) + event.proposals
                    # A resumed run repeats the expansions of the one before: the same proposals, not more of them.
                    expanded = self._record(pair[0]).expanded
                    expanded[event.prover] = max(expanded.get(event.prover, 0), made[pair])
                case StepChecked() if event.goal in goals:
                    steps[event.node] = (goals[event.goal], event.key)
                    self._record(goals[event.goal]).steps[event.key] = _recorded(event)
                case StatusChanged(status="rejected") if event.node in steps:
                    goal, key = steps[event.node]
                    recorded = self._records[goal].steps[key]
                    refused = Rejected("a proof with this step did not verify in a former run")
                    self._records[goal].steps[key] = Recorded(recorded.proposal, refused)
                case _:
                    pass

    def _record(self, key: str) -> GoalRecord:
        return self._records.setdefault(key, GoalRecord())

    def of(self, key: str) -> GoalRecord | None:
        """Return what was done on a goal, by its key; None where it was never opened or nothing was tried."""
        return self._records.get(key)


def _recorded(event: StepChecked) -> Recorded:
    step = Step(event.step, event.step_kind, tuple(Part(*part) for part in event.parts))
    proposal = Proposal(
        step, event.log_probability, event.prover, time_limit=event.time_limit, provenance=event.provenance
    )
    match event.outcome:
        case "rejected":
            notes = tuple(Note(**note) for note in event.notes)
            return Recorded(proposal, Rejected(event.message, event.seconds, notes, event.model))
        case "timedout":
            return Recorded(proposal, TimedOut(event.seconds, event.message))
        case "crashed":
            return Recorded(proposal, Crashed(event.message, event.seconds))
        case _:
            instead = event.replacement
            return Recorded(proposal, None, None if instead is None else codec.step_from_json(instead))
