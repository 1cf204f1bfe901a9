"""Which goals still matter, and the best path to each: shortest paths from the root over active steps.

A goal matters when active steps lead to it from the root; its priority comes from the best such path. Both are one
computation, kept up to date as steps become active and inactive (after Ramalingam and Reps 1996): when a path breaks,
only the goals whose best path used it are looked at again.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any

from lemmata.graph.nodes import GoalNode, StepNode

Candidate = tuple[float, int, int, int]
"""Cost, depth, goal, step that leads to it."""


class Reach:
    """Best paths from the root, stored in the goal nodes.

    Args:
        network: the networkx graph.
        goals: goal nodes by number.
        steps: step nodes by number.
    """

    __slots__ = ("_goals", "_network", "_steps", "moved", "toggled")

    def __init__(self, network: Any, goals: dict[int, GoalNode], steps: dict[int, StepNode]) -> None:
        self._network = network
        self._goals = goals
        self._steps = steps
        self.moved: set[int] = set()
        """Goals whose best path changed since the owner last cleared the set."""
        self.toggled: set[int] = set()
        """Goals that came into reach or went out of it since the owner last cleared the set."""

    def update(self, stopped: Iterable[StepNode], started: Iterable[StepNode]) -> None:
        """Follow steps that became inactive or active; their `active` flags are already set."""
        goals = self._goals
        lost = self._withdraw(stopped)
        heap: list[Candidate] = []
        for number in lost:
            for step in self._network.predecessors(number):
                node = self._steps[step]
                if node.active and goals[node.goal].reached:
                    heap.append(self._candidate(node, number))
        for node in started:
            if goals[node.goal].reached:
                heap.extend(self._candidate(node, subgoal) for subgoal in node.subgoals)
        if heap:
            heapq.heapify(heap)
            self._settle(heap)

    def _candidate(self, node: StepNode, subgoal: int) -> Candidate:
        owner = self._goals[node.goal]
        return owner.cost + node.price, owner.depth + 1, subgoal, node.node

    def _withdraw(self, stopped: Iterable[StepNode]) -> list[int]:
        goals, steps = self._goals, self._steps
        lost: list[int] = []
        work = [n for node in stopped for n in node.subgoals if goals[n].via == node.node]
        while work:
            goal = goals[work.pop()]
            if not goal.reached:
                continue
            goal.reached = False
            goal.via = None
            self.toggled.add(goal.node)
            lost.append(goal.node)
            for step in self._network.successors(goal.node):
                node = steps[step]
                if node.active:
                    work.extend(n for n in node.subgoals if goals[n].via == step)
        return lost

    def _settle(self, heap: list[Candidate]) -> None:
        goals, steps = self._goals, self._steps
        while heap:
            cost, depth, number, step = heapq.heappop(heap)
            goal = goals[number]
            if goal.reached and (goal.cost, goal.depth) <= (cost, depth):
                continue
            if not goal.reached:
                self.toggled.add(number)
            goal.reached, goal.cost, goal.depth, goal.via = True, cost, depth, step
            self.moved.add(number)
            for successor in self._network.successors(number):
                node = steps[successor]
                if node.active:
                    for subgoal in node.subgoals:
                        heapq.heappush(heap, self._candidate(node, subgoal))
