"""S-expressions of SMT-LIB 2.6 (section 3.1 of the standard), read strictly and with their positions.

Whatever two solvers could read differently is refused here: odd characters, numerals with leading zeros, `-5` as
one word, a carriage return inside a comment. What is accepted is written again in one canonical way.
"""

from __future__ import annotations

import bisect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from lemmata.errors import InputError, Location, UnsupportedError

MAX_DEPTH = 2000
"""Deeper nesting is refused: the solvers' own stacks would not survive it."""

_CHARACTERS = r"A-Za-z0-9~!@$%^&*_\-+=<>.?/"
_TOKEN = re.compile(
    rf"""(?P<blank>[ \t\r\n]+)|(?P<comment>;[^\n\r]*(?:\r(?!\n))?)|(?P<open>\()|(?P<close>\))"""
    rf"""|(?P<string>"[^"]*"(?:"[^"]*")*)|(?P<quoted>\|[^|\\]*\|)|(?P<atom>[:#]?[{_CHARACTERS}]+)"""
)
_ATOMS = {
    "numeral": re.compile(r"0|[1-9][0-9]*"),
    "decimal": re.compile(r"(?:0|[1-9][0-9]*)\.[0-9]+"),
    "bits": re.compile(r"#x[0-9A-Fa-f]+|#b[01]+"),
    "keyword": re.compile(rf":[{_CHARACTERS}]+"),
    "symbol": re.compile(rf"(?![0-9]|[-+][0-9])[{_CHARACTERS}]+"),
}
_BINARY = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")


@dataclass(slots=True)
class Node:
    """One expression: a word, or a list of expressions."""

    kind: str
    """`list`, `string`, `quoted`, `numeral`, `decimal`, `bits`, `keyword` or `symbol`."""
    text: str
    """The word as it stands; empty for a list."""
    offset: int
    """Where it begins in the source."""
    items: list[Node]
    """What a list holds; empty for a word."""

    @property
    def name(self) -> str | None:
        """The symbol it is, without bars; None where it is no symbol."""
        if self.kind == "symbol":
            return self.text
        return self.text[1:-1] if self.kind == "quoted" else None

    @property
    def head(self) -> str | None:
        """The symbol that a list begins with."""
        return self.items[0].name if self.items else None

    def walk(self) -> Iterator[Node]:
        """Yield it and everything below it; does not recurse, as terms are deep."""
        todo = [self]
        while todo:
            node = todo.pop()
            yield node
            todo.extend(reversed(node.items))

    def render(self) -> str:
        """Return its canonical text: single spaces, no comments."""
        words: list[str] = []
        todo: list[Node | str] = [self]
        while todo:
            node = todo.pop()
            if isinstance(node, str):
                words.append(node)
            elif node.kind == "list":
                todo += [")", *reversed(node.items)]
                words.append("(")
            else:
                words.append(node.text)
        return _join(words)


def _join(words: list[str]) -> str:
    out: list[str] = []
    for before, word in zip(["(", *words], words, strict=False):
        out.append(word if before == "(" or word == ")" else f" {word}")
    return "".join(out)


# Shared by all words, which are most of a text; never changed.
_NONE: list[Node] = []


class Reader:
    """Reads one text.

    Args:
        text: the source.
        file: its name for messages.
    """

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def at(self, offset: int) -> Location:
        """Return the location of an offset."""
        line = bisect.bisect_right(self._starts, offset)
        return Location(self._file, line, offset - self._starts[line - 1] + 1)

    def read(self) -> list[Node]:
        """Return the expressions of the text.

        Raises:
            InputError: the text is empty, binary, not well-formed or nested too deeply.
        """
        if _BINARY.search(self._text):
            raise InputError("not an SMT-LIB text file (it holds binary data)", location=Location(self._file))
        if not self._text.strip():
            raise InputError("the file is empty", location=Location(self._file), hint="nothing to prove")
        top: list[Node] = []
        stack: list[Node] = []
        into = top
        for node in self._words():
            if node.kind == "close":
                if not stack:
                    raise InputError("unexpected ')'", location=self.at(node.offset), hint="remove it")
                stack.pop()
                into = stack[-1].items if stack else top
                continue
            into.append(node)
            if node.kind == "list":
                stack.append(node)
                into = node.items
                if len(stack) > MAX_DEPTH:
                    raise InputError("nested too deeply", location=self.at(node.offset), hint="simplify it")
        if stack:
            raise InputError("missing ')'", location=self.at(stack[-1].offset), hint="close this parenthesis")
        return top

    def _words(self) -> Iterator[Node]:
        position = 0
        while position < len(self._text):
            match = _TOKEN.match(self._text, position)
            if match is None:
                raise self._odd(position)
            kind, word = str(match.lastgroup), match[0]
            match kind:
                case "blank":
                    pass
                case "comment":
                    if word.endswith("\r"):
                        # The standard ends the comment here, some solvers go on to the end of the line.
                        raise InputError("a carriage return inside a comment", location=self.at(match.end() - 1))
                case "open":
                    yield Node("list", "", position, [])
                case "atom":
                    yield Node(self._kind(word, position), sys.intern(word), position, _NONE)
                case _:
                    yield Node(kind, word, position, _NONE)
            position = match.end()

    def _kind(self, word: str, position: int) -> str:
        for kind, pattern in _ATOMS.items():
            if pattern.fullmatch(word):
                return kind
        hint = f"write (- {word[1:]})" if re.fullmatch(r"-[0-9.]+", word) else ""
        raise InputError(f"{word[:40]!r} is not a word of SMT-LIB", location=self.at(position), hint=hint)

    def _odd(self, position: int) -> InputError:
        character = self._text[position]
        what = {'"': "unterminated string", "|": "unterminated or malformed quoted symbol"}
        message = what.get(character, f"unexpected character {character!a}")
        return InputError(message, location=self.at(position))

    def refuse(self, node: Node, message: str, hint: str = "") -> UnsupportedError:
        """Return the error for something that is well-formed and not supported."""
        return UnsupportedError(message, hint=hint, location=self.at(node.offset))

    def wrong(self, node: Node, message: str, hint: str = "") -> InputError:
        """Return the error for something that is not well-formed."""
        return InputError(message, hint=hint, location=self.at(node.offset))


def quoted(name: str) -> str:
    """Write a symbol's name, with bars where they are needed."""
    return name if _ATOMS["symbol"].fullmatch(name) else f"|{name}|"
