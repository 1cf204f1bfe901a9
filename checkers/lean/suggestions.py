"""What tactics like `exact?` and `simp?` suggest to write in their place.

They say so in a message for people, `Try this:` with one suggestion or several after it, each behind a mark that
differs between versions. Nothing is decided by it: a suggestion is a step like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from checkers.lean.replies import Message

MOST = 4
"""So many suggestions are looked at."""
_HEAD = re.compile(r"^Try (?:this|these):[ \t]*\n?", re.M)
_MARK = re.compile(r"^[ \t]*(?:\[\w+\]|[•·*-])[ \t]+", re.M)
_REMARK = re.compile(r"^[ \t]*(?:--|Remaining subgoals:)[^\n]*(?:\n|\Z)", re.M)


def found(messages: Sequence[Message]) -> list[str]:
    """Return the suggestions in messages, in their order, without repeats."""
    every = [text for m in messages if not m.failed for text in _suggested(m.data)]
    return list(dict.fromkeys(every))[:MOST]


def _suggested(data: str) -> list[str]:
    parts = _HEAD.split(data)[1:]
    return [text for part in parts for piece in _pieces(part) if (text := _dedented(_REMARK.sub("", piece)))]


def _pieces(part: str) -> list[str]:
    marked = _MARK.split(part)
    return marked[1:] if len(marked) > 1 else [part]


def _dedented(text: str) -> str:
    """Take away the indentation that the lines after the first have because the message is indented."""
    first, *rest = text.strip().split("\n")
    least = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    cut = max(least - 2, 0)
    return "\n".join([first.strip(), *(line[cut:].rstrip() for line in rest)])
