"""What `use_theories` says of a theory: its status, and the messages of its commands.

The fields are those of "Command use_theories" and of the types `node_status`, `message` and `position` in the Isabelle
system manual, chapter "The Isabelle server".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lemmata.errors import BackendCrashed

_HARMLESS = frozenset({"writeln", "state", "information", "tracing", "warning", "legacy"})
"""Kinds of messages that are no errors ("type message" in the manual, and `Markup` in the sources)."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of one command."""

    kind: str
    """`writeln`, `state`, `warning`, `error`, ..."""
    text: str
    offset: int
    """Of the symbol at which the command starts, counted from 1; 0 where it is not known."""
    line: int


@dataclass(frozen=True, slots=True)
class Node:
    """One theory, as far as it was processed."""

    theory: str
    """Name with that of the session, such as `Draft.Example`."""
    good: bool
    """Whether every command finished and none failed."""
    stopped: bool
    """Whether commands were left unfinished, so that nothing is known of them."""
    messages: tuple[Said, ...]

    @property
    def errors(self) -> list[Said]:
        """The errors, and messages of kinds that are not known, in the order of the text."""
        found = [message for message in self.messages if message.kind not in _HARMLESS]
        return sorted(found, key=lambda message: message.offset)

    def at(self, offset: int) -> list[Said]:
        """Return the messages of the command at an offset."""
        return [message for message in self.messages if message.offset == offset]


@dataclass(frozen=True, slots=True)
class Result:
    """What a `use_theories` task finished with."""

    ok: bool
    nodes: tuple[Node, ...]

    def node(self, name: str) -> Node | None:
        """Return the theory with this name, None where it is not there exactly once."""
        found = [node for node in self.nodes if node.theory in (name, f"Draft.{name}")]
        return found[0] if len(found) == 1 else None

    def proves(self, name: str) -> bool:
        """Say whether all of the theories, this one among them, were processed to their ends without an error."""
        node = self.node(name)
        return self.ok and node is not None and all(one.good and not one.errors for one in self.nodes)


def read(argument: Any) -> Result:
    """Read the result of a `use_theories` task.

    Raises:
        BackendCrashed: it is not one.
    """
    try:
        nodes = tuple(_node(node) for node in _list(argument["nodes"]))
        ok = _flag(argument["ok"])
        errors = _list(argument["errors"])
    except (KeyError, TypeError):
        raise BackendCrashed("the Isabelle server's answer to use_theories lacks what the protocol asks for") from None
    return Result(ok and not errors, nodes)


def _node(value: Any) -> Node:
    status = value["status"]
    counts = {key: _count(status[key]) for key in ("total", "unprocessed", "running", "failed", "finished")}
    finished = (
        counts["unprocessed"] == 0
        and counts["running"] == 0
        and not _flag(status["canceled"])
        and _flag(status["consolidated"])
        and _count(status["percentage"]) == 100
    )
    warned = _count(status.get("warned", 0))
    complete = 0 < counts["total"] == counts["finished"] + warned
    good = finished and complete and counts["failed"] == 0 and _flag(status["ok"])
    messages = tuple(_said(message) for message in _list(value["messages"]))
    return Node(_text(value["theory_name"]), good, not finished, messages)


def _said(value: Any) -> Said:
    place = value.get("pos") or {}
    if not isinstance(place, Mapping):
        raise TypeError
    offset, line = (place.get(key, 0) for key in ("offset", "line"))
    return Said(_text(value["kind"]), _text(value["message"]), _count(offset), _count(line))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise TypeError
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
