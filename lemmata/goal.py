"""Obligations and goals: what there is to prove."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lemmata.errors import Location


def digest(*parts: str) -> str:
    """Hash texts to a short stable key.

    Args:
        parts: texts; their boundaries count, so `("ab",)` and `("a", "b")` differ.

    Returns:
        32 hexadecimal digits of SHA-256.
    """
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Obligation:
    """Something to prove in a source file: a function with assertions, an SMT goal, a theorem."""

    system: str
    """Name of the checker that decides it, for example `programs` or `smt`."""
    name: str
    """Selector within the file, for example the function's name."""
    source: str
    """The complete source text."""
    location: Location
    options: tuple[tuple[str, str], ...] = ()
    """Semantic options that change what is claimed, for example `("int_width", "32")`; sorted by name."""

    @property
    def key(self) -> str:
        """Canonical key: same text, selector and options give the same key, wherever the file lies."""
        return digest(self.system, self.name, self.source, json.dumps(self.options))

    @property
    def source_digest(self) -> str:
        """SHA-256 of the source text, 64 hexadecimal digits."""
        return hashlib.sha256(self.source.encode("utf-8", "surrogateescape")).hexdigest()

    def option(self, name: str, default: str = "") -> str:
        """Return a semantic option's value, or `default` where it is not set."""
        return dict(self.options).get(name, default)


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One named assumption of a goal."""

    name: str
    text: str


@dataclass(frozen=True)
class Goal:
    """Hypotheses and a conclusion in one proof system; immutable, equal when their keys are equal."""

    system: str
    conclusion: str
    hypotheses: tuple[Hypothesis, ...] = ()
    environment: str = ""
    """Digest of everything else the goal's truth depends on (imports, the obligation, flags)."""
    details: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)
    """What provers and the viewer may use beside the text; JSON values only; not part of the key."""

    @cached_property
    def key(self) -> str:
        """Canonical key by which equal goals are shared in the proof graph and in the cache."""
        hypotheses = json.dumps([(h.name, h.text) for h in self.hypotheses])
        return digest(self.system, self.environment, hypotheses, self.conclusion)


@dataclass(frozen=True, slots=True)
class GoalRef:
    """A goal that a session knows, with the handle under which the session knows it."""

    handle: str
    goal: Goal


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that did not prove a goal."""

    step: str
    """Its text; of a blueprint, its lemmas, one a line."""
    message: str
    """What the checker said, or what became of the lemmas."""
    model: Mapping[str, Any] = field(default_factory=dict)
    """Values that break it, by variable name, where the checker gave any; JSON values only."""
    accepted: bool = False
    """Whether it is a blueprint that the checker accepted, and of which something is not proved."""


@dataclass(frozen=True, slots=True)
class GoalView:
    """What a prover or critic is shown of a goal."""

    goal: Goal
    obligation: Obligation
    depth: int = 0
    """Steps between the root and this goal on its best path."""
    tried: tuple[str, ...] = ()
    """Keys of the steps already tried here, so that a prover does not repeat itself."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """Obligation-wide facts from the session (for programs: the transition system); JSON values only."""
    failures: tuple[Failure, ...] = ()
    """What was tried here in vain, the latest first, a few of them."""
