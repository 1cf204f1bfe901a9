"""Runs of programs with recursive calls, path by path: a branch is taken where a solver finds choices that lead there.

Symbolic execution, after J. C. King, "Symbolic execution and program testing" (CACM 1976), with calls as deep as they
go; the number of cuts that a path may pass is doubled each round.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import z3

from checkers.programs.execute import Execution, Interpreter, entered, failing, returned
from checkers.programs.flow import Assign, Assume, Edge, Havoc, Inexact, Invoke
from checkers.programs.program import Program
from checkers.programs.solver import Translator, value
from lemmata.logic import terms as t
from lemmata.logic.evaluate import default
from lemmata.logic.sorts import BOOL, array_parts, is_array
from lemmata.logic.terms import FALSE, TRUE, Term

_FIRST, _MOST = 4, 4096
"""Cuts that a path may pass, in the first round and in the last."""
_QUESTION = 2.0
"""Seconds for one question to the solver."""

_State = dict[str, Term]


@dataclass(frozen=True, slots=True)
class _Path:
    """A path up to a branch, with the side of it that is to be taken."""

    node: int
    state: _State
    callers: tuple[tuple[_State, Edge], ...]
    passed: int
    choices: tuple[tuple[str, str], ...]
    """The names that stand for the choices made so far, with their sorts."""
    scope: int
    """Number of conditions that lead to the branch."""
    condition: Term
    """What holds on this side, besides."""


class Paths:
    """Searches the paths of a program for one that fails.

    Args:
        program: the program.
        cuts: as for the interpreter.
        interpreter: runs what was found.
        deadline: by `time.monotonic`, when to give up.
    """

    def __init__(self, program: Program, cuts: Any, interpreter: Interpreter, deadline: float) -> None:
        self._program = program
        self._cuts = cuts
        self._interpreter = interpreter
        self._deadline = deadline
        self._translator = Translator()
        self._more = False
        """Whether a path of this round was left for being too long."""

    def search(self) -> Execution | None:
        """Return a run that fails, as the interpreter ran it, or None.

        Raises:
            NotExecutable: a quantified condition is met.
        """
        most = _FIRST
        while most <= _MOST and time.monotonic() < self._deadline:
            self._more = False
            for choices, model in self._failures(most):
                run = self._replayed(choices, model)
                if failing(run):
                    return run
            if not self._more:
                return None
            most *= 2
        return None

    def _failures(self, most: int) -> Iterator[tuple[tuple[tuple[str, str], ...], Any]]:
        """Yield the failing paths with no more cuts than that: their choices, and a model that gives the values."""
        solver = z3.Solver()
        waiting = [_Path(0, {}, (), 0, (), 0, TRUE)]
        while waiting and (left := self._deadline - time.monotonic()) > 0:
            path = waiting.pop()
            solver.pop(solver.num_scopes() - path.scope)
            if path.condition is not TRUE:
                solver.push()
                solver.add(self._translator.one(path.condition))
                solver.set("timeout", max(1, int(1000 * min(left, _QUESTION))))
                if solver.check() != z3.sat:
                    continue
            end, sides = self._followed(replace(path, scope=solver.num_scopes()), most)
            waiting += reversed(sides)
            mark = self._program.flow.marks.get(end.node)
            if mark is not None and mark.kind == "error" and solver.check() == z3.sat:
                yield end.choices, solver.model()

    def _followed(self, path: _Path, most: int) -> tuple[_Path, list[_Path]]:
        """Follow a path to where it ends or branches; return its end, and the sides of the branch."""
        node, state, callers, passed, choices = path.node, dict(path.state), path.callers, path.passed, path.choices
        flow = self._program.flow

        def here(node: int, condition: Term = TRUE) -> _Path:
            return _Path(node, state, callers, passed, choices, path.scope, condition)

        while time.monotonic() < self._deadline:
            mark = flow.marks.get(node)
            if mark and mark.kind == "error":
                break
            if node and node in self._cuts:
                passed += 1
                if passed > most:
                    self._more = True
                    break
            if mark and mark.kind == "return":
                *rest, (caller, edge) = callers
                state = {**caller, **returned(self._program, edge, state)}
                node, callers = edge.target, tuple(rest)
                continue
            sides = list(_sides(flow.edges[node], state))
            if len(sides) != 1 or sides[0][1] is not TRUE:
                return here(node), [here(edge.target, condition) for edge, condition in sides]
            edge = sides[0][0]
            match edge.command:
                case Assign(name, term):
                    state[name] = _now(term, state)
                case Havoc(name, sort, number):
                    chosen = f"choice!{len(choices)}!{number}"
                    choices = (*choices, (chosen, sort))
                    state[name] = t.var(chosen, sort)
                case Invoke(called) as command:
                    callers = (*callers, (state, edge))
                    state = entered(self._program, command, state, _now)
                    node = self._program.functions[called].start
                    continue
            node = edge.target
        return here(node), []

    def _replayed(self, choices: tuple[tuple[str, str], ...], model: Any) -> Execution:
        values = iter([value(model, name, sort) for name, sort in choices])

        def oracle(command: Havoc, passed: int) -> Any:
            del passed
            got = next(values, None)
            return default(command.sort) if got is None else got

        return self._interpreter.run(oracle, _MOST, traced=True)


def _sides(edges: list[Edge], state: _State) -> Iterator[tuple[Edge, Term]]:
    """Yield the edges that may be taken, each with its condition: the first whose own holds is."""
    before: list[Term] = []
    for edge in edges:
        own = TRUE
        if isinstance(edge.command, Assume):
            own = _now(edge.command.condition, state)
        elif isinstance(edge.command, Inexact):
            # A run counts for nothing where it uses a value that is left open.
            own = t.neg(_now(edge.command.condition, state))
        condition = t.conj([*map(t.neg, before), own])
        if condition is not FALSE:
            yield edge, condition
        if own is TRUE:
            return
        before.append(own)


def _now(term: Term, state: Mapping[str, Term]) -> Term:
    """Return a term over the choices; a variable never set counts as zero."""
    names = t.free(term)
    if not names:
        return term
    return t.substitute(term, {t.var(n, s): state[n] if n in state else _zero(s) for n, s in names.items()})


def _zero(sort: str) -> Term:
    if is_array(sort):
        return t.const_array(sort, _zero(array_parts(sort)[1]))
    return FALSE if sort == BOOL else t.const(0, sort)
