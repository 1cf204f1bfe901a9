"""The shape of what models write: thoughts before the answer, fenced code, JSON, lists; read in linear time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LONGEST = 4_000_000
"""Most characters of an answer that are looked at."""
_MOST_JSON = 16
_FENCE = re.compile(r"`{3,}|~{3,}")
_LANGUAGE = re.compile(r"[ \t]*([\w+*#.-]{0,24})[ \t]*(?:\{[^}\n]{0,80}\})?[ \t]*\n")
_TAG = re.compile(r"</?a>")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
_MARK = re.compile(r"[ \t]*(?:\(?\d{1,3}[.):](?=\s)|[-*•+](?=\s)|#{1,6}(?=\s))[ \t]*")
_PREFIX = re.compile(
    r"(?:\*\*|__)?(?:next |proof |the )?(?:tactic|step|method|proof|answer|suggestion|option|candidate|lean|coq)s?"
    r"(?: ?#?\d{1,3})?(?:\*\*|__)?[ \t]*:(?:\*\*|__)?(?=\s|`)[ \t]*",
    re.I,
)
_KEYS = ("tactic", "step", "text", "code", "proof", "clause", "invariant", "answer", "command", "statement")
_LISTS = (
    "tactics", "steps", "candidates", "proofs", "invariants", "clauses", "answers", "loop_invariants", "statements",
    "conjectures",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced piece of code."""

    language: str
    """In lower case, empty where none is named."""
    text: str
    closed: bool
    """Whether its closing fence is there."""


def tidy(text: str) -> str:
    """Return an answer without characters that belong in no proof, and without markers around premises' names."""
    return _TAG.sub("", _CONTROL.sub("", text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n")))


def without_thoughts(text: str) -> str:
    """Return what follows the thoughts of a model that thinks aloud; all of it where nothing follows."""
    _, closed, rest = text.rpartition("</think>")
    if closed and rest.strip():
        return rest
    before, opened, _ = text.partition("<think>")
    return before if opened and not closed and before.strip() else text


def blocks(text: str) -> list[Block]:
    """Return the fenced pieces of code of an answer, in order."""
    found: list[Block] = []
    at = 0
    while fence := _FENCE.search(text, at):
        sign = fence.group()[:3]
        begin = fence.end()
        named = _LANGUAGE.match(text, begin)
        language = named[1].lower() if named else ""
        begin = named.end() if named else begin
        end = text.find(sign, begin)
        if end < 0:
            found.append(Block(language, text[begin:], closed=False))
            break
        found.append(Block(language, text[begin:end], closed=True))
        at = end + len(sign)
        while at < len(text) and text[at] == sign[0]:
            at += 1
    return found


def json_values(text: str) -> Any | None:
    """Return the first JSON list or object that an answer holds, None where there is none."""
    decoder = json.JSONDecoder()
    at, tries = 0, 0
    while tries < _MOST_JSON:
        begin = min((i for i in (text.find("[", at), text.find("{", at)) if i >= 0), default=-1)
        if begin < 0:
            return None
        try:
            value, _ = decoder.raw_decode(text, begin)
        except (ValueError, RecursionError):
            at, tries = begin + 1, tries + 1
            continue
        if value:
            return value
        at, tries = begin + 1, tries + 1
    return None


def texts(value: Any, depth: int = 4) -> Iterator[str]:
    """Yield the texts of a JSON value that mean steps or clauses, in order."""
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, list):
        for entry in value:
            yield from texts(entry, depth - 1)
    elif depth and isinstance(value, dict):
        for key in _LISTS:
            if isinstance(value.get(key), list | str):
                yield from texts(value[key], depth - 1)
        named = [value[key] for key in _KEYS if isinstance(value.get(key), str)]
        yield from named[:1]


def items(text: str) -> list[str]:
    """Return the entries of a list in plain text; all lines where none is marked as an entry.

    What is indented below an entry belongs to it.
    """
    marked: list[list[str]] = []
    plain: list[str] = []
    inside = False
    for line in text.split("\n"):
        if not line.strip():
            inside = False
            continue
        mark = _MARK.match(line)
        if mark or _PREFIX.match(line):
            marked.append([line[mark.end() :] if mark else line])
            inside = True
        elif inside and line[:1] in " \t":
            marked[-1].append(line)
        else:
            inside = False
            plain.append(line.strip())
    return ["\n".join(lines) for lines in marked] or plain


def bare(text: str) -> str:
    """Return a step without what surrounds it in running text: a label, quotes, backticks."""
    text = text.strip()
    label = _PREFIX.match(text)
    if label:
        text = text[label.end() :].strip()
    quoted = re.match(r"(`+)([^`]+)\1", text)
    if quoted and (quoted.end() == len(text) or not text[quoted.end()].isalnum()):
        return quoted[2].strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1].strip()
    return text
