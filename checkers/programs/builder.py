"""What all of the translation shares: the automaton being built, scopes, effects, and how to refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from checkers.programs.arithmetic import Arithmetic, Value
from checkers.programs.flow import Assign, Assume, Flow, Havoc, Inexact
from checkers.programs.source import Source, where
from checkers.programs.types import ArrayType, CType, IntType
from lemmata.errors import InputError, Location, UnsupportedError
from lemmata.logic import terms as t
from lemmata.logic.smtlib import RESERVED
from lemmata.logic.sorts import INT, array, bit_vector
from lemmata.logic.terms import Term

# Inlining can grow a program exponentially; past this it is refused rather than left to eat the machine.
_LARGEST = 60_000


@dataclass(frozen=True, slots=True)
class Scalar:
    """A variable of integer type."""

    name: str
    type: IntType
    constant: bool = False


@dataclass(frozen=True, slots=True)
class ArraySymbol:
    """An array object: the variable that holds its contents and what is known of its lengths."""

    name: str
    type: ArrayType
    lengths: tuple[Term | None, ...]
    """Length of each dimension in the index sort, None where unknown (a parameter)."""
    base: Term | None = None
    """Where it begins in shared memory, for parameters that may overlap."""
    window: Callable[[Term], Term] | None = None
    """Says of an index that the object overlaps no other there, for parameters that are separated in a range only."""


@dataclass(frozen=True, slots=True)
class Constant:
    """An enumeration constant."""

    value: int


@dataclass(frozen=True, slots=True)
class TypeName:
    """A typedef."""

    type: CType


Symbol = Scalar | ArraySymbol | Constant | TypeName


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that the program claims each time control is at a node."""

    location: Location
    """Where it stands; for the body of an `assert` that the file defines, where that is called."""
    node: int | None
    """None where no control can come."""
    holds: bool
    """False where the claim is that control does not come there at all: `reach_error()`, `assert(0)`."""


@dataclass(slots=True)
class Effects:
    """What evaluating an expression does to memory, by variable name."""

    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    dangling: set[str] = field(default_factory=set)
    """Writes that are not sequenced before the expression's value (`i++`, `i = 1`)."""

    def add(self, other: Effects) -> None:
        """Include another expression's effects."""
        self.reads |= other.reads
        self.writes |= other.writes
        self.dangling |= other.dangling


class Builder:
    """State of one translation; implements `arithmetic.Context`."""

    def __init__(self, source: Source, int_width: int | None) -> None:
        self.source = source
        self.arithmetic = Arithmetic(int_width)
        self.types = self.arithmetic.types
        self.machine = self.arithmetic.machine
        self.index_sort = bit_vector(64) if self.machine else INT
        self.flow = Flow()
        self.scopes: list[dict[str, Symbol]] = [{}]
        self.effects = Effects()
        self.guards: list[Term] = []
        self.variables: dict[str, Scalar | ArraySymbol] = {}
        self.texts: dict[str, str] = {}
        self.claims: list[Claim] = []
        self.asserting: Location | None = None
        """Where the outermost `assert` is called whose body is being translated."""
        self.calls: dict[int, Location] = {}
        self.notes: list[str] = []
        self.node: Any = None
        self.havoc_types: dict[int, tuple[str, IntType | None, Location]] = {}

    def place(self, node: Any = None) -> Location:
        """Return the position of a node, by default of the statement being translated."""
        found = where(node if node is not None else self.node, self.source.file)
        return found if found.line else where(self.node, self.source.file)

    def refuse(self, what: str, node: Any = None, hint: str = "") -> UnsupportedError:
        """Make the error for a construct that is not modelled."""
        return UnsupportedError(f"{what} is not supported", location=self.place(node), hint=hint)

    def wrong(self, what: str, node: Any = None) -> InputError:
        """Make the error for a program that is not C."""
        return InputError(what, location=self.place(node))

    # Variables.

    def unique(self, text: str) -> str:
        """Return a variable name not used so far; the first of its kind keeps its text."""
        name, count = text, 1
        # |true| is the same symbol as true in SMT-LIB, so quoting does not help with such names.
        while name in self.texts or name in RESERVED:
            count += 1
            name = f"{text}__{count}"
        if len(self.flow.edges) > _LARGEST:
            raise UnsupportedError(
                "the program is too large after inlining", location=self.place(), hint="verify smaller functions"
            )
        self.texts[name] = text
        return name

    def sort_of(self, kind: CType) -> str:
        """Return the sort that carries a type."""
        if isinstance(kind, ArrayType):
            return array(self.index_sort, self.sort_of(kind.element))
        if isinstance(kind, IntType):
            return self.arithmetic.sort(kind)
        raise self.wrong("a value of type void is used")

    def declare(self, text: str, symbol: Symbol) -> None:
        """Make a symbol visible in the innermost scope."""
        if text in self.scopes[-1] and len(self.scopes) > 1:
            raise self.wrong(f"'{text}' is declared twice in this scope")
        self.scopes[-1][text] = symbol
        if isinstance(symbol, Scalar | ArraySymbol):
            self.variables[symbol.name] = symbol

    def lookup(self, text: str) -> Symbol | None:
        """Find what a name means here."""
        for scope in reversed(self.scopes):
            if text in scope:
                return scope[text]
        return None

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Open a block scope."""
        scopes = self.scopes
        scopes.append({})
        try:
            yield
        finally:
            scopes.pop()

    @contextmanager
    def file_scope(self) -> Iterator[None]:
        """See the file's own names only, in a fresh scope for parameters, as a function definition does."""
        before, self.scopes = self.scopes, [self.scopes[0], {}]
        try:
            yield
        finally:
            self.scopes = before

    @contextmanager
    def frame(self) -> Iterator[Effects]:
        """Collect effects apart; they are not added to the enclosing ones."""
        before, self.effects = self.effects, Effects()
        try:
            yield self.effects
        finally:
            self.effects = before

    def term(self, symbol: Scalar | ArraySymbol) -> Term:
        """Return the term for a variable's current value."""
        return t.var(symbol.name, self.sort_of(symbol.type))

    def temporary(self, kind: IntType, text: str = "tmp") -> Scalar:
        """Make an unnamed variable."""
        symbol = Scalar(self.unique(f"{text}!"), kind)
        self.variables[symbol.name] = symbol
        return symbol

    def choose(self, symbol: Scalar | ArraySymbol, reason: str) -> None:
        """Give a variable any value of its type."""
        number = self.flow.havocs
        self.flow.havocs += 1
        kind = symbol.type if isinstance(symbol.type, IntType) else None
        self.havoc_types[number] = (self.texts.get(symbol.name, symbol.name), kind, self.place())
        self.flow.do(Havoc(symbol.name, self.sort_of(symbol.type), number, reason))
        if isinstance(symbol, Scalar) and not self.machine:
            self.flow.do(Assume(self.facts(symbol)))

    def facts(self, symbol: Scalar) -> Term:
        """What holds of a variable by its type in the mathematical semantics."""
        kind = symbol.type
        if self.machine or self.arithmetic.unbounded(kind):
            return t.TRUE
        return self.arithmetic.in_range(self.term(symbol), kind)

    def set(self, symbol: Scalar, value: Value) -> Value:
        """Assign with conversion; returns the value stored."""
        stored = self.arithmetic.convert(value, symbol.type, self)
        self.flow.do(Assign(symbol.name, stored.term))
        return stored

    # arithmetic.Context

    def check(self, condition: Term, message: str) -> None:
        """Undefined behaviour unless the condition holds, on the paths where the operand is evaluated."""
        self.flow.check(t.implies(t.conj(self.guards), condition), self.place(), f"undefined behaviour: {message}")

    def inexact(self, when: Term) -> None:
        """No counterexample may rest on a run on which `when` holds."""
        self.flow.do(Inexact(t.conj((*self.guards, when))))

    def assertion(self, condition: Term, location: Location, message: str = "assertion may fail") -> None:
        """Something the program claims."""
        self.claims.append(Claim(self.asserting or location, self.flow.current, condition is not t.FALSE))
        self.flow.check(condition, location, message)
