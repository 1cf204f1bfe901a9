(** Arithmetic: a recursive sum against its closed form, and a proof with two holes. *)

Require Import Arith Lia.

Fixpoint sum_to (n : nat) : nat :=
  match n with
  | 0 => 0
  | S m => n + sum_to m
  end.

Lemma gauss (n : nat) : 2 * sum_to n = n * (n + 1).
Proof.
Admitted.

Lemma sum_to_grows (n m : nat) : n <= m -> sum_to n <= sum_to m.
Proof.
  induction 1 as [|m le_n_m IH].
  - admit.
  - admit.
Admitted.

Definition even (n : nat) : Prop := exists k, n = 2 * k.

Lemma even_plus (n m : nat) : even n -> even m -> even (n + m).
Proof.
Admitted.
