"""Coq sources cut into sentences, as Coq's own lexer does.

Follows "Lexical conventions" and "Bullets" of the Coq reference manual. A dot ends a sentence where a blank or the
end of the file follows; `...` does too, `..` does not. Bullets and braces are sentences only where a sentence begins.
Notations that hold `(*`, `{|`-like tokens before a brace, or quotations of other languages (`lp:{{ ... }}`) are not
known here.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lemmata.errors import InputError, Location

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n]++)|(?P<comment>\(\*)|(?P<string>"(?:[^"]++|"")*+")|(?P<open>")"""
    r"""|(?P<access>\.\()|(?P<dots>\.++)|(?P<word>[\w']++)|(?P<bullet>-++|\++|\*++)|(?P<brace>[{}])"""
    r"""|(?P<other>\((?!\*)|[^\w \t\r\n'".(+*{}-])"""
)
_IN_COMMENT = re.compile(r'\(\*|\*\)|"(?:[^"]++|"")*+"|"')
_SELECTOR = re.compile(r"(?:\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*|\[[^\W\d][\w']*\]|all|par|!):")
_LONGEST_SELECTOR = 64
_OPENING = {"(": ")", ".(": ")", "[": "]", "{": "}", "match": "end"}
_CLOSING = frozenset(_OPENING.values())


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a Coq source: a command, a tactic, a bullet or a brace."""

    text: str
    """`source[start:end]`, its final dot included."""
    start: int
    """Where it begins; blanks and comments before it are left out."""
    end: int
    """Where it ends, just behind the final dot, bullet or brace."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a Coq source; blanks and comments are no tokens."""

    kind: str
    """`string`, `access` (the `.(` of a projection), `dots`, `word`, `bullet`, `brace` or `other`."""
    text: str
    """The word as it stands."""
    start: int
    """Where it begins in the source."""


def tokens(source: str) -> Iterator[Token]:
    """Yield the words of a source, without blanks and comments.

    Words are coarser or finer than Coq's own in places (`:=` is two of them), but strings, comments, dots and what
    may be a bullet or a brace are exact.

    Raises:
        InputError: a comment or a string does not end; the location has no file.
    """
    position = 0
    while position < len(source):
        found = _TOKEN.match(source, position)
        if found is None:  # every character is in one of the classes
            raise InputError("unreadable character", location=Location.at("", source, position))
        kind = found.lastgroup or ""
        if kind == "comment":
            position = _behind_comment(source, position)
            continue
        if kind == "open":
            raise InputError(
                "the string does not end", location=Location.at("", source, position), hint='close it with "'
            )
        if kind != "blank":
            yield Token(kind, found.group(), position)
        position = found.end()


def split(source: str) -> list[Sentence]:
    """Cut a source into its sentences.

    What stands behind the last dot becomes a sentence of its own, although Coq would refuse it.

    Args:
        source: the text of a `.v` file.

    Raises:
        InputError: a comment or a string does not end; the location has no file.
    """
    sentences: list[Sentence] = []
    head: list[str] = []  # the first tokens of the sentence that is being read
    start = end = 0
    for token in tokens(source):
        if not head:
            start = token.start
        end = token.start + len(token.text)
        if _ends(token, head, source):
            sentences.append(Sentence(source[start:end], start, end))
            head.clear()
        elif len(head) < _LONGEST_SELECTOR:
            head.append(token.text)
    if head:
        sentences.append(Sentence(source[start:end], start, end))
    return sentences


def words(text: str) -> list[str]:
    """Return the words of a sentence, with `:=` as one word; raises what `tokens` raises."""
    result: list[str] = []
    behind = -1
    for token in tokens(text):
        if token.text == "=" and result and result[-1] == ":" and behind == token.start:
            result[-1] = ":="
        else:
            result.append(token.text)
        behind = token.start + len(token.text)
    return result


def outermost(words: Sequence[str]) -> list[str]:
    """Return the words that stand outside all brackets and outside `match ... end`."""
    outer, balanced = _outside(words, frozenset(_OPENING))
    # Notations such as `[a, b[ leave brackets open.
    return outer if balanced else _outside(words, frozenset(_OPENING) - {"["})[0]


def _outside(words: Sequence[str], opening: frozenset[str]) -> tuple[list[str], bool]:
    outer: list[str] = []
    expected: list[str] = []
    awaited: Counter[str] = Counter()
    for word in words:
        if word in opening:
            expected.append(_OPENING[word])
            awaited[expected[-1]] += 1
        elif word in _CLOSING:
            while awaited[word]:  # what was opened within and not closed ends here too
                last = expected.pop()
                awaited[last] -= 1
                if last == word:
                    break
        elif not expected:
            outer.append(word)
    return outer, not expected


class Lines:
    """The beginnings of a source's lines, to find the line of many offsets."""

    def __init__(self, source: str) -> None:
        self._starts = [0, *(m.end() for m in re.finditer("\n", source))]

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset, both from 1."""
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def _ends(token: Token, head: list[str], source: str) -> bool:
    match token.kind:
        case "dots":
            behind = token.start + len(token.text)
            return len(token.text) in (1, 3) and (behind == len(source) or source[behind] in " \t\r\n")
        case "bullet":
            return not head
        case "brace":
            return not head or (
                token.text == "{"
                and head[-1] == ":"
                and len(head) < _LONGEST_SELECTOR
                and source[token.start + 1 : token.start + 2] != "|"
                and _SELECTOR.fullmatch("".join(head)) is not None
            )
    return False


def _behind_comment(source: str, start: int) -> int:
    depth = 0
    for found in _IN_COMMENT.finditer(source, start):
        match found.group():
            case "(*":
                depth += 1
            case "*)":
                depth -= 1
                if not depth:
                    return found.end()
            case '"':
                raise InputError(
                    "the string inside a comment does not end",
                    location=Location.at("", source, found.start()),
                    hint='close it with ": Coq reads strings inside comments too',
                )
    raise InputError("the comment does not end", location=Location.at("", source, start), hint="close it with *)")
