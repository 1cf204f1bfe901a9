"""C's integer arithmetic as terms, in the mathematical and in the machine semantics.

Mathematical: signed values are unbounded integers. Unsigned ones wrap around, and conversions are modulo 2ⁿ, as they
are with gcc; where a signed value is converted that its own type cannot hold, the run is marked inexact so that no
counterexample rests on it. Machine: bit-vectors, two's complement, signed overflow is undefined behaviour and
reported as such.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from checkers.programs.types import IntType, Types
from lemmata.logic import terms as t
from lemmata.logic.sorts import INT, bit_vector
from lemmata.logic.terms import Term


@dataclass(frozen=True, slots=True)
class Value:
    """A term with its C type."""

    term: Term
    type: IntType


class Refused(Exception):
    """An operation that the chosen semantics cannot express; the message names it."""


class Context(Protocol):
    """What arithmetic needs of the code around it."""

    def check(self, condition: Term, message: str) -> None:
        """Undefined behaviour unless the condition holds."""
        ...

    def inexact(self, when: Term) -> None:
        """No counterexample may rest on a run on which `when` holds."""
        ...


class Arithmetic:
    """Operators on values.

    Args:
        int_width: 32 or 64 for the machine semantics, None for the mathematical one.
    """

    def __init__(self, int_width: int | None) -> None:
        self.machine = int_width is not None
        self.types = Types(int_width or 32)

    def sort(self, kind: IntType) -> str:
        """Return the sort that carries a type."""
        return bit_vector(kind.bits) if self.machine else INT

    def literal(self, value: int, kind: IntType) -> Value:
        """Make a constant; the value must fit the type."""
        return Value(t.const(value, self.sort(kind)), kind)

    def constant(self, value: Value) -> int | None:
        """Return the integer a value always is, where that is known."""
        if value.term.op != "const":
            return None
        number = t.number(value.term)
        return value.type.wrap(number) if self.machine else number

    def unbounded(self, kind: IntType) -> bool:
        """Say whether values of the type are not held to its range: signed ones, in the mathematical semantics."""
        return not self.machine and kind.signed and kind.rank >= self.types.int.rank

    def in_range(self, term: Term, kind: IntType) -> Term:
        """Say, of a mathematical integer, that it is a value of the type."""
        return t.conj((t.le(t.const(kind.low), term), t.le(term, t.const(kind.high))))

    def truth(self, value: Value) -> Term:
        """C's test for not zero."""
        return t.neg(t.eq(value.term, t.const(0, self.sort(value.type))))

    def from_truth(self, condition: Term) -> Value:
        """Make C's `int` 1 or 0 of a condition."""
        sort = self.sort(self.types.int)
        return Value(t.ite(condition, t.const(1, sort), t.const(0, sort)), self.types.int)

    def convert(self, value: Value, kind: IntType, context: Context) -> Value:
        """Convert to a type (C11 6.3.1.2, 6.3.1.3)."""
        source = value.type
        if source == kind:
            return value
        if self.unbounded(source):
            context.inexact(t.neg(self.in_range(value.term, source)))
        known = self.constant(value)
        if known is not None:
            return self.literal(kind.wrap(known), kind)
        if kind.name == "_Bool":
            sort = self.sort(kind)
            return Value(t.ite(self.truth(value), t.const(1, sort), t.const(0, sort)), kind)
        if self.machine:
            if kind.bits <= source.bits:
                return Value(t.truncate(value.term, kind.bits), kind)
            extend = t.sign_extend if source.signed else t.zero_extend
            return Value(extend(value.term, kind.bits - source.bits), kind)
        if kind.holds(source):
            return Value(value.term, kind)
        fits = self.in_range(value.term, kind) if source.signed else t.le(value.term, t.const(kind.high))
        return Value(self._fit(value.term, kind, fits), kind)

    @staticmethod
    def _fit(term: Term, kind: IntType, fits: Term) -> Term:
        """Reduce a mathematical integer to a type, modulo 2ⁿ; `fits` says whether it has to be."""
        if term.op == "const":
            return t.const(kind.wrap(t.number(term)))
        low = t.const(kind.low)
        residue = t.add(t.emod(t.sub(term, low), t.const(1 << kind.bits)), low)
        return t.ite(fits, term, residue)

    def compare(self, op: str, left: Value, right: Value, context: Context) -> Value:
        """Apply `== != < <= > >=`."""
        kind = self.types.common(left.type, right.type)
        a, b = (self.convert(v, kind, context).term for v in (left, right))
        match op:
            case "==":
                return self.from_truth(t.eq(a, b))
            case "!=":
                return self.from_truth(t.neg(t.eq(a, b)))
            case "<":
                return self.from_truth(self._less(a, b, kind))
            case "<=":
                return self.from_truth(self._less_equal(a, b, kind))
            case ">":
                return self.from_truth(self._less(b, a, kind))
            case _:
                return self.from_truth(self._less_equal(b, a, kind))

    def _less(self, a: Term, b: Term, kind: IntType) -> Term:
        return t.bv("bvslt" if kind.signed else "bvult", a, b) if self.machine else t.lt(a, b)

    def _less_equal(self, a: Term, b: Term, kind: IntType) -> Term:
        return t.bv("bvsle" if kind.signed else "bvule", a, b) if self.machine else t.le(a, b)

    def negate(self, value: Value, context: Context) -> Value:
        """Unary minus."""
        kind = self.types.promote(value.type)
        return self.binary("-", self.literal(0, kind), value, context)

    def complement(self, value: Value, context: Context) -> Value:
        """Apply `~`."""
        kind = self.types.promote(value.type)
        operand = self.convert(value, kind, context).term
        if self.machine:
            return Value(t.bv("bvnot", operand), kind)
        return Value(t.sub(t.const(-1 if kind.signed else kind.high), operand), kind)

    def binary(self, op: str, left: Value, right: Value, context: Context) -> Value:
        """Apply a binary arithmetic or bit operator, with promotions.

        Raises:
            Refused: the mathematical semantics cannot express it.
        """
        if op in ("<<", ">>"):
            return self._shift(op, left, right, context)
        kind = self.types.common(left.type, right.type)
        a, b = (self.convert(v, kind, context).term for v in (left, right))
        if op in ("/", "%"):
            context.check(t.neg(t.eq(b, t.const(0, self.sort(kind)))), "division by zero")
        if op in "&|^":
            narrow = left.type.name == right.type.name == "_Bool" or (_is_bit(a) and _is_bit(b))
            return Value(self._bits(op, a, b, kind, narrow), kind)
        return Value(self._machine(op, a, b, kind, context) if self.machine else self._exact(op, a, b, kind), kind)

    def _exact(self, op: str, a: Term, b: Term, kind: IntType) -> Term:
        zero = t.const(0)
        top, size = t.const(kind.high), t.const(1 << kind.bits)
        match op:
            case "+":
                result = t.add(a, b)
                return result if kind.signed else t.ite(t.le(result, top), result, t.sub(result, size))
            case "-":
                result = t.sub(a, b)
                return result if kind.signed else t.ite(t.le(zero, result), result, t.add(result, size))
            case "*":
                result = t.mul(a, b)
                return result if kind.signed else self._fit(result, kind, t.le(result, top))
            case "/":
                return truncated(t.ediv, a, b) if kind.signed else t.ediv(a, b)
            case _:
                return truncated(t.emod, a, b) if kind.signed else t.emod(a, b)

    def _machine(self, op: str, a: Term, b: Term, kind: IntType, context: Context) -> Term:
        bits = kind.bits
        if op in ("/", "%"):
            if not kind.signed:
                return t.bv("bvudiv" if op == "/" else "bvurem", a, b)
            sort = self.sort(kind)
            overflow = t.conj((t.eq(a, t.const(kind.low, sort)), t.eq(b, t.const(-1, sort))))
            context.check(t.neg(overflow), f"signed overflow in '{op}'")
            return t.bv("bvsdiv" if op == "/" else "bvsrem", a, b)
        name = {"+": "bvadd", "-": "bvsub", "*": "bvmul"}[op]
        result = t.bv(name, a, b)
        if kind.signed:
            more = bits if op == "*" else 1
            wide = t.bv(name, t.sign_extend(a, more), t.sign_extend(b, more))
            context.check(t.eq(wide, t.sign_extend(result, more)), f"signed overflow in '{op}'")
        return result

    def _bits(self, op: str, a: Term, b: Term, kind: IntType, narrow: bool) -> Term:
        if self.machine:
            return t.bv({"&": "bvand", "|": "bvor", "^": "bvxor"}[op], a, b)
        if narrow:
            x, y = (t.neg(t.eq(v, t.const(0))) for v in (a, b))
            both = {"&": t.conj((x, y)), "|": t.disj((x, y)), "^": t.neg(t.eq(x, y))}[op]
            return t.ite(both, t.const(1), t.const(0))
        if a.op == "const":
            a, b = b, a
        if b.op != "const":
            raise Refused(f"'{op}' of two values that are not constant")
        mask = t.number(b)
        if mask < 0 or (mask.bit_count() > 16 and mask & (mask + 1)):
            raise Refused(f"'{op}' with the constant {mask}")
        common = _mask(a, mask)
        match op:
            case "&":
                return common
            case "|":
                return t.sub(t.add(a, b), common)
            case _:
                return t.sub(t.add(a, b), t.mul(t.const(2), common))

    def _shift(self, op: str, left: Value, right: Value, context: Context) -> Value:
        kind = self.types.promote(left.type)
        amount = self.convert(right, self.types.promote(right.type), context)
        value = self.convert(left, kind, context).term
        zero, top = (self.literal(v, amount.type) for v in (0, kind.bits))
        inside = t.conj((
            self._less_equal(zero.term, amount.term, amount.type),
            self._less(amount.term, top.term, amount.type),
        ))  # fmt: skip
        context.check(inside, f"shift '{op}' by a negative amount or by the width or more")
        if kind.signed and op == "<<":
            nonnegative = self._less_equal(self.literal(0, kind).term, value, kind)
            context.check(nonnegative, "left shift of a negative value")
        if self.machine:
            return Value(self._machine_shift(op, value, amount, kind, context), kind)
        by = self.constant(amount)
        if by is None:
            raise Refused(f"'{op}' by an amount that is not constant")
        power = t.const(1 << min(max(by, 0), kind.bits))
        if op == ">>":
            return Value(t.ediv(value, power), kind)
        result = t.mul(value, power)
        return Value(result if kind.signed else self._fit(result, kind, t.le(result, t.const(kind.high))), kind)

    def _machine_shift(self, op: str, value: Term, amount: Value, kind: IntType, context: Context) -> Term:
        bits = kind.bits
        by = amount.term
        if amount.type.bits > bits:
            by = t.truncate(by, bits)
        elif amount.type.bits < bits:
            by = t.zero_extend(by, bits - amount.type.bits)
        if op == ">>":
            return t.bv("bvashr" if kind.signed else "bvlshr", value, by)
        result = t.bv("bvshl", value, by)
        if kind.signed:
            back = t.bv("bvashr", result, by)
            context.check(t.eq(back, value), "signed overflow in '<<'")
        return result


def truncated(operation: Callable[[Term, Term], Term], a: Term, b: Term) -> Term:
    """Turn Euclidean `div` or `mod` into C's, which truncates towards zero (C11 6.5.5)."""
    zero = t.const(0)
    return t.ite(t.le(zero, a), operation(a, b), t.sub(zero, operation(t.sub(zero, a), b)))


def _is_bit(term: Term) -> bool:
    return term.op == "ite" and all(a.op == "const" and a.value in (0, 1) for a in term.args[1:])


def _mask(term: Term, mask: int) -> Term:
    """Compute `term & mask` for a mask of few bits or of low bits only, exact for negative values too."""
    if mask & (mask + 1) == 0:
        return t.emod(term, t.const(mask + 1))
    total = t.const(0)
    for bit in range(mask.bit_length()):
        if mask >> bit & 1:
            digit = t.emod(t.ediv(term, t.const(1 << bit)), t.const(2))
            total = t.add(total, t.mul(digit, t.const(1 << bit)))
    return total
