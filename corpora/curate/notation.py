"""The words of a statement, alike for all proof systems: names whole, signs one by one, comments and blanks gone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checkers.coq import sentences
from checkers.lean import lexer
from lemmata.errors import InputError

_SIGNS = re.compile(r"<->|<=>|-->|\+\+>|==>|->|=>|:=|.", re.S)
"""The signs that are more than their characters: arrows and definitions."""
_RUN = frozenset("-+*=<>~|:&!?^%$#@/\\")
_SAME = {
    "∀": "forall",
    "Π": "forall",
    "∃": "exists",
    "λ": "fun",
    "→": "->",
    "⟶": "->",
    "↔": "<->",
    "⟷": "<->",
    "↦": "=>",
    "∧": "/\\",
    "∨": "\\/",
    "¬": "~",
    "≠": "<>",
    "≤": "<=",
    "≥": ">=",
}
"""Letters for what can also be written in ASCII."""
_PLAIN = re.compile(r"(?:[\w']|\.(?=[\w']))+|[^\s\"‹›]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a statement."""

    text: str
    name: bool = False
    """Whether it may be the name of something: a letter or an underscore begins it."""


def words(system: str, text: str) -> list[Word]:
    """Return the words of a statement; a text that cannot be read has words all the same, in a rough way.

    Args:
        system: whose notation it is; of systems other than Coq and Lean little is known.
        text: the statement.
    """
    try:
        raw = list(_READERS.get(system, _plain)(text))
    except InputError:
        raw = list(_plain(text))
    return list(_joined(raw))


def _coq(text: str) -> Iterator[tuple[str, int]]:
    # A qualified name is one word; a dot in front of a blank is not part of it.
    found = list(sentences.tokens(text))
    at = 0
    while at < len(found):
        word, start = found[at].text, found[at].start
        if found[at].kind == "word":
            while (
                at + 2 < len(found)
                and found[at + 1].text == "."
                and found[at + 1].start == start + len(word)
                and found[at + 2].kind == "word"
                and found[at + 2].start == start + len(word) + 1
            ):
                word += f".{found[at + 2].text}"
                at += 2
        at += 1
        yield word, start


def _lean(text: str) -> Iterator[tuple[str, int]]:
    return ((token.text, token.start) for token in lexer.tokens(text))


def _plain(text: str) -> Iterator[tuple[str, int]]:
    at = 0
    while (start := text.find("(*", at)) >= 0 and (end := text.find("*)", start + 2)) >= 0:
        # Blanks in place of a comment, so that places stay what they are.
        text = f"{text[:start]}{' ' * (end + 2 - start)}{text[end + 2 :]}"
        at = end + 2
    return ((found.group(), found.start()) for found in _PLAIN.finditer(text))


_READERS = {"coq": _coq, "lean": _lean}


def _joined(raw: Sequence[tuple[str, int]]) -> Iterator[Word]:
    """Put signs together that touch each other, and take them apart where they mean something."""
    at = 0
    while at < len(raw):
        text, start = raw[at]
        at += 1
        if not _is_run(text):
            text = _SAME.get(text, text)
            if _is_run(text):
                yield from (Word(sign) for sign in _SIGNS.findall(text))
            else:
                yield Word(text, text[0].isalpha() or text[0] == "_")
            continue
        end = start + len(text)
        while at < len(raw) and raw[at][1] == end and _is_run(raw[at][0]):
            text += raw[at][0]
            end += len(raw[at][0])
            at += 1
        signs = _SIGNS.findall(text)
        named = signs[-1] == "\\" and (len(signs) < 2 or signs[-2] != "/")
        if named and at < len(raw) and raw[at][1] == end and raw[at][0][0].isalpha():
            # `\in` and `\sum_` are signs of their own.
            yield from (Word(sign) for sign in signs[:-1])
            yield Word(f"\\{raw[at][0]}")
            at += 1
        else:
            yield from (Word(sign) for sign in signs)


def _is_run(text: str) -> bool:
    return all(character in _RUN for character in text)
