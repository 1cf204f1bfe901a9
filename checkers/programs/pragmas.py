"""Pragmas: ours stand for ACSL comments, harmless ones are skipped, all others are refused."""

from __future__ import annotations

from typing import Any

from lemmata.errors import InputError, Location

PRAGMA = "lemmata_annotation"
"""Name of the pragma that stands for the annotation of a number."""

_HARMLESS = (["once"], ["GCC", "diagnostic"], ["clang", "diagnostic"], ["message"], ["region"], ["endregion"])


def pragma_words(node: Any) -> list[str]:
    """Return the words of a pragma node."""
    text = node.string
    text = text.value if hasattr(text, "value") else str(text or "")
    words: list[str] = text.strip().strip('"').split()
    return words


def harmless_pragma(words: list[str]) -> bool:
    """Say whether a pragma changes nothing that a program does."""
    return any(words[: len(known)] == known for known in _HARMLESS)


def annotation_number(words: list[str], location: Location) -> int:
    """Return the number of the annotation a pragma stands for; raise `InputError` where nobody wrote one."""
    if len(words) != 2 or not words[1].isdecimal() or len(words[1]) > 6:
        raise InputError(f"the name '{PRAGMA}' is reserved", location=location)
    return int(words[1])
