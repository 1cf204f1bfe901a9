"""Theories for F*: lemmas that its SMT solver proves.

F*'s `/` and `%` on `int` are Euclidean and want a divisor that is not zero (`Prims` in F*'s library).
"""

from __future__ import annotations

from collections.abc import Mapping

from checkers.programs.theorems.notation import Notation, comment, lines, nonlinear
from checkers.programs.theorems.theory import Predicate, Theorem, Theory
from lemmata.logic.terms import Term


class FstarWriter(Notation):
    """Writes `.fst` files."""

    system = "fstar"
    file = "Conditions.fst"
    integer, boolean = "int", "bool"
    implication, equivalence = "==>", "<==>"
    infix: Mapping[str, str] = {"<": "<", "<=": "<=", "=": "==", "+": "+", "-": "-", "*": "*"}
    opposite: Mapping[str, str] = {"<": ">=", "<=": ">", "=": "=!="}
    quantifier = "forall ({name} : {type}). {body}"
    truth = "({name} == true)"
    nothing = "()"

    def quotient(self, left: str, right: str, divisor: Term) -> str:
        """Write a Euclidean quotient; by zero it is zero, as in the other systems."""
        return self._guarded(f"{left} / {right}", "0", right, divisor)

    def remainder(self, left: str, right: str, divisor: Term) -> str:
        """Write a Euclidean remainder."""
        return self._guarded(f"{left} % {right}", left, right, divisor)

    def _guarded(self, text: str, otherwise: str, right: str, divisor: Term) -> str:
        if divisor.op == "const" and divisor.value:
            return f"({text})"
        return f"(if {right} = 0 then {otherwise} else {text})"

    def write(self, theory: Theory) -> str:
        """Return the whole file."""
        options = "--fuel 1 --ifuel 1 --z3rlimit 60"
        if nonlinear(theory):
            options += " --smtencoding.nl_arith_repr native"
        head = ["module Conditions", "", comment(theory.comment, "(*", "*)"), "", f'#set-options "{options}"']
        return "\n".join([*head, *lines(theory, self._predicate, [], self._theorem), ""])

    def _predicate(self, predicate: Predicate) -> list[str]:
        return [
            comment(predicate.comment, "(*", "*)"),
            f"let {predicate.name}{self.binders(predicate.parameters) or ' ()'} : prop =",
            self.conjuncts(predicate.body),
        ]

    def _theorem(self, theorem: Theorem) -> list[str]:
        given = f" {self.conjunction}\n    ".join(self.formula(f) for f in theorem.hypotheses) or self.true
        return [
            comment(theorem.comment, "(*", "*)"),
            f"let {theorem.name}{self.binders(theorem.variables) or ' ()'} : Lemma",
            f"  (requires\n    {given})",
            f"  (ensures {self.formula(theorem.conclusion)}) = ()",
        ]
