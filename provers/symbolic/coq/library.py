"""The lemmas in scope, indexed so that those which fit a goal are found in milliseconds.

A lemma fits as a step when its conclusion, or a side of its equation, is the goal's up to its variables; how well it
fits is symbol overlap weighted by rarity (BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provers.symbolic.coq import trees
from provers.symbolic.coq.trees import Statement, Tree

_RELATIONS = frozenset(
    """
    eq iff Qeq CReq Req equiv Equal Equivalent eqA eqlistA Same_set JMeq Seq eqm equal_fun req rpequiv eq_dep EqSt
    """.split()
)
_K1, _B = 1.2, 0.6
_COMMON = 400
"""A symbol that more lemmas mention than this finds nothing by itself."""


@dataclass(frozen=True, slots=True)
class Premise:
    """A lemma in scope."""

    name: str
    statement: Statement
    features: frozenset[str]
    number: int
    """Its place in the list."""

    @property
    def variables(self) -> frozenset[str]:
        """The names that its statement quantifies over."""
        return frozenset(self.statement.variables)

    def sides(self) -> tuple[Tree, Tree] | None:
        """Return both sides where it is an equation, or some other relation that rewriting may use."""
        return sides(self.statement.conclusion)


def _tails(context: Mapping[str, Any]) -> list[str]:
    """Return what most often stands after `apply lemma;` in the proofs above."""
    counted: Counter[str] = Counter()
    for proof in context.get("proofs", ()):
        for step in proof["steps"]:
            head, semicolon, tail = str(step[0]).partition(";")
            if semicolon and "apply" in head and ";" not in tail and len(tail) < 30 and "[" not in tail:
                counted[tail.strip()] += 1
    return [tail for tail, count in counted.most_common(4) if count > 1 and tail not in ("auto", "eauto")]


def _words(name: str) -> list[str]:
    """Cut the last part of a name into words."""
    return [word for word in trees.last(name).split("_") if word]


def sides(tree: Tree) -> tuple[Tree, Tree] | None:
    """Return both sides of an equation, None for what is none."""
    if not isinstance(tree, tuple) or len(tree) < 3:
        return None
    name = trees.last(trees.head(tree))
    if name in _RELATIONS or name.endswith(("eq", "Eq", "equiv", "Equal")):
        return tree[-2], tree[-1]
    return None


@dataclass(frozen=True, slots=True)
class Rewriting:
    """An equation that can rewrite something."""

    premise: Premise
    backwards: bool
    """Whether from right to left."""


def permutes(rule: Premise) -> bool:
    """Say whether an equation only moves things about, as commutativity does: then the place matters."""
    both = rule.sides()
    if both is None or not isinstance(both[0], tuple) or not isinstance(both[1], tuple):
        return False
    return len(both[0]) == len(both[1]) and sorted(map(str, _atoms(both[0]))) == sorted(map(str, _atoms(both[1])))


def _atoms(tree: Tree) -> list[Tree]:
    return [term for term in trees.subterms(tree) if isinstance(term, str)]


def _writable(tree: Tree) -> bool:
    """Say whether a term can be written again: binders and matches are read only roughly."""
    return all(
        not isinstance(term, tuple) or term[:1] not in (("match",), ("fun",), ("forall",), ("if",), ("let",), ("fix",))
        for term in trees.subterms(tree)
    )


class Library:
    """The premises of one obligation.

    Args:
        context: the session's, with `premises`.
    """

    def __init__(self, context: Mapping[str, Any]) -> None:
        self.premises: list[Premise] = []
        self._by_conclusion: dict[str, list[Premise]] = defaultdict(list)
        self._by_side: dict[str, list[tuple[Premise, bool]]] = defaultdict(list)
        self._postings: dict[str, list[int]] = defaultdict(list)
        for name, text in context.get("premises", ()):
            self._add(str(name), str(text))
        total = max(len(self.premises), 1)
        self.idf = {f: math.log(1 + total / len(found)) for f, found in self._postings.items()}
        self._mean = sum(len(p.features) for p in self.premises) / total
        self.theorem = str(context.get("theorem", ""))
        self.tails = _tails(context)
        words = [set(_words(premise.name)) for premise in self.premises]
        counted = Counter(word for found in words for word in found)
        mine = {word: math.log(1 + total / (1 + counted[word])) for word in _words(self.theorem)}
        most = sum(mine.values()) or 1.0
        self.kinship = [sum(mine.get(word, 0.0) for word in found) / most for found in words]
        """How much of the theorem's name is in each premise's, from 0 to 1."""

    def _add(self, name: str, text: str) -> None:
        whole = trees.statement(text)
        if whole.conclusion in ("Set", "Type", "Prop") or not isinstance(whole.conclusion, tuple | str):
            return
        found: set[str] = set()
        for tree in (*whole.premises, whole.conclusion):
            found |= trees.features(tree, whole.variables)
        premise = Premise(name, whole, frozenset(found), len(self.premises))
        self.premises.append(premise)
        variables = premise.variables
        symbol = trees.head(whole.conclusion)
        self._by_conclusion["" if symbol in variables else symbol].append(premise)
        both = premise.sides()
        if both:
            for side, backwards in zip(both, (False, True), strict=True):
                if trees.head(side) not in variables:
                    self._by_side[trees.head(side)].append((premise, backwards))
        for feature in found:
            self._postings[feature].append(premise.number)

    def relevance(self, features: Mapping[str, float], most: int) -> list[tuple[float, Premise]]:
        """Return the premises that share most with a goal.

        Args:
            features: the goal's, with their weights.
            most: how many at most.
        """
        scores: Counter[int] = Counter()
        for feature, weight in features.items():
            name = feature.removeprefix("h:")
            found = self._postings.get(name, ())
            if found and (len(found) <= _COMMON or len(self.premises) < 4 * _COMMON):
                gain = self.idf[name] * weight
                for number in found:
                    scores[number] += gain  # type: ignore[assignment]
        ranked = [(self._normal(score, number) * self._like(number), number) for number, score in scores.items()]
        ranked.sort(key=lambda entry: (-entry[0], -entry[1]))
        return [(score, self.premises[number]) for score, number in ranked[:most]]

    def _normal(self, score: float, number: int) -> float:
        length = len(self.premises[number].features) / max(self._mean, 1.0)
        return score / (_K1 * (1 - _B + _B * length) + 1)

    def weigh(self, premise: Premise, features: Mapping[str, float]) -> float:
        """Return how much one premise shares with a goal."""
        shared = sum(self.idf[f] * features.get(f, features.get("h:" + f, 0.0)) for f in premise.features)
        return self._normal(shared, premise.number) * self._like(premise.number)

    def _like(self, number: int) -> float:
        return 1.0 + self.kinship[number]

    def namesakes(self) -> list[Premise]:
        """Return the lemmas that are called like the theorem, in other modules; the last that came into scope first."""
        return [p for p in reversed(self.premises) if trees.last(p.name) == self.theorem][:6]

    def applicable(self, conclusion: Tree) -> list[Premise]:
        """Return the premises whose conclusion is a term's, up to their variables."""
        found = []
        for premise in self._by_conclusion.get(trees.head(conclusion), ()):
            if trees.matches(premise.statement.conclusion, conclusion, premise.variables):
                found.append(premise)
        return found

    def rewriting(self, tree: Tree) -> list[Rewriting]:
        """Return the equations that can rewrite something in a term, each direction once, at the outermost place."""
        found: dict[tuple[int, bool], Rewriting] = {}
        seen: set[Tree] = set()
        for term in trees.subterms(tree):
            if term in seen or not isinstance(term, tuple | str):
                continue
            seen.add(term)
            for premise, backwards in self._by_side.get(trees.head(term), ()):
                key = (premise.number, backwards)
                both = premise.sides()
                if key in found or both is None:
                    continue
                if trees.matches(both[1] if backwards else both[0], term, premise.variables):
                    found[key] = Rewriting(premise, backwards)
        return list(found.values())

    def instances(self, rule: Premise, tree: Tree, most: int) -> list[str]:
        """Return an equation with its variables chosen for each place in a term where it fits, `(name x y)` each.

        Only equations whose variables are all explicit and settled by the place are written so.
        """
        both = rule.sides()
        found: dict[str, None] = {}
        for term in trees.subterms(tree):
            bound: dict[str, Tree] = {}
            if both and len(found) < most and trees.matches(both[0], term, rule.variables, bound):
                values = [bound.get(name) for name in rule.statement.variables]
                if all(value is not None and _writable(value) for value in values):
                    found[f"({rule.name} {' '.join(trees.write(v, inside=True) for v in values if v)})"] = None
        return list(found)
