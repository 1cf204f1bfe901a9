"""A prover that proposes proof methods by the shape of the goal.

The numbers are priors: how likely each method finishes, or advances, such a goal.
"""

from __future__ import annotations

from collections.abc import Iterator

from lemmata.goal import GoalView
from provers.symbolic.isabelle.shapes import Shape
from provers.symbolic.tactics import Move, TacticProver

_FINISHERS: tuple[Move, ...] = (
    ("by auto", -0.5, 3.0),
    ("by simp", -0.6, 2.0),
    ("by blast", -1.2, 3.0),
    ("by fastforce", -1.5, 5.0),
    ("by force", -1.7, 5.0),
    ("by (metis)", -3.0, 5.0),
    ("by presburger", -2.6, 4.0),
    ("by argo", -3.4, 3.0),
    ("by (simp_all)", -2.8, 2.0),
)
_ARITHMETIC: tuple[Move, ...] = (
    ("by arith", -1.0, 4.0),
    ("by linarith", -1.2, 3.0),
    ("by presburger", -1.4, 4.0),
    ("by (simp add: algebra_simps)", -1.3, 3.0),
    ("by (auto simp: algebra_simps)", -1.6, 4.0),
    ("by (simp add: field_simps)", -2.0, 3.0),
    ("apply (simp add: algebra_simps)", -2.6, 3.0),
)
_MOST_VARIABLES = 4
_MOST_LEMMAS = 8


class IsabelleMethodsProver(TacticProver):
    """Proposes automation, induction, case analysis, unfolding and introduction rules."""

    name = "isabelle-methods"
    systems = ("isabelle",)

    def moves(self, view: GoalView) -> Iterator[Move]:
        """Return what goals of this shape may take."""
        goal = Shape(view)
        yield from _FINISHERS
        if goal.arithmetic:
            yield from _ARITHMETIC
        yield from _with_facts(goal)
        yield from _inductions(goal)
        yield from _rules(goal)
        yield "apply auto", -1.8, 3.0
        yield "apply simp", -2.0, 2.0
        yield "apply clarsimp", -2.6, 2.0
        yield "apply safe", -2.8, 2.0
        yield "apply (simp_all)", -2.6, 2.0


def _with_facts(goal: Shape) -> Iterator[Move]:
    """Yield automation with definitions, and with lemmas of the theory that share names with the goal."""
    definitions = [f"{name}_def" for name in goal.used("definitions")]
    if definitions:
        listed = " ".join(definitions)
        yield f"by (simp add: {listed})", -0.9, 3.0
        yield f"by (auto simp: {listed})", -0.9, 4.0
        if not goal.view.goal.details.get("focused"):
            yield f"unfolding {listed}", -1.6, 1.0
        yield f"apply (simp add: {listed})", -2.2, 3.0
    for name in goal.used("predicates"):
        yield f"by (auto intro: {name}.intros)", -1.6, 4.0
        yield f"by (auto elim: {name}.cases)", -2.2, 4.0
        yield f"apply (rule {name}.intros)", -2.0, 1.0
    lemmas = list(goal.listed("lemmas"))[-_MOST_LEMMAS:]
    if lemmas:
        yield f"by (simp add: {' '.join(lemmas)})", -1.6, 3.0
        yield f"by (auto simp: {' '.join(lemmas)})", -1.8, 4.0
        yield f"by (metis {' '.join(lemmas)})", -2.0, 5.0
    for position, name in enumerate(reversed(lemmas)):
        yield f"by (rule {name})", -2.0 - 0.2 * position, 1.0
        yield f"apply (rule {name})", -2.8 - 0.2 * position, 1.0
        yield f"by (simp add: {name})", -1.8 - 0.2 * position, 2.0


def _inductions(goal: Shape) -> Iterator[Move]:
    variables = goal.variables[:_MOST_VARIABLES]
    functions = goal.used("functions")
    for position, name in enumerate(variables):
        less = 0.3 * position
        others = [other for other in variables if other != name]
        yield f"by (induct {name}) auto", -1.0 - less, 4.0
        yield f"apply (induct {name})", -1.2 - less, 1.0
        yield f"apply (cases {name})", -2.2 - less, 1.0
        yield f"by (cases {name}) auto", -2.0 - less, 3.0
        if others:
            yield f"by (induct {name} arbitrary: {' '.join(others)}) auto", -1.8 - less, 4.0
            yield f"apply (induct {name} arbitrary: {' '.join(others)})", -2.2 - less, 1.0
    for name in functions:
        yield f"by (induct rule: {name}.induct) auto", -2.2, 4.0
        if variables:
            yield f"apply (induct {variables[0]} rule: {name}.induct)", -2.4, 1.0
            yield f"by (induct {variables[0]} rule: {name}.induct) auto", -2.0, 4.0
        if len(variables) > 1:
            yield f"by (induct {' '.join(variables[:2])} rule: {name}.induct) auto", -1.9, 4.0
    for variable in goal.view.goal.details.get("variables", ())[:2]:
        yield f"apply (case_tac {variable})", -2.8, 1.0
        yield f"apply (induct_tac {variable})", -2.8, 1.0


def _rules(goal: Shape) -> Iterator[Move]:
    introduced = {
        "and": ("conjI", -1.2),
        "implies": ("impI", -1.4),
        "forall": ("allI", -1.4),
        "exists": ("exI", -2.4),
        "iff": ("iffI", -1.4),
        "not": ("notI", -1.6),
        "subset": ("subsetI", -1.6),
        "equation": ("ext", -3.2),
    }
    if goal.connective in introduced:
        rule, likely = introduced[goal.connective]
        yield f"apply (rule {rule})", likely, 1.0
    if goal.connective == "or":
        yield "apply (rule disjI1)", -2.0, 1.0
        yield "apply (rule disjI2)", -2.0, 1.0
    if goal.connective == "equation":
        yield "apply (rule set_eqI)", -3.4, 1.0
        yield "apply (rule antisym)", -3.4, 1.0
    if goal.connective in ("forall", "implies", "iff", "and"):
        yield "apply (intro allI impI conjI)", -2.0, 1.0
        yield "apply (rule)", -2.4, 1.0
