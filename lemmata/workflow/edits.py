"""Edits: how one text differs from another, and where that difference belongs in a third."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of a text that is replaced."""

    start: int
    end: int
    text: str

    @property
    def growth(self) -> int:
        """How many characters longer the text becomes."""
        return len(self.text) - (self.end - self.start)


def difference(before: str, after: str) -> list[Edit]:
    """Return the edits that make one text of the other: at most a line added at the top, then one stretch.

    Both are exact, nothing is aligned by likeness: the stretch is what lies between the longest common beginning and
    the longest common end.
    """
    if before == after:
        return []
    whole = _stretch(before, after)
    cut = after.find("\n") + 1
    if cut:
        rest = _stretch(before, after[cut:])
        if rest.end - rest.start < whole.end - whole.start or before == after[cut:]:
            return [edit for edit in (Edit(0, 0, after[:cut]), rest) if edit.text or edit.end > edit.start]
    return [whole]


def _stretch(before: str, after: str) -> Edit:
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    return Edit(head, len(before) - tail, after[head : len(after) - tail])


def _common(first: str, second: str) -> int:
    """Return how many characters two texts begin with alike."""
    most = min(len(first), len(second))
    return next((i for i in range(most) if first[i] != second[i]), most)


def apply(text: str, edits: Sequence[Edit]) -> str:
    """Return the text with edits made, all of which are in its own positions, in order, and do not overlap."""
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def carry(edits: Sequence[Edit], history: Sequence[Sequence[Edit]]) -> list[Edit] | None:
    """Move edits to where they belong after other edits were made.

    Args:
        edits: in positions of a text.
        history: groups of edits that were made since, each in positions of the text that the one before left.

    Returns:
        The edits in positions of the last text, without those that the history has itself; None where it touched the
        same stretch.
    """
    found = []
    for edit in edits:
        moved: Edit | None = edit
        for layer in history:
            if moved is None or moved in layer:
                moved = None
                break
            if any(made.end > moved.start and made.start < moved.end for made in layer):
                return None
            shift = sum(made.growth for made in layer if made.end <= moved.start)
            moved = Edit(moved.start + shift, moved.end + shift, moved.text)
        if moved is not None:
            found.append(moved)
    return found


def offset(text: str, line: int, column: int) -> int | None:
    """Return the position of a line and column, both from 1; None where the text has no such place."""
    lines = text.split("\n")
    if not (1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1):
        return None
    return sum(len(above) + 1 for above in lines[: line - 1]) + column - 1


def place(text: str, position: int) -> tuple[int, int]:
    """Return the line and the column of a position, both from 1."""
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
