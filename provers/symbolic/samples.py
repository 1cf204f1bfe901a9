"""Concrete states at loop heads, from running the transition system on random inputs."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemmata.logic.evaluate import ArrayValue, NotExecutable, compile_terms, default
from lemmata.logic.sorts import BOOL, INT, array_parts, is_array, width
from lemmata.logic.terms import Term, free
from lemmata.logic.transition import Cut, Input, TransitionSystem
from provers.symbolic.candidates import atoms, constants
from provers.symbolic.leaps import Leaper
from provers.symbolic.views import distinct
from provers.symbolic.ways import Way, executable

State = tuple[Any, ...]
"""Values of a loop's variables in their order."""

_KEPT_FIRST = 48
_KEPT_RANDOM = 200
_TRIES = 40
_SHORT = 200
_LONG = 1 << 17
_LONG_BY_CHOICE = 400
_MOST_IDLE = 300
_ENOUGH_TRACES = 40
_LARGEST_VALUE = 1 << 200
_CALLS = 4000
"""Calls of recursive functions in one run, and how deep they may be; runs that need more are given up."""
_DEEPEST = 120


class _Abandoned(Exception):
    """A run makes too many calls."""


@dataclass(slots=True)
class Reservoir:
    """A bounded choice of the states seen at one loop: the first, a random choice, and the last of each run."""

    rng: random.Random
    first: list[State] = field(default_factory=list)
    chosen: list[State] = field(default_factory=list)
    ends: list[State] = field(default_factory=list)
    low: dict[int, State] = field(default_factory=dict)
    high: dict[int, State] = field(default_factory=dict)
    seen: int = 0

    def add(self, state: State) -> None:
        """Consider a state (reservoir sampling: Vitter, ACM TOMS 1985)."""
        self.seen += 1
        if len(self.first) < _KEPT_FIRST:
            self.first.append(state)
        elif len(self.chosen) < _KEPT_RANDOM:
            self.chosen.append(state)
        else:
            place = self.rng.randrange(self.seen)
            if place < _KEPT_RANDOM:
                self.chosen[place] = state
        for i, value in enumerate(state):
            if type(value) is int:
                if i not in self.low or value < self.low[i][i]:
                    self.low[i] = state
                if i not in self.high or value > self.high[i][i]:
                    self.high[i] = state

    def end(self, state: State) -> None:
        """Keep the last state of a run, where things are often different."""
        self.add(state)
        if len(self.ends) < _KEPT_RANDOM:
            self.ends.append(state)

    def states(self) -> list[State]:
        """Return the kept states, each once, in a stable order."""
        return list(dict.fromkeys([*self.first, *self.chosen, *self.ends, *self.low.values(), *self.high.values()]))


class Runner:
    """Runs a transition system from random inputs and keeps states of its loops.

    Args:
        system: the program.
        seed: of the random choices; the same seed and budget in iterations give the same states.
    """

    def __init__(self, system: TransitionSystem, seed: int = 0) -> None:
        self._rng = random.Random(seed)
        self._cuts = {c.name: c for c in system.cuts}
        self._pool = {s: self._values(constants(system, s)) for s in self._sorts(system)}
        self._ways: dict[str, list[Way]] = {}
        for block in system.blocks:
            made = executable(block, self._cuts)
            # Where a call leads is seen when it is run on the way to somewhere else.
            if made is not None and self._cuts[block.target].kind != "start":
                self._ways.setdefault(block.source, []).append(made)
        self.reservoirs = {c.name: Reservoir(self._rng) for c in system.loops}
        self._leapers = {c.name: Leaper(c, atoms(system, c)) for c in system.loops}
        self.iterations = 0
        self._depth = 0
        self._fuel = 0
        self._picked = 0
        self._returned: dict[tuple[str, State], State] = {}

    @staticmethod
    def _sorts(system: TransitionSystem) -> set[str]:
        sorts = {i.sort for b in system.blocks for i in b.inputs}
        return {INT} | {array_parts(s)[1] if is_array(s) else s for s in sorts}

    @staticmethod
    def _values(numbers: Sequence[int]) -> list[int]:
        near = [c + d for c in numbers for d in (-2, -1, 0, 1, 2)]
        return list(dict.fromkeys([*near, *range(-3, 11)]))

    def run(self, seconds: float, iterations: int) -> None:
        """Run until the time or the number of iterations is used up.

        Args:
            seconds: wall time.
            iterations: of all loops together, those of earlier calls included.
        """
        began = time.perf_counter()
        deadline = began + seconds
        entry = next((c.name for c in self._cuts.values() if c.kind == "entry"), None)
        if entry is None:
            return
        choices = self._has_choice()
        length, idle, traces, cut_short = _SHORT, 0, 0, 0
        while time.perf_counter() < deadline and self.iterations < iterations and idle < _MOST_IDLE:
            before = self.iterations
            self._depth, self._fuel = 0, _CALLS
            try:
                finished = self._trace(entry, length, deadline, _LONG_BY_CHOICE if choices else length)
            except _Abandoned:
                finished = False
            idle = idle + 1 if self.iterations == before else 0
            traces += 1
            if not choices:
                # There is one run only: follow it further every time, to its end if there is one.
                if finished:
                    return
                length *= 8
            else:
                cut_short += not finished and length > _SHORT
                length = _SHORT if self._rng.random() < 0.7 else min(length * 8, _LONG)
                # Many runs that all came to their end tell all that more of them would.
                if traces >= _ENOUGH_TRACES and not cut_short and time.perf_counter() - began > seconds / 3:
                    return

    def _has_choice(self) -> bool:
        return any(way.choices for ways in self._ways.values() for way in ways)

    def _trace(self, entry: str, length: int, deadline: float, most: int) -> bool:
        """Follow one run; say whether it ended by itself or after `most` choices."""
        place, state = entry, ()
        left, chosen = length, 0
        style = self._rng.randrange(3)
        stay = self._rng.choice((0.5, 0.9, 0.98))
        while left > 0:
            ways = self._ways.get(place, [])
            if place in self.reservoirs:
                self.reservoirs[place].add(state)
                self.iterations += 1
                fast = [w for w in ways if w.block.target == place and not w.block.inputs and not w.calls]
                if len(fast) == 1:
                    state, used, stuck = self._spin(fast[0], state, left, deadline)
                    left -= used
                    if stuck is None:
                        self.reservoirs[place].end(state)
                        return False
            left -= 1
            chosen += 1
            if chosen > most or (chosen & 31 == 0 and time.perf_counter() > deadline):
                break
            order = self._order(ways, place, stay)
            following = self._choose(order, state, style)
            if following is None:
                self._finish(place, state)
                return True
            if self._cuts[following[0]].kind == "error":
                return True
            if following[0] != place:
                self._finish(place, state)
            place, state = following
        self._finish(place, state)
        return chosen > most

    def _finish(self, place: str, state: State) -> None:
        if place in self.reservoirs:
            self.reservoirs[place].end(state)

    def _spin(self, way: Way, state: State, left: int, deadline: float) -> tuple[State, int, bool | None]:
        """Repeat a block without inputs while its guard holds; None in the end when the time is up."""
        add = self.reservoirs[way.block.source].add
        leaper = self._leapers[way.block.source]
        step = way.step
        done = 0
        gap = 1
        while done < left:
            goal = min(left, done + gap)
            try:
                while done < goal:
                    guard, *following = step(*state)
                    if not guard:
                        self.iterations += done
                        return state, done, True
                    state = tuple(following)
                    done += 1
            except (TypeError, MemoryError, OverflowError):
                break
            if any(type(v) is int and abs(v) > _LARGEST_VALUE for v in state):
                break
            add(state)
            if done >= 128:
                # Long runs are looked at ever more rarely, at odd distances so that no residue is missed.
                gap = min(gap + gap // 8 + 1 + self._rng.randrange(3), 1999)
                if time.perf_counter() > deadline:
                    break
                leaped = leaper.leap(step, state)
                if leaped is not state:
                    add(leaped)
                    state, gap = leaped, 1
        self.iterations += done
        return state, done, None

    def _order(self, ways: list[Way], place: str, stay: float) -> list[Way]:
        """Shuffle the ways on; with probability `stay`, first try to remain in the loop."""
        order = list(ways)
        self._rng.shuffle(order)
        if self._rng.random() < stay:
            order.sort(key=lambda way: way.block.target != place)
        return order

    def _choose(self, ways: list[Way], state: State, style: int) -> tuple[str, State] | None:
        for way in ways:
            for attempt in range(_TRIES if way.choices else 1):
                values = [*state, *(self._input(i, style, attempt) for i in way.block.inputs)]
                try:
                    for place, value in way.definitions:
                        values[place] = value(*values)[0]
                    if (not way.calls or self._perform(way, values, style)) and way.guard(*values)[0]:
                        following = way.update(*values)
                        if any(type(v) is int and abs(v) > _LARGEST_VALUE for v in following):
                            return None
                        return way.block.target, following
                except (TypeError, MemoryError, OverflowError):
                    return None
        return None

    def _input(self, chosen: Input, style: int, attempt: int) -> Any:
        if chosen.reason == "call" or (self._depth and chosen.reason != "nondet" and not attempt):
            # What a call gives follows; what a function's body leaves open is best the same every time.
            return default(chosen.sort)
        self._picked += 1
        return self._random(chosen.sort, style)

    # Calls of recursive functions.

    def _perform(self, way: Way, values: list[Any], style: int) -> bool:
        """Run what is called on a way, and put the results among its values; say whether all of it is called."""
        for call in way.calls:
            if not call.guard(*values)[0]:
                return False
            returned = self._call(call.start, call.arguments(*values), style)
            if returned is None:
                return False
            for place, result in call.results:
                values[place] = returned[result]
        return True

    def _call(self, place: str, state: State, style: int) -> State | None:
        """Run a function from its start to its return; None where it does not come there."""
        key = (place, state)
        known = self._returned.get(key)
        if known is not None:
            return known
        self._fuel -= 1
        if self._fuel < 0 or self._depth >= _DEEPEST:
            raise _Abandoned
        before = self._picked
        self._depth += 1
        left = _SHORT
        while self._cuts[place].kind != "return":
            self.reservoirs[place].add(state)
            self.iterations += 1
            left -= 1
            following = self._choose(self._ways.get(place, []), state, style) if left else None
            if following is None or self._cuts[following[0]].kind == "error":
                self._depth -= 1
                return None
            place, state = following
        self._depth -= 1
        self.reservoirs[place].add(state)
        if self._picked == before:
            self._returned[key] = state
        return state

    def _random(self, sort: str, style: int) -> Any:
        rng = self._rng
        kind = rng.random()
        if sort == BOOL:
            return rng.random() < 0.5
        if is_array(sort):
            element = array_parts(sort)[1]
            entries = {i: self._random(element, style) for i in range(rng.randrange(12))}
            return ArrayValue(default(element), entries)
        if kind < 0.3:
            # Inputs are often only asked whether they are zero.
            value = 0 if kind < 0.2 else 1
        elif style == 0 or kind < 0.45:
            value = rng.randrange(-3, 11)
        elif kind < 0.85 or style == 1:
            value = rng.choice(self._pool.get(sort) or [0])
        else:
            value = rng.randrange(-2000, 2000)
        bits = width(sort)
        return value & ((1 << bits) - 1) if bits else value


def collect(system: TransitionSystem, seconds: float, iterations: int, seed: int = 0) -> dict[str, list[State]]:
    """Run a system and return states of each of its loops.

    Args:
        system: the program.
        seconds: wall time to spend.
        iterations: most loop iterations to run.
        seed: of the random choices.
    """
    runner = Runner(system, seed)
    runner.run(seconds, iterations)
    return {name: reservoir.states() for name, reservoir in runner.reservoirs.items()}


def truth(cut: Cut, terms: Sequence[Term], states: Sequence[State]) -> list[int]:
    """Evaluate Boolean terms on all states; bit `i` of a mask is the truth on state `i`.

    Terms that cannot be executed are false everywhere.
    """
    order = [v.name for v in cut.variables]
    masks = [0] * len(terms)
    usable = []
    for i, term in enumerate(terms):
        if free(term).keys() <= set(order):
            usable.append(i)
    try:
        function = compile_terms([terms[i] for i in usable], order)
    except (NotExecutable, RecursionError, SyntaxError, MemoryError):
        return masks
    for number, state in enumerate(states):
        bit = 1 << number
        for i, value in zip(usable, function(*state), strict=True):
            if value:
                masks[i] |= bit
    return masks


def always(terms: Iterable[Term], cut: Cut, states: Sequence[State]) -> list[Term]:
    """Return those Boolean terms, each once, that are true on every state."""
    chosen = distinct(terms)
    everywhere = (1 << len(states)) - 1
    return [t for t, mask in zip(chosen, truth(cut, chosen, states), strict=True) if mask == everywhere]
