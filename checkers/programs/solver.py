"""Terms in Z3: everything goes through SMT-LIB text, so that there is one translation only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import z3

from lemmata.logic import smtlib
from lemmata.logic.sorts import BOOL, INT, array_parts, is_array, width
from lemmata.logic.terms import Term, const, le, lt, var


class Translator:
    """Translates terms to Z3's expressions and remembers them."""

    def __init__(self) -> None:
        self.known: dict[Term, Any] = {}

    def many(self, terms: Iterable[Term]) -> list[Any]:
        """Translate Boolean terms."""
        wanted = list(terms)
        new = [t for t in dict.fromkeys(wanted) if t not in self.known]
        if new:
            parsed = z3.parse_smt2_string(smtlib.asserted(new))
            if len(parsed) != len(new):
                # Z3 drops nothing in practice; if it ever does, better slow than wrong.
                parsed = [z3.And(*z3.parse_smt2_string(smtlib.asserted([t]))) for t in new]
            self.known.update(zip(new, parsed, strict=True))
        return [self.known[t] for t in wanted]

    def one(self, term: Term) -> Any:
        """Translate one Boolean term."""
        return self.many([term])[0]


def implications(
    base: Sequence[Term], assumed: Sequence[Term], goals: Sequence[Term]
) -> tuple[Any, list[Any], list[Any]]:
    """Write the question which of some goals do not follow, with a literal for each assumption and each goal.

    Args:
        base: what holds in any case.
        assumed: what holds where its literal is true.
        goals: one of them is false, of those whose literal is not assumed to be false.

    Returns:
        The assertions `base`, `use!i => assumed`, `broken!i => not goal` in this order, and that some
        literal of a goal is true; then the literals of the assumptions, and those of the goals.
    """
    lines, texts = smtlib.script([*base, *assumed, *goals])
    use, broken = ([f"{name}!{i}" for i in range(len(terms))] for name, terms in (("use", assumed), ("broken", goals)))
    lines += [f"(declare-const {name} Bool)" for name in (*use, *broken)]
    lines += [f"(assert {text})" for text in texts[: len(base)]]
    rest = texts[len(base) :]
    lines += [f"(assert (=> {name} {text}))" for name, text in zip(use, rest, strict=False)]
    lines += [f"(assert (=> {name} (not {text})))" for name, text in zip(broken, rest[len(use) :], strict=True)]
    lines.append(f"(assert (or {' '.join(broken)} false))")
    kind = z3.BoolSort()
    parsed = z3.parse_smt2_string("\n".join(lines))
    assert len(parsed) == len(texts) + 1
    return parsed, [z3.Const(name, kind) for name in use], [z3.Const(name, kind) for name in broken]


def add(solver: Any, assertions: Any) -> None:
    """Assert all formulas of a vector; many times as fast as `Solver.add`, which looks at each."""
    context = solver.ctx.ref()
    for i in range(len(assertions)):
        z3.Z3_solver_assert(context, solver.solver, z3.Z3_ast_vector_get(context, assertions.vector, i))


def warm_up() -> None:
    """Have Z3 make its tables, which takes longer than most questions."""
    x = var("x", INT)
    question, _, _ = implications([], [le(x, const(0))], [lt(x, const(0))])
    for solver in (z3.SimpleSolver(), z3.Solver()):
        add(solver, question)
        solver.check()
        solver.model().eval(question[0], model_completion=True)


def legacy() -> Any:
    """Make a solver with Z3's older arithmetic, which often decides at once what products hide from the newer one."""
    solver = z3.SimpleSolver()
    solver.set("smt.arith.solver", 2)
    return solver


def matching() -> Any:
    """Make a solver that only matches quantifiers with terms: it proves or gives up at once, and finds no models."""
    solver = z3.SimpleSolver()
    solver.set("smt.auto_config", False)
    solver.set("smt.mbqi", False)
    return solver


def matching_legacy() -> Any:
    """Make a solver that is both."""
    solver = matching()
    solver.set("smt.arith.solver", 2)
    return solver


def constant(name: str, sort: str) -> Any:
    """Return Z3's constant for a variable."""
    return z3.Const(name, z3_sort(sort))


def z3_sort(sort: str) -> Any:
    """Return Z3's sort."""
    if sort == BOOL:
        return z3.BoolSort()
    if is_array(sort):
        index, element = array_parts(sort)
        return z3.ArraySort(z3_sort(index), z3_sort(element))
    return z3.BitVecSort(width(sort)) if width(sort) else z3.IntSort()


def value(model: Any, name: str, sort: str) -> Any:
    """Read a variable's value from a model as `lemmata.logic.evaluate` has it; None where it is not a plain value."""
    return read(model.eval(constant(name, sort), model_completion=True), sort)


def read(found: Any, sort: str) -> Any:
    """Turn a Z3 value into ours, None where it is not a plain value."""
    from lemmata.logic.evaluate import ArrayValue

    if is_array(sort):
        _, element = array_parts(sort)
        entries: dict[int, Any] = {}
        while z3.is_store(found):
            index, inner = found.arg(1), read(found.arg(2), element)
            if not hasattr(index, "as_long") or inner is None:
                return None
            entries.setdefault(index.as_long(), inner)
            found = found.arg(0)
        if not z3.is_K(found):
            return None
        base = read(found.arg(0), element)
        return None if base is None else ArrayValue(base, entries)
    if z3.is_true(found) or z3.is_false(found):
        return z3.is_true(found)
    return found.as_long() if hasattr(found, "as_long") else None


def shown(model: Any, names: Mapping[str, str], signs: Mapping[str, bool]) -> dict[str, Any]:
    """Return a model's values of variables, given with their sorts, for people."""
    found: dict[str, Any] = {}
    for name, sort in sorted(names.items()):
        if "!" in name or "#" in name:
            continue
        got = model.eval(constant(name, sort), model_completion=True)
        if is_array(sort):
            found[name] = str(got)
        elif width(sort):
            found[name] = got.as_signed_long() if signs.get(name, True) else got.as_long()
        else:
            found[name] = got.as_long() if hasattr(got, "as_long") else str(got)
    return found
