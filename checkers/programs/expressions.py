"""Translating C expressions: values, side effects, sequence points, and undefined evaluation orders refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pycparser import c_ast

from checkers.programs.arithmetic import Refused, Value
from checkers.programs.builder import ArraySymbol, Builder, Constant, Effects, Scalar, TypeName
from checkers.programs.elements import Elements, element_type, stored_at
from checkers.programs.flow import Assign
from checkers.programs.literals import literal
from checkers.programs.types import ArrayType, IntType
from lemmata.logic import terms as t
from lemmata.logic.terms import Term

_COMPARE = {"==", "!=", "<", "<=", ">", ">="}


class Expressions:
    """The expression translator; calls and declared types are the business of its collaborators."""

    def __init__(self, builder: Builder, call: Callable[[Any], Value | None], type_of: Callable[[Any], Any]) -> None:
        self.b = builder
        self.call = call
        self.type_of = type_of
        self.elements = Elements(builder, self.unsequenced)

    # Entry points.

    def full(self, node: Any) -> Value | None:
        """Translate a full expression, whose side effects are complete at its end; None for a void call."""
        self.b.flow.location = self.b.place(node)
        with self.b.frame() as effects:
            value = self.any(node)
        self.b.effects.reads |= effects.reads
        self.b.effects.writes |= effects.writes
        return value

    def condition(self, node: Any) -> Term:
        """Translate a full expression that is tested for not being zero."""
        value = self.full(node)
        if value is None:
            raise self.b.wrong("a void value is tested", node)
        return self.b.arithmetic.truth(value)

    def value(self, node: Any) -> Value:
        """Translate an expression that must have a value."""
        found = self.any(node)
        if found is None:
            raise self.b.wrong("a void value is used", node)
        return found

    def constant(self, node: Any, what: str) -> int:
        """Evaluate an integer constant expression."""
        edges = len(self.b.flow.edges)
        with self.b.frame():
            value = self.b.arithmetic.constant(self.value(node))
        if value is None or len(self.b.flow.edges) != edges:
            raise self.b.wrong(f"{what} must be an integer constant", node)
        return value

    # Expressions.

    def any(self, node: Any) -> Value | None:
        """Translate any expression."""
        match node:
            case c_ast.Constant():
                return literal(self.b, node)
            case c_ast.ID():
                return self._name(node)
            case c_ast.ArrayRef():
                array, indices = self.elements.find(node)
                return self.elements.read(array, indices, node)
            case c_ast.UnaryOp():
                return self._unary(node)
            case c_ast.BinaryOp(op="&&") | c_ast.BinaryOp(op="||"):
                return self._short_circuit(node)
            case c_ast.BinaryOp():
                left, right = self.unsequenced([node.left, node.right], node)
                return self._operate(node.op, left, right, node)
            case c_ast.Assignment():
                return self._assign(node)
            case c_ast.TernaryOp():
                return self._conditional(node)
            case c_ast.ExprList():
                for part in node.exprs[:-1]:
                    self._sequenced(part)
                return self.any(node.exprs[-1])
            case c_ast.FuncCall():
                return self.call(node)
            case c_ast.Cast():
                return self._cast(node)
        raise self.b.refuse(_describe(node), node)

    def unsequenced(self, nodes: list[Any], whole: Any) -> list[Value]:
        """Translate operands whose order of evaluation C leaves open; refuse where the order matters."""
        values: list[Value] = []
        seen: list[Effects] = []
        for node in nodes:
            with self.b.frame() as effects:
                values.append(self.value(node))
            for before in seen:
                self._conflict(before.writes & (effects.reads | effects.writes) | effects.writes & before.reads, whole)
            seen.append(effects)
        for effects in seen:
            self.b.effects.add(effects)
        return values

    def _conflict(self, names: set[str], node: Any) -> None:
        if names:
            text = self.b.texts.get(min(names), min(names))
            raise self.b.refuse(
                f"unsequenced access to '{text}' (C does not define the order of evaluation here)",
                node,
                "use separate statements",
            )

    def _sequenced(self, node: Any) -> Value | None:
        """Translate a part that ends at a sequence point: its side effects are complete."""
        with self.b.frame() as effects:
            value = self.any(node)
        self.b.effects.reads |= effects.reads
        self.b.effects.writes |= effects.writes
        return value

    def _name(self, node: Any) -> Value:
        symbol = self.b.lookup(node.name)
        match symbol:
            case Scalar():
                self.b.effects.reads.add(symbol.name)
                return Value(self.b.term(symbol), symbol.type)
            case Constant():
                return self.b.arithmetic.literal(symbol.value, self.b.types.int)
            case ArraySymbol():
                raise self.b.refuse(f"the array '{node.name}' used as a pointer value", node)
            case TypeName():
                raise self.b.wrong(f"'{node.name}' is a type", node)
        if re.fullmatch(r"__BLAST_NONDET\w*", node.name):
            fresh = self.b.temporary(self.b.types.int, "nondet")
            self.b.choose(fresh, "nondet")
            return Value(self.b.term(fresh), fresh.type)
        raise self.b.wrong(f"'{node.name}' is not declared", node)

    def _unary(self, node: Any) -> Value:
        match node.op:
            case "++" | "--" | "p++" | "p--":
                return self._step(node)
            case "sizeof":
                return self._sizeof(node)
            case "&" | "*":
                raise self.b.refuse("the address of an object" if node.op == "&" else "a pointer dereference", node)
        operand = self.value(node.expr)
        match node.op:
            case "!":
                return self.b.arithmetic.from_truth(t.neg(self.b.arithmetic.truth(operand)))
            case "-":
                return self.b.arithmetic.negate(operand, self.b)
            case "~":
                return self.b.arithmetic.complement(operand, self.b)
            case "+":
                return self.b.arithmetic.convert(operand, self.b.types.promote(operand.type), self.b)
        raise self.b.refuse(f"operator '{node.op}'", node)

    def _sizeof(self, node: Any) -> Value:
        kind = self.type_of(node.expr) if isinstance(node.expr, c_ast.Typename) else None
        if kind is None:
            # What is not computed cannot go wrong.
            self.b.guards.append(t.FALSE)
            with self.b.frame() as effects:
                edges, before = len(self.b.flow.edges), self.b.flow.current
                kind = self.value(node.expr).type
            self.b.guards.pop()
            if effects.writes or len(self.b.flow.edges) != edges or self.b.flow.current != before:
                raise self.b.refuse("sizeof of this expression", node)
        if not isinstance(kind, IntType):
            raise self.b.refuse("sizeof of this type", node)
        size = 1 if kind.name == "_Bool" else kind.bits // 8
        return self.b.arithmetic.literal(size, self.b.types.unsigned_long)

    def _cast(self, node: Any) -> Value | None:
        kind = self.type_of(node.to_type)
        if isinstance(kind, IntType):
            return self.b.arithmetic.convert(self.value(node.expr), kind, self.b)
        if isinstance(kind, ArrayType):
            raise self.b.refuse("a cast to a pointer", node)
        self.any(node.expr)
        return None

    def _operate(self, op: str, left: Value, right: Value, node: Any) -> Value:
        if op in _COMPARE:
            return self.b.arithmetic.compare(op, left, right, self.b)
        try:
            return self.b.arithmetic.binary(op, left, right, self.b)
        except Refused as reason:
            raise self.b.refuse(
                f"{reason} with mathematical integers", node, "use machine integers: --int-width 32"
            ) from None

    # Assignment.

    def _assign(self, node: Any) -> Value:
        op = node.op[:-1]
        target = node.lvalue
        if isinstance(target, c_ast.ArrayRef):
            return self._assign_element(node, op)
        symbol = self._target(target)
        with self.b.frame() as effects:
            value = self.value(node.rvalue)
        self._conflict({symbol.name} & effects.dangling, node)
        if op:
            # The old value is read unsequenced with the right side, so nothing there may write it.
            self._conflict({symbol.name} & effects.writes, node)
            effects.reads.add(symbol.name)
            value = self._operate(op, Value(self.b.term(symbol), symbol.type), value, node)
        self.b.effects.add(effects)
        stored = self._keep(self.b.arithmetic.convert(value, symbol.type, self.b), symbol.name)
        self.b.flow.do(Assign(symbol.name, stored.term))
        self._written(symbol.name)
        return stored

    def _keep(self, value: Value, name: str) -> Value:
        """Save a value that mentions a variable about to be overwritten."""
        if name not in t.free(value.term):
            return value
        saved = self.b.temporary(value.type)
        self.b.flow.do(Assign(saved.name, value.term))
        return Value(self.b.term(saved), value.type)

    def _written(self, name: str) -> None:
        self.b.effects.writes.add(name)
        self.b.effects.dangling.add(name)

    def _target(self, node: Any) -> Scalar:
        if not isinstance(node, c_ast.ID):
            raise self.b.refuse(f"assignment to {_describe(node)}", node)
        symbol = self.b.lookup(node.name)
        if symbol is None:
            raise self.b.wrong(f"'{node.name}' is not declared", node)
        if not isinstance(symbol, Scalar):
            raise self.b.refuse(f"assignment to '{node.name}', which is not an integer variable,", node)
        if symbol.constant:
            raise self.b.wrong(f"assignment to the constant '{node.name}'", node)
        return symbol

    def _assign_element(self, node: Any, op: str) -> Value:
        with self.b.frame() as left:
            array, indices = self.elements.find(node.lvalue)
        with self.b.frame() as right:
            value = self.value(node.rvalue)
        self._conflict(left.writes & (right.reads | right.writes) | right.writes & left.reads, node)
        self._conflict({array.name} & (left.dangling | right.dangling), node)
        if op:
            self._conflict({array.name} & right.writes, node)
            value = self._operate(op, self.elements.read(array, indices, node), value, node)
        self.b.effects.add(left)
        self.b.effects.add(right)
        kind = element_type(array.type)
        stored = self._keep(self.b.arithmetic.convert(value, kind, self.b), array.name)
        whole = self.b.term(array)
        self.b.flow.do(Assign(array.name, stored_at(whole, indices, stored.term)))
        self._written(array.name)
        return stored

    def _step(self, node: Any) -> Value:
        one = self.b.arithmetic.literal(1, self.b.types.int)
        op = node.op[-1]
        if isinstance(node.expr, c_ast.ArrayRef):
            array, indices = self.elements.find(node.expr)
            self._conflict({array.name} & self.b.effects.dangling, node)
            old = self._keep(self.elements.read(array, indices, node), array.name)
            new = self.b.arithmetic.convert(self._operate(op, old, one, node), old.type, self.b)
            self.b.flow.do(Assign(array.name, stored_at(self.b.term(array), indices, new.term)))
            self._written(array.name)
            return old if node.op[0] == "p" else new
        symbol = self._target(node.expr)
        self.b.effects.reads.add(symbol.name)
        old = self._keep(Value(self.b.term(symbol), symbol.type), symbol.name)
        new = self.b.arithmetic.convert(self._operate(op, old, one, node), symbol.type, self.b)
        self.b.flow.do(Assign(symbol.name, new.term))
        self._written(symbol.name)
        return old if node.op[0] == "p" else new

    # Control within expressions.

    def _short_circuit(self, node: Any) -> Value:
        left = self.b.arithmetic.truth(self._needed(node.left))
        go_on = left if node.op == "&&" else t.neg(left)
        if is_pure(node.right):
            self.b.guards.append(go_on)
            with self.b.frame() as effects:
                right = self.b.arithmetic.truth(self.value(node.right))
            self.b.guards.pop()
            self.b.effects.add(effects)
            both = t.conj((left, right)) if node.op == "&&" else t.disj((left, right))
            return self.b.arithmetic.from_truth(both)
        result = self.b.temporary(self.b.types.int)
        yes, no = self.b.flow.branch(go_on)
        self.b.flow.current = yes
        with self.b.frame() as effects:
            right = self.b.arithmetic.truth(self.value(node.right))
        self.b.effects.add(effects)
        self.b.set(result, self.b.arithmetic.from_truth(right))
        yes, self.b.flow.current = self.b.flow.current, no
        self.b.set(result, self.b.arithmetic.literal(int(node.op == "||"), self.b.types.int))
        self.b.flow.join(yes, self.b.flow.current)
        return Value(self.b.term(result), result.type)

    def _needed(self, node: Any) -> Value:
        value = self._sequenced(node)
        if value is None:
            raise self.b.wrong("a void value is used", node)
        # What follows the sequence point may change the variables that the value mentions.
        return value

    def _conditional(self, node: Any) -> Value | None:
        condition = self.b.arithmetic.truth(self._needed(node.cond))
        if is_pure(node.iftrue) and is_pure(node.iffalse):
            values = []
            sides = (condition, t.neg(condition))
            for guard, part in zip(sides, (node.iftrue, node.iffalse), strict=True):
                self.b.guards.append(guard)
                with self.b.frame() as effects:
                    values.append(self.value(part))
                self.b.guards.pop()
                self.b.effects.add(effects)
            kind = self.b.types.common(values[0].type, values[1].type)
            converted = []
            for guard, value in zip(sides, values, strict=True):
                self.b.guards.append(guard)
                converted.append(self.b.arithmetic.convert(value, kind, self.b).term)
                self.b.guards.pop()
            return Value(t.ite(condition, *converted), kind)
        yes, no = self.b.flow.branch(condition)
        ends: list[tuple[int | None, Value | None]] = []
        for start, part in ((yes, node.iftrue), (no, node.iffalse)):
            self.b.flow.current = start
            with self.b.frame() as effects:
                found = self.any(part)
            self.b.effects.add(effects)
            if found is not None:
                saved = self.b.temporary(found.type)
                self.b.set(saved, found)
                found = Value(self.b.term(saved), found.type)
            ends.append((self.b.flow.current, found))
        first, second = ends[0][1], ends[1][1]
        if first is None or second is None:
            self.b.flow.join(ends[0][0], ends[1][0])
            return None
        result = self.b.temporary(self.b.types.common(first.type, second.type))
        tails = []
        for (end, _), branch_value in zip(ends, (first, second), strict=True):
            self.b.flow.current = end
            self.b.set(result, branch_value)
            tails.append(self.b.flow.current)
        self.b.flow.join(*tails)
        return Value(self.b.term(result), result.type)


def is_pure(node: Any) -> bool:
    """Say whether an expression has no side effects and calls nothing, so that it needs no branch of its own."""
    if isinstance(node, c_ast.Assignment | c_ast.FuncCall):
        return False
    if isinstance(node, c_ast.ID):
        return not node.name.startswith("__BLAST_NONDET")
    if isinstance(node, c_ast.ArrayRef) or (isinstance(node, c_ast.Cast) and not _is_arithmetic(node.to_type)):
        return False
    if isinstance(node, c_ast.UnaryOp) and node.op in ("++", "--", "p++", "p--"):
        return False
    return all(is_pure(child) for _, child in node.children())


def _is_arithmetic(to_type: Any) -> bool:
    return getattr(getattr(to_type.type, "type", None), "names", []) != ["void"]


def _describe(node: Any) -> str:
    names = {
        "StructRef": "a structure member", "InitList": "an initializer list", "CompoundLiteral": "a compound literal",
        "Typename": "a type used as a value", "UnaryOp": "a dereferenced pointer",
    }  # fmt: skip
    kind = type(node).__name__
    return names.get(kind, f"the construct '{kind}'")
