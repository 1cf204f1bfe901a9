"""Whole proofs: the steps that a prover means to follow an accepted one are checked next, as far as they are accepted.

A proof that was proposed in one piece becomes nodes of the proof graph up to the first step that the checker rejects;
from there the best-first search goes on like from everything else. Holes of a sketch are left to it at once, and each
lemma of a blueprint is a goal of its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from lemmata.graph import GoalStatus, ProofGraph
from lemmata.graph.nodes import StepNode
from lemmata.step import HOLE, Proposal, Step

CONTINUES = "continues"
"""Key in the provenance of a step that was proposed to follow another."""
_PRICE = 0.1
"""Price in nats of a step that follows another; the first one has paid for the whole proof."""


class Continuations:
    """Follows the proofs that were proposed in one piece, depth first.

    Args:
        graph: the proof graph.
        add: queues a proposal for a goal, before all others; False where it waits there already.
        hold: told a goal and by how many more proofs (or fewer, where negative) steps are still to come on it, so that
            nobody gives it up before.
    """

    def __init__(
        self, graph: ProofGraph, add: Callable[[int, Proposal], bool], hold: Callable[[int, int], None]
    ) -> None:
        self._graph = graph
        self._add = add
        self._hold = hold
        self._waiting: dict[tuple[int, str], tuple[int, ...]] = {}
        """By goal and the key of a step to be checked on it, the goals that come after it."""

    def follow(self, goal: int, proposal: Proposal, number: int) -> None:
        """Go on after a step was checked.

        Args:
            goal: it was checked on.
            proposal: it came from.
            number: of the step in the graph.
        """
        after = self._waiting.pop((goal, proposal.step.key), ()) if self._waiting else ()
        for held in after:
            self._hold(held, -1)
        if not (proposal.then or proposal.branches):
            return
        node = self._graph.step(number)
        if not node.accepted:
            return
        if proposal.then:
            self._go_on((*node.subgoals, *after), proposal.then, proposal)
        elif fits(node, proposal):
            for subgoal, branch in zip(node.subgoals, proposal.branches, strict=True):
                self._go_on((subgoal,), branch.steps, proposal)

    def _go_on(self, goals: tuple[int, ...], then: tuple[Step, ...], proposal: Proposal) -> None:
        """Have steps checked on the first of some goals, and what follows them on those that come after it."""
        while goals and then and then[0].kind == HOLE.kind:
            goals, then = goals[1:], then[1:]
        left = [g for g in goals if self._graph.goal(g).status is not GoalStatus.PROVED]
        if not left or not then:
            return
        first, rest = left[0], tuple(left[1:])
        step = then[0]
        provenance = {**proposal.provenance, CONTINUES: True}
        further = dataclasses.replace(
            proposal,
            step=step,
            log_probability=max(proposal.log_probability, -_PRICE),
            provenance=provenance,
            then=then[1:],
            branches=(),
            tokens=0,
        )
        known = self._known(first, step)
        if known is not None:
            # It was tried there before: the proof goes on from what came of it.
            self._wait(first, step, rest)
            self.follow(first, further, known)
        elif self._add(first, further):
            self._wait(first, step, rest)

    def _wait(self, goal: int, step: Step, rest: tuple[int, ...]) -> None:
        for held in self._waiting.get((goal, step.key), ()):
            self._hold(held, -1)
        self._waiting[goal, step.key] = rest
        for held in rest:
            self._hold(held, 1)

    def follow_known(self, goal: int, proposal: Proposal) -> None:
        """Go on from a step that was checked on a goal before; nothing happens where it was not."""
        known = self._known(goal, proposal.step)
        if known is not None:
            self.follow(goal, proposal, known)

    def _known(self, goal: int, step: Step) -> int | None:
        return next((node.node for node in self._graph.steps_of(goal) if node.step.key == step.key), None)


def fits(node: StepNode, proposal: Proposal) -> bool:
    """Say whether a step left the goals that its proposal means to be a blueprint's."""
    return node.accepted and 0 < len(proposal.branches) == len(node.subgoals)
