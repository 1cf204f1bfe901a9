"""What the parser of the command line cannot read by itself, rewritten before it sees it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lemmata.errors import UsageError

_LAST = "last"
_PAIR = "\0"
"""Between the two values of one option: no argument of a process contains it."""


def expand(arguments: Sequence[str]) -> list[str]:
    """Give every option exactly one value.

    `--resume` without a run gets the value that stands for the last one. The parser knows no repeated options with two
    values either, so `-Q DIR NAME` and `-R DIR NAME` get theirs as one, which `pair` takes apart.

    Args:
        arguments: the command line without the command's name.

    Raises:
        UsageError: one of two values is missing.
    """
    found: list[str] = []
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            return [*found, argument, *rest]
        if argument == "--resume" and not re.fullmatch(r"\d+|last", "".join(rest[:1])):
            found.append(f"--resume={_LAST}")
        elif argument in ("-Q", "-R"):
            if len(rest) < 2 or rest[1].startswith("-"):
                raise UsageError(f"{argument} takes a folder and a logical name", hint=f"say {argument} DIR NAME")
            found += [argument, _PAIR.join(rest[:2])]
            del rest[:2]
        else:
            found.append(argument)
    return found


def pair(value: str) -> tuple[str, str]:
    """Take the two values of an option apart that `expand` joined."""
    first, _, second = value.partition(_PAIR)
    return first, second
