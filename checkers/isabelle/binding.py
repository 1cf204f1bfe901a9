"""What stands before the statement of a theorem: a locale, a name, attributes.

Follows "Specifications" and "Proofs" of the Isabelle/Isar reference manual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checkers.isabelle.commands import Command
from checkers.isabelle.tokens import QUOTED, Kind, Token

ELEMENTS = frozenset(
    {"fixes", "assumes", "shows", "obtains", "includes", "constrains", "defines", "notes", "if", "for"}
)
"""What a long statement, or the body of a locale, can begin with."""


@dataclass(frozen=True, slots=True)
class Binding:
    """The name of a theorem, and where it stands."""

    name: str
    """Empty where the theorem has none."""
    at: int
    """Index at which the name stands or could be put."""
    end: int
    """Index behind the colon."""
    locale: str
    """The one that `(in ...)` names, empty where there is none."""


def binding(statement: Command) -> Binding:
    """Read what stands before a statement: `(in locale)`, a name, attributes."""
    words = list(statement.arguments)
    locale = ""
    start = len(statement.tokens) - len(words) - 1
    at = statement.tokens[start].end
    if len(words) >= 4 and words[0].text == "(" and words[1].text == "in":
        locale = words[2].content
        close = next((i for i, t in enumerate(words) if t.text == ")"), 3)
        at, words = words[close].end, words[close + 1 :]
    name = ""
    position = 0
    plain = bool(words) and words[0].kind in (Kind.WORD, Kind.NUMBER) and words[0].text not in ELEMENTS
    if plain or (len(words) > 1 and words[0].kind in QUOTED and words[1].text in (":", "[")):
        position = 1
    behind = _behind_attributes(words, position)
    if behind < len(words) and words[behind].text == ":":
        name = words[0].content if position else ""
        return Binding(_speakable(name), words[0].start, words[behind].end, locale)
    return Binding(_speakable(_shown(words)), at, at, locale)


def _speakable(name: str) -> str:
    """Return a name, or nothing where it holds what no terminal should be sent."""
    return name if name.isprintable() and not any(char in "@#" for char in name) else ""


def _behind_attributes(words: Sequence[Token], position: int) -> int:
    if position >= len(words) or words[position].text != "[":
        return position
    depth = 0
    for index in range(position, len(words)):
        depth += (words[index].text == "[") - (words[index].text == "]")
        if not depth:
            return index + 1
    return len(words)


def _shown(words: Sequence[Token]) -> str:
    """Return the name that the conclusion of a long statement has."""
    for index, token in enumerate(words):
        if token.kind is Kind.WORD and token.text == "shows" and index + 1 < len(words):
            name = words[index + 1]
            behind = _behind_attributes(words, index + 2)
            if name.kind is Kind.WORD and behind < len(words) and words[behind].text == ":":
                return name.text
            return ""
    return ""
