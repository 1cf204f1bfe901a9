"""The parts of a declaration: its name, its statement and its body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checkers.lean.commands import MODIFIERS, Command, depths
from checkers.lean.lexer import Token, TokenKind

# Words that bring a `:=` of their own into a statement.
_BINDING = frozenset({"let", "have", "letI", "haveI", "let_fun", "let_delayed"})


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration, taken apart."""

    keyword: str
    """What declares it, such as `theorem`."""
    name: str
    """As written, empty where it has none."""
    statement: tuple[int, int]
    """From the first modifier or the keyword to the end of the statement."""
    body: tuple[Token, ...]
    """What defines or proves it, with `where` and `termination_by`."""
    span: tuple[int, int]
    """Where the body begins and ends."""
    bare: bool
    """Whether there is no `:=` before the body."""
    block: tuple[int, int]
    """Where the whole command begins and ends, or the mutual block it stands in."""


def declaration(command: Command) -> Declaration:
    """Take the command of a declaration apart."""
    own = command.tokens[command.head :]
    level = depths(own)
    name = _name(own)
    first = 2 if name else 1
    cut, bare = _body_start(own, level, first)
    stated = own[:cut]
    body = own[cut:] if bare else own[cut + 1 :]
    end = stated[-1].end
    behind = end if bare else own[cut].end
    span = (body[0].start, body[-1].end) if body else (behind, behind)
    start = command.tokens[_first_modifier(command)].start
    return Declaration(own[0].text, name, (start, end), tuple(body), span, bare, command.block)


def _name(own: Sequence[Token]) -> str:
    """Return a declaration's name: the word behind the keyword, and behind the priority of an instance."""
    if own[0].text == "example" or len(own) < 2:
        return ""
    index = 1
    if own[0].text == "instance" and own[1].text == "(" and len(own) > 2 and own[2].text in ("priority", "prio"):
        while index < len(own) and own[index].text != ")":
            index += 1
        index += 1
    named = index < len(own) and own[index].kind is TokenKind.WORD
    return own[index].text if named and own[index].text not in ("where", "by") else ""


def _first_modifier(command: Command) -> int:
    index = command.head
    while index and command.tokens[index - 1].text in MODIFIERS:
        index -= 1
    return index


def _body_start(own: Sequence[Token], level: Sequence[int], first: int) -> tuple[int, bool]:
    """Return the index of the `:=`, or of the first token of a body without one and True.

    A `let` in the statement has a `:=` of its own; a `|` at the start of a line begins equations where it leads to a
    `=>` before any `:=`, unless it belongs to a `match`. Without a body, the index is behind the last token.
    """
    pending = 0
    matching = False
    decided: dict[int, bool] = {}
    for index in range(first, len(own)):
        token = own[index]
        if level[index]:
            continue
        match token.text:
            case ":=" if pending:
                pending -= 1
            case ":=":
                return index, False
            case "where":
                return index, True
            case "|" if not matching and _equation(own, level, index, decided):
                return index, True
            case "match":
                matching = True
            case word if word in _BINDING:
                pending += 1
    return len(own), True


def _equation(own: Sequence[Token], level: Sequence[int], index: int, decided: dict[int, bool]) -> bool:
    """Say whether a `|` begins an equation: there is a `=>` before the next `:=` and before `fun`.

    What was found out is kept in `decided`, since it holds for every `|` up to the token that decided.
    """
    for later, known in decided.items():
        if index < later:
            return known
    decided.clear()
    for later in range(index + 1, len(own)):
        if not level[later] and own[later].text in (":=", "fun", "λ", "=>"):
            decided[later] = own[later].text == "=>"
            return decided[later]
    decided[len(own)] = False
    return False
