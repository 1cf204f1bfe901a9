"""Step records: a goal, the step that a person took there, and what it left; schema `lemmata.step/1`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lemmata.errors import Location
from lemmata.goal import Goal, GoalView, Hypothesis, Obligation
from provers.neural.render import goal_text

STEP = "lemmata.step/1"
_MOST = 1 << 53
"""No number in a record is that large."""
_NOWHERE = Obligation("", "", "", Location(""))


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of one proof in a library."""

    system: str
    package: str
    version: str
    licence: str
    """As SPDX names it; `unknown` where nothing says so."""
    file: str
    """Below the library's root."""
    theorem: str
    """Its full name."""
    statement: str
    """As it stands in the file, in one line, without its final dot."""
    index: int
    """Which step of the proof it is, from 0; steps that are no records are counted too."""
    steps: int
    """How many steps the proof has."""
    line: int
    """Where the step begins, from 1."""
    column: int
    """In code points, from 1."""
    step: str
    """One plain step, as a session takes it."""
    goal: str
    """The goal as provers are shown it."""
    conclusion: str
    hypotheses: tuple[tuple[str, str], ...]
    after: tuple[str, ...]
    """The goals that the step leaves in place of this one."""
    premises: tuple[str, ...]
    """Full names of what the step names, in the order of their first use."""
    plain: str = ""
    """The conclusion without notations; empty where that is not known."""
    plain_hypotheses: tuple[tuple[str, str], ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    """Members that later stages added."""

    def to_json(self) -> dict[str, Any]:
        """Return the record as an object, its members in the order that all records have."""
        untold = ("more", *(() if self.plain else _PLAIN))
        own = {entry.name: getattr(self, entry.name) for entry in dataclasses.fields(self) if entry.name not in untold}
        lists = {name: list(map(list, own[name])) for name in _PAIRS if name in own}
        return {
            "schema": STEP,
            **own,
            **lists,
            "after": list(self.after),
            "premises": list(self.premises),
            **self.more,
        }

    @property
    def place(self) -> Location:
        """Where the step stands."""
        return Location(self.file, self.line, self.column)


_PLAIN = ("plain", "plain_hypotheses")
"""Members of systems that can show goals without notations; earlier versions did not write them."""
_PAIRS = ("hypotheses", "plain_hypotheses")
_KINDS: dict[str, type] = {"str": str, "int": int}


def step_record(value: Mapping[str, Any]) -> StepRecord:
    """Read a step record; members that are not known are kept.

    Raises:
        ValueError: one line says what is missing or wrong.
    """
    if value.get("schema") != STEP:
        raise ValueError(f"the record's schema is {value.get('schema')!r}, not {STEP!r}")
    found: dict[str, Any] = {}
    for entry in dataclasses.fields(StepRecord):
        if entry.name == "more":
            continue
        if entry.name not in value:
            if entry.name in _PLAIN:
                continue
            raise ValueError(f"the record has no {entry.name!r}")
        given = value[entry.name]
        if kind := _KINDS.get(str(entry.type)):
            if type(given) is not kind or (isinstance(given, int) and not 0 <= given < _MOST):
                raise ValueError(f"{entry.name!r} is no {'text' if kind is str else 'number from 0'}")
            found[entry.name] = given
        elif entry.name in _PAIRS:
            found[entry.name] = _pairs(entry.name, given)
        else:
            found[entry.name] = _texts(entry.name, given)
    more = {name: member for name, member in value.items() if name not in found and name != "schema"}
    return StepRecord(**found, more=more)


def _texts(name: str, given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise ValueError(f"{name!r} is no list of texts")
    return tuple(given)


def _pairs(name: str, given: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(given, list) or not all(isinstance(item, list) and len(item) == 2 for item in given):
        raise ValueError(f"{name!r} is no list of pairs")
    return tuple((pair[0], pair[1]) for pair in (_texts(name, item) for item in given))


def shown(system: str, conclusion: str, hypotheses: tuple[Hypothesis, ...]) -> str:
    """Return a goal as provers are shown it."""
    return goal_text(GoalView(Goal(system, conclusion, hypotheses), _NOWHERE))
