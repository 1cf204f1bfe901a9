"""The events of one search, in pages and by node, wherever they are kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from web.server import records
from web.server.records import Event, Record

PAGE = 5000
"""Most records of one page."""
MOST_STEPS = 500
"""Most steps that come with a goal."""


class Events(Protocol):
    """Where the events of a search are kept."""

    def page(self, after: int, limit: int) -> Sequence[tuple[int, str]]:
        """Return at most `limit` events behind a sequence number, in order, as JSON texts."""
        ...

    def some(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """Return events by their sequence numbers, as JSON texts."""
        ...


class ListedEvents:
    """Events in memory, numbered from 1.

    Args:
        events: JSON values.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self._texts = [json.dumps(event) for event in events]

    def page(self, after: int, limit: int) -> Sequence[tuple[int, str]]:
        """Return at most `limit` events behind a sequence number."""
        after = max(after, 0)
        return list(enumerate(self._texts[after : after + limit], after + 1))

    def some(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """Return events by their sequence numbers."""
        return {n: self._texts[n - 1] for n in numbers if 1 <= n <= len(self._texts)}


class Timeline:
    """Reads a search that may still go on; safe to use from several threads.

    Node numbers are those of the newest attempt: a search that was resumed numbers its nodes anew.

    Args:
        events: where they are kept.
    """

    def __init__(self, events: Events) -> None:
        self._events = events
        self._lock = threading.Lock()
        self._seen = 0
        self._nodes: dict[int, int] = {}
        self._tried: dict[int, list[int]] = {}

    def page(self, after: int, limit: int) -> dict[str, Any]:
        """Return records as a `LogPage`."""
        limit = min(max(limit, 1), PAGE)
        rows = self._events.page(after, limit)
        found = [made for seq, text in rows if (made := _record(seq, text)) is not None]
        return {"records": found, "next": rows[-1][0] if rows else after, "more": len(rows) == limit}

    def node(self, number: int) -> Record | None:
        """Return a `GoalNode` or a `StepNode`, None where there is no such node."""
        with self._lock:
            self._catch_up()
            event = self._read([self._nodes[number]])[0] if number in self._nodes else None
            if event is None:
                return None
            return records.tolerant(self._goal if event["kind"] == "goal_opened" else self._step, event)

    def step(self, number: int) -> Event | None:
        """Return the event of a step's check, None where there is no such step."""
        with self._lock:
            self._catch_up()
            event = self._read([self._nodes[number]])[0] if number in self._nodes else None
        return event if event is not None and event["kind"] == "step_checked" else None

    def search(self, text: str, limit: int) -> dict[str, Any]:
        """Return the nodes of which some text holds another, whatever its case, as `Found`."""
        wanted, found = text.casefold(), []
        with self._lock:
            self._catch_up()
            places = sorted(self._nodes.items(), key=lambda item: item[1])
        for start in range(0, len(places), PAGE):
            some = places[start : start + PAGE]
            for (node, _), event in zip(some, self._read([seq for _, seq in some]), strict=True):
                if event is not None and wanted in _texts(event):
                    found.append(node)
                    if len(found) > limit:
                        return {"nodes": found[:limit], "more": True}
        return {"nodes": found, "more": False}

    def _catch_up(self) -> None:
        while rows := self._events.page(self._seen, PAGE):
            for seq, text in rows:
                event = _event(text) or {}
                if event.get("kind") == "search_started":
                    self._nodes, self._tried = {}, {}
                elif found := records.nodes(event):
                    node, goal = found
                    self._nodes[node] = seq
                    if goal is not None:
                        self._tried.setdefault(goal, []).append(seq)
            self._seen = rows[-1][0]
            if len(rows) < PAGE:
                return

    def _read(self, numbers: Sequence[int]) -> list[Event | None]:
        texts = self._events.some(numbers)
        return [_event(texts[n]) if n in texts else None for n in numbers]

    def _goal(self, event: Event) -> Record:
        tried = self._tried.get(event["node"], [])
        steps = [records.step_text(step) for step in self._read(tried[:MOST_STEPS]) if step is not None]
        more = len(tried) > MOST_STEPS
        return {
            "kind": "goal",
            **records.goal_text(event),
            "parent": self._origin(event.get("parent")),
            "steps": steps,
            "more": more,
        }

    def _origin(self, step: int | None) -> Record | None:
        if step is None or step not in self._nodes:
            return None
        event = self._read([self._nodes[step]])[0]
        goal = self._text_of(event["goal"]) if event is not None and event["kind"] == "step_checked" else None
        return None if event is None or goal is None else {"step": records.step_text(event), "goal": goal}

    def _step(self, event: Event) -> Record | None:
        goal = self._text_of(event["goal"])
        return None if goal is None else {"kind": "step", **records.step_text(event), "on": goal}

    def _text_of(self, goal: int) -> Record | None:
        event = self._read([self._nodes[goal]])[0] if goal in self._nodes else None
        return records.goal_text(event) if event is not None and event["kind"] == "goal_opened" else None


def _event(text: str) -> Event | None:
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _record(seq: int, text: str) -> Record | None:
    event = _event(text)
    return None if event is None else records.record(seq, event)


def _texts(event: Event) -> str:
    """Return everything that somebody may look for in a goal or a step, without case."""
    known = [event.get(name) for name in ("conclusion", "step", "message", "prover", "hypotheses")]
    flat = "\n".join(text if isinstance(text, str) else _listed(text) for text in known if text)
    return flat.casefold()


def _listed(hypotheses: Any) -> str:
    try:
        return "\n".join(f"{name} : {text}" for name, text in hypotheses)
    except (TypeError, ValueError):
        return ""
