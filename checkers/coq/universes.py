"""Whether a proof adds constraints between universes that were there before, which could make another one impossible.

`forall` over `Type` leaves the level open. A statement that one choice of levels makes true and another false is
neither proved nor refuted for good; so a refutation may not choose. The format is that of `Print Universes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_LINE = re.compile(r"(\S*)\s*(<=|<|=) (\S+)")
_BOTTOM = frozenset({"Prop", "SProp", "Set"})

Edge = tuple[str, str, str]


def constraints(answer: str) -> frozenset[Edge] | None:
    """Read the answer; None where it cannot be read."""
    found: set[Edge] = set()
    left = ""
    for line in answer.splitlines():
        if not line.strip():
            continue
        parts = _LINE.fullmatch(line.strip())
        if parts is None or not (parts[1] or left):
            if parts is None and re.fullmatch(r"\S+", line.strip()):
                left = line.strip()
                continue
            return None
        left = parts[1] or left
        found.add((left, parts[2], parts[3]))
    return frozenset(found)


def added(before: Iterable[Edge], after: Iterable[Edge]) -> str:
    """Return a constraint on old universes that only the second graph has, empty where there is none."""
    old, new = frozenset(before), frozenset(after)
    if gone := old - new:
        return " ".join(min(gone)) + " was there before"
    known = {name for edge in old for name in (edge[0], edge[2])} | _BOTTOM
    above: dict[str, set[str]] = {}
    for low, relation, high in new - old:
        above.setdefault(low, set()).add(high)
        if relation == "=":
            above.setdefault(high, set()).add(low)
    for start in known - _BOTTOM:
        seen: set[str] = set()
        ahead = list(above.get(start, ()))
        while ahead:
            name = ahead.pop()
            if name in known and name != start:
                return f"{start} <= {name}"
            if name not in seen:
                seen.add(name)
                ahead += above.get(name, ())
    return ""
