"""Proofs of a small library cut into lemmas by a real Coq."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lemmata.cli import corpus_decomposition

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="needs Coq")

CUTS = """\
Require Import List PeanoNat.
Import ListNotations.

Fixpoint rev_onto (A : Type) (l acc : list A) : list A :=
  match l with nil => acc | x :: l => rev_onto A l (x :: acc) end.
Definition pairs (n : nat) := n + n.
Axiom magic : forall n, pairs n = n * 2.

Theorem by_induction : forall (A : Type) (l acc : list A), rev_onto A l acc = rev l ++ acc.
Proof.
  intros A l. induction l as [|x l IH]; intros acc.
  - simpl. reflexivity.
  - simpl.
    rewrite <- app_assoc.
    rewrite IH.
    reflexivity.
Qed.

Section Vars.
  Variable A : Type.
  Variable unused : A.
  Variable f : A -> A.
  Hypothesis f_twice : forall x, f (f x) = x.
  Let g (x : A) := f (f (f x)).
  Ltac back E := rewrite <- E.

  Theorem splits : forall (x y : A) (l : list A), g x = y -> f y = x /\\ map f (map f l) = l.
  Proof.
    intros x y l E. split.
    - unfold g in E.
      rewrite f_twice in E.
      back E.
      apply f_twice.
    - rewrite map_map.
      rewrite <- (map_id l) at 2.
      apply map_ext.
      intros a. apply f_twice.
  Qed.
End Vars.

Theorem local_definition : forall n m : nat, n <= m -> exists k, pairs n + k = pairs m.
Proof.
  intros n m H.
  set (d := m - n).
  assert (E : n + d = m) by (unfold d; rewrite Nat.add_comm; apply Nat.sub_add; exact H).
  exists (d + d).
  unfold pairs.
  rewrite Nat.add_shuffle1.
  rewrite E.
  reflexivity.
Qed.

Theorem open_goals : forall n : nat, exists k m, n + k = m /\\ k = 2 * n.
Proof.
  intros n.
  eexists.
  eexists.
  split.
  - rewrite Nat.add_comm.
    simpl.
    reflexivity.
  - simpl.
    rewrite Nat.add_0_r.
    reflexivity.
Qed.

Theorem by_magic : forall n m : nat, n = m -> pairs n = m * 2 /\\ pairs m = 2 * n.
Proof.
  intros n m E.
  split.
  - rewrite E.
    rewrite magic.
    reflexivity.
  - rewrite <- E.
    unfold pairs. simpl.
    rewrite Nat.add_0_r.
    reflexivity.
Qed.

Theorem unnamed : forall (n m k : nat) (P : nat -> Prop), n = m -> k = 0 -> P m -> P n /\\ n + k = m.
Proof.
  intros n m k P E K p. split.
  - rewrite E. clear E. assumption.
  - rewrite K, E. apply Nat.add_0_r.
Qed.

Module Type Some.
  Parameter t : Set.
End Some.

Module Inner <: Some with Definition t := nat.
  Definition t := nat.

  Theorem double : forall n, pairs n = 0 -> n = 0.
  Proof. intros n; unfold pairs; destruct n; [reflexivity | discriminate]. Qed.

  Theorem in_module : forall n m, pairs n = 0 -> pairs m = 0 -> n + m = 0.
  Proof.
    intros n m N M.
    apply double in N.
    apply double in M.
    rewrite N.
    rewrite M.
    reflexivity.
  Qed.
End Inner.

Set Universe Polymorphism.
Definition same@{u} (A : Type@{u}) (x : A) : A := x.
Theorem dependent@{u} :
  forall (A : Type@{u}) (P : A -> Prop) (x y : A) (E : x = y) (p : P x) (q : P y),
    eq_rect x P p y E = q -> exists z (r : P z), existT P z r = existT P (same A y) q.
Proof.
  intros A P x y E p q H.
  unfold same.
  destruct E.
  simpl in H.
  rewrite <- H.
  exists x.
  exists p.
  reflexivity.
Qed.

Unset Universe Polymorphism.

Theorem informative : forall n m : nat, {n = m} + {n <> m}.
Proof.
  intros n. induction n as [|n IH].
  - intros m. destruct m. left. reflexivity. right. discriminate.
  - intros m. destruct m. right. discriminate. destruct (IH m); [left | right]. subst. reflexivity. congruence.
Defined.

Theorem all_at_once : forall n : nat, n = n /\\ (n = n + 0 /\\ n = 0 + n).
Proof.
  intros n. split. 2: split. all: try reflexivity.
  symmetry. rewrite Nat.add_comm. simpl. reflexivity.
Qed.
"""
SMALL = """\
Fixpoint twice (n : nat) := match n with O => O | S n => S (S (twice n)) end.
Theorem by_induction : forall n : nat, twice n = n + n.
Proof.
  intros n. induction n as [|n IH]. reflexivity.
  simpl. rewrite IH. rewrite <- plus_n_Sm. reflexivity.
Qed.
"""
SCRIPT = """\
import os, signal, sys
from pathlib import Path
from corpora.decompose import stage
from lemmata.cli import corpus_decomposition

source, out = sys.argv[1:]
real = stage.compiled
async def compiled(supervisor, installation, flags, header, theorems):
    if any("Second" in sentence for sentence in header):
        os.kill(os.getpid(), signal.SIGKILL)
    return await real(supervisor, installation, flags, header, theorems)
stage.compiled = compiled
corpus_decomposition.decompose_coq([source], Path(out), at_least=5, lemma_steps=2, quiet=True)
"""
Records = Mapping[str, list[dict[str, Any]]]


def _compiled(folder: Path, **texts: str) -> Path:
    (folder / "_CoqProject").write_text("-Q . Small\n")
    for name, text in texts.items():
        (folder / f"{name}.v").write_text(text)
        command = ["coqc", "-Q", str(folder), "Small", str(folder / f"{name}.v")]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _compiled(tmp_path_factory.mktemp("small"), Cuts=CUTS)


@pytest.fixture(scope="module")
def out(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "lemmas"
    assert corpus_decomposition.decompose_coq([str(source)], folder, at_least=5, lemma_steps=2, quiet=True) == 0
    return folder


@pytest.fixture(scope="module")
def records(out: Path) -> Records:
    """Return the lemmas by the bare names of the theorems that they were cut out of."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in (out / "data.jsonl").read_text().splitlines():
        one = json.loads(line)
        found.setdefault(one["origin"]["from"][0].rpartition(".")[2], []).append(one)
    return found


def _said(one: Mapping[str, Any]) -> str:
    return str(one["statement"].partition(" : ")[2])


def test_everything_compiles_alone(records: Records, source: Path, tmp_path: Path) -> None:
    for number, one in enumerate(one for group in records.values() for one in group):
        # All in one file, each in a module of its own, so that none sees another.
        with (tmp_path / "alone.v").open("a") as file:
            file.write(f"Module M{number}.\n{one['header']}{one['statement']}\n{one['proof']}\nEnd M{number}.\n")
    command = ["coqc", "-Q", str(source), "Small", str(tmp_path / "alone.v")]
    made = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert made.returncode == 0, made.stderr


def test_the_step_of_an_induction_is_a_lemma(records: Records) -> None:
    (step,) = [one for one in records["by_induction"] if one["origin"]["place"] == "split"]
    assert _said(step) == (
        "forall (A : Type) (x : A) (l : list A), (forall acc : list A, rev_onto A l acc = rev l ++ acc) -> "
        "forall acc : list A, rev_onto A (x :: l) acc = rev (x :: l) ++ acc."
    )
    assert step["steps"] == ["intros A x l IH acc", "simpl", "rewrite <- app_assoc", "rewrite IH", "reflexivity"]
    assert step["origin"] | {"from": []} == {"rule": "cut", "from": [], "step": 4, "of": 8, "place": "split"}


def test_what_a_goal_does_not_need_is_left_out(records: Records) -> None:
    first, second = (one for one in records["splits"] if one["origin"]["place"] == "split")
    assert _said(first) == (
        "forall (A : Type) (f : A -> A), (forall x : A, f (f x) = x) -> "
        "let g := fun x : A => f (f (f x)) in forall x y : A, g x = y -> f y = x."
    )
    assert _said(second) == (
        "forall (A : Type) (f : A -> A), (forall x : A, f (f x) = x) -> forall l : list A, map f (map f l) = l."
    )


def test_what_a_step_takes_without_naming_it_is_kept(records: Records) -> None:
    assert _said(records["unnamed"][0]) == "forall (n m : nat) (P : nat -> Prop), n = m -> P m -> P n."
    assert _said(records["unnamed"][1]) == "forall n m k : nat, n = m -> k = 0 -> n + k = m."


def test_definitions_within_a_proof_are_kept_where_they_matter(records: Records) -> None:
    said = [_said(one) for one in records["local_definition"]]
    assert "forall n m : nat, let d := m - n in n + d = m -> n + n + (d + d) = m + m." in said


def test_axioms_are_those_that_the_part_rests_on(records: Records) -> None:
    first, second = (one for one in records["by_magic"] if one["origin"]["place"] == "split")
    assert (first["axioms"], second["axioms"]) == (["Small.Cuts.magic"], [])


def test_what_is_in_force_where_the_proof_stands_is_so_for_the_lemma(records: Records) -> None:
    assert all("Ltac back" in one["header"] for one in records["splits"])
    assert records["in_module"]
    assert all("Import Small.Cuts.Inner." in one["header"] for one in records["in_module"])


def test_what_cannot_be_cut_is_told(out: Path, records: Records) -> None:
    failures = [json.loads(line) for line in (out / "failures.jsonl").read_text().splitlines()]
    reasons = {one["item"].rpartition(".")[2]: one["reason"] for one in failures}
    assert reasons == {
        "informative": "no theorem of the compiled file",
        "all_at_once": "its proof has steps that are not plain ones",
    }
    assert "dropped: has existential variables" in (out / "README.md").read_text()
    assert records["dependent"]


def test_a_run_that_was_killed_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    folder = _compiled(tmp_path, First=SMALL, Second=SMALL.replace("twice", "double"))

    def run(out: Path, jobs: int = 1) -> int:
        return corpus_decomposition.decompose_coq([str(folder)], out, at_least=5, lemma_steps=2, jobs=jobs, quiet=True)

    calm, killed = tmp_path / "calm" / "out", tmp_path / "killed" / "out"
    assert run(calm, jobs=2) == 0
    command = [sys.executable, "-c", SCRIPT, str(folder), str(killed)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    assert subprocess.run(command, check=False, timeout=120, env=environment).returncode == -signal.SIGKILL
    assert len((killed / "journal.jsonl").read_text().splitlines()) == 1
    assert run(killed) == 0
    for name in ("data.jsonl", "failures.jsonl", "README.md"):
        assert (killed / name).read_bytes() == (calm / name).read_bytes()
    made_from = [json.loads(line)["origin"]["from"] for line in (calm / "data.jsonl").read_text().splitlines()]
    assert [name for (name,) in made_from] == ["Small.First.by_induction", "Small.Second.by_induction"]
