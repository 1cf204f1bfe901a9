"""The final artefact of an F* proof: the source with the body in its place."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass

from checkers.fstar import signature
from checkers.fstar.scan import Hole, HoleKind, Scanned, scan
from checkers.fstar.steps import (
    Body,
    NotABody,
    fill,
    indentation,
    placed,
    pragma,
    read_options,
    understand,
    written,
)
from lemmata.errors import InputError, LemmataError
from lemmata.step import Step

Options = tuple[tuple[str, str], ...]
_POP = "\n#pop-options"
_PUSH = re.compile(r'\n?#push-options "([^"\\\n]*)"\n')


class NotTheSource(LemmataError):
    """An artefact is more than its source with a plain body in the hole; the message says where it differs."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a body goes, and what stands around it."""

    before: str
    after: str
    margin: int
    """Columns before each line of the body but the first."""
    whole: bool
    """Whether the body is all of its definition, so that it needs no parentheses."""
    asserted: str
    """What the source takes for granted there, to be asserted behind the body; empty where it is nothing."""

    def put(self, body: Body) -> str:
        """Return the text with a body in it."""
        return self.before + self.middle(body) + self.after

    def middle(self, body: Body) -> str:
        """Return what stands between."""
        if self.asserted:
            claim = f"assert {self.asserted}"
            text = placed(body, self.margin, whole=True)
            return claim if body.text == "()" else f"({text};\n{' ' * self.margin}{claim})"
        return placed(body, self.margin, whole=self.whole)


def slot(scanned: Scanned, hole: Hole, *, recursive: bool) -> Slot:
    """Return where a body goes.

    Args:
        scanned: the source.
        hole: in it.
        recursive: whether the body names what it defines; counts only where there is no definition yet.
    """
    text = scanned.source.text
    before, after = text[: hole.start], text[hole.end :]
    margin = _margin(text, hole)
    match hole.kind:
        case HoleKind.DEFINITION:
            return Slot(f"{before}\n{' ' * margin}", after, margin, True, "")
        case HoleKind.ADMIT:
            whole = _alone(scanned, hole)
            return Slot(before, after, indentation(text, hole.start), whole, "")
        case HoleKind.ASSUME:
            claim = text[hole.start : hole.end].removeprefix("assume").strip()
            return Slot(before, after, indentation(text, hole.start), False, claim)
        case HoleKind.VAL:
            return Slot(before + _head(scanned, hole, recursive), after, margin, True, "")
        case HoleKind.ASSUME_VAL:
            val = text[scanned.source.tokens[scanned.declaration(hole).keyword + 1].start : hole.end]
            return Slot(before + val + _head(scanned, hole, recursive), after, margin, True, "")


def artefact(source: str, hole: Hole, steps: Sequence[Step], file: str) -> str:
    """Put a proof into its source.

    Args:
        source: the file's text.
        hole: what was to be filled in it.
        steps: the proof in preorder.
        file: the file's name.

    Raises:
        NotABody: a step is not a plain body, or the steps are not one complete proof.
    """
    return put(scan(source, file), hole, whole(steps))


def put(scanned: Scanned, hole: Hole, body: Body) -> str:
    """Return the source with a body in a hole."""
    text = slot(scanned, hole, recursive=_names(body, hole.definition)).put(body)
    return _wrapped(scanned, hole, text, pragma(body.options)) if body.options else text


def _wrapped(scanned: Scanned, hole: Hole, text: str, line: str) -> str:
    """Put options around the declaration with a body."""
    start, end = _around(scanned, hole, text)
    fresh = "" if start == 0 or text[start - 1] == "\n" else "\n"
    return f"{text[:start]}{fresh}{line}\n{text[start:end]}{_POP}{text[end:]}"


def _unwrapped(scanned: Scanned, hole: Hole, text: str) -> tuple[str, Options]:
    """Take options off again that a body has put around its declaration."""
    start, end = _around(scanned, hole, text)
    if not text[:end].endswith(_POP) or (found := _PUSH.match(text, start)) is None:
        return text, ()
    options = tuple(sorted(read_options(found[1]).items()))
    bare = text[:start] + text[found.end() : end - len(_POP)] + text[end:]
    if not options or _wrapped(scanned, hole, bare, pragma(options)) != text:
        raise NotTheSource("the options around the proof are not written as they should be")
    return bare, options


def _around(scanned: Scanned, hole: Hole, text: str) -> tuple[int, int]:
    """Return where the hole's declaration begins and ends in a text that differs from the source within it."""
    source, declaration = scanned.source, scanned.declaration(hole)
    return source.start(declaration), len(text) - (len(source.text) - source.end(declaration))


def whole(steps: Sequence[Step]) -> Body:
    """Put the steps of a proof together; raises as `artefact`."""
    if not steps:
        raise NotABody("there are no steps")
    rest = list(reversed(steps))
    body = understand(rest.pop().text)
    while body.holes:
        if not rest:
            raise NotABody("a hole is left")
        # In preorder, the next step belongs to the first hole that is left.
        body = fill(body, 0, understand(rest.pop().text))
    if rest:
        raise NotABody("there are more steps than holes")
    return body


def take_apart(source: str, hole: Hole, text: str, file: str) -> tuple[Scanned, Body]:
    """Check that an artefact is the source with a plain body without holes in the hole.

    Returns:
        The scanned artefact, and the body.

    Raises:
        NotTheSource: it is not.
    """
    scanned = scan(source, file)
    try:
        bare, options = _unwrapped(scanned, hole, text)
    except NotABody as error:
        raise NotTheSource(error.message) from None
    body = _taken_apart(scanned, hole, bare, file)
    return scan(text, file), dataclasses.replace(body, options=options)


def _taken_apart(scanned: Scanned, hole: Hole, text: str, file: str) -> Body:
    refusal = "the artefact differs from the source around the hole"
    for recursive in (False, True):
        place = slot(scanned, hole, recursive=recursive)
        if not (text.startswith(place.before) and text.endswith(place.after)):
            continue
        if len(text) < len(place.before) + len(place.after):
            continue
        middle = text[len(place.before) : len(text) - len(place.after)]
        try:
            body = _body(place, middle)
        except (NotABody, NotTheSource) as error:
            refusal = f"what stands in the hole is no body: {error.message}"
            continue
        if recursive != _names(body, hole.definition) and hole.kind in (HoleKind.VAL, HoleKind.ASSUME_VAL):
            continue
        _same(scanned, hole, text, file, len(place.before), len(place.before) + len(middle))
        return body
    raise NotTheSource(refusal)


def _body(place: Slot, middle: str) -> Body:
    inner = middle
    if place.asserted:
        claim = f"assert {place.asserted}"
        if middle == claim:
            inner = "()"
        elif middle.startswith("(") and middle.endswith(f"{claim})"):
            inner = middle[1 : -len(claim) - 1].rstrip()
            if not inner.endswith(";"):
                raise NotTheSource("the assumption is not asserted behind the proof")
            inner = inner[:-1]
        else:
            raise NotTheSource("the assumption is not asserted")
    body = understand(inner)
    if body.holes:
        raise NotTheSource("a hole is left in it")
    if body.options:
        raise NotTheSource("options stand within it")
    if not (place.whole or place.asserted or body.application):
        raise NotTheSource("it is not between parentheses")
    return body


def _same(scanned: Scanned, hole: Hole, text: str, file: str, start: int, end: int) -> None:
    """Check that an artefact declares what the source declares, word for word but within the body."""
    try:
        found = scan(text, file)
    except InputError as error:
        raise NotTheSource(f"the artefact cannot be read: {error.message}") from None
    ours, theirs = found.source, scanned.source
    added = hole.kind in (HoleKind.VAL, HoleKind.ASSUME_VAL)
    outside = [t.text for t in ours.tokens if t.end <= start or t.start >= end]
    across = [t.text for t in ours.tokens if t.start < start < t.end or t.start < end < t.end]
    wanted = [t.text for t in theirs.tokens if not hole.start <= t.start < hole.end]
    if across:
        raise NotTheSource("the body runs into the text around it")
    if not added and outside != wanted:
        raise NotTheSource("the artefact differs from the source around the hole")
    mine = [(d.kind, tuple(b.name for b in d.bindings)) for d in ours.declarations]
    before = [(d.kind, tuple(b.name for b in d.bindings)) for d in theirs.declarations]
    if added:
        before[hole.declaration : hole.declaration + 1] = [("val", (hole.definition,)), ("let", (hole.definition,))]
    if mine != before:
        raise NotTheSource("the body declares something")


def script(steps: Sequence[Step]) -> str:
    """Write a proof's text alone; raises as `artefact`."""
    return written(whole(steps))


def _head(scanned: Scanned, hole: Hole, recursive: bool) -> str:
    """Return the beginning of a definition that the source lacks."""
    parameters = signature.names_for_definition(scanned, hole)
    names = [f"#{p.name}" if p.implicit else p.name for p in parameters]
    # An instance argument has no name that could be written.
    shown = [name for name, p in zip(names, parameters, strict=True) if not p.type.startswith("{|")]
    name = hole.definition if re.match(r"[^\W\d]", hole.definition) else f"( {hole.definition} )"
    margin = " " * _margin(scanned.source.text, hole)
    return f"\n{margin[2:]}let {'rec ' if recursive else ''}{' '.join([name, *shown])} =\n{margin}"


def _names(body: Body, name: str) -> bool:
    return re.search(rf"(?<![\w'.]){re.escape(name)}(?![\w'])", body.text) is not None


def _margin(text: str, hole: Hole) -> int:
    lines = text.split("\n")
    line = lines[hole.line - 1] if hole.line <= len(lines) else ""
    return len(line) - len(line.lstrip()) + 2


def _alone(scanned: Scanned, hole: Hole) -> bool:
    """Say whether an `admit ()` is all of its definition."""
    binding, tokens = scanned.bound(hole), scanned.source.tokens
    return tokens[binding.equals + 1].start == hole.start and tokens[binding.last - 1].end == hole.end
