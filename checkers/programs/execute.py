"""Running an automaton on concrete choices: how counterexamples are confirmed, independently of any solver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from checkers.programs.flow import Assign, Assume, Edge, Havoc, Inexact, Invoke
from checkers.programs.program import Program, Unit
from checkers.programs.types import IntType
from lemmata.errors import InputError, Location
from lemmata.logic.evaluate import ArrayValue, compile_terms, default, integer
from lemmata.logic.sorts import BOOL, INT, array_parts, is_array, width
from lemmata.logic.terms import Term, free

T = TypeVar("T")

_LONGEST_TRACE = 400
_DEEPEST = 100_000
"""Calls of recursive functions under way at most."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of the environment, in the order of execution."""

    number: int
    value: Any


@dataclass(slots=True)
class Execution:
    """What happened."""

    status: str
    """`returned`, `violated`, `undefined`, `blocked` (an assumption failed), or `limit` (it ran too long)."""
    location: Location | None = None
    message: str = ""
    exact: bool = True
    """False where a value was used that the semantics leaves open: then nothing is shown."""
    choices: list[Choice] = field(default_factory=list)
    trace: list[dict[str, Any]] = field(default_factory=list)


Oracle = Callable[[Havoc, int], Any]
"""Gives the value for a choice, from the command and the number of cuts passed so far."""


class Interpreter:
    """Runs one program; compiled conditions are kept between runs."""

    def __init__(self, program: Program, cuts: Mapping[int, str]) -> None:
        self.program = program
        self.cuts = cuts
        self.compiled: dict[Term, tuple[Callable[..., tuple[Any, ...]], list[tuple[str, str]]]] = {}

    def run(self, oracle: Oracle, max_blocks: int, traced: bool = False) -> Execution:
        """Run from the entry until something ends it.

        Args:
            oracle: the environment.
            max_blocks: number of cuts to pass at most.
            traced: record assignments to the program's variables (the last 400).

        Raises:
            NotExecutable: a quantified condition is met.
        """
        state: dict[str, Any] = {}
        callers: list[tuple[dict[str, Any], Edge]] = []
        run = Execution("returned")
        node, passed = 0, 0
        while True:
            mark = self.program.flow.marks.get(node)
            if mark and mark.kind == "error":
                run.status = "undefined" if mark.message.startswith("undefined") else "violated"
                run.location, run.message = mark.location, mark.message
                return run
            if node and node in self.cuts:
                passed += 1
                if passed > max_blocks or len(callers) > _DEEPEST:
                    run.status = "limit"
                    return run
            if mark and mark.kind == "return":
                caller, edge = callers.pop()
                caller.update(returned(self.program, edge, state))
                state, node = caller, edge.target
                continue
            chosen = self._choose(self.program.flow.edges[node], state)
            if chosen is None:
                run.status = "returned" if node == self.program.exit else "blocked"
                return run
            if isinstance(chosen.command, Invoke):
                callers.append((state, chosen))
                state = entered(self.program, chosen.command, state, self.value)
                if traced:
                    for name, _ in chosen.command.arguments:
                        self._record(name, state[name], chosen.location, run)
                node = self.program.functions[chosen.command.function].start
                continue
            self._do(chosen, state, run, oracle, passed, traced)
            node = chosen.target

    def _choose(self, edges: Sequence[Edge], state: Mapping[str, Any]) -> Edge | None:
        for edge in edges:
            if not isinstance(edge.command, Assume) or self.value(edge.command.condition, state):
                return edge
        return None

    def value(self, term: Term, state: Mapping[str, Any]) -> Any:
        """Evaluate a term; a variable never set counts as zero."""
        found = self.compiled.get(term)
        if found is None:
            names = sorted(free(term).items())
            found = self.compiled[term] = (compile_terms([term], [n for n, _ in names]), names)
        function, names = found
        return function(*[state[n] if n in state else default(s) for n, s in names])[0]

    def _do(self, edge: Edge, state: dict[str, Any], run: Execution, oracle: Oracle, passed: int, traced: bool) -> None:
        command = edge.command
        match command:
            case Assign(name, term):
                state[name] = self.value(term, state)
            case Havoc(name, _, number):
                state[name] = oracle(command, passed)
                run.choices.append(Choice(number, state[name]))
            case Inexact(term):
                run.exact = run.exact and not self.value(term, state)
        if traced and isinstance(command, Assign | Havoc) and "!" not in command.name:
            self._record(command.name, state[command.name], edge.location, run)

    def _record(self, name: str, value: Any, location: Location | None, run: Execution) -> None:
        symbol = self.program.variables.get(name)
        if location is None or symbol is None or isinstance(value, ArrayValue) or not isinstance(symbol.type, IntType):
            return
        shown = self.shown(value, symbol.type)
        text = self.program.texts.get(name, name)
        if run.trace and run.trace[-1]["line"] == location.line and text not in run.trace[-1]["values"]:
            run.trace[-1]["values"][text] = shown
        else:
            run.trace.append({"line": location.line, "column": location.column, "values": {text: shown}})
        if len(run.trace) > _LONGEST_TRACE:
            del run.trace[: _LONGEST_TRACE // 4]

    def shown(self, value: Any, kind: IntType) -> int:
        """Read a value as the integer a C programmer sees."""
        return integer(value, "Int" if not self.program.machine else f"(_ BitVec {kind.bits})", kind.signed)


def entered(
    program: Program, command: Invoke, state: Mapping[str, T], value: Callable[[Term, Mapping[str, T]], T]
) -> dict[str, T]:
    """Return the state in which a called function starts: its arguments and what it sees of the globals.

    Args:
        program: the program.
        command: the call.
        state: the caller's, values by the names of variables.
        value: evaluates a term in a state.
    """
    seen = {name: state[name] for name in program.functions[command.function].touched if name in state}
    return {**seen, **{name: value(term, state) for name, term in command.arguments}}


def returned(program: Program, call: Edge, state: Mapping[str, T]) -> dict[str, T]:
    """Return what a function leaves behind in its caller's state.

    Args:
        program: the program.
        call: the edge that it was called at.
        state: the function's at its return.
    """
    command = call.command
    assert isinstance(command, Invoke)
    function = program.functions[command.function]
    left = {name: state[name] for name in function.written if name in state}
    if command.result is not None and function.result is not None:
        left[command.result[0]] = state[function.result.name]
    return left


def failing(run: Execution) -> bool:
    """Say whether a run shows a failure: one that rests on no value the semantics leaves open."""
    return run.exact and run.status in ("violated", "undefined")


def to_json(value: Any) -> Any:
    """Write a value so that JSON keeps it."""
    if isinstance(value, ArrayValue):
        entries = [[i, to_json(v)] for i, v in sorted(value.entries.items())]
        return {"default": to_json(value.default), "entries": entries}
    return value


def from_json(data: Any, sort: str) -> Any:
    """Read a value of a sort; raise `InputError` where it is not one."""
    if is_array(sort):
        index, element = array_parts(sort)
        if not isinstance(data, dict) or set(data) != {"default", "entries"} or not isinstance(data["entries"], list):
            raise InputError("the counterexample holds a malformed array")
        pairs = data["entries"]
        if not all(isinstance(p, list) and len(p) == 2 for p in pairs):
            raise InputError("the counterexample holds a malformed array")
        return ArrayValue(
            from_json(data["default"], element), {from_json(i, index): from_json(v, element) for i, v in pairs}
        )
    if sort == BOOL:
        if not isinstance(data, bool):
            raise InputError("the counterexample holds a malformed truth value")
        return data
    if not isinstance(data, int) or isinstance(data, bool):
        raise InputError("the counterexample holds a malformed number")
    if sort != INT and not 0 <= data < 1 << width(sort):
        raise InputError("the counterexample holds a number out of range")
    return data


def scripted(choices: Sequence[Sequence[Any]]) -> Oracle:
    """Make the oracle that repeats recorded choices `[number, value]` in order.

    The oracle raises `InputError` when the program asks for something else than was recorded.
    """
    waiting = iter(choices)

    def oracle(command: Havoc, passed: int) -> Any:
        del passed
        item = next(waiting, None)
        if not isinstance(item, list) or len(item) != 2 or type(item[0]) is not int or item[0] != command.number:
            raise InputError("the counterexample does not fit the program")
        return from_json(item[1], command.sort)

    return oracle


def translated(program: Program, run: Execution, other: Program) -> Oracle:
    """Make the oracle that repeats a run with mathematical integers on the same program with machine integers.

    The oracle raises `InputError` when the program asks for something else than was chosen, or a value is none of its
    type.
    """
    waiting = ((*program.havocs[c.number][:2], c.value) for c in run.choices)

    def oracle(command: Havoc, passed: int) -> Any:
        del passed
        found = next(waiting, None)
        if found is None or other.havocs[command.number][0] != found[0]:
            raise InputError("it chooses something else")
        _, kind, value = found
        if kind is not None and not kind.low <= value <= kind.high:
            raise InputError(f"{value} is no {kind.name}")
        return _wrapped(value, command.sort)

    return oracle


def _wrapped(value: Any, sort: str) -> Any:
    if isinstance(value, ArrayValue):
        index, element = array_parts(sort)
        entries = {_wrapped(i, index): _wrapped(v, element) for i, v in value.entries.items()}
        return ArrayValue(_wrapped(value.default, element), entries)
    return value % (1 << width(sort)) if width(sort) else value


def execute_source(
    source: str, name: str = "main", inputs: Sequence[int] = (), int_width: int | None = None, max_blocks: int = 100000
) -> Execution:
    """Run a C function on given inputs.

    Args:
        source: the C text.
        name: the function.
        inputs: results of the nondeterministic calls, in order; 0 when they run out. Whatever else the
            environment chooses (uninitialised variables, parameters) is 0.
        int_width: as for verification.
        max_blocks: number of loop iterations at most.

    Raises:
        InputError: as for `Unit`.
    """
    from checkers.programs.blocks import find_cuts

    program = Unit(source, "source.c", int_width).program(name)
    _, cuts = find_cuts(program)
    waiting = iter(inputs)

    def oracle(command: Havoc, passed: int) -> Any:
        del passed
        if command.reason != "nondet":
            return default(command.sort)
        value = next(waiting, 0)
        kind = program.havocs[command.number][1]
        value = kind.wrap(value) if kind else value
        return value % (1 << width(command.sort)) if width(command.sort) else value

    return Interpreter(program, cuts).run(oracle, max_blocks)
