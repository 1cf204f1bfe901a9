"""The AND/OR proof graph: goals, the steps tried on them, and what follows from the checker's answers."""

from __future__ import annotations

from lemmata.graph.extraction import Proof
from lemmata.graph.graph import ProofGraph
from lemmata.graph.nodes import Changes, GoalNode, GoalStatus, StepNode, StepStatus

__all__ = ["Changes", "GoalNode", "GoalStatus", "Proof", "ProofGraph", "StepNode", "StepStatus"]
