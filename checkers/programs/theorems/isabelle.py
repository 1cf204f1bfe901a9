"""Theories for Isabelle/HOL: `presburger`, `smt` and the simplifier prove the lemmas.

HOL's `div` rounds down and `mod` has the sign of the divisor (theory `Euclidean_Rings`), so divisors that may be
negative are written with their absolute value.
"""

from __future__ import annotations

from collections.abc import Mapping

from checkers.programs.theorems.notation import Notation, comment, lines, nonlinear, positive
from checkers.programs.theorems.theory import Predicate, Theorem, Theory
from lemmata.logic.terms import Term


class IsabelleWriter(Notation):
    """Writes `.thy` files, in ASCII."""

    system = "isabelle"
    file = "Conditions.thy"
    integer, boolean, arrow = "int", "bool", " => "
    conjunction, disjunction, implication, equivalence, negation = "&", "|", "-->", "=", "~ "
    infix: Mapping[str, str] = {"<": "<", "<=": "<=", "=": "=", "+": "+", "-": "-", "*": "*"}
    opposite: Mapping[str, str] = {"<": ">=", "<=": ">", "=": "~="}
    quantifier = "ALL {name} :: {type}. {body}"
    truth = "{name}"

    def quotient(self, left: str, right: str, divisor: Term) -> str:
        """Write a Euclidean quotient."""
        if positive(divisor):
            return f"({left} div {right})"
        return f"(sgn {right} * ({left} div (abs {right})))"

    def remainder(self, left: str, right: str, divisor: Term) -> str:
        """Write a Euclidean remainder."""
        if positive(divisor):
            return f"({left} mod {right})"
        return f"({left} mod (abs {right}))"

    def write(self, theory: Theory) -> str:
        """Return the whole file."""
        head = ["theory Conditions", "  imports Main", "begin", "", comment(theory.comment, "(*", "*)")]
        definitions = " ".join(f"{p.name}_def" for p in theory.predicates)
        methods = ["linarith", "presburger", "(auto; presburger)", "(auto; linarith)", "(smt (verit))"]
        if nonlinear(theory):
            methods.insert(0, "(auto simp: algebra_simps)")
        proof = [f"  by ({' | '.join(methods)})"]
        if definitions:
            proof.insert(0, f"  unfolding {definitions}")
        body = lines(theory, self._predicate, [], lambda theorem: [*self._statement(theorem), *proof])
        return "\n".join([*head, *body, "", "end", ""])

    # All variables are bound: a bound name may be that of a constant of HOL, a free one may not.

    def _predicate(self, predicate: Predicate) -> list[str]:
        kinds = self.arrow.join([*(self.type(v.sort) for v in predicate.parameters), self.boolean])
        bound = "".join(f"%{v.value}. " for v in predicate.parameters)
        return [
            comment(predicate.comment, "(*", "*)"),
            f'definition {predicate.name} :: "{kinds}" where',
            f'  "{predicate.name} = ({bound}',
            f'{self.conjuncts(predicate.body, "    ")})"',
        ]

    def _statement(self, theorem: Theorem) -> list[str]:
        bound = "".join(f"!!{v.value} :: {self.type(v.sort)}. " for v in theorem.variables)
        whole = self.implications((*theorem.hypotheses, theorem.conclusion), "==>")
        return [comment(theorem.comment, "(*", "*)"), f"lemma {theorem.name}:", f'  "{bound}', f'{whole}"']
