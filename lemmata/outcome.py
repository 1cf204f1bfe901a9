"""Outcomes: what the checker says of a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lemmata.goal import GoalRef
from lemmata.step import Step


@dataclass(frozen=True, slots=True)
class Note:
    """The checker's word on one part of a step: whether it was kept and, if not, why."""

    part: int
    """Index into the step's parts."""
    accepted: bool
    message: str = ""
    model: Mapping[str, Any] = field(default_factory=dict)
    """Values that break the part, by variable name; JSON values only."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The step proves the goal."""

    seconds: float = 0.0
    notes: tuple[Note, ...] = ()
    replacement: Step | None = None
    """The step that the checker says to write instead, such as what a search tactic found; it leaves the same goals."""


@dataclass(frozen=True, slots=True)
class Open:
    """The step is valid and leaves these subgoals, all of which must be proved."""

    subgoals: tuple[GoalRef, ...]
    seconds: float = 0.0
    notes: tuple[Note, ...] = ()
    replacement: Step | None = None
    """The step that the checker says to write instead; it leaves the same goals in the same order."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The step is not valid on this goal."""

    message: str
    seconds: float = 0.0
    notes: tuple[Note, ...] = ()
    model: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The checker did not answer within its limit."""

    seconds: float
    message: str = ""


@dataclass(frozen=True, slots=True)
class Crashed:
    """The checker's process died while it checked the step."""

    message: str
    seconds: float = 0.0


Outcome = Closed | Open | Rejected | TimedOut | Crashed
