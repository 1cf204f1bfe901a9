"""Statuses, sharing, loops and paths, one situation each."""

from __future__ import annotations

import pytest
from worlds import Builder, opened, proposal, ref

from lemmata.errors import GraphError
from lemmata.goal import GoalRef
from lemmata.graph import ProofGraph, StepStatus
from lemmata.outcome import Closed, Note, Open
from lemmata.step import Part, Proposal, Step, clauses


def test_a_goal_is_proved_when_all_subgoals_of_one_step_are():
    b = Builder()
    b.add("root", "a", "b")
    b.add("a")
    assert b.status("root") == "open"
    b.add("b")
    assert b.graph.proved


def test_a_proof_closed_late_travels_up_through_shared_goals():
    b = Builder()
    b.add("root", "a")
    b.add("root", "b", "c")
    b.add("a", "shared", "d")
    b.add("b", "shared")
    b.add("c")
    b.add("shared")
    assert b.graph.proved
    assert [b.status(name) for name in "ab"] == ["irrelevant", "proved"]


def test_what_only_a_failed_step_needed_is_irrelevant_and_comes_back():
    b = Builder()
    b.add("root", "a", "b")
    b.add("b", "deep")
    b.graph.mark_exhausted(b.node("a"))
    b.graph.check_invariants()
    assert [b.status(name) for name in ("a", "b", "deep")] == ["failed", "irrelevant", "irrelevant"]
    b.graph.reopen(b.node("a"))
    b.graph.check_invariants()
    assert [b.status(name) for name in ("a", "b", "deep")] == ["open", "open", "open"]


def test_a_shared_goal_stays_relevant_while_one_parent_matters():
    b = Builder()
    b.add("root", "a", "shared")
    b.add("root", "b", "shared")
    b.graph.mark_exhausted(b.node("a"))
    assert b.status("shared") == "open"
    b.graph.mark_exhausted(b.node("b"))
    assert b.status("shared") == "irrelevant"


def test_the_root_fails_when_everything_is_exhausted_even_in_a_loop():
    b = Builder()
    b.add("root", "a")
    back = b.add("a", "root")
    assert b.graph.step(back).status is StepStatus.PRUNED_CYCLE
    for name in ("root", "a"):
        b.graph.mark_exhausted(b.node(name))
        b.graph.check_invariants()
    assert b.graph.failed


def test_a_loop_never_proves_itself():
    b = Builder()
    b.add("root", "a")
    b.add("a", "b")
    b.add("b", "a")
    assert not b.graph.proved
    closing = b.add("b")
    assert b.graph.proved
    b.graph.reject(closing, "does not verify")
    b.graph.check_invariants()
    assert not b.graph.proved


def test_a_loop_closed_through_a_second_parent_is_noticed():
    b = Builder()
    b.add("root", "a", "b")
    b.add("a", "c")
    b.add("c", "b")
    back = b.add("b", "a")
    assert b.graph.step(back).status is StepStatus.PRUNED_CYCLE


def test_a_loop_counts_again_once_the_ancestor_is_proved_otherwise():
    b = Builder()
    b.add("root", "h", "g")
    b.add("h", "g")
    back = b.add("g", "h", "k")
    assert b.graph.step(back).status is StepStatus.PRUNED_CYCLE
    assert b.status("k") == "irrelevant"
    b.add("h")
    assert b.status("k") == "open"
    b.add("k")
    assert b.graph.proved


def test_released_loops_are_followed():
    b = Builder()
    b.add("root", "a")
    b.add("a", "root", "k")
    assert b.status("k") == "irrelevant"
    assert b.graph.release_loops() == 1
    b.graph.check_invariants()
    assert b.status("k") == "open"
    assert b.graph.release_loops() == 0


def test_a_better_path_lowers_the_cost_of_everything_below():
    b = Builder()
    b.add("root", "a", log_probability=-5.0)
    b.add("a", "b", log_probability=-1.0)
    b.add("b", "c", log_probability=-1.0)
    assert b.graph.goal(b.node("c")).cost == 7.0
    b.add("root", "x", log_probability=-1.0)
    b.graph.drain()
    b.add("x", "b", log_probability=-1.0)
    node = b.graph.goal(b.node("c"))
    assert (node.cost, node.depth) == (3.0, 3)
    assert b.graph.drain().moved == {b.node("b"), b.node("c")}


def test_unmerging_gives_each_occurrence_its_own_node():
    graph = ProofGraph(ref("root"))
    first, second = (GoalRef(f"handle {i}", ref("same").goal) for i in (1, 2))
    graph.add_step(graph.root, proposal("split"), Open((first, second)))
    shared = graph.find(ref("same").goal.key)
    assert shared is not None
    graph.add_step(shared, proposal("close"), Closed())
    assert graph.proved
    fresh = graph.unmerge(ref("same").goal.key)
    graph.check_invariants()
    assert len(fresh) == 1
    assert graph.goal(fresh[0]).ref == second
    assert not graph.proved
    graph.add_step(graph.root, proposal("other"), Open((first,)))
    graph.check_invariants()
    assert graph.find(ref("same").goal.key) is None
    assert sum(goal.key == first.goal.key for goal in graph.goals()) == 3


def test_unmerging_the_root_keeps_the_root():
    b = Builder()
    b.add("root", "a")
    b.add("a", "root")
    fresh = b.graph.unmerge(ref("root").goal.key)
    b.graph.check_invariants()
    assert b.graph.root == 0
    assert len(fresh) == 1
    assert b.graph.goal(fresh[0]).status.value == "open"


def test_the_effective_step_leaves_out_what_the_checker_did_not_keep():
    graph = ProofGraph(ref("root"))
    step = clauses((Part("l", "a"), Part("l", "b")))
    notes = (Note(0, False, "no"), Note(1, True))
    number = graph.add_step(graph.root, Proposal(step, -1.0, "p"), Closed(0.0, notes))
    assert graph.step(number).effective == clauses((Part("l", "b"),))


def test_a_replacement_is_the_effective_step_and_the_original_is_kept():
    graph = ProofGraph(ref("root"))
    found = Step("found")
    number = graph.add_step(graph.root, proposal("search"), Open((ref("a"), ref("a")), replacement=found))
    node = graph.step(number)
    assert (node.step, node.effective, node.effective.subgoals) == (Step("search"), found, 2)
    assert node.forms == (found,)
    graph.reject(number, "does not verify")
    assert graph.step(number).effective == Step("search")


def test_effective_steps_tell_how_many_subgoals_they_left():
    graph = ProofGraph(ref("root"))
    split = graph.add_step(graph.root, proposal("split"), opened("a", "b"))
    close = graph.add_step(graph.root, proposal("close"), Closed())
    dropped = clauses((Part("l", "a"), Part("l", "b")))
    reduced = graph.add_step(graph.root, Proposal(dropped, -1.0, "p"), Open((ref("c"),), 0.0, (Note(0, False),)))
    assert [graph.step(n).effective.subgoals for n in (split, close, reduced)] == [2, 0, 1]
    assert graph.step(split).step.subgoals is None
    assert [step.subgoals for step in graph.step(reduced).forms] == [1, 1]
    assert [len(step.parts) for step in graph.step(reduced).forms] == [1, 2]


def test_a_step_that_leaves_its_own_goal_is_never_followed():
    b = Builder()
    b.add("root", "a")
    b.add("a", "a")
    b.add("a", "a", "k")
    assert b.status("k") == "irrelevant"
    assert b.graph.release_loops() == 0
    b.add("a")
    assert b.graph.proved


@pytest.mark.parametrize("call", ["goal", "step", "mark_exhausted", "reopen"])
def test_unknown_nodes_are_errors(call):
    with pytest.raises(GraphError):
        getattr(ProofGraph(ref("root")), call)(99)


def test_the_checker_of_invariants_sees_damage():
    for damage in ("status", "cost", "edge", "order", "count", "loop"):
        b = Builder()
        b.add("root", "a")
        step = b.add("a", "b", "c")
        node = b.graph.goal(b.node("a"))
        match damage:
            case "status":
                b.graph.step(step).status = StepStatus.PROVED
            case "cost":
                node.cost += 1
            case "edge":
                b.graph.network.add_edge(step, b.graph.root)
            case "order":
                node.order = 100
            case "count":
                b.graph.goal(b.node("b")).exhausted = True
            case "loop":
                b.graph.step(step).loop = (b.graph.root,)
        with pytest.raises(GraphError, match="inconsistent"):
            b.graph.check_invariants()


def test_ten_thousand_goals_in_a_row_need_no_recursion():
    graph = ProofGraph(ref("0"))
    for i in range(10_000):
        number = graph.find(ref(str(i)).goal.key)
        assert number is not None
        graph.add_step(number, proposal(f"s{i}"), opened(str(i + 1)))
    last = graph.find(ref("10000").goal.key)
    assert last is not None
    graph.add_step(last, proposal("close"), Closed())
    assert graph.proved
    proof = graph.cheapest_proof()
    assert proof is not None
    assert len(proof.order()) == 10_001
