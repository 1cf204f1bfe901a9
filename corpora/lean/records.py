"""One tactic of a proof, as every tracer tells it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TacticRecord:
    """A tactic with the goals at which it was taken."""

    file: str
    theorem: str
    """Name of the theorem with its namespaces; empty where it has none or it is not known."""
    line: int
    """Where the tactic begins, from 1."""
    column: int
    """In code points, from 1."""
    tactic: str
    goals: tuple[str, ...]
    """What Lean printed of the goals before it, the main one first."""
    premises: tuple[str, ...]
    """Full names of the constants that it used, as far as the tracer tells."""
