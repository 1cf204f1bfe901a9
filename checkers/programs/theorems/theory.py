"""A program proof as a theory: a predicate for each loop's invariant, a theorem for each verification condition.

The conditions are those of `checkers.programs.verifier`: initiation, consecution and safety of every block. Here the
invariants keep their names, and what proof assistants' arithmetic does not know (conditionals, array updates) gets a
name, see `checkers.programs.theorems.purify`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from checkers.programs.theorems.names import Names
from checkers.programs.theorems.paths import Path, paths
from checkers.programs.theorems.purify import Purifier, refuse_sort
from checkers.programs.unit import Loaded
from lemmata.errors import UnsupportedError
from lemmata.logic import terms as t
from lemmata.logic.terms import Term, post_order
from lemmata.logic.transition import Block, Cut

_LARGEST = 200_000
"""Most nodes of one condition when shared parts are written as often as they occur."""


@dataclass(frozen=True, slots=True)
class Holds:
    """A loop's invariant, of given values."""

    predicate: str
    arguments: tuple[Term, ...]


Formula = Term | Holds


@dataclass(frozen=True, slots=True)
class Predicate:
    """The invariant of one loop."""

    name: str
    comment: str
    parameters: tuple[Term, ...]
    body: tuple[Term, ...]
    """Its clauses."""


@dataclass(frozen=True, slots=True)
class Theorem:
    """One verification condition: the hypotheses imply the conclusion, for all values of the variables."""

    name: str
    comment: str
    variables: tuple[Term, ...]
    hypotheses: tuple[Formula, ...]
    conclusion: Formula
    """`false` where the theorem says that a failure cannot be reached."""


@dataclass(frozen=True, slots=True)
class Theory:
    """All conditions of one proof."""

    comment: str
    predicates: tuple[Predicate, ...]
    theorems: tuple[Theorem, ...]

    @property
    def formulas(self) -> Sequence[Term]:
        """Every term in it, for whoever looks for an operator."""
        found = [clause for predicate in self.predicates for clause in predicate.body]
        for theorem in self.theorems:
            for formula in (*theorem.hypotheses, theorem.conclusion):
                found += formula.arguments if isinstance(formula, Holds) else [formula]
        return found

    def any(self, wanted: Callable[[Term], bool]) -> bool:
        """Say whether some part of a formula is as wanted."""
        return any(wanted(node) for node in post_order(self.formulas))


def theory(loaded: Loaded, invariants: Mapping[str, Sequence[Term]], comment: str) -> Theory:
    """Turn invariants into a theory whose theorems together say that they prove the program.

    Args:
        loaded: the program.
        invariants: the clauses of each loop, those that hold by typing included.
        comment: stands at the top.

    Raises:
        UnsupportedError: the program has machine integers, or a condition is too large to be written out.
    """
    system = loaded.system
    names = Names()
    labels = {cut.name: names.fresh(f"invariant_{cut.line}_{cut.column}") for cut in system.loops}
    predicates = [_predicate(cut, labels[cut.name], invariants.get(cut.name, ())) for cut in system.loops]
    theorems: list[Theorem] = []
    for block in system.blocks:
        theorems += _theorems(block, system.cut(block.source), system.cut(block.target), labels, names)
    return Theory(comment, tuple(predicates), tuple(theorems))


def _predicate(cut: Cut, name: str, clauses: Sequence[Term]) -> Predicate:
    names = Names()
    renamed = {t.var(v.name, v.sort): t.var(names.fresh(v.text), refuse_sort(v.sort)) for v in cut.variables}
    work = Purifier(names)
    body: list[Term] = []
    for clause in t.substitute_all(clauses, renamed):
        cases = paths([clause], guarded=False)
        body += [t.implies(t.conj(case.assumed), work.closed(case.terms[0])) for case in cases]
    body = [clause for clause in dict.fromkeys(body) if clause is not t.TRUE]
    _check_size(body)
    what = f"the invariant of the loop at {cut.line}:{cut.column}"
    return Predicate(name, what, tuple(renamed.values()), tuple(body))


def _theorems(block: Block, source: Cut, target: Cut, labels: Mapping[str, str], names: Names) -> list[Theorem]:
    """Return the condition of a block, one theorem for each path through it."""
    loop, begin = target.kind == "loop", f"the loop at {source.line}:{source.column}"
    end = f"{target.line}:{target.column}"
    if source.kind == "entry":
        begin = "the entry"
    if loop:
        kind = "initiation" if source.kind == "entry" else "consecution"
        what = f"{kind}: the invariant of the loop at {end} holds when coming from {begin}"
    else:
        kind, what = "safety", f"no run from {begin} fails at {end}: {target.message}"
    updates = dict(block.updates)
    results = [updates.get(v.name, t.var(v.name, v.sort)) for v in target.variables] if loop else []
    cases = paths([block.guard, *results], guarded=True)
    found = []
    for i, case in enumerate(cases):
        name = names.fresh(f"{kind}_{target.line}_{target.column}")
        which = f" (path {i + 1} of {len(cases)})" if len(cases) > 1 else ""
        found.append(_theorem(name, what + which, case, source, labels, labels.get(target.name)))
    return found


def _theorem(name: str, what: str, case: Path, source: Cut, labels: Mapping[str, str], reached: str | None) -> Theorem:
    """Write down one path; `reached` is the predicate of the loop at its end, None where it ends in a failure."""
    names = Names()
    inside = source.variables if source.kind == "loop" else ()
    texts = {v.name: v.text for v in inside}
    free = {v.name: v.sort for v in inside}
    for term in (*case.assumed, *case.terms):
        free |= t.free(term)
    renamed = {t.var(n, s): t.var(names.fresh(texts.get(n, n)), refuse_sort(s)) for n, s in free.items()}
    work = Purifier(names)
    own = t.substitute_all([*case.assumed, *case.terms], renamed)
    pure = [work.outer(term) for term in own]
    assumed, guard, results = pure[: len(case.assumed)], pure[len(case.assumed)], pure[len(case.assumed) + 1 :]
    _check_size([*pure, *work.definitions])
    state = tuple(renamed[t.var(v.name, v.sort)] for v in inside)
    before: list[Formula] = [Holds(labels[source.name], state)] if source.kind == "loop" else []
    taken = guard.args if guard.op == "and" else () if guard is t.TRUE else (guard,)
    conclusion: Formula = t.FALSE if reached is None else Holds(reached, tuple(results))
    variables = (*renamed.values(), *work.introduced)
    return Theorem(name, what, variables, (*before, *work.definitions, *assumed, *taken), conclusion)


def _check_size(formulas: Sequence[Term]) -> None:
    size: dict[Term, int] = {}
    for node in post_order(formulas):
        size[node] = 1 + sum(size[a] for a in node.args)
    if sum(size[f] for f in formulas) > _LARGEST:
        raise UnsupportedError("a condition is too large to be written as a theorem", hint="leave out --emit")
