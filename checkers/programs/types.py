"""C's integer types (LP64, or ILP64 for `--int-width 64`) and their conversions' ranks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IntType:
    """An integer type."""

    name: str
    bits: int
    signed: bool
    rank: int

    @property
    def low(self) -> int:
        """Smallest value of the type."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        """Largest value of the type."""
        return (1 << (self.bits - self.signed)) - 1

    def holds(self, other: IntType) -> bool:
        """Say whether every value of `other` is a value of this type."""
        return self.low <= other.low and other.high <= self.high

    def wrap(self, value: int) -> int:
        """Reduce an integer to this type, modulo 2^bits (to 0 or 1 for `_Bool`)."""
        if self.name == "_Bool":
            return int(value != 0)
        value %= 1 << self.bits
        return value - (1 << self.bits) if value > self.high else value


@dataclass(frozen=True, slots=True)
class ArrayType:
    """An array, or a parameter that points to the first element of one."""

    element: IntType | ArrayType


@dataclass(frozen=True, slots=True)
class VoidType:
    """No value."""


CType = IntType | ArrayType | VoidType


def innermost(kind: CType) -> CType:
    """Return the type of an array's elements through all dimensions, or the type itself where it is no array."""
    while isinstance(kind, ArrayType):
        kind = kind.element
    return kind


class Types:
    """The integer types of one data model.

    Args:
        int_width: bits of `int`, 32 or 64; `long` always has 64.
    """

    def __init__(self, int_width: int) -> None:
        self.bool = IntType("_Bool", 1, False, 0)
        self.char = IntType("char", 8, True, 1)
        self.int = IntType("int", int_width, True, 3)
        self.unsigned = IntType("unsigned int", int_width, False, 3)
        self.long = IntType("long", 64, True, 4)
        self.unsigned_long = IntType("unsigned long", 64, False, 4)
        self.long_long = IntType("long long", 64, True, 5)
        self.unsigned_long_long = IntType("unsigned long long", 64, False, 5)
        self._named = {
            "_Bool": self.bool,
            "char": self.char,
            "signed char": IntType("signed char", 8, True, 1),
            "unsigned char": IntType("unsigned char", 8, False, 1),
            "short": IntType("short", 16, True, 2),
            "unsigned short": IntType("unsigned short", 16, False, 2),
            "int": self.int,
            "unsigned int": self.unsigned,
            "long": self.long,
            "unsigned long": self.unsigned_long,
            "long long": self.long_long,
            "unsigned long long": self.unsigned_long_long,
        }

    def named(self, words: list[str]) -> CType | None:
        """Return the type that declaration specifiers such as `["unsigned", "long"]` name, or None."""
        if words == ["void"]:
            return VoidType()
        rest = sorted(words)
        signs = [w for w in rest if w in ("signed", "unsigned")]
        base = [w for w in rest if w not in ("signed", "unsigned")]
        if len(signs) > 1 or (not base and not signs):
            return None
        if base != ["int"] and "int" in base and ("long" in base or "short" in base):
            base.remove("int")
        name = " ".join(base) or "int"
        if signs == ["unsigned"]:
            name = f"unsigned {name}"
        elif signs and name == "char":
            name = "signed char"
        return self._named.get(name) if name.count("int") + ("long" in name) + ("short" in name) <= 1 else None

    def promote(self, kind: IntType) -> IntType:
        """Integer promotion (C11 6.3.1.1)."""
        return self.int if kind.rank < self.int.rank else kind

    def common(self, left: IntType, right: IntType) -> IntType:
        """Usual arithmetic conversions (C11 6.3.1.8)."""
        left, right = self.promote(left), self.promote(right)
        if left == right:
            return left
        high = left if left.rank >= right.rank else right
        if left.signed == right.signed:
            return high
        unsigned, signed = (left, right) if not left.signed else (right, left)
        if unsigned.rank >= signed.rank:
            return unsigned
        if signed.holds(unsigned):
            return signed
        return next(t for t in self._named.values() if t.rank == signed.rank and not t.signed)
