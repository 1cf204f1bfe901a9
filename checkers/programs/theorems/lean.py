"""Theories for Lean 4: `omega` proves the linear theorems, Mathlib's `nlinarith` the others.

Lean's `/` and `%` on `Int` are Euclidean, as those of the conditions are (`Int.div`, Lean's core library).
"""

from __future__ import annotations

from collections.abc import Mapping

from checkers.programs.theorems.notation import Notation, comment, lines, nonlinear, quantified
from checkers.programs.theorems.theory import Predicate, Theorem, Theory
from lemmata.logic.terms import Term


class LeanWriter(Notation):
    """Writes `.lean` files."""

    system = "lean"
    file = "Conditions.lean"
    integer, boolean, arrow = "Int", "Bool", " → "
    conjunction, disjunction, implication, equivalence, negation = "∧", "∨", "→", "↔", "¬ "
    opposite: Mapping[str, str] = {"<": "≥", "<=": ">", "=": "≠"}
    infix: Mapping[str, str] = {"<": "<", "<=": "≤", "=": "=", "+": "+", "-": "-", "*": "*"}
    quantifier = "∀ {name} : {type}, {body}"

    def quotient(self, left: str, right: str, divisor: Term) -> str:
        """Write a Euclidean quotient."""
        return f"({left} / {right})"

    def remainder(self, left: str, right: str, divisor: Term) -> str:
        """Write a Euclidean remainder."""
        return f"({left} % {right})"

    def write(self, theory: Theory) -> str:
        """Return the whole file."""
        hard = nonlinear(theory)
        head = ["import Mathlib", ""] if hard else []
        attempts = ["omega", "decide", "(simp_all <;> omega)"]
        if hard or quantified(theory):
            attempts.append("grind")
        if hard:
            attempts += ["nlinarith", "(constructor <;> nlinarith)"]
        names = ", ".join(p.name for p in theory.predicates)
        # Where a definition does not occur there is nothing to do, and where that proves the goal nothing is left.
        unfold = [f"  try simp only [{names}] at *"] if names else []
        split = ["  all_goals repeat' apply And.intro", "  all_goals intros"]
        proof = ["  intros", *unfold, *split, f"  all_goals first | {' | '.join(attempts)}"]
        body = lines(theory, self._predicate, [], lambda theorem: [*self._statement(theorem), *proof])
        return "\n".join([*head, comment(theory.comment, "--", ""), *body, ""])

    def _predicate(self, predicate: Predicate) -> list[str]:
        return [
            comment(predicate.comment, "/--", "-/"),
            f"def {predicate.name}{self.binders(predicate.parameters)} : Prop :=",
            self.conjuncts(predicate.body),
        ]

    def _statement(self, theorem: Theorem) -> list[str]:
        return [
            comment(theorem.comment, "/--", "-/"),
            f"theorem {theorem.name}{self.binders(theorem.variables)} :",
            f"{self.implications((*theorem.hypotheses, theorem.conclusion), '→')} := by",
        ]
