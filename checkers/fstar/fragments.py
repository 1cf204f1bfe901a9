"""How a source is cut into the fragments that a session pushes one after the other.

A fragment is a paragraph: declarations without a blank line between them, with the blank lines above. The last one is
the target's own; it begins where nothing else stands above it in its paragraph but its `val` and its options.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from checkers.fstar.declarations import Declaration, Source
from checkers.fstar.options import as_pragmas, in_force
from checkers.fstar.scan import Hole, Scanned
from lemmata.errors import Location

_BLANK_LINE = re.compile(r"^[ \t]*\r?\n", re.M)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of a file."""

    start: int
    end: int
    text: str
    line: int
    """From 1."""
    column: int
    """From 0."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A source, cut for one of its holes."""

    above: tuple[Fragment, ...]
    """What is pushed once."""
    target: Fragment
    """The declaration with the hole, and what belongs to it; the source's text."""


def cut(scanned: Scanned, hole: Hole) -> Cut:
    """Cut a source at the declaration that a hole is in."""
    source = scanned.source
    declarations = source.declarations
    first = _first(source, hole)
    starts = _starts(source, hole.declaration)
    own = _line_start(source.text, source.start(declarations[first]))
    paragraph = max((at for at in starts if at <= own), default=0)
    between = [d for d in declarations[:first] if source.start(d) >= paragraph]
    begin = paragraph if all(d.kind in ("pragma", "open") for d in between) else own
    edges = [*(at for at in starts if at < begin), begin]
    above = tuple(_fragment(source.text, a, b) for a, b in itertools.pairwise(edges))
    end = _line_end(source.text, source.end(declarations[hole.declaration]))
    return Cut(above, _fragment(source.text, begin, end))


def _first(source: Source, hole: Hole) -> int:
    """Return the number of the first declaration that is pushed with the hole's: its `val` where that is just above."""
    if hole.signature == hole.declaration - 1:
        return hole.signature
    return hole.declaration


def _starts(source: Source, last: int) -> list[int]:
    """Return where the paragraphs begin, up to that of a declaration."""
    starts = [0]
    for above, below in zip(source.declarations[:last], source.declarations[1 : last + 1], strict=True):
        end, start = _line_end(source.text, source.end(above)), source.start(below)
        if found := _BLANK_LINE.search(source.text, end, start):
            starts.append(found.start())
    return starts


def _line_start(text: str, offset: int) -> int:
    line = text.rfind("\n", 0, offset) + 1
    return line if not text[line:offset].strip() else offset


def _line_end(text: str, offset: int) -> int:
    """Return the offset behind the line on which a declaration ends, where nothing but blanks and comments follow."""
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    rest = text[offset:end].strip()
    if not rest or rest.startswith("//") or (rest.startswith("(*") and rest.endswith("*)") and rest.count("(*") == 1):
        return min(end + 1, len(text))
    return offset


def _fragment(text: str, start: int, end: int) -> Fragment:
    at = Location.at("", text, start)
    return Fragment(start, end, text[start:end], at.line, at.column - 1)


def header(source: Source, end: int) -> str:
    """Return what a partially loaded file needs again above a fragment: its `open`s, abbreviations and options."""
    kept = [
        source.text[source.start(d) : source.end(d)]
        for d in source.declarations
        if source.end(d) <= end and (d.kind in ("open", "include") or _abbreviation(source, d))
    ]
    return "".join(f"{line}\n" for line in (*kept, *as_pragmas(in_force(source, end))))


def module_name(source: Source) -> str:
    """Return the name of the module that a file is, empty where it does not say."""
    for declaration in source.declarations:
        if declaration.kind == "module" and not _abbreviation(source, declaration):
            return source.words(declaration.keyword + 1, declaration.last).replace(" ", "")
    return ""


def _abbreviation(source: Source, declaration: Declaration) -> bool:
    inside = source.tokens[declaration.keyword : declaration.last]
    return declaration.kind == "module" and any(token.is_sign("=") for token in inside)
