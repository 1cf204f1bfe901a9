"""Core values as JSON values and back: what travels between processes and into caches.

Every `..._to_json` takes any valid value; every `..._from_json` raises `ValueError` on anything that is not what its
counterpart writes. Numbers that JSON lacks (an infinite log-probability) are written as text; what is None is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from lemmata.errors import Location
from lemmata.goal import Failure, Goal, GoalRef, GoalView, Hypothesis, Obligation
from lemmata.outcome import Closed, Crashed, Note, Open, Outcome, Rejected, TimedOut
from lemmata.step import Branch, Part, Proposal, Step

T = TypeVar("T")
Json = dict[str, Any]
Surroundings = tuple[Obligation, Json]
"""An obligation and the session's facts about it."""


def location_to_json(location: Location) -> list[Any]:
    """Write a location as `[file, line, column]`."""
    return [location.file, location.line, location.column]


def location_from_json(value: Any) -> Location:
    """Read a location; raises ValueError."""
    match value:
        case [str(file), int(line), int(column)]:
            return Location(file, line, column)
    raise ValueError("a location is [file, line, column]")


def obligation_to_json(obligation: Obligation) -> Json:
    """Write an obligation, its source text included."""
    return {
        "system": obligation.system,
        "name": obligation.name,
        "source": obligation.source,
        "location": location_to_json(obligation.location),
        "options": [list(pair) for pair in obligation.options],
    }


def obligation_from_json(value: Any) -> Obligation:
    """Read an obligation; raises ValueError."""
    return Obligation(
        _text(value, "system"),
        _text(value, "name"),
        _text(value, "source"),
        location_from_json(_field(value, "location")),
        _many(value, "options", _pair),
    )


def goal_to_json(goal: Goal) -> Json:
    """Write a goal with its details."""
    return {
        "system": goal.system,
        "conclusion": goal.conclusion,
        "hypotheses": [[h.name, h.text] for h in goal.hypotheses],
        "environment": goal.environment,
        "details": dict(goal.details),
    }


def goal_from_json(value: Any) -> Goal:
    """Read a goal; raises ValueError."""
    return Goal(
        _text(value, "system"),
        _text(value, "conclusion"),
        tuple(Hypothesis(*pair) for pair in _many(value, "hypotheses", _pair)),
        _text(value, "environment"),
        _mapping(value, "details"),
    )


def goal_ref_to_json(ref: GoalRef) -> Json:
    """Write a goal with its session's handle."""
    return {"handle": ref.handle, "goal": goal_to_json(ref.goal)}


def goal_ref_from_json(value: Any) -> GoalRef:
    """Read a goal with its session's handle; raises ValueError."""
    return GoalRef(_text(value, "handle"), goal_from_json(_field(value, "goal")))


def goal_view_to_json(view: GoalView) -> Json:
    """Write what a prover is shown of a goal."""
    return {**bare_view_to_json(view), **surroundings_to_json(view)}


def goal_view_from_json(value: Any) -> GoalView:
    """Read what a prover is shown of a goal; raises ValueError."""
    return bare_view_from_json(value, surroundings_from_json(value))


def bare_view_to_json(view: GoalView) -> Json:
    """Write what is the goal's own of what a prover is shown, without what all goals of an obligation share."""
    failures = [_failure_to_json(failure) for failure in view.failures]
    return {
        "goal": goal_to_json(view.goal),
        "depth": view.depth,
        "tried": list(view.tried),
        **({"failures": failures} if failures else {}),
    }


def bare_view_from_json(value: Any, surroundings: Surroundings) -> GoalView:
    """Read what is a goal's own and add what was written apart from it; raises ValueError."""
    obligation, context = surroundings
    goal = goal_from_json(_field(value, "goal"))
    tried = _many(value, "tried", _plain_text)
    failures = _optional(value, "failures", lambda owner, name: _many(owner, name, _failure)) or ()
    return GoalView(goal, obligation, _whole(value, "depth"), tried, context, failures)


def surroundings_to_json(view: GoalView) -> Json:
    """Write the part of what a prover is shown that all goals of an obligation share; it may be large."""
    return {"obligation": obligation_to_json(view.obligation), "context": dict(view.context)}


def surroundings_from_json(value: Any) -> Surroundings:
    """Read an obligation and the facts that go with it; raises ValueError."""
    return obligation_from_json(_field(value, "obligation")), _mapping(value, "context")


def step_to_json(step: Step) -> Json:
    """Write a step with its parts."""
    return {
        "text": step.text,
        "kind": step.kind,
        "parts": [{"label": p.label, "text": p.text, "language": p.language} for p in step.parts],
        **({} if step.subgoals is None else {"subgoals": step.subgoals}),
    }


def step_from_json(value: Any) -> Step:
    """Read a step; raises ValueError."""
    subgoals = _optional(value, "subgoals", _whole)
    if subgoals is not None and subgoals < 0:
        raise ValueError("a step leaves no fewer than 0 subgoals")
    return Step(_text(value, "text"), _text(value, "kind"), _many(value, "parts", _part), subgoals)


def proposal_to_json(proposal: Proposal) -> Json:
    """Write a proposal."""
    return {
        "step": step_to_json(proposal.step),
        "log_probability": _number_to_json(proposal.log_probability),
        "prover": proposal.prover,
        "seconds": _number_to_json(proposal.seconds),
        "tokens": proposal.tokens,
        **({} if proposal.time_limit is None else {"time_limit": proposal.time_limit}),
        **({"provenance": dict(proposal.provenance)} if proposal.provenance else {}),
        **({"then": [step_to_json(step) for step in proposal.then]} if proposal.then else {}),
        **({"branches": [_branch_to_json(branch) for branch in proposal.branches]} if proposal.branches else {}),
    }


def proposal_from_json(value: Any) -> Proposal:
    """Read a proposal; raises ValueError, also for a log-probability over 0 and a time limit that is no duration."""
    log_probability = _number(value, "log_probability")
    if not log_probability <= 0:
        raise ValueError(f"a log-probability is at most 0, not {log_probability}")
    time_limit = _optional(value, "time_limit", _number)
    if time_limit is not None and not 0.0 < time_limit < math.inf:
        raise ValueError(f"a time limit is a finite number of seconds over 0, not {time_limit}")
    return Proposal(
        step_from_json(_field(value, "step")),
        log_probability,
        _text(value, "prover"),
        _number(value, "seconds"),
        _whole(value, "tokens"),
        time_limit,
        _optional(value, "provenance", _mapping) or {},
        _optional(value, "then", lambda owner, name: _many(owner, name, step_from_json)) or (),
        _optional(value, "branches", lambda owner, name: _many(owner, name, _branch)) or (),
    )


def _branch_to_json(branch: Branch) -> Json:
    steps = [step_to_json(step) for step in branch.steps]
    return {"name": branch.name, "statement": branch.statement, "steps": steps}


def _branch(value: Any) -> Branch:
    return Branch(_text(value, "name"), _text(value, "statement"), _many(value, "steps", step_from_json))


def outcome_to_json(outcome: Outcome) -> Json:
    """Write an outcome, its class under `outcome`."""
    seconds = {"seconds": _number_to_json(outcome.seconds)}
    match outcome:
        case Closed():
            return {"outcome": "closed", **seconds, "notes": _notes(outcome.notes), **_instead(outcome.replacement)}
        case Open():
            subgoals = [goal_ref_to_json(ref) for ref in outcome.subgoals]
            told = {"notes": _notes(outcome.notes), **_instead(outcome.replacement)}
            return {"outcome": "open", "subgoals": subgoals, **seconds, **told}
        case Rejected():
            told = {"message": outcome.message, "model": dict(outcome.model)}
            return {"outcome": "rejected", **told, **seconds, "notes": _notes(outcome.notes)}
        case TimedOut():
            return {"outcome": "timed-out", "message": outcome.message, **seconds}
        case Crashed():
            return {"outcome": "crashed", "message": outcome.message, **seconds}


def outcome_from_json(value: Any) -> Outcome:
    """Read an outcome; raises ValueError."""
    seconds = _number(value, "seconds")
    match _text(value, "outcome"):
        case "closed":
            return Closed(seconds, _many(value, "notes", _note), _optional(value, "replacement", _replacement))
        case "open":
            subgoals, notes = _many(value, "subgoals", goal_ref_from_json), _many(value, "notes", _note)
            return Open(subgoals, seconds, notes, _optional(value, "replacement", _replacement))
        case "rejected":
            notes = _many(value, "notes", _note)
            return Rejected(_text(value, "message"), seconds, notes, _mapping(value, "model"))
        case "timed-out":
            return TimedOut(seconds, _text(value, "message"))
        case "crashed":
            return Crashed(_text(value, "message"), seconds)
        case other:
            raise ValueError(f"unknown outcome {other!r}")


def _notes(notes: tuple[Note, ...]) -> list[Json]:
    return [{"part": n.part, "accepted": n.accepted, "message": n.message, "model": dict(n.model)} for n in notes]


def _instead(replacement: Step | None) -> Json:
    return {} if replacement is None else {"replacement": step_to_json(replacement)}


def _replacement(value: Any, name: str) -> Step:
    return step_from_json(_field(value, name))


def _note(value: Any) -> Note:
    accepted = _field(value, "accepted")
    if not isinstance(accepted, bool):
        raise ValueError("'accepted' is not true or false")
    return Note(_whole(value, "part"), accepted, _text(value, "message"), _mapping(value, "model"))


def _failure_to_json(failure: Failure) -> Json:
    told = {"step": failure.step, "message": failure.message, "model": dict(failure.model)}
    return {**told, **({"accepted": True} if failure.accepted else {})}


def _failure(value: Any) -> Failure:
    accepted = value.get("accepted") is True
    return Failure(_text(value, "step"), _text(value, "message"), _mapping(value, "model"), accepted)


def _part(value: Any) -> Part:
    return Part(_text(value, "label"), _text(value, "text"), _text(value, "language"))


def _number_to_json(number: float) -> float | str:
    return number if math.isfinite(number) else str(number)


def _field(value: Any, name: str) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError(f"expected an object with {name!r}, not {type(value).__name__}")
    if name not in value:
        raise ValueError(f"{name!r} is missing")
    return value[name]


def _optional(value: Any, name: str, read: Callable[[Any, str], T]) -> T | None:
    return read(value, name) if isinstance(value, Mapping) and name in value else None


def _plain_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, not {type(value).__name__}")
    return value


def _text(value: Any, name: str) -> str:
    return _plain_text(_field(value, name))


def _whole(value: Any, name: str) -> int:
    number = _field(value, name)
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError(f"{name!r} is not a whole number")
    return number


def _number(value: Any, name: str) -> float:
    number = _field(value, name)
    if number in ("inf", "-inf"):
        return float(number)
    if not isinstance(number, int | float) or isinstance(number, bool):
        raise ValueError(f"{name!r} is not a number")
    try:
        return float(number)
    except OverflowError:
        raise ValueError(f"{name!r} is too large") from None


def _mapping(value: Any, name: str) -> Json:
    mapping = _field(value, name)
    if not isinstance(mapping, dict):
        raise ValueError(f"{name!r} is not an object")
    return mapping


def _many(value: Any, name: str, read: Callable[[Any], T]) -> tuple[T, ...]:
    items = _field(value, name)
    if not isinstance(items, list):
        raise ValueError(f"{name!r} is not a list")
    return tuple(read(item) for item in items)


def _pair(value: Any) -> tuple[str, str]:
    match value:
        case [str(first), str(second)]:
            return first, second
    raise ValueError("expected a pair of texts")
