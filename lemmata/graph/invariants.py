"""A naive second computation of everything that a proof graph maintains incrementally."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from typing import TYPE_CHECKING

from lemmata.errors import GraphError
from lemmata.graph.nodes import GoalStatus, StepNode, StepStatus, dead_status

if TYPE_CHECKING:
    from lemmata.graph.graph import ProofGraph


def check(graph: ProofGraph) -> None:
    """Raise `GraphError` naming the first inconsistency found; takes time quadratic in the graph's size at worst."""
    _check_shape(graph)
    proved = _fixpoint(graph, set())
    viable = _fixpoint(graph, {goal.node for goal in graph.goals() if not goal.exhausted})
    active = _active(graph, proved, viable)
    _check_paths(graph, active)
    _check_statuses(graph, proved, viable)
    _check_order(graph)
    if graph.proved:
        _check_proof(graph)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise GraphError(f"inconsistent proof graph: {message}")


def _check_shape(graph: ProofGraph) -> None:
    numbers = {goal.node for goal in graph.goals()} | {step.node for step in graph.steps()}
    _require(len(numbers) == len(graph), "a goal and a step have the same number")
    _require(numbers == set(graph.network.nodes), "the network has other nodes than the graph")
    _require(graph.root in {goal.node for goal in graph.goals()}, "the root is missing")
    edges = set()
    for step in graph.steps():
        edges.add((step.goal, step.node))
        edges.update((step.node, subgoal) for subgoal in step.subgoals)
        _require(len(step.refs) == len(step.subgoals), f"step {step.node} has subgoals without handles")
        _require(step.accepted or not step.subgoals, f"step {step.node} was not accepted but has subgoals")
        _require(set(step.loop) <= set(step.subgoals), f"step {step.node} has a loop through no subgoal of its own")
        for ref, subgoal in zip(step.refs, step.subgoals, strict=True):
            _require(graph.goal(subgoal).key == ref.goal.key, f"step {step.node} leads to another goal than it says")
    _require(edges == set(graph.network.edges), "the network has other edges than the steps")
    shared = Counter(goal.key for goal in graph.goals())
    for key, count in shared.items():
        found = graph.find(key)
        _require((found is None) == (key in graph.split_keys), f"goal key {key} is neither shared nor split")
        _require(count == 1 or found is None, f"goal key {key} has {count} nodes")
        _require(found is None or graph.goal(found).key == key, f"goal key {key} finds another goal")


def _fixpoint(graph: ProofGraph, axioms: set[int]) -> set[int]:
    holds = set(axioms)
    changed = True
    while changed:
        changed = False
        for step in graph.steps():
            if step.accepted and step.goal not in holds and holds.issuperset(step.subgoals):
                holds.add(step.goal)
                changed = True
    return holds


def _pruned(step: StepNode, proved: set[int]) -> bool:
    return not step.released and not proved.issuperset(step.loop)


def _active(graph: ProofGraph, proved: set[int], viable: set[int]) -> set[int]:
    active = {
        step.node
        for step in graph.steps()
        if step.accepted
        and step.goal not in proved
        and not proved.issuperset(step.subgoals)
        and viable.issuperset(step.subgoals)
        and not _pruned(step, proved)
    }
    for step in graph.steps():
        _require(step.active == (step.node in active), f"step {step.node} is marked active={step.active}")
    return active


def _check_paths(graph: ProofGraph, active: set[int]) -> None:
    best: dict[int, float] = {}
    heap = [(0.0, graph.root)]
    while heap:
        cost, number = heapq.heappop(heap)
        if number in best:
            continue
        best[number] = cost
        for step in graph.steps_of(number):
            if step.node in active:
                for subgoal in step.subgoals:
                    heapq.heappush(heap, (cost + step.price, subgoal))
    for goal in graph.goals():
        _require(goal.reached == (goal.node in best), f"goal {goal.node} is marked reached={goal.reached}")
        if not goal.reached:
            continue
        _require(
            math.isclose(goal.cost, best[goal.node], rel_tol=1e-9, abs_tol=1e-9),
            f"goal {goal.node} has path cost {goal.cost}, the best is {best[goal.node]}",
        )
        if goal.node == graph.root:
            _require(goal.depth == 0 and goal.via is None, "the root has a path from elsewhere")
            continue
        _require(goal.via in active, f"goal {goal.node} is reached by step {goal.via}, which does not matter")
        step = graph.step(goal.via if goal.via is not None else -1)
        owner = graph.goal(step.goal)
        _require(goal.node in step.subgoals, f"goal {goal.node} is not a subgoal of step {goal.via}")
        _require(goal.depth == owner.depth + 1, f"goal {goal.node} has depth {goal.depth} below {owner.depth}")
        _require(goal.cost == owner.cost + step.price, f"goal {goal.node} has another cost than its path")


def _check_statuses(graph: ProofGraph, proved: set[int], viable: set[int]) -> None:
    for goal in graph.goals():
        if goal.node in proved:
            expected = GoalStatus.PROVED
        elif goal.node not in viable:
            expected = GoalStatus.FAILED
        else:
            expected = GoalStatus.OPEN if goal.reached else GoalStatus.IRRELEVANT
        _require(goal.status is expected, f"goal {goal.node} is {goal.status.value}, not {expected.value}")
    for step in graph.steps():
        status = _step_status(graph, step, proved, viable)
        _require(step.status is status, f"step {step.node} is {step.status.value}, not {status.value}")
        _require(
            graph.holds(step.node) == (step.accepted and proved.issuperset(step.subgoals)),
            f"step {step.node} has a wrong count of unproved subgoals",
        )
    counted = Counter(goal.status.value for goal in graph.goals())
    _require(counted == +Counter(graph.counts), f"the counts are {dict(graph.counts)}, not {dict(counted)}")


def _step_status(graph: ProofGraph, step: StepNode, proved: set[int], viable: set[int]) -> StepStatus:
    dead = dead_status(step.outcome)
    if dead is not None:
        return dead
    if proved.issuperset(step.subgoals):
        return StepStatus.PROVED
    if not viable.issuperset(step.subgoals):
        return StepStatus.FAILED
    if step.goal in proved or not graph.goal(step.goal).reached:
        return StepStatus.IRRELEVANT
    return StepStatus.PRUNED_CYCLE if _pruned(step, proved) else StepStatus.OPEN


def _check_order(graph: ProofGraph) -> None:
    places = [goal.order for goal in graph.goals()]
    _require(len(set(places)) == len(places), "two goals have one place in the order")
    for step in graph.steps():
        for subgoal in step.subgoals if not step.loop else ():
            _require(
                graph.goal(step.goal).order < graph.goal(subgoal).order,
                f"step {step.node} closes a loop that was not noticed",
            )


def _check_proof(graph: ProofGraph) -> None:
    proof = graph.cheapest_proof()
    _require(proof is not None, "the root is proved, but no proof can be extracted")
    if proof is None:
        return
    above: dict[int, int] = dict.fromkeys(proof.choice, 0)
    for step in proof.choice.values():
        _require(graph.holds(step), f"the proof uses step {step}, which is not proved")
        for subgoal in set(proof.children[step]):
            _require(subgoal in proof.choice, f"the proof leaves out goal {subgoal}")
            above[subgoal] += 1
    ready = [goal for goal, count in above.items() if not count]
    done = 0
    while ready:
        done += 1
        for subgoal in set(proof.children[proof.choice[ready.pop()]]):
            above[subgoal] -= 1
            if not above[subgoal]:
                ready.append(subgoal)
    _require(done == len(above), "the proof has a loop")
