"""Random operations on a graph, each followed by a full consistency check."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from worlds import proposal, ref

from lemmata.goal import GoalRef
from lemmata.graph import ProofGraph
from lemmata.graph.nodes import dead_status
from lemmata.outcome import Closed, Crashed, Open, Rejected, TimedOut

NAMES = [f"g{i}" for i in range(9)]
LOG_PROBABILITIES = st.sampled_from([-2.0, -1.0, -0.5, -0.25, 0.0])


class GraphMachine(RuleBasedStateMachine):
    """Few names make sharing, repeated subgoals and loops frequent."""

    def __init__(self) -> None:
        super().__init__()
        self.graph = ProofGraph(ref("g0"))
        self.handles = 0

    def pick(self, index: int) -> int:
        nodes = [goal.node for goal in self.graph.goals()]
        return nodes[index % len(nodes)]

    def add(self, index, outcome, log_probability):
        self.graph.add_step(self.pick(index), proposal(f"s{len(self.graph)}", log_probability), outcome)

    @rule(
        index=st.integers(0, 60), names=st.lists(st.sampled_from(NAMES), max_size=3), log_probability=LOG_PROBABILITIES
    )
    def open_step(self, index, names, log_probability):
        self.handles += 1
        refs = tuple(GoalRef(f"{self.handles}.{i}", ref(name).goal) for i, name in enumerate(names))
        self.add(index, Open(refs), log_probability)

    @rule(index=st.integers(0, 60), log_probability=LOG_PROBABILITIES)
    def close_goal(self, index, log_probability):
        self.add(index, Closed(), log_probability)

    @rule(index=st.integers(0, 60), outcome=st.sampled_from([Rejected("no"), TimedOut(1.0), Crashed("dead")]))
    def dead_step(self, index, outcome):
        self.add(index, outcome, -1.0)

    @rule(index=st.integers(0, 60))
    def exhaust(self, index):
        self.graph.mark_exhausted(self.pick(index))

    @rule(index=st.integers(0, 60))
    def reopen(self, index):
        self.graph.reopen(self.pick(index))

    @rule(index=st.integers(0, 200))
    def reject(self, index):
        steps = [step.node for step in self.graph.steps()]
        if steps:
            self.graph.reject(steps[index % len(steps)], "does not verify")

    @rule(name=st.sampled_from(NAMES))
    def unmerge(self, name):
        before = len(self.graph)
        if before < 80:
            self.graph.unmerge(ref(name).goal.key)

    @rule()
    def release(self):
        self.graph.release_loops()

    @rule()
    def round_trip(self):
        document = self.graph.to_json()
        copy = ProofGraph.from_json(json.loads(json.dumps(document)))
        copy.check_invariants()
        assert copy.to_json() == document

    @rule()
    def proof_round_trip(self):
        proof = self.graph.cheapest_proof()
        if proof is not None:
            part = ProofGraph.from_json(self.graph.to_json(proof))
            part.check_invariants()
            again = part.cheapest_proof()
            assert again is not None
            assert again.cost == proof.cost

    @invariant()
    def consistent(self):
        self.graph.check_invariants()

    def initial(self, step):
        status = dead_status(step.outcome)
        return "open" if status is None else status.value

    @invariant()
    def changes_tell_every_status(self):
        known = getattr(self, "known", {})
        changes = self.graph.drain()
        known.update(changes.statuses)
        self.known = known
        for goal in self.graph.goals():
            assert known.get(goal.node, "open") == goal.status.value
        for step in self.graph.steps():
            assert known.get(step.node, self.initial(step)) == step.status.value


TestGraph = GraphMachine.TestCase
TestGraph.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
