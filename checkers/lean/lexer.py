"""The tokens of Lean 4 source text.

Follows "Lexical structure" in the Lean language reference (lean-lang.org/doc/reference/latest), tolerantly: every
text has tokens, unless a comment or a string does not end. Which words are keywords depends on what a file imports, so
keywords and identifiers are both words here; a name with its dots, such as `Nat.succ`, is one word.
"""

from __future__ import annotations

import bisect
import enum
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lemmata.errors import InputError, Location


class TokenKind(enum.Enum):
    """What a token is."""

    WORD = "word"
    """A keyword or an identifier, with the dots in it."""
    SIGN = "sign"
    """`:=`, `=>`, `<;>`, `@[`, or one other character."""
    NUMBER = "number"
    LITERAL = "literal"
    """A string or a character."""
    DOC = "doc"
    """A documentation comment, `/-- ... -/` or `/-! ... -/`."""
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a text."""

    kind: TokenKind
    text: str
    start: int
    end: int


# `isLetterLike` and `isSubScriptAlnum` of `Init/Meta/Defs.lean`: λ, Π, Σ, × and ÷ are no letters, nor is `ᵀ`.
_LETTER = (
    r"A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f\u0391-\u039f\u03a1\u03a2\u03a4-\u03a9\u03b1-\u03ba\u03bc-\u03fb"
    r"\u1f00-\u1ffe\u2100-\u214f\U0001d49c-\U0001d59f"
)
_REST = _LETTER + r"0-9'!?\u2080-\u2089\u2090-\u209c\u1d62-\u1d6a\u2c7c"
_PART = rf"(?:[{_LETTER}][{_REST}]*|«[^«»\n]*»)"
NAME = re.compile(rf"{_PART}(?:\.{_PART})*")
"""A name with its dots."""
_TOKEN = re.compile(
    rf"""
      (?P<blank>\s+)
    | (?P<line>--[^\n]*)
    | (?P<block>/-)
    | (?P<raw>r(?P<hashes>\#*)")
    | (?P<word>{_PART}(?:\.{_PART})*)
    | (?P<number>0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+
        |[0-9][0-9_]*(?:\.[0-9][0-9_]*)?(?:\.?[eE][+-]?[0-9][0-9_]*)?)
    | (?P<string>")
    | (?P<char>'(?:\\(?:x[0-9a-fA-F]{{2}}|u\{{?[0-9a-fA-F]+\}}?|[^\n])|[^\\'\n])')
    | (?P<sign>:=|=>|<;>|@\[|''|⁻¹'|.)
    """,
    re.X | re.S,
)
_NESTED = re.compile(r"/-|-/")
_STRING = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"', re.S)
_INTERPOLATED = re.compile(r'[^"\\{]*(?:\\.[^"\\{]*)*(["{])', re.S)
# Words behind which a string may hold terms in braces.
_INTERPOLATING = frozenset(
    "throwError throwErrorAt logInfo logInfoAt logWarning logWarningAt logError logErrorAt dbg_trace".split()
)
_PREFIXED = frozenset({"s!", "m!", "f!", "throw!"})
"""Words directly before a string that holds terms in braces."""
_DEEPEST = 50
"""Strings within terms within strings; nobody writes that many."""


class Lines:
    """Finds lines and columns in a text."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of an offset, both from 1."""
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def tokens(text: str, file: str = "", *, comments: bool = False) -> list[Token]:
    """Split a text into its tokens.

    Args:
        text: Lean source, or a part of it.
        file: its name, for messages.
        comments: whether comments are among the tokens; documentation comments always are.

    Raises:
        InputError: a comment or a string does not end.
    """
    return list(stream(text, file, comments=comments))


def stream(text: str, file: str = "", *, comments: bool = False) -> Iterator[Token]:
    """Yield the tokens of a text one by one; see `tokens`."""
    position = 0
    before: Token | None = None
    while token := _next(text, position, before, file):
        position = token.end
        if token.kind is not TokenKind.COMMENT:
            before = token
        if comments or token.kind is not TokenKind.COMMENT:
            yield token


def _next(text: str, position: int, before: Token | None, file: str) -> Token | None:
    match = _TOKEN.match(text, position)
    if match is not None and match.lastgroup == "blank":
        position = match.end()
        match = _TOKEN.match(text, position)
    if match is None:
        return None
    kind, end = TokenKind.SIGN, match.end()
    match match.lastgroup:
        case "line":
            kind = TokenKind.COMMENT
        case "block":
            kind = TokenKind.DOC if text[end : end + 1] in ("-", "!") else TokenKind.COMMENT
            end = _closed(text, position, file, _block_end)
        case "raw":
            kind = TokenKind.LITERAL
            end = text.find('"' + match["hashes"], end) + 1 + len(match["hashes"])
            if end <= len(match["hashes"]):
                raise _unclosed(text, position, file, "string")
        case "string":
            kind = TokenKind.LITERAL
            plain = before is None or not _interpolates(before, position)
            end = _closed(text, position, file, _string_end if plain else _interpolated_end)
        case "word":
            kind = TokenKind.WORD
        case "number":
            kind = TokenKind.NUMBER
        case "char":
            kind = TokenKind.LITERAL
    return Token(kind, text[position:end], position, end)


def _interpolates(before: Token, position: int) -> bool:
    return (before.text in _PREFIXED and before.end == position) or before.text in _INTERPOLATING


def _closed(text: str, position: int, file: str, end_of: Callable[[str, int], int]) -> int:
    end = end_of(text, position)
    if end < 0:
        raise _unclosed(text, position, file, "comment" if text[position] == "/" else "string")
    return end


def _unclosed(text: str, position: int, file: str, what: str) -> InputError:
    hint = "close it with -/" if what == "comment" else "close the string"
    return InputError(f"the {what} does not end", hint=hint, location=Location.at(file, text, position))


def _block_end(text: str, start: int) -> int:
    """Return where the comment that starts here ends, -1 where it does not."""
    depth = 1
    for mark in _NESTED.finditer(text, start + 2):
        depth += 1 if mark.group() == "/-" else -1
        if not depth:
            return mark.end()
    return -1


def _string_end(text: str, start: int) -> int:
    found = _STRING.match(text, start + 1)
    return found.end() if found else -1


def _interpolated_end(text: str, start: int, depth: int = 0) -> int:
    """Return where a string with terms in braces ends, -1 where it does not."""
    position = start + 1
    while found := _INTERPOLATED.match(text, position):
        position = found.end()
        if found[1] == '"':
            return position
        position = _hole_end(text, position, depth) if depth < _DEEPEST else -1
        if position < 0:
            break
    return -1


def terms(literal: str) -> list[str] | None:
    """Return the terms in braces of a string that is read as one with terms; None where they cannot be told."""
    found: list[str] = []
    position = 1
    while match := _INTERPOLATED.match(literal, position):
        position = match.end()
        if match[1] == '"':
            return found if position == len(literal) else None
        end = _hole_end(literal, position, 1)
        if end < 0:
            break
        found.append(literal[position : end - 1])
        position = end
    return None


def _hole_end(text: str, position: int, depth: int) -> int:
    """Return what is behind the brace that closes a term within a string, -1 where none does."""
    open_braces = 1
    before = ""
    while found := _TOKEN.match(text, position):
        end = found.end()
        match found.lastgroup, found.group():
            case "string", _:
                prefixed = before in _PREFIXED
                end = _interpolated_end(text, position, depth + 1) if prefixed else _string_end(text, position)
            case "block", _:
                end = _block_end(text, position)
            case _, "{":
                open_braces += 1
            case _, "}":
                open_braces -= 1
        if end < 0 or not open_braces:
            return end
        before, position = found.group(), end
    return -1
