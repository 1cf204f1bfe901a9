"""What stands behind a step: the questions that its checker puts to solvers, and the proof as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lemmata.errors import Location


@dataclass(frozen=True, slots=True)
class Query:
    """A question to an SMT solver; `unsat` is the answer that a proof needs."""

    title: str
    location: Location
    """What part of the source it is about."""
    smtlib: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a checker can tell about steps beyond its verdict on them; nothing in it is a verdict."""

    queries: tuple[Query, ...] = ()
    places: Mapping[str, Location] = field(default_factory=dict)
    """Where the parts of steps belong in the source, by their labels."""
    text: str = ""
    """The source with the steps in their places, empty where the artefact itself is what a person reads."""
    note: str = ""
    """What could not be explained, and why."""
