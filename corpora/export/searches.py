"""Rows made of the events of searches: which steps led to a proof, which were refused, which goals were proved."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from corpora.curate.lots import lot
from corpora.export.rows import Row, answer, messages
from corpora.records import shown
from lemmata.events import Event, GoalOpened, SearchStarted, StatusChanged, StepChecked
from lemmata.goal import Hypothesis
from provers.critics.examples import clause_examples, goal_examples

_PROVED, _IN_VAIN = math.log(0.99), math.log(0.05)
"""How likely a goal is provable that was proved, and one that was worked on in vain."""
_PAIRS = 4
"""Refused steps for each step that led to a proof."""
Search = tuple[str, str, Sequence[Event]]
"""The proof system, the source text and the events."""


def theorem(events: Iterable[Event]) -> str:
    """Return the name of what a search was about."""
    return next((event.name for event in events if isinstance(event, SearchStarted)), "")


def preferences(search: Search, seed: int) -> Iterator[Row]:
    """Yield pairs of a step that led to a proof and one that the checker refused on the same goal.

    In the form of "preference" data in TRL's "Dataset formats", which trainers for DPO read.

    Args:
        search: what happened.
        seed: of the lots that choose among many refused steps.
    """
    system, _, events = search
    goals: dict[int, str] = {}
    good: dict[int, list[str]] = defaultdict(list)
    refused: dict[int, list[str]] = defaultdict(list)
    status: dict[int, str] = {}
    accepted: dict[int, tuple[int, str]] = {}
    for event in events:
        match event:
            case GoalOpened():
                above = tuple(Hypothesis(str(name), str(said)) for name, said in event.hypotheses)
                goals[event.node] = shown(system, event.conclusion, above)
            case StepChecked(step_kind="tactic", outcome="closed" | "open"):
                accepted[event.node] = event.goal, event.step
            case StepChecked(step_kind="tactic", outcome="rejected" | "timedout"):
                refused[event.goal].append(event.step)
            case StatusChanged():
                status[event.node] = event.status
            case _:
                pass
    for node, (goal, step) in accepted.items():
        if status.get(node) == "proved":
            good[goal].append(step)
    name = theorem(events)
    for goal, steps in good.items():
        bad = sorted(set(refused[goal]) - set(steps), key=lambda step: (lot(seed, name, str(goal), step), step))
        for step in dict.fromkeys(steps):
            for other in bad[:_PAIRS]:
                asked = messages(system, goals.get(goal, ""))
                yield {"prompt": asked, "chosen": answer(step), "rejected": answer(other), "theorem": name}


def values(search: Search) -> Iterator[Row]:
    """Yield goals with how likely they are provable, as `lemmata train critic` reads them."""
    system, _, events = search
    for example in goal_examples(system, events):
        above = tuple(Hypothesis(name, said) for name, said in example.hypotheses)
        goal = shown(system, example.conclusion, above)
        yield {"system": system, "goal": goal, "value": round(_PROVED if example.proved else _IN_VAIN, 6)}


def pairs(search: Search) -> Iterator[Row]:
    """Yield programs with invariants that were proposed for them, as `lemmata train ranker` reads them."""
    system, source, events = search
    for example in clause_examples(source, events):
        yield {"system": system, "problem": example.problem, "candidate": example.candidate, "label": example.held}
