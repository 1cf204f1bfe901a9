"""Proof states as Isabelle prints them, and what its searches print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.isabelle.goals import Parts, display, parts, schematic
from checkers.isabelle.suggestions import found


def test_subgoals_are_read() -> None:
    text = (
        "proof (prove)\nusing this:\n  P x\n  Q y\n\ngoal (2 subgoals):\n 1. f [] = []\n"
        " 2. \\<And>a xs.\n       f xs = xs \\<Longrightarrow>\n       f (a # xs) = a # xs\nvariables:\n  f :: x"
    )
    shown = display(text)
    assert shown is not None
    assert shown.count == 2
    assert shown.facts == ("P x", "Q y")
    assert shown.goals[0] == "f [] = []"
    assert shown.goals[1].startswith("\\<And>a xs. f xs = xs \\<Longrightarrow> f (a # xs) = a # xs")


def test_no_subgoals_and_no_state() -> None:
    done = display("proof (prove)\ngoal:\nNo subgoals!")
    assert done is not None
    assert (done.count, done.goals) == (0, ())
    assert display("theorem \\<forall>x. x = x") is None
    assert display("goal:\nsomething else") is None
    assert display("Failed to finish proof\\<^here>:\ngoal (1 subgoal):\n 1. x = y") is not None


@pytest.mark.parametrize(
    ("goal", "wanted"),
    [
        ("x = x", Parts((), (), "x = x")),
        ("\\<And>x y. P x \\<Longrightarrow> Q y", Parts(("x", "y"), ("P x",), "Q y")),
        ("\\<lbrakk>A; B (c; d)\\<rbrakk> \\<Longrightarrow> C", Parts((), ("A", "B (c; d)"), "C")),
        (
            "A \\<Longrightarrow> (B \\<Longrightarrow> D) \\<Longrightarrow> C",
            Parts((), ("A", "(B \\<Longrightarrow> D)"), "C"),
        ),
        ("⋀x. A ⟹ B", Parts(("x",), ("A",), "B")),
        ("\\<Longrightarrow>", Parts((), ("",), "")),
    ],
)
def test_a_subgoal_is_taken_apart(goal: str, wanted: Parts) -> None:
    assert parts(goal) == wanted


@given(st.text(alphabet="\\<AndLongrightarrow>lbrakk; ()[]x.y ", max_size=60))
def test_taking_apart_never_fails(goal: str) -> None:
    parts(goal)
    display(f"goal (1 subgoal):\n 1. {goal}")


@pytest.mark.parametrize(
    ("goal", "is_so"), [("?x = y", True), ("P ?x.1", True), ("x = ?'a", True), ("a? b", False), ("x' = y", False)]
)
def test_schematic_variables_are_seen(goal: str, is_so: bool) -> None:
    assert schematic(goal) is is_so


def test_what_searches_found_comes_quickest_first() -> None:
    messages = [
        "Sledgehammering...",
        "presburger: Try this: by presburger (0.4 ms)",
        "cvc5: Try this: by (metis foo(2) bar) (12 ms)",
        "e: Try this: |1|: by (smt (verit) x) (> 1.0 s, timed out)",
        "auto: Try this: by auto (0.3 ms)",
        "auto: Try this: by auto (0.3 ms)",
        "Found proof: by simp",
        "Done",
    ]
    assert found(messages) == [
        "by auto",
        "by presburger",
        "by (metis foo(2) bar)",
        "by (smt (verit) x)",
        "by simp",
    ]
