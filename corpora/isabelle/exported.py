"""The exports of a session's theories: sources with what each command is and names, and the states behind commands.

`isabelle export` writes what a build kept (chapter "Isabelle sessions and build management" of the Isabelle system
manual): `PIDE/markup`, the source within its markup, `PIDE/messages`, whatever was printed, and `PIDE/files`. Proof
states are printed where the option `show_states` was set.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from checkers.isabelle.symbols import Lines, Symbols
from corpora.isabelle import yxml

MARKUP = Path("PIDE", "markup")
_MESSAGES, _FILES = "messages", "files"
MOST_BYTES = 1 << 30
"""Size of the largest export that is read."""
_SPAN, _ENTITY, _FACT = "command_span", "entity", "fact"
_STATE = "state_message"
_LOCAL = "local."
"""Begins the full names of facts that a proof has for itself."""


@dataclass(slots=True)
class Span:
    """A command with its arguments; neither blanks nor comments follow it."""

    name: str
    """The command's."""
    kind: str
    """What sort of command Isabelle says it is, such as `diag`; empty where it does not."""
    start: int
    end: int = 0
    facts: list[str] = field(default_factory=list)
    """Full names of the facts that it names, in the order of their places."""
    defines: list[str] = field(default_factory=list)
    """Full names of the facts that it makes."""
    state: str = ""
    """What was printed of the proof's state behind it; empty where no proof is open there."""


@dataclass(frozen=True, slots=True)
class Document:
    """A theory as it was built."""

    text: str
    spans: Sequence[Span]
    lines: Lines


@dataclass(frozen=True, slots=True)
class Theory:
    """Where the exports of a theory are."""

    name: str
    """With its session's in front, as `HOL.List`."""
    markup: Path

    @property
    def session(self) -> str:
        """The session's name; that of the theory where it is known without one."""
        return self.name.partition(".")[0]

    @property
    def messages(self) -> Path:
        """Where the messages are, if there are any."""
        return self.markup.with_name(_MESSAGES)

    @property
    def file(self) -> str:
        """The theory's file as the session names it; made from the name where the session does not tell.

        Of a path that is absolute only the last part is told: what is above differs between machines.
        """
        listed = self.markup.with_name(_FILES)
        first = listed.read_text(errors="replace").partition("\n")[0].strip() if listed.is_file() else ""
        if not first:
            return f"{self.name.rpartition('.')[2]}.thy"
        return first.rpartition("/")[2] if first.startswith("/") else first.removeprefix("~~/")


def theories(folder: Path) -> list[Theory]:
    """Return the theories whose exports lie below a folder, in the order of their names."""
    marked = [path for path in folder.rglob(str(MARKUP)) if path.is_file()]
    named = ((path.parent.parent.name.encode("utf-8", "replace").decode(), path) for path in marked)
    return sorted((Theory(name, path) for name, path in named), key=lambda one: (one.name, one.markup))


def read(theory: Theory) -> Document:
    """Read a theory's exports.

    Raises:
        ValueError: they are not what Isabelle writes; one line says why.
        OSError: they cannot be read.
    """
    text, spans = _document(_source(theory.markup))
    if theory.messages.is_file():
        _place(_source(theory.messages), f"{theory.name.rpartition('.')[2]}.thy", text, spans)
    return Document(text, spans, Lines(text))


def _source(path: Path) -> str:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name} is larger than {MOST_BYTES >> 20} MB")
    try:
        # Line ends stay what they are: positions count them.
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is no UTF-8; it may be compressed still") from None


def _document(markup: str) -> tuple[str, list[Span]]:
    pieces: list[str] = []
    spans: list[Span] = []
    stack: list[tuple[yxml.Element, Span | None]] = []
    open_spans: list[Span] = []
    at = 0
    for event in yxml.events(markup):
        match event:
            case yxml.Element(name=name, properties=told):
                opened: Span | None = None
                if name == _SPAN:
                    opened = Span(told.get("name", ""), told.get("kind", ""), at)
                    spans.append(opened)
                    open_spans.append(opened)
                elif name == _ENTITY and told.get("kind") == _FACT and open_spans:
                    _note(open_spans[-1], told)
                stack.append((event, opened))
            case yxml.End():
                _, ended = stack.pop()
                if ended is not None:
                    open_spans.pop()
                    ended.end = at
            case _:
                pieces.append(event)
                at += len(event)
    return "".join(pieces), spans


def _note(span: Span, told: Mapping[str, str]) -> None:
    name = told.get("name", "")
    if name and not name.startswith(_LOCAL):
        (span.defines if "def" in told else span.facts).append(name)


def _place(messages: str, file: str, text: str, spans: Sequence[Span]) -> None:
    """Give each command the state that was printed behind it."""
    symbols = Symbols(text)
    starts = [span.start for span in spans]
    for offset, state in _states(messages, file):
        index = symbols.index(offset)
        number = bisect_right(starts, index) - 1
        if number >= 0 and index < spans[number].end:
            spans[number].state = state


def _states(messages: str, file: str) -> Iterator[tuple[int, str]]:
    """Yield the states that were printed in a file, with the offsets of their commands."""
    for element, text in yxml.bodies(messages):
        told = element.properties
        offset, where = told.get("offset", ""), told.get("file", file).rpartition("/")[2]
        sound = offset.isdigit() and offset.isascii() and len(offset) < len(str(MOST_BYTES)) and int(offset)
        if element.name == _STATE and where == file and sound:
            yield int(offset), text
