"""A prover that asks what is missing: the simplest assumption under which a clause that is needed stays true.

I. Dillig, T. Dillig, B. Li and K. McMillan, "Inductive Invariant Generation via Abductive Inference" (OOPSLA 2013): all
variables but a few are eliminated from `invariant and guard ==> clause after the block`, and what remains is kept where
no state that has been seen refutes it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from lemmata.errors import InputError
from lemmata.logic.parse import parse
from lemmata.logic.shape import tidy_clause
from lemmata.logic.smtlib import asserted
from lemmata.logic.sorts import BOOL
from lemmata.logic.terms import Term, conj, disj, free, neg, substitute_all, var
from lemmata.logic.transition import Block, TransitionSystem
from provers.symbolic import candidates
from provers.symbolic.learning import LearningProver, Pools
from provers.symbolic.samples import State, always, collect
from provers.symbolic.views import Problem, distinct

_SECONDS = (1.5, 6.0)
"""For the first and the second look at a goal."""
_SAMPLING = (0.3, 100_000)
_ELIMINATION_MS = 150
_MOST_VARIABLES = 2
"""The most variables that an assumption may speak of."""
_MOST_ABDUCED = 6
"""The most assumptions for one clause and one block."""
_MOST_CLAUSES = 60
"""Of one loop; where more are needed they are most often the steps of an endless descent."""
_LARGEST_ANSWER = 2000


class AbductionProver(LearningProver):
    """Proposes what errors deny, and assumptions under which that is inductive."""

    name = "abduction"
    sizes = (80,)
    log_probabilities = (-0.4,)
    once_for_all = True

    def wants(self, problem: Problem) -> bool:
        """Say whether there are loops over mathematical integers alone, and no calls of recursive functions."""
        system = problem.system
        return bool(system.loops) and not system.recursive and system.linear

    def learn(self, system: TransitionSystem, look: int) -> Pools:
        """Return the clauses that errors deny, and what was abduced."""
        states = collect(system, *_SAMPLING, self._seed + look)
        return (strengthened(system, states, time.monotonic() + _SECONDS[look]),)


def strengthened(
    system: TransitionSystem, states: Mapping[str, Sequence[State]], deadline: float
) -> dict[str, list[Term]]:
    """Return what excludes errors, and what that needs to be inductive, as far as time allows.

    Args:
        system: a program of linear arithmetic.
        states: seen at each loop.
        deadline: `time.monotonic()` value.
    """
    cuts = {cut.name: cut for cut in system.loops}
    wanted: dict[str, list[Term]] = {}
    for name, cut in cuts.items():
        wanted[name] = [*cut.facts, *always(candidates.within(cut, candidates.safety(system, cut)), cut, states[name])]
    waiting = [(name, clause) for name, clauses in wanted.items() for clause in clauses]
    while waiting and time.monotonic() < deadline:
        name, clause = waiting.pop(0)
        for block in system.blocks:
            if block.target != name or block.source not in cuts or len(wanted[block.source]) > _MOST_CLAUSES:
                continue
            cut = cuts[block.source]
            for found in _assumptions(block, clause, wanted[block.source], deadline):
                fresh = always(found, cut, states[block.source])
                fresh = [f for f in distinct([*wanted[block.source], *fresh]) if f not in wanted[block.source]]
                if fresh:
                    wanted[block.source] += fresh[:_MOST_ABDUCED]
                    waiting += [(block.source, f) for f in fresh[:_MOST_ABDUCED]]
                    break
    return wanted


def _assumptions(block: Block, clause: Term, known: Sequence[Term], deadline: float) -> Iterator[list[Term]]:
    """Yield conditions under which a clause holds after a block, those over few variables first.

    Nothing is yielded where it holds anyway.
    """
    import z3

    (after,) = substitute_all([clause], {var(n, value.sort): value for n, value in block.updates})
    whole = disj((neg(conj((*known, block.guard))), after))
    names = free(whole)
    own = {n for k in known for n in free(k)} | free(after).keys() | free(block.guard).keys()
    own -= {i.name for i in block.inputs}
    (formula,) = z3.parse_smt2_string(asserted([whole]))
    solver = z3.SimpleSolver()
    solver.set("timeout", _ELIMINATION_MS)
    solver.add(z3.Not(formula))
    if solver.check() == z3.unsat:
        return
    constants = {n: z3.Const(n, z3.BoolSort() if sort == BOOL else z3.IntSort()) for n, sort in names.items()}
    plain = z3.Then("simplify", "ctx-simplify")
    # Given no quantifier, the elimination only says whether there is a model at all.
    eliminate = z3.TryFor(z3.Then("qe2", plain), _ELIMINATION_MS), z3.TryFor(plain, _ELIMINATION_MS)
    near = sorted(own & names.keys(), key=lambda n: (n not in free(after), n))
    for size in range(1, _MOST_VARIABLES + 1):
        for kept in combinations(near, size):
            if time.monotonic() > deadline:
                return
            others = [constant for n, constant in constants.items() if n not in kept]
            claim = z3.ForAll(others, formula) if others else formula
            found = _read(z3, eliminate[not others], claim, {n: names[n] for n in kept})
            if found:
                yield found


def _read(z3: Any, eliminate: Any, claim: Any, sorts: Mapping[str, str]) -> list[Term]:
    """Eliminate quantifiers and return the clauses of what is left; nothing where that fails or says nothing."""
    try:
        answer = z3.And(*(goal.as_expr() for goal in eliminate(claim)))
    except z3.Z3Exception:
        return []
    text = z3.simplify(answer, arith_lhs=False).sexpr()
    if len(text) > _LARGEST_ANSWER:
        return []
    try:
        term = parse(text, sorts)
    except InputError:
        return []
    clauses = [tidy_clause(c) for c in candidates.conjuncts(term)]
    return [] if any(c.op == "const" for c in clauses) else clauses
