"""Which provers a goal is left to, where some are to search on their own."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lemmata.graph import GoalNode, ProofGraph
from lemmata.graph.nodes import StepNode


class Apart:
    """Leaves each goal to those whose steps lead to it; otherwise each side would only follow what the other opened.

    Args:
        graph: of the search.
        names: provers that are each a side of their own; all others are one side together.
        provers: all provers in the order of their bits.
    """

    def __init__(self, graph: ProofGraph, names: Collection[str], provers: Sequence[tuple[str, int]]) -> None:
        self._graph = graph
        self._names = frozenset(names)
        self._provers = provers
        self._withheld: dict[int, int] = {}
        self._shared: set[int] = set()
        self._proposed: dict[tuple[int, str], set[str]] = {}
        """By goal and key of a step the sides that proposed it."""

    def share(self, goal: int) -> None:
        """Leave a goal to everybody: nothing else is left to do."""
        self._shared.add(goal)

    def proposed(self, goal: int, key: str, prover: str) -> bool:
        """Take note that a prover proposed a step; say whether its side had not proposed it before.

        Args:
            goal: the goal that the step is for.
            key: of the step.
            prover: who proposed it.
        """
        if not self._names:
            return False
        sides = self._proposed.setdefault((goal, key), set())
        side = self._side(prover)
        new = side not in sides
        sides.add(side)
        return new

    def asked(self, node: GoalNode, asked: int) -> int:
        """Return the provers that need not be asked about a goal.

        Args:
            node: the goal.
            asked: the provers that need not be asked as far as was known; sets of provers are bit masks.
        """
        if not self._names:
            return asked
        sides = {side for step in self._graph.parents_of(node.node) for side in self._of(step)}
        withheld = 0
        # The root is everybody's, also where a step leads back to it.
        if sides and node.node != self._graph.root and node.node not in self._shared:
            for name, bit in self._provers:
                withheld |= 0 if self._side(name) in sides else bit
        before = self._withheld.get(node.node, 0)
        self._withheld[node.node] = withheld
        return asked & ~(before & ~withheld) | withheld

    def foreign(self, prover: str, step: StepNode) -> bool:
        """Say whether what a step leads to is not a prover's only because its side has not proposed that step."""
        return bool(self._names) and step.accepted and self._side(prover) not in self._of(step)

    def _of(self, step: StepNode) -> set[str]:
        """Return the sides that proposed a step."""
        own = self._side(step.proposal.prover)
        return {own, *self._proposed.get((step.goal, step.proposal.step.key), ())}

    def _side(self, name: str) -> str:
        return name if name in self._names else ""
