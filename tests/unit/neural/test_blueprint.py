"""Blueprints: lemmas in what a model wrote, as one step and its branches."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neural_views import view

from checkers.coq.tactics import plain as coq_plain
from checkers.lean.tactics import plain as lean_plain
from lemmata.step import HOLE, Branch, Step
from provers.neural import blueprint, formats
from provers.neural.extract import Candidate, candidates

COQ = """
Here is my plan.
```coq
Lemma app_snoc (A : Type) (l : list A) x : rev (l ++ x :: nil) = x :: rev l. (* not needed. Lemma no : True. *)
Proof. (* uses: *) Admitted.

Lemma both : forall l : list nat, l = l /\\ True.
Proof. (* uses: *)
  intros l. split.
  - reflexivity.
  - exact I.
Qed.

Lemma easy {n} (_ : n = 0) : n <= 1.
Proof. rewrite both. lia. Qed.

Lemma rev_snoc (l : list nat) (x : nat) : rev (l ++ x :: nil) = x :: rev l.
Proof. (* uses: app_snoc *) apply app_snoc. Qed.
```
"""
LEAN = """```lean4
theorem zero_add' (n : Nat) {m : Nat} [DecidableEq Nat] : 0 + n = n := by
  -- uses:
  sorry

lemma all : ∀ n : Nat, n + 0 = n := by
  -- uses: zero_add'
  intro n
  rfl

theorem swap (p q : Prop) (h : p ∧ q := by assumption) : q ∧ p := by
  -- uses: all
  constructor
  · exact h.2
  · sorry
```"""


def read(text: str, system: str, *, complete: bool = True) -> list[Candidate]:
    form = formats.load(f"chat-{system}-blueprint")
    return candidates(text, form, view(system, depth=0), complete=complete)


def test_lemmas_of_a_coq_blueprint_become_hypotheses_and_goals() -> None:
    (found,) = read(COQ, "coq")
    snoc = "forall (A : Type) (l : list A) x, rev (l ++ x :: nil) = x :: rev l"
    assert found.step == Step(
        f"assert (app_snoc : {snoc}); [ try clear l x | "
        "assert (both : forall l : list nat, l = l /\\ True); [ try clear l x app_snoc | "
        "assert (easy : forall {n} (_ : n = 0), n <= 1); [ try clear l x app_snoc |  ] ] ]"
    )
    assert coq_plain(found.step.text)
    assert found.sketch
    assert found.branches == (
        Branch("app_snoc", snoc),
        Branch(
            "both",
            "forall l : list nat, l = l /\\ True",
            (Step("intros l"), Step("split"), Step("reflexivity"), Step("exact I")),
        ),
        Branch(
            "easy",
            "forall {n} (_ : n = 0), n <= 1",
            (Step("intros n ?"), Step("rewrite both"), Step("lia")),
        ),
        Branch("", "", (Step("apply app_snoc"),)),
    )


def test_lemmas_of_a_lean_blueprint_come_before_the_goal() -> None:
    (found,) = read(LEAN, "lean")
    first = "∀ (n : Nat) {m : Nat} [DecidableEq Nat], 0 + n = n"
    assert found.step == Step(f"refine (have zero_add' : {first} := ?_; have all : ∀ n : Nat, n + 0 = n := ?_; ?_)")
    assert lean_plain(found.step.text)
    assert [branch.steps for branch in found.branches] == [
        (),
        (Step("intro n"), Step("rfl")),
        (Step("constructor"), Step("exact h.2"), HOLE),
    ]


def test_an_answer_without_lemmas_is_a_whole_proof() -> None:
    (found,) = read("```coq\nLemma rev_snoc l x : rev (l ++ x) = x.\nProof. auto. Qed.\n```", "coq")
    assert (found.step, found.branches) == (Step("auto"), ())


def test_of_an_answer_that_was_cut_off_the_rest_counts() -> None:
    cut = COQ[: COQ.index("Lemma rev_snoc")] + "Lemma rev_snoc (l : list nat)"
    (found,) = read(cut, "coq", complete=False)
    assert [branch.name for branch in found.branches] == ["app_snoc", "both", ""]


@pytest.mark.parametrize("system", blueprint.SYSTEMS)
@given(
    text=st.text(alphabet="Lema theorn(){}[]:=.,∀ \n*/-xyb_'sorry⟨⟩", max_size=200) | st.text(), complete=st.booleans()
)
def test_any_text_is_read(system: str, text: str, complete: bool) -> None:
    for lead in ("", "Lemma a : b. Proof. auto. Qed.\n", "theorem a : b := by\n  simp\n"):
        lemmas = blueprint.read(system, lead + text, "x", complete=complete)
        assert not lemmas or len(blueprint.branches(system, lemmas)) == len(lemmas)


@pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")
def test_coq_takes_the_step_and_leaves_a_goal_for_each_branch(tmp_path: Path) -> None:
    (found,) = read(COQ.replace("rewrite both. ", ""), "coq")
    lines = [
        "Require Import List Lia.",
        "Lemma rev_snoc (l : list nat) (x : nat) : rev (l ++ x :: nil) = x :: rev l.",
        f"Proof. {found.step.text}.",
    ]
    for branch in found.branches:
        lines.append("{ " + (" ".join(f"{step.text}." for step in branch.steps) or "intros. apply rev_unit.") + " }")
    (tmp_path / "T.v").write_text("\n".join([*lines, "Qed.\n"]))
    done = subprocess.run(["coqc", "T.v"], check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
