"""Which lemmas may rewrite, or be applied to, which part of a theorem: found by an index, so that not all are tried.

The rules are those of S. Wu et al., "Alchemy: Amplifying Theorem-Proving Capability through Symbolic Mutation", ICLR
2025: equal for equal in the statement (`rewrite`), and a hypothesis replaced by what it follows from (`apply`).
"""

from __future__ import annotations

import enum
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checkers.coq.samples import binders, words
from corpora.mutate.bench import Target
from provers.symbolic.coq import trees
from provers.symbolic.coq.library import Library

_HALVES = ("proj1", "proj2")
_PRIVATE = "Private_"
"""Marks what a library keeps for its own proofs."""
_LARGEST = 60
"""A lemma with more symbols than this is about something very special."""


class Rule(enum.Enum):
    """How a theorem is varied."""

    REWRITE = "rewrite"
    """The conclusion is rewritten."""
    REWRITE_HYPOTHESIS = "rewrite hypothesis"
    APPLY = "apply"
    """A hypothesis gives way to the premises of a lemma from which it follows."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lemma that may be used on a theorem; only Coq knows whether it can."""

    rule: Rule
    lemma: str
    backwards: bool = False
    """Whether an equation is used from right to left."""
    place: str = ""
    """The hypothesis, empty for the conclusion."""
    half: str = ""
    """`proj1` or `proj2` where the lemma is an equivalence, and one direction of it is applied."""


class Index:
    """The lemmas in scope, by the symbols at the head of what they conclude and of the sides of their equations.

    Args:
        premises: names and statements without notations.
    """

    def __init__(self, premises: Sequence[tuple[str, str]]) -> None:
        self.statements = dict(premises)
        premises = [(name, text) for name, text in premises if _PRIVATE not in name]
        halves = [(f"{half} {name}", text) for name, whole in premises for half, text in _halves(whole)]
        self._library = Library({"premises": [*premises, *halves]})

    def candidates(self, target: Target, seed: int) -> list[Candidate]:
        """Return what may be tried on a theorem: the rules take turns, within a rule lots decide."""
        found: dict[Rule, list[Candidate]] = {rule: [] for rule in Rule}
        for candidate in dict.fromkeys(self._candidates(target)):
            if not f".{target.full}".endswith(f".{candidate.lemma}"):
                found[candidate.rule].append(candidate)
        lots = random.Random(f"{seed} {target.full}")
        for group in found.values():
            lots.shuffle(group)
        longest = max(map(len, found.values()))
        return [group[turn] for turn in range(longest) for group in found.values() if turn < len(group)]

    def _candidates(self, target: Target) -> Iterator[Candidate]:
        yield from self._rewriting(Rule.REWRITE, target.conclusion, "")
        for name, kind in target.hypotheses:
            if name not in target.assumed:
                continue
            yield from self._rewriting(Rule.REWRITE_HYPOTHESIS, kind, name)
            for premise in self._library.applicable(trees.read(kind)):
                half, _, lemma = premise.name.rpartition(" ")
                yield Candidate(Rule.APPLY, lemma, place=name, half=half)

    def _rewriting(self, rule: Rule, text: str, place: str) -> Iterator[Candidate]:
        for found in self._library.rewriting(trees.read(text)):
            if " " not in found.premise.name and len(found.premise.features) <= _LARGEST:
                yield Candidate(rule, found.premise.name, found.backwards, place)


def _halves(statement: str) -> Iterator[tuple[str, str]]:
    """Return both directions of an equivalence, each as a statement of its own."""
    found, rest = binders(statement)
    parts = words(rest)
    if len(parts) != 3 or parts[0] != "iff":
        return
    quantified = " ".join(f"({name} : {kind})" for name, kind in found)
    for half, (given, wanted) in zip(_HALVES, (parts[1:], parts[:0:-1]), strict=True):
        yield half, f"forall {quantified} (_ : {given}), {wanted}"
