"""Hand-built transition systems, and a small Houdini to judge pools of clauses with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import z3

from lemmata.errors import Location
from lemmata.goal import Goal, GoalView, Hypothesis, Obligation
from lemmata.logic.parse import parse
from lemmata.logic.smtlib import script
from lemmata.logic.terms import TRUE, Term, conj, implies, neg, substitute, var
from lemmata.logic.transition import Block, Cut, Input, TransitionSystem, Variable, encode
from lemmata.step import Part, Proposal, Step

LOOP = "L1"


def loop(
    variables: str,
    start: Sequence[str],
    guard: str,
    body: Sequence[str],
    claim: str,
    *,
    assume: str = "true",
    sort: str = "Int",
    inputs: str = "",
    arrays: str = "",
) -> TransitionSystem:
    """Build `assume; variables := start; while (guard) variables := body; assert(claim)`.

    Values in `start` and `body` may use the inputs; each variable has an input `VARIABLE0` at the entry.
    """
    names = variables.split()
    own = arrays.split()
    sorts = {n: "(Array Int Int)" if n in own else sort for n in names}
    state = tuple(Variable(n, sorts[n], n) for n in names)
    entered = tuple(Input(f"{n}0", sorts[n], "nondet") for n in names)
    chosen = tuple(Input(n, sort, "nondet") for n in inputs.split())
    at_entry = {i.name: i.sort for i in entered}
    inside = {**sorts, **{i.name: i.sort for i in chosen}}
    go, safe = parse(guard, inside), parse(claim, sorts)
    cuts = (Cut("E", "entry", 1, 1), Cut(LOOP, "loop", 2, 1, state), Cut("X", "error", 3, 1, message="claim"))
    first = [(n, parse(t, at_entry, sorts[n])) for n, t in zip(names, start, strict=True)]
    again = [(n, parse(t, inside, sorts[n])) for n, t in zip(names, body, strict=True)]
    blocks = (
        Block("E", LOOP, entered, parse(assume, at_entry), tuple(first), TRUE),
        Block(LOOP, LOOP, chosen, go, tuple(again), TRUE),
        Block(LOOP, "X", chosen, conj((neg(go), neg(safe))), (), TRUE),
    )
    return TransitionSystem(cuts, blocks)


def view(system: TransitionSystem, hypotheses: Sequence[tuple[str, str]] = (), width: str = "") -> GoalView:
    """Wrap a system as the goal that a prover is shown."""
    obligation = Obligation("programs", "main", repr(system), Location("test.c"))
    goal = Goal("programs", "safe", tuple(Hypothesis(*h) for h in hypotheses))
    return GoalView(goal, obligation, context={"system": encode(system), "int_width": width})


def propose(prover, goal: GoalView, n: int = 8) -> list[Proposal]:
    """Ask a prover once."""
    return asyncio.run(prover.propose([goal], n))[0]


def term_of(part: Part, system: TransitionSystem) -> Term:
    """Read a proposed clause as the checker does."""
    variables = {v.name: v for v in system.cut(part.label).variables}
    if part.language == "smtlib":
        return parse(part.text, {n: v.sort for n, v in variables.items()})
    from checkers.programs.acsl import Names, parse_predicate

    def lookup(name: str) -> tuple[Term, bool] | None:
        return (var(name, variables[name].sort), True) if name in variables else None

    return parse_predicate(part.text, Names(lookup), Location("clause"), False)


def unsatisfiable(*assertions: Term) -> bool:
    """Ask Z3, with a time limit."""
    lines, expressions = script(assertions)
    solver = z3.Solver()
    solver.set("timeout", 4000)
    solver.from_string("\n".join([*lines, *(f"(assert {e})" for e in expressions)]))
    return solver.check() == z3.unsat


def closes(system: TransitionSystem, step: Step) -> bool:
    """Say whether the inductive subset of a step's clauses makes the system safe (Houdini)."""
    kept: dict[str, list[Term]] = {c.name: [] for c in system.loops}
    for part in step.parts:
        kept[part.label].append(term_of(part, system))
    changed = True
    while changed:
        changed = False
        for block in system.blocks:
            if block.target not in kept:
                continue
            sorts = {v.name: v.sort for v in system.cut(block.target).variables}
            values = {var(n, sorts[n]): t for n, t in block.updates}
            before = conj([block.guard, *kept.get(block.source, ())])
            lost = [c for c in kept[block.target] if not unsatisfiable(before, neg(substitute(c, values)))]
            if lost:
                kept[block.target] = [c for c in kept[block.target] if c not in lost]
                changed = True
    return all(
        unsatisfiable(b.guard, *kept.get(b.source, ())) for b in system.blocks if system.cut(b.target).kind == "error"
    )


def implied(left: Term, right: Term) -> bool:
    """Say whether one formula follows from another."""
    return unsatisfiable(neg(implies(left, right)))
