"""How hard a theorem is: by the length of its proof, or better by what a search spent on it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from lemmata.events import Event, GoalExpanded, SearchFinished, SearchStarted

Efforts = dict[tuple[str, str], int]
"""How often a prover was asked before a theorem was proved, by system and the theorem's own name."""


def efforts(searches: Iterable[tuple[str, Iterable[Event]]]) -> Efforts:
    """Read from the events of searches how hard their theorems were; the easiest way found counts.

    Args:
        searches: the proof system and the events of each.
    """
    found: Efforts = {}
    for system, events in searches:
        name, asked, proved = "", 0, False
        for event in events:
            match event:
                case SearchStarted():
                    name = event.name.rpartition(".")[2]
                case GoalExpanded():
                    asked += 1
                case SearchFinished():
                    proved = event.verdict == "proved"
                case _:
                    pass
        if name and proved:
            found[system, name] = min(asked, found.get((system, name), asked))
    return found


def difficulty(steps: int, effort: int | None) -> float:
    """Return a number from 0: the logarithm to base 2 of what it took, plus one.

    Args:
        steps: of the proof.
        effort: how often a prover was asked; None where nobody searched.
    """
    return round(math.log2(1 + (steps if effort is None else effort)), 3)
