"""A small compiled Coq library for tests."""

from __future__ import annotations

import subprocess
from pathlib import Path

SOURCE = """\
Require Import PeanoNat.

Definition twice (n : nat) := n + n.
Definition good (n : nat) := exists k, n = twice k.
Axiom magic : forall n, twice n = n + (n + 0).

Lemma twice_double : forall n, twice n = Nat.double n.
Proof. reflexivity. Qed.

Lemma twice_mul : forall n, twice n = 2 * n.
Proof. unfold twice; intros n; simpl; rewrite Nat.add_0_r; reflexivity. Qed.

Lemma good_twice : forall n, good (twice n).
Proof. intros n; exists n; reflexivity. Qed.

Section Sums.
  Variable m : nat.
  Hypothesis m_good : good m.

  Lemma good_add : forall n, good n -> good (n + m).
  Proof.
    destruct m_good as [j J]. intros n [k K]. exists (k + j). subst. unfold twice.
    rewrite Nat.add_shuffle1. reflexivity.
  Qed.
End Sums.

Lemma good_not_one : forall n, good n -> n = 1 -> False.
Proof.
  intros n [k K] E; unfold twice in K; rewrite E in K.
  destruct k; [ | simpl in K; rewrite Nat.add_succ_r in K ]; discriminate.
Qed.

Lemma even_sum : forall n m, good (n + m) -> Nat.Even (n + m).
Proof. intros n m [k K]; exists k; rewrite K; apply twice_mul. Qed.

Lemma sum_double : forall n m, twice (n + m) = Nat.double (n + m).
Proof. reflexivity. Qed.

Lemma twice_grows : forall n, n <= twice n.
Proof. intros n; apply Nat.le_add_r. Qed.

Module Type T.
  Parameter t : nat.
End T.

Module F (X : T).
  Lemma twice_t : twice X.t = X.t + X.t.
  Proof. reflexivity. Qed.
End F.
"""


def compiled(folder: Path) -> Path:
    """Write and compile the library; return its source file."""
    (folder / "_CoqProject").write_text("-Q . Small\n")
    path = folder / "Twice.v"
    path.write_text(SOURCE)
    subprocess.run(["coqc", "-Q", str(folder), "Small", str(path)], check=True, capture_output=True, timeout=120)
    return path
