"""Takes what provers and sessions return and lets through only what has the right shape."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from lemmata.goal import Goal, GoalRef
from lemmata.graph.nodes import WORST_LOG_PROBABILITY
from lemmata.outcome import Closed, Crashed, Note, Open, Outcome, Rejected, TimedOut
from lemmata.step import HOLE, Branch, Part, Proposal, Step

MAX_SUBGOALS = 10_000
"""A step with more subgoals than this is taken for a fault of the session."""


def clean_proposal(value: object, prover: str) -> Proposal | None:
    """Return a proposal with a finite log-probability of at most 0 under the prover's own name, or None."""
    if not isinstance(value, Proposal) or not isinstance(value.step, Step):
        return None
    step, estimate = value.step, value.log_probability
    if not _sound_step(step) or step.kind == HOLE.kind:
        return None
    if (
        isinstance(estimate, float)
        and WORST_LOG_PROBABILITY <= estimate <= 0.0
        and value.prover == prover
        and value.time_limit is None
        and step.subgoals is None
        and not value.provenance
        and not (value.then or value.branches)
    ):
        return value
    return Proposal(
        # How many subgoals a step leaves is the checker's word, not the prover's.
        step.leaving(None),
        _log_probability(estimate),
        prover,
        _number(value.seconds),
        int(_number(value.tokens)),
        _number(value.time_limit) or None,
        _model(value.provenance),
        tuple(_then(value.then)),
        _branches(value.branches),
    )


def _then(value: object) -> Iterator[Step]:
    """Yield the steps that are to follow, up to the first that has not the shape of one."""
    for step in value if isinstance(value, tuple | list) else ():
        if not isinstance(step, Step) or not _sound_step(step):
            return
        yield step.leaving(None)


def _branches(value: object) -> tuple[Branch, ...]:
    """Return a blueprint's branches, or none where one of them has not the shape of one."""
    found = []
    for branch in value if isinstance(value, tuple | list) else ():
        if not isinstance(branch, Branch) or not isinstance(branch.name, str) or not isinstance(branch.statement, str):
            return ()
        found.append(Branch(branch.name, branch.statement, tuple(_then(branch.steps))))
    return tuple(found)


def _sound_step(step: Step) -> bool:
    if not (isinstance(step.text, str) and isinstance(step.kind, str) and isinstance(step.parts, tuple)):
        return False
    for part in step.parts:
        if not (isinstance(part, Part) and isinstance(part.text, str) and isinstance(part.label, str)):
            return False
    return True


def _log_probability(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return WORST_LOG_PROBABILITY
    return min(max(float(value), WORST_LOG_PROBABILITY), 0.0)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0.0
    return max(float(value), 0.0)


def clean_outcome(value: object, seconds: float) -> Outcome:
    """Return an outcome of the right shape; anything else is a crash of the session.

    Args:
        value: what the session returned.
        seconds: measured duration, for an outcome that does not give a sound one.
    """
    match value:
        case Closed(seconds=float(own), notes=(), replacement=None) if 0.0 <= own < math.inf:
            return value
        case Closed() | Open() if not _sound_replacement(value.replacement):
            return Crashed("the session returned a malformed replacement", seconds)
        case Closed():
            return Closed(_duration(value.seconds, seconds), _notes(value.notes), value.replacement)
        case Open(subgoals=tuple() | list()):
            if len(value.subgoals) > MAX_SUBGOALS or not all(map(_sound_ref, value.subgoals)):
                return Crashed("the session returned malformed subgoals", seconds)
            own = _duration(value.seconds, seconds)
            return Open(tuple(value.subgoals), own, _notes(value.notes), value.replacement)
        case Rejected():
            model = _model(value.model)
            return Rejected(str(value.message), _duration(value.seconds, seconds), _notes(value.notes), model)
        case TimedOut():
            return TimedOut(_duration(value.seconds, seconds), str(value.message))
        case Crashed():
            return Crashed(str(value.message), _duration(value.seconds, seconds))
    return Crashed(f"the session returned a {type(value).__name__} instead of an outcome", seconds)


def _sound_replacement(step: object) -> bool:
    return step is None or (isinstance(step, Step) and _sound_step(step))


def _sound_ref(ref: object) -> bool:
    if not isinstance(ref, GoalRef) or not isinstance(ref.handle, str):
        return False
    return isinstance(ref.goal, Goal) and isinstance(ref.goal.conclusion, str)


def _duration(own: object, measured: float) -> float:
    sound = isinstance(own, int | float) and not isinstance(own, bool) and 0.0 <= own < math.inf
    return float(own) if sound and isinstance(own, int | float) else measured


def _notes(value: object) -> tuple[Note, ...]:
    if not isinstance(value, tuple | list):
        return ()
    return tuple(
        Note(n.part, bool(n.accepted), str(n.message), _model(n.model))
        for n in value
        if isinstance(n, Note) and isinstance(n.part, int)
    )


def _model(value: object) -> Mapping[str, Any]:
    """Return a model if it can be written as JSON, an empty one otherwise."""
    if not value or not isinstance(value, Mapping):
        return {}
    try:
        json.dumps(dict(value), allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return {}
    return dict(value)


def encode_rejection(outcome: Rejected) -> str:
    """Return a rejection as JSON text for the outcome cache."""
    notes = [[n.part, n.accepted, n.message, dict(n.model)] for n in outcome.notes]
    body = {"outcome": "rejected", "message": outcome.message, "notes": notes, "model": dict(outcome.model)}
    return json.dumps(body, default=str)


def decode_rejection(text: object) -> Rejected | None:
    """Read a rejection from the outcome cache; None for anything that is not one."""
    try:
        body: Any = json.loads(text) if isinstance(text, str) else None
        if not isinstance(body, dict) or body.get("outcome") != "rejected":
            return None
        notes = tuple(Note(int(p), bool(a), str(m), dict(model)) for p, a, m, model in body["notes"])
        return Rejected(str(body["message"]), 0.0, notes, dict(body["model"]))
    except (ValueError, TypeError, KeyError):
        return None
