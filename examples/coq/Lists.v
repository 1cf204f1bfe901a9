(** Lists: lemmas left open, to be proved with `lemmata prove examples/coq/Lists.v`. *)

Require Import List Arith Lia.
Import ListNotations.

Section Snoc.
  Variable A : Type.

  Definition snoc (l : list A) (x : A) : list A := l ++ [x].

  Lemma snoc_length (l : list A) (x : A) : length (snoc l x) = S (length l).
  Proof.
  Admitted.

  Lemma rev_snoc (l : list A) (x : A) : rev (snoc l x) = x :: rev l.
  Proof.
  Admitted.

  Lemma map_snoc (f : A -> A) (l : list A) (x : A) : map f (snoc l x) = snoc (map f l) (f x).
  Proof.
  Admitted.
End Snoc.

Fixpoint sum (l : list nat) : nat :=
  match l with
  | [] => 0
  | x :: rest => x + sum rest
  end.

Lemma sum_app (l l' : list nat) : sum (l ++ l') = sum l + sum l'.
Proof.
Admitted.

Lemma sum_rev (l : list nat) : sum (rev l) = sum l.
Proof.
Admitted.
