"""The Lean portfolio on goals of any kind: it never fails, and proposes nothing but plain tactics."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.lean import goals
from checkers.lean.tactics import plain
from lemmata.errors import Location
from lemmata.goal import Goal, GoalView, Hypothesis, Obligation
from lemmata.step import Proposal
from provers.symbolic.lean.portfolio import LeanTacticsProver
from provers.symbolic.lean.shapes import Shape, binders, shape

OBLIGATION = Obligation("lean", "it", "theorem it : True := by sorry\n", Location("It.lean", 1, 1))
MATHLIB = {"imports": ["Mathlib"], "version": "4.22.0", "theorems": ["helper", "N.other"]}
CORE: dict[str, Any] = {"imports": [], "version": "4.9.0", "theorems": []}
PROPOSITIONS = [
    "∀ (n m : ℕ), n + m = m + n",
    "∀ x < 5, ∃ y, y * y = x ∧ 0 ≤ y",
    "p ∧ q → q ∧ p",
    "p ∨ ¬q",
    "¬∃ x, x * x = 2",
    "(p ↔ q) ↔ (q ↔ p)",
    "∃ x : ℝ, x ^ 2 = 2",
    "a * b + b * c + c * a ≤ a ^ 2 + b ^ 2 + c ^ 2",
    "False",
    "(fun x => x + 1) = Nat.succ",
    "∑ k ∈ Finset.range n, k = n * (n - 1) / 2",
    "if h : p then q else r",
    "?w = 3",
    "x ∣ y",
]
TYPES = [*PROPOSITIONS, "ℕ", "ℝ", "ℤ", "List α", "Type u", "Prop", "ℕ := 5", "x = y", "0 < x", "P x ∧ Q x", "Nat"]
NAMES = ["n", "x", "y", "h", "h₁", "n✝", "inst✝", "this", "hl", "_", "α"]
texts = st.one_of(
    st.sampled_from(TYPES), st.text(max_size=20), st.text(alphabet="∀∃∧∨→↔¬=<≤(){}⟨⟩,.: xyph", max_size=40)
)


def propose(conclusion: str, above: list[tuple[str, str]], context: dict[str, Any], n: int = 500) -> list[Proposal]:
    goal = Goal("lean", conclusion, tuple(Hypothesis(*pair) for pair in above), details={"after": None})
    view = GoalView(goal, OBLIGATION, context=context)
    (found,) = asyncio.run(LeanTacticsProver().propose([view], n))
    return found


def tactics(
    conclusion: str, above: list[tuple[str, str]] | None = None, context: dict[str, Any] = MATHLIB
) -> list[str]:
    return [proposal.step.text for proposal in propose(conclusion, above or [], context)]


@settings(deadline=None)
@given(texts, st.lists(st.tuples(st.sampled_from(NAMES), texts), max_size=6), st.sampled_from([MATHLIB, CORE, {}]))
def test_any_goal_has_moves_and_they_are_ranked(
    conclusion: str, above: list[tuple[str, str]], context: dict[str, Any]
) -> None:
    found = propose(conclusion, above, context)
    likely = [proposal.log_probability for proposal in found]
    assert found
    assert likely == sorted(likely, reverse=True)
    assert all(-math.inf < value < 0 for value in likely)
    assert len({proposal.step.key for proposal in found}) == len(found)
    assert all(proposal.time_limit is not None and proposal.time_limit > 0 for proposal in found)


@pytest.mark.parametrize("conclusion", PROPOSITIONS)
@pytest.mark.parametrize("context", [MATHLIB, CORE], ids=["mathlib", "core"])
def test_every_move_is_a_plain_tactic_that_uses_names_that_can_be_written(
    conclusion: str, context: dict[str, Any]
) -> None:
    above = [(f"{name}{i}" if i else name, kind) for i, kind in enumerate(TYPES[::2]) for name in ("n✝", "h")]
    for text in tactics(conclusion, above, context):
        assert plain(text) == text
        assert goals.DAGGER not in text


def test_what_the_imports_do_not_provide_is_not_proposed() -> None:
    mathlib = {"norm_num", "linarith", "ring", "positivity", "aesop", "nlinarith", "field_simp"}
    assert mathlib <= set(tactics("0 < x", [("x", "ℝ")]))
    assert not mathlib & {text.split()[0] for text in tactics("0 < x", [("x", "ℝ")], CORE)}
    assert "grind" in tactics("0 < x")
    assert "grind" not in tactics("0 < x", [], CORE)
    assert "aesop" in tactics("p", [], {"imports": ["Aesop"]})
    for core in ("rfl", "simp", "simp_all", "omega", "decide", "exact?", "constructor"):
        assert core in tactics("p", [], CORE)


@pytest.mark.parametrize(
    ("conclusion", "above", "wanted"),
    [
        ("∀ (n m : ℕ), n = m → m = n", [], "intro n m h"),
        ("p ∧ q", [], "refine ⟨?_, ?_⟩"),
        ("q", [("h", "p ∧ q")], "obtain ⟨hl, hr⟩ := h"),
        ("r", [("h", "p ∨ q")], "rcases h with hl | hr"),
        ("r", [("h", "∃ x, x = 2")], "obtain ⟨x, hx⟩ := h"),
        ("q", [("h", "p → q")], "apply h"),
        ("q", [("h", "q")], "exact h"),
        ("0 + n = n", [("n", "ℕ")], "induction n with\n| zero => ?_\n| succ n1 ih => ?_"),
        ("0 ≤ a * a", [("a", "ℝ")], "nlinarith [sq_nonneg a]"),
        ("f x = 3", [("h", "f x = 3 + 0")], "rw [h]"),
        ("p", [], "exact helper"),
    ],
)
def test_what_a_person_would_try_is_among_the_first(conclusion: str, above: list[tuple[str, str]], wanted: str) -> None:
    assert wanted in tactics(conclusion, above)[:40]


def test_names_that_cannot_be_written_are_left_alone() -> None:
    assert not any("✝" in text for text in tactics("p", [("h✝", "p"), ("n✝", "ℕ"), ("a✝", "p ∧ q")]))


def test_what_was_tried_is_not_proposed_again_and_other_systems_are_left_alone() -> None:
    goal = Goal("lean", "p")
    (first,) = asyncio.run(LeanTacticsProver().propose([GoalView(goal, OBLIGATION)], 3))
    tried = tuple(proposal.step.key for proposal in first)
    (more,) = asyncio.run(LeanTacticsProver().propose([GoalView(goal, OBLIGATION, tried=tried)], 500))
    assert not {proposal.step.key for proposal in more} & set(tried)
    assert asyncio.run(LeanTacticsProver().propose([GoalView(Goal("coq", "p"), OBLIGATION)], 3)) == [[]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("p ∧ q ∨ r", Shape("or", "p ∧ q", "r")),
        ("p → q ↔ r", Shape("iff", "p → q", "r")),
        ("p ∧ ∀ x, q x → r", Shape("and", "p", "∀ x, q x → r")),
        ("(p ∨ q) ∧ r", Shape("and", "(p ∨ q)", "r")),
        ("((p = q))", Shape("eq", "p", "q")),
        ("¬p", Shape("not", "", "p")),
        ("a ≤ b", Shape("le", "a", "b")),
        ("f fun x => x = y", Shape("other")),
        ("True", Shape("true")),
    ],
)
def test_shapes(text: str, found: Shape) -> None:
    assert shape(text) == found


def test_names_of_binders() -> None:
    assert binders("∀ (n m : ℕ) {k : ℤ}, n < m → ¬k = 2") == ["n", "m", "k", "h", "h"]
    assert binders("∀ x > 0, p x") == ["x", "hx"]
