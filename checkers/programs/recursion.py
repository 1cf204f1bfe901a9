"""Recursive functions: translated once each, with a start where every call leads and a return that calls go on from.

What a call does is known by what is proved at the return, which relates the values before to those after: the
function's summary. All other functions are inlined, see `checkers.programs.calls`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pycparser import c_ast

from checkers.programs.arithmetic import Value
from checkers.programs.builder import ArraySymbol, Builder, Scalar
from checkers.programs.flow import Assign, Assume, Havoc, Inexact, Invoke, Mark
from checkers.programs.source import walk
from checkers.programs.syntax import called, mentioned, reach, written
from checkers.programs.types import CType, IntType
from lemmata.errors import GraphError
from lemmata.logic import terms as t

RESULT = "\\result"
"""How a function's result is written at its return."""


@dataclass(frozen=True, slots=True)
class Clausal:
    """What the programmer says of a function, as ACSL text."""

    requires: tuple[str, ...] = ()
    ensures: tuple[str, ...] = ()


@dataclass(slots=True)
class Recursive:
    """One recursive function; what it does to globals is known when all of them are translated."""

    name: str
    definition: Any
    start: int
    exit: int
    begin: int
    """Where its body begins, after the start."""
    parameters: tuple[Scalar, ...]
    """Their values at the call, which nothing changes."""
    result: Scalar | None
    contract: Clausal
    touched: set[str] = field(default_factory=set)
    """Variables of the whole program that it reads or writes, itself or by what it calls."""
    written: set[str] = field(default_factory=set)
    before: dict[str, str] = field(default_factory=dict)
    """For each of them the variable that keeps its value at the start."""

    @property
    def entry(self) -> set[str]:
        """The state at its start."""
        return {p.name for p in self.parameters} | self.touched

    @property
    def summary(self) -> set[str]:
        """The state at its return."""
        names = {p.name for p in self.parameters} | set(self.before.values()) | self.written
        return names | ({self.result.name} if self.result else set())


class Recursion:
    """The translator of recursive functions and of calls to them.

    Args:
        builder: shared state.
        functions: definitions by name.
        parameters: returns a definition's parameter declarations.
        contract: returns what stands before a definition.
        body: translates a function's contract and body from its definition, exit node and result.
    """

    def __init__(
        self,
        builder: Builder,
        functions: Mapping[str, Any],
        parameters: Callable[[Any], list[Any]],
        contract: Callable[[str], Clausal],
        body: Callable[[Any, int, Scalar | None], None],
    ) -> None:
        self.b = builder
        self.functions = functions
        self.parameters = parameters
        self.contract = contract
        self.body = body
        self.known: dict[str, Recursive] = {}
        self._waiting: list[Recursive] = []
        self._called = {name: called(node.body) & functions.keys() for name, node in functions.items()}
        self._names = {name for name in functions if name in reach(name, self._called)}

    def __contains__(self, name: object) -> bool:
        """Say whether a function may be called again before it returns."""
        return name in self._names

    def call(self, name: str, kinds: list[CType], kind: CType, values: list[Value], node: Any) -> Value | None:
        """Translate a call.

        Args:
            name: the function.
            kinds: types of its parameters.
            kind: type of its result.
            values: the arguments.
            node: the call.
        """
        function = self.known.get(name) or self._open(name, kinds, kind, node)
        pairs = zip(function.parameters, values, strict=True)
        arguments = tuple((p.name, self.b.arithmetic.convert(v, p.type, self.b).term) for p, v in pairs)
        result = self.b.temporary(kind, f"{name}.result") if isinstance(kind, IntType) else None
        self.b.flow.calls += 1
        target = (result.name, self.b.sort_of(result.type)) if result else None
        self.b.flow.do(Invoke(name, self.b.flow.calls, arguments, target))
        reads, writes = self._effects(name)
        self.b.effects.reads |= reads
        self.b.effects.writes |= writes
        return Value(self.b.term(result), result.type) if result else None

    def _open(self, name: str, kinds: list[CType], kind: CType, node: Any) -> Recursive:
        definition = self.functions[name]
        for inner in {name} | reach(name, self._called):
            for one in walk(self.functions[inner].body):
                if isinstance(one, c_ast.Decl) and "static" in (one.storage or []):
                    raise self.b.refuse(f"recursion through '{inner}', which has static variables,", node)
        parameters = []
        for declared, target in zip(self.parameters(definition), kinds, strict=True):
            if not isinstance(target, IntType):
                raise self.b.refuse(f"recursion through '{name}', which has an array parameter,", node)
            symbol = Scalar(self.b.unique(f"{name}.{declared.name}"), target, "const" in (declared.quals or []))
            self.b.variables[symbol.name] = symbol
            self.b.texts[symbol.name] = declared.name
            parameters.append(symbol)
        result = None
        if isinstance(kind, IntType):
            result = self.b.temporary(kind, f"{name}.return")
            self.b.texts[result.name] = RESULT
        start, end, begin = (self.b.flow.node() for _ in range(3))
        contract = self.contract(name)
        function = Recursive(name, definition, start, end, begin, tuple(parameters), result, contract)
        self.known[name] = function
        self._waiting.append(function)
        return function

    def _effects(self, name: str) -> tuple[set[str], set[str]]:
        """Return the globals that a call may read and write, judged by the names in the text of all it calls."""
        reads: set[str] = set()
        writes: set[str] = set()
        shared = self._globals()
        for inner in {name} | reach(name, self._called):
            node = self.functions[inner]
            names, assigned = mentioned(node.body), written(node.body)[1]
            reads |= {symbol.name for text, symbol in shared.items() if text in names}
            # An array may be written under the name of a parameter.
            writes |= {
                s.name for text, s in shared.items() if text in (names if isinstance(s, ArraySymbol) else assigned)
            }
        return reads, writes

    def _globals(self) -> dict[str, Scalar | ArraySymbol]:
        return {text: s for text, s in self.b.scopes[0].items() if isinstance(s, Scalar | ArraySymbol)}

    def finish(self) -> None:
        """Translate every function that was called, and join their starts to their bodies."""
        while self._waiting:
            self._translate(self._waiting.pop(0))
        self._find_effects()
        for function in self.known.values():
            self._join(function)

    def _translate(self, function: Recursive) -> None:
        assigned = written(function.definition.body)[1]
        self.b.node, self.b.flow.location = function.definition, None
        self.b.flow.current = function.begin
        with self.b.file_scope(), self.b.frame():
            for declared, entry in zip(self.parameters(function.definition), function.parameters, strict=True):
                if declared.name not in assigned:
                    self.b.declare(declared.name, entry)
                    continue
                local = Scalar(self.b.unique(declared.name), entry.type, entry.constant)
                self.b.declare(declared.name, local)
                self.b.set(local, Value(self.b.term(entry), entry.type))
            self.body(function.definition, self.b.flow.node(), function.result)
            self.b.flow.jump(function.exit)

    def _find_effects(self) -> None:
        """Follow what each body does to globals, and what it calls does, until nothing is added."""
        shared = {symbol.name for symbol in self._globals().values()}
        calls: dict[str, set[str]] = {}
        for name, function in self.known.items():
            calls[name] = set()
            for command in self._commands(function.begin):
                match command:
                    case Assign(target, term):
                        function.written |= {target} & shared
                        function.touched |= (t.free(term).keys() | {target}) & shared
                    case Havoc(target):
                        function.written |= {target} & shared
                        function.touched |= {target} & shared
                    case Assume(term) | Inexact(term):
                        function.touched |= t.free(term).keys() & shared
                    case Invoke(inner, _, arguments):
                        calls[name].add(inner)
                        for _, term in arguments:
                            function.touched |= t.free(term).keys() & shared
        for name, function in self.known.items():
            for inner in reach(name, calls):
                function.touched |= self.known[inner].touched
                function.written |= self.known[inner].written
            if not function.written <= self._effects(name)[1]:
                raise GraphError(f"the effects of '{name}' were not foreseen", hint="please report this program")

    def _commands(self, begin: int) -> list[Any]:
        seen = {begin}
        waiting = [begin]
        found = []
        while waiting:
            for edge in self.b.flow.edges[waiting.pop()]:
                found.append(edge.command)
                if edge.target not in seen:
                    seen.add(edge.target)
                    waiting.append(edge.target)
        return found

    def _join(self, function: Recursive) -> None:
        """Lead from the start to the body, keeping the values of globals; say what is visible at start and return."""
        place = self.b.place(function.definition.decl)
        visible = {self.b.texts[p.name]: p.name for p in function.parameters}
        at_return = {**visible, **({RESULT: function.result.name} if function.result else {})}
        self.b.flow.current, self.b.flow.location = function.start, None
        for text, symbol in self._globals().items():
            if symbol.name not in function.touched:
                continue
            kept = replace(symbol, name=self.b.unique(f"{function.name}.{text}.old!"))
            self.b.variables[kept.name] = kept
            self.b.texts[kept.name] = f"\\old({text})"
            function.before[symbol.name] = kept.name
            self.b.flow.do(Assign(kept.name, self.b.term(symbol)))
            # A parameter hides a global of its name.
            visible.setdefault(text, symbol.name)
            at_return.setdefault(text, symbol.name if symbol.name in function.written else kept.name)
            at_return[f"\\old({text})"] = kept.name
        self.b.flow.jump(function.begin)
        marks, name, said = self.b.flow.marks, function.name, function.contract
        marks[function.start] = Mark("start", place, name, said.requires, tuple(visible.items()))
        marks[function.exit] = Mark("return", place, name, said.ensures, tuple(at_return.items()))
