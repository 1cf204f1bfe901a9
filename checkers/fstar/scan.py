"""The definitions of an F* source and the holes in them, told from the text alone."""

from __future__ import annotations

import difflib
import enum
import functools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from checkers.fstar.declarations import Binding, Declaration, Source, read
from checkers.fstar.holes import Spot, in_tail_positions, spots
from lemmata.errors import InputError, Location, UnsupportedError

_SELECTOR = re.compile(r"(?P<name>[^@#]+)(?:@(?P<line>\d+))?(?:#(?P<number>\d+))?")
_TYPE_NAMES = frozenset("type effect new_effect layered_effect exception instance class".split())

_MOST_SHOWN = 10
"""Candidates that a hint lists."""
_MOST_COMPARED = 2000
"""Names that are compared with a misspelt one."""


class HoleKind(enum.Enum):
    """What a hole is."""

    DEFINITION = "definition"
    """The whole body of a definition whose type is stated."""
    ADMIT = "admit"
    """One `admit ()` within a body."""
    ASSUME = "assume"
    """One `assume (P)` within a body."""
    VAL = "val"
    """A `val` whose definition is missing."""
    ASSUME_VAL = "assume val"
    """An `assume val`, to be defined instead."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A place of a source where a body can be put."""

    name: str
    """What selects it: the definition's name, with its line where needed; `name#k` for one of several holes."""
    definition: str
    """The bare name of the definition."""
    kind: HoleKind
    line: int
    """The line of the declaration, or of the `admit` or `assume`, from 1."""
    column: int
    """The column of the same place, from 1."""
    declaration: int
    """Number of the declaration that it is in."""
    binding: int
    """Number of the binding within that declaration."""
    signature: int
    """Number of the `val` declaration that states its type; -1 where there is none apart from the declaration."""
    start: int
    """Offset where the text begins that a body replaces, or before which it is inserted."""
    end: int
    """Offset behind that text."""
    tail: bool
    """Whether nothing is done behind it in sequence."""
    every: tuple[tuple[int, int], ...]
    """The spans of all holes of the same definition; empty for the whole of it."""
    apart: bool
    """Whether it can be judged apart from those: each is an `admit ()` behind which nothing is done."""

    @property
    def siblings(self) -> bool:
        """Whether the same definition has other holes."""
        return len(self.every) > 1


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that a file takes for granted."""

    name: str
    """Of the definition that does, or of what is assumed."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was found in a source."""

    source: Source
    holes: tuple[Hole, ...]
    """In order of position: all holes, and the definitions with a stated type."""
    assumptions: tuple[Assumption, ...]
    """Everything that is taken for granted, holes included, in order."""

    def declaration(self, hole: Hole) -> Declaration:
        """Return the declaration that a hole is in."""
        return self.source.declarations[hole.declaration]

    def bound(self, hole: Hole) -> Binding:
        """Return the binding that a hole is in."""
        return self.declaration(hole).bindings[hole.binding]


@dataclass(frozen=True, slots=True)
class _Index:
    """A scanned text, and how its holes are found by name."""

    scanned: Scanned
    exact: dict[str, list[Hole]]
    """By name."""
    defined: dict[str, list[Hole]]
    """By the bare name of the definition."""


def scan(text: str, file: str) -> Scanned:
    """Find the definitions and holes of a source.

    Args:
        text: of a `.fst` or `.fsti` file.
        file: its name; in an interface, a `val` needs no definition.

    Raises:
        InputError: a comment or a string does not end.
        UnsupportedError: the file is written in another language that F* hosts, such as Pulse.
    """
    return _index(text, file).scanned


# A command asks about each hole of a file in turn, always with the same text.
@functools.lru_cache(maxsize=4)
def _index(text: str, file: str) -> _Index:
    scanned = _scan(text, file)
    exact: dict[str, list[Hole]] = {}
    defined: dict[str, list[Hole]] = {}
    for hole in scanned.holes:
        exact.setdefault(hole.name, []).append(hole)
        defined.setdefault(hole.definition, []).append(hole)
    return _Index(scanned, exact, defined)


def _scan(text: str, file: str) -> Scanned:
    source = read(text, file)
    for token in source.tokens:
        if token.kind == "dialect":
            raise UnsupportedError(
                f"`{token.text}` begins text in another language",
                hint="only F* itself is read",
                location=Location.at(file, text, token.start),
            )
    found = sorted(_Scanner(source, interface=file.endswith(".fsti")).holes(), key=lambda hole: (hole.start, hole.end))
    return Scanned(source, tuple(found), tuple(_assumptions(source, interface=file.endswith(".fsti"))))


def open_holes(scanned: Scanned) -> list[Hole]:
    """Return what a file leaves open, in order of position."""
    return [hole for hole in scanned.holes if hole.kind is not HoleKind.DEFINITION]


def catalogue(scanned: Scanned) -> list[Hole]:
    """Return every definition with a stated type once, by its holes where it has some, in order of position."""
    holes = open_holes(scanned)
    owners = {(hole.declaration, hole.binding) for hole in holes}
    whole = [h for h in scanned.holes if h.kind is HoleKind.DEFINITION and (h.declaration, h.binding) not in owners]
    return sorted([*holes, *whole], key=lambda hole: (hole.line, hole.column))


def find(text: str, selector: str, file: str) -> tuple[Scanned, Hole]:
    """Return the scanned source and the hole that a selector names.

    `NAME` is the one hole of a definition, or else the whole definition; `NAME#k` its k-th hole; `NAME@LINE` tells
    definitions of one name apart.

    Raises:
        InputError: there is none, or several.
    """
    index = _index(text, file)
    scanned = index.scanned
    parts = _SELECTOR.fullmatch(selector)
    chosen = _preferred(index.exact.get(selector, []))
    if not chosen and parts:
        chosen = _preferred([hole for hole in index.defined.get(parts["name"], []) if _fits(hole, parts)])
    if len(chosen) == 1:
        return scanned, chosen[0]
    if chosen:
        lines = ", ".join(f"{hole.definition}@{hole.line}" for hole in chosen[:_MOST_SHOWN])
        lines += ", ..." if len(chosen) > _MOST_SHOWN else ""
        raise InputError(f"{selector!r} is ambiguous", hint=f"say which: {lines}", location=Location(file))
    known = sorted({hole.name for hole in scanned.holes})[:_MOST_COMPARED]
    near = difflib.get_close_matches(selector, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "`lemmata list` shows what there is"
    raise InputError(f"no definition with a stated type is called {selector!r}", hint=hint, location=Location(file))


def _fits(hole: Hole, parts: re.Match[str]) -> bool:
    if hole.definition != parts["name"]:
        return False
    if parts["line"] and hole.line != int(parts["line"]):
        return False
    if parts["number"]:
        _, _, number = hole.name.partition("#")
        single = not number and hole.kind is not HoleKind.DEFINITION and parts["number"] == "1"
        return number == parts["number"] or single
    return True


def _preferred(found: list[Hole]) -> list[Hole]:
    """Leave out whole definitions that are named by their one hole, and single holes of several."""
    open_ = [hole for hole in found if hole.kind is not HoleKind.DEFINITION]
    whole = [hole for hole in found if hole.kind is HoleKind.DEFINITION]
    if len(found) == 1:
        return found
    single = [hole for hole in open_ if not hole.siblings]
    return single or whole or open_


class _Scanner:
    def __init__(self, source: Source, *, interface: bool) -> None:
        self._source = source
        self._interface = interface
        self._vals: dict[str, int] = {}
        self._names = Counter(b.name for d in source.declarations for b in d.bindings if d.kind != "val" and b.name)
        self._defined = set(_defined(source))

    def holes(self) -> Iterator[Hole]:
        for number, declaration in enumerate(self._source.declarations):
            match declaration.kind:
                case "val":
                    name = declaration.bindings[0].name
                    self._vals[name] = number
                    if not self._interface and name and name not in self._defined:
                        yield self._of_val(number, HoleKind.VAL)
                case "assume val" if declaration.bindings[0].name:
                    yield self._of_val(number, HoleKind.ASSUME_VAL)
                case "let" | "instance":
                    for index in range(len(declaration.bindings)):
                        yield from self._of_let(number, index)

    def _of_val(self, number: int, kind: HoleKind) -> Hole:
        source = self._source
        declaration = source.declarations[number]
        name = declaration.bindings[0].name
        start, end = source.tokens[declaration.keyword].start, source.end(declaration)
        at = end if kind is HoleKind.VAL else start
        return self._hole(name, name, kind, number, 0, number, start, (at, end), tail=True, every=(), apart=True)

    def _of_let(self, number: int, index: int) -> Iterator[Hole]:
        source = self._source
        binding = source.declarations[number].bindings[index]
        if binding.equals < 0 or binding.equals + 1 >= binding.last:
            return
        signature = self._vals.get(binding.name, -1)
        tokens = source.tokens
        body = (tokens[binding.equals].end, tokens[binding.last - 1].end)
        found = [spot for spot in spots(tokens, binding.equals + 1, binding.last) if spot.kind != "other"]
        label = binding.name or "_"
        if signature >= 0 or _annotated(source, binding):
            yield self._hole(
                label, label, HoleKind.DEFINITION, number, index, signature, tokens[binding.first].start, body,
                tail=True, every=(), apart=True,
            )  # fmt: skip
        spans = tuple((tokens[spot.first].start, tokens[spot.last - 1].end) for spot in found)
        tails = in_tail_positions(tokens, found, binding.last)
        apart = all(tail and spot.kind == "admit" for tail, spot in zip(tails, found, strict=True))
        for k, (spot, span, tail) in enumerate(zip(found, spans, tails, strict=True), 1):
            name = f"{label}#{k}" if len(found) > 1 else label
            kind = HoleKind.ADMIT if spot.kind == "admit" else HoleKind.ASSUME
            yield self._hole(
                name, label, kind, number, index, signature, span[0], span, tail=tail, every=spans, apart=apart
            )

    def _hole(
        self,
        name: str,
        definition: str,
        kind: HoleKind,
        declaration: int,
        binding: int,
        signature: int,
        place: int,
        span: tuple[int, int],
        *,
        tail: bool,
        every: tuple[tuple[int, int], ...],
        apart: bool,
    ) -> Hole:
        source = self._source
        line, column = source.place(place)
        if self._names[definition] > 1 or not definition.strip("_"):
            first = source.declarations[declaration].bindings[binding].first
            at, _ = source.place(source.tokens[first].start)
            base, mark, number = name.partition("#")
            name = f"{base}@{at}{mark}{number}"
        return Hole(name, definition, kind, line, column, declaration, binding, signature, *span, tail, every, apart)


def _annotated(source: Source, binding: Binding) -> bool:
    """Say whether the type of what is defined stands before its `=`."""
    depth = 0
    for token in source.tokens[binding.named + 1 : binding.equals]:
        depth += bool(token.opens) - token.closes
        if depth == 0 and token.is_sign(":"):
            return True
    return False


def _defined(source: Source) -> Iterator[str]:
    """Yield the names that have a definition, of whatever sort."""
    for declaration in source.declarations:
        if declaration.kind == "let":
            yield from (binding.name for binding in declaration.bindings)
        elif declaration.kind in _TYPE_NAMES or source.tokens[declaration.keyword].text.startswith("%splice"):
            # Whatever names there are in it: too many are better than holes that are none.
            yield from (t.text for t in source.tokens[declaration.keyword + 1 : declaration.last] if t.kind == "word")


def _assumptions(source: Source, *, interface: bool) -> Iterator[Assumption]:
    defined = set(_defined(source))
    tokens = source.tokens
    for declaration in source.declarations:
        start, end = source.start(declaration), source.end(declaration)
        match declaration.kind:
            case "assume val" | "assume type" | "assume new" | "assume":
                words = [t.text for t in tokens[declaration.keyword + 1 : declaration.last] if t.kind == "word"]
                name = next((w for w in words if w not in ("val", "type", "new")), "assume")
                yield Assumption(name, start, end)
            case "val":
                name = declaration.bindings[0].name
                if not interface and name not in defined:
                    yield Assumption(name, start, end)
                yield from _within(source, name, declaration.first, declaration.keyword, declaration.last)
            case "let" | "instance":
                for index, binding in enumerate(declaration.bindings):
                    prefix = declaration.first if index == 0 else binding.first
                    yield from _within(source, binding.name, prefix, binding.first, binding.last)
            case _:
                yield from _within(source, declaration.kind, declaration.first, declaration.keyword, declaration.last)


def _within(source: Source, name: str, prefix: int, first: int, last: int) -> Iterator[Assumption]:
    tokens = source.tokens
    found: list[Spot] = [*spots(tokens, prefix, min(first, last)), *spots(tokens, first, last)]
    for spot in found:
        yield Assumption(name or "_", tokens[spot.first].start, tokens[spot.last - 1].end)
