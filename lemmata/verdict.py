"""Verdicts, limits, and what a verification says."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Verdict(enum.Enum):
    """What is known of an obligation in the end."""

    PROVED = "proved"
    DISPROVED = "disproved"
    UNKNOWN = "unknown"
    ERROR = "error"

    @property
    def exit_code(self) -> int:
        """Exit code of a command whose only result is this verdict."""
        return {"proved": 0, "disproved": 1, "unknown": 3, "error": 4}[self.value]


@dataclass(frozen=True, slots=True)
class Limits:
    """Resource limits of one request to a backend; None means no limit of its own."""

    wall_seconds: float | None = 10.0
    cpu_seconds: float | None = None
    memory_bytes: int | None = 2 << 30
    file_bytes: int | None = 64 << 20

    def at_least(self, *, wall_seconds: float = 0.0, memory_bytes: int = 0) -> Limits:
        """Return the same limits, those raised that are below what is needed; what has no limit keeps none."""
        wall = None if self.wall_seconds is None else max(self.wall_seconds, wall_seconds)
        memory = None if self.memory_bytes is None else max(self.memory_bytes, memory_bytes)
        return dataclasses.replace(self, wall_seconds=wall, memory_bytes=memory)


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a backend can be used on this machine."""

    available: bool
    version: str = ""
    detail: str = ""
    install: str = ""
    """The command that installs what is missing."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program or library that a checker uses, and whether it is there."""

    name: str
    ok: bool
    detail: str = ""
    """Version and place where it is there, what it is good for where it is not."""
    install: str = ""
    """The command that installs it."""


@dataclass(frozen=True, slots=True)
class Audit:
    """One check made of a final artefact in a process of its own."""

    command: str
    """What was run, for example `z3 5.4.0: consecution of loop 4:5`."""
    result: str
    """`passed`, `failed`, `unknown` or `error`."""
    detail: str = ""
    output_digest: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of checking a final artefact from scratch."""

    verdict: Verdict
    reason: str = ""
    audits: tuple[Audit, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """Checker name, versions and flags that were used."""
    counterexample: Mapping[str, Any] | None = None
    attachments: Mapping[str, str] = field(default_factory=dict)
    """Native formats by file name: `.smt2` conditions, annotated C, witnesses."""
    axioms: tuple[str, ...] | None = None
    """Names of the axioms that the proof rests on; None where the system has no such notion or they are not known."""
