"""What the type of a definition says of its parameters, told from the text of its `val` or of its head."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from checkers.fstar.declarations import Source, read
from checkers.fstar.lexer import Token
from checkers.fstar.scan import Hole, Scanned
from lemmata.errors import InputError


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a definition."""

    name: str
    type: str
    """Its type's text, empty where that is not written down."""
    implicit: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """The type of a definition."""

    parameters: tuple[Parameter, ...]
    result: str
    """The text behind the last arrow, or behind the colon of a head; empty where it is not written down."""


def of_hole(scanned: Scanned, hole: Hole, interface: str = "") -> Signature:
    """Return the signature of the definition that a hole is in.

    Args:
        scanned: the source.
        hole: in it.
        interface: the text of the file's interface, which may state the type instead.
    """
    source, binding = scanned.source, scanned.bound(hole)
    stated = _of_val(source, hole.signature) if hole.signature >= 0 else Signature((), "")
    if hole.signature < 0 and (found := _in_interface(hole, interface)):
        stated = _of_val(*found)
    if binding.equals < 0:
        return stated
    head = _of_head(source, binding.named + 1, binding.equals)
    if not head.parameters:
        return stated if stated.result else head
    # A definition may give the parameters of its `val` other names.
    explicit = [p for p in stated.parameters if not p.implicit]
    names = [
        Parameter(own.name, own.type or (other.type if other else ""), own.implicit)
        for own, other in itertools.zip_longest(head.parameters, explicit[: len(head.parameters)])
        if own is not None
    ]
    return Signature(tuple(names), head.result or stated.result)


def statement(scanned: Scanned, hole: Hole, interface: str = "") -> str:
    """Return what is to be defined as it stands in the file: its `val`, and the head of its definition.

    Args:
        scanned: the source.
        hole: in it.
        interface: the text of the file's interface, which may hold the `val`.
    """
    source = scanned.source
    parts = []
    if hole.signature >= 0:
        parts.append(_val(source, hole.signature))
    elif found := _in_interface(hole, interface):
        parts.append(_val(*found))
    binding = scanned.bound(hole)
    if binding.equals >= 0:
        parts.append(source.words(binding.first, binding.equals))
    return "\n".join(parts)


def _val(source: Source, number: int) -> str:
    declaration = source.declarations[number]
    return source.words(declaration.keyword + (declaration.kind == "assume val"), declaration.last)


def _in_interface(hole: Hole, interface: str) -> tuple[Source, int] | None:
    """Return the `val` of an interface that states a definition's type, None where there is none."""
    found = _vals(interface)
    return (found[0], found[1][hole.definition]) if found and hole.definition in found[1] else None


@functools.lru_cache(maxsize=2)
def _vals(interface: str) -> tuple[Source, dict[str, int]] | None:
    """Return an interface and the first `val` of each name in it, None where it cannot be read."""
    try:
        source = read(interface, "interface")
    except InputError:
        return None
    numbers: dict[str, int] = {}
    for number, declaration in enumerate(source.declarations):
        if declaration.kind == "val":
            numbers.setdefault(declaration.bindings[0].name, number)
    return source, numbers


def names_for_definition(scanned: Scanned, hole: Hole) -> tuple[Parameter, ...]:
    """Return the parameters that a definition for a `val` takes, each with a name."""
    return _of_val(scanned.source, hole.signature).parameters


def _of_val(source: Source, number: int) -> Signature:
    declaration = source.declarations[number]
    binding = declaration.bindings[0]
    tokens = source.tokens
    colon = next((i for i in range(binding.named, declaration.last) if tokens[i].is_sign(":")), -1)
    if colon < 0:
        return Signature((), "")
    parts = _split(tokens, colon + 1, declaration.last, "->")
    taken: set[str] = set()
    parameters = [_domain(source, first, last, taken) for first, last in parts[:-1]]
    return Signature(tuple(parameters), _clean(source, *parts[-1]))


def _domain(source: Source, first: int, last: int, taken: set[str]) -> Parameter:
    """Read what stands before an arrow: `x:t`, `#x:t`, `(x:t)`, `{| c |}`, or a type alone."""
    tokens = source.tokens
    whole = source.words(first, last)
    if tokens[first].is_sign("(") and last - first > 3 and _closing(tokens, first, last) == last - 1:
        inside = range(first + 1, last - 1)
        if _colon(tokens, inside.start, inside.stop) >= 0:
            first, last = inside.start, inside.stop
    implicit = tokens[first].is_sign("#") or whole.startswith("{|")
    at = first + tokens[first].is_sign("#", "$")
    while at < last and tokens[at].is_sign("[@@@"):
        at = _closing(tokens, at, last) + 1
    colon = _colon(tokens, at, last)
    if colon == at + 1 and tokens[at].kind == "word":
        return Parameter(_fresh(tokens[at].text, taken), source.words(colon + 1, last), implicit)
    return Parameter(_fresh("x", taken), whole, implicit)


def _of_head(source: Source, first: int, last: int) -> Signature:
    tokens = source.tokens
    parameters: list[Parameter] = []
    at = first
    while at < last and not tokens[at].is_sign(":"):
        implicit = tokens[at].is_sign("#")
        at += implicit
        if at >= last:
            break
        end = _closing(tokens, at, last) + 1 if tokens[at].opens else at + 1
        if tokens[at].is_sign("("):
            inner = at + 1
            hidden = inner < end and tokens[inner].is_sign("#")
            colon = _colon(tokens, inner, end - 1)
            words = [t.text for t in tokens[inner : colon if colon >= 0 else end - 1] if t.kind == "word"]
            kind = source.words(colon + 1, end - 1) if colon >= 0 else ""
            parameters += [Parameter(word, kind, hidden or implicit) for word in words]
        elif tokens[at].kind == "word":
            parameters.append(Parameter(tokens[at].text, "", implicit))
        at = end
    return Signature(tuple(parameters), source.words(at + 1, last) if at < last else "")


def _clean(source: Source, first: int, last: int) -> str:
    return source.words(first, last)


def _split(tokens: Sequence[Token], first: int, last: int, sign: str) -> list[tuple[int, int]]:
    """Cut at a sign outside brackets; a `fun` or a quantifier takes everything behind it."""
    parts: list[tuple[int, int]] = []
    begin, depth = first, 0
    for at in range(first, last):
        depth += bool(tokens[at].opens) - tokens[at].closes
        if depth == 0 and tokens[at].is_word("fun", "forall", "exists", "Lemma"):
            break
        if depth == 0 and tokens[at].is_sign(sign) and at > begin:
            parts.append((begin, at))
            begin = at + 1
    parts.append((begin, last))
    return parts


def _colon(tokens: Sequence[Token], first: int, last: int) -> int:
    depth = 0
    for at in range(first, last):
        depth += bool(tokens[at].opens) - tokens[at].closes
        if depth == 0 and tokens[at].is_sign(":"):
            return at
    return -1


def _closing(tokens: Sequence[Token], first: int, last: int) -> int:
    depth = 0
    for at in range(first, last):
        depth += bool(tokens[at].opens) - tokens[at].closes
        if depth <= 0:
            return at
    return last - 1


def _fresh(name: str, taken: set[str]) -> str:
    base = "x" if name == "_" else name
    candidates = itertools.chain([base], (f"{base}{k}" for k in itertools.count(0)))
    chosen = next(c for c in candidates if c not in taken)
    taken.add(chosen)
    return chosen
