"""A program proof as a theory: a predicate for each cut's clauses, a theorem for each verification condition.

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
from lemmata.logic.transition import Block, Cut, TransitionSystem

_KINDS = {
    "loop": ("invariant", "invariant", "loop"),
    "start": ("precondition", "precondition", "function"),
    "return": ("summary", "summary", "function"),
}
"""For each kind of cut how its predicate is named, and what it is of what."""
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
    labels = {cut.name: names.fresh(f"{_KINDS[cut.kind][0]}_{cut.line}_{cut.column}") for cut in system.loops}
    predicates = [_predicate(cut, labels[cut.name], invariants.get(cut.name, ())) for cut in system.loops]
    theorems: list[Theorem] = []
    for block in system.blocks:
        theorems += _theorems(block, system, labels, names)
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
    return Predicate(name, _described(cut), tuple(renamed.values()), tuple(body))


def _described(cut: Cut) -> str:
    _, what, place = _KINDS[cut.kind]
    return f"the {what} of the {place} at {cut.line}:{cut.column}"


def _theorems(block: Block, system: TransitionSystem, labels: Mapping[str, str], names: Names) -> list[Theorem]:
    """Return the condition of a block, one theorem for each path through it."""
    source, target = system.cut(block.source), system.cut(block.target)
    begin = "the entry" if source.kind == "entry" else f"the {_KINDS[source.kind][2]} at {source.line}:{source.column}"
    if target.inductive:
        kind = "initiation" if source.kind == "entry" else "consecution"
        what = f"{kind}: {_described(target)} holds when coming from {begin}"
    else:
        kind, what = "safety", f"no run from {begin} fails at {target.line}:{target.column}: {target.message}"
    updates = dict(block.updates)
    groups: list[tuple[str, list[Term]]] = []
    for call in block.calls:
        values = dict(call.values)
        groups.append((labels[call.summary], [values[v.name] for v in system.cut(call.summary).variables]))
    if target.inductive:
        groups.append((labels[target.name], [updates.get(v.name, t.var(v.name, v.sort)) for v in target.variables]))
    cases = paths([block.guard, *(term for _, group in groups for term in group)], guarded=True)
    shapes = [(label, len(group)) for label, group in groups]
    found = []
    for i, case in enumerate(cases):
        name = names.fresh(f"{kind}_{target.line}_{target.column}")
        which = f" (path {i + 1} of {len(cases)})" if len(cases) > 1 else ""
        found.append(_theorem(name, what + which, case, source, labels, shapes, len(block.calls)))
    return found


def _theorem(
    name: str,
    what: str,
    case: Path,
    source: Cut,
    labels: Mapping[str, str],
    shapes: Sequence[tuple[str, int]],
    calls: int,
) -> Theorem:
    """Write down one path.

    Args:
        name: of the theorem.
        what: it says, for people.
        case: the path; its terms are the guard, then the arguments of predicates.
        source: where it begins.
        labels: the predicate of each cut.
        shapes: the predicates with how many arguments each has: those of the calls on the way, then that of the
            target, which is missing where the path ends in a failure.
        calls: how many calls there are.
    """
    names = Names()
    inside = source.variables if source.inductive else ()
    texts = {v.name: v.text for v in inside}
    free = {v.name: v.sort for v in inside}
    for term in (*case.assumed, *case.terms):
        free |= t.free(term)
    renamed = {t.var(n, s): t.var(names.fresh(texts.get(n, n)), refuse_sort(s)) for n, s in free.items()}
    work = Purifier(names)
    own = t.substitute_all([*case.assumed, *case.terms], renamed)
    pure = [work.outer(term) for term in own]
    assumed, guard, values = pure[: len(case.assumed)], pure[len(case.assumed)], pure[len(case.assumed) + 1 :]
    _check_size([*pure, *work.definitions])
    state = tuple(renamed[t.var(v.name, v.sort)] for v in inside)
    before: list[Formula] = [Holds(labels[source.name], state)] if source.inductive else []
    taken = guard.args if guard.op == "and" else () if guard is t.TRUE else (guard,)
    related: list[Formula] = []
    for label, size in shapes:
        related.append(Holds(label, tuple(values[:size])))
        values = values[size:]
    before += related[:calls]
    conclusion = related[calls] if len(related) > calls else t.FALSE
    variables = (*renamed.values(), *work.introduced)
    return Theorem(name, what, variables, (*before, *work.definitions, *assumed, *taken), conclusion)


def _check_size(formulas: Sequence[Term]) -> None:
    size: dict[Term, int] = {}
    for node in post_order(formulas):
        size[node] = 1 + sum(size[a] for a in node.args)
    if sum(size[f] for f in formulas) > _LARGEST:
        raise UnsupportedError("a condition is too large to be written as a theorem", hint="leave out --emit")
