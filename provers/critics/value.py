"""Critics that have learnt from searches which goals get proved.

A model is a folder. One that `lemmata train critic` made is a network; one with `linear.json` is a `LinearValueCritic`,
which needs no library and learns from a store in seconds.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from lemmata.errors import BackendMissing, InputError, Location
from lemmata.goal import GoalView
from provers.critics.examples import GoalExample, goal_examples, stored
from provers.critics.features import goal_features
from provers.critics.linear import Fitting, Linear, fit
from provers.neural import local_loading, local_manifest

LINEAR = "linear.json"
CALL_SECONDS = 60.0
"""Of a network: most of it is the first call's, which loads its libraries."""
VARIABLES = ("CUDA_VISIBLE_DEVICES",)
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
    call_seconds = CALL_SECONDS
    variables = VARIABLES

    def __init__(self, model: str) -> None:
        self._folder = Path(model)
        self._linear: LinearValueCritic | None = None
        self._network: _Network | None = None

    @staticmethod
    def check_model(model: str) -> None:
        """Raise a `LemmataError` where there is no critic in a folder, or a library for it is not installed."""
        if is_linear(Path(model), "critic"):
            LinearValueCritic.load(Path(model))

    async def score(self, goals: Sequence[GoalView]) -> list[float]:
        """Return the estimated logarithm of the probability that each goal is proved.

        Raises:
            LemmataError: the model, or a library that it needs, cannot be loaded.
        """
        if self._linear is None and self._network is None:
            if is_linear(self._folder, "critic"):
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


def is_linear(folder: Path, what: str) -> bool:
    """Say whether a model is a linear one; otherwise it is a network.

    Args:
        folder: of the model.
        what: `critic` or `ranker`.

    Raises:
        InputError: there is neither in the folder.
        BackendMissing: it is a network, and a library that it needs is not installed.
    """
    if (folder / LINEAR).is_file():
        return True
    manifest = local_manifest.read(folder) if folder.is_dir() else None
    if manifest is None or manifest.kind != what:
        raise InputError(
            f"there is no {what} here",
            hint=f"`lemmata train {what}` makes one",
            location=Location(str(folder)),
        )
    absent = [name for name in ("torch", "transformers") if importlib.util.find_spec(name) is None]
    if absent:
        raise BackendMissing(f"this {what} needs {' and '.join(absent)}", hint=local_loading.INSTALL)
    return False
