"""`requires \\separated(a + (0 .. n-1), b + (0 .. n-1))`: array parameters that do not overlap, within some range."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from checkers.programs.acsl import Names, parse_predicate
from checkers.programs.annotations import Clause
from lemmata.errors import Location, UnsupportedError
from lemmata.logic.terms import Term

_CLAUSE = re.compile(r"\\separated\s*\((?P<inside>.*)\)\s*", re.DOTALL)
_RANGE = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\s*\+\s*\((?P<low>.+?)\.\.(?P<high>.+)\)\s*", re.DOTALL)
_SUM = re.compile(r"[\w\s+\-*/%()]+")
_NAME = re.compile(r"[A-Za-z_]\w*")
_INDEX = "__lemmata_index"


@dataclass(frozen=True, slots=True)
class Window:
    """The indices of an array parameter at which it overlaps no other."""

    low: str
    high: str
    location: Location
    names: Mapping[str, tuple[Term, bool]]
    """What the names in the bounds meant when the function was entered."""

    def inside(self, index: Term, machine: bool) -> Term:
        """Say that an index lies within the bounds."""
        known = {**self.names, _INDEX: (index, True)}
        text = f"({self.low}) <= {_INDEX} && {_INDEX} <= ({self.high})"
        return parse_predicate(text, Names(known.get), self.location, machine)

    @staticmethod
    def at_entry(
        bounds: tuple[str, str], location: Location, keep: Callable[[str], tuple[Term, bool] | None]
    ) -> Window:
        """Make a window whose bounds are what they are now, whatever becomes of their names.

        Args:
            bounds: the first and the last index, as ACSL texts.
            location: where they stand.
            keep: copies a name's value to where nothing changes it; None for a name that is not known.
        """
        names: dict[str, tuple[Term, bool]] = {}
        for name in dict.fromkeys(_NAME.findall(" ".join(bounds))):
            kept = keep(name)
            if kept is not None:
                names[name] = kept
        return Window(*bounds, location, names)


@dataclass(frozen=True, slots=True)
class Separation:
    """What a contract says of which parameters overlap."""

    ranges: Mapping[str, tuple[str, str, Location]]
    """By parameter the first and the last index that it is about, and where that is said."""
    pairs: frozenset[frozenset[str]]

    def separate(self, names: Iterable[str]) -> bool:
        """Say whether each two of these parameters are said not to overlap."""
        return all(frozenset(pair) in self.pairs for pair in combinations(names, 2))


def separation(clauses: Iterable[Clause]) -> Separation:
    """Read the \\separated clauses among a function's requirements.

    Raises:
        UnsupportedError: one is not a list of `name + (low .. high)`, or gives a parameter two ranges.
    """
    ranges: dict[str, tuple[str, str, Location]] = {}
    pairs: set[frozenset[str]] = set()
    for clause in clauses:
        found = _CLAUSE.fullmatch(clause.text)
        if found is None:
            continue
        mentioned = []
        for text in _split(found["inside"]):
            one = _RANGE.fullmatch(text)
            if one is None or not (_is_sum(one["low"]) and _is_sum(one["high"])):
                raise UnsupportedError(
                    "'\\separated' of anything but arrays with a range is not supported",
                    hint="write name + (first .. last)",
                    location=clause.location,
                )
            bounds = (one["low"].strip(), one["high"].strip())
            if ranges.setdefault(one["name"], (*bounds, clause.location))[:2] != bounds:
                raise UnsupportedError(
                    f"two ranges of '{one['name']}' in '\\separated' are not supported", location=clause.location
                )
            mentioned.append(one["name"])
        pairs |= {frozenset(pair) for pair in combinations(mentioned, 2) if pair[0] != pair[1]}
    return Separation(ranges, frozenset(pairs))


def _is_sum(text: str) -> bool:
    """Say whether a text is one expression of names, numbers and arithmetic, so that nothing can hide in it."""
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0 and _SUM.fullmatch(text) is not None


def _split(text: str) -> list[str]:
    """Split at the commas outside of parentheses and brackets."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]
