"""Critics that need no training: small goals first, and goals unlike those seen before."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from lemmata.goal import GoalView
from provers.critics.features import goal_words
from provers.retrieval.tokens import words

_HALF = 40.0
"""A goal of so many words is half as likely to be proved as one of none."""
_HYPOTHESIS = 0.2
"""What a word of a hypothesis counts: more to read, but also more to use."""
_LEAST_NEW = 0.02
_MOST_SEEN = 20_000
"""Goals that are remembered; then it begins anew."""


class SizeCritic:
    """Prefers small goals: the fewer words, the sooner they are proved."""

    name = "size"
    processes = 1

    async def score(self, goals: Sequence[GoalView]) -> list[float]:
        """Return for each goal the logarithm of a probability that falls with its size."""
        return [_by_size(view) for view in goals]


def _by_size(view: GoalView) -> float:
    size = len(words(view.goal.conclusion)) + len(view.goal.conclusion) / 12
    size += _HYPOTHESIS * sum(len(words(h.text)) + 1 for h in view.goal.hypotheses)
    return -math.log1p(size / _HALF)


class NoveltyCritic:
    """Prefers goals unlike those that it was asked about before, so that a search does not go round in one corner.

    What is new is counted by words and pairs of neighbouring words: each is worth less the more goals had it (as in
    count-based exploration: Bellemare et al., NeurIPS 2016). Goals of one obligation are compared with each other.
    """

    name = "novelty"
    processes = 1
    """What it has seen is in one place."""

    def __init__(self) -> None:
        self._seen: dict[str, Counter[str]] = {}
        self._scores: dict[tuple[str, str], float] = {}

    async def score(self, goals: Sequence[GoalView]) -> list[float]:
        """Return the logarithm of how new each goal is; asked again about one, it says the same."""
        return [self._score(view) for view in goals]

    def _score(self, view: GoalView) -> float:
        key = (view.obligation.key, view.goal.key)
        if key not in self._scores:
            if len(self._scores) >= _MOST_SEEN:
                self._seen.clear()
                self._scores.clear()
            seen = self._seen.setdefault(key[0], Counter())
            found = set(goal_words(view.goal.conclusion, [(h.name, h.text) for h in view.goal.hypotheses]))
            fresh = sum(1 / math.sqrt(1 + seen[word]) for word in sorted(found)) / len(found) if found else 1.0
            seen.update(found)
            self._scores[key] = math.log(min(max(fresh, _LEAST_NEW), 1.0))
        return self._scores[key]
