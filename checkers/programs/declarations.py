"""Declarations: types, variables with their initialisers, enumerations and typedefs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pycparser import c_ast

from checkers.programs.builder import ArraySymbol, Builder, Constant, Scalar, Symbol, TypeName
from checkers.programs.expressions import Expressions
from checkers.programs.flow import Assign
from checkers.programs.types import ArrayType, CType, IntType, VoidType
from lemmata.logic import terms as t
from lemmata.logic.sorts import array
from lemmata.logic.terms import Term

_LONGEST_INITIALISER = 4096


@dataclass(frozen=True, slots=True)
class Static:
    """A block-scope object of static duration with its initial value."""

    symbol: Scalar | ArraySymbol
    initial: Term
    constant: bool


class Declarations:
    """The translator of declarations; `expressions` is set once, right after construction."""

    expressions: Expressions

    def __init__(self, builder: Builder) -> None:
        self.b = builder
        self.statics: dict[int, Static] = {}
        """Block-scope objects of static duration, by declaration; all inlined copies share them."""

    # Types.

    def type_of(self, node: Any) -> CType:
        """Return the type a declarator or type name denotes."""
        match node:
            case c_ast.Typename() | c_ast.Decl():
                return self.type_of(node.type)
            case c_ast.TypeDecl():
                self._qualifiers(node)
                return self._specified(node.type)
            case c_ast.ArrayDecl() | c_ast.PtrDecl():
                element = self.type_of(node.type)
                if isinstance(element, VoidType) or (
                    isinstance(node, c_ast.PtrDecl) and isinstance(element, ArrayType)
                ):
                    raise self.b.refuse("this pointer type", node)
                return ArrayType(element)
            case c_ast.FuncDecl():
                raise self.b.refuse("a function pointer", node)
        raise self.b.refuse(f"the type construct '{type(node).__name__}'", node)

    def _qualifiers(self, node: Any) -> None:
        for word in getattr(node, "quals", None) or []:
            if word in ("volatile", "_Atomic"):
                raise self.b.refuse(f"'{word}'", node)

    def _specified(self, node: Any) -> CType:
        if isinstance(node, c_ast.Enum):
            return self._enumeration(node)
        if not isinstance(node, c_ast.IdentifierType):
            raise self.b.refuse(f"the type '{type(node).__name__.lower()}'", node)
        symbol = self.b.lookup(node.names[0]) if len(node.names) == 1 else None
        if isinstance(symbol, TypeName):
            return symbol.type
        found = self.b.types.named(list(node.names))
        if found is None:
            raise self.b.refuse(f"the type '{' '.join(node.names)}'", node)
        return found

    def _enumeration(self, node: Any) -> IntType:
        """Declare an enumeration's constants; its type is GCC's: `unsigned int` unless a value is negative."""
        tag = f"enum {node.name}"
        if node.values is None:
            known = self.b.lookup(tag)
            if not isinstance(known, TypeName) or not isinstance(known.type, IntType):
                raise self.b.wrong(f"'{tag}' is not declared", node)
            return known.type
        following = 0
        negative = False
        for item in node.values.enumerators:
            value = following if item.value is None else self.expressions.constant(item.value, "an enumeration value")
            if not self.b.types.int.low <= value <= self.b.types.int.high:
                raise self.b.wrong(f"the value of '{item.name}' does not fit an int", item)
            self.b.declare(item.name, Constant(value))
            negative |= value < 0
            following = value + 1
        kind = self.b.types.int if negative else self.b.types.unsigned
        if node.name:
            self.b.declare(tag, TypeName(kind))
        return kind

    # Variables.

    def declare(self, node: Any, *, static_zero: bool = False, parameter: bool = False) -> Symbol | None:
        """Declare what a `Decl` or `Typedef` node introduces and run its initialiser.

        Args:
            node: the declaration.
            static_zero: an object without initialiser is zero rather than undetermined.
            parameter: the object is a parameter of the function under verification.
        """
        if isinstance(node, c_ast.Typedef):
            if "const" in (getattr(node.type, "quals", None) or []):
                raise self.b.refuse("a typedef of a const type", node)
            self.b.declare(node.name, TypeName(self.type_of(node.type)))
            return None
        if isinstance(node.type, c_ast.FuncDecl):
            if len(self.b.scopes) > 1:
                raise self.b.refuse("a function declaration in a block", node)
            return None
        if isinstance(node.type, c_ast.Enum) and node.name is None:
            self._enumeration(node.type)
            return None
        if node.name is None and isinstance(node.type, c_ast.Struct | c_ast.Union):
            # The type alone does nothing; every object of it is refused.
            return None
        if node.name is None:
            raise self.b.refuse("this declaration", node)
        self._qualifiers(node)
        if getattr(node, "align", None) or getattr(node, "bitsize", None):
            raise self.b.refuse("alignment", node)
        kind = self.type_of(node.type)
        if isinstance(kind, VoidType):
            raise self.b.wrong(f"'{node.name}' has type void", node)
        if isinstance(kind, ArrayType) and not parameter:
            return self._array(node, kind, static_zero)
        symbol: Scalar | ArraySymbol
        if isinstance(kind, ArrayType):
            inner = getattr(node.type, "type", None)
            symbol = ArraySymbol(self.b.unique(node.name), kind, (None, *self._lengths(inner)))
            self.b.declare(node.name, symbol)
            self.b.choose(symbol, "parameter")
            return symbol
        symbol = Scalar(self.b.unique(node.name), kind, "const" in (node.quals or []))
        if node.init is None:
            self.b.declare(node.name, symbol)
            if static_zero:
                self.b.flow.do(Assign(symbol.name, self.b.arithmetic.literal(0, kind).term))
            else:
                self.b.choose(symbol, "parameter" if parameter else "uninitialised")
            return symbol
        # The name is visible in its own initialiser (C11 6.2.1p7), where it has no determined value yet.
        self.b.declare(node.name, symbol)
        self.b.choose(symbol, "uninitialised")
        value = self.expressions.full(self._single(node.init))
        if value is None:
            raise self.b.wrong("a void value is used", node)
        self.b.set(symbol, value)
        return symbol

    def static(self, node: Any) -> None:
        """Declare a block-scope `static` object; it is initialised once, before the program starts."""
        known = self.statics.get(id(node))
        if known is None:
            kind = self.type_of(node.type)
            if isinstance(kind, VoidType):
                raise self.b.wrong(f"'{node.name}' has type void", node)
            known = self.statics[id(node)] = (
                self._static_array(node, kind) if isinstance(kind, ArrayType) else (self._static_scalar(node, kind))
            )
        self.b.declare(node.name, known.symbol)

    def _static_scalar(self, node: Any, kind: IntType) -> Static:
        # The initialiser is constant: its names are looked up here, where it stands.
        value = 0 if node.init is None else self.expressions.constant(self._single(node.init), "its initialiser")
        symbol = Scalar(self.b.unique(node.name), kind, "const" in (node.quals or []))
        return Static(symbol, self.b.arithmetic.literal(kind.wrap(value), kind).term, symbol.constant)

    def _static_array(self, node: Any, kind: ArrayType) -> Static:
        if not isinstance(node.type, c_ast.ArrayDecl) or node.type.dim is None:
            raise self.b.refuse("this static object", node)
        lengths = self._lengths(node.type)
        if not all(n is not None and n.op == "const" for n in lengths):
            raise self.b.wrong("the length of a static array must be constant", node)
        symbol = ArraySymbol(self.b.unique(node.name), kind, lengths)
        term = self._zero(kind)
        for position, expression in self._items(symbol, node.init) if node.init is not None else ():
            element = _integer(kind)
            value = element.wrap(self.expressions.constant(expression, "its initialiser"))
            term = t.store(term, self._constant_index(position), self.b.arithmetic.literal(value, element).term)
        return Static(symbol, term, "const" in (node.quals or []))

    def is_static(self, symbol: Scalar | ArraySymbol) -> bool:
        """Say whether a symbol is a block-scope object of static duration."""
        return any(static.symbol is symbol for static in self.statics.values())

    def initialise_statics(self, *, fresh: bool) -> None:
        """Emit the state of every static object declared so far.

        Args:
            fresh: the program has just started; otherwise its functions may have run before.
        """
        for static in self.statics.values():
            self.b.flow.do(Assign(static.symbol.name, static.initial))
            if not fresh and not static.constant:
                self.b.choose(static.symbol, "global")

    def _single(self, init: Any) -> Any:
        """Unwrap `{e}` around a scalar's initialiser."""
        if isinstance(init, c_ast.InitList):
            if len(init.exprs) != 1 or isinstance(init.exprs[0], c_ast.NamedInitializer):
                raise self.b.wrong("a scalar has one initialiser", init)
            return self._single(init.exprs[0])
        return init

    def _array(self, node: Any, kind: ArrayType, static_zero: bool) -> ArraySymbol:
        if not isinstance(node.type, c_ast.ArrayDecl):
            pointer = isinstance(node.type, c_ast.PtrDecl)
            raise self.b.refuse("a pointer variable" if pointer else "an object of an array or pointer typedef", node)
        lengths = self._lengths(node.type)
        if lengths[0] is None and isinstance(node.init, c_ast.InitList):
            lengths = (self._constant_index(self._implied_length(node.init)), *lengths[1:])
        if any(length is None for length in lengths):
            raise self.b.refuse(f"the array '{node.name}' without a length", node)
        symbol = ArraySymbol(self.b.unique(node.name), kind, lengths)
        self.b.declare(node.name, symbol)
        if node.init is None and not static_zero:
            self.b.choose(symbol, "uninitialised")
            return symbol
        zero = self._zero(kind)
        self.b.flow.do(Assign(symbol.name, zero))
        if node.init is not None:
            self._fill(symbol, node.init)
        return symbol

    def _zero(self, kind: CType) -> Term:
        if isinstance(kind, ArrayType):
            sort = array(self.b.index_sort, self.b.sort_of(kind.element))
            return t.const_array(sort, self._zero(kind.element))
        assert isinstance(kind, IntType)
        return self.b.arithmetic.literal(0, kind).term

    def _constant_index(self, value: int) -> Term:
        return t.const(value, self.b.index_sort)

    def _lengths(self, node: Any) -> tuple[Term | None, ...]:
        """Evaluate the lengths of an array declarator; a variable length must be positive (C11 6.7.6.2p5)."""
        lengths: list[Term | None] = []
        while isinstance(node, c_ast.ArrayDecl):
            if node.dim is None:
                lengths.append(None)
            else:
                value = self.expressions.full(node.dim)
                if value is None:
                    raise self.b.wrong("a void value is used", node)
                known = self.b.arithmetic.constant(value)
                if known is not None and known <= 0:
                    raise self.b.wrong("the length of an array must be positive", node)
                index = self.expressions.elements.index(value)
                if known is None:
                    zero = self._constant_index(0)
                    positive = t.bv("bvslt", zero, index) if self.b.machine else t.lt(zero, index)
                    self.b.check(positive, "the length of an array is not positive")
                    name = self.b.unique("length!")
                    self.b.flow.do(Assign(name, index))
                    index = t.var(name, index.sort)
                lengths.append(index)
            node = node.type
        return tuple(lengths)

    def _implied_length(self, init: Any) -> int:
        position = largest = 0
        for item in init.exprs:
            if isinstance(item, c_ast.NamedInitializer):
                position = self._designated(item)
            position += 1
            largest = max(largest, position)
        return largest

    def _designated(self, item: Any) -> int:
        if len(item.name) != 1:
            raise self.b.refuse("a nested designator", item)
        place = item.name[0]
        place = getattr(place, "subscript", getattr(place, "index", place))
        if isinstance(place, c_ast.ArrayDesignator) if hasattr(c_ast, "ArrayDesignator") else False:
            place = place.children()[0][1]
        return self.expressions.constant(place, "a designator")

    def _fill(self, symbol: ArraySymbol, init: Any) -> None:
        kind = _integer(symbol.type)
        for position, expression in self._items(symbol, init):
            value = self.expressions.full(expression)
            if value is None:
                raise self.b.wrong("a void value is used", expression)
            stored = self.b.arithmetic.convert(value, kind, self.b)
            where = self._constant_index(position)
            self.b.flow.do(Assign(symbol.name, t.store(self.b.term(symbol), where, stored.term)))

    def _items(self, symbol: ArraySymbol, init: Any) -> Iterator[tuple[int, Any]]:
        """Yield the positions and expressions of an array's initialiser list."""
        if not isinstance(init, c_ast.InitList) or len(symbol.lengths) != 1:
            raise self.b.refuse("this array initialiser", init)
        if not 0 < len(init.exprs) <= _LONGEST_INITIALISER:
            raise self.b.refuse("an empty initialiser, or one of too many elements,", init)
        length = symbol.lengths[0]
        position = 0
        for item in init.exprs:
            expression = item
            if isinstance(item, c_ast.NamedInitializer):
                position = self._designated(item)
                expression = item.expr
            if length is None or length.op != "const" or not 0 <= position < t.number(length):
                raise self.b.wrong("too many initialisers", item)
            yield position, self._single(expression)
            position += 1


def _integer(kind: ArrayType) -> IntType:
    assert isinstance(kind.element, IntType)
    return kind.element
