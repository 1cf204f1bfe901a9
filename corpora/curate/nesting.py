"""Words in brackets: what stands where in a statement, before anything is known of names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpora.curate.notation import Word

_PAIRS = {"(": ")", ".(": ")", "[": "]", "{": "}", "⟨": "⟩", "⦃": "⦄", "⌊": "⌋", "⌈": "⌉"}
_CLOSING = frozenset(_PAIRS.values()) | {"end"}


@dataclass(frozen=True, slots=True)
class Group:
    """What stands in a pair of brackets, or between `match` and `end`."""

    opening: str
    items: tuple[Item, ...]


Item = Word | Group


def nested(words: Sequence[Word], *, matches: bool) -> list[Item]:
    """Return words by their brackets; one that has no partner is a word like others.

    Args:
        words: of a statement.
        matches: whether each `match` has its `end`.
    """
    pairs = {**_PAIRS, "match": "end"} if matches else _PAIRS
    levels: list[tuple[Word | None, list[Item]]] = [(None, [])]
    for word in words:
        if word.text in pairs:
            levels.append((word, []))
        elif word.text in _CLOSING and len(levels) > 1 and _closes(levels[-1][0], word, pairs):
            opening, items = levels.pop()
            levels[-1][1].append(Group(opening.text if opening else "", tuple(items)))
        else:
            levels[-1][1].append(word)
    # More than one level: half-open intervals and the like.
    return [item for opening, items in levels for item in (*([opening] if opening else []), *items)]


def _closes(opening: Word | None, word: Word, pairs: dict[str, str]) -> bool:
    return opening is not None and pairs[opening.text] == word.text


def is_word(item: Item, *texts: str) -> bool:
    """Say whether an item is one of some words."""
    return isinstance(item, Word) and item.text in texts


def find(items: Sequence[Item], start: int, *texts: str) -> int:
    """Return where the first of some words stands outside of brackets, or -1."""
    return next((at for at in range(start, len(items)) if is_word(items[at], *texts)), -1)
