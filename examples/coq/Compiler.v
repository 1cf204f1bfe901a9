(** A compiler from arithmetic expressions to a stack machine, and its correctness. *)

Require Import List Arith.
Import ListNotations.

Inductive expression : Type :=
| Constant (n : nat)
| Plus (a b : expression)
| Times (a b : expression).

Fixpoint evaluate (e : expression) : nat :=
  match e with
  | Constant n => n
  | Plus a b => evaluate a + evaluate b
  | Times a b => evaluate a * evaluate b
  end.

Inductive instruction : Type :=
| Push (n : nat)
| Add
| Multiply.

Definition step (i : instruction) (stack : list nat) : list nat :=
  match i, stack with
  | Push n, rest => n :: rest
  | Add, y :: x :: rest => x + y :: rest
  | Multiply, y :: x :: rest => x * y :: rest
  | _, rest => rest
  end.

Fixpoint execute (program : list instruction) (stack : list nat) : list nat :=
  match program with
  | [] => stack
  | i :: rest => execute rest (step i stack)
  end.

Fixpoint compile (e : expression) : list instruction :=
  match e with
  | Constant n => [Push n]
  | Plus a b => compile a ++ compile b ++ [Add]
  | Times a b => compile a ++ compile b ++ [Multiply]
  end.

Lemma execute_app (p q : list instruction) (stack : list nat) :
  execute (p ++ q) stack = execute q (execute p stack).
Proof.
Admitted.

Lemma compile_correct_stack (e : expression) :
  forall stack, execute (compile e) stack = evaluate e :: stack.
Proof.
Admitted.

Theorem compile_correct (e : expression) : execute (compile e) [] = [evaluate e].
Proof.
Admitted.
