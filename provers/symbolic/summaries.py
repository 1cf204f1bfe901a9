"""A prover of what recursive functions return: tables of values, definitions by cases, what errors deny of calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from lemmata.logic.terms import Term, conj, const, disj, eq, free, neg, substitute, var
from lemmata.logic.transition import Block, Call, Cut, TransitionSystem, Variable
from provers.symbolic import candidates, templates
from provers.symbolic.learning import LearningProver, Pools
from provers.symbolic.samples import State, always, collect, truth
from provers.symbolic.views import Problem, distinct

_BUDGETS = ((0.5, 400_000), (2.0, 2_000_000))
"""Seconds and iterations of sampling for the first and the second look at a goal."""
_LONGEST_TABLE = 64
_MOST_VALUES = 6
_FEW_POINTS = 3
_NEAR_ZERO = 3


class SummariesProver(LearningProver):
    """Proposes clauses at the returns of recursive functions, learned from their calls in concrete executions."""

    name = "summaries"
    sizes = (70, 100)
    log_probabilities = (-0.25, -0.6)
    for_each = True
    once_for_all = True

    def wants(self, problem: Problem) -> bool:
        """Say whether there are recursive functions."""
        return problem.system.recursive

    def learn(self, system: TransitionSystem, look: int) -> Pools:
        """Return tables, what errors deny and plain clauses, then definitions by cases too."""
        return learn(system, collect(system, *_BUDGETS[look], self._seed + look))


def learn(system: TransitionSystem, states: dict[str, list[State]]) -> Pools:
    """Return a small and a large pool of clauses, by cut.

    Args:
        system: the program.
        states: values of the variables at each cut.
    """
    small: dict[str, list[Term]] = {}
    large: dict[str, list[Term]] = {}
    for cut in system.loops:
        points = templates.Points(cut, states[cut.name])
        if not points.rows:
            small[cut.name] = large[cut.name] = never(cut) if cut.kind == "return" else []
            continue
        if cut.kind != "return":
            near = [*candidates.atoms(system, cut), *(t for t, n in templates.bounds(points) if abs(n) <= 1)]
            near += [pair for pair in candidates.pairs(cut) if pair.op == "="]
            ways = [x for a in near for x in (a, neg(a), *candidates.relaxed(a))]
            small[cut.name] = always([*cut.facts, *ways], cut, states[cut.name])[:24]
            ranges = [t for t, n in (*templates.bounds(points), *templates.octagons(points)) if abs(n) <= _NEAR_ZERO]
            large[cut.name] = [*small[cut.name], *ranges]
            continue
        arguments, outcomes = sides(system, cut)
        rows = table(cut, arguments, outcomes, states[cut.name])
        wanted = always(denied(system, cut), cut, states[cut.name])
        plain = [*templates.equations(points), *templates.congruences(points), *templates.quadratics(points)]
        signs = [t for t, n in templates.bounds(points) if abs(n) <= 1]
        cases = by_cases(system, cut, arguments, states[cut.name])
        small[cut.name] = [*cut.facts, *rows, *wanted, *plain[:8], *signs]
        large[cut.name] = [*cut.facts, *wanted, *plain, *signs, *cases]
    return small, large


def never(cut: Cut) -> list[Term]:
    """Return clauses that cannot hold together, for where no run has been seen."""
    first = next(iter(candidates.numeric(cut)), None)
    if first is None:
        return []
    return [candidates.at_least(first, const(1, first.sort)), candidates.at_most(first, const(0, first.sort))]


def sides(system: TransitionSystem, cut: Cut) -> tuple[list[Variable], list[Variable]]:
    """Split the state at a return into what was given and what has come out."""
    given: set[str] = set()
    left: set[str] = set()
    for block in system.blocks:
        fresh = {i.name for i in block.inputs if i.reason == "call"}
        for call in block.calls:
            if call.summary == cut.name:
                states = dict(call.arguments)
                given |= {n for n, value in call.values if states.get(n) is value}
                left |= {n for n, value in call.values if value.op == "var" and value.value in fresh} - given
    arguments = [v for v in cut.variables if v.name not in left]
    return arguments, [v for v in cut.variables if v.name in left]


def table(cut: Cut, arguments: Sequence[Variable], outcomes: Sequence[Variable], states: Sequence[State]) -> list[Term]:
    """Return `arguments are these ==> outcomes are those` for every call, where there are few and no chance in them."""
    places = {v.name: i for i, v in enumerate(cut.variables)}
    numeric = set(candidates.numeric(cut))
    if not outcomes or any(v not in numeric for v in (*arguments, *outcomes)):
        return []
    found: dict[State, State] = {}
    for state in states:
        key = tuple(state[places[v.name]] for v in arguments)
        value = tuple(state[places[v.name]] for v in outcomes)
        if found.setdefault(key, value) != value:
            return []
    if not found or len(found) > _LONGEST_TABLE:
        return []
    clauses = []
    for key, value in sorted(found.items()):
        here = [eq(var(v.name, v.sort), const(n, v.sort)) for v, n in zip(arguments, key, strict=True)]
        there = [eq(var(v.name, v.sort), const(n, v.sort)) for v, n in zip(outcomes, value, strict=True)]
        clauses += [disj((neg(conj(here)), one)) for one in there]
    return clauses


def by_cases(system: TransitionSystem, cut: Cut, arguments: Sequence[Variable], states: Sequence[State]) -> list[Term]:
    """Return equations, congruences and bounds of the calls on which a comparison or a value of an argument agrees."""
    points = templates.Points(cut, states)
    conditions = [x for a in candidates.atoms(system, cut) for x in (a, neg(a), *candidates.relaxed(a))]
    places = {v.name: i for i, v in enumerate(cut.variables)}
    for v in arguments:
        if v in candidates.numeric(cut):
            values = sorted({state[places[v.name]] for state in states}, key=lambda n: (abs(n), n))[:_MOST_VALUES]
            conditions += [eq(var(v.name, v.sort), const(n, v.sort)) for n in values]
    known = {v.name for v in arguments}
    conditions = [c for c in distinct(conditions) if free(c).keys() <= known]
    several = {v.name for v in arguments} if len(arguments) > 1 else set()
    signs = [t for v in candidates.numeric(cut) if v.name in several for t in _signs(v)]
    conditions += [conj(pair) for pair in combinations(signs, 2)]
    overall = set(distinct([*templates.equations(points), *templates.quadratics(points)]))
    groups: list[list[Term]] = []
    seen: set[int] = set()
    for condition, mask in zip(conditions, truth(cut, conditions, states), strict=True):
        if mask in seen or not _FEW_POINTS <= mask.bit_count() < len(states):
            continue
        seen.add(mask)
        side = points.among(mask)
        ranges = [*templates.bounds(side), *templates.octagons(side)]
        exact = [*templates.equations(side), *templates.quadratics(side)]
        likely = [*exact, *(t for t, n in ranges if abs(n) <= _NEAR_ZERO), *templates.congruences(side)]
        groups.append([templates.under(condition, t) for t in likely if t not in overall])
    turns = max(map(len, groups), default=0)
    return [group[i] for i in range(turns) for group in groups if i < len(group)]


def _signs(v: Variable) -> list[Term]:
    """Return on which side of zero or one a variable may be."""
    return [candidates.at_least(v, const(n, v.sort)) for n in (0, 1, 2)]


def denied(system: TransitionSystem, cut: Cut) -> list[Term]:
    """Return what has to hold of calls so that errors are excluded, as far as it can be said of one call alone."""
    kinds = {c.name: c.kind for c in system.cuts}
    found: list[Term] = []
    for block in system.blocks:
        if kinds[block.target] == "error":
            for call in block.calls:
                if call.summary == cut.name:
                    found += _denied(block, call, cut)
    return distinct(found)


def _denied(block: Block, call: Call, cut: Cut) -> Iterable[Term]:
    values = dict(call.values)
    back: dict[Term, Term] = {}
    premises: list[Term] = []
    for v in cut.variables:
        own, value = var(v.name, v.sort), values[v.name]
        if value.op == "var" and value not in back:
            back[value] = own
        elif value.op == "const" or value in back:
            premises.append(eq(own, back.get(value, value)))
    guard = block.guard.args if block.guard.op == "and" else (block.guard,)
    names = {v.name for v in cut.variables}
    outcomes = {i.name for i in block.inputs if i.reason == "call"}
    asserted: list[Term] = []
    for part in guard:
        renamed = substitute(part, back)
        if free(renamed).keys() <= names:
            (asserted if free(part).keys() & outcomes else premises).append(renamed)
    if not asserted:
        return
    wrong = neg(conj(asserted))
    yield wrong
    for size in (len(premises), 1, 2):
        for some in combinations(premises, size):
            yield from candidates.conjuncts(disj((neg(conj(some)), wrong)))
