"""A certificate's graph told as the events of the search that would have found just this proof."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lemmata import codec
from lemmata.certificate import Certificate
from lemmata.graph import GoalStatus, ProofGraph, StepNode, StepStatus
from lemmata.graph.serialise import note_values, outcome_name
from lemmata.outcome import Closed, Open


def events(certificate: Certificate) -> Iterator[dict[str, Any]]:
    """Yield events without times, from the root down.

    Raises:
        CertificateError: the graph is malformed.
    """
    provenance = certificate.provenance
    yield {
        "kind": "search_started",
        "at": 0.0,
        "provers": list(provenance.provers),
        "policy": "",
        "budget": {},
    }
    if certificate.graph:
        yield from _nodes(ProofGraph.from_json(certificate.graph))
    yield {
        "kind": "search_finished",
        "at": 0.0,
        "verdict": certificate.verdict.value,
        "reason": "",
        "seconds": provenance.seconds,
    }


def _nodes(graph: ProofGraph) -> Iterator[dict[str, Any]]:
    depths = {graph.root: 0}
    parents: dict[int, int] = {}
    waiting = [graph.root]
    while waiting:
        number = waiting.pop()
        yield _opened(graph, number, parents.get(number), depths[number])
        for step in graph.steps_of(number):
            yield _checked(step)
            for subgoal in step.subgoals:
                if subgoal not in depths:
                    depths[subgoal], parents[subgoal] = depths[number] + 1, step.node
                    waiting.append(subgoal)
            if step.accepted and step.status is not StepStatus.OPEN:
                yield _status(step.node, step.status.value)
        status = graph.goal(number).status
        if status is not GoalStatus.OPEN:
            yield _status(number, status.value)


def _opened(graph: ProofGraph, number: int, parent: int | None, depth: int) -> dict[str, Any]:
    goal = graph.goal(number).goal
    return {
        "kind": "goal_opened",
        "at": 0.0,
        "node": number,
        "key": goal.key,
        "conclusion": goal.conclusion,
        "hypotheses": [[h.name, h.text] for h in goal.hypotheses],
        "parent": parent,
        "depth": depth,
    }


def _checked(node: StepNode) -> dict[str, Any]:
    outcome = node.outcome
    instead = outcome.replacement if isinstance(outcome, Closed | Open) else None
    return {
        "kind": "step_checked",
        "at": 0.0,
        "goal": node.goal,
        "node": node.node,
        "prover": node.proposal.prover,
        "step": node.step.text,
        "step_kind": node.step.kind,
        "parts": [[part.label, part.text, part.language] for part in node.step.parts],
        "log_probability": -node.price,
        "outcome": outcome_name(outcome),
        "message": getattr(outcome, "message", ""),
        "seconds": outcome.seconds,
        "subgoals": list(node.subgoals),
        "notes": note_values(getattr(outcome, "notes", ())),
        "model": dict(getattr(outcome, "model", {})),
        "replacement": None if instead is None else codec.step_to_json(instead),
    }


def _status(node: int, status: str) -> dict[str, Any]:
    return {"kind": "status_changed", "at": 0.0, "node": node, "status": status}
