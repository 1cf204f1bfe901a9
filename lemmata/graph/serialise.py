"""Proof graphs as JSON values, and back; nothing in a document is trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from lemmata.errors import CertificateError
from lemmata.goal import Goal, GoalRef, Hypothesis
from lemmata.graph.nodes import GoalNode, StepNode, price
from lemmata.outcome import Closed, Crashed, Note, Open, Outcome, Rejected, TimedOut
from lemmata.step import Part, Proposal, Step

if TYPE_CHECKING:
    from lemmata.graph.extraction import Proof
    from lemmata.graph.graph import ProofGraph

VERSION = 1
"""Version of the document; raised when a reader of the old one would misread a new one."""
_OUTCOMES = ("closed", "open", "rejected", "timedout", "crashed")


def outcome_name(outcome: Outcome) -> str:
    """Return the outcome's class name in lower case, as events and documents write it."""
    return type(outcome).__name__.lower()


def note_values(notes: tuple[Note, ...]) -> list[dict[str, Any]]:
    """Return a checker's notes as JSON values."""
    return [{"part": n.part, "accepted": n.accepted, "message": n.message, "model": dict(n.model)} for n in notes]


def dump(graph: ProofGraph, only: Proof | None = None) -> dict[str, Any]:
    """Return a graph, or only the part that a proof uses, as JSON values."""
    goals = [goal for goal in graph.goals() if only is None or goal.node in only.choice]
    chosen = None if only is None else set(only.choice.values())
    steps = [step for step in graph.steps() if chosen is None or step.node in chosen]
    return {
        "version": VERSION,
        "root": graph.root,
        "split": sorted(graph.split_keys),
        "goals": [_dump_goal(goal) for goal in goals],
        "steps": [_dump_step(step) for step in steps],
    }


def _dump_goal(node: GoalNode) -> dict[str, Any]:
    goal = node.goal
    return {
        "node": node.node,
        "key": goal.key,
        "status": node.status.value,
        "exhausted": node.exhausted,
        "handle": node.ref.handle,
        "system": goal.system,
        "conclusion": goal.conclusion,
        "hypotheses": [[h.name, h.text] for h in goal.hypotheses],
        "environment": goal.environment,
        "details": dict(goal.details),
    }


def _dump_step(node: StepNode) -> dict[str, Any]:
    outcome = node.outcome
    return {
        "node": node.node,
        "goal": node.goal,
        "status": node.status.value,
        "prover": node.proposal.prover,
        "log_probability": -node.price,
        "seconds": node.proposal.seconds,
        "tokens": node.proposal.tokens,
        "kind": node.step.kind,
        "text": node.step.text,
        "parts": [[p.label, p.text, p.language] for p in node.step.parts],
        "outcome": outcome_name(outcome),
        "message": getattr(outcome, "message", ""),
        "checker_seconds": outcome.seconds,
        "notes": note_values(getattr(outcome, "notes", ())),
        "model": dict(getattr(outcome, "model", {})),
        "subgoals": [[n, ref.handle] for n, ref in zip(node.subgoals, node.refs, strict=True)],
        "loop": list(node.loop),
        "released": node.released,
        **_dump_replacement(outcome),
        **({"provenance": dict(node.proposal.provenance)} if node.proposal.provenance else {}),
    }


def _dump_replacement(outcome: Outcome) -> dict[str, Any]:
    step = outcome.replacement if isinstance(outcome, Closed | Open) else None
    if step is None:
        return {}
    return {
        "replacement": {
            "kind": step.kind,
            "text": step.text,
            "parts": [[p.label, p.text, p.language] for p in step.parts],
        }
    }


def _fail(where: str, what: str) -> NoReturn:
    raise CertificateError(f"malformed proof graph: {where} {what}", hint="prove the obligation again")


class _Record:
    """An object of the document whose fields are read with their types checked.

    Args:
        value: the JSON value.
        where: what to call it in messages.
        fields: the fields it must have, and no others.
        optional: those that it may have besides.
    """

    def __init__(
        self, value: object, where: str, fields: frozenset[str], optional: frozenset[str] = frozenset()
    ) -> None:
        if not isinstance(value, Mapping):
            _fail(where, "is not an object")
        odd = sorted(str(name) for name in (set(value) - optional) ^ fields)
        if odd:
            _fail(where, f"lacks or has unexpected fields: {', '.join(odd)}")
        self._value = value
        self.where = where

    def __contains__(self, name: str) -> bool:
        return name in self._value

    def record(self, name: str, fields: frozenset[str]) -> _Record:
        return _Record(self._value[name], f"{self.where}.{name}", fields)

    def text(self, name: str) -> str:
        value = self._value[name]
        if not isinstance(value, str):
            _fail(f"{self.where}.{name}", "is not a text")
        return value

    def flag(self, name: str) -> bool:
        value = self._value[name]
        if not isinstance(value, bool):
            _fail(f"{self.where}.{name}", "is not true or false")
        return value

    def integer(self, name: str) -> int:
        return _integer(self._value[name], f"{self.where}.{name}")

    def number(self, name: str) -> float:
        value = self._value[name]
        try:
            if not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value):
                return float(value)
        except OverflowError:
            pass
        _fail(f"{self.where}.{name}", "is not a finite number")

    def items(self, name: str) -> list[Any]:
        return _items(self._value[name], f"{self.where}.{name}")

    def mapping(self, name: str) -> dict[str, Any]:
        value = self._value[name]
        if not isinstance(value, Mapping) or not all(isinstance(k, str) for k in value):
            _fail(f"{self.where}.{name}", "is not an object")
        return dict(value)

    def texts(self, name: str, width: int) -> list[list[str]]:
        rows = self.items(name)
        for row in rows:
            if not isinstance(row, list) or len(row) != width or not all(isinstance(t, str) for t in row):
                _fail(f"{self.where}.{name}", f"is not a list of {width} texts each")
        return rows


def _items(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        _fail(where, "is not a list")
    return value


def _integer(value: object, where: str) -> int:
    # Truth values are integers to Python, not to JSON.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 53:
        _fail(where, "is not a whole number from 0 to 2^53")
    return value


_GRAPH = frozenset({"version", "root", "split", "goals", "steps"})
_GOAL = frozenset(
    {
        *{"node", "key", "status", "exhausted", "handle"},
        *{"system", "conclusion", "hypotheses", "environment", "details"},
    }
)
_STEP = frozenset(
    {
        *{"node", "goal", "status", "prover", "log_probability", "seconds", "tokens", "kind", "text", "parts"},
        *{"outcome", "message", "checker_seconds", "notes", "model", "subgoals", "loop", "released"},
    }
)
_OPTIONAL = frozenset({"replacement", "provenance"})
_NOTE = frozenset({"part", "accepted", "message", "model"})
_WRITTEN = frozenset({"kind", "text", "parts"})


def load(document: object) -> ProofGraph:
    """Rebuild a graph from `dump`'s result.

    Statuses in the document are not believed: they are computed again, and a difference is an error.

    Raises:
        CertificateError: the document is malformed, has edges to nowhere or loops that it does not own up to.
    """
    record = _Record(document, "graph", _GRAPH)
    version = record.integer("version")
    if version != VERSION:
        _fail("graph.version", f"is {version}; this version of Lemmata reads {VERSION}")
    split = record.items("split")
    if not all(isinstance(key, str) for key in split):
        _fail("graph.split", "is not a list of texts")
    goals = [_Record(value, f"goals[{i}]", _GOAL) for i, value in enumerate(record.items("goals"))]
    steps = [_Record(value, f"steps[{i}]", _STEP, _OPTIONAL) for i, value in enumerate(record.items("steps"))]
    graph = _load_goals(goals, record.integer("root"), split)
    for step in steps:
        _load_step(graph, step)
    for item in goals:
        if item.flag("exhausted"):
            graph.mark_exhausted(item.integer("node"))
    _compare(graph, goals, steps)
    graph.drain()
    return graph


def _load_goals(records: list[_Record], root: int, split: list[str]) -> ProofGraph:
    from lemmata.graph.graph import ProofGraph

    refs = {record.integer("node"): _load_ref(record) for record in records}
    if len(refs) != len(records):
        _fail("goals", "have a number twice")
    if root not in refs:
        _fail("graph.root", f"is {root}, which is no goal")
    keys = [ref.goal.key for ref in refs.values()]
    if len({key for key in keys if key not in split}) != sum(key not in split for key in keys):
        _fail("goals", "contain a goal twice")
    return ProofGraph.restore(refs, root, split)


def _load_ref(record: _Record) -> GoalRef:
    hypotheses = tuple(Hypothesis(name, text) for name, text in record.texts("hypotheses", 2))
    goal = Goal(
        record.text("system"),
        record.text("conclusion"),
        hypotheses,
        record.text("environment"),
        record.mapping("details"),
    )
    if goal.key != record.text("key"):
        _fail(record.where, "has a key that does not fit its text")
    return GoalRef(record.text("handle"), goal)


def _load_step(graph: ProofGraph, record: _Record) -> None:
    number, goal = record.integer("node"), record.integer("goal")
    if number in graph:
        _fail(record.where, f"has number {number}, which is taken")
    if not graph.has_goal(goal):
        _fail(record.where, f"belongs to goal {goal}, which does not exist")
    subgoals, refs = _load_subgoals(graph, record)
    loop = tuple(_integer(n, f"{record.where}.loop") for n in record.items("loop"))
    if not set(loop) <= set(subgoals):
        _fail(record.where, "has a loop through no subgoal of its own")
    outcome = _load_outcome(record, refs)
    if subgoals and not isinstance(outcome, Open):
        _fail(record.where, "has subgoals although the checker did not leave any")
    tokens = record.integer("tokens")
    proposal = Proposal(
        _load_written(record),
        record.number("log_probability"),
        record.text("prover"),
        record.number("seconds"),
        tokens,
        provenance=record.mapping("provenance") if "provenance" in record else {},
    )
    node = StepNode(number, goal, proposal, outcome, price(proposal.log_probability), refs, subgoals)
    node.loop, node.released = loop, record.flag("released")
    if not graph.restore_step(node):
        _fail(record.where, "closes a loop")


def _load_subgoals(graph: ProofGraph, record: _Record) -> tuple[tuple[int, ...], tuple[GoalRef, ...]]:
    subgoals, refs = [], []
    for row in record.items("subgoals"):
        if not isinstance(row, list) or len(row) != 2 or not isinstance(row[1], str):
            _fail(f"{record.where}.subgoals", "is not a list of a number and a text each")
        number = _integer(row[0], f"{record.where}.subgoals")
        if not graph.has_goal(number):
            _fail(record.where, f"leads to goal {number}, which does not exist")
        subgoals.append(number)
        refs.append(GoalRef(row[1], graph.goal(number).goal))
    return tuple(subgoals), tuple(refs)


def _load_outcome(record: _Record, refs: tuple[GoalRef, ...]) -> Outcome:
    name, message, seconds = record.text("outcome"), record.text("message"), record.number("checker_seconds")
    if "replacement" in record and name not in ("closed", "open"):
        _fail(record.where, "has a replacement although the checker did not accept it")
    notes, model = tuple(_load_note(record, i, v) for i, v in enumerate(record.items("notes"))), record.mapping("model")
    match name:
        case "closed":
            return Closed(seconds, notes, _load_replacement(record))
        case "open":
            return Open(refs, seconds, notes, _load_replacement(record))
        case "rejected":
            return Rejected(message, seconds, notes, model)
        case "timedout":
            return TimedOut(seconds, message)
        case "crashed":
            return Crashed(message, seconds)
    _fail(f"{record.where}.outcome", f"is none of {', '.join(_OUTCOMES)}")


def _load_written(record: _Record) -> Step:
    return Step(record.text("text"), record.text("kind"), tuple(Part(*row) for row in record.texts("parts", 3)))


def _load_replacement(record: _Record) -> Step | None:
    return _load_written(record.record("replacement", _WRITTEN)) if "replacement" in record else None


def _load_note(record: _Record, index: int, value: object) -> Note:
    note = _Record(value, f"{record.where}.notes[{index}]", _NOTE)
    return Note(note.integer("part"), note.flag("accepted"), note.text("message"), note.mapping("model"))


def _compare(graph: ProofGraph, goals: list[_Record], steps: list[_Record]) -> None:
    """Check the document's statuses, except that a part of a graph knows less about relevance than the whole."""
    for record in goals:
        status = graph.goal(record.integer("node")).status.value
        if record.text("status") != status:
            _fail(record.where, f"says {record.text('status')!r}, but it follows {status!r}")
    for record in steps:
        status = graph.step(record.integer("node")).status.value
        if record.text("status") != status:
            _fail(record.where, f"says {record.text('status')!r}, but it follows {status!r}")
