"""Sorts, written as SMT-LIB writes them: `Bool`, `Int`, `(_ BitVec 32)`, `(Array Int Int)`."""

from __future__ import annotations

from functools import lru_cache

BOOL = "Bool"
INT = "Int"


@lru_cache(maxsize=256)
def bit_vector(width: int) -> str:
    """Return the sort of bit-vectors of `width` bits."""
    return f"(_ BitVec {width})"


def array(index: str, element: str) -> str:
    """Return the sort of arrays from `index` to `element`."""
    return f"(Array {index} {element})"


@lru_cache(maxsize=256)
def width(sort: str) -> int:
    """Return a bit-vector sort's width in bits, 0 for every other sort."""
    return int(sort[len("(_ BitVec ") : -1]) if sort.startswith("(_ BitVec ") else 0


def is_array(sort: str) -> bool:
    """Say whether this is an array sort."""
    return sort.startswith("(Array ")


@lru_cache(maxsize=256)
def array_parts(sort: str) -> tuple[str, str]:
    """Split an array sort into its index sort and its element sort."""
    body = sort[len("(Array ") : -1]
    depth = 0
    for i, character in enumerate(body):
        depth += (character == "(") - (character == ")")
        if character == " " and depth == 0:
            return body[:i], body[i + 1 :]
    raise ValueError(f"not an array sort: {sort}")
