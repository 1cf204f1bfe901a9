"""What the provers for Isabelle propose."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.isabelle.steps import parse
from lemmata.errors import Location
from lemmata.goal import Goal, GoalView, Obligation
from lemmata.step import Step
from provers.symbolic.isabelle.portfolio import IsabelleMethodsProver
from provers.symbolic.isabelle.shapes import Shape
from provers.symbolic.isabelle.sledgehammer import SledgehammerProver

OBLIGATION = Obligation("isabelle", "a", "theory A imports Main begin end", Location("A.thy", 1, 1))


def view(text: str, depth: int = 0, tried: tuple[str, ...] = (), system: str = "isabelle", **context: Any) -> GoalView:
    details = {"conclusion": text, "variables": context.pop("variables", []), "premises": []}
    return GoalView(Goal(system, text, details=details), OBLIGATION, depth, tried, context)


def proposed(goal: GoalView, n: int = 100) -> list[str]:
    async def run() -> list[str]:
        found = []
        for prover in (IsabelleMethodsProver(), SledgehammerProver()):
            (proposals,) = await prover.propose([goal], n)
            assert len(proposals) <= n
            assert [p.log_probability for p in proposals] == sorted(
                (p.log_probability for p in proposals), reverse=True
            )
            assert all(p.log_probability <= 0 for p in proposals)
            found += [p.step.text for p in proposals]
            await prover.close()
        return found

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("app xs [] = xs", "apply (induct xs)"),
        ("app (app xs ys) zs = app xs (app ys zs)", "by (induct xs arbitrary: ys zs) auto"),
        ("A \\<and> B", "apply (rule conjI)"),
        ("A \\<or> B", "apply (rule disjI1)"),
        ("A \\<longrightarrow> B", "apply (rule impI)"),
        ("\\<forall>x. P x", "apply (rule allI)"),
        ("\\<exists>x. P x", "apply (rule exI)"),
        ("\\<not> A", "apply (rule notI)"),
        ("A \\<subseteq> B", "apply (rule subsetI)"),
        ("x + y = y + (x::nat)", "by arith"),
        ("x = x", "sledgehammer"),
        ("x = x", "try0"),
        ("x = x", "by (metis)"),
    ],
)
def test_the_shape_of_the_goal_tells_the_moves(text: str, wanted: str) -> None:
    assert wanted in proposed(view(text))


def test_what_stands_above_is_used() -> None:
    found = proposed(
        view("rev2 (snoc xs a) = twice a", functions=["rev2"], definitions=["twice", "other"], lemmas=["rev_snoc"])
    )
    assert "by (simp add: twice_def)" in found
    assert "unfolding twice_def" in found
    assert "by (rule rev_snoc)" in found
    assert "by (induct rule: rev2.induct) auto" in found
    assert not any("other_def" in text for text in found)


def test_parameters_of_a_subgoal_are_split_by_their_names() -> None:
    assert "apply (case_tac n)" in proposed(view("P n", variables=["n"]))


def test_what_was_tried_is_not_proposed_again() -> None:
    goal = view("x = x", tried=(Step("by auto").key, Step("sledgehammer").key))
    assert not {"by auto", "sledgehammer"} & set(proposed(goal))


def test_deep_goals_are_not_given_to_sledgehammer() -> None:
    assert "sledgehammer" not in proposed(view("x = x", depth=4))


def test_other_systems_are_left_alone() -> None:
    assert proposed(view("x = x", system="coq")) == []


def test_variables_are_names_that_are_applied_to_nothing() -> None:
    shape = Shape(view("\\<forall>k. f (g x) y = h k z \\<and> length ws = 0", functions=["q"]))
    assert shape.variables == ["x", "y", "z", "ws"]


WORDS = "f x xs (a b) [] \\<forall>x. = \\<and> + 1 \" \\<open> ( ) # Suc lemma . \\<Longrightarrow> ?x 'a ⋀".split(" ")


@given(st.lists(st.sampled_from(WORDS), max_size=15).map(" ".join))
def test_every_proposal_is_a_step(text: str) -> None:
    for proposal in proposed(view(text, lemmas=["a", "b"], definitions=["f"], functions=["f"], predicates=["x"])):
        parse(proposal)
