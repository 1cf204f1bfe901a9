"""The cheapest proof in a graph: Knuth's generalisation of Dijkstra's algorithm to hyperpaths.

D. E. Knuth, "A generalization of Dijkstra's algorithm", Information Processing Letters 6(1), 1977.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lemmata.errors import GraphError
from lemmata.graph.nodes import StepNode

if TYPE_CHECKING:
    from lemmata.graph.graph import ProofGraph


def default_cost(node: StepNode) -> float:
    """Count a step as one, and one more for each of its parts that the checker kept."""
    return 1.0 + len(node.effective.parts)


@dataclass(frozen=True, slots=True)
class Proof:
    """A choice of one step for each goal that the proof needs; without loops."""

    root: int
    """Number of the goal that is proved."""
    cost: float
    """Sum of the steps' costs, a shared goal counted each time that it is needed."""
    choice: Mapping[int, int]
    """Step number by goal number."""
    children: Mapping[int, tuple[int, ...]]
    """Subgoal numbers by step number."""

    def order(self, limit: int = 100_000) -> list[int]:
        """List the proof's steps root first, each followed by the proofs of its subgoals from left to right.

        Args:
            limit: the greatest length accepted; a proof that shares goals can be exponentially longer as a list.

        Raises:
            GraphError: the list would be longer than `limit`.
        """
        listed: list[int] = []
        work = [self.root]
        while work:
            step = self.choice[work.pop()]
            listed.append(step)
            if len(listed) > limit:
                raise GraphError(f"the proof has more than {limit} steps when shared goals are written out")
            work.extend(reversed(self.children[step]))
        return listed


def cheapest_proof(graph: ProofGraph, cost: Callable[[StepNode], float] = default_cost) -> Proof | None:
    """Find the proof of the root with the least sum of step costs.

    Args:
        graph: the graph; it is not changed.
        cost: cost of one step, a number that is not negative.

    Returns:
        The proof, or None where the root is not proved.

    Raises:
        GraphError: a cost is negative or not a number.
    """
    if not graph.proved:
        return None
    waiting, users, price = _proved_part(graph, cost)
    best: dict[int, float] = {}
    choice: dict[int, int] = {}
    heap = [(price[step], step) for step, count in waiting.items() if not count]
    heapq.heapify(heap)
    while heap:
        total, step = heapq.heappop(heap)
        goal = graph.step(step).goal
        if goal in choice:
            continue
        best[goal], choice[goal] = total, step
        if goal == graph.root:
            break
        for user in users.get(goal, ()):
            waiting[user] -= 1
            if not waiting[user]:
                sums = sum(best[subgoal] for subgoal in graph.step(user).subgoals)
                heapq.heappush(heap, (price[user] + sums, user))
    return _needed(graph, best[graph.root], choice)


def _proved_part(
    graph: ProofGraph, cost: Callable[[StepNode], float]
) -> tuple[dict[int, int], dict[int, list[int]], dict[int, float]]:
    """Collect the proved steps below the root: subgoals each waits for, who waits for a goal, the steps' own costs."""
    waiting: dict[int, int] = {}
    users: dict[int, list[int]] = {}
    price: dict[int, float] = {}
    seen = {graph.root}
    work = [graph.root]
    while work:
        for node in graph.steps_of(work.pop()):
            if not graph.holds(node.node):
                continue
            price[node.node] = cost(node)
            if math.isnan(price[node.node]) or price[node.node] < 0:
                raise GraphError(f"the cost of step {node.node} is {price[node.node]}")
            subgoals = set(node.subgoals)
            waiting[node.node] = len(subgoals)
            for subgoal in subgoals:
                users.setdefault(subgoal, []).append(node.node)
            work.extend(subgoals - seen)
            seen |= subgoals
    return waiting, users, price


def _needed(graph: ProofGraph, cost: float, choice: Mapping[int, int]) -> Proof:
    chosen: dict[int, int] = {}
    children: dict[int, tuple[int, ...]] = {}
    work = [graph.root]
    while work:
        goal = work.pop()
        if goal in chosen:
            continue
        step = choice[goal]
        chosen[goal] = step
        children[step] = graph.step(step).subgoals
        work.extend(children[step])
    return Proof(graph.root, cost, chosen, children)
