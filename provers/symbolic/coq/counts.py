"""How probable a kind of tactic is at a kind of goal, from counts of the steps of many proofs.

A naive Bayes estimate, tempered because the questions asked about a goal overlap: the logarithm of the posterior is the
sum of the template's logarithmic frequency and, times a weight below 1, of what each answer adds to it; probabilities
are normalised over the templates (D. Hand and K. Yu, "Idiot's Bayes: not so stupid after all?", 2001, on why the
estimate needs that). The counts are data of the package, made by `python -m corpora.coq.counts`.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

SCHEMA = "lemmata/coq-counts/1"
OTHER = "<other>"
"""Stands for the templates that were seen too seldom to be counted each."""

_TEMPER = 0.5
"""Weight of an answer. On a library left out, 0.25 to 0.35 give the steps taken the highest likelihood, and 0.5 puts
their templates furthest up; 1, the plain naive estimate, is worst at both."""
_PRIOR = 30.0
"""How many steps as usual are added to those of each template, before its answers are counted."""
_MOST_KINDS = 4096


class Counts:
    """Counted steps.

    Args:
        data: what the data file holds.

    Raises:
        ValueError: it is of another schema.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        if data.get("schema") != SCHEMA:
            raise ValueError(f"counts of schema {data.get('schema')!r}, not {SCHEMA!r}")
        # The file speaks of a template by its place in alphabetical order.
        counted = sorted(data["templates"].items())
        self._number = {str(name): number for number, (name, _) in enumerate(counted)}
        self._counted = [int(count) for _, count in counted]
        self._total = max(sum(self._counted), 1)
        self._prior = [math.log(count / self._total) for count in self._counted]
        # Most templates never meet most answers, so what an answer adds is kept as the difference from never.
        self._never = [_TEMPER * math.log(_PRIOR / (count + _PRIOR)) for count in self._counted]
        self._answers = {answer: self._gains(found) for answer, found in data["shapes"].items()}
        self._known: dict[tuple[str, ...], list[float]] = {}

    def _gains(self, pairs: Sequence[int]) -> list[tuple[int, float]]:
        """Return what an answer adds to each template; the pairs are templates' numbers and counts in turn."""
        share = max(sum(pairs[1::2]), 1) / self._total
        found = zip(pairs[::2], pairs[1::2], strict=True)
        return [(number, _TEMPER * math.log1p(count / (_PRIOR * share))) for number, count in found]

    def knows(self, template: str) -> bool:
        """Say whether a template was seen often enough to say anything about it."""
        return template in self._number

    def log_probability(self, template: str, shapes: Sequence[str] = ()) -> float:
        """Return the logarithm of the probability that a step has a template.

        Args:
            template: as of `templates.template`; what is unknown counts as all that is seldom together.
            shapes: the goal's answers, as of `shapes.shapes`; of none the frequency over all goals is returned.
        """
        number = self._number.get(template, self._number.get(OTHER))
        if number is None:
            return -math.log(self._total + 1)
        if not shapes:
            return self._prior[number]
        key = tuple(shapes)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_KINDS:
                self._known.clear()
            found = self._known[key] = self._posterior(key)
        return found[number]

    def _posterior(self, shapes: Sequence[str]) -> list[float]:
        asked = [self._answers[answer] for answer in shapes if answer in self._answers]
        scores = [prior + len(asked) * never for prior, never in zip(self._prior, self._never, strict=True)]
        for gains in asked:
            for number, gain in gains:
                scores[number] += gain
        most = max(scores)
        total = most + math.log(sum(math.exp(score - most) for score in scores))
        return [score - total for score in scores]


@functools.cache
def shipped() -> Counts:
    """Return the counts that come with the package, read when first asked for."""
    text = resources.files("provers.symbolic.coq").joinpath("counts.json").read_text("utf-8")
    return Counts(json.loads(text))


def log_probability(template: str, shapes: Sequence[str] = ()) -> float:
    """Return what the package's own counts say; see `Counts.log_probability`."""
    return shipped().log_probability(template, shapes)
