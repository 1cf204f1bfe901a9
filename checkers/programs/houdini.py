"""Houdini: the largest inductive subset of a set of clauses, and whether it makes the program safe.

Flanagan, Leino: Houdini, an annotation assistant for ESC/Java (FME 2001).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import z3

from checkers.programs.solver import Translator, shown
from lemmata.logic import terms as t
from lemmata.logic.terms import Term
from lemmata.logic.transition import Block, TransitionSystem

Clauses = Mapping[str, Sequence[Term]]
"""Clauses by the name of their loop's cut."""


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

    def after(self, block: Block, term: Term) -> Term:
        """Return the weakest precondition of a clause over a block's update."""
        sorts = {v.name: v.sort for v in self.system.cut(block.target).variables}
        return t.substitute(term, {t.var(n, sorts[n]): u for n, u in block.updates})

    def prune(self, established: Clauses, candidates: Clauses, deadline: float) -> Pruned:
        """Drop candidates until those left are inductive together with what is established.

        Args:
            established: clauses already known to be inductive.
            candidates: clauses to be tried.
            deadline: `time.monotonic()` value after which every clause not yet settled is dropped.
        """
        left = {name: list(dict.fromkeys(c)) for name, c in candidates.items()}
        pruned = Pruned(left)
        blocks = [b for b in self.system.blocks if self.system.cut(b.target).kind == "loop"]
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
            terms = [block.guard, *invariants.get(block.source, ())]
            solver = self.solver(deadline)
            solver.add(*self.z3.many(terms))
            answer = solver.check()
            if answer == z3.unsat:
                continue
            where = f"{target.message} at {target.line}:{target.column}"
            if answer == z3.sat:
                return Safety(False, where, shown(solver.model(), t.free(t.conj(terms)), self.signs))
            return Safety(False, f"{where}: the solver does not know ({solver.reason_unknown()})")
        return Safety(True)

    def solver(self, deadline: float, most: float = 3.0) -> Any:
        """Make a solver that gives up at the deadline, and after `most` seconds."""
        solver = z3.Solver()
        solver.set("timeout", max(1, int(1000 * min(most, deadline - time.monotonic()))))
        return solver

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
            for clause in wanted:
                if clause not in needed.setdefault(block.source, []):
                    needed[block.source].append(clause)
                    waiting += [(b, clause) for b in self.system.blocks if b.target == block.source]
        return needed

    def _needed(
        self, block: Block, goal: Term, invariants: Clauses, needed: Clauses, deadline: float
    ) -> list[Term] | None:
        claim = t.neg(self.after(block, goal)) if goal is not t.FALSE else t.TRUE
        have = list(needed.get(block.source, ()))
        rest = [c for c in invariants.get(block.source, ()) if c not in have]
        solver = self.solver(deadline)
        solver.set("core.minimize", True)
        solver.add(*self.z3.many([block.guard, claim, *have]))
        literals = [z3.Bool(f"use!{i}") for i in range(len(rest))]
        for literal, clause in zip(literals, self.z3.many(rest), strict=True):
            solver.add(z3.Implies(literal, clause))
        if solver.check(*literals) != z3.unsat:
            return None
        used = {str(x) for x in solver.unsat_core()}
        return [c for i, c in enumerate(rest) if f"use!{i}" in used]


class _Query:
    """The question, for one block, which clauses at its target are broken; asked again as clauses are dropped."""

    def __init__(self, conditions: Conditions, block: Block, established: Clauses, left: Clauses) -> None:
        self.block = block
        self.conditions = conditions
        self.before = list(left.get(block.source, ()))
        self.goals = list(left.get(block.target, ()))
        after = [conditions.after(block, g) for g in self.goals]
        to_z3 = conditions.z3.many
        self.base = to_z3([block.guard, *established.get(block.source, ())])
        self.hypotheses = to_z3(self.before)
        self.after = to_z3(after)
        self.names = t.free(t.conj((block.guard, *self.before, *after)))
        self.solver: Any = None
        self.use = [z3.Bool(f"use!{i}") for i in range(len(self.before))]
        self.broken = [z3.Bool(f"broken!{i}") for i in range(len(self.goals))]
        self.intact = [z3.Not(x) for x in self.broken]
        entry = conditions.system.cut(block.source).kind == "entry"
        self.what = "initiation" if entry else f"consecution from {block.source}"

    def _start(self) -> None:
        self.solver = z3.Solver()
        self.solver.add(*self.base)
        for literal, clause in zip(self.use, self.hypotheses, strict=True):
            self.solver.add(z3.Implies(literal, clause))
        for literal, clause in zip(self.broken, self.after, strict=True):
            self.solver.add(z3.Implies(literal, z3.Not(clause)))
        self.solver.add(z3.Or(*self.broken))

    def drop(self, left: dict[str, list[Term]], dropped: dict[tuple[str, Term], Broken], deadline: float) -> bool:
        """Drop broken clauses until none is; say whether any was."""
        if self.solver is None:
            self._start()
        changed = False
        while True:
            target, source = set(left.get(self.block.target, ())), set(left.get(self.block.source, ()))
            alive = [i for i, g in enumerate(self.goals) if g in target]
            if not alive:
                return changed
            living = set(alive)
            assumptions = [x for x, c in zip(self.use, self.before, strict=True) if c in source]
            assumptions += [x for i, x in enumerate(self.intact) if i not in living]
            answer, model = self._check(assumptions, deadline)
            if answer == z3.unsat:
                return changed
            changed = True
            if answer == z3.sat:
                false = [i for i in alive if not z3.is_true(model.eval(self.after[i], model_completion=True))]
                reason = Broken(f"{self.what} fails", shown(model, self.names, self.conditions.signs))
            else:
                false = self._unsettled(alive, source, deadline)
                reason = Broken(f"{self.what}: the solver does not know", {}, True)
                if not false:
                    return changed
            for i in false or alive:
                left[self.block.target].remove(self.goals[i])
                dropped[self.block.target, self.goals[i]] = reason

    def _check(self, assumptions: list[Any], deadline: float) -> tuple[Any, Any]:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return z3.unknown, None
        self.solver.set("timeout", max(1, int(1000 * min(1.5, remaining))))
        answer = self.solver.check(*assumptions)
        return answer, self.solver.model() if answer == z3.sat else None

    def _unsettled(self, alive: list[int], source: set[Term], deadline: float) -> list[int]:
        """Ask for each clause alone, where asking for all at once got no answer."""
        use = [x for x, c in zip(self.use, self.before, strict=True) if c in source]
        out = []
        for i in alive:
            others = [x for j, x in enumerate(self.intact) if j != i]
            if self._check([*use, *others], deadline)[0] != z3.unsat:
                out.append(i)
        return out
