"""What provers are shown of a goal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from lemmata.goal import Failure, GoalView, Obligation
from lemmata.graph import ProofGraph
from lemmata.graph.nodes import StepNode
from lemmata.outcome import Rejected, TimedOut
from search.blueprints import Blueprints

_FAILURES_SHOWN = 8
"""So many steps that were tried in vain on a goal are shown to provers."""


class Views:
    """Makes views of goals.

    Args:
        graph: the proof graph.
        obligation: what is to be proved.
        context: the session's facts for provers.
        blueprints: knows what became of those of a goal.
    """

    def __init__(
        self, graph: ProofGraph, obligation: Obligation, context: Mapping[str, Any], blueprints: Blueprints
    ) -> None:
        self._graph = graph
        self._obligation = obligation
        self._context = context
        self._blueprints = blueprints

    def of(self, number: int, foreign: Callable[[StepNode], bool] = lambda step: False) -> GoalView:
        """Return what provers are shown of a goal.

        Args:
            number: the goal.
            foreign: whether a step of another prover may be proposed again.
        """
        node = self._graph.goal(number)
        steps = list(self._graph.steps_of(number))
        tried = tuple(step.step.key for step in steps if not foreign(step))
        rejected = (s for s in reversed(steps) if isinstance(s.outcome, Rejected | TimedOut))
        failures = self._blueprints.reports(number) + [_failure(s) for s in islice(rejected, _FAILURES_SHOWN)]
        return GoalView(
            node.goal, self._obligation, node.depth, tried, self._context, tuple(failures[:_FAILURES_SHOWN])
        )


def _failure(node: StepNode) -> Failure:
    outcome = node.outcome
    return Failure(node.step.text, getattr(outcome, "message", ""), getattr(outcome, "model", {}))
