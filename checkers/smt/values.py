"""Model values: which texts are plain values, and the scripts that a model is checked with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from checkers.smt.script import Derived
from checkers.smt.sexpr import Node, Reader, quoted
from lemmata.errors import InputError

_LONGEST = 100_000
_SYMBOLS = {
    "true", "false", "RNE", "RNA", "RTP", "RTN", "RTZ", "roundNearestTiesToEven", "roundNearestTiesToAway",
    "roundTowardPositive", "roundTowardNegative", "roundTowardZero",
}  # fmt: skip
_SORTS = {"Bool", "Int", "Real", "String", "RoundingMode"}
_FLOATS = {"+oo", "-oo", "+zero", "-zero", "NaN"}


def value(text: str) -> str | None:
    """Return the canonical text of a plain value; None where it is anything else.

    Args:
        text: of unknown origin; only literals, signed and rational numbers, floating-point numbers and arrays of
            these, written out, are plain values, so nothing else can slip into a script.
    """
    if len(text) > _LONGEST or not text.isascii():
        return None
    try:
        found = Reader(text, "value").read()
    except InputError:
        return None
    return found[0].render() if len(found) == 1 and _plain(found[0]) else None


def _plain(node: Node) -> bool:
    # Stores nest as deep as an array has entries, so they are walked down in a loop.
    while node.head == "store" and len(node.items) == 4:
        if not (_plain(node.items[2]) and _plain(node.items[3])):
            return False
        node = node.items[1]
    match node.items:
        case []:
            return node.kind in ("numeral", "decimal", "bits", "string") or (
                node.kind == "symbol" and node.text in _SYMBOLS
            )
        case [Node(kind="symbol", text="-"), number]:
            return _number(number)
        case [Node(kind="symbol", text="/"), *_]:
            return _ratio(node)
        case [Node(kind="symbol", text="fp"), *parts]:
            return len(parts) == 3 and all(part.kind == "bits" for part in parts)
        case [Node(kind="symbol", text="_"), Node(kind="symbol") as what, *sizes]:
            sized = all(size.kind == "numeral" for size in sizes)
            is_bits = len(sizes) == 1 and bool(re.fullmatch(r"bv(?:0|[1-9][0-9]*)", what.text))
            return sized and (is_bits or (len(sizes) == 2 and what.text in _FLOATS))
        case [Node(kind="list", items=[as_, const, sort]), inner]:
            return as_.text == "as" and const.text == "const" and sort.head == "Array" and _sort(sort) and _plain(inner)
    return False


def _number(node: Node) -> bool:
    return node.kind in ("numeral", "decimal") or _ratio(node)


def _ratio(node: Node) -> bool:
    match node.items:
        case [Node(kind="symbol", text="/"), above, below]:
            signed = above.head == "-" and len(above.items) == 2
            top = above.items[1] if signed else above
            nonzero = below.kind in ("numeral", "decimal") and bool(re.search("[1-9]", below.text))
            return top.kind in ("numeral", "decimal") and nonzero
    return False


def _sort(node: Node) -> bool:
    match node.items:
        case []:
            return node.kind == "symbol" and node.text in _SORTS
        case [Node(kind="symbol", text="Array"), index, element]:
            return _sort(index) and _sort(element)
        case [Node(kind="symbol", text="_"), Node(kind="symbol", text="BitVec" | "FloatingPoint"), *sizes]:
            return bool(sizes) and all(size.kind == "numeral" for size in sizes)
    return False


def requested(derived: Derived) -> list[str]:
    """Return the constants whose values a model is asked for."""
    return [line.symbol for line in derived.lines if line.symbol and line.constant]


def counterexample(derived: Derived, answer: str) -> dict[str, Any]:
    """Return the counterexample in a solver's answer to `(get-value (...))` for the `requested` constants.

    Constants and functions without a plain value are listed under `others`.
    """
    names = requested(derived)
    found: dict[str, str] = {}
    try:
        pairs = Reader(answer, "model").read()[0].items if names else []
    except InputError:
        pairs = []
    if len(pairs) == len(names):
        for name, pair in zip(names, pairs, strict=True):
            text = value(pair.items[1].render()) if len(pair.items) == 2 else None
            if text is not None:
                found[name] = text
    others = [line.symbol for line in derived.lines if line.symbol and line.symbol not in found]
    return {"model": found, "others": others}


def checked(derived: Derived, claim: Any) -> Mapping[str, str]:
    """Return the values that a counterexample of unknown origin gives to constants.

    Raises:
        InputError: it is malformed, a value is not a plain one, or it is not about the script's own symbols.
    """
    match claim:
        case {"model": dict(model), "others": list(others)} if len(claim) == 2:
            pass
        case _:
            raise InputError("the counterexample is malformed")
    if not all(isinstance(name, str) for name in others):
        raise InputError("the counterexample is malformed")
    symbols = [line.symbol for line in derived.lines if line.symbol]
    if sorted([*model, *others]) != sorted(symbols):
        raise InputError("the counterexample is not about the script's symbols")
    constants = set(requested(derived))
    for name, text in model.items():
        if name not in constants or not isinstance(text, str) or value(text) != text:
            raise InputError(f"the counterexample has no plain value for {name[:80]!r}")
    return model


def fixed(derived: Derived, model: Mapping[str, str], *, by_entries: bool = False) -> str:
    """Return the script with the model's values asserted.

    Args:
        derived: the script.
        model: values by constant.
        by_entries: say of an array only what its entries are: cvc5 reads few of the arrays that have a default element.
    """
    extra: list[str] = []
    for name, text in model.items():
        if by_entries and is_array(text):
            extra += [f"(assert (= (select {quoted(name)} {at}) {entry}))" for at, entry in _entries(text).items()]
        else:
            extra.append(f"(assert (= {quoted(name)} {text}))")
    return derived.body([*extra, "(check-sat)"])


def is_array(text: str) -> bool:
    """Say whether a plain value is an array."""
    return text.startswith(("(store ", "((as const "))


def _entries(text: str) -> dict[str, str]:
    node = Reader(text, "value").read()[0]
    found: dict[str, str] = {}
    while node.head == "store":
        _, node, index, entry = node.items
        # The outermost store is the last one made, so it counts.
        if not is_array(at := index.render()) and not is_array(element := entry.render()):
            found.setdefault(at, element)
    return found


def substituted(derived: Derived, model: Mapping[str, str]) -> str:
    """Return the script with every constant defined as its value, and each assertion to be simplified."""
    commands = [derived.head]
    for line in derived.lines:
        if line.symbol in model and line.symbol:
            commands.append(f"(define-fun {quoted(line.symbol)} () {line.sort} {model[line.symbol]})")
        elif line.assertion:
            commands.append(f"(simplify {line.assertion})")
        else:
            commands.append(line.text)
    return "\n".join(commands) + "\n"
