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
        names = " ".join(p.name for p in theory.predicates)
        unfold = f"unfold {names.replace(' ', ', ')} in *; " if names else ""
        use = ""
        if quantified(theory):
            head += ["", _ARRAYS]
            use = "use_arrays; "
        attempts = [solver, f"(intuition ({use}{solver}))", f"(intuition (subst; {use}intuition {solver}))"]
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
