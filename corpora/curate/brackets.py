"""Brackets that change nothing: `(a * b) + c` is `a * b + c`.

Known are the precedences of the common operators, those of Coq's standard library (its reference manual, "Reserved
notations") and of Lean 4 (`Init/Prelude` and `Init/Core`). Beside any other sign brackets stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from corpora.curate.terms import Arrow, Bind, Bracket, Node, Variable

_LEFT, _RIGHT, _NONE = "left", "right", "none"
_APPLICATION = 0
_PREFIX = "prefix "
"""Before the name of an operator with one operand."""


def _table(rows: Sequence[tuple[int, str, str]]) -> dict[str, tuple[int, str]]:
    return {sign: (level, side) for level, side, signs in rows for sign in signs.split()}


_OPERATORS: Mapping[str, Mapping[str, tuple[int, str]]] = {
    "coq": {
        **_table(
            [
                (95, _NONE, "<->"),
                (85, _RIGHT, "\\/"),
                (80, _RIGHT, "/\\"),
                (70, _NONE, "= <> < > <= >= == =? <? <=? ?="),
                (60, _RIGHT, ":: ++"),
                (50, _LEFT, "+ - ||"),
                (40, _LEFT, "* / &&"),
                (40, _NONE, "mod"),
                (30, _RIGHT, "^"),
            ]
        ),
        _PREFIX + "~": (75, _RIGHT),
        _PREFIX + "-": (35, _RIGHT),
    },
    # How loosely an operator binds, as above: 100 less its precedence.
    "lean": {
        **_table(
            [
                (80, _NONE, "<->"),
                (70, _RIGHT, "\\/"),
                (65, _RIGHT, "/\\"),
                (50, _NONE, "= <> < > <= >="),
                (35, _LEFT, "+ - ++"),
                (33, _RIGHT, "::"),
                (30, _LEFT, "* / %"),
                (25, _RIGHT, "^"),
            ]
        ),
        _PREFIX + "~": (60, _RIGHT),
        _PREFIX + "-": (25, _RIGHT),
    },
}
"""How loosely each operator binds, and to which side it nests without brackets."""
_LONGEST = 3
_SEPARATING = frozenset("in with as end then else return at is".split())


@dataclass(frozen=True, slots=True)
class _Sign:
    """An operator, or a sign of which nothing is known."""

    level: int | None
    side: str = _NONE


_UNKNOWN = _Sign(None)


def without(nodes: Sequence[Node], system: str) -> list[Node]:
    """Leave out the round brackets that change nothing about what stands at one level.

    Args:
        nodes: of the level; what is inside of its brackets is as it should be already.
        system: whose operators they are; of those not known all brackets stay.
    """
    operators = _OPERATORS.get(system)
    if operators is None or not any(isinstance(node, Bracket) and node.opening == "(" for node in nodes):
        return list(nodes)
    parts = list(_parts(nodes, operators))
    found: list[Node] = []
    at = 0
    for place, (part, length) in enumerate(parts):
        inside = part.nodes if isinstance(part, Bracket) and part.opening == "(" else None
        left = parts[place - 1][0] if place else None
        right = parts[place + 1][0] if place + 1 < len(parts) else None
        if inside is not None and _needless(inside, left, right, operators):
            found += inside
        else:
            found += nodes[at : at + length]
        at += length
    return found


def _parts(nodes: Sequence[Node], operators: Mapping[str, tuple[int, str]]) -> Iterator[tuple[Node | _Sign, int]]:
    """Yield operands and operators with the number of nodes that each is made of."""
    at, before = 0, False
    while at < len(nodes):
        node = nodes[at]
        if not isinstance(node, str) or not (_is_sign(node) or node in operators or node in _SEPARATING):
            yield node, 1
            at, before = at + 1, True
            continue
        length = 1
        known = None
        for count in range(_LONGEST, 0, -1):
            text = "".join(word if isinstance(word, str) else " " for word in nodes[at : at + count])
            known = operators.get(text if before else _PREFIX + text)
            if known is not None:
                length = count if text != node else 1
                break
        yield _UNKNOWN if known is None else _Sign(*known), length
        at, before = at + length, False


def _is_sign(word: str) -> bool:
    return not (word[0].isalnum() or word[0] in "_\"'")


def _needless(
    inside: Sequence[Node],
    left: Node | _Sign | None,
    right: Node | _Sign | None,
    operators: Mapping[str, tuple[int, str]],
) -> bool:
    """Say whether what stands between a left and a right neighbour needs no brackets."""
    parts = [part for part, _ in _parts(inside, operators)]
    signs = [part for part in parts if isinstance(part, _Sign)]
    if any(isinstance(part, Arrow) for part in parts) or any(sign.level is None for sign in signs):
        return False
    # A binder reaches as far as it can.
    if any(isinstance(part, Bind) for part in parts) and right is not None:
        return False
    level = max((sign.level or 0 for sign in signs), default=_APPLICATION)
    if left is not None and not isinstance(left, _Sign):
        return False
    if isinstance(left, _Sign) and not _holds(left, level, _RIGHT):
        return False
    if right is None or isinstance(right, _Sign):
        return right is None or _holds(right, level, _LEFT)
    # `(f x) y` is `f x y`.
    return not signs and isinstance(parts[0] if parts else None, str | Variable)


def _holds(outer: _Sign, level: int, side: str) -> bool:
    """Say whether an operator takes an operand of a level on one side without brackets."""
    return outer.level is not None and (level < outer.level or (level == outer.level and outer.side == side))
