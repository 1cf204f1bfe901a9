"""A prover that proposes what was done at the most similar recorded goals: nearest neighbours, learnt online.

After L. Blaauwbroek, J. Urban and H. Geuvers, "Tactic Learning and Proving for the Coq Proof Assistant" (LPAR 2020).
What stands above the goal in its own file is learnt when the file is read, so that a proof counts for those below it
as soon as it is there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lemmata.errors import UsageError
from lemmata.goal import GoalView
from provers.retrieval.cache import Cache
from provers.retrieval.knn import examples
from provers.retrieval.knn.carrying import Names, Recorded, Target, tactics
from provers.retrieval.knn.examples import hypotheses_of, short
from provers.retrieval.knn.features import features
from provers.retrieval.knn.index import Index
from provers.retrieval.knn.scope import allowed, own_name
from provers.symbolic.coq.neighbours import analogies, pieces
from provers.symbolic.tactics import Move, TacticProver

_NEIGHBOURS = 100
_ALIKE = 20
"""As many goals of the same form have a say besides."""
_SHARPNESS = 3.0
"""A neighbour counts as much as its similarity to this power."""
_FOLLOWING = 0.35
"""What a proof that is being followed adds to the likeness of its next step."""
_AHEAD = 3
_SAME_FORM, _LONG_FORM = 0.4, 15
"""What a goal of the same form is nearer for that, if it has so many names; in proportion if it has fewer."""
_SECONDS = 0.6
_KEPT = 2


@dataclass(slots=True)
class _Search:
    """What is known around one obligation.

    Args:
        mask: for each example of the data set whether it may be learnt from (numpy, booleans).
        near: what stands above in the file.
        names: what is in scope.
        lasts: the same without modules.
        theorem: what is to be proved.
        rooted: whether the mask was made knowing the root.
    """

    mask: Any
    near: Index
    names: Names
    lasts: set[str]
    theorem: str
    rooted: bool
    offered: dict[str, set[tuple[int, int]]] = field(default_factory=lambda: defaultdict(set))
    """By the text of a proposal the examples that it comes from, as index and place."""


class KnnProver(TacticProver):
    """Proposes the steps of the nearest recorded goals, those of equal steps together.

    Args:
        model: a file of step records (`lemmata.step/1`), JSON lines or Parquet.
        cache: keeps the index; None is the user's.
    """

    name = "knn"
    systems = ("coq",)
    configured = True
    apart = True
    """It searches on its own beside the others: what it knows is not what they know, nor are its estimates."""
    calibrated = True
    """Its estimates are on the scale of those of the provers that need no model."""
    call_seconds = 180.0
    """The first question may have to wait for the index to be made."""

    def __init__(self, model: str, cache: Cache | None = None) -> None:
        self._path = Path(model).expanduser()
        self._cache = cache or Cache()
        self._index: Index | None = None
        self._searches: dict[tuple[str, str], _Search] = {}

    @staticmethod
    def check_model(model: str) -> None:
        """Make the index of a data set, where there is none yet: a search would not wait for it.

        Raises:
            UsageError: there is no such file.
            InputError: a record is wrong.
            BackendMissing: numpy is not installed.
        """
        path = Path(model).expanduser()
        if not path.is_file():
            raise UsageError(f"there is no file {model}", hint="say knn:DATASET, a file of step records")
        _index(path, Cache())

    def moves(self, view: GoalView) -> Iterator[Move]:
        """Return the steps taken at the goals most like this one, as they would be written here."""
        index, search = self._known(view)
        details = view.goal.details
        conclusion, hypotheses = str(details.get("plain", "")), hypotheses_of(details.get("hypotheses", ()))
        target = Target(conclusion, hypotheses, search.names)
        weights: dict[str, float] = defaultdict(float)
        best: dict[str, float] = {}
        sources: dict[str, set[tuple[int, int]]] = defaultdict(set)
        wanted = features(conclusion, hypotheses)
        for (which, place), likeness in self._neighbours(index, search, view, wanted, target):
            source = search.near if which else index
            example, theorem = source.recorded(place), short(source.proof(place).theorem)
            if example.form == target.form != 0:
                likeness += _SAME_FORM * min(len(example.symbols) / _LONG_FORM, 1.0) * (1 - likeness)
            for text, fit in self._written(example, theorem, target, search, near=bool(which)):
                weights[text] += (likeness * fit) ** _SHARPNESS
                best[text] = max(best.get(text, 0.0), likeness * fit)
                sources[text].add((which, place))
        total = sum(weights.values()) or 1.0
        for text, found in sources.items():
            search.offered[text] |= found
        for text, weight in weights.items():
            yield text, _log_probability(weight / total, best[text]), _SECONDS

    def _written(
        self, example: Recorded, theorem: str, target: Target, search: _Search, *, near: bool
    ) -> Iterator[tuple[str, float]]:
        """Write a step as it may be written at a goal, each way with how well it fits, from 0 to 1."""
        if not target.names.tactics.issuperset(tactics(example.step)[:1]):
            # A tactic of another file's own.
            return
        for text, loss in target.carried(example, near=near):
            yield text, 1 - 0.6 * loss
            for piece, price in pieces(text):
                yield piece, (1 - 0.6 * loss) * math.exp(-0.5 * price)
            for analogous in analogies(text, theorem, search.theorem, search.lasts):
                yield analogous, 1 - 0.6 * loss

    def _neighbours(
        self, index: Index, search: _Search, view: GoalView, wanted: frozenset[str], target: Target
    ) -> list[tuple[tuple[int, int], float]]:
        """Return the examples that fit, the data set's as 0 and those above in the file as 1, and how well they do."""
        found: dict[tuple[int, int], float] = {}
        for which, (known, mask) in enumerate(((index, search.mask), (search.near, None))):
            for place, likeness in known.nearest(wanted, _NEIGHBOURS, mask, target.form, _ALIKE):
                found[which, place] = likeness
        after = view.goal.details.get("after")
        for which, place in search.offered.get(str(after), ()) if after is not None else ():
            known = search.near if which else index
            for ahead in range(1, _AHEAD + 1):
                if not known.together(place, place + ahead):
                    break
                key = which, place + ahead
                found[key] = min(found.get(key, 0.1) + _FOLLOWING / ahead, 1.0)
        return sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))[: _NEIGHBOURS + 2 * _ALIKE]

    def _known(self, view: GoalView) -> tuple[Index, _Search]:
        if self._index is None:
            self._index = _index(self._path, self._cache)
        # What may be learnt from depends on the file, which is no part of an obligation's key.
        key = view.obligation.key, view.obligation.location.file
        search = self._searches.get(key)
        if search is None or (view.depth == 0 and not search.rooted):
            self._searches.pop(key, None)
            while len(self._searches) >= _KEPT:
                del self._searches[next(iter(self._searches))]
            search = self._searches[key] = self._opened(view, self._index)
        return self._index, search

    def _opened(self, view: GoalView, index: Index) -> _Search:
        near = Index.build(examples.above(view.context), index.rarity)
        names = Names.of(view.context, index.tactics | near.tactics)
        mask = index.spread(allowed(view, index.proofs))
        return _Search(mask, near, names, set(names.by_last), own_name(view), view.depth == 0)


def _index(path: Path, cache: Cache) -> Index:
    return Index.cached(examples.digest(path), lambda: examples.examples(path), cache)


def _log_probability(share: float, best: float) -> float:
    """Return how likely a step is that has a share of all neighbours' weight, and how like its best one is.

    Logistic regression on 900 goals of the standard library, each with the step that its author took.
    """
    return min(0.86 + 1.12 * math.log(max(share, 1e-9)) - 2.46 * (1 - best), -0.1)
