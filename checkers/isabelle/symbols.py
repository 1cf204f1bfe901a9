r"""Isabelle symbols: what positions in messages count.

A symbol is `\<name>` or `\<^name>`, one Unicode character, or one line end (`\r\n` counts once); offsets count from 1
("The Isabelle/Isar Implementation", section "Strings of symbols", and type `position` in "The Isabelle server" of the
Isabelle system manual).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

_SYMBOL = re.compile(r"\\<\^?[A-Za-z][A-Za-z0-9_']*>|\r\n|.", re.S)


class Lines:
    """Where indices of a text lie in its lines; lines and columns count from 1.

    Args:
        text: as it stands in the file.
    """

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(self, index: int) -> tuple[int, int]:
        """Return the line and the column of an index."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1


class Symbols:
    """The symbols of a text, for going from offsets in messages to indices of the text and back.

    Args:
        text: as it stands in the file.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [found.start() for found in _SYMBOL.finditer(text)]

    def __len__(self) -> int:
        return len(self._starts)

    def index(self, offset: int) -> int:
        """Return the index at which the symbol with this offset starts; the text's length behind its last symbol."""
        position = max(offset, 1) - 1
        return self._starts[position] if position < len(self._starts) else len(self._text)

    def offset(self, index: int) -> int:
        """Return the offset of the first symbol that does not start before an index."""
        return bisect_left(self._starts, index) + 1
