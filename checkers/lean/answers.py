"""What the audit program found out about a compiled theorem; see `checkers.lean.audit_program`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from checkers.runs import RunFailed


@dataclass(frozen=True, slots=True)
class Told:
    """The program's answer."""

    problems: tuple[str, ...]
    """What the artefact changes beside the proof, and what the kernel refuses."""
    axioms: tuple[str, ...]
    """What the theorem rests on."""
    own: tuple[str, ...]
    """Those of them that the file declares itself."""
    direct: bool
    """Whether `sorryAx` stands in the theorem itself or in what belongs to it."""
    constants: int
    """How many were checked."""

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Self:
        """Read an answer.

        Raises:
            RunFailed: the theorem is not there, or the answer is not complete.
        """
        if answer.get("found") is not True:
            raise RunFailed("the theorem is not in the compiled module under its name")
        match answer:
            case {
                "kind": str(),
                "problems": list() as problems,
                "axioms": list() as axioms,
                "ownAxioms": list() as own,
                "direct": bool() as direct,
                "constants": int() as constants,
            } if all(isinstance(word, str) for word in [*problems, *axioms, *own]) and constants > 0:
                return cls(tuple(problems), tuple(axioms), tuple(own), direct, constants)
        raise RunFailed("the answer of the audit program is not complete")
