"""What provers are told of an F* goal's surroundings, from the text above it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checkers.fstar.declarations import Declaration, Source
from checkers.fstar.lexer import Token, code
from checkers.fstar.scan import Hole, HoleKind, Scanned
from checkers.fstar.steps import HOLE, Body, NotABody, understand
from lemmata.errors import InputError

_MOST = 400
_NOT_NAMES = frozenset(
    """
    let rec in match with fun function if then else begin end assert calc by forall exists true false when as of admit
    """.split()
)


def context(scanned: Scanned, hole: Hole) -> dict[str, Any]:
    """Return the definitions, lemmas and types above a goal, as JSON values; the nearest come first."""
    source = scanned.source
    above = source.declarations[: hole.declaration]
    heads = [entry for declaration in reversed(above) for entry in _head(source, declaration)]
    types = [entry for declaration in reversed(above) if (entry := _type(source, declaration))]
    opens = [source.words(d.keyword + 1, d.last) for d in above if d.kind == "open"]
    return {"heads": heads[:_MOST], "types": types[:_MOST], "opens": opens}


def recursive(scanned: Scanned, hole: Hole) -> bool:
    """Say whether a body may name what it defines."""
    binding = scanned.bound(hole)
    tokens, declaration = scanned.source.tokens, scanned.declaration(hole)
    return binding.equals < 0 or tokens[declaration.keyword + 1].is_word("rec")


def present(scanned: Scanned, hole: Hole) -> str:
    """Return the body that a definition has, where it is one with holes that could be filled; empty otherwise."""
    if hole.kind is not HoleKind.DEFINITION:
        return ""
    try:
        body = understand(scanned.source.text[hole.start : hole.end])
    except NotABody:
        return ""
    return body.text if body.holes and body.text != HOLE else ""


def bound(body: Body, number: int) -> list[str]:
    """Return the names that a body binds above one of its holes, nearest last."""
    start = body.holes[number][0]
    try:
        tokens = [token for token in code(body.text) if token.end <= start]
    except InputError:
        return []
    names: dict[str, None] = {}
    pattern = False
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.is_word("let", "fun") or token.is_sign("|"):
            pattern = True
        elif token.is_sign("->", "="):
            pattern = False
        elif pattern and _is_name(token) and not (before and before.is_sign(".")):
            names[token.text] = None
    return list(names)


def _is_name(token: Token) -> bool:
    return token.kind == "word" and token.text[0].islower() and token.text not in _NOT_NAMES


def _head(source: Source, declaration: Declaration) -> Iterator[dict[str, str]]:
    for binding in declaration.bindings:
        if not binding.name:
            continue
        last = binding.equals if binding.equals >= 0 else binding.last
        text = source.words(binding.named + 1, last)
        yield {"name": binding.name, "type": text, "kind": declaration.kind}


def _type(source: Source, declaration: Declaration) -> dict[str, Any] | None:
    """Return a type with its constructors and how many arguments each takes, None where it has none."""
    if declaration.kind != "type":
        return None
    tokens = source.tokens
    words = [t for t in tokens[declaration.keyword + 1 : declaration.last] if t.kind == "word"]
    if not words:
        return None
    constructors: list[list[Any]] = []
    for at in range(declaration.keyword + 1, declaration.last - 1):
        if tokens[at].is_sign("|") and tokens[at + 1].kind == "word" and tokens[at + 1].text[0].isupper():
            constructors.append([tokens[at + 1].text, _arity(source, at + 2, declaration.last)])
    return {"name": words[0].text, "constructors": constructors} if constructors else None


def _arity(source: Source, at: int, last: int) -> int:
    """Count the arrows of a constructor's type, or 1 for `of`."""
    tokens = source.tokens
    count = depth = 0
    if at < last and tokens[at].is_word("of"):
        return 1
    while at < last and not (depth == 0 and tokens[at].is_sign("|")):
        depth += bool(tokens[at].opens) - tokens[at].closes
        hidden = depth == 0 and tokens[at].is_sign("#")
        count += (depth == 0 and tokens[at].is_sign("->")) - hidden
        at += 1
    return max(count, 0)
