"""What a theory asserts without proof, and what it runs, told from its text.

A proof may rest on all that stands above it, so what is postulated there has to be allowed by name. A theory that runs
ML of its own could change what the audits themselves see: it is only accepted where everything is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from checkers.isabelle.commands import Command, Theory, runs_code
from checkers.isabelle.keywords import POSTULATES
from checkers.isabelle.tokens import Kind

_FLAGS = re.compile(
    r"quick_and_dirty|skip_proofs|ML_\w+|smt_oracle|smt_certificates|smt_read_only_certificates|unchecked"
)


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
        if command.head in POSTULATES:
            every += _postulated(command, source)
        for token in command.tokens:
            if token.kind is Kind.WORD and _FLAGS.fullmatch(token.text) and token.text != command.head:
                every.append(Found(f"the option {token.text} in {source}", ""))
    every += [Found(f"`{command.head}` in {source}, which runs code", "") for command in runs_code(theory)]
    return every


def _postulated(command: Command, source: str) -> Iterable[Found]:
    words = command.arguments
    start = next((i for i, t in enumerate(words) if t.kind is Kind.WORD and t.text == "where"), None)
    if command.head != "axiomatization":
        yield Found(f"`{command.head}` in {source}", "")
    elif start is not None:
        names = [
            word.text
            for position, word in enumerate(words[start + 1 :], start + 1)
            if word.kind is Kind.WORD and words[position - 1].text in ("where", "and")
        ]
        for name in names:
            yield Found(f"the axiom {name} of {source}", name)
        if not names:
            yield Found(f"an axiom without a name in {source}", "")


def refused(every: Iterable[Found], allowed: Collection[str]) -> list[Found]:
    """Return what is not allowed; `*` allows everything."""
    if "*" in allowed:
        return []
    return [one for one in every if not one.name or not any(_same(one.name, name) for name in allowed)]


def _same(name: str, allowed: str) -> bool:
    return name == allowed or allowed.endswith(f".{name}")
