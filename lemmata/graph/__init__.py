"""The AND/OR proof graph: goals, the steps tried on them, and what follows from the checker's answers."""

from __future__ import annotations

from lemmata.graph.extraction import Proof
from lemmata.graph.graph import Changes, ProofGraph
from lemmata.graph.nodes import GoalNode, GoalStatus, StepNode, StepStatus

__all__ = ["Changes", "GoalNode", "GoalStatus", "Proof", "ProofGraph", "StepNode", "StepStatus"]
