"""Annotations as C expressions that mean the same: no overflow, no conversion that changes a value.

An annotation speaks of mathematical integers, C does not. So every part is computed together with the least and the
greatest value it can have, from the types of its variables, and it is written in the first of three types that holds
all of them: `int`, `long long`, `unsigned long long`. Where none does, there is no such expression.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from checkers.programs.acsl import LEXER
from checkers.programs.types import IntType

Lookup = Callable[[str], tuple[str, IntType] | None]
"""The C name and type of what a name in an annotation stands for; None where C has none there."""


@dataclass(frozen=True, slots=True)
class _Type:
    """A type that a whole expression is computed in."""

    cast: str
    suffix: str
    bits: int
    low: int
    high: int


_TYPES = (
    _Type("", "", 32, -(1 << 31), (1 << 31) - 1),
    _Type("(long long)", "LL", 64, -(1 << 63), (1 << 63) - 1),
    _Type("(unsigned long long)", "ULL", 64, 0, (1 << 64) - 1),
)


@dataclass(frozen=True, slots=True)
class _Part:
    """Text that needs no parentheses wherever it stands, with the values it can have."""

    text: str
    low: int
    high: int


class _NotC(Exception):
    """C cannot say it in this type."""


def c_expression(annotation: str, lookup: Lookup) -> str | None:
    """Write an ACSL predicate as a C expression without side effects whose evaluation is defined for all values.

    Args:
        annotation: the predicate, one that `parse_predicate` accepts.
        lookup: what its names are in C.

    Returns:
        The expression; None where C has none: quantifiers, array elements (nothing says that the index is inside),
        divisors that are not constant, numbers that may be too large.
    """
    tokens: list[tuple[str, str]] = []
    offset = 0
    while offset < len(annotation):
        match = LEXER.match(annotation, offset)
        if match is None:
            return None
        if match.lastgroup != "space":
            tokens.append((match.lastgroup or "", match[0]))
        offset = match.end()
    for kind in _TYPES:
        try:
            return _Writer(tokens, lookup, kind).whole()
        except (_NotC, RecursionError):
            continue
    return None


class _Writer:
    """Follows the grammar of `checkers.programs.acsl`, from the weakest binding to the strongest."""

    def __init__(self, tokens: list[tuple[str, str]], lookup: Lookup, kind: _Type) -> None:
        self.tokens = tokens
        self.lookup = lookup
        self.kind = kind
        self.at = 0

    def whole(self) -> str:
        text = self._ternary().text
        if self.at < len(self.tokens):
            raise _NotC
        return text[1:-1] if _enclosed(text) else text

    def _peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def _take(self, *wanted: str) -> str:
        word = self._peek()
        if not word or word not in wanted:
            return ""
        self.at += 1
        return word

    def _need(self, wanted: str) -> None:
        if not self._take(wanted):
            raise _NotC

    def _part(self, text: str, low: int, high: int) -> _Part:
        if low < self.kind.low or high > self.kind.high:
            raise _NotC
        return _Part(text, low, high)

    # Predicates.

    def _ternary(self) -> _Part:
        condition = self._equivalence()
        if not self._take("?"):
            return condition
        then = self._ternary()
        self._need(":")
        other = self._ternary()
        text = f"({condition.text} ? {then.text} : {other.text})"
        return _Part(text, min(then.low, other.low), max(then.high, other.high))

    def _equivalence(self) -> _Part:
        left = self._implication()
        while self._take("<==>"):
            left = _truth(f"(!{left.text} == !{self._implication().text})")
        return left

    def _implication(self) -> _Part:
        left = self._disjunction()
        if self._take("==>"):
            return _truth(f"(!{left.text} || {self._implication().text})")
        return left

    def _disjunction(self) -> _Part:
        parts = [self._exclusive()]
        while self._take("||"):
            parts.append(self._exclusive())
        return _joined(" || ", parts)

    def _exclusive(self) -> _Part:
        left = self._conjunction()
        while self._take("^^"):
            left = _truth(f"(!{left.text} != !{self._conjunction().text})")
        return left

    def _conjunction(self) -> _Part:
        parts = [self._relation()]
        while self._take("&&"):
            parts.append(self._relation())
        return _joined(" && ", parts)

    def _relation(self) -> _Part:
        left = self._shift()
        links: list[_Part] = []
        while operator := self._take("==", "!=", "<", "<=", ">", ">="):
            right = self._shift()
            links.append(_truth(f"({left.text} {operator} {right.text})"))
            left = right
        return _joined(" && ", links) if links else left

    # Terms.

    def _shift(self) -> _Part:
        left = self._sum()
        while operator := self._take("<<", ">>"):
            amount = self._sum()
            if amount.low != amount.high or not 0 <= amount.low < 64 or (operator == ">>" and left.low < 0):
                raise _NotC
            # As a product and a quotient, since C leaves open what a shift does to a negative value.
            power = self._number(1 << amount.low)
            left = self._product_of(left, power) if operator == "<<" else self._quotient("/", left, power)
        return left

    def _sum(self) -> _Part:
        left = self._product()
        while operator := self._take("+", "-"):
            right = self._product()
            low, high = (right.low, right.high) if operator == "+" else (-right.high, -right.low)
            left = self._part(f"({left.text} {operator} {right.text})", left.low + low, left.high + high)
        return left

    def _product(self) -> _Part:
        left = self._unary()
        while operator := self._take("*", "/", "%"):
            right = self._unary()
            left = self._product_of(left, right) if operator == "*" else self._quotient(operator, left, right)
        return left

    def _product_of(self, left: _Part, right: _Part) -> _Part:
        corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
        return self._part(f"({left.text} * {right.text})", min(corners), max(corners))

    def _quotient(self, operator: str, left: _Part, right: _Part) -> _Part:
        divisor = right.low
        if divisor != right.high or divisor == 0:
            raise _NotC
        text = f"({left.text} {operator} {right.text})"
        if operator == "/":
            corners = [_truncated(left.low, divisor), _truncated(left.high, divisor)]
            return self._part(text, min(corners), max(corners))
        if divisor == -1:
            # INT_MIN % -1 is undefined, for the quotient does not fit.
            raise _NotC
        most = abs(divisor) - 1
        return self._part(text, max(-most, min(left.low, 0)), min(most, max(left.high, 0)))

    def _unary(self) -> _Part:
        if self._take("!"):
            return _truth(f"!{self._unary().text}")
        if self._take("-"):
            inner = self._unary()
            return self._part(f"(-{inner.text})", -inner.high, -inner.low)
        if self._take("+"):
            return self._unary()
        if self._take("~"):
            inner = self._unary()
            return self._part(f"(-{self._number(1).text} - {inner.text})", -1 - inner.high, -1 - inner.low)
        return self._primary()

    def _primary(self) -> _Part:
        if self._take("("):
            inner = self._ternary()
            self._need(")")
            return inner
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        self.at += 1
        if kind == "number":
            digits = text.rstrip("uUlL")
            return self._number(int(digits, 8) if digits.isdigit() and digits[0] == "0" else int(digits, 0))
        if text in ("\\true", "\\false"):
            return _truth("1" if text == "\\true" else "0")
        found = self.lookup(text) if kind == "name" and not text.startswith("\\") else None
        if found is None:
            raise _NotC
        name, variable = found
        fits = variable.bits == self.kind.bits and variable.signed == (self.kind.low < 0)
        return self._part(name if fits else f"{self.kind.cast}{name}", variable.low, variable.high)

    def _number(self, value: int) -> _Part:
        return self._part(f"{value}{self.kind.suffix}", value, value)


def _truth(text: str) -> _Part:
    return _Part(text, 0, 1)


def _joined(operator: str, parts: list[_Part]) -> _Part:
    return parts[0] if len(parts) == 1 else _truth(f"({operator.join(part.text for part in parts)})")


def _truncated(value: int, divisor: int) -> int:
    quotient = abs(value) // abs(divisor)
    return quotient if (value < 0) == (divisor < 0) else -quotient


def _enclosed(text: str) -> bool:
    """Say whether the parenthesis at the beginning is closed at the very end."""
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[0] == "(" and position == len(text) - 1
    return False
