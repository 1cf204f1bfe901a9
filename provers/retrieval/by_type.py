"""Premises for F* by their types: those whose claim, or result, unifies with what is wanted.

Unification is shallow: the parameters of a lemma are its only variables, terms are compared as they are written, and
nothing is unfolded. What it finds settles the lemma's arguments, so that a call can be proposed as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from provers.retrieval.fstar_terms import Signature, claim, read, signature, write
from provers.retrieval.premise import Premise
from provers.symbolic.coq.trees import Tree, head, last, matches, subterms

_WHOLE, _TURNED, _RESULT, _SIDE, _PART, _HEAD = 6.0, 5.5, 5.0, 4.0, 3.0, 1.0
_EQUATIONS = frozenset(("==", "=", "===", "<==>"))
_QUALIFIED = re.compile(r"[^\W\d][\w']*(?:\.[^\W\d][\w']*)+")
_MOST_CHOICES = 4

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fit:
    """A premise that fits a goal."""

    premise: Premise
    score: float
    """How well: greater is better."""
    call: str
    """The call with the arguments that unification settled and those chosen by type; empty where one is missing."""


@dataclass(frozen=True, slots=True)
class _Typed:
    premise: Premise
    signature: Signature
    claim: Tree | None
    variables: frozenset[str]


class TypeIndex:
    """The signatures in scope.

    Args:
        premises: with the texts of their types as statements, the nearest first.
    """

    def __init__(self, premises: Sequence[Premise]) -> None:
        self._typed: list[_Typed] = []
        for premise in premises:
            found = signature(premise.statement)
            variables = frozenset((*(name for name, _ in found.parameters), *found.implicit))
            self._typed.append(_Typed(premise, found, read(found.claim) if found.claim else None, variables))

    def search(self, result: str, names: Names, k: int) -> list[Fit]:
        """Return the premises that unify with a result type, best first; of equals the nearest first.

        Args:
            result: the type that is wanted, such as `Lemma (ensures x + y == y + x)` or `list nat`.
            names: what is bound where the call would stand, with types where they are known.
            k: how many at most.
        """
        wanted = claim(result)
        goal = read(wanted or result)
        full = {last(name): name for name in _QUALIFIED.findall(result)}
        found = [
            fit
            for typed in self._typed
            if (fit := self._of_lemma(typed, goal, names, full) if wanted else self._of_value(typed, goal, names, full))
        ]
        found.sort(key=lambda fit: -fit.score)
        return found[: max(k, 0)]

    def calls(self, names: Names) -> list[str]:
        """Return a call of each lemma with arguments chosen by type alone; those that lack one are left out."""
        fits = (_fit(typed, 0.0, {}, names, {}) for typed in self._typed if typed.claim is not None)
        return [fit.call for fit in fits if fit.call]

    def _of_lemma(self, typed: _Typed, goal: Tree, names: Names, full: Names) -> Fit | None:
        if typed.claim is None:
            return None
        for score, pattern, term in _pairs(typed.claim, goal):
            bound: dict[str, Tree] = {}
            if pattern not in typed.variables and matches(pattern, term, typed.variables, bound):
                return _fit(typed, score, bound, names, full)
        shared = _symbols(typed.claim, typed.variables) & _symbols(goal, names)
        if head(typed.claim) == head(goal) and shared:
            return _fit(typed, _HEAD + 0.1 * min(len(shared), 9), {}, names, full)
        return None

    def _of_value(self, typed: _Typed, goal: Tree, names: Names, full: Names) -> Fit | None:
        result = typed.signature.result.removeprefix("Tot ").strip()
        if typed.claim is not None or not result or not goal:
            return None
        bound: dict[str, Tree] = {}
        tree = read(result)
        if tree in typed.variables or not matches(tree, goal, typed.variables, bound):
            return None
        return _fit(typed, _RESULT, bound, names, full)


def _pairs(pattern: Tree, goal: Tree) -> Iterator[tuple[float, Tree, Tree]]:
    """Yield what of a lemma may be equal to what of a goal, the best first."""
    yield _WHOLE, pattern, goal
    equation = isinstance(pattern, tuple) and len(pattern) == 3 and head(pattern) in _EQUATIONS
    if equation and isinstance(pattern, tuple):
        if isinstance(goal, tuple) and len(goal) == 3 and head(goal) in _EQUATIONS:
            # `=`, `==` and `<==>` claim the same of what is compared here.
            yield _WHOLE - 0.1, pattern, (pattern[0], *goal[1:])
            yield _TURNED, pattern, (pattern[0], goal[2], goal[1])
        for side in pattern[1:]:
            if isinstance(side, tuple):
                yield from ((_SIDE, side, term) for term in subterms(goal) if isinstance(term, tuple))
    for term in subterms(goal):
        if isinstance(term, tuple) and term is not goal:
            yield _PART, pattern, term


def _fit(typed: _Typed, score: float, bound: Mapping[str, Tree], names: Names, full: Names) -> Fit:
    arguments = []
    missing = 0
    for name, kind in typed.signature.parameters:
        if name in bound:
            arguments.append(write(_qualified(bound[name], full), inside=True))
        elif kind == "unit" or name == "()":
            arguments.append("()")
        else:
            missing += 1
            same = [own for own, theirs in names.items() if theirs and theirs == kind]
            arguments.append(next(iter([*same, *names][:_MOST_CHOICES]), ""))
    whole = all(arguments)
    call = " ".join([typed.premise.name, *(arguments or ["()"])]) if whole else ""
    return Fit(typed.premise, score - 0.2 * min(missing, 4), call)


def _qualified(tree: Tree, full: Names) -> Tree:
    """Write names with their modules again, as the goal has them."""
    if isinstance(tree, str):
        return full.get(tree, tree)
    return tuple(_qualified(part, full) for part in tree)


def _symbols(tree: Tree, variables: frozenset[str] | Names) -> set[str]:
    return {name for term in subterms(tree) if (name := head(term)) and name not in variables}
