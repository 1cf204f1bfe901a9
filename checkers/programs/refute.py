"""Looking for counterexamples: random runs first, then solvers; each find is run before it counts.

Loops are unrolled as a whole (bounded model checking), programs with recursive functions followed path by path.

Biere, Cimatti, Clarke, Zhu: Symbolic model checking without BDDs (TACAS 1999).
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import Any

import z3

from checkers.programs.execute import Execution, Interpreter, failing, to_json
from checkers.programs.flow import Havoc
from checkers.programs.paths import Paths
from checkers.programs.solver import Translator, constant, value
from checkers.programs.unit import Loaded
from lemmata.errors import Location
from lemmata.logic.evaluate import ArrayValue, NotExecutable, default
from lemmata.logic.sorts import BOOL, array_parts, is_array, width
from lemmata.logic.terms import eq, post_order, var
from lemmata.logic.transition import Block

_DEEPEST = 400
_RANDOM_SHARE = 0.15
_RANDOM_SHARE_RECURSIVE = 0.5
_TRIES = 2000
_TRIES_RECURSIVE = 20_000
_LONG_EVERY = 100
_LONG_RUN = 20_000
_LONGEST_RUN = 2_000_000
_CHANCE = ("nondet", "parameter", "global")


def refute(loaded: Loaded, seconds: float) -> dict[str, Any] | None:
    """Search for a run that fails.

    Args:
        loaded: the program.
        seconds: time to spend.

    Returns:
        The counterexample as JSON values, confirmed by running the automaton; None where there is none or none
        was found.
    """
    deadline = time.monotonic() + seconds
    interpreter = Interpreter(loaded.program, loaded.cuts)
    try:
        share = _RANDOM_SHARE
        if loaded.system.recursive:
            # Without inputs there is only one run.
            share = _RANDOM_SHARE_RECURSIVE if _has_inputs(loaded) else 1.0
        run = _random_runs(loaded, interpreter, min(deadline, time.monotonic() + max(0.05, seconds * share)))
        if run is None and loaded.system.recursive:
            run = Paths(loaded.program, loaded.cuts, interpreter, deadline).search()
        elif run is None:
            run = _Unrolling(loaded, interpreter, deadline).search()
    except NotExecutable:
        return None
    return describe(loaded, run) if run else None


def describe(loaded: Loaded, run: Execution) -> dict[str, Any]:
    """Write a failing run as JSON values."""
    assert run.location is not None
    program = loaded.program
    inputs = []
    for choice in run.choices:
        name, kind, place = program.havocs[choice.number]
        shown = to_json(choice.value)
        if kind is not None and not isinstance(choice.value, ArrayValue):
            shown = Interpreter(program, loaded.cuts).shown(choice.value, kind)
        inputs.append({"name": name, "line": place.line, "value": shown})
    return {
        "function": program.name,
        "choices": [[c.number, to_json(c.value)] for c in run.choices],
        "inputs": inputs,
        "trace": run.trace,
        "failure": _place(run.location, run.message),
    }


def _place(place: Location, message: str) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "column": place.column, "message": message}


# Random runs.


def _random_runs(loaded: Loaded, interpreter: Interpreter, deadline: float) -> Execution | None:
    source = random.Random(0)
    interesting = _constants(loaded)
    tries = 0
    most = _TRIES_RECURSIVE if loaded.system.recursive else _TRIES
    while time.monotonic() < deadline and tries < most:
        tries += 1
        spread = source.choice((1, 2, 10, 100, 10_000))

        def oracle(command: Havoc, passed: int, spread: int = spread) -> Any:
            del passed
            return _pick(command.sort, source, interesting, spread)

        run = interpreter.run(oracle, _length(loaded, tries))
        if failing(run):
            return _again(interpreter, run)
    return None


def _length(loaded: Loaded, tries: int) -> int:
    """Return how many cuts the next run may pass: many short runs, and in between long ones where calls multiply."""
    if loaded.system.recursive:
        every = _LONG_EVERY if _has_inputs(loaded) else 1
        if tries % every == 0:
            return min(_LONG_RUN << 3 * min(tries // every - 1, 7), _LONGEST_RUN)
    return 30 if tries < 200 else 1500


def _has_inputs(loaded: Loaded) -> bool:
    return any(i.reason in _CHANCE for b in loaded.system.blocks for i in b.inputs)


def _pick(sort: str, source: random.Random, interesting: list[int], spread: int) -> Any:
    if sort == BOOL:
        return source.random() < 0.5
    if is_array(sort):
        index, element = array_parts(sort)
        entries = {
            i: _pick(element, source, interesting, spread) for i in range(source.randrange(6)) if not is_array(index)
        }
        return ArrayValue(_pick(element, source, interesting, spread), entries)
    chosen = (
        source.choice(interesting) + source.randint(-1, 1) if source.random() < 0.4 else source.randint(-spread, spread)
    )
    return chosen % (1 << width(sort)) if width(sort) else chosen


def _constants(loaded: Loaded) -> list[int]:
    found = {0, 1}
    for block in loaded.system.blocks:
        for term in post_order((block.guard, *(u for _, u in block.updates))):
            if term.op == "const" and term.sort != BOOL:
                found.add(int(term.value))  # type: ignore[arg-type]
    return sorted(found)


def _again(interpreter: Interpreter, run: Execution) -> Execution:
    """Run a found failure once more, this time with its trace."""
    values = iter([c.value for c in run.choices])
    return interpreter.run(lambda command, passed: next(values), 10**9, traced=True)


# Bounded model checking.


class _Unrolling:
    def __init__(self, loaded: Loaded, interpreter: Interpreter, deadline: float) -> None:
        self.loaded = loaded
        self.interpreter = interpreter
        self.deadline = deadline
        self.system = loaded.system
        self.sorts = {v.name: v.sort for c in self.system.cuts for v in c.variables}
        self.z3 = Translator()
        self.solver = z3.Solver()
        self.errors = {c.name for c in self.system.cuts if c.kind == "error"}

    def search(self) -> Execution | None:
        """Unroll until a failure is found, every path has ended, or time is up."""
        here = {"entry"}
        taken: dict[int, list[tuple[Any, Block]]] = {}
        self.solver.add(_at(0, "entry"))
        for depth in range(_DEEPEST):
            edges: list[tuple[Any, Block]] = []
            for block in self.system.blocks:
                if block.source in here:
                    literal = z3.Bool(f"take!{depth}!{len(edges)}")
                    self.solver.add(z3.Implies(literal, z3.And(_at(depth, block.source), *self._step(block, depth))))
                    edges.append((literal, block))
            taken[depth] = edges
            failing_edges = [literal for literal, b in edges if b.target in self.errors]
            while failing_edges:
                answer = self._check(z3.Or(*failing_edges))
                if answer == z3.unknown:
                    return None
                if answer == z3.unsat:
                    break
                model = self.solver.model()
                run = self._replay(model, taken, depth)
                if run is not None:
                    return run
                failing_edges = [x for x in failing_edges if not z3.is_true(model.eval(x))]
            here = {b.target for _, b in edges} - self.errors
            for target in here:
                ways = [literal for literal, b in edges if b.target == target]
                self.solver.add(z3.Implies(_at(depth + 1, target), z3.Or(*ways)))
            if not here or self._check(z3.Or(*(_at(depth + 1, n) for n in sorted(here)))) != z3.sat:
                return None
        return None

    def _check(self, wanted: Any) -> Any:
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            return z3.unknown
        self.solver.set("timeout", max(1, int(1000 * remaining)))
        return self.solver.check(wanted)

    def _step(self, block: Block, depth: int) -> list[Any]:
        """Return the constraints of taking a block, its variables renamed for this depth."""
        renaming = [(constant(n, self.sorts[n]), constant(f"{n}@{depth}", self.sorts[n])) for n in self.sorts]
        renaming += [(constant(i.name, i.sort), constant(f"{i.name}@{depth}", i.sort)) for i in block.inputs]
        updates = [eq(var(f"{n}@{depth + 1}", self.sorts[n]), u) for n, u in block.updates]
        terms = self.z3.many([block.guard, block.exact, *updates])
        return [z3.substitute(x, *renaming) for x in terms]

    def _replay(self, model: Any, taken: Mapping[int, list[tuple[Any, Block]]], last: int) -> Execution | None:
        """Run the automaton on a model's inputs; only a run that really fails is returned."""
        chosen: dict[tuple[int, int], Any] = {}
        for depth in range(last + 1):
            block = next((b for literal, b in taken[depth] if z3.is_true(model.eval(literal))), None)
            if block is None:
                return None
            for one in block.inputs:
                number = one.name.rpartition("#")[2]
                if number.isdigit():
                    chosen[depth, int(number)] = value(model, f"{one.name}@{depth}", one.sort)

        def oracle(command: Havoc, passed: int) -> Any:
            got = chosen.get((passed, command.number))
            return default(command.sort) if got is None else got

        run = self.interpreter.run(oracle, last + 2, traced=True)
        return run if failing(run) else None


def _at(depth: int, cut: str) -> Any:
    return z3.Bool(f"at!{depth}!{cut}")
