"""What a theory asserts without proof, and what it runs, told from its text.

A proof may rest on all that stands above it, so what is postulated there has to be allowed by name. A theory that runs
ML of its own could change what the audits themselves see: it is only accepted where everything is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from checkers.isabelle.commands import Command, Theory, runs_code
from checkers.isabelle.keywords import DOCUMENT, POSTULATES, TERMINAL
from checkers.isabelle.methods import behind_brackets, behind_method
from checkers.isabelle.tokens import Kind, Token, tokens
from checkers.isabelle.vocabulary import (
    ANTIQUOTATIONS,
    CONTROLS,
    METHODS,
    RUNNING_ML,
    RUNS_ML,
    WEAKENING,
    last,
)

_ANTIQUOTATION = re.compile(r"@\{\s*([^\s}]*)|\\<\^([^>]*)>")
_UNSAFE = frozenset({"unchecked", "unsafe"})
"""Options of commands."""
_DIGITS = re.compile(r"\\[0-9]")


@dataclass(frozen=True, slots=True)
class Found:
    """Something that has to be allowed."""

    what: str
    """For people."""
    name: str
    """The name under which it can be allowed, empty where only everything can be."""


def found(theory: Theory, source: str) -> list[Found]:
    """Return what a theory's text holds that has to be allowed.

    Args:
        theory: the theory.
        source: how messages call it.
    """
    every: list[Found] = []
    for command in theory.commands:
        every += _commanded(command, source)
    every += [Found(f"`{command.head}` in {source}, which runs code", "") for command in runs_code(theory)]
    every += _quoted(theory, source)
    every += _keywords(theory, source)
    return list(dict.fromkeys(every))


def _commanded(command: Command, source: str) -> Iterator[Found]:
    """Yield what one command postulates, or may."""
    if command.head in POSTULATES:
        yield from _postulated(command, source)
    if not _whole(command):
        yield Found(f"something unknown behind `{command.head}` in {source}", "")
    for token in command.arguments:
        if command.head in DOCUMENT:
            continue
        if token.kind in (Kind.STRING, Kind.ALT) and _DIGITS.search(token.text):
            yield Found(f"a name in another spelling, {token.text[:40]!a}, in {source}", "")
        if token.kind is Kind.CARTOUCHE and (hidden := RUNNING_ML.search(token.content)):
            yield Found(f"`{hidden.group()}` in {source}, which runs code", "")
        name = last(token.content) if token.kind is not Kind.CARTOUCHE else ""
        if name in RUNS_ML:
            yield Found(f"`{name}` in {source}, which runs code", "")
        elif WEAKENING.fullmatch(name) or name in _UNSAFE:
            yield Found(f"the option {name} in {source}", "")


def _whole(command: Command) -> bool:
    """Say whether a command that ends a proof is all that its tokens are, so that no unknown command stands there."""
    words = command.arguments
    if command.head == "qed":
        return behind_method(words, 0) == len(words)
    if command.head != "by":
        return command.head not in TERMINAL or not words
    second = behind_method(words, 0)
    if second <= 0 or behind_method(words, second) != len(words):
        return False
    return second == len(words) or words[second].kind is not Kind.WORD or last(words[second].text) in METHODS


def _quoted(theory: Theory, source: str) -> Iterator[Found]:
    """Yield the antiquotations that do more than show something: they may run ML, in comments of a document too."""
    for token in tokens(theory.text):
        if token.kind is Kind.COMMENT:
            continue
        for found in _ANTIQUOTATION.finditer(token.text):
            name = found[1] if found[1] is not None else found[2]
            allowed = ANTIQUOTATIONS if found[1] is not None else ANTIQUOTATIONS | CONTROLS
            if name is not None and name not in allowed:
                yield Found(f"the antiquotation {name[:40]!a} in {source}, which may run code", "")


def _keywords(theory: Theory, source: str) -> Iterator[Found]:
    """Yield the keywords that a theory declares and that could change where its strings and words end."""
    declaring = False
    for token in tokens(theory.text[theory.header.start : theory.header.end]):
        if token.kind is Kind.WORD and token.text in ("keywords", "abbrevs", "imports"):
            declaring = token.text == "keywords"
        elif declaring and token.kind is Kind.STRING and not re.fullmatch(r"[A-Za-z_]\w*|%?\w+", token.content):
            yield Found(f"the keyword {token.content[:40]!a} of {source}", "")


def _postulated(command: Command, source: str) -> Iterator[Found]:
    words = command.arguments
    start = next((i for i, t in enumerate(words) if t.kind is Kind.WORD and t.text == "where"), None)
    if command.head != "axiomatization":
        yield Found(f"`{command.head}` in {source}", "")
    elif start is not None:
        for clause in _clauses(words[start + 1 :]):
            name = _axiom(clause)
            yield Found(f"the axiom {name} of {source}" if name else f"an axiom without a plain name in {source}", name)


def _clauses(words: Sequence[Token]) -> Iterator[Sequence[Token]]:
    start = 0
    for position, word in enumerate(words):
        if word.kind is Kind.WORD and word.text == "and":
            yield words[start:position]
            start = position + 1
    yield words[start:]


def _axiom(clause: Sequence[Token]) -> str:
    """Return the name of an axiom, empty where it has none that stands there plainly."""
    if not clause or clause[0].kind is not Kind.WORD:
        return ""
    colon = 1
    if colon < len(clause) and clause[colon].text == "[":
        colon = behind_brackets(clause, colon)
    return clause[0].text if 0 < colon < len(clause) and clause[colon].text == ":" else ""


def refused(every: Iterable[Found], allowed: Collection[str]) -> list[Found]:
    """Return what is not allowed; `*` allows everything."""
    if "*" in allowed:
        return []
    return [one for one in every if not one.name or not any(_same(one.name, name) for name in allowed)]


def session(name: str, source: str) -> Found:
    """Return what has to be allowed for a session, or a theory of one, whose own text nobody looks at."""
    what = f"{name}, imported by {source}, which is neither a file here nor one of Isabelle's own sessions"
    return Found(what, f"{name}.*")


def _same(name: str, allowed: str) -> bool:
    return name == allowed or allowed.endswith(f".{name}")
