"""Typed events: everything a search does, as it happens.

The store appends them, the viewer follows them live, `--resume` and the dataset pipeline read them back.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import operator
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

_KINDS: dict[str, type[Event]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened; `at` is seconds since the epoch."""

    kind: ClassVar[str] = ""
    at: float = field(default_factory=time.time)

    def __init_subclass__(cls) -> None:
        # dataclass(slots=True) makes the class a second time: the last one registered is the real one.
        _KINDS[cls.__dict__["kind"]] = cls

    def to_json(self) -> str:
        """Return one line of JSON; `from_json` reads it back."""
        # Fields are flat JSON values: no recursive copy, this is on the search's hot path.
        names, values = _fields(self.kind)
        return _ENCODE({"kind": self.kind, **dict(zip(names, values(self), strict=True))})


@functools.cache
def _fields(kind: str) -> tuple[tuple[str, ...], Callable[[Event], tuple[Any, ...]]]:
    names = tuple(f.name for f in dataclasses.fields(_KINDS[kind]))
    return names, operator.attrgetter(*names)


_ENCODE = json.JSONEncoder(separators=(",", ":"), default=str).encode


def from_json(text: str) -> Event:
    """Read an event written by `Event.to_json`; raise `ValueError` on an unknown kind or field."""
    body = json.loads(text)
    kind = body.pop("kind", None)
    if kind not in _KINDS:
        raise ValueError(f"unknown event kind {kind!r}")
    try:
        return _KINDS[kind](**body)
    except TypeError as error:
        raise ValueError(f"event {kind}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchStarted(Event):
    """A search on an obligation began."""

    kind: ClassVar[str] = "search_started"
    obligation: str
    system: str
    name: str
    provers: list[str]
    policy: str
    budget: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalOpened(Event):
    """A goal entered the graph; `node` is its number, `parent` the step it came from."""

    kind: ClassVar[str] = "goal_opened"
    node: int
    key: str
    conclusion: str
    hypotheses: list[tuple[str, str]]
    parent: int | None
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalExpanded(Event):
    """A prover was asked about a goal."""

    kind: ClassVar[str] = "goal_expanded"
    node: int
    prover: str
    proposals: int
    seconds: float
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChecked(Event):
    """The checker answered; `outcome` is the outcome's class name in lower case."""

    kind: ClassVar[str] = "step_checked"
    goal: int
    node: int
    prover: str
    key: str
    step: str
    step_kind: str
    parts: list[tuple[str, str, str]]
    log_probability: float
    outcome: str
    message: str
    seconds: float
    subgoals: list[int]
    notes: list[Mapping[str, Any]]
    model: Mapping[str, Any] = field(default_factory=dict)
    cached: bool = False
    time_limit: float | None = None
    """Wall-clock seconds that the prover asked for, where it did."""
    replacement: Mapping[str, Any] | None = None
    """The step to write instead, where the checker named one, in the notation of `lemmata.codec`."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """Where the prover has it from: model, revision, prompt, sampling, seed, tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged(Event):
    """A node of the graph became proved, failed, open again or irrelevant."""

    kind: ClassVar[str] = "status_changed"
    node: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSpent(Event):
    """How much of the budget is used, at intervals."""

    kind: ClassVar[str] = "budget_spent"
    seconds: float
    expansions: int
    checker_calls: int
    checker_seconds: float
    open_goals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Log(Event):
    """Something worth telling that is not a status: a prover that crashed, a fallback that was taken."""

    kind: ClassVar[str] = "log"
    level: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFinished(Event):
    """The search ended with this verdict, already verified where it is proved or disproved."""

    kind: ClassVar[str] = "search_finished"
    verdict: str
    reason: str
    seconds: float
    certificate: str | None
