"""A prover that asks Z3's Spacer; its invariants are proposals like anybody's."""

from __future__ import annotations

import time
from dataclasses import dataclass

from lemmata.goal import GoalView
from lemmata.logic.shape import tidy_clause
from lemmata.logic.terms import Term
from lemmata.logic.transition import TransitionSystem
from lemmata.step import Proposal
from provers.symbolic.horn import HornSolver, Options, Reachable, relevant
from provers.symbolic.learning import ProgramProver
from provers.symbolic.views import Problem, established, step

_MOST_CLAUSES = 300


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One way to ask."""

    seconds: float
    options: Options
    cone: bool = False
    """Only the variables that can influence a guard."""


_GLOBAL: Options = {"spacer.global": True}
_PLAIN: Options = {}
_QUANTIFIED: Options = {"spacer.ground_pobs": False, "spacer.q3": True, "spacer.q3.instantiate": True}
_WITH_ARRAYS = (_Attempt(1.0, _GLOBAL, cone=True), _Attempt(10.0, _QUANTIFIED), _Attempt(20.0, _GLOBAL))
_ATTEMPTS = (
    _Attempt(2.0, _GLOBAL),
    _Attempt(2.0, _PLAIN, cone=True),
    _Attempt(5.0, _GLOBAL, cone=True),
    _Attempt(5.0, {"spacer.use_iuc": False}),
    _Attempt(10.0, _QUANTIFIED),
    _Attempt(20.0, _GLOBAL),
    _Attempt(20.0, _PLAIN),
)


class SpacerProver(ProgramProver):
    """Proposes the invariants that Spacer finds, one configuration each time a problem is asked for again."""

    name = "spacer"

    def __init__(self) -> None:
        super().__init__()
        self._attempts: dict[str, int] = {}
        self._done: set[str] = set()
        self._found: dict[str, dict[str, list[Term]]] = {}
        self._shown: set[tuple[str, str]] = set()

    async def close(self) -> None:
        """Forget everything."""
        self._attempts.clear()
        self._found.clear()
        self._shown.clear()

    def _propose(self, view: GoalView) -> list[Proposal]:
        began = time.perf_counter()
        problem = self._problems.of(view)
        key = view.obligation.key
        if problem is None or not problem.system.loops or key in self._done:
            return []
        shown = (key, view.goal.key)
        if shown in self._shown:
            # What was found does not help this goal: a different configuration may find something else.
            self._found.pop(key, None)
        if key not in self._found:
            attempt = self._attempts.get(key, 0)
            self._attempts[key] = attempt + 1
            attempts = _WITH_ARRAYS if problem.system.has_arrays else _ATTEMPTS
            if attempt >= len(attempts):
                return []
            try:
                found = self._ask(problem, attempts[attempt])
            except Reachable:
                self._done.add(key)
                return []
            if found is None:
                return []
            self._found[key] = found
        self._shown.add(shown)
        proposed = step(problem.system, self._found[key], established(view, problem.system), _MOST_CLAUSES)
        if proposed is None or proposed.key in view.tried:
            return []
        log_probability = -0.3 - 0.2 * (self._attempts[key] - 1)
        return [Proposal(proposed, log_probability, self.name, seconds=time.perf_counter() - began)]

    def _ask(self, problem: Problem, attempt: _Attempt) -> dict[str, list[Term]] | None:
        system: TransitionSystem = problem.system
        arguments = relevant(system) if attempt.cone else {c.name: c.variables for c in system.loops}
        found = HornSolver(system, arguments).solve(attempt.seconds, attempt.options)
        if found is None:
            return None
        return {name: [tidy_clause(c) for c in clauses] for name, clauses in found.items()}
