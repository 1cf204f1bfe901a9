"""A transition system as constrained Horn clauses for Z3's fixed-point engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lemmata.errors import InputError
from lemmata.logic.parse import parse
from lemmata.logic.smtlib import asserted
from lemmata.logic.sorts import BOOL
from lemmata.logic.terms import Term, conj, free, make, substitute, var
from lemmata.logic.transition import Block, Cut, TransitionSystem, Variable
from provers.symbolic.candidates import conjuncts

_OUT = "out!"
_CALL = "call!"
_LARGEST_ANSWER = 200_000

Options = Mapping[str, Any]


def relevant(system: TransitionSystem) -> dict[str, tuple[Variable, ...]]:
    """Return for each loop the variables that can influence a guard: the cone of influence."""
    needed: dict[str, set[str]] = {c.name: set() for c in system.cuts}
    own = {c.name: {v.name for v in c.variables} for c in system.cuts}
    if system.recursive:
        # Results of calls come back through premises, which this does not follow.
        needed = own
    changed = True
    while changed:
        changed = False
        for block in system.blocks:
            used = set(free(block.guard))
            for name, value in block.updates:
                if name in needed[block.target]:
                    used |= free(value).keys()
            used = (used & own[block.source]) - needed[block.source]
            if used:
                needed[block.source] |= used
                changed = True
    return {c.name: tuple(v for v in c.variables if v.name in needed[c.name]) for c in system.loops}


class Reachable(Exception):
    """The engine says that an error can be reached, so there is nothing to find."""


class HornSolver:
    """Asks Spacer for invariants of all loops at once (Komuravelli, Gurfinkel, Chaki: FMSD 2016).

    Args:
        system: the program.
        arguments: for each loop the variables its predicate has.
    """

    def __init__(self, system: TransitionSystem, arguments: Mapping[str, Sequence[Variable]]) -> None:
        self._system = system
        self._arguments = arguments

    def solve(self, seconds: float, options: Options) -> dict[str, list[Term]] | None:
        """Search for invariants that exclude every error.

        Args:
            seconds: wall time for the engine.
            options: parameters of the engine, for example `spacer.global`.

        Returns:
            Clauses by loop; None when the engine has no answer in time.

        Raises:
            Reachable: the engine claims that an error is reachable.
        """
        import z3

        context = z3.Context()
        solver = z3.Fixedpoint(ctx=context)
        solver.set(engine="spacer", timeout=max(1, int(seconds * 1000)))
        # Inlining and slicing would remove predicates, and with them the answer.
        solver.set(**{"xform.inline_eager": False, "xform.inline_linear": False, "xform.slice": False})
        solver.set(**options)
        self._predicates: dict[str, Any] = {}
        for cut in self._system.loops:
            sorts = [self._sort(z3, v.sort, context) for v in self._arguments[cut.name]]
            self._predicates[cut.name] = z3.Function(f"inv!{cut.name}", *sorts, z3.BoolSort(ctx=context))
            solver.register_relation(self._predicates[cut.name])
        failure = z3.Function("failure!", z3.BoolSort(ctx=context))
        solver.register_relation(failure)
        declared: set[str] = set()
        for block in self._system.blocks:
            self._rule(z3, solver, block, failure, declared, context)
        try:
            answer = solver.query(failure())
            if answer == z3.sat:
                raise Reachable
            if answer == z3.unknown:
                return None
            return {cut.name: self._clauses(z3, solver, cut, context) for cut in self._system.loops}
        except z3.Z3Exception:
            return None

    def _sort(self, z3: Any, sort: str, context: Any) -> Any:
        text = f"(declare-fun x () {sort}) (assert (= x x))"
        return z3.parse_smt2_string(text, ctx=context)[0].arg(0).sort()

    def _rule(self, z3: Any, solver: Any, block: Block, failure: Any, declared: set[str], context: Any) -> None:
        kinds = {c.name: c.kind for c in self._system.cuts}
        if block.source != block.target and kinds[block.target] == "entry":
            return
        values = dict(block.updates)
        wanted = self._arguments.get(block.target, ())
        outputs = [var(_OUT + v.name, v.sort) for v in wanted]
        given = [values[v.name] for v in wanted]
        for number, call in enumerate(block.calls):
            related, returned = dict(call.values), self._arguments[call.summary]
            outputs += [var(f"{_CALL}{number}!{v.name}", v.sort) for v in returned]
            given += [related[v.name] for v in returned]
        body = [block.guard, *(make("=", (o, value), BOOL) for o, value in zip(outputs, given, strict=True))]
        inputs = self._arguments.get(block.source, ())
        # A tautology for each argument makes every variable known to the parser, used or not.
        ties = [make("=", (x, x), BOOL) for x in (*(var(v.name, v.sort) for v in inputs), *outputs)]
        first, *rest = z3.parse_smt2_string(asserted([conj(body), *ties]), ctx=context)
        symbols = [tie.arg(0) for tie in rest]
        place = len(inputs) + len(wanted)
        failing = kinds[block.target] == "error"
        head = failure() if failing else self._predicates[block.target](*symbols[len(inputs) : place])
        premises = [first]
        if self._system.cut(block.source).inductive:
            premises.append(self._predicates[block.source](*symbols[: len(inputs)]))
        for call in block.calls:
            size = len(self._arguments[call.summary])
            premises.append(self._predicates[call.summary](*symbols[place : place + size]))
            place += size
        for constant in _constants(z3, [first, *symbols]):
            key = f"{constant.decl().name()} {constant.sort()}"
            if key not in declared:
                declared.add(key)
                solver.declare_var(constant)
        solver.rule(head, z3.And(*premises))

    def _clauses(self, z3: Any, solver: Any, cut: Cut, context: Any) -> list[Term]:
        arguments = self._arguments[cut.name]
        answer = solver.get_cover_delta(-1, self._predicates[cut.name])
        # The engine's i-th free variable is the predicate's i-th argument.
        plain = [z3.Const(f"arg!{i}", self._sort(z3, v.sort, context)) for i, v in enumerate(arguments)]
        answer = z3.simplify(z3.substitute_vars(answer, *plain), arith_lhs=False)
        text = answer.sexpr()
        if len(text) > _LARGEST_ANSWER:
            return []
        sorts = {f"arg!{i}": v.sort for i, v in enumerate(arguments)}
        try:
            term = parse(text, sorts)
        except InputError:
            return []
        values = {var(f"arg!{i}", v.sort): var(v.name, v.sort) for i, v in enumerate(arguments)}
        return [c for c in conjuncts(substitute(term, values)) if c.op != "const"]


def _constants(z3: Any, roots: Sequence[Any]) -> list[Any]:
    found, seen = [], set()
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node.get_id() in seen:
            continue
        seen.add(node.get_id())
        if z3.is_quantifier(node):
            stack.append(node.body())
        elif z3.is_const(node) and node.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            found.append(node)
        else:
            stack.extend(node.children())
    return found
