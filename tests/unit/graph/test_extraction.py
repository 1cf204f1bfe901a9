"""The extracted proof is the cheapest, by comparison with value iteration."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import Builder, opened, proposal, ref

from lemmata.errors import GraphError
from lemmata.graph import ProofGraph

NAMES = [f"g{i}" for i in range(8)]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.lists(st.sampled_from(NAMES), max_size=3),
        st.integers(0, 5),
    ),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_cheapest_proof_is_cheapest(steps):
    graph = ProofGraph(ref("g0"))
    costs = {}
    for goal, subgoals, cost in steps:
        number = graph.find(ref(goal).goal.key)
        if number is not None:
            costs[graph.add_step(number, proposal(f"{len(graph)}"), opened(*subgoals))] = float(cost)
    best = {goal.node: math.inf for goal in graph.goals()}
    for _ in range(len(best) + 1):
        for step in graph.steps():
            total = costs[step.node] + sum(best[n] for n in step.subgoals)
            best[step.goal] = min(best[step.goal], total)
    proof = graph.cheapest_proof(lambda step: costs[step.node])
    assert (proof.cost if proof else math.inf) == best[graph.root]
    if proof is not None:
        assert sum(costs[n] for n in proof.order()) == proof.cost


def test_a_proof_is_listed_root_first_and_depth_first():
    b = Builder()
    both = b.add("root", "a", "b")
    a, c, close_b = b.add("a", "c"), b.add("c"), b.add("b")
    proof = b.graph.cheapest_proof()
    assert proof is not None
    assert proof.order() == [both, a, c, close_b]
    assert proof.cost == 4


def test_a_proof_too_long_to_list_is_an_error():
    graph = ProofGraph(ref("0"))
    for i in range(30):
        number = graph.find(ref(str(i)).goal.key)
        assert number is not None
        graph.add_step(number, proposal(f"s{i}"), opened(*([str(i + 1)] * 2 if i < 29 else [])))
    proof = graph.cheapest_proof()
    assert proof is not None
    assert len(proof.choice) == 30
    with pytest.raises(GraphError, match="shared goals"):
        proof.order()


@pytest.mark.parametrize("cost", [-1.0, math.nan])
def test_senseless_costs_are_errors(cost):
    b = Builder()
    b.add("root")
    with pytest.raises(GraphError, match="cost"):
        b.graph.cheapest_proof(lambda step: cost)


def test_no_proof_is_none():
    assert ProofGraph(ref("root")).cheapest_proof() is None
