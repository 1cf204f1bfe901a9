"""Steps that lead back to an ancestor, found as they are added.

The goals are kept in a topological order of all valid steps that close no loop (Pearce and Kelly 2006), so that a new
edge that agrees with the order costs nothing, and any other costs a search between the two places only.
"""

from __future__ import annotations

from typing import Any

from lemmata.graph.nodes import GoalNode, StepNode


class LoopFinder:
    """A topological order of the goals, stored in their `order`.

    Args:
        network: the networkx graph.
        goals: goal nodes by number.
        steps: step nodes by number.
    """

    __slots__ = ("_goals", "_network", "_steps")

    def __init__(self, network: Any, goals: dict[int, GoalNode], steps: dict[int, StepNode]) -> None:
        self._network = network
        self._goals = goals
        self._steps = steps

    def loops(self, node: StepNode) -> tuple[int, ...]:
        """Return the subgoals of a new step that are ancestors of its goal or the goal itself.

        The order is mended where there are none. The step's edges must be in the network already.
        """
        goals = self._goals
        start = goals[node.goal]
        against = [n for n in node.subgoals if goals[n].order <= start.order]
        if not against:
            return ()
        found = []
        reachable: dict[int, set[int]] = {}
        for number in against:
            if number in reachable or number in found:
                continue
            below = self._below(number, start)
            if below is None:
                found.append(number)
            else:
                reachable[number] = below
        if not found:
            below = set().union(*reachable.values())
            self._reorder(below, self._above(start, min(goals[n].order for n in against)))
        return tuple(found)

    def _below(self, number: int, target: GoalNode) -> set[int] | None:
        """Collect what `number` leads to, no later than `target`; None where that includes `target`."""
        goals, steps, network = self._goals, self._steps, self._network
        seen = {number}
        work = [number]
        while work:
            current = work.pop()
            if current == target.node:
                return None
            for step in network.successors(current):
                node = steps[step]
                if node.loop:
                    continue
                for subgoal in node.subgoals:
                    if subgoal not in seen and goals[subgoal].order <= target.order:
                        seen.add(subgoal)
                        work.append(subgoal)
        return seen

    def _above(self, start: GoalNode, limit: int) -> set[int]:
        """Collect what leads to `start`, no earlier than `limit`."""
        goals, steps, network = self._goals, self._steps, self._network
        seen = {start.node}
        work = [start.node]
        while work:
            for step in network.predecessors(work.pop()):
                node = steps[step]
                if not node.loop and node.goal not in seen and goals[node.goal].order >= limit:
                    seen.add(node.goal)
                    work.append(node.goal)
        return seen

    def _reorder(self, below: set[int], above: set[int]) -> None:
        goals = self._goals
        sequence = sorted(above, key=lambda n: goals[n].order) + sorted(below, key=lambda n: goals[n].order)
        places = sorted(goals[n].order for n in sequence)
        for number, place in zip(sequence, places, strict=True):
            goals[number].order = place
