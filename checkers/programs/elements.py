"""Array elements: finding the object and the indices, checking bounds, reading and writing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pycparser import c_ast

from checkers.programs.arithmetic import Value
from checkers.programs.builder import ArraySymbol, Builder
from checkers.programs.flow import Assign, Assume, Inexact
from checkers.programs.types import ArrayType, IntType, innermost
from lemmata.logic import terms as t
from lemmata.logic.terms import Term


class Elements:
    """The translator of array accesses.

    Args:
        builder: shared state.
        unsequenced: translates operands whose order of evaluation is open.
    """

    def __init__(self, builder: Builder, unsequenced: Callable[[list[Any], Any], list[Value]]) -> None:
        self.b = builder
        self.unsequenced = unsequenced

    def find(self, node: Any) -> tuple[ArraySymbol, list[Term]]:
        """Translate `a[i][j]` to the array and its checked indices."""
        subscripts: list[Any] = []
        while isinstance(node, c_ast.ArrayRef):
            subscripts.insert(0, node.subscript)
            node = node.name
        symbol = self.b.lookup(node.name) if isinstance(node, c_ast.ID) else None
        if not isinstance(symbol, ArraySymbol):
            what = f"indexing '{node.name}'" if isinstance(node, c_ast.ID) else "indexing of this expression"
            raise self.b.refuse(what + ", which is not an array,", node)
        if len(subscripts) != len(symbol.lengths):
            raise self.b.refuse("a part of an array used as a value", node)
        indices: list[Term] = []
        for value, length in zip(self.unsequenced(subscripts, node), symbol.lengths, strict=True):
            index = self.index(value)
            if length is not None:
                self.b.check(self._inside(index, length), f"index out of the bounds of '{node.name}'")
            indices.append(index)
        if symbol.window is not None:
            self._separate(symbol.window(indices[0]))
        if symbol.base is not None:
            indices[0] = t.bv("bvadd", symbol.base, indices[0]) if self.b.machine else t.add(symbol.base, indices[0])
        # A later operand may change what the index mentions: keep its value.
        return symbol, [self._fixed(i) for i in indices]

    def _separate(self, inside: Term) -> None:
        """Claim that an element lies where its array overlaps no other; no run outside of that shows a failure."""
        guarded = t.implies(t.conj(self.b.guards), inside)
        self.b.flow.do(Inexact(t.neg(guarded)))
        self.b.flow.check(
            guarded, self.b.place(), "an element outside of its \\separated range may be in another array"
        )

    def _fixed(self, index: Term) -> Term:
        if index.op == "const" or (index.op == "var" and "!" in str(index.value)):
            return index
        saved = ArraySymbol(self.b.unique("index!"), ArrayType(self.b.types.long), ())
        name = saved.name
        self.b.flow.do(Assign(name, index))
        return t.var(name, index.sort)

    def index(self, value: Value) -> Term:
        """Widen an integer to the sort of array indices."""
        if not self.b.machine:
            return value.term
        if not value.type.signed and value.type.bits == 64:
            self.b.check(t.bv("bvsle", t.const(0, self.b.index_sort), value.term), "index out of bounds")
        extend = t.sign_extend if value.type.signed else t.zero_extend
        return extend(value.term, 64 - value.type.bits)

    def _inside(self, index: Term, length: Term) -> Term:
        zero = t.const(0, self.b.index_sort)
        if self.b.machine:
            return t.conj((t.bv("bvsle", zero, index), t.bv("bvslt", index, length)))
        return t.conj((t.le(zero, index), t.lt(index, length)))

    def read(self, array: ArraySymbol, indices: list[Term], node: Any) -> Value:
        """Read an element; the indices have been checked."""
        kind = element_type(array.type)
        self.b.effects.reads.add(array.name)
        term = self.b.term(array)
        for index in indices:
            term = t.select(term, index)
        if not self.b.machine and not self.b.arithmetic.unbounded(kind):
            # Every write converts to the element type, so this restates what the type guarantees.
            self.b.flow.do(Assume(self.b.arithmetic.in_range(term, kind)))
        return Value(term, kind)


def element_type(kind: ArrayType) -> IntType:
    """Return the integer type of an array's elements, through all dimensions."""
    found = innermost(kind)
    assert isinstance(found, IntType)
    return found


def stored_at(array: Term, indices: list[Term], value: Term) -> Term:
    """Return an array with one element changed."""
    if len(indices) == 1:
        return t.store(array, indices[0], value)
    return t.store(array, indices[0], stored_at(t.select(array, indices[0]), indices[1:], value))
