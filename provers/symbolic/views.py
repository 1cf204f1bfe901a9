"""What the symbolic provers share: reading a goal's transition system and writing clauses as steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lemmata.errors import InputError
from lemmata.goal import GoalView
from lemmata.logic.ctext import ctext, tree_size
from lemmata.logic.parse import parse
from lemmata.logic.shape import Shape, shape
from lemmata.logic.smtlib import inline
from lemmata.logic.terms import FALSE, TRUE, Term, multiplies
from lemmata.logic.transition import Cut, TransitionSystem, decode
from lemmata.step import Part, Step, clauses

_LARGEST_CLAUSE = 400
_PLAIN_SECONDS = 1.0
Clauses = Mapping[str, Sequence[Term]]
"""Candidate clauses by loop name, most promising first."""


@dataclass(slots=True)
class Problem:
    """One obligation as the provers see it; decoded once and kept."""

    system: TransitionSystem
    machine: bool
    """Whether values are bit-vectors."""
    worth: float | None
    """How many seconds checking a pool of plain clauses may take; None for as many as any step.

    With products and arrays solvers can spend any time on clauses that others are made for.
    """


class Problems:
    """Decoded transition systems of the obligations seen lately."""

    def __init__(self, most: int = 32) -> None:
        self._most = most
        self._known: dict[str, Problem | None] = {}

    def of(self, view: GoalView) -> Problem | None:
        """Return the problem behind a goal, None when it is not a program with loops' transition system."""
        if view.goal.system != "programs" or not view.context.get("system"):
            return None
        key = view.obligation.key
        if key not in self._known:
            while len(self._known) >= self._most:
                del self._known[next(iter(self._known))]
            try:
                system = decode(view.context["system"])
            except (ValueError, KeyError, TypeError, IndexError):
                self._known[key] = None
            else:
                worth = _PLAIN_SECONDS if system.has_arrays or multiplies(system.terms) else None
                self._known[key] = Problem(system, bool(view.context.get("int_width")), worth)
        return self._known[key]


def names(cut: Cut) -> dict[str, str]:
    """Return how to write the cut's variables in C; empty texts where a name would be ambiguous."""
    texts = [v.text for v in cut.variables]
    return {v.name: v.text if texts.count(v.text) == 1 else "" for v in cut.variables}


def part(cut: Cut, clause: Term) -> Part:
    """Write a clause at its loop, in C where C can say it."""
    text = ctext(clause, names(cut))
    return Part(cut.name, inline(clause), "smtlib") if text is None else Part(cut.name, text, "c")


def established(view: GoalView, system: TransitionSystem) -> dict[str, set[Shape]]:
    """Return the clauses that the goal already has, by loop."""
    known: dict[str, set[Shape]] = {cut.name: set() for cut in system.loops}
    sorts = {cut.name: {v.name: v.sort for v in cut.variables} for cut in system.loops}
    for hypothesis in view.goal.hypotheses:
        loop = hypothesis.name.partition("#")[0]
        if loop in known:
            try:
                known[loop].add(shape(parse(hypothesis.text, sorts[loop])))
            except InputError:
                continue
    return known


def step(system: TransitionSystem, candidates: Clauses, known: Mapping[str, set[Shape]], most: int) -> Step | None:
    """Make one step of the candidates that are new.

    Args:
        system: the program.
        candidates: clauses by loop.
        known: shapes of clauses that need not be proposed again, by loop.
        most: the most clauses to propose at all loops together; loops get equal shares.

    Returns:
        The step, or None when nothing new is left.
    """
    chosen: list[Part] = []
    share = max(1, most // max(1, len(system.loops)))
    for cut in system.loops:
        fresh = distinct(candidates.get(cut.name, ()), known.get(cut.name, set()))
        chosen.extend(part(cut, clause) for clause in fresh[:share])
    return clauses(tuple(chosen)) if chosen else None


def distinct(candidates: Iterable[Term], known: Iterable[Shape] = ()) -> list[Term]:
    """Drop clauses that are trivial, too large or said before in other words."""
    seen = set(known)
    kept = []
    for clause in candidates:
        if clause in (TRUE, FALSE) or tree_size(clause) > _LARGEST_CLAUSE:
            continue
        form = shape(clause)
        if form not in seen:
            seen.add(form)
            kept.append(clause)
    return kept
