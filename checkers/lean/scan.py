"""The theorems of a Lean source, and the holes in its declarations, told from the text alone.

Follows "Definitions" and "Namespaces and sections" in the Lean language reference. The scanner is tolerant: whatever it
takes for a theorem is confirmed by Lean before anything is proved of it.
"""

from __future__ import annotations

import enum
import functools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checkers.lean.commands import Command, commands, parts
from checkers.lean.declarations import Declaration, declaration
from checkers.lean.lexer import Lines, Token, tokens
from checkers.lean.places import tactic_places
from checkers.nearest import nearest
from lemmata.errors import InputError, Location

_WHOLE = frozenset({"theorem", "lemma", "example"})
"""Declarations whose whole body is a proof."""
_HOLDING = _WHOLE | {"def", "abbrev", "instance", "opaque", "irreducible_def"}
"""Declarations whose `sorry` tokens are holes."""
_SELECTOR = re.compile(r"(?P<name>[^@#]+)(?:@(?P<line>\d+)(?::(?P<column>\d+))?)?(?:#(?P<number>\d+))?")


_MOST_SHOWN = 10
"""Candidates that a hint lists."""
_MOST_COMPARED = 2000
"""Names that are compared with a misspelt one."""
_MOST_FORMS = 5
"""Namespaces that are tried before a name to make it unique; beyond them, all."""


class HoleKind(enum.Enum):
    """What a hole is."""

    THEOREM = "theorem"
    """A statement with its whole proof."""
    SORRY = "sorry"
    """One `sorry` within the body of a declaration."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A place of a source where a proof can be put."""

    name: str
    """What selects it: the theorem's name, with its namespaces or its line where needed; `name#k` for the k-th sorry.

    An `example` is `example@line`, an instance without a name `instance@line`.
    """
    kind: HoleKind
    """What it is."""
    line: int
    """The line of the declaration's first modifier or keyword, or of the `sorry`, from 1."""
    column: int
    """The column of the same place, from 1, in code points."""
    start: int
    """Where the stretch begins that a proof replaces."""
    end: int
    """Where that stretch ends."""
    statement: tuple[int, int]
    """From the declaration's first modifier or keyword to the end of what it states, before `:=`."""
    declaration: tuple[int, int]
    """The declaration with its documentation, attributes and `open ... in`; the whole block where it is mutual."""
    theorem: str
    """The declaration's bare name as written; `example` or `instance` where it has none."""
    full: str
    """The name with its namespaces; empty where the declaration has none."""
    term: bool
    """Whether the `sorry` stands where a term is expected, not a tactic."""
    every: tuple[tuple[int, int], ...] = ()
    """Where each `sorry` of the same declaration is; empty for a THEOREM."""
    keyword: str = "theorem"
    """What declares it: `theorem`, `def`, ..."""
    bare: bool = False
    """Whether the body stands without `:=`, as equations, so that a proof needs one before it."""
    unproved: bool = False
    """Whether the whole proof of a THEOREM is `sorry` or missing."""

    @property
    def others(self) -> bool:
        """Whether the same declaration has other holes."""
        return len(self.every) > 1

    @property
    def other_holes(self) -> tuple[tuple[int, int], ...]:
        """Where those are."""
        return tuple(span for span in self.every if span != (self.start, self.end))


@dataclass(frozen=True, slots=True)
class _Found:
    """A declaration with its names."""

    declaration: Declaration
    name: str
    full: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class _Index:
    """The holes of a text, and how they are found by name."""

    holes: tuple[Hole, ...]
    named: dict[str, Hole]
    """By the names that only one of them has."""
    ending: dict[str, list[Hole]]
    """By the last part of the declaration's name."""
    lines: Lines


# A command asks about each hole of a file in turn, always with the same text.
@functools.lru_cache(maxsize=4)
def _index(text: str, file: str) -> _Index:
    lines = Lines(text)
    every = tuple(hole for found in _named(text, file, lines) for hole in _holes(found, lines))
    count = Counter(hole.name for hole in every)
    ending: dict[str, list[Hole]] = {}
    for hole in every:
        ending.setdefault((parts(hole.full) or (hole.theorem,))[-1], []).append(hole)
    return _Index(every, {hole.name: hole for hole in every if count[hole.name] == 1}, ending, lines)


def holes(text: str, file: str) -> list[Hole]:
    """Return the theorems of a file and the holes in its declarations, in order of position.

    Every theorem, lemma and example gives a THEOREM. A `sorry` in a declaration's body gives a SORRY, except the one
    that is a theorem's whole proof. A `sorry` in a statement is no hole.

    Args:
        text: the text of a `.lean` file.
        file: its name, for messages.

    Raises:
        InputError: a comment or a string does not end.
    """
    return list(_index(text, file).holes)


def theorems(text: str, file: str) -> list[Hole]:
    """Return the theorems, lemmas and examples of a file in order of position; see `holes`."""
    return [hole for hole in holes(text, file) if hole.kind is HoleKind.THEOREM]


def find(text: str, selector: str, file: str) -> Hole:
    """Return the hole that a selector names.

    Args:
        text: the text of a `.lean` file.
        selector: `name`, `Namespace.name`, `name@line`, `name@line:column`, each also with `#k` for the k-th `sorry`.
            A definition's name alone selects its `sorry` where it has only one.
        file: the file's name, for messages.

    Raises:
        InputError: nothing or more than one thing has that name; the hint lists what there is.
    """
    index = _index(text, file)
    if (exact := index.named.get(selector)) is not None:
        return exact
    wanted = _SELECTOR.fullmatch(selector.strip())
    place = Location(file)
    if wanted is None:
        raise InputError(f"{selector!r} selects nothing", location=place, hint="write name, name@line or name#1")
    groups: dict[int, list[Hole]] = {}
    for hole in index.ending.get(parts(wanted["name"])[-1], ()):
        if _matches(hole, wanted, index.lines):
            groups.setdefault(hole.statement[0], []).append(hole)
    if not groups:
        near = nearest(selector, [hole.name for hole in index.holes[:_MOST_COMPARED]])
        raise InputError(f"no theorem {selector}", location=place, hint=near)
    if len(groups) > 1:
        candidates = _few([group[0].name for group in groups.values()])
        raise InputError(f"{selector} is ambiguous", location=place, hint=f"write one of {candidates}")
    (group,) = groups.values()
    return _one(group, wanted["number"], place)


def _matches(hole: Hole, wanted: re.Match[str], lines: Lines) -> bool:
    line, column = lines.place(hole.statement[0])
    names = parts(hole.full) or (hole.theorem,)
    last = parts(wanted["name"])
    return (
        names[-len(last) :] == last and wanted["line"] in (None, str(line)) and wanted["column"] in (None, str(column))
    )


def _one(group: Sequence[Hole], number: str | None, place: Location) -> Hole:
    sorries = [hole for hole in group if hole.kind is HoleKind.SORRY]
    if number is None:
        whole = [hole for hole in group if hole.kind is HoleKind.THEOREM]
        if whole or len(sorries) == 1:
            return (whole or sorries)[0]
        names = _few([hole.name for hole in sorries])
        raise InputError(f"{group[0].theorem} has {len(sorries)} holes", location=place, hint=f"write one of {names}")
    if not 1 <= int(number[:9]) <= len(sorries):
        raise InputError(f"{group[0].theorem} has {len(sorries)} sorries within its proof", location=place)
    return sorries[int(number) - 1]


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_SHOWN]) + (", ..." if len(names) > _MOST_SHOWN else "")


def _named(text: str, file: str, lines: Lines) -> list[_Found]:
    """Return the declarations that may have holes, each with the shortest name that selects it alone."""
    found: list[tuple[Declaration, str, int, int]] = []
    for command in commands(text, tokens(text, file), file):
        if command.keyword in _HOLDING:
            stated = declaration(command)
            line, column = lines.place(stated.statement[0])
            found.append((stated, _full(stated, command), line, column))
    forms = [_forms(stated, full, line, column) for stated, full, line, column in found]
    count = Counter(form for own in forms for form in set(own))
    names = [next((form for form in own if count[form] == 1), own[-1]) for own in forms]
    return [_Found(stated, name, full, *place) for (stated, full, *place), name in zip(found, names, strict=True)]


def _full(stated: Declaration, command: Command) -> str:
    if not stated.name:
        return ""
    if stated.name.startswith("_root_."):
        return stated.name.removeprefix("_root_.")
    return ".".join((*command.namespaces, stated.name))


def _forms(stated: Declaration, full: str, line: int, column: int) -> list[str]:
    """Return the names that may select a declaration, the preferred one first, the last one unique."""
    if not stated.name:
        return [f"{stated.keyword}@{line}", f"{stated.keyword}@{line}:{column}"]
    names = parts(full)
    least = len(parts(stated.name))
    counts = [*range(least, min(least + _MOST_FORMS, len(names))), len(names)]
    return [*(".".join(names[-count:]) for count in counts), f"{stated.name}@{line}", f"{stated.name}@{line}:{column}"]


def _holes(found: _Found, lines: Lines) -> Iterator[Hole]:
    stated = found.declaration
    sorries = _sorries(stated.body)
    spans = tuple((token.start, token.end) for _, token in sorries)
    whole = stated.keyword in _WHOLE
    unproved = whole and (not stated.body or _trivial(stated.body))

    def hole(kind: HoleKind, name: str, place: tuple[int, int], span: tuple[int, int], term: bool) -> Hole:
        return Hole(
            name,
            kind,
            *place,
            *span,
            statement=stated.statement,
            declaration=stated.block,
            theorem=stated.name or stated.keyword,
            full=found.full,
            term=term,
            every=() if kind is HoleKind.THEOREM else spans,
            keyword=stated.keyword,
            bare=kind is HoleKind.THEOREM and stated.bare,
            unproved=kind is HoleKind.THEOREM and unproved,
        )

    if whole:
        yield hole(HoleKind.THEOREM, found.name, (found.line, found.column), stated.span, True)
    if unproved:
        return
    tactics = tactic_places(stated.body, lines) if sorries else set()
    for number, (index, token) in enumerate(sorries, 1):
        place = lines.place(token.start)
        span = (token.start, token.end)
        yield hole(HoleKind.SORRY, f"{found.name}#{number}", place, span, index not in tactics)


def _sorries(body: Sequence[Token]) -> list[tuple[int, Token]]:
    """Return the `sorry` tokens of a body that are holes, each with its index: none in a quotation or a quoted name."""
    result: list[tuple[int, Token]] = []
    quoted: list[bool] = []
    for index, token in enumerate(body):
        before = body[index - 1] if index else None
        adjacent = before is not None and before.end == token.start
        behind_quote = adjacent and before is not None and before.text == "`"
        behind_dot = adjacent and before is not None and before.text == "."
        if token.text in ("(", "[", "{", "⟨"):
            quoted.append(behind_quote or (bool(quoted) and quoted[-1]))
        elif token.text in (")", "]", "}", "⟩") and quoted:
            quoted.pop()
        elif token.text == "sorry" and not (quoted and quoted[-1]) and not behind_quote and not behind_dot:
            result.append((index, token))
    return result


def _trivial(body: Sequence[Token]) -> bool:
    return [token.text for token in body] in (["sorry"], ["by", "sorry"])
