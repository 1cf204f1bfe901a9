"""Theorems that were made rather than found, and their records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checkers.coq.artefact import HAMMER_LINE
from checkers.coq.tactics import uses_hammer

SCHEMA = "lemmata.theorem/1"


@dataclass(frozen=True, slots=True)
class Theorem:
    """A new Coq theorem with its proof."""

    name: str
    statement: str
    """The bare proposition."""
    steps: tuple[str, ...]
    """Each closes or changes the first goal; together they prove it."""
    rule: str
    """How it was made."""
    made_from: tuple[str, ...]
    """Full names of the theorems that it was made from."""
    key: str
    """Equal for statements that are equal up to renaming."""
    rests: bool
    """Whether its proof uses the first of them."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """More about how it was made; JSON values only."""
    structured: str = ""
    """The proof's text where the steps branch."""
    local: tuple[str, ...] = ()
    """Sentences that it needs above it beside a header."""
    module: str = ""
    """A module that it stands in alone, so that others do not see it; empty for none."""

    @property
    def place(self) -> str:
        """Its name with its module."""
        return f"{self.module}.{self.name}" if self.module else self.name

    def above(self, header: Sequence[str]) -> str:
        """Return the text that stands above it: a header, and what its proof needs beside that."""
        hammer = HAMMER_LINE if any(uses_hammer(step) for step in self.steps) else ""
        return hammer + "".join(f"{sentence}\n" for sentence in (*header, *self.local))

    def sentence(self) -> str:
        """Return the sentence that states it."""
        return f"Lemma {self.name} : {self.statement}."

    def script(self) -> str:
        """Return its proof."""
        lines = [self.structured] if self.structured else [f"  {step}." for step in self.steps]
        return "\n".join(["Proof.", *lines, "Qed."])

    def text(self) -> str:
        """Return statement and proof as they stand in a file."""
        text = f"{self.sentence()}\n{self.script()}\n"
        return f"Module {self.module}.\n{text}End {self.module}.\n" if self.module else text


def record(theorem: Theorem, header: Sequence[str], where: Mapping[str, str], axioms: Sequence[str]) -> dict[str, Any]:
    """Return the record of a theorem: all that is needed to compile it alone.

    Args:
        theorem: the theorem.
        header: sentences that stand above it.
        where: members that say where it comes from: `package`, `version`, `licence`, `file`.
        axioms: what it rests on.
    """
    return {
        "schema": SCHEMA,
        "system": "coq",
        **where,
        "name": theorem.name,
        "header": theorem.above(header),
        "statement": theorem.sentence(),
        "proof": theorem.script(),
        "steps": list(theorem.steps),
        "axioms": sorted(axioms),
        "origin": {"rule": theorem.rule, "from": list(theorem.made_from), **theorem.details},
        "key": theorem.key,
    }
