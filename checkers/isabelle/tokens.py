r"""Tokens of Isabelle's outer syntax.

Follows "Outer syntax --- the theory language" of the Isabelle/Isar reference manual: comments `(* *)` and cartouches
nest, in `"strings"` and `` `strings` `` a backslash quotes what follows unless it begins a symbol, `{* *}` is the old
verbatim text. Everything else is told apart only as far as finding commands and names needs it.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from checkers.isabelle.symbols import UNICODE
from lemmata.errors import InputError, Location


class Kind(Enum):
    """What a token is."""

    BLANK = "blank"
    COMMENT = "comment"
    STRING = "string"
    ALT = "alt"
    CARTOUCHE = "cartouche"
    VERBATIM = "verbatim"
    WORD = "word"
    """An identifier, short or long, or a keyword that looks like one."""
    NUMBER = "number"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """One token and where it stands."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """Index behind it."""
        return self.start + len(self.text)

    @property
    def content(self) -> str:
        """The text within the delimiters of a quoted token, and the text itself of another."""
        match self.kind:
            case Kind.STRING | Kind.ALT:
                return re.sub(r'\\(["`\\])', r"\1", self.text[1:-1])
            case Kind.CARTOUCHE if self.text[0] == "‹":
                return self.text[1:-1]
            case Kind.CARTOUCHE:
                return self.text[len(OPEN) : -len(CLOSE)]
            case Kind.VERBATIM:
                return self.text[2:-2]
        return self.text


OPEN, CLOSE = r"\<open>", r"\<close>"
QUOTED = frozenset({Kind.STRING, Kind.ALT, Kind.CARTOUCHE, Kind.VERBATIM})

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa mu nu xi pi rho sigma tau upsilon phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_DOUBLE = "|".join(letter * 2 for letter in string.ascii_letters)
_DRAWN = "".join(char for char, name in UNICODE.items() if name in _GREEK.split() or len(name) == 1)
_DRAWN += "".join(char for char, name in UNICODE.items() if len(name) == 2 and name[0] == name[1])
# The letters are a fixed list (src/Pure/General/symbol.ML): `\<or>` is no letter, and neither is a character like `é`.
_LETTER = rf"(?:[A-Za-z{_DRAWN}]|\\<(?:{'|'.join(_GREEK.split())}|[A-Za-z]|{_DOUBLE})>)"
_IDENT = rf"{_LETTER}(?:{_LETTER}|[0-9_']|(?:\\<\^sub>|⇩)(?={_LETTER}|[0-9_']))*"
_TOKEN = re.compile(
    rf"(?P<blank>[ \t\r\n\f\v]+)|(?P<comment>\(\*)|(?P<string>\")|(?P<alt>`)|(?P<cartouche>\\<open>|‹)"
    rf"|(?P<verbatim>\{{\*)|(?P<word>'?{_IDENT}(?:\.{_IDENT})*)|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<sign>\\<\^?[A-Za-z][A-Za-z0-9_']*>|\.\.?|.)",
    re.S,
)
_ENDS = {
    Kind.COMMENT: (re.compile(r"\(\*|\*\)"), "(*", "a comment `(*` is not closed"),
    Kind.CARTOUCHE: (re.compile(r"\\<open>|\\<close>|[‹›]"), OPEN, "a cartouche is not closed"),
}
_STRING_END = {
    Kind.STRING: re.compile(r'(?:[^"\\]|\\.)*"', re.S),
    Kind.ALT: re.compile(r"(?:[^`\\]|\\.)*`", re.S),
}


def tokens(text: str, file: str = "") -> Iterator[Token]:
    """Cut a text into tokens; together they are the text.

    Args:
        text: of a theory, or a part of one.
        file: its name, for messages.

    Raises:
        InputError: a comment, string or cartouche does not end, with the place where it starts.
    """
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        kind = Kind(found.lastgroup) if found and found.lastgroup else Kind.SIGN
        end = found.end() if found else position + 1
        if kind is Kind.VERBATIM:
            end = text.find("*}", end) + 2
            if end < 2:
                raise _unclosed("a verbatim text `{*` is not closed", file, text, position)
        elif kind in _ENDS:
            end = _nested_end(kind, text, position, end, file)
        elif kind in _STRING_END:
            closing = _STRING_END[kind].match(text, end)
            if closing is None:
                raise _unclosed(f"a string `{text[position]}` is not closed", file, text, position)
            end = closing.end()
        yield Token(kind, text[position:end], position)
        position = end


def _nested_end(kind: Kind, text: str, start: int, position: int, file: str) -> int:
    pattern, _, message = _ENDS[kind]
    depth = 1
    for found in pattern.finditer(text, position):
        depth += 1 if found.group() in ("(*", OPEN, "‹") else -1
        if not depth:
            return found.end()
    raise _unclosed(message, file, text, start)


def _unclosed(message: str, file: str, text: str, start: int) -> InputError:
    return InputError(message, hint="close it", location=Location.at(file, text, start))


def meaningful(text: str, file: str = "") -> list[Token]:
    r"""Return the tokens that are neither blank nor comment, formal comments `\<comment> ‹...›` left out as well.

    Raises:
        InputError: as `tokens`.
    """
    kept: list[Token] = []
    formal = False
    for token in tokens(text, file):
        if token.kind in (Kind.BLANK, Kind.COMMENT):
            continue
        if formal and token.kind is Kind.CARTOUCHE:
            kept.pop()
        else:
            kept.append(token)
        formal = token.text in FORMAL
    return kept


FORMAL = frozenset({r"\<comment>", r"\<^cancel>", r"\<^latex>", r"\<^marker>", "―"})
"""Signs that make a comment of the cartouche behind them."""
