"""Candidate clauses from the program's text: atoms, negated errors, weakest preconditions, bounds, array templates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product

from lemmata.logic.ctext import tree_size
from lemmata.logic.shape import compare, comparison
from lemmata.logic.sorts import BOOL, INT, width
from lemmata.logic.terms import (
    Term,
    boolean,
    bv,
    const,
    disj,
    eq,
    free,
    le,
    neg,
    post_order,
    rebuild,
    substitute,
    var,
)
from lemmata.logic.transition import Block, Cut, TransitionSystem, Variable

_MOST_CASES = 24
_LARGEST_PRECONDITION = 120
_MOST_PRECONDITIONS = 60
_MOST_CONSTANTS = 12


def conjuncts(term: Term, most: int = _MOST_CASES) -> list[Term]:
    """Split a formula into clauses, by distribution where that gives few of them; else it stays whole."""
    match term.op:
        case "and":
            found = [c for a in term.args for c in conjuncts(a, most)]
            return found if len(found) <= most else [term]
        case "not" if term.args[0].op == "or":
            return [c for a in term.args[0].args for c in conjuncts(neg(a), most)]
        case "not" if term.args[0].op == "and":
            return conjuncts(disj(neg(a) for a in term.args[0].args), most)
        case "or":
            sides = [conjuncts(a, most) for a in term.args]
            total = 1
            for side in sides:
                total *= len(side)
            if 1 < total <= most:
                return [disj(choice) for choice in product(*sides)]
    return [term]


def literals(terms: Iterable[Term]) -> list[Term]:
    """Return the comparisons and other Boolean atoms in formulas, each once and not negated."""
    found: dict[Term, None] = {}
    for node in post_order(terms):
        if node.sort == BOOL and node.op not in ("and", "or", "not", "const", "ite", "forall"):
            if node.op == "=" and node.args[0].sort == BOOL:
                continue
            found[node] = None
    return list(found)


def within(cut: Cut, terms: Iterable[Term]) -> list[Term]:
    """Keep the terms that speak only of the cut's variables."""
    known = {v.name for v in cut.variables}
    return [t for t in terms if free(t).keys() <= known and not any(n.op == "forall" for n in post_order((t,)))]


def atoms(system: TransitionSystem, cut: Cut) -> list[Term]:
    """Return the comparisons that the program itself makes in terms of the loop's variables."""
    found = [term for name, term in system.atoms if name == cut.name]
    for block in system.blocks:
        if block.source == cut.name:
            found.extend(literals([block.guard, *(t for _, t in block.updates)]))
    flat = literals(found)
    return within(cut, dict.fromkeys(flat))


def safety(system: TransitionSystem, cut: Cut) -> list[Term]:
    """Return clauses that exclude the errors which can follow directly."""
    kinds = {c.name: c.kind for c in system.cuts}
    found: list[Term] = []
    for block in system.blocks:
        if block.source == cut.name and kinds[block.target] == "error":
            for guard in _without_inputs(block, block.guard):
                found.extend(conjuncts(neg(guard)))
    return found


def _without_inputs(block: Block, term: Term) -> list[Term]:
    """Replace the inputs of a block, all the ways that each of them is 0 or 1; at most three inputs."""
    names = free(term)
    inputs = [i for i in block.inputs if i.name in names]
    if not inputs:
        return [term]
    if len(inputs) > 3:
        return []
    cases = []
    for values in product((0, 1), repeat=len(inputs)):
        chosen = {}
        for i, value in zip(inputs, values, strict=True):
            if i.sort != BOOL and not width(i.sort) and i.sort != INT:
                return []
            chosen[var(i.name, i.sort)] = boolean(value == 1) if i.sort == BOOL else const(value, i.sort)
        cases.append(substitute(term, chosen))
    return list(dict.fromkeys(cases))


def preconditions(system: TransitionSystem, rounds: int = 2) -> dict[str, list[Term]]:
    """Return the weakest preconditions of safety through some loop iterations.

    Args:
        system: the program.
        rounds: how many blocks to go back.

    Returns:
        Clauses by loop; those over inputs, or too large, are left out (Dijkstra, CACM 1975).
    """
    found: dict[str, dict[Term, None]] = {c.name: {} for c in system.loops}
    cuts = {c.name: c for c in system.loops}
    frontier = {name: dict.fromkeys(within(cut, safety(system, cut))) for name, cut in cuts.items()}
    for _ in range(rounds):
        following: dict[str, dict[Term, None]] = {name: {} for name in cuts}
        for block in system.blocks:
            if block.source not in cuts or block.target not in cuts:
                continue
            values = _update(cuts[block.target], block)
            for clause in frontier[block.target]:
                after = substitute(clause, values)
                for whole in (disj((neg(block.guard), after)), after):
                    if tree_size(whole) > _LARGEST_PRECONDITION:
                        continue
                    cases = [c for case in _without_inputs(block, whole) for c in conjuncts(case)]
                    following[block.source].update(dict.fromkeys(within(cuts[block.source], cases)))
        for name, more in following.items():
            fresh = [t for t in more if t not in found[name]][:_MOST_PRECONDITIONS]
            found[name].update(dict.fromkeys(fresh))
        frontier = following
    return {name: list(terms)[:_MOST_PRECONDITIONS] for name, terms in found.items()}


def _update(target: Cut, block: Block) -> dict[Term, Term]:
    sorts = {v.name: v.sort for v in target.variables}
    return {var(name, sorts[name]): value for name, value in block.updates if name in sorts}


def over_target(block: Block, cut: Cut) -> list[Term]:
    """Return the comparisons of a block's guard in terms of the variables that its inputs are copied to."""
    back: dict[Term, Term] = {}
    for name, value in block.updates:
        if value.op == "var":
            back.setdefault(value, var(name, value.sort))
    parts = block.guard.args if block.guard.op == "and" else (block.guard,)
    return within(cut, [substitute(part, back) for part in parts])


def generalised(system: TransitionSystem, cut: Cut) -> list[Term]:
    """Return what errors deny, with one side of a comparison of the loop in the place of the other.

    A loop that counts `i` up to `n` ends with `i == n`; what is asserted of `n` then often holds of `i` all along.
    """
    swaps: list[dict[Term, Term]] = []
    for atom in atoms(system, cut):
        inner = atom.args[0] if atom.op == "not" else atom
        if inner.op in ("<", "<=", "=", "bvslt", "bvsle", "bvult", "bvule") and inner.args[0].sort != BOOL:
            one, two = inner.args
            swaps += [{one: two}, {two: one}] if one.op == two.op == "var" else []
            if one.op == "var" and two.op != "const":
                swaps.append({two: one})
            elif two.op == "var" and one.op != "const":
                swaps.append({one: two})
            elif "const" in (one.op, two.op):
                name, number = (two, one) if one.op == "const" else (one, two)
                swaps.append({number: name})
    found: dict[Term, None] = {}
    for clause in safety(system, cut):
        for part in clause.args if clause.op == "or" else (clause,):
            for swap in swaps:
                found[_replaced(part, swap)] = None
            found[part] = None
    return within(cut, found)[:_MOST_PRECONDITIONS]


def _replaced(term: Term, swap: Mapping[Term, Term]) -> Term:
    done: dict[Term, Term] = {}
    for node in post_order((term,)):
        done[node] = swap[node] if node in swap else rebuild(node, tuple(done[a] for a in node.args))
    return done[term]


def constants(system: TransitionSystem, sort: str = INT) -> list[int]:
    """Return the numbers in the program, most frequent first, as signed values."""
    count: dict[int, int] = {}
    for block in system.blocks:
        for node in post_order([block.guard, *(t for _, t in block.updates)]):
            for argument in node.args:
                if argument.op == "const" and argument.sort == sort:
                    value = int(argument.value)  # type: ignore[arg-type]
                    bits = width(sort)
                    value -= (1 << bits) if bits and value >> (bits - 1) else 0
                    count[value] = count.get(value, 0) + 1
        for _, term in block.updates:
            if term.op == "const" and term.sort == sort:
                value = int(term.value)  # type: ignore[arg-type]
                count[value] = count.get(value, 0) + 1
    return sorted(count, key=lambda v: (-count[v], abs(v), v))[:_MOST_CONSTANTS]


def relaxed(literal: Term) -> list[Term]:
    """Return comparisons near a given one: both directions, equality, and bounds one off."""
    found = comparison(literal)
    if found is None:
        return _relaxed_machine(literal)
    if isinstance(found, bool):
        return []
    if found.relation in ("==", "!="):
        centre = (found.bound, found.bound + 1, found.bound - 1)
    else:
        step = 1 if found.relation == "<=" else -1
        centre = (found.bound, found.bound + step, found.bound - step)
    near = [compare(dict(found.monomials), r, found.bound) for r in (found.relation, "==", "!=")]
    near += [compare(dict(found.monomials), r, bound) for bound in centre for r in ("<=", ">=")]
    return near


def _relaxed_machine(literal: Term) -> list[Term]:
    inner = literal.args[0] if literal.op == "not" else literal
    if inner.op in ("bvslt", "bvsle", "bvult", "bvule"):
        a, b = inner.args
        weak = inner.op[:-1] + "e"
        return [bv(weak, a, b), bv(weak, b, a), eq(a, b), neg(eq(a, b))]
    return [inner, neg(inner)]


def at_most(variable: Variable, other: Term) -> Term:
    """Return `variable <= other` in the variable's own signedness."""
    return _below(variable, var(variable.name, variable.sort), other)


def at_least(variable: Variable, other: Term) -> Term:
    """Return `variable >= other` in the variable's own signedness."""
    return _below(variable, other, var(variable.name, variable.sort))


def _below(variable: Variable, left: Term, right: Term) -> Term:
    if variable.sort == INT:
        return le(left, right)
    return bv("bvsle" if variable.signed else "bvule", left, right)


def numeric(cut: Cut) -> list[Variable]:
    """Return the cut's integer and bit-vector variables."""
    return [v for v in cut.variables if v.sort == INT or width(v.sort)]


def initial(system: TransitionSystem, cut: Cut) -> dict[str, int]:
    """Return the variables that the loop is always entered with as the same number."""
    values: dict[str, set[Term]] = {}
    for block in system.blocks:
        if block.target == cut.name and block.source != cut.name:
            for name, term in block.updates:
                values.setdefault(name, set()).add(term)
    found = {}
    for name, terms in values.items():
        only = next(iter(terms))
        if len(terms) == 1 and only.op == "const" and only.sort != BOOL:
            found[name] = int(only.value)  # type: ignore[arg-type]
    return found


def bounds(system: TransitionSystem, cut: Cut) -> Iterator[Term]:
    """Yield comparisons of each variable with the program's numbers, likely ones first."""
    start = initial(system, cut)
    for v in numeric(cut):
        if v.name in start:
            value = const(start[v.name], v.sort)
            yield at_least(v, value)
            yield at_most(v, value)
    for offset in (0, 1, -1):
        for v in numeric(cut):
            for c in [0, *constants(system, v.sort)]:
                value = const(c + offset, v.sort)
                yield at_least(v, value)
                yield at_most(v, value)


def pairs(cut: Cut) -> Iterator[Term]:
    """Yield comparisons of variables with each other."""
    for one, two in combinations(numeric(cut), 2):
        if one.sort == two.sort:
            right = var(two.name, two.sort)
            yield eq(var(one.name, one.sort), right)
            yield at_most(one, right)
            yield at_least(one, right)


def implications(premises: Iterable[Term], conclusions: Iterable[Term]) -> Iterator[Term]:
    """Yield `premise ==> conclusion` for all that differ."""
    later = list(conclusions)
    for premise in premises:
        for conclusion in later:
            if conclusion is not premise and conclusion is not neg(premise):
                yield disj((neg(premise), conclusion))
