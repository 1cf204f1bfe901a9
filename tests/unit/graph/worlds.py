"""Small goals, steps and proposals for graph tests."""

from __future__ import annotations

from lemmata.goal import Goal, GoalRef
from lemmata.graph import ProofGraph
from lemmata.outcome import Closed, Open, Outcome
from lemmata.step import Proposal, Step


def ref(name: str, handle: str = "") -> GoalRef:
    return GoalRef(handle or f"handle-{name}", Goal("test", name))


def proposal(text: str, log_probability: float = -1.0) -> Proposal:
    return Proposal(Step(text), log_probability, "test")


def opened(*names: str) -> Outcome:
    return Open(tuple(map(ref, names))) if names else Closed()


class Builder:
    """A graph whose goals are called by name."""

    def __init__(self, root: str = "root") -> None:
        self.graph = ProofGraph(ref(root))

    def node(self, name: str) -> int:
        number = self.graph.find(ref(name).goal.key)
        assert number is not None
        return number

    def add(self, goal: str, *subgoals: str, log_probability: float = -1.0) -> int:
        step = self.graph.add_step(self.node(goal), proposal(f"{goal}->{subgoals}", log_probability), opened(*subgoals))
        self.graph.check_invariants()
        return step

    def status(self, goal: str) -> str:
        return self.graph.goal(self.node(goal)).status.value
