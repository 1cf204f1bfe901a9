"""Where a proof is cut: told from the shape of its tree and from how much is assumed at each goal."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


class Place(enum.Enum):
    """What a goal is in its proof."""

    SPLIT = "split"
    """One of several goals that a step left."""
    LINE = "line"
    """The only goal that a step left."""


@dataclass(frozen=True, slots=True)
class Node:
    """A step of a proof; the steps are in the order in which they are taken, each at the first goal."""

    left: int
    """How many goals it left in place of its own."""
    assumed: int
    """How many hypotheses its goal has."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A goal that becomes a lemma, with the steps that prove it."""

    start: int
    end: int
    """Behind the last of them."""
    place: Place


def cuts(nodes: Sequence[Node], least: int) -> list[Cut]:
    """Return where a proof is cut, in the order of its steps.

    Each of several goals that a step leaves is cut off. Where steps follow each other in a line, every goal would do:
    those are taken at which the least is assumed, so that the lemmas say much in few words.

    Args:
        nodes: all steps of a whole proof.
        least: how many steps the proof of a lemma has at least, and how many there are between cuts in a line.
    """
    ends = _ends(nodes)
    found: list[Cut] = []
    for start, place in _lines(nodes, ends):
        last = start
        while nodes[last].left == 1:
            last += 1
        if place is Place.SPLIT and ends[start] - start >= least:
            found.append(Cut(start, ends[start], place))
        low, high = start + least, min(last, ends[start] - least)
        found += (Cut(at, ends[at], Place.LINE) for at in _lightest(nodes, low, high, least))
    return sorted(found, key=lambda cut: cut.start)


def _ends(nodes: Sequence[Node]) -> list[int]:
    """Return for each step where the proof of its goal ends."""
    ends = [0] * len(nodes)
    for start in range(len(nodes) - 1, -1, -1):
        end = start + 1
        for _ in range(nodes[start].left):
            end = ends[end]
        ends[start] = end
    return ends


def _lines(nodes: Sequence[Node], ends: Sequence[int]) -> Iterator[tuple[int, Place]]:
    """Yield where lines begin: at the whole proof, and at each of several goals."""
    if nodes:
        yield 0, Place.LINE
    for start, node in enumerate(nodes):
        if node.left < 2:
            continue
        child = start + 1
        for _ in range(node.left):
            yield child, Place.SPLIT
            child = ends[child]


def _lightest(nodes: Sequence[Node], low: int, high: int, least: int) -> Iterator[int]:
    """Yield steps from `low` to `high` at which the least is assumed, as many as keep their distance."""
    if low > high:
        return
    middle = (low + high) // 2
    best = min(range(low, high + 1), key=lambda at: (nodes[at].assumed, abs(at - middle), at))
    yield from _lightest(nodes, low, best - least, least)
    yield best
    yield from _lightest(nodes, best + least, high, least)
