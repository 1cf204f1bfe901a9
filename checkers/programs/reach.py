"""Whether the assertions of a proved program are ever reached: a proof says nothing of those that are not."""

from __future__ import annotations

import dataclasses
import enum
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import z3

from checkers.programs.builder import Claim
from checkers.programs.flow import Assume, Edge, Flow, Mark
from checkers.programs.refute import refute
from checkers.programs.unit import Loaded, encoded
from lemmata.errors import Location
from lemmata.logic import smtlib
from lemmata.logic.terms import TRUE, Term

_PROOF_SHARE = 0.3


class Reach(enum.Enum):
    """What is known of an assertion."""

    REACHED = "reached"
    NEVER = "never"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found out about the assertion at one place."""

    location: Location
    reach: Reach
    seconds: float


def reachability(loaded: Loaded, invariants: Mapping[str, Sequence[Term]], seconds: float) -> list[Answer]:
    """Look for a run to each assertion, and for a proof that there is none.

    Args:
        loaded: a program whose proof was checked.
        invariants: the clauses of that proof by loop; they hold whenever control is there.
        seconds: time for all assertions together; what one leaves of its share the later ones get.
    """
    found: list[Answer] = []
    claims: dict[Location, list[Claim]] = {}
    for claim in loaded.program.claims:
        claims.setdefault(claim.location, []).append(claim)
    deadline = time.monotonic() + seconds
    for location in sorted(claims):
        began = time.monotonic()
        share = max(0.0, deadline - began) / (len(claims) - len(found))
        reach = _reach(loaded, invariants, claims[location], share)
        found.append(Answer(location, reach, time.monotonic() - began))
    return found


def _reach(loaded: Loaded, invariants: Mapping[str, Sequence[Term]], claims: Sequence[Claim], seconds: float) -> Reach:
    nodes = {node for claim in claims for node in _checked_at(loaded.program.flow, claim)}
    if not nodes:
        return Reach.NEVER
    deadline = time.monotonic() + seconds
    probe, target = _probed(loaded, nodes, claims[0].location)
    if _excluded(probe, target, invariants, seconds * _PROOF_SHARE):
        return Reach.NEVER
    # In a program that was proved the probe is the only error, so whatever is found has come there.
    run = refute(probe, max(0.0, deadline - time.monotonic()))
    return Reach.UNKNOWN if run is None else Reach.REACHED


def _checked_at(flow: Flow, claim: Claim) -> set[int]:
    """Return the nodes at which a claim is decided; none where no control can come.

    `reach_error()` is no check by itself: that is made at the branches which lead there or elsewhere.
    """
    if claim.node is None or claim.holds:
        return set() if claim.node is None else {claim.node}
    before: dict[int, list[int]] = {}
    for edges in flow.edges.values():
        for edge in edges:
            before.setdefault(edge.target, []).append(edge.source)
    found, seen, waiting = set(), {claim.node}, [claim.node]
    while waiting:
        node = waiting.pop()
        if not node or len(flow.edges[node]) > 1:
            found.add(node)
            continue
        new = set(before.get(node, ())) - seen
        seen |= new
        waiting += new
    return found


def _probed(loaded: Loaded, nodes: Iterable[int], location: Location) -> tuple[Loaded, str]:
    """Return the program in which it is an error to come to one of the nodes, and the name of that error's cut."""
    flow = loaded.program.flow
    probe = len(flow.edges)
    edges = {**flow.edges, probe: []}
    for node in nodes:
        # First among the edges, since a run takes the first that is open.
        edges[node] = [Edge(node, probe, Assume(TRUE)), *edges[node]]
    marks = {**flow.marks, probe: Mark("error", location, "reached")}
    changed = dataclasses.replace(loaded.program, flow=dataclasses.replace(flow, edges=edges, marks=marks))
    result = encoded(loaded.unit, changed)
    return result, result.cuts.get(probe, "")


def _excluded(probe: Loaded, target: str, invariants: Mapping[str, Sequence[Term]], seconds: float) -> bool:
    """Say whether the invariants leave no way to the probe."""
    for block in probe.system.blocks:
        if block.target == target:
            solver = z3.Solver()
            solver.set("timeout", max(1, int(1000 * seconds)))
            solver.from_string(smtlib.query([block.guard, *probe.system.assumed(block, invariants)]))
            if solver.check() != z3.unsat:
                return False
    return True
