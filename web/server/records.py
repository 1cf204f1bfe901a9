"""From the events of a search to the compact records that a page follows, and to goals and steps in full.

Events arrive as JSON values from a store; one that is malformed is told as nothing at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

LABEL_CHARACTERS = 200
"""How much of a goal or a step is told in a record; the rest comes with its details."""

Event = Mapping[str, Any]
Record = dict[str, Any]

_OUTCOMES = {"closed", "open", "rejected", "timedout", "crashed"}
_STATUSES = {"open", "proved", "failed", "irrelevant", "rejected", "timed-out", "crashed", "pruned-cycle"}
_VERDICTS = {"proved", "disproved", "unknown", "error"}


def record(seq: int, event: Event) -> Record | None:
    """Return the record of an event, None where it is of no kind that is shown."""
    make = _MAKERS.get(event.get("kind"))
    if make is None:
        return None
    made = tolerant(make, event)
    return None if made is None else {"seq": seq, "at": number(event.get("at")), **made}


def tolerant(make: Callable[[Event], Record | None], event: Event) -> Record | None:
    """Return what is made of an event, None where the event is malformed."""
    try:
        return make(event)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def nodes(event: Event) -> tuple[int, int | None] | None:
    """Return the node that an event brings into the graph, and the goal it belongs to where it is a step."""
    match event:
        case {"kind": "goal_opened", "node": int(node)}:
            return node, None
        case {"kind": "step_checked", "node": int(node), "goal": int(goal)}:
            return node, goal
    return None


def number(value: Any, default: float = 0.0) -> float:
    """Return a finite number, or the default."""
    return value if isinstance(value, int | float) and math.isfinite(value) else default


def score(value: Any) -> float | None:
    """Return a log-probability, None where it is not known or not finite."""
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def short(text: str) -> str:
    """Return the beginning of a text in one line."""
    line = " ".join(text[: 4 * LABEL_CHARACTERS].split())
    return line if len(line) <= LABEL_CHARACTERS else line[: LABEL_CHARACTERS - 1] + "…"


def _start(event: Event) -> Record:
    return {
        "kind": "start",
        "provers": event.get("provers", []),
        "policy": event.get("policy", ""),
        "budget": dict(event.get("budget") or {}),
    }


def _goal(event: Event) -> Record:
    return {
        "kind": "goal",
        "node": event["node"],
        "parent": event.get("parent"),
        "depth": event.get("depth", 0),
        "label": short(event.get("conclusion", "")),
    }


def _step(event: Event) -> Record | None:
    if event.get("outcome") not in _OUTCOMES:
        return None
    return {
        "kind": "step",
        "node": event["node"],
        "goal": event["goal"],
        "prover": event.get("prover", ""),
        "score": score(event.get("log_probability")),
        "outcome": event["outcome"],
        "seconds": number(event.get("seconds")),
        "label": short(event.get("step", "")) or f"({event.get('step_kind', 'step')} without parts)",
        "subgoals": list(event.get("subgoals", ())),
        "cached": bool(event.get("cached")),
    }


def _status(event: Event) -> Record | None:
    if event.get("status") not in _STATUSES:
        return None
    return {"kind": "status", "node": event["node"], "status": event["status"]}


def _ask(event: Event) -> Record:
    return {
        "kind": "ask",
        "node": event["node"],
        "prover": event.get("prover", ""),
        "proposals": event.get("proposals", 0),
        "seconds": number(event.get("seconds")),
        "message": event.get("message", ""),
    }


def _budget(event: Event) -> Record:
    whole = ("expansions", "checker_calls", "open_goals")
    return {
        "kind": "budget",
        **{name: number(event.get(name)) for name in ("seconds", "checker_seconds")},
        **{name: int(number(event.get(name))) for name in whole},
    }


def _log(event: Event) -> Record:
    return {"kind": "log", "level": event.get("level", "info"), "message": event.get("message", "")}


def _end(event: Event) -> Record | None:
    if event.get("verdict") not in _VERDICTS:
        return None
    return {
        "kind": "end",
        "verdict": event["verdict"],
        "reason": event.get("reason", ""),
        "seconds": number(event.get("seconds")),
    }


_MAKERS: Mapping[Any, Callable[[Event], Record | None]] = {
    "search_started": _start,
    "goal_opened": _goal,
    "goal_expanded": _ask,
    "step_checked": _step,
    "status_changed": _status,
    "budget_spent": _budget,
    "log": _log,
    "search_finished": _end,
}


def goal_text(event: Event) -> Record:
    """Return a goal in full from the event that opened it."""
    return {
        "node": event["node"],
        "conclusion": event.get("conclusion", ""),
        "hypotheses": [list(pair) for pair in event.get("hypotheses", ())],
        "depth": event.get("depth", 0),
        "key": event.get("key", ""),
        "at": number(event.get("at")),
    }


def step_text(event: Event) -> Record:
    """Return a step in full from the event of its check."""
    notes = {note["part"]: note for note in event.get("notes", ())}
    instead = event.get("replacement")
    return {
        "node": event["node"],
        "goal": event["goal"],
        "prover": event.get("prover", ""),
        "step_kind": event.get("step_kind", ""),
        "text": event.get("step", ""),
        "score": score(event.get("log_probability")),
        "outcome": event.get("outcome", "crashed"),
        "message": event.get("message", ""),
        "seconds": number(event.get("seconds")),
        "cached": bool(event.get("cached")),
        "model": dict(event.get("model") or {}),
        "replacement": instead.get("text") if isinstance(instead, Mapping) else None,
        "subgoals": list(event.get("subgoals", ())),
        "at": number(event.get("at")),
        "parts": [_part(part, notes.get(position)) for position, part in enumerate(event.get("parts", ()))],
    }


def _part(part: Any, note: Mapping[str, Any] | None) -> Record:
    label, text, language = part
    return {
        "label": label,
        "text": text,
        "language": language,
        "accepted": None if note is None else bool(note.get("accepted")),
        "message": "" if note is None else note.get("message", ""),
        "model": {} if note is None else dict(note.get("model") or {}),
    }
