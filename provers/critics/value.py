"""Critics that have learnt from searches which goals get proved.

A model is a folder. One that `lemmata train critic` made is a network; one with `linear.json` is a `LinearValueCritic`,
which needs no library and learns from a store in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from lemmata.errors import InputError, Location
from lemmata.goal import GoalView
from provers.critics.examples import GoalExample, goal_examples, stored
from provers.critics.features import goal_features
from provers.critics.linear import Fitting, Linear, fit

LINEAR = "linear.json"
_FLOOR = -30.0


class LinearValueCritic:
    """Estimates by logistic regression over a goal's words.

    Args:
        model: the weights.
    """

    name = "value"

    def __init__(self, model: Linear) -> None:
        self.model = model

    async def score(self, goals: Sequence[GoalView]) -> list[float]:
        """Return the estimated logarithm of the probability that each goal is proved."""
        return [self._score(view) for view in goals]

    def _score(self, view: GoalView) -> float:
        goal = view.goal
        above = [(h.name, h.text) for h in goal.hypotheses]
        return self.model.log_probability(goal_features(goal.system, goal.conclusion, above, view.depth))

    @classmethod
    def train(cls, examples: Iterable[GoalExample], settings: Fitting = Fitting()) -> LinearValueCritic:  # noqa: B008
        """Learn from goals.

        Args:
            examples: goals proved and not.
            settings: of the fit.

        Raises:
            InputError: there are not both proved goals and others.
        """
        known = list(examples)
        right = sum(example.proved for example in known)
        if not 0 < right < len(known):
            raise InputError(
                f"of {len(known)} goals {right} were proved: there is nothing to tell apart",
                hint="prove more obligations, some that fail among them",
            )
        data = [(goal_features(e.system, e.conclusion, e.hypotheses, e.depth), e.proved) for e in known]
        return cls(fit("critic", data, settings, about={"goals": len(known), "proved": right}))

    @classmethod
    def from_store(cls, path: Path, settings: Fitting = Fitting()) -> LinearValueCritic:  # noqa: B008
        """Learn from the searches in a store.

        Raises:
            StoreError: it cannot be read.
            InputError: there is nothing to learn from in it.
        """
        return cls.train((e for system, _, events in stored(path) for e in goal_examples(system, events)), settings)

    def save(self, folder: Path) -> None:
        """Write it to a folder that `load` and `ValueCritic` read."""
        self.model.save(folder / LINEAR)

    @classmethod
    def load(cls, folder: Path) -> LinearValueCritic:
        """Read what `save` wrote; raises `InputError` where that cannot be read."""
        return cls(Linear.load(folder / LINEAR, "critic"))


class ValueCritic:
    """A trained critic of either kind, loaded when it is first asked.

    Args:
        model: its folder.
    """

    name = "value"
    configured = True
    memory_bytes: int | None = None
    processes = 1

    def __init__(self, model: str) -> None:
        self._folder = Path(model)
        self._linear: LinearValueCritic | None = None
        self._network: _Network | None = None

    async def score(self, goals: Sequence[GoalView]) -> list[float]:
        """Return the estimated logarithm of the probability that each goal is proved.

        Raises:
            LemmataError: the model, or a library that it needs, cannot be loaded.
        """
        if self._linear is None and self._network is None:
            require(self._folder, "critic")
            if (self._folder / LINEAR).is_file():
                self._linear = LinearValueCritic.load(self._folder)
            else:
                self._network = _Network(self._folder)
        if self._linear is not None:
            return await self._linear.score(goals)
        return self._network.score(goals) if self._network is not None else []


class _Network:
    def __init__(self, folder: Path) -> None:
        from provers.neural.training.critic import TrainedCritic

        self._critic = TrainedCritic.load(folder)

    def score(self, goals: Sequence[GoalView]) -> list[float]:
        from provers.neural.render import goal_text

        return [sound(value) for value in self._critic.score([goal_text(view) for view in goals])]


def sound(value: float) -> float:
    """Return an estimate that can be reckoned with: finite, and at most 0."""
    return min(max(value, _FLOOR), 0.0) if math.isfinite(value) else _FLOOR


def require(folder: Path, what: str) -> None:
    """Raise `InputError` where a model's folder is not there."""
    if not folder.is_dir():
        raise InputError(
            f"there is no folder of a {what} here",
            hint=f"`lemmata train {what}` makes one",
            location=Location(str(folder)),
        )
