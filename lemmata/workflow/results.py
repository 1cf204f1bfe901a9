"""Results: what is known of every target in the end, as values, documents and an exit code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemmata.errors import LemmataError, Location
from lemmata.verdict import Verdict

RESULT_SCHEMA = "lemmata.result/1"
REPLAY_SCHEMA = "lemmata.replay/1"

_WORST_FIRST = (2, 4, 1, 3, 0)


@dataclass(frozen=True, slots=True)
class Result:
    """What was found out about one obligation, or why a target could not be worked on."""

    target: str
    """The target as the user wrote it."""
    obligation: str | None
    """Name of the obligation; None where the target could not be read."""
    system: str | None
    verdict: Verdict
    reason: str | None = None
    seconds: float = 0.0
    certificate: str | None = None
    """Path of the certificate, None where there is none."""
    location: Location | None = None
    hint: str | None = None
    exit_code: int = 0
    proof: Mapping[str, Any] | None = None
    """`{"steps": [...]}`, root first; each part of a step names its loop and the prover that found it."""
    counterexample: Mapping[str, Any] | None = None
    audit: Mapping[str, Any] | None = None
    """The checks of the final verification and the environment they ran in."""
    theorems: Mapping[str, str] = field(default_factory=dict)
    """By proof assistant, the file of theorems that was written for it."""
    conditions: tuple[str, ...] = ()
    """The SMT-LIB files of the conditions, where they were asked for."""
    warnings: tuple[Mapping[str, Any], ...] = ()
    """What speaks against relying on the verdict without changing it: `file`, `line`, `column` and `message`."""
    stats: Mapping[str, Any] = field(default_factory=dict)
    peers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What each peer made of the obligation alone: `verdict`, `seconds` and, where it failed, `reason`."""
    resumed: bool = False
    """Whether an earlier run found this out and it was only read back."""

    def to_json(self) -> dict[str, Any]:
        """Return the entry of this result in a `lemmata.result/1` document."""
        return {
            "target": self.target,
            "obligation": self.obligation,
            "system": self.system,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "hint": self.hint,
            "location": location_json(self.location),
            "seconds": round(self.seconds, 3),
            "certificate": self.certificate,
            "proof": self.proof,
            "counterexample": self.counterexample,
            "audit": self.audit,
            "theorems": dict(self.theorems),
            "conditions": list(self.conditions),
            "warnings": [dict(warning) for warning in self.warnings],
            "stats": dict(self.stats),
            "exit_code": self.exit_code,
            "resumed": self.resumed,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Result:
        """Read what `to_json` wrote; raise `KeyError` or `ValueError` where it is something else."""
        where = body.get("location")
        return cls(
            target=body["target"],
            obligation=body["obligation"],
            system=body["system"],
            verdict=Verdict(body["verdict"]),
            reason=body["reason"],
            hint=body.get("hint"),
            location=Location(where["file"], where["line"], where["column"]) if where else None,
            seconds=float(body["seconds"]),
            certificate=body["certificate"],
            proof=body["proof"],
            counterexample=body["counterexample"],
            audit=body["audit"],
            theorems=body.get("theorems", {}),
            conditions=tuple(body.get("conditions", ())),
            warnings=tuple(body.get("warnings", ())),
            stats=body["stats"],
            exit_code=int(body["exit_code"]),
            resumed=bool(body.get("resumed", False)),
        )


def failed(target: str, error: LemmataError, *, obligation: str | None = None, system: str | None = None) -> Result:
    """Return the `error` result of a target that `error` stopped."""
    return Result(
        target,
        obligation,
        system,
        Verdict.ERROR,
        error.message,
        location=error.location,
        hint=error.hint or None,
        exit_code=error.exit_code,
    )


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that replay looked at."""

    name: str
    """`digest`, `steps`, `artefact`, `source`, `axioms`, `proof` or `environment`."""
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What came of checking one certificate again; it is valid only when every check passed."""

    certificate: str
    valid: bool
    reason: str | None = None
    target: str | None = None
    obligation: str | None = None
    system: str | None = None
    claim: str | None = None
    seconds: float = 0.0
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()
    """What differs without making the certificate wrong, such as another version of a solver."""
    audit: Mapping[str, Any] | None = None
    exit_code: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return the entry of this result in a `lemmata.replay/1` document."""
        return {
            "certificate": self.certificate,
            "valid": self.valid,
            "reason": self.reason,
            "target": self.target,
            "obligation": self.obligation,
            "system": self.system,
            "claim": self.claim,
            "seconds": round(self.seconds, 3),
            "checks": [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in self.checks],
            "notes": list(self.notes),
            "audit": self.audit,
            "exit_code": self.exit_code,
        }


def location_json(location: Location | None) -> dict[str, Any] | None:
    """Return a location as a JSON object."""
    return {"file": location.file, "line": location.line, "column": location.column} if location else None


def error_json(error: LemmataError) -> dict[str, Any]:
    """Return an error as the `error` member of a document."""
    return {
        "message": error.message,
        "hint": error.hint or None,
        "location": location_json(error.location),
        "exit_code": error.exit_code,
    }


def document(results: Sequence[Result | ReplayResult], *, schema: str = RESULT_SCHEMA, **more: Any) -> dict[str, Any]:
    """Return the one document a command prints; `more` are extra members such as `interrupted`."""
    return {"schema": schema, "results": [result.to_json() for result in results], **more}


def exit_code(results: Iterable[Result | ReplayResult]) -> int:
    """Return the exit code of a command over several results: the worst of theirs.

    Bad input (2) is worse than a broken backend (4), then disproved or invalid (1), unknown (3), proved (0).
    A code that is none of these counts as a broken backend.
    """
    codes = {result.exit_code if result.exit_code in _WORST_FIRST else 4 for result in results}
    return next((code for code in _WORST_FIRST if code in codes), 0)
