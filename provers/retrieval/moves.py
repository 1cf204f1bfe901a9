"""How the premises found for a goal are used, in each system's own words.

The numbers are estimates of how often such a step is useful when the premise is the right one, less what the premise's
rank makes it unlikely to be.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from lemmata.goal import GoalView
from provers.retrieval.by_type import TypeIndex
from provers.retrieval.premise import Premise
from provers.retrieval.scope import in_scope
from provers.symbolic.coq import trees
from provers.symbolic.coq.library import sides
from provers.symbolic.coq.views import View
from provers.symbolic.fstar.shapes import Shape, is_lemma
from provers.symbolic.lean.shapes import shape
from provers.symbolic.tactics import Move

KINDS = {"coq": "tactic", "lean": "tactic", "isabelle": "tactic", "fstar": "definition"}
"""What the steps are called, by system."""

_RANK = 0.12
"""What each place further down the ranking costs."""
_TOGETHER = (4, 8)
_LEAN_NAME = re.compile(r"[^\W\d][\w'!?]*(?:\.[^\W\d][\w'!?]*)*")
_MOST_IN = 4


def moves(view: GoalView, found: Sequence[Premise]) -> Iterator[Move]:
    """Return what may be done with premises at a goal.

    Args:
        view: the goal.
        found: premises, best first.
    """
    match view.goal.system:
        case "coq":
            return _coq(View(view), found)
        case "lean":
            return _lean(view, found)
        case "isabelle":
            return _isabelle(view, found)
        case "fstar":
            return _fstar(view, found)
        case _:
            return iter(())


def _coq(goal: View, found: Sequence[Premise]) -> Iterator[Move]:
    quantified = bool(goal.statement.variables or goal.statement.premises)
    before = "intros; " if quantified else ""
    if quantified:
        yield "intros", -0.9, 0.4
    for rank, premise in enumerate(found):
        for text, likely in _coq_single(goal, premise, before):
            yield text, min(likely - _RANK * rank, -0.2), 0.6
    names = [premise.name for premise in found]
    for size, likely in zip(_TOGETHER, (-1.6, -2.2), strict=True):
        if names:
            yield f"{before}eauto using {', '.join(names[:size])}", likely, 1.0


def _coq_single(goal: View, premise: Premise, before: str) -> Iterator[tuple[str, float]]:
    name, statement, conclusion = premise.name, trees.statement(premise.statement), goal.statement.conclusion
    variables = frozenset(statement.variables)
    if goal.view.goal.details.get("existentials") is True:
        # Its unknowns may become anything.
        fits = trees.head(statement.conclusion) == trees.head(conclusion) not in ("", *variables)
    else:
        fits = trees.matches(statement.conclusion, conclusion, variables)
    # What the conclusion does not settle is left open by `eapply`, and refused by `apply`.
    settled = variables <= {term for term in trees.subterms(statement.conclusion) if isinstance(term, str)}
    likely = -0.5 if fits else -2.2
    yield f"{before}apply {name}", likely if settled else likely - 1.0
    if before:
        yield f"apply {name}", likely - 0.7
    if statement.premises:
        yield f"{before}eapply {name}", likely - (0.4 if settled else 0.0)
        yield f"{before}eapply {name}; eauto", likely - (0.5 if settled else 0.2)
    both = sides(statement.conclusion)
    for side, arrow in zip(both or (), ("", "<- "), strict=False):
        there = side not in variables and any(
            trees.head(term) == trees.head(side) and trees.matches(side, term, variables)
            for term in trees.subterms(conclusion)
        )
        likely = (-0.8 if there else -2.4) - (0.6 if arrow else 0.0)
        yield f"{before}rewrite {arrow}{name}", likely
        yield f"{before}now rewrite {arrow}{name}", likely - 0.3
    taken = trees.head(statement.premises[-1]) if statement.premises else ""
    heads = [own for own, kind in list(goal.hypotheses.items())[-8:] if taken and trees.head(kind) == taken]
    for place, own in enumerate(reversed(heads[-_MOST_IN:])):
        yield f"apply {name} in {own}", -1.6 - 0.1 * place


def _lean(view: GoalView, found: Sequence[Premise]) -> Iterator[Move]:
    own = shape(view.goal.conclusion.split("\n\n")[0])
    usable = [premise for premise in found if _LEAN_NAME.fullmatch(premise.name)]
    relation = own.kind in ("eq", "iff")
    for rank, premise in enumerate(usable):
        name, less = premise.name, _RANK * rank
        yield f"exact {name}", -1.4 - less, 2.0
        yield f"exact {name} ..", -2.6 - less, 2.0
        yield f"apply {name}", -1.2 - less, 2.0
        yield f"rw [{name}]", (-1.3 if relation else -1.9) - less, 2.0
        yield f"rw [← {name}]", -2.2 - less, 2.0
        yield f"simp [{name}]", -1.5 - less, 4.0
    names = [premise.name for premise in usable]
    for size, likely in zip(_TOGETHER, (-1.8, -2.4), strict=True):
        if names:
            yield f"simp [{', '.join(names[:size])}]", likely, 5.0
            yield f"simp_all [{', '.join(names[:size])}]", likely - 0.8, 6.0


def _isabelle(view: GoalView, found: Sequence[Premise]) -> Iterator[Move]:
    names = [premise.name for premise in found]
    for rank, name in enumerate(names):
        less = _RANK * rank
        yield f"by (rule {name})", -1.4 - less, 1.0
        yield f"by (simp add: {name})", -1.3 - less, 3.0
        yield f"by (auto simp: {name})", -1.4 - less, 4.0
        yield f"by (auto intro: {name})", -2.0 - less, 4.0
        yield f"by (metis {name})", -1.8 - less, 5.0
        yield f"apply (rule {name})", -2.2 - less, 1.0
    for size, likely in zip(_TOGETHER, (-1.8, -2.4), strict=True):
        if names:
            yield f"by (metis {' '.join(names[:size])})", likely, 5.0
            yield f"by (auto simp: {' '.join(names[:size])})", likely, 4.0


def _fstar(view: GoalView, found: Sequence[Premise]) -> Iterator[Move]:
    goal = Shape.of(view)
    names = {p.name: p.type for p in goal.explicit} | dict.fromkeys(goal.scope, "")
    above = [premise for premise in in_scope(view) if premise.name != goal.name]
    lemma = is_lemma(goal.result) or goal.kind == "assume"
    fits = TypeIndex(above).search(goal.result, names, max(len(found), 1) * 2)
    calls = [fit.call for fit in fits if fit.call]
    # What the words find is called with what unification makes of it, or with what fits by type.
    known = {fit.premise.name for fit in fits}
    rest = TypeIndex([p for p in found if p.name not in known and p.name != goal.name])
    if lemma:
        calls += [call for call in rest.calls(names) if call not in calls]
    for rank, call in enumerate(calls):
        yield call, -0.6 - _RANK * rank, 10.0
    if lemma:
        for rank, (first, second) in enumerate(itertools.permutations(calls[:4], 2)):
            yield f"{first};\n{second}", -2.2 - 0.06 * rank, 10.0
