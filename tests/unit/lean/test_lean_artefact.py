"""How a proof is written into its file, and taken out again."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.lean.artefact import NotTheSource, artefact, script, take_apart
from checkers.lean.scan import find, holes
from lemmata.step import Step

TREE = [
    Step("intro x", subgoals=1),
    Step("cases x with\n| inl h => skip\n| inr h => skip", subgoals=2),
    Step("constructor", subgoals=2),
    Step("simp", subgoals=0),
    Step("have h : a = b := by\n  simp\n  ring", subgoals=1),
    Step("exact h", subgoals=0),
    Step("omega", subgoals=0),
]

SOURCE = """\
theorem whole (p : Prop) :
    p := by sorry
  theorem indented : q := sorry
theorem equations : ∀ n : Nat, n = n
  | 0 => rfl
  | n + 1 => sorry
theorem parts (h : p ∨ q) : r ∧ s := by
  constructor
  · sorry
  · have a : t := sorry
    rcases h with h | h <;> sorry
theorem pair : r ∧ s := ⟨by sorry, sorry⟩
theorem missing : q

/-- Why. -/
example : q := by sorry -- later
"""


def put(name: str, *steps: str) -> str:
    hole = find(SOURCE, name, "x.lean")
    text = artefact(SOURCE, hole, [Step(step, subgoals=1) for step in steps[:-1]] + [Step(steps[-1], subgoals=0)])
    assert take_apart(SOURCE, hole, text).proof
    assert text.startswith(SOURCE[: hole.start])
    assert text.endswith(SOURCE[hole.end :])
    return text[hole.start : len(text) - len(SOURCE) + hole.end]


def test_script() -> None:
    assert script(TREE, 2) == (
        "  intro x\n"
        "  cases x with\n"
        "  | inl h => skip\n"
        "  | inr h => skip\n"
        "  · constructor\n"
        "    · simp\n"
        "    · have h : a = b := by\n"
        "        simp\n"
        "        ring\n"
        "      exact h\n"
        "  · omega"
    )


def test_without_counts_there_are_no_bullets() -> None:
    assert script([Step("constructor"), Step("simp"), Step("ring")], 2) == "  constructor\n  simp\n  ring"


def test_a_very_deep_proof_has_no_bullets() -> None:
    steps = [Step("constructor", subgoals=2)] * 60 + [Step("simp", subgoals=0)] * 61
    assert "·" not in script(steps, 2)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("whole", "by\n      intro x\n      simp"),
        ("indented", "by\n    intro x\n    simp"),
        ("equations", ":= by\n    intro x\n    simp"),
        ("equations#1", "(by\n    intro x\n    simp)"),
        ("parts", "by\n  intro x\n  simp"),
        ("parts#1", "intro x\n    simp"),
        ("parts#2", "(by\n      intro x\n      simp)"),
        ("parts#3", "(intro x\n                             simp)"),
        ("pair#1", "(intro x\n                             simp)"),
        ("pair#2", "(by\n  intro x\n  simp)"),
        ("missing", " := by\n  intro x\n  simp"),
        ("example@16", "by\n  intro x\n  simp"),
    ],
)
def test_places(name: str, text: str) -> None:
    assert put(name, "intro x", "simp") == text


@given(st.data())
def test_taking_apart_gives_back_what_was_put_in(data: st.DataObject) -> None:
    hole = data.draw(st.sampled_from(holes(SOURCE, "")))
    steps = data.draw(st.sampled_from([TREE, TREE[2:6], [Step("simp")], [Step("a", subgoals=3)] + [TREE[6]] * 3]))
    text = artefact(SOURCE, hole, steps)
    spliced = take_apart(SOURCE, hole, text)
    assert SOURCE[: hole.start] + spliced.proof + SOURCE[hole.end :] == text
    assert (
        spliced.copy({}, proof=SOURCE[hole.start : hole.end]).replace("theorem _root_.lemmata_example", "example")
        == SOURCE
    )


@given(
    st.integers(0, 10_000),
    st.sampled_from(["\naxiom x : y", " sorry ", "/-", '"', "\n", ")", " axiom ", "\nsimp", "  "]),
)
def test_nothing_can_be_slipped_in(place: int, text: str) -> None:
    hole = find(SOURCE, "whole", "")
    good = artefact(SOURCE, hole, TREE)
    at = place % (len(good) + 1)
    changed = good[:at] + text + good[at:]
    try:
        spliced = take_apart(SOURCE, hole, changed)
    except NotTheSource:
        return
    # Only blanks, and names run together or split, may get in: each line is a line of tactics still.
    assert text in ("\n", "  ", "\nsimp")
    assert SOURCE[: hole.start] + spliced.proof + SOURCE[hole.end :] == changed


@given(st.text(max_size=80))
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    hole = find(SOURCE, "whole", "")
    for artefact_ in (text, SOURCE[: hole.start] + text + SOURCE[hole.end :]):
        with contextlib.suppress(NotTheSource):
            take_apart(SOURCE, hole, artefact_)
