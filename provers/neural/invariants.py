"""Loop invariants in what a model wrote: ACSL annotations, plain C expressions, JSON; one clause in each part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lemmata.step import Part
from provers.neural.answers import bare, blocks, items, json_values, texts

MOST = 128
"""Most clauses that are taken from one answer."""
_LONGEST = 2000
_CLAUSE = re.compile(
    r"\b(?:loop[ \t]+(?P<loop>[\w@#.]+)[ \t]*:?[ \t]+)?(?:loop[ \t]+)?invariant"
    r"(?:[ \t]+\w+(?=[ \t]*:[^:=]))?[ \t]*:?[ \t]*"
    r"(?P<clause>(?:\\(?:forall|exists)\b[^;]*;|[^;\\]|\\(?!forall\b|exists\b))+)(?:;|\Z)"
)
_AT_LOOP = re.compile(r"(?:loop[ \t]+)?([\w@#.]+)[ \t]*:(?![:=])[ \t]*(?=\S)")
_MENTIONS = re.compile(r"/\*\s*loop\s+([\w@#.]+)\s*\*/|\bloop\s+([\w@#.]+)\s*(?:\(line \d+\)\s*)?:")
_NEXT = re.compile(r"\n(?=[ \t@/*]*(?:(?:loop|invariant|while|for|do|if|return|assert)\b|[{}])|[ \t]*\n)")
_COMMENT = re.compile(r"//@?|/\*@?|\*/")
_WORDS = re.compile(r"[A-Za-z]{3,} [A-Za-z]{2,} [A-Za-z]{2,}")
_RELATION = re.compile(r"[<>=!]=|[<>]|\\forall|\\exists|&&|\|\|")
_CALL = re.compile(
    r"\\(?:old|at|result|valid|separated|assigns)\b|(?<![=!<>])=(?![=>])|\+\+|--(?=\w)|\bassert\b|[{}#$`]"
)
_PYTHON = ((re.compile(r"\band\b"), "&&"), (re.compile(r"\bor\b"), "||"), (re.compile(r"\bnot\b(?=\s*\()"), "!"))
_SYMBOLS = str.maketrans({"≤": "<=", "≥": ">=", "≠": "!=", "∧": "&&", "∨": "||", "¬": "!", "−": "-", "×": "*"})


def parts(text: str, loops: Sequence[str]) -> tuple[Part, ...]:
    """Return the clauses of an answer.

    Args:
        text: what a model wrote, its thoughts left out.
        loops: names of the program's loops; a clause that names none of them is meant for each.
    """
    if not loops:
        return ()
    found: dict[Part, None] = {}
    for label, raw in _clauses(text, loops):
        for clause in _conjuncts(_clean(raw)):
            for loop in (label,) if label else loops:
                found[Part(loop, clause)] = None
                if len(found) >= MOST:
                    return tuple(found)
    return tuple(found)


def _clauses(text: str, loops: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield loop names, empty where none is said, and clauses as they stand."""
    fenced = [block.text for block in blocks(text)]
    for body in fenced or [text]:
        value = json_values(body)
        found = list(_of_json(value, loops)) if value is not None else []
        found = found or list(_of_acsl(body, loops)) or list(_of_lines(body, loops))
        yield from found
    if fenced and "invariant" in text and not any("invariant" in body for body in fenced):
        yield from _of_acsl(text, loops)


def _of_json(value: Any, loops: Sequence[str], depth: int = 4) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for entry in value:
            if isinstance(entry, str):
                yield _labelled(entry, loops, "")
            elif isinstance(entry, Mapping) and depth:
                yield from _of_json(entry, loops, depth - 1)
        return
    if not isinstance(value, Mapping):
        return
    named = [key for key in value if _loop(key, loops)]
    for key in named:
        for clause in texts(value[key]):
            yield _labelled(clause, loops, _loop(key, loops))
    if named:
        return
    place = next((_loop(value[key], loops) for key in ("loop", "label", "name") if isinstance(value.get(key), str)), "")
    for key, entry in value.items():
        if isinstance(entry, str) and key in ("clause", "invariant", "text", "invariants", "clauses"):
            yield _labelled(entry, loops, place)
        elif isinstance(entry, list) and depth:
            yield from ((label or place, clause) for label, clause in _of_json(entry, loops, depth - 1))


def _of_acsl(text: str, loops: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield annotations; one that names no loop belongs to the loop that was named last above it."""
    text = _NEXT.sub(";\n", text)
    places = [(match.end(), _loop(match[1] or match[2], loops)) for match in _MENTIONS.finditer(text)]
    at, last = 0, ""
    for match in _CLAUSE.finditer(text):
        while at < len(places) and places[at][0] <= match.start("clause"):
            last = places[at][1] or last
            at += 1
        own = match["loop"]
        clause = match["clause"]
        yield _labelled(clause, loops, (_loop(own, loops) if own else "") or last)


def _of_lines(text: str, loops: Sequence[str]) -> Iterator[tuple[str, str]]:
    last = ""
    for item in items(text):
        for line in item.split("\n"):
            heading = _MENTIONS.search(line) if len(line) < 200 else None
            last = (_loop(heading[1] or heading[2], loops) if heading else "") or last
            yield _labelled(bare(line), loops, last)


def _labelled(clause: str, loops: Sequence[str], loop: str) -> tuple[str, str]:
    """Take the name of a loop off the front of a clause."""
    clause = clause.strip()
    own = _CLAUSE.match(clause)
    if own:
        return (_loop(own["loop"], loops) if own["loop"] else "") or loop, own["clause"]
    named = _AT_LOOP.match(clause)
    if named and _loop(named[1], loops):
        return _loop(named[1], loops), clause[named.end() :]
    return loop, clause


def _loop(name: str, loops: Iterable[str]) -> str:
    """Return the loop that a name means, empty where it means none."""
    plain = name.strip().removeprefix("loop ").strip().lower()
    return next((loop for loop in loops if loop.lower() == plain), "")


def _clean(raw: str) -> str:
    """Return a clause as an ACSL predicate; empty where it is none."""
    clause = " ".join(_COMMENT.sub(" ", raw).split()).strip("`\"' ,;").translate(_SYMBOLS)
    for pattern, sign in _PYTHON:
        clause = pattern.sub(sign, clause)
    if not clause or len(clause) > _LONGEST or not _RELATION.search(clause):
        return ""
    quantified = "\\forall" in clause or "\\exists" in clause
    if _CALL.search(clause) or ("--" in clause) or (_WORDS.search(clause) and not quantified):
        return ""
    return clause


def _conjuncts(clause: str) -> list[str]:
    """Cut a conjunction at its top level, so that each part is kept or dropped by itself."""
    if "==>" in clause or "<==>" in clause or "?" in clause or "\\" in clause or "&&" not in clause:
        return [clause] if clause else []
    depth, begin = 0, 0
    found: list[str] = []
    for match in re.finditer(r"[(\[]|[)\]]|&&|\|\|", clause):
        sign = match.group()
        if sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif depth == 0 and sign == "||":
            return [clause]
        elif depth == 0:
            found.append(clause[begin : match.start()].strip())
            begin = match.end()
    return [part for part in [*found, clause[begin:].strip()] if part]
