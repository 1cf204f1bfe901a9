"""A prover that proposes tactics by the shape of the goal.

How likely a proposal is comes from counts over many libraries' proofs: of its template at goals of this shape. The
numbers written here are the prior: they tell the proposals of one template apart, and are what is left where the counts
are silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from provers.symbolic.coq import counts, trees
from provers.symbolic.coq.library import sides
from provers.symbolic.coq.prover import TacticProver
from provers.symbolic.coq.shapes import shapes
from provers.symbolic.coq.templates import kinds, names, template
from provers.symbolic.coq.trees import Tree
from provers.symbolic.coq.views import View
from provers.symbolic.tactics import Move, best

_FINISHERS: tuple[Move, ...] = (
    ("easy", -0.3, 0.5),
    ("auto with *", -0.4, 1.0),
    ("eauto", -0.9, 1.0),
    ("congruence", -1.2, 0.5),
    ("intuition", -1.6, 1.0),
    ("tauto", -1.5, 0.5),
    ("eauto with *", -1.7, 1.5),
    ("intuition congruence", -2.2, 1.0),
    ("intuition eauto", -2.4, 1.0),
    ("firstorder", -2.2, 1.0),
    ("firstorder congruence", -3.0, 1.5),
    ("contradiction", -2.5, 0.2),
)

_ARITHMETIC: tuple[Move, ...] = (
    ("lia", -0.7, 1.0),
    ("lra", -1.0, 1.0),
    ("ring", -1.0, 1.0),
    ("field", -1.5, 1.0),
    ("nia", -2.3, 2.0),
    ("nra", -2.5, 2.0),
    ("btauto", -1.5, 1.0),
    ("fsetdec", -1.0, 1.0),
    ("order", -0.8, 1.0),
    ("nzsimpl", -1.3, 0.5),
    ("solve_proper", -1.5, 1.0),
    ("f_equiv", -1.5, 0.5),
    ("discrR", -2.5, 0.5),
    ("ring_simplify", -2.8, 1.0),
    ("field_simplify", -3.2, 1.0),
    ("zify", -3.5, 1.0),
)
_OPTIONAL = frozenset(text for text, _, _ in _ARITHMETIC)
_CLOSERS = frozenset(text for text, _, _ in (*_FINISHERS, *_ARITHMETIC))
_PRIOR, _COUNTED, _SHIFT = 0.7, 0.25, 0.3
"""Weights of a number written here and of the counts' logarithm, and what brings the sum back to the numbers' level."""
_LIFT, _MOST_LIFT = 0.4, 0.3
"""Weight of what a goal's shape adds to how often automation is used, and the most that it adds."""
_SUREST = -0.2
"""No proposal is more certain than this, or a path would cost nothing."""
_NO_DESTRUCT = frozenset(("eq", "forall", "not", "le", "lt", "Rle", "Rlt", "Type", "Prop", "Set"))
_CASES = frozenset(("and", "or", "ex", "ex2", "sig", "sigT", "sig2", "iff", "prod", "sumbool", "sumor", "sum", "False"))


def _is_type(tree: Tree) -> bool:
    return trees.head(tree) in ("Type", "Prop", "Set", "forall")


class PortfolioProver(TacticProver):
    """Proposes introductions, case analysis, induction, simplification and automation."""

    name = "coq-tactics"

    def moves_on(self, goal: View) -> Iterator[Move]:
        """Return what goals of this shape may take, as probable as the counts say."""
        known, kind = names(goal), shapes(goal)
        # What needs long is worth it once, at the root; below there are many goals.
        share = 1.0 if goal.view.depth == 0 else 0.4
        for text, prior, seconds in best(self._moves(goal, set(goal.view.context.get("tactics", ())))):
            yield text, _weighed(text, template(text, known), prior, kind), share * seconds

    def _moves(self, goal: View, there: set[str]) -> Iterator[Move]:
        yield from _FINISHERS
        yield from (entry for entry in _ARITHMETIC if entry[0] in there)
        for text, likely in self._shaped(goal, there):
            yield text, likely, 1.0

    def _shaped(self, goal: View, there: set[str]) -> Iterator[tuple[str, float]]:
        whole = goal.statement
        conclusion = whole.conclusion
        symbol = trees.last(trees.head(conclusion))
        quantified = bool(whole.variables or whole.premises)
        if quantified or symbol in ("not", "iff"):
            yield from self._quantified(goal, symbol, there)
        yield "simpl", -1.6
        yield "simpl in *", -2.6
        yield "cbn", -3.0
        yield "subst", -2.4
        yield "split", -1.0 if symbol in ("and", "iff", "prod") else -2.6
        if symbol in ("and", "iff"):
            yield "split; intros", -1.4
            yield "repeat split", -2.0
            yield "repeat split; auto with *", -2.6
            yield "now split", -2.4
            yield "split; auto", -1.8
            yield "split; intuition", -2.6
        if symbol in ("or", "sumbool", "sum"):
            yield from (("left", -1.0), ("right", -1.0), ("left; auto", -1.6), ("right; auto", -1.6))
            yield from (("now left", -2.2), ("now right", -2.2))
        yield "constructor", -2.4
        yield "econstructor", -2.9
        yield "constructor; auto", -2.9
        if symbol in ("ex", "sig", "sigT", "ex2"):
            yield "eexists", -1.6
            for name in list(goal.hypotheses)[:8]:
                yield f"exists {name}", -2.2
                yield f"exists {name}; auto", -2.6
        if symbol == "False":
            yield "exfalso; eauto", -3.0
        both = sides(conclusion)
        if both and not quantified:
            yield from self._equation(symbol, both)
        if symbol[:1].isalpha() and not quantified:
            yield f"unfold {trees.head(conclusion)}", -2.0
            yield "red", -2.6
        for name in self._functions(conclusion):
            yield f"unfold {name}", -2.8
            yield f"unfold {name} in *", -3.4
            yield f"unfold {name}; simpl", -3.4
            yield f"unfold {name}; auto with *", -3.4
        yield from self._cases(goal, conclusion)
        yield from self._hypotheses(goal, conclusion)

    def _quantified(self, goal: View, symbol: str, there: set[str]) -> Iterator[tuple[str, float]]:
        whole = goal.statement
        yield "intros", -0.5
        if whole.premises and trees.last(trees.head(whole.premises[-1])) in _CASES:
            yield "intros; intuition", -2.0
        if whole.premises and trees.last(trees.head(whole.premises[0])) in _CASES:
            yield f"intros * {pattern(whole.premises[0])}", -2.0
        if any(trees.last(trees.head(premise)) in ("eq", "False", "not") for premise in whole.premises):
            yield "intros; discriminate", -2.6
            yield "intros; subst", -2.8
            yield "intros; subst; auto with *", -2.8
        if whole.premises and trees.last(trees.head(whole.premises[0])) == "eq":
            yield "intros * ->", -2.6
            yield "intros * <-", -2.8
        yield "red; intros", -2.5
        yield "intro", -2.2
        yield "now intros", -2.5
        for tactic in (
            "easy",
            "auto with *",
            "congruence",
            "lia",
            "lra",
            "ring",
            "order",
            "eauto with *",
            "fsetdec",
            "nia",
            "field",
        ):
            if tactic in there or tactic not in _OPTIONAL:
                yield f"intros; {tactic}", -2.0
        for place, name in enumerate(whole.variables[:4]):
            kind = trees.head(whole.types[place]) if place < len(whole.types) else ""
            if kind in ("Type", "Prop", "Set", "R", "forall", ""):
                continue
            yield f"induction {name}", -1.4 - 0.3 * place
            yield f"destruct {name}", -1.9 - 0.3 * place
            yield f"induction {name}; simpl; intros; auto with *", -1.9 - 0.3 * place
            yield f"induction {name}; intros; simpl in *; try easy; auto with *", -2.2 - 0.3 * place
            yield f"destruct {name}; simpl; intros; auto with *", -2.3 - 0.3 * place
            yield f"destruct {name}; try easy; auto with *", -2.4 - 0.3 * place
            if "nzinduct" in there:
                yield f"nzinduct {name}", -1.9 - 0.3 * place
        if len(whole.variables) >= 2:
            a, b = whole.variables[:2]
            yield f"destruct {a}, {b}; simpl; intros; auto with *", -2.6
            yield f"destruct {a}, {b}; try easy; auto with *", -2.8
            yield f"intros {a} {b}; destruct {a}, {b}", -3.0
        yield "simple induction 1", -3.0
        yield "destruct 1", -2.2
        yield "induction 1", -2.4
        yield "inversion 1", -2.9
        yield "inversion_clear 1", -3.2
        yield "destruct 1; auto with *", -2.7
        yield "induction 1; simpl; intros; auto with *", -2.6
        yield "induction 1; eauto", -2.8

    def _equation(self, symbol: str, both: tuple[Tree, Tree]) -> Iterator[tuple[str, float]]:
        yield "reflexivity", -1.4
        yield "symmetry", -3.0
        yield "etransitivity", -4.5
        if symbol == "iff":
            return
        if trees.head(both[0]) == trees.head(both[1]) and isinstance(both[0], tuple):
            yield "f_equal", -1.8
            yield "f_equal; auto", -2.2
        yield "apply functional_extensionality; intros", -5.0

    def _functions(self, tree: Tree) -> list[str]:
        found: dict[str, None] = {}
        for term in trees.subterms(tree):
            if isinstance(term, tuple) and term and isinstance(term[0], str) and term[0][:1].isalpha():
                found[term[0]] = None
        return [n for n in found if n not in ("match", "fun", "forall", "if", "let", "fix", "eq", "and", "or", "not")][
            :6
        ]

    def _cases(self, goal: View, conclusion: Tree) -> Iterator[tuple[str, float]]:
        """Propose case analysis on what a match or a condition in the goal looks at."""
        seen: dict[str, None] = {}
        for tree in (conclusion, *list(kinds(goal).values())[-6:]):
            for term in trees.subterms(tree):
                if isinstance(term, tuple) and len(term) > 1 and term[0] in ("match", "if"):
                    text = trees.write(term[1])
                    if len(text) < 200:
                        seen[text] = None
        for rank, text in enumerate(list(seen)[:4]):
            yield f"destruct ({text})", -1.4 - 0.3 * rank
            yield f"destruct ({text}) eqn:?", -1.8 - 0.3 * rank
            yield f"destruct ({text}); simpl", -2.6 - 0.3 * rank
            yield f"now destruct ({text})", -2.2 - 0.3 * rank
            yield f"destruct ({text}); auto with *", -2.2 - 0.3 * rank
            yield f"destruct ({text}); try easy; auto with *", -2.4 - 0.3 * rank

    def _hypotheses(self, goal: View, conclusion: Tree) -> Iterator[tuple[str, float]]:
        given = kinds(goal)
        names = list(given)
        symbol = trees.head(conclusion)
        used = {term for term in trees.subterms(conclusion) if isinstance(term, str)}
        for rank, name in enumerate(reversed(names[-12:])):
            kind, whole = given[name], goal.statements[name]
            fade = 0.1 * rank
            top = trees.last(trees.head(kind))
            end = trees.head(whole.conclusion)
            assumption = whole.premises or whole.variables or isinstance(kind, tuple)
            if top in _CASES:
                yield f"destruct {name}", -1.0 - fade
                yield f"destruct {name} as {pattern(kind)}", -2.0 - fade
                yield f"destruct {name}; auto with *", -2.2 - fade
            if end == symbol or end in whole.variables:
                yield f"apply {name}", -1.2 - fade
                yield f"eapply {name}", -2.2 - fade
                yield f"apply {name}; auto", -2.0 - fade
                yield f"apply {name}; auto with *", -2.2 - fade
                yield f"now apply {name}", -2.0 - fade
            if trees.last(end) in ("False", "not"):
                yield f"elim {name}; auto", -2.4 - fade
                yield f"destruct {name}; auto", -2.6 - fade
                yield f"now elim {name}", -2.8 - fade
                yield f"contradict {name}", -2.8 - fade
            both = sides(whole.conclusion)
            if both:
                yield f"rewrite {name}", -1.5 - fade
                yield f"rewrite <- {name}", -2.0 - fade
                yield f"now rewrite {name}", -2.2 - fade
                yield f"rewrite {name}; auto with *", -2.6 - fade
                if not whole.variables:
                    yield f"injection {name} as ?; subst", -3.2 - fade
                    yield f"discriminate {name}", -2.4 - fade
                    yield f"rewrite {name} in *", -2.9 - fade
                    yield from (
                        (f"rewrite {name} in {other}", -3.0 - fade) for other in self._mentioning(given, name, both[0])
                    )
                yield f"repeat rewrite {name}", -3.2 - fade
                yield f"rewrite {name}; simpl", -3.2 - fade
            if assumption and top not in _CASES and top not in _NO_DESTRUCT and not whole.variables:
                yield f"inversion {name}", -2.2 - fade
                yield f"inversion {name}; subst; auto with *", -2.6 - fade
                yield f"inversion_clear {name}", -2.6 - fade
                yield f"induction {name}", -2.5 - fade
                yield f"destruct {name}", -2.4 - fade
            if assumption:
                yield f"simpl in {name}", -3.2 - fade
                yield f"generalize {name}; clear {name}", -4.5 - fade
                yield f"revert {name}", -4.0 - fade
            if name in used and top not in _NO_DESTRUCT and top not in _CASES and top != "R":
                yield f"destruct {name}", -1.8 - fade
                yield f"induction {name}", -1.9 - fade
                yield f"induction {name}; simpl; auto with *", -2.4 - fade
                yield f"induction {name}; simpl; intros; try congruence; auto with *", -2.5 - fade
                # What varies along the recursion has to be general in the induction hypothesis.
                others = [n for n in names if n in used and n != name and not _is_type(goal.hypotheses[n])]
                if others and whole.premises == ():
                    general = " ".join(others[-3:])
                    yield f"revert {general}; induction {name}", -2.1 - fade
                    yield f"revert {general}; induction {name}; simpl; intros; auto with *", -1.7 - fade
                yield f"destruct {name}; simpl; auto with *", -2.5 - fade
                yield f"destruct {name}; try easy; auto with *", -2.6 - fade
                yield f"destruct {name}; simpl", -2.6 - fade
                yield f"now destruct {name}", -2.6 - fade

    def _mentioning(self, given: Mapping[str, Tree], name: str, tree: Tree) -> list[str]:
        """Return the latest hypotheses but one that a term occurs in."""
        names = [other for other in list(given)[-6:] if other != name]
        return [other for other in reversed(names) if tree in trees.subterms(given[other])][:2]


def pattern(tree: Tree) -> str:
    """Return the introduction pattern that takes an assumption apart into what is no conjunction any more."""
    arguments = tree[1:] if isinstance(tree, tuple) else ()
    match trees.last(trees.head(tree)), arguments:
        case ("and" | "prod" | "iff", (left, right)):
            return f"[{pattern(left)} {pattern(right)}]"
        case ("ex" | "sig" | "sigT", (*_, ("fun", _, body))):
            return f"[? {pattern(body)}]"
        case ("or" | "sumbool" | "sum" | "sumor", (left, right)):
            return f"[{pattern(left)} | {pattern(right)}]"
        case ("ex" | "sig" | "sigT" | "iff" | "and" | "prod", _):
            return "[? ?]"
        case ("False", _):
            return "[]"
    return "?"


def _weighed(text: str, kind: str, prior: float, shape: Sequence[str]) -> float:
    """Return how likely a proposal is, from the number written here and from the counts.

    Args:
        text: the proposal.
        kind: its template.
        prior: the number.
        shape: the goal's.
    """
    learnt = counts.shipped()
    if not learnt.knows(kind):
        # A chain that nobody wrote is judged by how it begins.
        kind = kind.partition(";")[0]
        if not learnt.knows(kind):
            return prior
    counted = learnt.log_probability(kind, shape)
    if text in _CLOSERS:
        # People close by hand much that automation would: the counts know better where it is used than how often.
        lift = _LIFT * (counted - learnt.log_probability(kind))
        return min(prior + min(lift, _MOST_LIFT), _SUREST)
    return min(_PRIOR * prior + _COUNTED * counted + _SHIFT, _SUREST)
