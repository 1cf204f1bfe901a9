"""From a C file to the automaton of one function under verification."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pycparser import c_ast

from checkers.programs.annotations import Annotations, Clause, Contract
from checkers.programs.arithmetic import Value
from checkers.programs.builder import ArraySymbol, Builder, Claim, Scalar
from checkers.programs.calls import _ASSERT, _ERROR, Calls, Frame
from checkers.programs.declarations import Declarations
from checkers.programs.expressions import Expressions
from checkers.programs.flow import Assign, Assume, Flow
from checkers.programs.pragmas import PRAGMA, annotation_number, harmless_pragma, pragma_words
from checkers.programs.recursion import Clausal, Recursion, Recursive
from checkers.programs.separation import Window, separation
from checkers.programs.source import Source, parse, walk, where
from checkers.programs.statements import Statements
from checkers.programs.syntax import is_prototype, is_restrict, written
from checkers.programs.types import ArrayType, CType, IntType, innermost
from lemmata.errors import InputError, Location
from lemmata.logic import terms as t
from lemmata.logic.sorts import array
from lemmata.logic.terms import Term


@dataclass(frozen=True, slots=True)
class Program:
    """One function with everything it calls: inlined, or beside it where it is recursive."""

    name: str
    location: Location
    flow: Flow
    exit: int
    """The node at which the function returns."""
    variables: dict[str, Scalar | ArraySymbol]
    texts: dict[str, str]
    """Each variable's name as the programmer wrote it."""
    facts: dict[str, t.Term]
    """What holds of each variable by its type."""
    havocs: dict[int, tuple[str, IntType | None, Location]]
    """What each choice of the environment is for: a name, its type and its place."""
    notes: tuple[str, ...]
    machine: bool
    calls: Mapping[int, Location]
    """Of each choice that a call stands for, the place of the call."""
    claims: tuple[Claim, ...]
    functions: Mapping[str, Recursive]
    """The recursive functions that are called, by name."""


@dataclass(frozen=True, slots=True)
class Function:
    """A definition with the annotations before it."""

    node: Any
    annotations: tuple[int, ...]
    location: Location
    called: frozenset[str]
    claims: bool
    """Whether its own text holds an assertion or contract."""


class Unit:
    """A parsed C file: its functions and what there is to prove.

    Args:
        text: the source.
        file: its name, for messages.
        int_width: 32 or 64 for machine integers, None for mathematical ones.

    Raises:
        InputError: it is not C.
        UnsupportedError: it uses what is not modelled.
    """

    def __init__(self, text: str, file: str, int_width: int | None) -> None:
        self.int_width = int_width
        self.source: Source = parse(text, file, int_width)
        self.functions: dict[str, Function] = {}
        self.prototypes: dict[str, Any] = {}
        self.globals: list[Any] = []
        builder = Builder(self.source, int_width)
        clauses = Annotations(builder).clauses
        for node in walk(self.source.tree):
            if isinstance(node, c_ast.Pragma) and any(n >= len(clauses) for n in _numbers(node)):
                raise InputError(f"the name '{PRAGMA}' is reserved", location=where(node, file))
        waiting: list[int] = []
        for node in self.source.tree.ext:
            if isinstance(node, c_ast.Pragma):
                waiting += _numbers(node)
                if pragma_words(node)[:1] != [PRAGMA] and not harmless_pragma(pragma_words(node)):
                    raise builder.refuse(f"'#pragma {' '.join(pragma_words(node)[:1])}'", node)
                continue
            if isinstance(node, c_ast.FuncDef):
                self._function(node, tuple(waiting), clauses)
            else:
                if waiting and not is_prototype(node):
                    raise InputError("no function follows this annotation", location=clauses[waiting[0]][0].location)
                # A later declaration without parameters says less than an earlier one (C11 6.2.7).
                if is_prototype(node) and node.name and (node.type.args or node.name not in self.prototypes):
                    self.prototypes[node.name] = node
                self.globals.append(node)
                if waiting:
                    raise builder.refuse("a contract at a declaration without body", node)
            waiting = []
        if waiting and clauses[waiting[0]]:
            raise InputError("no function follows this annotation", location=clauses[waiting[0]][0].location)

    def _function(self, node: Any, annotations: tuple[int, ...], clauses: Any) -> None:
        name = node.decl.name
        place = where(node.decl, self.source.file)
        if name in self.functions:
            raise InputError(f"the function '{name}' is defined twice", location=place)
        called: set[str] = set()
        claims = any(c.keyword == "ensures" for a in annotations for c in clauses[a])
        for inner in walk(node.body):
            if isinstance(inner, c_ast.FuncCall) and isinstance(inner.name, c_ast.ID):
                called.add(inner.name.name)
            elif isinstance(inner, c_ast.Pragma):
                claims |= any(
                    c.keyword in ("assert", "check", "loop invariant") for a in _numbers(inner) for c in clauses[a]
                )
        self.functions[name] = Function(node, annotations, place, frozenset(called), claims)

    def obligations(self) -> list[tuple[str, Location]]:
        """Return the functions to verify: `main`, and every other that makes claims `main` does not reach.

        Raises:
            InputError: there is nothing to prove.
        """
        claiming = {n for n, f in self.functions.items() if self._claims(n, f)}
        roots = ["main"] if "main" in self.functions and self._reach("main") & claiming else []
        covered = self._reach(roots[0]) if roots else set()
        # A function with a precondition is also a theorem of its own, whoever calls it.
        own = {n for n in claiming if any(True for _ in self.functions[n].annotations)} - {"main"}
        rest = [n for n in self.functions if n in claiming and (n not in covered or n in own)]
        called = {m for n in rest for m in self.functions[n].called if m != n}
        roots += [n for n in rest if n in own or n not in called or n not in covered]
        if not roots:
            place = self.functions["main"].location if "main" in self.functions else Location(self.source.file)
            raise InputError(
                "there is no assertion to prove", location=place, hint="add assert(...), or //@ assert ...;"
            )
        return [(n, self.functions[n].location) for n in dict.fromkeys(roots)]

    def _claims(self, name: str, function: Function) -> bool:
        asserting = (_ASSERT - self.functions.keys()) | _ERROR
        return name not in _ERROR and (function.claims or bool(function.called & asserting))

    def _reach(self, name: str) -> set[str]:
        reached: set[str] = set()
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one in self.functions and one not in reached:
                reached.add(one)
                waiting += self.functions[one].called
        return reached

    def program(self, name: str) -> Program:
        """Translate one function under verification.

        Raises:
            InputError: there is no such function, or it is not C.
            UnsupportedError: it uses what is not modelled.
        """
        if name not in self.functions:
            known = ", ".join(self.functions) or "none"
            raise InputError(
                f"there is no function '{name}'", location=Location(self.source.file), hint=f"functions: {known}"
            )
        try:
            return _Translation(self, name).run()
        except RecursionError:
            raise InputError("nested too deeply", location=self.functions[name].location) from None


class _Translation:
    """The collaborators of one translation, joined."""

    def __init__(self, unit: Unit, name: str) -> None:
        self.unit = unit
        self.name = name
        self.b = Builder(unit.source, unit.int_width)
        self.annotations = Annotations(self.b)
        self.kept: dict[str, tuple[Term, bool]] = {}
        """Values of parameters at the entry."""
        # An extern declaration says nothing new about an object that the file defines.
        objects = (n for n in unit.globals if isinstance(n, c_ast.Decl))
        self.defined = {n.name for n in objects if "extern" not in (n.storage or []) or n.init is not None}
        self.declarations = Declarations(self.b)
        nodes = {n: f.node for n, f in unit.functions.items()}
        self.calls = Calls(self.b, nodes, unit.prototypes, self.body)
        self.expressions = Expressions(self.b, self.calls.call, self.declarations.type_of)
        self.calls.expressions = self.declarations.expressions = self.expressions
        self.calls.declarations = self.declarations
        self.recursion = Recursion(self.b, nodes, self.calls.parameters, self._contract, self._recursive)
        self.calls.recursion = self.recursion
        self.statements = Statements(self.b, self.expressions, self.declarations, self.calls, self.annotations)

    def run(self) -> Program:
        function = self.unit.functions[self.name]
        start = self.b.flow.node()
        self.b.flow.current = start
        for node in self.unit.globals:
            self._global(node)
        frame = Frame(self.name, self.b.flow.node(), None)
        kind = self.declarations.type_of(function.node.decl.type.type)
        if isinstance(kind, IntType):
            frame.result = self.b.temporary(kind, f"{self.name}.result")
        self.b.scopes.append({})
        self._parameters(function.node)
        self.calls.stack.append(frame)
        self.body(function.node, frame, True)
        self.recursion.finish()
        if not self.b.claims and not any(m.kind == "error" for m in self.b.flow.marks.values()):
            raise InputError(
                f"'{self.name}' contains no assertion to prove", location=function.location, hint="add assert(...)"
            )
        self.b.flow.current = 0
        self.declarations.initialise_statics(fresh=self.name == "main")
        self.b.flow.jump(start)
        facts = {n: self.b.facts(s) for n, s in self.b.variables.items() if isinstance(s, Scalar)}
        return Program(
            self.name, function.location, self.b.flow, frame.exit, self.b.variables, self.b.texts, facts,
            self.b.havoc_types, tuple(self.b.notes), self.b.machine, self.b.calls, tuple(self.b.claims),
            self.recursion.known,
        )  # fmt: skip

    def _global(self, node: Any) -> None:
        self.b.node = node
        if not isinstance(node, c_ast.Decl | c_ast.Typedef):
            raise self.b.refuse(f"'{type(node).__name__}' at file level", node)
        outside = "extern" in (node.storage or []) and getattr(node, "init", None) is None
        if isinstance(node, c_ast.Decl) and outside and node.name in self.defined:
            return None
        constant = "const" in (getattr(node, "quals", None) or [])
        if isinstance(node, c_ast.Decl) and node.name in self.b.scopes[0]:
            return self._again(node)
        symbol = self.declarations.declare(node, static_zero=not outside)
        if isinstance(symbol, Scalar | ArraySymbol) and self.name != "main" and not constant:
            # Whoever calls this function may have changed the global before.
            self.b.choose(symbol, "global")
        return None

    def _again(self, node: Any) -> None:
        """A second declaration of a global is fine unless it says something new (C11 6.9.2)."""
        if isinstance(node.type, c_ast.FuncDecl):
            return
        if getattr(node, "init", None) is not None:
            raise self.b.refuse(f"a second declaration of '{node.name}' with an initialiser", node, "declare it once")

    def _parameters(self, definition: Any) -> None:
        parameters = [p for p in self.calls.parameters(definition) if not self._unused(p, definition)]
        kinds = [self.declarations.type_of(p.type) for p in parameters]
        said = separation(self._requires())
        overlapping = self._overlapping(parameters, kinds)
        separate = bool(overlapping) and said.separate(overlapping)
        for parameter in parameters:
            if parameter.name in overlapping and not separate:
                self._shared(parameter, overlapping[parameter.name])
            else:
                symbol = self.declarations.declare(parameter, parameter=True)
                if self.name == "main" and len(definition.decl.type.args.params) > 1 and isinstance(symbol, Scalar):
                    self._not_negative(symbol)

        if separate:
            for name in overlapping:
                *bounds, place = said.ranges[name]
                window = Window.at_entry((bounds[0], bounds[1]), place, self._kept)
                self._confine(name, window)

    def _requires(self) -> list[Clause]:
        numbers = self.unit.functions[self.name].annotations
        return [c for n in numbers for c in self.annotations.clauses[n] if c.keyword == "requires"]

    def _kept(self, text: str) -> tuple[Term, bool] | None:
        """Copy the value that a name has at the entry, where anything could change it."""
        symbol = self.b.lookup(text)
        found = self.annotations.lookup(text)
        if found is None or not isinstance(symbol, Scalar) or text not in written(self.unit.source.tree)[1]:
            return found
        if text not in self.kept:
            name = self.b.unique(f"{text}.entry!")
            self.b.flow.do(Assign(name, found[0]))
            self.kept[text] = t.var(name, found[0].sort), found[1]
        return self.kept[text]

    def _confine(self, name: str, window: Window) -> None:
        """Let a parameter be separate from the others where its contract says that it is."""
        symbol = self.b.lookup(name)
        assert isinstance(symbol, ArraySymbol)
        inside = partial(window.inside, machine=self.b.machine)
        self.b.scopes[-1][name] = dataclasses.replace(symbol, window=inside)

    def _not_negative(self, symbol: Scalar) -> None:
        """Assume what C says of `main`'s argument count (C11 5.1.2.2.1)."""
        count = Value(self.b.term(symbol), symbol.type)
        nonnegative = self.b.arithmetic.compare(">=", count, self.b.arithmetic.literal(0, self.b.types.int), self.b)
        self.b.flow.do(Assume(self.b.arithmetic.truth(nonnegative)))

    def _unused(self, parameter: Any, definition: Any) -> bool:
        """Say whether this is a parameter of `main` that nothing mentions, such as `char **argv`."""
        if self.name != "main" or self.unit.functions["main"].annotations:
            return False
        pragmas = (n for n in walk(definition.body) if isinstance(n, c_ast.Pragma))
        named = any(isinstance(n, c_ast.ID) and n.name == parameter.name for n in walk(definition.body))
        return not named and not any(_numbers(n) for n in pragmas)

    def _overlapping(self, parameters: list[Any], kinds: list[Any]) -> dict[str, ArrayType]:
        """Find the array parameters that a caller may let overlap, where that can matter."""
        pairs = zip(parameters, kinds, strict=True)
        free = [(p, k) for p, k in pairs if isinstance(k, ArrayType) and not is_restrict(p)]
        writes_arrays, names = written(self.unit.source.tree)
        for p, k in free:
            for text, symbol in self.b.scopes[0].items():
                if not isinstance(symbol, Scalar | ArraySymbol) or not _may_alias(k, symbol.type):
                    continue
                if writes_arrays or text in names:
                    what = f"the array parameter '{p.name}', which may overlap the global '{text}',"
                    raise self.b.refuse(what, p, "declare it restrict")
        if not writes_arrays:
            return {}
        if len(free) < 2:
            return {}
        elements = {k.element for _, k in free}
        if any(isinstance(e, ArrayType) for e in elements):
            raise self.b.refuse("several parameters that point to arrays", free[0][0], "declare them restrict")
        ranks = [e.rank for e in elements if isinstance(e, IntType)]
        if len(elements) > 1 and (1 in ranks or len(set(ranks)) < len(ranks)):
            raise self.b.refuse(
                "array parameters of different types that may overlap", free[0][0], "declare them restrict"
            )
        return {p.name: k for p, k in free}

    def _shared(self, parameter: Any, kind: ArrayType) -> None:
        """Put an array parameter into the memory it shares with others of its type, at an unknown place."""
        assert isinstance(kind.element, IntType)
        name = f"memory.{kind.element.name.replace(' ', '_')}"
        if name not in self.b.variables:
            memory = ArraySymbol(name, kind, (None,))
            self.b.texts[name] = name
            self.b.variables[name] = memory
            self.b.choose(memory, "parameter")
        base = Scalar(self.b.unique(f"{parameter.name}.base"), self.b.types.long)
        self.b.variables[base.name] = base
        self.b.choose(base, "parameter")
        symbol = ArraySymbol(name, kind, (None,), self.b.term(base))
        self.b.scopes[-1][parameter.name] = symbol
        assert self.b.sort_of(kind) == array(self.b.index_sort, self.b.sort_of(kind.element))

    def _recursive(self, definition: Any, end: int, result: Scalar | None) -> None:
        """Translate the body of a recursive function, on a stack of its own."""
        frame = Frame(definition.decl.name, end, result, late=True)
        before, self.calls.stack = self.calls.stack, [frame]
        self.body(definition, frame, False)
        self.calls.stack = before

    def _contract(self, name: str) -> Clausal:
        clauses = [c for number in self.unit.functions[name].annotations for c in self.annotations.clauses[number]]
        words = {k: tuple(c.text for c in clauses if c.keyword == k) for k in ("requires", "ensures")}
        return Clausal(words["requires"], words["ensures"])

    def body(self, definition: Any, frame: Frame, top: bool) -> None:
        """Translate a function's contract and body; control is at its exit afterwards."""
        name = definition.decl.name
        contract = Contract(self.annotations, list(self.unit.functions[name].annotations))
        saved = contract.enter(top)
        self.statements.function(definition.body.block_items or [])
        if frame.late and frame.result is not None and self.b.flow.current is not None:
            self.b.choose(frame.result, "uninitialised")
        self.b.flow.jump(frame.exit)
        self.b.flow.resume(frame.exit)
        self.b.node = definition
        contract.leave(saved, {p.name for p in self.calls.parameters(definition)}, frame.result)


def _numbers(node: Any) -> list[int]:
    words = pragma_words(node)
    return [annotation_number(words, where(node, ""))] if words[:1] == [PRAGMA] else []


def _may_alias(parameter: CType, other: CType) -> bool:
    """Say whether C lets a pointer to one type refer to an object of the other (C11 6.5p7)."""
    a, b = innermost(parameter), innermost(other)
    assert isinstance(a, IntType)
    assert isinstance(b, IntType)
    return 1 in (a.rank, b.rank) or a.rank == b.rank
