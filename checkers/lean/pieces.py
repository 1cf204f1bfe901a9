"""A source cut into what a session loads before a hole, and the declaration with the hole as `sorry`."""

from __future__ import annotations

from dataclasses import dataclass

from checkers.lean.commands import HEADER
from checkers.lean.lexer import TokenKind, stream
from checkers.lean.scan import Hole, HoleKind


@dataclass(frozen=True, slots=True)
class Pieces:
    """A source up to the end of the declaration that holds a hole."""

    header: str
    """The `module`, `prelude` and `import` lines, with what stands above them."""
    before: str
    """All commands between the header and the declaration."""
    declaration: str
    """The declaration with the hole as `sorry`."""
    line: int
    """The line of that `sorry` within `declaration`, from 1; the `pos.line` of the REPL."""
    column: int
    """Its column, from 0, in code points; the `pos.column` of the REPL."""


def pieces(source: str, hole: Hole) -> Pieces:
    """Cut a source at the declaration that holds a hole.

    Args:
        source: the text of a `.lean` file.
        hole: one of its holes.

    Raises:
        InputError: a comment or a string does not end.
    """
    start, end = hole.declaration
    header = header_end(source)
    opened = filled(hole)
    declaration = source[start : hole.start] + opened + source[hole.end : end]
    place = hole.start - start + opened.index("sorry")
    line = declaration.count("\n", 0, place) + 1
    column = place - (declaration.rfind("\n", 0, place) + 1)
    return Pieces(source[:header], source[header:start], declaration, line, column)


def filled(hole: Hole) -> str:
    """Return what stands in an open hole: `sorry`, as the proof of a THEOREM `by sorry`."""
    if hole.kind is HoleKind.SORRY:
        return "sorry"
    return before_proof(hole) + "by sorry"


def before_proof(hole: Hole) -> str:
    """Return what a proof needs before it where its hole has none: `:=` where the body was equations or is missing."""
    if hole.kind is HoleKind.SORRY:
        return ""
    if hole.bare:
        # Equations stand behind a blank already, a missing body does not.
        return ":= " if hole.start > hole.statement[1] else " := "
    return " " if hole.start == hole.end else ""


def header_end(source: str) -> int:
    """Return where the header ends: behind the line of the last `import`; 0 where there is none.

    The header is `module`, `prelude` and imports, which may be `public`, `meta` and `all` ("Module headers" in the
    Lean language reference).
    """
    end = 0
    operand = False
    for token in stream(source):
        if operand and token.text != "all":
            end, operand = token.end, False
        elif token.text == "import":
            operand = True
        elif token.text in HEADER:
            end = token.end
        elif token.kind is TokenKind.DOC or token.text not in ("public", "meta", "all"):
            break
    newline = source.find("\n", end)
    if not end or newline < 0:
        return end
    # Only blanks or a comment may follow on that line; several imports on one line are rare, commands there too.
    rest = source[end:newline].strip()
    return newline + 1 if not rest or rest.startswith("--") else end
