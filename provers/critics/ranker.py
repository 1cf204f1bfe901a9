"""Which of several loop invariants is tried first: a ranker reads the program and each candidate.

After S. Chakraborty et al., "Ranking LLM-generated loop invariants for program verification", Findings of EMNLP 2023:
right candidates come first, whatever order the model that wrote them gave. A ranker only changes the order; the checker
decides as before.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from lemmata.errors import InputError
from lemmata.goal import GoalView
from lemmata.step import Step
from provers.critics.examples import ClauseExample, clause_examples, stored
from provers.critics.features import clause_features
from provers.critics.linear import Fitting, Linear, fit
from provers.critics.value import CALL_SECONDS, LINEAR, VARIABLES, is_linear

_WORST = -1e30
"""Of what is no number."""
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
    """Says which of the clauses proposed for a program are most likely to hold.

    Args:
        model: a folder: that of a network made by `lemmata train ranker`, or one with a `LinearRanker`.
    """

    name = "invariant-ranker"
    systems = ("programs",)
    configured = True
    memory_bytes: int | None = None
    processes = 1
    call_seconds = CALL_SECONDS
    variables = VARIABLES

    def __init__(self, model: str) -> None:
        self._folder = Path(model)
        self._scores: Scores | None = None

    @staticmethod
    def check_model(model: str) -> None:
        """Raise a `LemmataError` where there is no ranker in a folder, or a library for it is not installed."""
        if is_linear(Path(model), "ranker"):
            LinearRanker.load(Path(model))

    async def rate(self, view: GoalView, steps: Sequence[Step]) -> list[float]:
        """Return how well each step fits the program; finite, greater is better.

        Raises:
            LemmataError: the model, or a library that it needs, cannot be loaded.
        """
        scores = self._loaded().score(view.obligation.source, [candidate_text(step) for step in steps])
        return [value if math.isfinite(value) else _WORST for value in scores]

    def _loaded(self) -> Scores:
        if self._scores is None:
            if is_linear(self._folder, "ranker"):
                self._scores = LinearRanker.load(self._folder)
            else:
                from provers.neural.training.ranker import TrainedRanker

                self._scores = TrainedRanker.load(self._folder)
        return self._scores


def candidate_text(step: Step) -> str:
    """Return a step as rankers read it: its clauses, one a line."""
    return "\n".join(part.text for part in step.parts) or step.text


def _difference(first: Mapping[str, float], second: Mapping[str, float]) -> dict[str, float]:
    return {name: first.get(name, 0.0) - second.get(name, 0.0) for name in sorted({*first, *second})}
