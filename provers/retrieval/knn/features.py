"""What a goal is about: the symbols of its terms, and which symbol stands directly under which.

These are the features of L. Blaauwbroek, J. Urban and H. Geuvers, "Tactic Learning and Proving for the Coq Proof
Assistant" (LPAR 2020), identifiers and pairs of neighbouring nodes; those of hypotheses are kept apart from those of
the conclusion, as in L. Zhang et al., "Online Machine Learning Techniques for Coq: A Comparison" (CICM 2021).
"""

from __future__ import annotations

import functools
import re

from provers.retrieval.knn.examples import Pairs
from provers.symbolic.coq import trees
from provers.symbolic.coq.trees import Statement, Tree

VERSION = "1"
"""Changes with the features that a goal has: indexes made by another version are not used."""
HYPOTHESIS = "h:"
"""Begins the features of hypotheses."""
HYPOTHESIS_WEIGHT = 0.5
_MOST_HYPOTHESES = 24
_NAME = re.compile(r"[^\W\d][\w']*")


def features(conclusion: str, hypotheses: Pairs) -> frozenset[str]:
    """Return the features of a goal; of many hypotheses the latest count.

    Args:
        conclusion: without notations.
        hypotheses: names and types, without notations.
    """
    whole = statement(conclusion)
    local = {name for name, _ in hypotheses} | set(whole.variables)
    found: set[str] = set()
    for tree in (*whole.premises, *whole.types, whole.conclusion):
        found |= trees.features(tree, local)
    for _, text in hypotheses[-_MOST_HYPOTHESES:]:
        found |= _of_hypothesis(text, frozenset(local.intersection(_NAME.findall(text))))
    return frozenset(found)


@functools.lru_cache(1 << 15)
def _of_hypothesis(text: str, local: frozenset[str]) -> frozenset[str]:
    return frozenset(HYPOTHESIS + feature for feature in trees.features(kind(text), local))


@functools.lru_cache(1 << 13)
def statement(text: str) -> Statement:
    """Read a conclusion."""
    return trees.statement(text)


@functools.lru_cache(1 << 13)
def kind(text: str) -> Tree:
    """Read a hypothesis' type; of a local definition, which is printed with its body, the type only."""
    return trees.read(text.rpartition(" : ")[2] if text.startswith(":= ") else text)


def weight(feature: str) -> float:
    """Return how much a feature counts beside its rarity."""
    return HYPOTHESIS_WEIGHT if feature.startswith(HYPOTHESIS) else 1.0
