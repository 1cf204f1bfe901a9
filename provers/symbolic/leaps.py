"""Crossing long stretches of a run in which every iteration adds the same constants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lemmata.logic.evaluate import NotExecutable, compile_terms
from lemmata.logic.sorts import BOOL, INT
from lemmata.logic.terms import Term, sub
from lemmata.logic.transition import Cut

_CONFIRMATIONS = 64
_LONGEST = 1 << 62

State = tuple[Any, ...]
Function = Callable[..., tuple[Any, ...]]


class Leaper:
    """Finds how far a run goes on in a straight line.

    Along a line no linear comparison changes unless its sign differs between the ends, so equal signs of all the
    program's comparisons at both ends mean equal behaviour in between. Comparisons that are not linear make this a
    guess; a wrong guess costs clauses that would have been true, never more.

    Args:
        cut: the loop.
        atoms: the comparisons that the loop's body and guard make.
    """

    def __init__(self, cut: Cut, atoms: Sequence[Term]) -> None:
        self._signs: Function | None = None
        if any(v.sort not in (INT, BOOL) for v in cut.variables):
            return
        differences = [sub(*a.args) for a in atoms if a.op in ("<", "<=", "=") and a.args[0].sort == INT]
        try:
            self._signs = compile_terms(differences, [v.name for v in cut.variables])
        except (NotExecutable, KeyError, RecursionError, SyntaxError, MemoryError):
            self._signs = None

    def leap(self, step: Function, state: State) -> State:
        """Return the last state of the straight stretch that starts here, or the same state.

        Args:
            step: computes whether the loop goes on, and the next state.
            state: where the run is.
        """
        if self._signs is None:
            return state
        following = step(*state)
        if not following[0]:
            return state
        delta = [b - a for a, b in zip(state, following[1:], strict=True)]
        # Short periods look straight for a while: a body that does something else every ninth time, for example.
        here = state
        for _ in range(_CONFIRMATIONS):
            following = step(*here)
            if not following[0] or any(b - a != d for a, b, d in zip(here, following[1:], delta, strict=True)):
                return state
            here = following[1:]
        signs = self._classes(state)

        def straight(count: int) -> bool:
            there = self._along(state, delta, count)
            goes_on, *after = step(*there)
            same = all(b - a == d for a, b, d in zip(there, after, delta, strict=True))
            return bool(goes_on) and same and self._classes(there) == signs

        count = 1
        while count < _LONGEST and straight(2 * count):
            count *= 2
        if count >= _LONGEST:
            return state
        part = count // 2
        while part:
            if straight(count + part):
                count += part
            part //= 2
        return self._along(state, delta, count)

    def _classes(self, state: State) -> list[int]:
        assert self._signs is not None
        return [(v > 0) - (v < 0) for v in self._signs(*state)]

    @staticmethod
    def _along(state: State, delta: Sequence[int], count: int) -> State:
        # Booleans are numbers to Python, but must stay Booleans.
        return tuple(a + d * count if d else a for a, d in zip(state, delta, strict=True))
