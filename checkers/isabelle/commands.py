"""A theory as a sequence of commands: its header, and what follows up to `end`.

Follows "Theories" in chapter "Specifications" of the Isabelle/Isar reference manual.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from checkers.isabelle.keywords import KNOWN, ML, SELDOM
from checkers.isabelle.tokens import Kind, Token, meaningful
from lemmata.errors import InputError, Location

_PREFIXES = frozenset({"private", "qualified"})
_CLAUSES = frozenset({"imports", "keywords", "abbrevs", "begin"})


@dataclass(frozen=True, slots=True)
class Command:
    """One command with everything up to the next."""

    tokens: tuple[Token, ...]
    """Neither blanks nor comments; the head may stand behind `private` or `qualified`."""

    @property
    def head(self) -> str:
        """The command's name."""
        return self.tokens[self.first].text

    @property
    def first(self) -> int:
        """Index of the head among the tokens."""
        return next((i for i, token in enumerate(self.tokens) if token.text not in _PREFIXES), 0)

    @property
    def arguments(self) -> tuple[Token, ...]:
        """What follows the head, without tags such as `%important`."""
        start = self.first + 1
        while start + 1 < len(self.tokens) and self.tokens[start].text == "%":
            start += 2
        return self.tokens[start:]

    @property
    def start(self) -> int:
        """Index at which it starts."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Index behind its last token."""
        return self.tokens[-1].end


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a theory."""

    name: str
    imports: tuple[Token, ...]
    commands: frozenset[str]
    """Commands that it declares."""
    runs_code: frozenset[str]
    """Those of them that it declares to be like ML."""
    start: int
    end: int
    """Index behind `begin`."""


@dataclass(frozen=True, slots=True)
class Theory:
    """A theory's text, cut into commands."""

    text: str
    header: Header
    commands: tuple[Command, ...]
    """Those behind the header; the last is the theory's `end` where it has one."""


def read(text: str, file: str) -> Theory:
    """Cut a theory into commands.

    Raises:
        InputError: it has no header, or a comment, string or cartouche does not end.
    """
    every = meaningful(text, file)
    header, behind = _header(every, file)
    return Theory(text, header, tuple(split(every[behind:], KNOWN | header.commands)))


def split(tokens: Sequence[Token], known: Collection[str]) -> list[Command]:
    """Cut tokens at the commands; what stands before the first is left out."""
    starts: list[int] = []
    for position, token in enumerate(tokens):
        if token.kind not in (Kind.WORD, Kind.SIGN):
            continue
        if token.text not in known and not (token.text in SELDOM and _leads(tokens, position)):
            continue
        before = position
        while before and tokens[before - 1].text in _PREFIXES:
            before -= 1
        starts.append(before)
    ends = [*starts[1:], len(tokens)] if starts else []
    return [Command(tuple(tokens[start:end])) for start, end in zip(starts, ends, strict=True)]


def _leads(tokens: Sequence[Token], position: int) -> bool:
    """Say whether a word is used as a command: a name, type variables or options follow it."""
    behind = tokens[position + 1] if position + 1 < len(tokens) else None
    return behind is not None and (behind.kind in (Kind.WORD, Kind.STRING) or behind.text == "(")


def _header(tokens: Sequence[Token], file: str) -> tuple[Header, int]:
    """Return the header and the number of tokens up to its end."""
    start = next((i for i, t in enumerate(tokens) if t.kind is Kind.WORD and t.text == "theory"), None)
    if start is None or start + 1 >= len(tokens):
        raise InputError("there is no `theory NAME imports ... begin`", location=Location(file), hint="add a header")
    behind = next((i for i, t in enumerate(tokens) if i > start and t.kind is Kind.WORD and t.text == "begin"), None)
    if behind is None:
        raise InputError("the theory's header has no `begin`", location=Location(file), hint="add it")
    clauses: dict[str, list[Token]] = {}
    current: list[Token] = []
    for token in tokens[start + 2 : behind]:
        if token.kind is Kind.WORD and token.text in _CLAUSES:
            current = clauses.setdefault(token.text, [])
        else:
            current.append(token)
    declared = _declared(clauses.get("keywords", []))
    header = Header(
        tokens[start + 1].content,
        tuple(clauses.get("imports", [])),
        frozenset(declared),
        frozenset(name for name, tag in declared.items() if tag),
        tokens[start].start,
        tokens[behind].end,
    )
    return header, behind + 1


def _declared(tokens: Sequence[Token]) -> dict[str, bool]:
    """Return the commands that a `keywords` clause declares, and whether each is tagged as ML."""
    found: dict[str, bool] = {}
    names: list[str] = []
    kind = False
    for position, token in enumerate(tokens):
        if token.text == "and" and token.kind is Kind.WORD:
            names, kind = [], False
        elif token.text == ":":
            kind = True
        elif not kind and token.kind is Kind.STRING:
            names.append(token.content)
        elif kind and token.kind is Kind.WORD and tokens[position - 1].text == ":":
            found.update(dict.fromkeys(names, False))
        elif kind and token.content == "ML" and tokens[position - 1].text == "%":
            found.update(dict.fromkeys(names, True))
    return found


def runs_code(theory: Theory) -> list[Command]:
    """Return the commands of a theory that run programs of the theory's own."""
    wanted = ML | theory.header.runs_code
    return [command for command in theory.commands if command.head in wanted]
