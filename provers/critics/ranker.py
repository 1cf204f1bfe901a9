"""Which of several loop invariants is tried first: a ranker reads the program and each candidate.

After S. Chakraborty et al., "Ranking LLM-generated loop invariants for program verification", Findings of EMNLP 2023:
right candidates come first, whatever order the model that wrote them gave. A ranker only changes the order; the checker
decides as before.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from lemmata.errors import InputError
from lemmata.goal import GoalView
from lemmata.step import Proposal
from provers.critics.examples import ClauseExample, clause_examples, stored
from provers.critics.features import clause_features
from provers.critics.linear import Fitting, Linear, fit
from provers.critics.value import LINEAR, require

_MOST_PAIRS = 24
"""Wrong candidates that each right one of a problem is compared with."""


class Scores(Protocol):
    """Judges candidates for a problem."""

    def score(self, problem: str, candidates: Sequence[str]) -> list[float]:
        """Return how well each candidate fits; greater is better."""
        ...


class LinearRanker:
    """Scores by what a candidate and its program have in common.

    Args:
        model: the weights.
    """

    def __init__(self, model: Linear) -> None:
        self.model = model

    def score(self, problem: str, candidates: Sequence[str]) -> list[float]:
        """Return how well each candidate fits; greater is better."""
        return [self.model.log_odds(clause_features(problem, candidate)) for candidate in candidates]

    @classmethod
    def train(cls, examples: Iterable[ClauseExample], settings: Fitting = Fitting()) -> LinearRanker:  # noqa: B008
        """Learn to put right candidates before the wrong ones of the same problem.

        Raises:
            InputError: no problem has both.
        """
        problems: defaultdict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        for example in examples:
            problems[example.problem][0 if example.held else 1].append(example.candidate)
        data: list[tuple[Mapping[str, float], bool]] = []
        for problem, (right, wrong) in problems.items():
            features = {text: clause_features(problem, text) for text in (*right, *wrong)}
            for text in right:
                for other in wrong[:_MOST_PAIRS]:
                    # A pair in the right order, and the same pair in the wrong one.
                    data.append((_difference(features[text], features[other]), True))
                    data.append((_difference(features[other], features[text]), False))
        if not data:
            raise InputError(
                "no problem has both right and wrong candidates: there is nothing to tell apart",
                hint="prove more programs",
            )
        return cls(fit("ranker", data, settings, bits=14, about={"problems": len(problems), "pairs": len(data) // 2}))

    @classmethod
    def from_store(cls, path: Path, settings: Fitting = Fitting()) -> LinearRanker:  # noqa: B008
        """Learn from the searches on programs in a store.

        Raises:
            StoreError: it cannot be read.
            InputError: there is nothing to learn from in it.
        """
        searches = ((source, events) for system, source, events in stored(path) if system == "programs" and source)
        return cls.train((e for source, events in searches for e in clause_examples(source, events)), settings)

    def save(self, folder: Path) -> None:
        """Write it to a folder that `InvariantRanker` reads."""
        self.model.save(folder / LINEAR)

    @classmethod
    def load(cls, folder: Path) -> LinearRanker:
        """Read what `save` wrote; raises `InputError` where that cannot be read."""
        return cls(Linear.load(folder / LINEAR, "ranker"))


class InvariantRanker:
    """Puts proposals of clauses in the order in which they are most likely to be right.

    Args:
        model: a folder: that of a network made by `lemmata train ranker`, or one with a `LinearRanker`.
        scores: what judges instead of a model.
    """

    name = "invariant-ranker"
    systems = ("programs",)

    def __init__(self, model: str = "", scores: Scores | None = None) -> None:
        self._folder = Path(model) if model else None
        self._scores = scores

    async def rank(self, view: GoalView, proposals: Sequence[Proposal]) -> list[Proposal]:
        """Return the proposals in the ranker's order.

        The estimates that they came with are dealt out again by rank: all together they stay what the provers said.
        Proposals that are no clauses keep theirs. Of equals the one that came first stays first.

        Raises:
            LemmataError: the model, or a library that it needs, cannot be loaded.
        """
        judged = [i for i, proposal in enumerate(proposals) if proposal.step.kind == "clauses"]
        scores = self._loaded()
        if len(judged) > 1 and scores is not None:
            said = scores.score(problem_text(view), [candidate_text(proposals[i]) for i in judged])
            given = sorted((proposals[i].log_probability for i in judged), reverse=True)
            order = sorted(zip(judged, said, strict=True), key=lambda pair: (-sound_score(pair[1]), pair[0]))
            dealt = {i: value for (i, _), value in zip(order, given, strict=True)}
            proposals = [
                dataclasses.replace(p, log_probability=dealt[i]) if i in dealt else p for i, p in enumerate(proposals)
            ]
            place = {i: rank for rank, (i, _) in enumerate(order)}
            # Equal estimates still follow the ranker.
            ranked = sorted(enumerate(proposals), key=lambda e: (-e[1].log_probability, place.get(e[0], -1)))
            return [proposal for _, proposal in ranked]
        return sorted(proposals, key=lambda proposal: -proposal.log_probability)

    def _loaded(self) -> Scores | None:
        if self._scores is None and self._folder is not None:
            require(self._folder, "ranker")
            if (self._folder / LINEAR).is_file():
                self._scores = LinearRanker.load(self._folder)
            else:
                from provers.neural.training.ranker import TrainedRanker

                self._scores = TrainedRanker.load(self._folder)
        return self._scores


def sound_score(value: float) -> float:
    """Return a score that can be compared; what is no number comes last."""
    return float("-inf") if math.isnan(value) else value


def problem_text(view: GoalView) -> str:
    """Return a program as rankers read it: its source."""
    return view.obligation.source


def candidate_text(proposal: Proposal) -> str:
    """Return a proposal as rankers read it: its clauses, one a line."""
    return "\n".join(part.text for part in proposal.step.parts) or proposal.step.text


def _difference(first: Mapping[str, float], second: Mapping[str, float]) -> dict[str, float]:
    return {name: first.get(name, 0.0) - second.get(name, 0.0) for name in sorted({*first, *second})}
