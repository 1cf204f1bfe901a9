"""Calls: functions are inlined but for recursive ones, verifiers' own have their known meaning, others are refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pycparser import c_ast

from checkers.programs.arithmetic import Value
from checkers.programs.builder import ArraySymbol, Builder, Scalar
from checkers.programs.declarations import Declarations
from checkers.programs.expressions import Expressions, is_pure
from checkers.programs.flow import Assume
from checkers.programs.recursion import Recursion
from checkers.programs.types import ArrayType, CType, IntType, VoidType
from lemmata.logic import terms as t

_ASSERT = {"assert", "__VERIFIER_assert", "sassert", "static_assert"}
_ASSUME = {"assume", "__VERIFIER_assume", "__builtin_assume", "assume_abort_if_not"}
_ERROR = {"reach_error", "__VERIFIER_error", "__assert_fail", "__assert", "__assert_rtn"}
_STOP = {"abort", "exit", "_exit", "_Exit", "quick_exit", "__builtin_trap", "__builtin_abort"}
_PRINT = {"printf", "puts", "putchar"}
_NONDET = re.compile(r"(?:__VERIFIER_nondet|nondet|unknown|unkown)_?(\w*)\Z")
_SUFFIXES = {
    "": "int", "int": "int", "uint": "unsigned int", "unsigned": "unsigned int", "u32": "unsigned int",
    "unsigned_int": "unsigned int", "bool": "_Bool", "_Bool": "_Bool", "char": "char", "schar": "signed char",
    "uchar": "unsigned char", "unsigned_char": "unsigned char", "short": "short", "ushort": "unsigned short",
    "unsigned_short": "unsigned short", "long": "long", "ulong": "unsigned long", "unsigned_long": "unsigned long",
    "longlong": "long long", "ulonglong": "unsigned long long", "u16": "unsigned short", "u8": "unsigned char",
    "size_t": "unsigned long",
}  # fmt: skip


@dataclass(slots=True)
class Frame:
    """One function being translated."""

    name: str
    exit: int
    result: Scalar | None
    late: bool = False
    """Whether the result gets a value only by `return`, or where the end of the body is reached."""


class Calls:
    """The translator of calls.

    Args:
        builder: shared state.
        functions: definitions by name.
        prototypes: declared functions without body, by name.
        body: translates a function's contract and body, given the definition and its frame.
    """

    expressions: Expressions
    declarations: Declarations
    recursion: Recursion

    def __init__(
        self,
        builder: Builder,
        functions: dict[str, Any],
        prototypes: dict[str, Any],
        body: Callable[[Any, Frame, bool], None],
    ) -> None:
        self.b = builder
        self.functions = functions
        self.prototypes = prototypes
        self.body = body
        self.stack: list[Frame] = []

    def call(self, node: Any) -> Value | None:
        """Translate a call; None where it has no value."""
        if not isinstance(node.name, c_ast.ID):
            raise self.b.refuse("a call through a pointer", node)
        name: str = node.name.name
        args = list(node.args.exprs) if node.args else []
        if name in self.functions and name not in _ERROR:
            return self._defined(name, args, node)
        if isinstance(self.b.lookup(name), Scalar | ArraySymbol):
            raise self.b.refuse("a call through a pointer", node)
        if name in _ASSERT:
            self.b.assertion(self._tested(name, args, node), self.b.place(node))
            return None
        if name in _ASSUME:
            self.b.flow.do(Assume(self._tested(name, args, node)))
            return None
        if name in _ERROR:
            for arg in args:
                if not _is_text(arg):
                    self.expressions.value(arg)
            self.b.assertion(t.FALSE, self.b.place(node), f"{name}() may be reached")
            return None
        if name in _STOP:
            self._discard(args)
            self.b.flow.do(Assume(t.FALSE))
            return None
        if name == "__builtin_unreachable":
            self.b.check(t.FALSE, "unreachable code is reached")
            return None
        if name in ("__builtin_expect", "__builtin_expect_with_probability") and args:
            value = self.expressions.unsequenced(args, node)[0]
            return self.b.arithmetic.convert(value, self.b.types.long, self.b)
        if name in _PRINT:
            return self._print(args, node)
        match = _NONDET.match(name)
        if match and not args:
            return self._nondet(name, match[1], node)
        hint = "define it, or use unknown_int() for an arbitrary value"
        raise self.b.refuse(f"the call of '{name}', which has no body here,", node, hint)

    def _tested(self, name: str, args: list[Any], node: Any) -> t.Term:
        if len(args) != 1 and not (name == "static_assert" and len(args) == 2):
            raise self.b.wrong(f"'{name}' takes one argument", node)
        value = self.expressions.value(args[0])
        declared = self.prototypes.get(name)
        if declared is not None and declared.type.args:
            with self.b.file_scope():
                kind = self.declarations.type_of(declared.type.args.params[0])
            if not isinstance(kind, IntType):
                raise self.b.refuse(f"the parameter type of '{name}'", node)
            value = self.b.arithmetic.convert(value, kind, self.b)
        return self.b.arithmetic.truth(value)

    def _discard(self, args: list[Any]) -> None:
        self.expressions.unsequenced([a for a in args if not _is_text(a)], None)

    def _print(self, args: list[Any], node: Any) -> Value:
        for arg in args:
            if _is_text(arg) and re.search(r"%[^%a-zA-Z]*n", arg.value):
                raise self.b.refuse("the conversion %n", node)
        self._discard(args)
        return self._fresh(self.b.types.int, "printed", node)

    def _fresh(self, kind: IntType, text: str, node: Any) -> Value:
        symbol = self.b.temporary(kind, text)
        self.b.calls[self.b.flow.havocs] = self.b.place(node)
        self.b.choose(symbol, "nondet")
        return Value(self.b.term(symbol), kind)

    def _nondet(self, name: str, suffix: str, node: Any) -> Value | None:
        declared = self.prototypes.get(name)
        if declared is not None:
            with self.b.file_scope():
                kind = self.declarations.type_of(declared.type.type)
            if isinstance(kind, VoidType):
                return None
        else:
            word = _SUFFIXES.get(suffix if not suffix.isdigit() else "")
            found = self.b.types.named(word.split()) if word else None
            if found is None:
                raise self.b.refuse(f"the undeclared function '{name}'", node, "declare it with its result type")
            kind = found
        if not isinstance(kind, IntType):
            raise self.b.refuse(f"the result type of '{name}'", node)
        return self._fresh(kind, name, node)

    # Functions of the file.

    def _defined(self, name: str, args: list[Any], node: Any) -> Value | None:
        definition = self.functions[name]
        # A declaration means what it means in the file, not what its names mean where it is called.
        with self.b.file_scope():
            parameters = self.parameters(definition)
            kinds = [self._parameter_type(p) for p in parameters]
            kind = self.declarations.type_of(definition.decl.type.type)
        if len(parameters) != len(args):
            raise self.b.wrong(f"'{name}' takes {len(parameters)} arguments, not {len(args)}", node)
        bound = self._arguments(kinds, args, node)
        if isinstance(kind, ArrayType):
            raise self.b.refuse("a function that returns a pointer", node)
        if name in self.recursion:
            values = [v for v in bound if isinstance(v, Value)]
            return self.recursion.call(name, kinds, kind, values, node)
        return self._inline(name, list(zip(parameters, kinds, bound, strict=True)), kind, node)

    def _inline(
        self, name: str, bound: list[tuple[Any, CType, Value | ArraySymbol]], kind: CType, node: Any
    ) -> Value | None:
        result: Scalar | None = None
        if isinstance(kind, IntType):
            result = self.b.temporary(kind, f"{name}.result")
            self.b.choose(result, "uninitialised")
        statement, location, asserting = self.b.node, self.b.flow.location, self.b.asserting
        if name in _ASSERT:
            self.b.asserting = asserting or self.b.place(node)
        with self.b.file_scope():
            for parameter, target, value in bound:
                if isinstance(value, ArraySymbol):
                    self.b.scopes[-1][parameter.name] = value
                    continue
                assert isinstance(target, IntType)
                symbol = Scalar(self.b.unique(parameter.name), target, "const" in (parameter.quals or []))
                self.b.declare(parameter.name, symbol)
                self.b.set(symbol, value)
            frame = Frame(name, self.b.flow.node(), result)
            self.stack.append(frame)
            with self.b.frame() as effects:
                self.body(self.functions[name], frame, False)
            self.stack.pop()
        self.b.node, self.b.flow.location, self.b.asserting = statement, location, asserting
        # What a body does is complete when the call returns, so nothing of it dangles.
        self.b.effects.reads |= effects.reads
        self.b.effects.writes |= effects.writes
        return Value(self.b.term(result), result.type) if result else None

    def parameters(self, definition: Any) -> list[Any]:
        """Return a definition's parameter declarations."""
        if definition.param_decls:
            raise self.b.refuse("an old-style function definition", definition)
        declared = definition.decl.type.args
        found = list(declared.params) if declared else []
        for parameter in found:
            if isinstance(parameter, c_ast.EllipsisParam) or not isinstance(parameter, c_ast.Decl | c_ast.Typename):
                raise self.b.refuse("a variable number of arguments or an untyped parameter", definition)
        if len(found) == 1 and isinstance(found[0], c_ast.Typename) and self._is_void(found[0]):
            return []
        for parameter in found:
            if not isinstance(parameter, c_ast.Decl) or parameter.name is None:
                raise self.b.refuse("an unnamed parameter", definition)
        return found

    def _is_void(self, parameter: Any) -> bool:
        return isinstance(self.declarations.type_of(parameter), VoidType)

    def _parameter_type(self, parameter: Any) -> CType:
        """Return a parameter's type; lengths in its declarator would have to be evaluated at each call."""
        kind = self.declarations.type_of(parameter.type)
        if isinstance(kind, ArrayType) and isinstance(kind.element, ArrayType):
            raise self.b.refuse("a parameter that points to arrays, in a function that is called,", parameter)
        dim = getattr(parameter.type, "dim", None)
        if dim is not None and not is_pure(dim):
            raise self.b.refuse("this length of an array parameter", parameter)
        return kind

    def _arguments(self, kinds: list[CType], args: list[Any], node: Any) -> list[Value | ArraySymbol]:
        arrays: dict[int, ArraySymbol] = {}
        for i, (kind, arg) in enumerate(zip(kinds, args, strict=True)):
            if isinstance(kind, ArrayType):
                symbol = self.b.lookup(arg.name) if isinstance(arg, c_ast.ID) else None
                if not isinstance(symbol, ArraySymbol):
                    raise self.b.refuse("a pointer argument other than the name of an array", node)
                if symbol.type != kind:
                    raise self.b.refuse("an array argument of another element type", node)
                arrays[i] = symbol
        scalars = [i for i in range(len(args)) if i not in arrays]
        values = iter(self.expressions.unsequenced([args[i] for i in scalars], node))
        return [arrays[i] if i in arrays else next(values) for i in range(len(args))]


def _is_text(node: Any) -> bool:
    return isinstance(node, c_ast.Constant) and node.type == "string"
