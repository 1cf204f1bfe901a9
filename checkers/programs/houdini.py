"""Houdini: the largest inductive subset of a set of clauses, and whether it makes the program safe.

Flanagan, Leino: Houdini, an annotation assistant for ESC/Java (FME 2001).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import z3

from checkers.programs.solver import Translator, add, implications, legacy, matching, matching_legacy, shown
from lemmata.logic import terms as t
from lemmata.logic.smtlib import asserted
from lemmata.logic.terms import Term
from lemmata.logic.transition import Block, TransitionSystem

Clauses = Mapping[str, Sequence[Term]]
"""Clauses by the name of their cut."""

Hypothesis = tuple[str, Term, Term]
"""The cut at which a clause is known, the clause, and what it says within a block."""


_TOGETHER, _SHORTLY, _ALONE = 1.5, 0.4, 0.5
"""Seconds for the question about all clauses of a loop, the same where others are asked after, and for one clause."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a clause was dropped."""

    message: str
    model: Mapping[str, Any]
    undecided: bool = False
    """Whether the solver gave no answer, so that the clause may hold after all."""


@dataclass(slots=True)
class Pruned:
    """What is left of a set of clauses."""

    kept: dict[str, list[Term]]
    dropped: dict[tuple[str, Term], Broken] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Safety:
    """Whether every error is unreachable under the invariants."""

    safe: bool
    message: str = ""
    model: Mapping[str, Any] = field(default_factory=dict)


class Conditions:
    """Verification conditions of one transition system, decided by Z3.

    Args:
        system: the program.
    """

    def __init__(self, system: TransitionSystem) -> None:
        self.system = system
        self.z3 = Translator()
        self.signs = {v.name: v.signed for c in system.cuts for v in c.variables}
        self.multiplies = t.multiplies(system.terms)
        """Whether the program multiplies variables: then two kinds of arithmetic are tried."""
        self.linear = system.linear

    def after(self, block: Block, clauses: Iterable[Term]) -> list[Term]:
        """Return the weakest preconditions of clauses over a block's update."""
        sorts = {v.name: v.sort for v in self.system.cut(block.target).variables}
        return t.substitute_all(clauses, {t.var(n, sorts[n]): u for n, u in block.updates})

    def hypotheses(self, block: Block, invariants: Clauses) -> list[Hypothesis]:
        """Return what may be assumed of a block: the clauses at its source, and those at the returns of its calls."""
        found = [(block.source, clause, clause) for clause in invariants.get(block.source, ())]
        for call in block.calls:
            for clause in invariants.get(call.summary, ()):
                found.append((call.summary, clause, self.system.premise(call, clause)))
        return found

    def prune(self, established: Clauses, candidates: Clauses, deadline: float) -> Pruned:
        """Drop candidates until those left are inductive together with what is established.

        Args:
            established: clauses already known to be inductive.
            candidates: clauses to be tried.
            deadline: `time.monotonic()` value after which every clause not yet settled is dropped.
        """
        left = {name: list(dict.fromkeys(c)) for name, c in candidates.items()}
        pruned = Pruned(left)
        blocks = [b for b in self.system.blocks if self.system.cut(b.target).inductive]
        # Initiation first: it drops the most, and what it drops cannot come back.
        blocks.sort(key=lambda b: self.system.cut(b.source).kind != "entry")
        queries = [_Query(self, b, established, left) for b in blocks if left.get(b.target)]
        changed = True
        while changed:
            changed = False
            for query in queries:
                changed |= query.drop(left, pruned.dropped, deadline)
        return pruned

    def safety(self, invariants: Clauses, deadline: float) -> Safety:
        """Say whether the invariants exclude every error."""
        for block in self.system.blocks:
            target = self.system.cut(block.target)
            if target.kind != "error":
                continue
            terms = [block.guard, *(said for _, _, said in self.hypotheses(block, invariants))]
            text = asserted(terms)
            for solver in self.solvers(terms, deadline):
                solver.from_string(text)
                answer = solver.check()
                if answer != z3.unknown:
                    break
            if answer == z3.unsat:
                continue
            where = f"{target.message} at {target.line}:{target.column}"
            if answer == z3.sat:
                return Safety(False, where, shown(solver.model(), t.free(t.conj(terms)), self.signs))
            return Safety(False, f"{where}: the solver does not know ({solver.reason_unknown()})")
        return Safety(True)

    def kinds(self, terms: Iterable[Term]) -> list[Callable[[], Any]]:
        """Return the kinds of solvers that are worth asking about some terms, quick ones first."""
        if any(n.op == "forall" for n in t.post_order(terms)):
            return [matching_legacy, matching] if self.multiplies else [matching]
        if self.multiplies:
            return [z3.Solver, legacy]
        # Where there is nothing but linear arithmetic, the kernel alone is a third faster than its strategies.
        return [z3.SimpleSolver, z3.Solver] if self.linear else [z3.Solver]

    def solvers(self, terms: Sequence[Term], deadline: float, most: float = 3.0) -> Iterator[Any]:
        """Make the solvers to be asked in turn; each gives up at the deadline, and after `most` seconds or sooner."""
        kinds = self.kinds(terms)
        for make in dict.fromkeys((*kinds, z3.Solver)):
            solver = make()
            # What matching does not prove, a search for models seldom does.
            share = most if make in kinds else most / 10
            solver.set("timeout", max(1, int(1000 * min(share, deadline - time.monotonic()))))
            yield solver

    def core(self, invariants: Clauses, deadline: float) -> dict[str, list[Term]] | None:
        """Find a small subset that is still inductive and safe, by unsatisfiable cores; None when that fails.

        Starts from what safety needs and adds what those clauses' consecution needs, until closed.
        """
        needed: dict[str, list[Term]] = {c.name: [] for c in self.system.loops}
        waiting: list[tuple[Block, Term]] = []
        for block in self.system.blocks:
            if self.system.cut(block.target).kind == "error":
                waiting.append((block, t.FALSE))
        while waiting:
            block, goal = waiting.pop()
            wanted = self._needed(block, goal, invariants, needed, deadline)
            if wanted is None:
                return None
            for cut, clause in wanted:
                if clause not in needed.setdefault(cut, []):
                    needed[cut].append(clause)
                    waiting += [(b, clause) for b in self.system.blocks if b.target == cut]
        return needed

    def _needed(
        self, block: Block, goal: Term, invariants: Clauses, needed: Clauses, deadline: float
    ) -> list[tuple[str, Term]] | None:
        claim = t.neg(*self.after(block, [goal])) if goal is not t.FALSE else t.TRUE
        all_of_them = self.hypotheses(block, invariants)
        have = [said for cut, clause, said in all_of_them if clause in needed.get(cut, ())]
        rest = [h for h in all_of_them if h[1] not in needed.get(h[0], ())]
        literals = [z3.Bool(f"use!{i}") for i in range(len(rest))]
        for solver in self.solvers([claim, *have, *(said for _, _, said in rest)], deadline):
            solver.set("core.minimize", True)
            solver.add(*self.z3.many([block.guard, claim, *have]))
            for literal, clause in zip(literals, self.z3.many(said for _, _, said in rest), strict=True):
                solver.add(z3.Implies(literal, clause))
            if solver.check(*literals) == z3.unsat:
                used = {str(x) for x in solver.unsat_core()}
                return [(cut, clause) for i, (cut, clause, _) in enumerate(rest) if f"use!{i}" in used]
        return None


class _Query:
    """The question, for one block, which clauses at its target are broken; asked again as clauses are dropped."""

    def __init__(self, conditions: Conditions, block: Block, established: Clauses, left: Clauses) -> None:
        self.block = block
        self.conditions = conditions
        before = conditions.hypotheses(block, left)
        self.before = [(cut, clause) for cut, clause, _ in before]
        self.goals = list(left.get(block.target, ()))
        after = conditions.after(block, self.goals)
        base = [block.guard, *(said for _, _, said in conditions.hypotheses(block, established))]
        assumed = [said for _, _, said in before]
        self.names = t.free(t.conj((block.guard, *assumed, *after)))
        self.kinds = conditions.kinds([*base, *assumed, *after])
        self.started: list[Any] = []
        """Solvers of these kinds; all but the first are made when those before do not decide something."""
        self.assertions, self.use, self.broken = implications(base, assumed, after)
        self.intact: dict[int, Any] = {}
        self.first = len(base) + len(assumed)
        self.denied: list[Any] = []
        entry = conditions.system.cut(block.source).kind == "entry"
        self.what = "initiation" if entry else f"consecution from {block.source}"

    def _false(self, goals: Iterable[int], model: Any) -> list[int]:
        """Return the clauses that a model refutes; of one with a quantifier it may not tell."""
        if not self.denied:
            # The assertion about a clause is `broken ==> not clause`.
            self.denied = [self.assertions[self.first + i].arg(1) for i in range(len(self.goals))]
        return [i for i in goals if z3.is_true(model.eval(self.denied[i], model_completion=True))]

    def drop(self, left: dict[str, list[Term]], dropped: dict[tuple[str, Term], Broken], deadline: float) -> bool:
        """Drop broken clauses until none is; say whether any was."""
        changed = False
        while True:
            target = set(left.get(self.block.target, ()))
            alive = [i for i, g in enumerate(self.goals) if g in target]
            if not alive:
                return changed
            living = set(alive)
            assumptions = self._usable(left)
            assumptions += [self._intact(i) for i in range(len(self.goals)) if i not in living]
            answer, model = self._ask(assumptions, deadline)
            if answer == z3.unsat:
                return changed
            false: list[int] = []
            if answer == z3.sat:
                false = self._false(alive, model)
                reason = Broken(f"{self.what} fails", shown(model, self.names, self.conditions.signs))
            if not false:
                false = self._unsettled(alive, self._usable(left), deadline)
                reason = Broken(f"{self.what}: the solver does not know", {}, True)
                if not false:
                    return changed
            changed = True
            for i in false:
                left[self.block.target].remove(self.goals[i])
                dropped[self.block.target, self.goals[i]] = reason

    def _ask(self, assumptions: list[Any], deadline: float) -> tuple[Any, Any]:
        """Ask about all clauses at once: one kind of solver after the other, all but the last for a short time."""
        answer, model = z3.unknown, None
        for number, make in enumerate(self.kinds):
            if number == len(self.started):
                self.started.append(make())
                add(self.started[-1], self.assertions)
            most = _TOGETHER if number == len(self.kinds) - 1 else _SHORTLY
            answer, model = self._check(self.started[number], assumptions, deadline, most)
            if answer != z3.unknown:
                break
        return answer, model

    @staticmethod
    def _check(solver: Any, assumptions: list[Any], deadline: float, most: float = _TOGETHER) -> tuple[Any, Any]:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return z3.unknown, None
        solver.set("timeout", max(1, int(1000 * min(most, remaining))))
        answer = solver.check(*assumptions)
        return answer, solver.model() if answer == z3.sat else None

    def _intact(self, goal: int) -> Any:
        """Return the literal that leaves a clause out of the question."""
        if goal not in self.intact:
            self.intact[goal] = z3.Not(self.broken[goal])
        return self.intact[goal]

    def _usable(self, left: Clauses) -> list[Any]:
        """Return the literals of the hypotheses that have not been dropped."""
        kept = {cut: set(left.get(cut, ())) for cut in {cut for cut, _ in self.before}}
        return [x for x, (cut, clause) in zip(self.use, self.before, strict=True) if clause in kept[cut]]

    def _unsettled(self, alive: list[int], use: list[Any], deadline: float) -> list[int]:
        """Ask for each clause alone, where asking for all at once got no answer."""
        out = []
        for i in alive:
            others = [self._intact(j) for j in range(len(self.goals)) if j != i]
            if all(self._check(solver, [*use, *others], deadline, _ALONE)[0] != z3.unsat for solver in self.started):
                out.append(i)
        return out
