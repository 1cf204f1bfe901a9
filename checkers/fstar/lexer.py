"""The tokens of F* source text, with their places.

The rules are those of F*'s own lexer (FStarLang/FStar, `src/ml/FStarC_Parser_LexFStar.ml`), as far as they decide where
comments, strings and words begin and end: `//` starts a comment anywhere, also within an operator, except in
`// IN F*:`, which F* skips like a blank and reads on behind; block comments nest and know nothing of strings; a line
ends with CR, LF, U+2028 or U+2029; two backquotes around any text make it a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lemmata.errors import InputError, Location

_LINE_END = "\r\n\u2028\u2029"
_IN_FSTAR = "// IN F*:"
_COMMENT_EDGE = re.compile(r"\(\*|\*\)")
_LINE = re.compile(f"[^{_LINE_END}]*")
_STRING = re.compile(r'"(?:\\[\\"]|\\(?![\\"])|[^"\\])*+"')
_CHAR = re.compile(r"'(?:[^\\]|\\(?:[\\\"'bfntrv0]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}))'B?", re.S)
_TICKED = re.compile(r"'[\w']*")
_QUOTED = re.compile(f"``(?:[^`{_LINE_END}]|`[^`{_LINE_END}])++``")
_PRAGMA = re.compile(r"#(?:(?:set|reset|push|pop|show)-options|restart-solver|print-effects-graph|check|eval|light)")
_DIALECT = re.compile(r"#lang-\w+|```\w+")
_WORD = re.compile(r"[^\W\d][\w']*")
_NUMBER = re.compile(r"\d[\w]*(?:\.\d*[eE]?[\w]*)?")
_OPERATOR = re.compile(r"[!~?|&=<>$@^+\-*/%][!~?|&=<>$@^+\-*/%.:]*")
_SIGNS = ("[@@@", "[@@", "[@", "/\\", "\\/", "::", ":=", "..")
_SPLICE = re.compile(r"%splice(?:_t)?\b")
_BLANK = re.compile("[\\s\ufeff]+")

OPENING = {"(": ")", "[": "]", "[@": "]", "[@@": "]", "[@@@": "]", "{": "}", "begin": "end"}
"""What opens a bracket, with what closes it."""
CLOSING = frozenset(OPENING.values())
"""What closes a bracket."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token, or a comment."""

    kind: str
    """`word`, `string`, `char`, `number`, `sign`, `pragma`, `dialect` or `comment`."""
    text: str
    """As written; a name between backquotes without them."""
    start: int
    """Offset of its first character."""
    end: int
    """Offset behind its last one."""
    quoted: bool = False
    """Whether it is a name that stands between backquotes."""

    def is_word(self, *texts: str) -> bool:
        """Say whether it is one of these keywords or names, written without backquotes."""
        return self.kind == "word" and not self.quoted and self.text in texts

    def is_sign(self, *texts: str) -> bool:
        """Say whether it is one of these signs."""
        return self.kind == "sign" and self.text in texts

    @property
    def opens(self) -> str:
        """What closes the bracket that it opens, empty where it opens none."""
        return OPENING.get(self.text, "") if self.kind == "sign" or self.is_word("begin") else ""

    @property
    def closes(self) -> bool:
        """Whether it closes a bracket."""
        return self.text in CLOSING and (self.kind == "sign" or self.is_word("end"))


def tokens(text: str, file: str = "<step>") -> list[Token]:
    """Return the tokens of a text in order, comments among them.

    Args:
        text: F* source.
        file: its name, for messages.

    Raises:
        InputError: a comment, a string or a name between backquotes does not end.
    """
    found: list[Token] = []
    position = 0
    while position < len(text):
        blank = _BLANK.match(text, position)
        if blank:
            position = blank.end()
        elif text.startswith(_IN_FSTAR, position):
            position += len(_IN_FSTAR)
        else:
            token = _token(text, position, file)
            found.append(token)
            position = token.end
    return found


def code(text: str, file: str = "<step>") -> list[Token]:
    """Return the tokens of a text without its comments; raises as `tokens`."""
    return [token for token in tokens(text, file) if token.kind != "comment"]


def _token(text: str, at: int, file: str) -> Token:
    char = text[at]
    if text.startswith("(*", at):
        return Token("comment", "", at, _comment_end(text, at, file))
    if text.startswith("//", at):
        return Token("comment", "", at, _end(_LINE, text, at))
    match char:
        case '"':
            if (found := _STRING.match(text, at)) is None:
                raise InputError("the string does not end", hint='close it with "', location=_at(file, text, at))
            return Token("string", found.group(), at, found.end())
        case "'":
            literal, name = _CHAR.match(text, at), _TICKED.match(text, at)
            if literal and (name is None or literal.end() >= name.end()):
                return Token("char", literal.group(), at, literal.end())
            end = name.end() if name else at + 1
            return Token("word", text[at:end], at, end)
        case "`" | "#" | "%":
            if special := _special(text, at, file):
                return special
    for pattern, kind in ((_WORD, "word"), (_NUMBER, "number")):
        if found := pattern.match(text, at):
            return Token(kind, found.group(), at, found.end())
    return Token("sign", sign := _sign(text, at), at, at + len(sign))


def _special(text: str, at: int, file: str) -> Token | None:
    if found := _DIALECT.match(text, at):
        return Token("dialect", found.group(), at, found.end())
    if found := _PRAGMA.match(text, at) or _SPLICE.match(text, at):
        return Token("pragma", found.group(), at, found.end())
    if text.startswith("``", at):
        if (found := _QUOTED.match(text, at)) is None:
            raise InputError("the name between backquotes does not end", location=_at(file, text, at))
        return Token("word", found.group()[2:-2], at, found.end(), quoted=True)
    return None


def _sign(text: str, at: int) -> str:
    for sign in _SIGNS:
        if text.startswith(sign, at):
            return sign
    found = _OPERATOR.match(text, at)
    if found is None:
        return text[at]
    # A comment may begin within what looks like an operator, and a conjunction end one.
    whole = found.group()
    cut = whole.find("//")
    if cut > 0:
        return whole[:cut]
    if len(whole) > 1 and whole.endswith("/") and text.startswith("\\", found.end()):
        return whole[:-1]
    return whole


def _comment_end(text: str, at: int, file: str) -> int:
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, at):
        # `(*)` opens a comment: the star is part of the opening.
        if edge.group() == "(*":
            depth += 1
        else:
            depth -= 1
        if not depth:
            return edge.end()
    raise InputError("the comment does not end", hint="close it with *)", location=_at(file, text, at))


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _at(file: str, text: str, offset: int) -> Location:
    return Location.at(file, text, offset)
