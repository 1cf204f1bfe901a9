"""A prover of disjunctive invariants: decision trees, corrected by counterexamples until there are none."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lemmata.logic import smtlib
from lemmata.logic.evaluate import evaluate
from lemmata.logic.sorts import BOOL, INT
from lemmata.logic.terms import Term, conj, const, le, neg, substitute, var
from lemmata.logic.transition import Block, TransitionSystem
from provers.symbolic import candidates
from provers.symbolic.learning import LearningProver, Pools
from provers.symbolic.samples import State, collect
from provers.symbolic.trees import Attributes, Contradiction, Examples, learn
from provers.symbolic.views import Problem, distinct

_SECONDS = (2.0, 8.0)
"""For the first and the second look at a goal."""
_SAMPLING = (0.3, 100_000)
_MOST_SAMPLED = 240
_MOST_LITERALS = 80
_BOUNDS = (4, 32, 256)
"""Counterexamples with small numbers tell more than others; they are asked for first."""


class DecisionTreesProver(LearningProver):
    """Proposes invariants that a tree of comparisons decides, one for each loop."""

    name = "decision-trees"
    sizes = (120,)
    log_probabilities = (-0.3,)
    for_each = True
    once_for_all = True

    def wants(self, problem: Problem) -> bool:
        """Say whether there are loops over mathematical integers alone, and no calls of recursive functions."""
        system = problem.system
        variables = (v for cut in system.loops for v in cut.variables)
        return bool(system.loops) and not system.recursive and all(v.sort in (INT, BOOL) for v in variables)

    def learn(self, system: TransitionSystem, look: int) -> Pools:
        """Return the invariants that were found; an empty pool where time ran out."""
        found = synthesise(system, time.monotonic() + _SECONDS[look], self._seed + look)
        return (found or {},)


def synthesise(system: TransitionSystem, deadline: float, seed: int = 0) -> dict[str, list[Term]] | None:
    """Learn trees and ask for counterexamples in turn, until there are none.

    Args:
        system: the program.
        deadline: `time.monotonic()` value.
        seed: of the random inputs of the first states.

    Returns:
        Clauses by loop that are inductive and safe together as far as Z3 says; None where none were found in time.
    """
    examples = Examples()
    for name, states in collect(system, *_SAMPLING, seed).items():
        examples.know([examples.add(name, state) for state in states[:_MOST_SAMPLED]], True)
    numbers = {0, *candidates.constants(system)}
    tests = {cut.name: Attributes(cut, _literals(system, cut.name), numbers) for cut in system.loops}
    facts = {cut.name: list(cut.facts) for cut in system.loops}
    questions = [_Question(system, block) for block in system.blocks]
    try:
        while time.monotonic() < deadline:
            clauses = learn(examples, tests)
            if clauses is None:
                return None
            learned = {name: [*facts[name], *found] for name, found in clauses.items()}
            answers = [question.counterexample(learned, deadline) for question in questions]
            if any(answer is None for answer in answers):
                return None
            if not any(answers):
                return learned
            for question, answer in zip(questions, answers, strict=True):
                if answer:
                    _record(examples, question, *answer)
    except Contradiction:
        return None
    return None


def _literals(system: TransitionSystem, name: str) -> list[Term]:
    cut = system.cut(name)
    own = candidates.literals([*candidates.atoms(system, cut), *candidates.within(cut, candidates.safety(system, cut))])
    return distinct([*own, *(r for a in own for r in candidates.relaxed(a)), *candidates.pairs(cut)])[:_MOST_LITERALS]


def _record(examples: Examples, question: _Question, before: State, after: State) -> None:
    block = question.block
    first = examples.add(block.source, before) if question.inductive else None
    second = examples.add(block.target, after) if question.leads_on else None
    if first is None and second is not None:
        examples.know([second], True)
    elif second is None and first is not None:
        examples.know([first], False)
    elif first is not None and second is not None:
        examples.lead(first, second)


class _Question:
    """Whether a block breaks what is claimed at its two ends; asked again for each claim."""

    def __init__(self, system: TransitionSystem, block: Block) -> None:
        import z3

        self.block = block
        source, self._target = system.cut(block.source), system.cut(block.target)
        self.inductive, self.leads_on = source.inductive, self._target.inductive
        self._variables = list(source.variables)
        self._solver = z3.SimpleSolver()
        chosen = [var(v.name, v.sort) for v in source.variables] + [var(i.name, i.sort) for i in block.inputs]
        self._chosen = [(x, z3.Const(str(x.value), z3.BoolSort() if x.sort == BOOL else z3.IntSort())) for x in chosen]
        self._updates = {var(v.name, v.sort): dict(block.updates)[v.name] for v in self._target.variables}
        self._small = [z3.Bool(f"small!{bound}") for bound in _BOUNDS]
        numbers = [x for x in chosen if x.sort == INT]
        limits = [conj(t for x in numbers for t in (le(const(-n), x), le(x, const(n)))) for n in _BOUNDS]
        self._assert([block.guard])
        for literal, limit in zip(self._small, limits, strict=True):
            self._assert([limit], str(literal))

    def _assert(self, terms: Iterable[Term], under: str = "") -> None:
        import z3

        lines, expressions = smtlib.script(terms)
        if under:
            lines.append(f"(declare-const {under} Bool)")
            expressions = [f"(=> {under} {e})" for e in expressions]
        self._solver.add(z3.parse_smt2_string("\n".join([*lines, *(f"(assert {e})" for e in expressions)])))

    def counterexample(
        self, claimed: Mapping[str, Sequence[Term]], deadline: float
    ) -> tuple[State, State] | tuple[()] | None:
        """Return states before and after the block that break a claim, small ones if there are any.

        Args:
            claimed: clauses by loop.
            deadline: `time.monotonic()` value.

        Returns:
            The states; nothing where the claims hold; None where that is not known.
        """
        import z3

        self._solver.push()
        try:
            self._assert(claimed.get(self.block.source, ()))
            if self.leads_on:
                wanted = conj(claimed.get(self.block.target, ()))
                self._assert([neg(substitute(wanted, self._updates))])
            for assumed in (*([literal] for literal in self._small), []):
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self._solver.set("timeout", max(1, int(1000 * left)))
                answer = self._solver.check(*assumed)
                if answer == z3.sat:
                    return self._states(self._solver.model())
                if answer == z3.unknown:
                    return None
            return ()
        finally:
            self._solver.pop()

    def _states(self, model: Any) -> tuple[State, State] | None:
        import z3

        values: dict[str, Any] = {}
        for term, constant in self._chosen:
            found = model.eval(constant, model_completion=True)
            values[str(term.value)] = z3.is_true(found) if term.sort == BOOL else found.as_long()
        before = tuple(values[v.name] for v in self._variables)
        after = tuple(evaluate(self._updates[var(v.name, v.sort)], values) for v in self._target.variables)
        return before, after
