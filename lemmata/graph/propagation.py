"""Least fixpoints over the AND/OR graph, maintained step by step in both directions.

A relation *holds* of a step when the step is valid and it holds of all its subgoals, and of a goal when it holds of
one of its steps or the goal is an axiom. "Proved" is such a relation (without axioms), and so is "may still be
proved" (where every goal that can get further steps is an axiom). Being the *least* relation makes it well-founded: a
loop never supports itself.

Counters make growth cheap (Dowling and Gallier 1984). Shrinking follows "delete and rederive" (Gupta, Mumick,
Subrahmanian 1993): each goal remembers the step that it was first derived from, what was derived through a lost step
is withdrawn, and what has other support comes back. Counting alone would be wrong there, because a loop would keep
itself alive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lemmata.graph.nodes import StepNode

AXIOM = -1
"""Witness of a goal that holds by itself."""


class Support:
    """One relation and why it holds where it does.

    Args:
        network: the networkx graph; goal -> step -> subgoal.
        steps: step nodes by number.
        axiom: whether a goal holds by itself.
        touched: receives the number of every goal and step for which the relation changed.
    """

    __slots__ = ("_axiom", "_network", "_steps", "_touched", "missing", "witness")

    def __init__(
        self, network: Any, steps: dict[int, StepNode], axiom: Callable[[int], bool], touched: set[int]
    ) -> None:
        self._network = network
        self._steps = steps
        self._axiom = axiom
        self._touched = touched
        self.missing: dict[int, int] = {}
        """For each valid step, the number of different subgoals of which the relation does not hold."""
        self.witness: dict[int, int] = {}
        """For each goal of which the relation holds, the step that it was derived from, or `AXIOM`."""

    def add_goal(self, goal: int) -> None:
        """Take in a new goal, which no step leads to yet."""
        if self._axiom(goal):
            self.witness[goal] = AXIOM

    def add_step(self, node: StepNode) -> None:
        """Take in a valid step whose edges are already in the network."""
        witness = self.witness
        missing = sum(1 for subgoal in self._network.successors(node.node) if subgoal not in witness)
        self.missing[node.node] = missing
        if not missing and node.goal not in witness:
            self._establish(node.goal, node.node)

    def drop_step(self, node: StepNode) -> None:
        """Forget a step, as if it had never been valid."""
        if self.missing.pop(node.node, None) is not None and self.witness.get(node.goal) == node.node:
            self._retract(node.goal)

    def axiom_gained(self, goal: int) -> None:
        """Take note that a goal holds by itself from now on."""
        if goal not in self.witness:
            self._establish(goal, AXIOM)

    def axiom_lost(self, goal: int) -> None:
        """Take note that a goal no longer holds by itself."""
        if self.witness.get(goal) == AXIOM:
            self._retract(goal)

    def _establish(self, goal: int, reason: int) -> None:
        witness, missing, steps, touched = self.witness, self.missing, self._steps, self._touched
        work = [(goal, reason)]
        while work:
            goal, reason = work.pop()
            if goal in witness:
                continue
            witness[goal] = reason
            touched.add(goal)
            for step in self._network.predecessors(goal):
                left = missing.get(step)
                if left is None:
                    continue
                missing[step] = left - 1
                if left == 1:
                    touched.add(step)
                    work.append((steps[step].goal, step))

    def _retract(self, goal: int) -> None:
        for lost in self._withdraw([goal]):
            if lost in self.witness:
                continue
            reason = AXIOM if self._axiom(lost) else self._first(self._network.successors(lost))
            if reason is not None:
                self._establish(lost, reason)

    def _first(self, steps: Iterable[int]) -> int | None:
        return next((step for step in steps if self.missing.get(step) == 0), None)

    def _withdraw(self, work: list[int]) -> list[int]:
        witness, missing, steps, touched = self.witness, self.missing, self._steps, self._touched
        withdrawn = []
        while work:
            goal = work.pop()
            if witness.pop(goal, None) is None:
                continue
            touched.add(goal)
            withdrawn.append(goal)
            for step in self._network.predecessors(goal):
                left = missing.get(step)
                if left is None:
                    continue
                missing[step] = left + 1
                if left == 0:
                    touched.add(step)
                    owner = steps[step].goal
                    if witness.get(owner) == step:
                        work.append(owner)
        return withdrawn
