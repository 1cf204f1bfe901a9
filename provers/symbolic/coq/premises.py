"""A prover that proposes lemmas in scope: to apply, to rewrite with, to give to automation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provers.symbolic.coq import trees
from provers.symbolic.coq.library import Library, Premise, Rewriting, permutes
from provers.symbolic.coq.prover import TacticProver
from provers.symbolic.coq.views import Known, View
from provers.symbolic.tactics import Move

_MOST_EACH = 40
_SECONDS = 0.6


def _growth(rule: Rewriting) -> float:
    """Return a price for rewriting to something larger, and a bonus for something smaller."""
    both = rule.premise.sides()
    if both is None:
        return 0.0
    old, new = reversed(both) if rule.backwards else both
    grown = sum(1 for _ in trees.subterms(new)) - sum(1 for _ in trees.subterms(old))
    return max(min(0.12 * grown, 0.8), -0.3)


class PremisesProver(TacticProver):
    """Proposes `apply`, `rewrite` and relatives with lemmas that fit the goal, the most similar first."""

    name = "coq-premises"

    def __init__(self) -> None:
        self._libraries: Known[Library] = Known(Library)

    def moves_on(self, goal: View) -> Iterator[Move]:
        """Return the uses of lemmas that may help."""
        for text, likely in self._moves(goal, self._libraries.of(goal.view)):
            yield text, likely, _SECONDS

    def _moves(self, goal: View, library: Library) -> Iterator[tuple[str, float]]:
        features = goal.features
        conclusion = goal.statement.conclusion
        if goal.view.depth < 2:
            for rank, premise in enumerate(library.namesakes()):
                likely = -0.3 - 0.2 * rank
                yield f"apply {premise.name}", likely
                yield f"intros; eapply {premise.name}; eauto", likely - 0.5
                yield f"intros; apply {premise.name}", likely - 0.3
                yield f"rewrite {premise.name}", likely - 1.0
                yield f"now rewrite {premise.name}", likely - 0.8
                for tail in library.tails:
                    yield f"intros; apply {premise.name}; {tail}", likely - 0.4
        for rank, premise in enumerate(self._ranked(library, library.applicable(conclusion), features)):
            likely = -0.7 - 0.12 * rank
            yield f"apply {premise.name}", likely
            yield f"now apply {premise.name}", likely - 0.3
            if premise.statement.premises:
                yield f"eapply {premise.name}", likely - 0.5
                yield f"apply {premise.name}; auto", likely - 0.6
                yield f"eapply {premise.name}; eauto", likely - 0.8
                for tail in library.tails:
                    yield f"apply {premise.name}; {tail}", likely - 0.7
        yield from self._rewriting(goal, library)
        yield from self._relevant(goal, library)

    def _rewriting(self, goal: View, library: Library) -> Iterator[tuple[str, float]]:
        """Propose the equations that fit somewhere in the goal."""
        features, conclusion = goal.features, goal.statement.conclusion
        verb = "setoid_rewrite" if goal.statement.variables else "rewrite"
        found = library.rewriting(conclusion)
        ranked = self._ranked(library, [rule.premise for rule in found], features)
        places = {premise.number: rank for rank, premise in enumerate(ranked)}
        for rule in found:
            name, rank = rule.premise.name, places.get(rule.premise.number)
            if rank is None:
                continue
            likely = -1.0 - 0.1 * rank - (0.4 if rule.backwards else 0.0) - _growth(rule)
            arrow = "<- " if rule.backwards else ""
            yield f"{verb} {arrow}{name}", likely
            yield f"now rewrite {arrow}{name}", likely - 0.4
            if rule.premise.statement.premises:
                yield f"rewrite {arrow}{name} by auto", likely - 0.9
            if permutes(rule.premise) and not rule.backwards and verb == "rewrite":
                for instance in library.instances(rule.premise, conclusion, 4):
                    yield f"rewrite {instance}", likely - 0.2
        for name, kind in list(goal.hypotheses.items())[-8:]:
            for rank, rule in enumerate(library.rewriting(kind)[:_MOST_EACH]):
                weight = min(library.weigh(rule.premise, features) / 20, 0.5)
                arrow, price = ("<- ", 0.7) if rule.backwards else ("", 0.0)
                yield f"rewrite {arrow}{rule.premise.name} in {name}", -2.5 - 0.05 * rank - price + weight

    def _relevant(self, goal: View, library: Library) -> Iterator[tuple[str, float]]:
        """Propose the most similar lemmas whether they fit as they are or not."""
        ranked = library.relevance(goal.features, _MOST_EACH)
        names = [premise.name for _, premise in ranked]
        for rank, (_, premise) in enumerate(ranked[:16]):
            likely = -2.2 - 0.12 * rank
            yield f"eapply {premise.name}", likely - 0.3
            yield f"apply {premise.name}", likely
            both = premise.sides()
            if both:
                yield f"rewrite {premise.name}", likely - 0.1
                yield f"rewrite <- {premise.name}", likely - 0.6
            for name, kind in list(goal.hypotheses.items())[-6:]:
                if premise.statement.premises and trees.head(premise.statement.premises[-1]) == trees.head(kind):
                    yield f"apply {premise.name} in {name}", likely - 0.4
        for size, likely in ((4, -2.0), (8, -2.4), (16, -3.0)):
            if goal.view.depth < 3 and names[: size // 2]:
                yield f"eauto using {', '.join(names[:size])}", likely
        for size, likely in ((4, -2.6), (8, -3.0)):
            if names:
                yield f"intuition (eauto using {', '.join(names[:size])})", likely - 0.5

    def _ranked(self, library: Library, found: Sequence[Premise], features: dict[str, float]) -> list[Premise]:
        weighed = [(library.weigh(premise, features), premise.number, premise) for premise in dict.fromkeys(found)]
        weighed.sort(key=lambda entry: (-entry[0], -entry[1]))
        return [premise for _, _, premise in weighed[:_MOST_EACH]]
