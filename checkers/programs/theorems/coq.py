"""Theories for Coq and Rocq: `lia` and `nia` prove the theorems (micromega, reference manual)."""

from __future__ import annotations

from checkers.programs.theorems.notation import Notation, comment, divides, lines, nonlinear, positive, quantified
from checkers.programs.theorems.theory import Predicate, Theorem, Theory
from lemmata.logic.terms import Term

# What is known of all places of an array is used at the places that are spoken of, a limited number of times.
_ARRAYS = """\
Ltac known P := match goal with H : P |- _ => idtac end.
Ltac use H i := let P := type of (H i) in let Q := eval cbv beta in P in tryif known Q then fail else pose proof (H i).
Ltac use_arrays := do 40 try match goal with
  | H : forall _ : Z, _, A : Z -> _ |- context [ ?A ?i ] => use H i
  | H : forall _ : Z, _, A : Z -> _, _ : context [ ?A ?i ] |- _ => use H i
  end."""

# Case distinctions by unit propagation first: lia splits disjunctions one after the other, which takes exponential time
# where most of them are decided by the rest.
_CASES = """\
Ltac pieces := repeat match goal with
  | H : _ /\\ _ |- _ => destruct H
  | H : ~ (_ \\/ _) |- _ => apply Decidable.not_or in H
  end.
Ltac plain := repeat match goal with
  | H : _ \\/ _ |- _ => clear H
  | H : ~ (_ /\\ _) |- _ => clear H
  | H : ?A -> _ |- _ => match type of A with Prop => clear H end
  end; SOLVER.
Ltac cases := pieces; first
  [ plain
  | match goal with
    | H : ?A \\/ _ |- _ => assert (~ A) by plain; destruct H; [ exfalso; plain | cases ]
    | H : _ \\/ ?B |- _ => assert (~ B) by plain; destruct H; [ cases | exfalso; plain ]
    | H : ?A -> _ |- _ => let D := fresh in assert (D : A) by plain; specialize (H D); cases
    | H : ?A -> _ |- _ => assert (~ A) by plain; clear H; cases
    | H : ?A \\/ _ |- _ => destruct H; cases
    | H : ?A -> _ |- _ =>
        let D := fresh in assert (D : A \\/ ~ A) by lia; destruct D as [D|D]; [ specialize (H D) | clear H ]; cases
    end ].
Ltac goals := match goal with
  | |- _ /\\ _ => split; goals
  | |- _ -> _ => intro; goals
  | |- _ => cases
  end."""


class CoqWriter(Notation):
    """Writes `.v` files."""

    system = "coq"
    file = "Conditions.v"

    def quotient(self, left: str, right: str, divisor: Term) -> str:
        """Write a Euclidean quotient: `Z.div` rounds down."""
        if positive(divisor):
            return f"({left} / {right})"
        return f"(Z.sgn {right} * ({left} / Z.abs {right}))"

    def remainder(self, left: str, right: str, divisor: Term) -> str:
        """Write a Euclidean remainder."""
        return f"({left} mod {right if positive(divisor) else f'(Z.abs {right})'})"

    def write(self, theory: Theory) -> str:
        """Return the whole file."""
        head = [comment(theory.comment, "(*", "*)"), "From Coq Require Import ZArith Lia.", "Open Scope Z_scope."]
        if divides(theory):
            head.append("Ltac Zify.zify_post_hook ::= Z.to_euclidean_division_equations.")
        solver = "(first [ lia | nia ])" if nonlinear(theory) else "lia"
        names = ", ".join(p.name for p in theory.predicates)
        unfold = f"unfold {names} in *; " if names else ""
        use = ""
        if quantified(theory):
            head += ["", _ARRAYS]
            use = "use_arrays; "
        head += ["", _CASES.replace("SOLVER", solver)]
        attempts = ["goals", solver, f"(intuition ({use}{solver}))", f"(intuition (subst; {use}intuition {solver}))"]
        tactic = ["", f"Ltac condition := intros; {unfold}first [ {' | '.join(attempts)} ]."]
        return "\n".join([*head, *lines(theory, self._predicate, tactic, self._theorem), ""])

    def _predicate(self, predicate: Predicate) -> list[str]:
        return [
            comment(predicate.comment, "(*", "*)"),
            f"Definition {predicate.name}{self.binders(predicate.parameters)} : Prop :=",
            f"{self.conjuncts(predicate.body)}.",
        ]

    def _theorem(self, theorem: Theorem) -> list[str]:
        return [
            comment(theorem.comment, "(*", "*)"),
            f"Theorem {theorem.name}{self.binders(theorem.variables)} :",
            f"{self.implications((*theorem.hypotheses, theorem.conclusion), '->')}.",
            "Proof. condition. Qed.",
        ]
