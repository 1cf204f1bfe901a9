"""Goals of one form: what stands in one of them where something else stands in the other.

The statements of `Odd_succ` and `Even_succ`, or of decimal and of hexadecimal numbers, differ in names alone. What a
step says of the one it says of the other under the other's names.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from provers.symbolic.coq import trees

LEAST_SYMBOLS, MOST_SYMBOLS = 5, 80
"""A goal with fewer of them looks like too many others, and one with more has a form of its own."""
_NAME = re.compile(r"[^\W\d]")
_KEYWORDS = frozenset("forall fun exists match with end let in if then else return as fix cofix Prop Set Type".split())
_SIGNS = {
    **dict.fromkeys(("lt", "Rlt", "Qlt", "Qclt", "CRealLt"), "<"),
    **dict.fromkeys(("le", "Rle", "Qle", "Qcle", "CRealLe"), "<="),
    **dict.fromkeys(("gt", "Rgt"), ">"),
    **dict.fromkeys(("ge", "Rge"), ">="),
    **dict.fromkeys(("add", "Rplus", "Qplus", "Qcplus"), "+"),
    **dict.fromkeys(("sub", "Rminus", "Qminus", "Qcminus"), "-"),
    **dict.fromkeys(("mul", "Rmult", "Qmult", "Qcmult"), "*"),
}
"""How some functions and relations are written, by the last parts of their names."""
_SIGN = re.compile(r"(?<=[\s\w)])(<=|>=|<|>|\+|-|\*)(?=[\s\w(])(?!-)")


def form(conclusion: str) -> tuple[int, tuple[str, ...]]:
    """Return what goals of one form have in common, as a number, and the names in their order; 0 where it has none.

    Args:
        conclusion: without notations.
    """
    found = trees.tokens(conclusion)
    names = tuple(token for token in found if _is_name(token))
    if not LEAST_SYMBOLS <= len(names) <= MOST_SYMBOLS:
        return 0, ()
    shape = "\0".join("x" if _is_name(token) else token for token in found)
    return int.from_bytes(hashlib.blake2b(shape.encode(), digest_size=8).digest()) or 1, names


def _is_name(token: str) -> bool:
    return _NAME.match(token) is not None and token not in _KEYWORDS


def aligned(theirs: Sequence[str], ours: Sequence[str]) -> dict[str, str]:
    """Return what stands for each name of a goal in another one of the same form, also where that is the name itself.

    A name for which there stand several is left out.
    """
    pairs = Counter(zip(theirs, ours, strict=True))
    several = Counter(name for name, _ in pairs)
    return {name: other for name, other in pairs if several[name] == 1}


def renaming(names: Mapping[str, str]) -> dict[str, str]:
    """Return the names that differ, by their last parts, as far as these say which is meant."""
    found: dict[str, set[str]] = {}
    for name, other in names.items():
        found.setdefault(trees.last(name), set()).add(other)
    one = {last: others.pop() for last, others in found.items() if len(others) == 1}
    return {last: other for last, other in one.items() if trees.last(other) != last}


def signs(step: str, changes: Mapping[str, str]) -> str:
    """Write a step with the signs of other functions and relations, where these are written by signs."""
    swaps = {
        _SIGNS[last]: _SIGNS[other_last]
        for last, other in changes.items()
        if last in _SIGNS and (other_last := trees.last(other)) in _SIGNS
    }
    return _SIGN.sub(lambda found: swaps.get(found[0], found[0]), step) if swaps else step
