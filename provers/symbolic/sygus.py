"""A transition system as a SyGuS problem for cvc5, and a prover that asks it.

Format: SyGuS-IF 2.1 (https://sygus-org.github.io/language). Every block of the program is a constraint over the
unknown predicates of its two ends, so programs with several loops need nothing special.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from lemmata.errors import InputError
from lemmata.goal import GoalView
from lemmata.logic.parse import parse
from lemmata.logic.shape import tidy_clause
from lemmata.logic.smtlib import inline, symbol
from lemmata.logic.terms import FALSE, Term, conj, disj, multiplies, neg
from lemmata.logic.transition import Block, Cut, TransitionSystem
from lemmata.step import Proposal
from provers.symbolic.candidates import conjuncts
from provers.symbolic.learning import ProgramProver
from provers.symbolic.views import established, step

PLAIN: Mapping[str, str] = {}
"""The one way of asking in which cvc5 looks for any invariant at all."""
SETTINGS: tuple[Mapping[str, str], ...] = ({"sygus-inv-templ": "pre"}, {"sygus-inv-templ": "post"}, PLAIN)
"""How cvc5 is asked, the way that decides most programs first."""
_SECONDS = (2.0, 4.0, 8.0)
_LARGEST = 100_000
_MOST_CLAUSES = 100
_DEFINITION = re.compile(r"\(define-fun\s+(\|[^|]*\||\S+)\s+\((.*?)\)\s+Bool\s+", re.DOTALL)


class Unsatisfiable(Exception):
    """The engine says that there are no invariants of the form that it looks for."""


def problem(system: TransitionSystem) -> str:
    """Write the search for invariants of all loops as one SyGuS problem.

    Raises:
        InputError: the program is too large for this.
    """
    sorts: dict[str, str] = {}
    for cut in system.loops:
        sorts.update({v.name: v.sort for v in cut.variables})
    for block in system.blocks:
        sorts.update({i.name: i.sort for i in block.inputs})
    products = multiplies(system.terms)
    arrays = any("Array" in sort for sort in sorts.values())
    lines = [f"(set-logic {'ALL' if arrays else 'NIA' if products else 'LIA'})"]
    for cut in system.loops:
        arguments = " ".join(f"({symbol(v.name)} {v.sort})" for v in cut.variables)
        lines.append(f"(synth-fun {_predicate(cut)} ({arguments}) Bool)")
    lines += [f"(declare-var {symbol(name)} {sort})" for name, sort in sorts.items()]
    lines += [f"(constraint {_constraint(system, block)})" for block in system.blocks]
    text = "\n".join([*lines, "(check-synth)", ""])
    if len(text) > _LARGEST:
        raise InputError("the program is too large for the SyGuS engine")
    return text


def _predicate(cut: Cut) -> str:
    return symbol(f"inv-{cut.name}")


def _applied(cut: Cut, values: Mapping[str, str]) -> str:
    if not cut.variables:
        return _predicate(cut)
    return f"({_predicate(cut)} {' '.join(values[v.name] for v in cut.variables)})"


def _constraint(system: TransitionSystem, block: Block) -> str:
    source, target = system.cut(block.source), system.cut(block.target)
    premises = [inline(block.guard)]
    if source.inductive:
        premises.append(_applied(source, {v.name: symbol(v.name) for v in source.variables}))
    for call in block.calls:
        premises.append(_applied(system.cut(call.summary), {name: inline(value) for name, value in call.values}))
    goal = inline(FALSE)
    if target.inductive:
        goal = _applied(target, {name: inline(value) for name, value in block.updates})
    return f"(=> (and {' '.join(premises)} true) {goal})"


def solve(system: TransitionSystem, seconds: float, settings: Mapping[str, str]) -> dict[str, list[Term]] | None:
    """Ask cvc5 for invariants (Reynolds et al.: Counterexample-guided quantifier instantiation for SMT, CAV 2015).

    Args:
        system: the program.
        seconds: wall time for the engine.
        settings: options of the engine, for example `sygus-inv-templ`.

    Returns:
        Clauses by loop; None when the engine has no answer in time.

    Raises:
        InputError: the program is too large or cannot be said in the format.
        Unsatisfiable: the engine claims that there are none of the form that the settings imply.
    """
    import cvc5

    solver = cvc5.Solver()
    for name, value in {"sygus": "true", "tlimit-per": str(max(1, int(seconds * 1000))), **settings}.items():
        solver.setOption(name, value)
    symbols = cvc5.SymbolManager(solver)
    parser = cvc5.InputParser(solver, symbols)
    answer = ""
    try:
        parser.setStringInput(cvc5.InputLanguage.SYGUS_2_1, problem(system), "program")
        while not (command := parser.nextCommand()).isNull():
            answer = str(command.invoke(solver, symbols))
    except RuntimeError as error:
        raise InputError(f"cvc5: {' '.join(str(error).split())[:200]}") from None
    if answer.strip() == "infeasible":
        raise Unsatisfiable
    return _read(answer, system) if "define-fun" in answer else None


def _read(answer: str, system: TransitionSystem) -> dict[str, list[Term]] | None:
    """Read the definitions that the engine prints, one for each loop."""
    found: dict[str, list[Term]] = {}
    cuts = {_predicate(cut): cut for cut in system.loops}
    starts = list(_DEFINITION.finditer(answer))
    for number, start in enumerate(starts):
        cut = cuts.get(start[1])
        if cut is None:
            continue
        end = starts[number + 1].start() if number + 1 < len(starts) else len(answer.rstrip().removesuffix(")"))
        body = answer[start.end() : end].strip().removesuffix(")")
        try:
            term = parse(body, {v.name: v.sort for v in cut.variables})
        except InputError:
            return None
        found[cut.name] = [tidy_clause(c) for c in conjuncts(_plain(term)) if c.op != "const"]
    return found if found.keys() == {cut.name for cut in system.loops} else None


def _plain(term: Term) -> Term:
    """Write a choice between formulas as implications."""
    if term.op == "ite":
        condition, yes, no = term.args
        return conj((disj((neg(condition), _plain(yes))), disj((condition, _plain(no)))))
    return term


class SygusProver(ProgramProver):
    """Proposes the invariants that cvc5 synthesises, another setting each time a problem is asked for again."""

    name = "cvc5-sygus"
    needs = ("cvc5",)

    def __init__(self) -> None:
        super().__init__()
        self._attempts: dict[str, int] = {}

    async def close(self) -> None:
        """Forget everything."""
        self._attempts.clear()

    def _propose(self, view: GoalView) -> list[Proposal]:
        began = time.perf_counter()
        found_problem = self._problems.of(view)
        key = view.obligation.key
        attempt = self._attempts.get(key, 0)
        if found_problem is None or not found_problem.system.loops or attempt >= len(SETTINGS):
            return []
        if found_problem.system.has_arrays:
            # What holds of arrays needs quantifiers, which it does not make.
            return []
        self._attempts[key] = attempt + 1
        try:
            found = solve(found_problem.system, _SECONDS[attempt], SETTINGS[attempt])
        except (Unsatisfiable, InputError):
            return []
        if found is None:
            return []
        proposed = step(found_problem.system, found, established(view, found_problem.system), _MOST_CLAUSES)
        if proposed is None or proposed.key in view.tried:
            return []
        return [Proposal(proposed, -0.5 - 0.3 * attempt, self.name, seconds=time.perf_counter() - began)]
