"""What the Lean REPL answers, read strictly: an answer that is not of its form is a broken process, never a guess.

Forms as of `REPL/JSON.lean` of leanprover-community/repl: an answer to a command has `env`, one to a tactic has
`proofState`, `goals` and, since 2024, `proofStatus`, and one to a request that was refused has only `message`. Lists
that are empty are left out. Lines count from 1, columns from 0 in code points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lemmata.errors import BackendCrashed

COMPLETED = "Completed"
_HARMLESS = frozenset({"info", "information", "warning", "trace"})


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the text of a request."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Message:
    """What Lean had to say."""

    severity: str
    data: str
    start: Position
    end: Position | None = None

    @property
    def failed(self) -> bool:
        """Whether it is an error, or anything that is not known to be harmless."""
        return self.severity not in _HARMLESS


@dataclass(frozen=True, slots=True)
class Sorry:
    """An open goal with the proof state in which it can be worked on."""

    state: int | None
    goal: str
    start: Position | None = None
    end: Position | None = None


@dataclass(frozen=True, slots=True)
class Traced:
    """One tactic of a text, as `allTactics` reports it."""

    tactic: str
    goals: str
    state: int | None
    start: Position
    end: Position
    constants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CommandReply:
    """The answer to a command, or to a whole file."""

    env: int
    messages: tuple[Message, ...] = ()
    sorries: tuple[Sorry, ...] = ()
    tactics: tuple[Traced, ...] = ()

    @property
    def error(self) -> Message | None:
        """The first error, None where there is none."""
        return next((message for message in self.messages if message.failed), None)


@dataclass(frozen=True, slots=True)
class StepReply:
    """The answer to a tactic, or to loading a proof state."""

    state: int
    goals: tuple[str, ...]
    messages: tuple[Message, ...] = ()
    sorries: tuple[Sorry, ...] = ()
    status: str | None = None
    """What the REPL found out of the whole proof; None from one that is too old to say so."""

    @property
    def error(self) -> Message | None:
        """The first error, None where there is none."""
        return next((message for message in self.messages if message.failed), None)

    @property
    def completed(self) -> bool:
        """Whether the proof is complete: only the status says so, and an error or anything left open denies it."""
        return self.status == COMPLETED and not self.goals and not self.sorries and self.error is None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer to a request that was not carried out."""

    message: str


Reply = CommandReply | StepReply | Refusal


def read(document: Mapping[str, Any]) -> Reply:
    """Read an answer.

    Raises:
        BackendCrashed: it has none of the forms.
    """
    try:
        if "message" in document:
            # Whatever else it says: a request that was refused has proved nothing.
            return Refusal(_text(document["message"]))
        if "env" in document and "proofState" in document:
            raise ValueError("the answer to a command and to a tactic at once")
        if "goals" in document or "proofStatus" in document:
            return _step(document)
        if "env" in document:
            return _command(document)
        raise KeyError("message")
    except (KeyError, TypeError, ValueError):
        raise BackendCrashed("the Lean REPL: its answer is not in the protocol") from None


def _command(document: Mapping[str, Any]) -> CommandReply:
    return CommandReply(
        _number(document["env"]),
        tuple(_message(m) for m in _list(document, "messages")),
        tuple(_sorry(s) for s in _list(document, "sorries")),
        tuple(_traced(t) for t in _list(document, "tactics")),
    )


def _step(document: Mapping[str, Any]) -> StepReply:
    status = document.get("proofStatus")
    return StepReply(
        _number(document["proofState"]),
        tuple(_text(goal) for goal in _list(document, "goals")),
        tuple(_message(m) for m in _list(document, "messages")),
        tuple(_sorry(s) for s in _list(document, "sorries")),
        None if status is None else _text(status),
    )


def _list(document: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = document.get(key, [])
    if not isinstance(value, list):
        raise TypeError(key)
    return value


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("not a number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _position(value: Any) -> Position:
    value = _object(value)
    return Position(_number(value["line"]), _number(value["column"]))


def _perhaps(value: Any) -> Position | None:
    return None if value is None else _position(value)


def _message(value: Any) -> Message:
    value = _object(value)
    start, end = _position(value["pos"]), _perhaps(value.get("endPos"))
    return Message(_text(value["severity"]), _text(value["data"]), start, end)


def _sorry(value: Any) -> Sorry:
    value = _object(value)
    state = value.get("proofState")
    number = None if state is None else _number(state)
    return Sorry(number, _text(value["goal"]), _perhaps(value.get("pos")), _perhaps(value.get("endPos")))


def _traced(value: Any) -> Traced:
    value = _object(value)
    state = value.get("proofState")
    return Traced(
        _text(value["tactic"]),
        _text(value["goals"]),
        None if state is None else _number(state),
        _position(value["pos"]),
        _position(value["endPos"]),
        tuple(_text(name) for name in _list(value, "usedConstants")),
    )
