"""What the provers for Coq share: a goal read once, and what is known around it, kept by obligation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from lemmata.goal import GoalView
from provers.symbolic.coq import trees
from provers.symbolic.coq.trees import Statement, Tree

K = TypeVar("K")


@dataclass(frozen=True)
class View:
    """A Coq goal as provers look at it: without notations."""

    view: GoalView

    @cached_property
    def statement(self) -> Statement:
        """The conclusion."""
        return trees.statement(str(self.view.goal.details.get("plain", "")))

    @cached_property
    def hypotheses(self) -> dict[str, Tree]:
        """Types of the hypotheses by name, in order."""
        found = {}
        for entry in self.view.goal.details.get("hypotheses", ()):
            name, text = entry
            # A local definition is printed with its body, which does not say what it is.
            kind = str(text).rsplit(" : ", 1)[-1] if str(text).startswith(":= ") else str(text)
            found[str(name)] = trees.read(kind)
        return found

    @cached_property
    def statements(self) -> dict[str, Statement]:
        """The hypotheses as statements."""
        return {str(n): trees.statement(str(t)) for n, t in self.view.goal.details.get("hypotheses", ())}

    @cached_property
    def local(self) -> frozenset[str]:
        """Names that mean something in this goal only."""
        return frozenset(self.hypotheses) | frozenset(self.statement.variables)

    @cached_property
    def features(self) -> dict[str, float]:
        """Features with their weights: the conclusion's count in full, the hypotheses' less."""
        found: dict[str, float] = {}
        for kind in self.hypotheses.values():
            for feature in trees.features(kind, self.local):
                found.setdefault("h:" + feature, 0.5)
        whole = self.statement
        for tree in (*whole.premises, *whole.types, whole.conclusion):
            for feature in trees.features(tree, self.local):
                found[feature] = 1.0
        return found


class Known(Generic[K]):
    """Something made from an obligation's context, once, for the obligations seen lately.

    Args:
        make: makes it.
        most: how many are kept.
    """

    def __init__(self, make: Callable[[Mapping[str, Any]], K], most: int = 2) -> None:
        self._make = make
        self._most = most
        self._known: dict[str, K] = {}

    def of(self, view: GoalView) -> K:
        """Return what belongs to a goal's obligation."""
        key = view.obligation.key
        if key not in self._known:
            while len(self._known) >= self._most:
                del self._known[next(iter(self._known))]
            self._known[key] = self._make(view.context)
        return self._known[key]
