"""Decision trees that separate good from bad states, where of some states only is known which others they lead to.

Implication counterexamples: P. Garg, C. Löding, P. Madhusudan and D. Neider, "ICE: A Robust Framework for Learning
Invariants" (CAV 2014); trees of them: P. Garg, D. Neider, P. Madhusudan and D. Roth, "Learning Invariants using
Decision Trees and Implication Counterexamples" (POPL 2016).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import log2

from lemmata.logic.polynomial import Polynomial, build
from lemmata.logic.shape import compare
from lemmata.logic.sorts import BOOL, INT
from lemmata.logic.terms import Term, const, disj, emod, eq, neg, var
from lemmata.logic.transition import Cut
from provers.symbolic.candidates import numeric
from provers.symbolic.samples import State, truth

_CUT_COST = 0.3
"""What a test costs, in bits, that parts every state from the one it leads to."""
_UNLIKELY = 0.05
"""What a bound that only the states suggest is worth, beside the program's own comparisons."""
_COMPARED = 12
"""Of so many of the best tests this cost is looked at."""


class Contradiction(Exception):
    """A state that is reached leads to one that must not be."""


class Examples:
    """States of a program's cuts, by number, with what is known of them.

    `good` ones are reached or follow from such; `bad` ones lead to an error.
    """

    def __init__(self) -> None:
        self.places: list[tuple[str, State]] = []
        self.good: set[int] = set()
        self.bad: set[int] = set()
        self._numbers: dict[tuple[str, State], int] = {}
        self._after: list[set[int]] = []
        self._before: list[set[int]] = []

    def add(self, cut: str, state: State) -> int:
        """Return the number of a state."""
        key = (cut, state)
        if key not in self._numbers:
            self._numbers[key] = len(self.places)
            self.places.append(key)
            self._after.append(set())
            self._before.append(set())
        return self._numbers[key]

    def lead(self, first: int, second: int) -> None:
        """Record that one state leads to another.

        Raises:
            Contradiction: the one is good, the other bad.
        """
        self._after[first].add(second)
        self._before[second].add(first)
        if first in self.good:
            self.know([second], True)
        if second in self.bad:
            self.know([first], False)

    def know(self, states: Iterable[int], good: bool) -> list[int]:
        """Record that states are good or bad, and what follows of others; return all that were not known.

        Raises:
            Contradiction: one of them is known to be the opposite.
        """
        known, opposite = (self.good, self.bad) if good else (self.bad, self.good)
        links = self._after if good else self._before
        new: list[int] = []
        stack = list(states)
        while stack:
            state = stack.pop()
            if state in opposite:
                raise Contradiction
            if state not in known:
                known.add(state)
                new.append(state)
                stack += links[state]
        return new

    def guess(self) -> Examples:
        """Return a copy in which more may be said than is known."""
        copy = Examples()
        copy.places, copy._numbers = self.places, self._numbers
        copy._after, copy._before = self._after, self._before
        copy.good, copy.bad = set(self.good), set(self.bad)
        return copy

    def pairs(self, among: set[int]) -> Iterator[tuple[int, int]]:
        """Yield which state leads to which, of some states."""
        for first in among:
            for second in self._after[first] & among:
                yield first, second


@dataclass(slots=True)
class _Attribute:
    """A question about states, and which of those at hand it is true of."""

    term: Term
    true: set[int]
    gain: float


class Attributes:
    """The questions that a tree may ask of the states of one cut.

    Args:
        cut: the loop.
        literals: comparisons that are likely to matter, the likeliest first.
        constants: numbers that are likely bounds.
    """

    def __init__(self, cut: Cut, literals: Sequence[Term], constants: Iterable[int]) -> None:
        self._cut = cut
        self._literals = [*literals, *(var(v.name, BOOL) for v in cut.variables if v.sort == BOOL)]
        self._constants = sorted(set(constants), key=lambda n: (abs(n), n))
        self._places = {v.name: i for i, v in enumerate(cut.variables)}
        names = [v.name for v in numeric(cut) if v.sort == INT]
        self._sums: list[dict[str, int]] = [{name: 1} for name in names]
        for one, two in combinations(names, 2):
            self._sums += [{one: 1, two: -1}, {one: 1, two: 1}]
        self._literals += [eq(emod(_built(total), const(2)), const(0)) for total in self._sums]

    def best(self, examples: Examples, states: Sequence[int]) -> _Attribute | None:
        """Return the question that tells most of what is good and what bad; None where none tells anything."""
        good, bad = examples.good.intersection(states), examples.bad.intersection(states)
        found = [*self._plain(examples, states, good, bad), *self._bounds(examples, states, good, bad)]
        found.sort(key=lambda test: -test.gain)
        pairs = list(examples.pairs(set(states)))
        best: tuple[float, _Attribute] | None = None
        for test in found[:_COMPARED]:
            parted = sum((one in test.true) != (two in test.true) for one, two in pairs)
            value = test.gain - (_CUT_COST * parted / len(pairs) if pairs else 0.0)
            if best is None or value > best[0] + 1e-9:
                best = value, test
        return best[1] if best else None

    def _plain(self, examples: Examples, states: Sequence[int], good: set[int], bad: set[int]) -> Iterator[_Attribute]:
        masks = truth(self._cut, self._literals, [examples.places[n][1] for n in states])
        for term, mask in zip(self._literals, masks, strict=True):
            true = {n for i, n in enumerate(states) if mask >> i & 1}
            if gain := _gain(len(good & true), len(bad & true), len(good), len(bad)):
                yield _Attribute(term, true, gain)

    def _bounds(self, examples: Examples, states: Sequence[int], good: set[int], bad: set[int]) -> Iterator[_Attribute]:
        for total in self._sums:
            values = {
                n: sum(c * examples.places[n][1][self._places[name]] for name, c in total.items()) for n in states
            }
            known = sorted({values[n] for n in good | bad})
            left_good = left_bad = 0
            by_value: dict[int, list[int]] = {}
            for n in good | bad:
                by_value.setdefault(values[n], []).append(n)
            for low, high in pairwise(known):
                left_good += sum(n in good for n in by_value[low])
                left_bad += sum(n in bad for n in by_value[low])
                if gain := _UNLIKELY * _gain(left_good, left_bad, len(good), len(bad)):
                    bound = self._between(low, high)
                    poly: Polynomial = {(var(name, INT),): c for name, c in total.items()}
                    yield _Attribute(compare(poly, "<=", bound), {n for n in states if values[n] <= bound}, gain)

    def _between(self, low: int, high: int) -> int:
        """Return a bound from `low` to below `high`: a likely one, else one in the middle."""
        for n in self._constants:
            for bound in (n, n - 1):
                if low <= bound < high:
                    return bound
        return (low + high - 1) // 2


def _built(total: Mapping[str, int]) -> Term:
    return build({(var(name, INT),): c for name, c in total.items()})


def _entropy(good: int, bad: int) -> float:
    if not good or not bad:
        return 0.0
    share = good / (good + bad)
    return -share * log2(share) - (1 - share) * log2(1 - share)


def _gain(true_good: int, true_bad: int, good: int, bad: int) -> float:
    """Return the information in bits that a question gives, 0 for one with a single answer."""
    true, all_of_them = true_good + true_bad, good + bad
    if true in (0, all_of_them):
        return 0.0
    after = true * _entropy(true_good, true_bad)
    after += (all_of_them - true) * _entropy(good - true_good, bad - true_bad)
    # Even a question that tells nothing parts the states, so that the next ones may tell more.
    return max(_entropy(good, bad) - after / all_of_them, 1e-6)


def learn(examples: Examples, tests: Mapping[str, Attributes]) -> dict[str, list[Term]] | None:
    """Return clauses by cut: true of good states, false of bad ones, and true of all that leads on from where they are.

    Args:
        examples: states, and what is known of them.
        tests: what may be asked, by cut.

    Returns:
        A clause for each path of a tree to a leaf of bad states; None where the questions do not tell good from bad.
    """
    guessed = examples.guess()
    by_cut: dict[str, list[int]] = {name: [] for name in tests}
    for number, (cut, _) in enumerate(examples.places):
        by_cut[cut].append(number)
    clauses: dict[str, list[Term]] = {name: [] for name in tests}
    leaves: list[tuple[str, list[int], list[Term]]] = [(name, states, []) for name, states in by_cut.items()]
    while leaves:
        # Small leaves first: what they say of others is the least of a guess.
        leaves.sort(key=lambda leaf: -len(leaf[1]))
        cut, states, path = leaves.pop()
        good, bad = guessed.good.intersection(states), guessed.bad.intersection(states)
        if good and bad:
            test = tests[cut].best(guessed, states)
            if test is None:
                return None
            leaves.append((cut, [n for n in states if n in test.true], [*path, test.term]))
            leaves.append((cut, [n for n in states if n not in test.true], [*path, neg(test.term)]))
        elif bad or (not good and path):
            # Nothing of this is good, and what leads here is not either: no contradiction can come of it.
            guessed.know(states, False)
            clauses[cut].append(disj(neg(term) for term in path))
        else:
            guessed.know(states, True)
    return clauses
