"""Exact integer arithmetic for annotations, also on bit-vectors: every result gets the bits it can need."""

from __future__ import annotations

from dataclasses import dataclass

from checkers.programs.arithmetic import truncated
from lemmata.errors import InputError, Location, UnsupportedError
from lemmata.logic import terms as t
from lemmata.logic.sorts import BOOL, is_array, width
from lemmata.logic.terms import Term

_WIDEST = 512


@dataclass(frozen=True, slots=True)
class Exact:
    """A logic value: an integer (bit-vector of sufficient width in the machine semantics), truth or array."""

    term: Term
    sign: bool = True
    """For array elements of bit-vectors: whether they are read as signed."""


class ExactArithmetic:
    """Operations on logic values.

    Args:
        machine: values are signed bit-vectors of whatever width they need, rather than integers.
    """

    def __init__(self, machine: bool) -> None:
        self.machine = machine

    def here(self) -> Location:
        """Return the place that errors name."""
        raise NotImplementedError

    def fail(self, message: str) -> InputError:
        """Make the error for the current place."""
        return InputError(message, location=self.here())

    def compare(self, op: str, left: Exact, right: Exact) -> Term:
        """Apply `== != < <= > >=` to integers, or `== !=` to truth values."""
        if left.term.sort == right.term.sort == BOOL and op in ("==", "!="):
            same = t.eq(left.term, right.term)
            return same if op == "==" else t.neg(same)
        a, b = self.align(left, right)
        if op in (">", ">="):
            a, b, op = b, a, op.replace(">", "<")
        if op in ("==", "!="):
            return t.eq(a, b) if op == "==" else t.neg(t.eq(a, b))
        if self.machine:
            return t.bv("bvslt" if op == "<" else "bvsle", a, b)
        return t.lt(a, b) if op == "<" else t.le(a, b)

    def floor(self, left: Exact, power: Exact) -> Exact:
        """Divide by a power of two, rounding down."""
        a, b = self.align(left, power)
        if not self.machine:
            return Exact(t.ediv(a, b))
        amount = t.number(b).bit_length() - 1
        return Exact(t.bv("bvashr", a, t.const(amount, a.sort)))

    def number(self, value: int) -> Exact:
        """Make a literal."""
        if not self.machine:
            return Exact(t.const(value))
        bits = value.bit_length() + 1
        if bits > _WIDEST:
            raise UnsupportedError("the number is too large for machine integers", location=self.here())
        return Exact(t.const(value, f"(_ BitVec {bits})"))

    def widened(self, term: Term, sign: bool) -> Exact:
        """Read a program value as the integer it stands for."""
        if self.machine and not is_array(term.sort) and term.sort != BOOL and not sign:
            return Exact(t.zero_extend(term, 1))
        return Exact(term, sign)

    def truth(self, value: Exact) -> Term:
        """Read a value as a predicate: an integer is true when it is not zero."""
        if value.term.sort == BOOL:
            return value.term
        if is_array(value.term.sort):
            raise self.fail("an array is not a truth value")
        return t.neg(t.eq(value.term, t.const(0, value.term.sort)))

    def integer(self, value: Exact) -> Term:
        """Read a value as an integer: a predicate is 1 or 0."""
        if is_array(value.term.sort):
            raise self.fail("an array is not a number")
        if value.term.sort != BOOL:
            return value.term
        one, zero = (self.number(v).term for v in (1, 0))
        a, b = self.align(Exact(one), Exact(zero))
        return t.ite(value.term, a, b)

    def fitted(self, term: Term, bits: int) -> Term:
        """Give a signed bit-vector another width."""
        now = width(term.sort)
        return t.truncate(term, bits) if now > bits else t.sign_extend(term, bits - now)

    def align(self, left: Exact, right: Exact, more: int = 0) -> tuple[Term, Term]:
        """Bring two integers to one width, with `more` bits to spare."""
        a, b = self.integer(left), self.integer(right)
        if not self.machine:
            return a, b
        bits = max(width(a.sort), width(b.sort)) + more
        if bits > _WIDEST:
            raise UnsupportedError("the expression needs too many bits", location=self.here())
        return self.fitted(a, bits), self.fitted(b, bits)

    def arithmetic(self, op: str, left: Exact, right: Exact) -> Exact:
        """Apply `+ - * / %`; the last two truncate towards zero."""
        if self.machine and op in "/%" and (right.term.op != "const" or t.number(right.term) == 0):
            # A solver's bit-vector division by zero has a value, ACSL's has none that could be relied upon.
            raise UnsupportedError("division by a value that is not constant", location=self.here())
        if self.machine:
            more = min(width(self.integer(left).sort), width(self.integer(right).sort)) if op == "*" else 1
            a, b = self.align(left, right, more)
            name = {"+": "bvadd", "-": "bvsub", "*": "bvmul", "/": "bvsdiv", "%": "bvsrem"}[op]
            return Exact(t.bv(name, a, b))
        a, b = self.align(left, right)
        match op:
            case "+":
                return Exact(t.add(a, b))
            case "-":
                return Exact(t.sub(a, b))
            case "*":
                return Exact(t.mul(a, b))
            case "/":
                return Exact(truncated(t.ediv, a, b))
            case _:
                return Exact(truncated(t.emod, a, b))
