"""Steps: what provers propose for a goal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lemmata.goal import digest


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One separable piece of a step: an invariant clause at its loop, a lemma of a blueprint."""

    label: str
    """Where it belongs: a loop's name, a lemma's name."""
    text: str
    language: str = "c"
    """Notation of `text`: `c` (ACSL expression) or `smtlib` for program clauses."""


@dataclass(frozen=True)
class Step:
    """A proposed move on a goal: a tactic, a set of invariant clauses, a term, a blueprint."""

    text: str
    kind: str = "tactic"
    parts: tuple[Part, ...] = ()
    subgoals: int | None = field(default=None, compare=False)
    """How many subgoals it left when it was checked, None where that is not known; not part of the key."""

    @cached_property
    def key(self) -> str:
        """Canonical key: two provers that propose the same move propose one step."""
        return digest(self.kind, self.text, *(f"{p.label}\0{p.language}\0{p.text}" for p in self.parts))

    def keeping(self, parts: tuple[Part, ...]) -> Step:
        """Return this step with only `parts` left, its text rendered again from them."""
        if self.kind == "clauses":
            return clauses(parts).leaving(self.subgoals)
        return Step(self.text, self.kind, parts, self.subgoals)

    def leaving(self, subgoals: int | None) -> Step:
        """Return this step with a note of how many subgoals it left."""
        return self if subgoals == self.subgoals else Step(self.text, self.kind, self.parts, subgoals)


def clauses(parts: tuple[Part, ...]) -> Step:
    """Build the step that proposes a set of invariant clauses, in canonical order without repeats."""
    unique = tuple(sorted(set(parts)))
    return Step("; ".join(f"{p.label}: {p.text}" for p in unique), "clauses", unique)


HOLE = Step("", "hole")
"""Stands among the steps of a whole proof for a goal that is left to the search; never a move of its own."""


@dataclass(frozen=True, slots=True)
class Branch:
    """What a blueprint means for one of the subgoals that its step leaves."""

    name: str
    """Of the lemma; empty for the goal itself, which comes last."""
    statement: str = ""
    """The lemma in the notation of its system; empty for the goal itself."""
    steps: tuple[Step, ...] = ()
    """What to try there first, depth first; the rest is left to the search."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A step with the prover's own estimate that it is useful."""

    step: Step
    log_probability: float
    """Natural logarithm of the estimated probability, at most 0."""
    prover: str
    seconds: float = 0.0
    tokens: int = 0
    time_limit: float | None = None
    """Wall-clock seconds that checking the step is worth; None leaves it to the search. Greater than 0."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """Where it comes from, for people to read: model, revision, prompt, sampling, seed, tokens; JSON values only."""
    then: tuple[Step, ...] = ()
    """The steps that the prover means to follow, each on the first goal that the ones before leave open."""
    branches: tuple[Branch, ...] = ()
    """For a blueprint, in place of `then`: one for each subgoal that the step leaves, in their order."""
