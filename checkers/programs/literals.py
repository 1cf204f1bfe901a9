"""C's integer and character constants."""

from __future__ import annotations

import re
from typing import Any

from checkers.programs.arithmetic import Value
from checkers.programs.builder import Builder

_ESCAPES = {"n": 10, "t": 9, "r": 13, "0": 0, "a": 7, "b": 8, "f": 12, "v": 11, "\\": 92, "'": 39, '"': 34, "?": 63}


def literal(b: Builder, node: Any) -> Value:
    """Translate an integer or character constant (C11 6.4.4)."""
    types = b.types
    text: str = node.value
    if "char" in node.type:
        return b.arithmetic.literal(_character(b, text, node), types.int)
    if "int" not in node.type:
        raise b.refuse("a floating-point constant" if node.type != "string" else "a string", node)
    match = re.fullmatch(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)([uUlL]*)", text)
    if not match:
        raise b.wrong(f"invalid number '{text}'", node)
    digits, suffix = match[1], match[2].lower()
    decimal = digits[0] != "0" or digits == "0"
    try:
        base = 10 if decimal else 16 if digits[1] in "xX" else 2 if digits[1] in "bB" else 8
        if len(digits) > 64:
            raise b.wrong("the number is too large for its type", node)
        value = int(digits, base)
    except ValueError:
        raise b.wrong(f"invalid number '{text}'", node) from None
    # C11 6.4.4.1: the first type in the list that can hold the value.
    signed = [types.int, types.long, types.long_long]
    unsigned = [types.unsigned, types.unsigned_long, types.unsigned_long_long]
    order = (
        unsigned if "u" in suffix else signed if decimal else [x for p in zip(signed, unsigned, strict=True) for x in p]
    )
    longs = suffix.count("l")
    for kind in order:
        if kind.rank >= (3, 4, 5)[min(longs, 2)] and value <= kind.high:
            return b.arithmetic.literal(value, kind)
    raise b.wrong(f"the number {text} is too large for every integer type", node)


def _character(b: Builder, text: str, node: Any) -> int:
    body = text[1:-1]
    if text[0] != "'":
        raise b.refuse("a wide character constant", node)
    if len(body) == 1 and ord(body) < 128:
        return ord(body)
    if match := re.fullmatch(r"\\x([0-9a-fA-F]+)", body):
        value = int(match[1], 16)
    elif match := re.fullmatch(r"\\([0-7]{1,3})", body):
        value = int(match[1], 8)
    elif len(body) == 2 and body[0] == "\\" and body[1] in _ESCAPES:
        return _ESCAPES[body[1]]
    else:
        raise b.refuse(f"the character constant {text}", node)
    if value > 255:
        raise b.wrong("the escape sequence is out of range", node)
    return b.types.char.wrap(value)
