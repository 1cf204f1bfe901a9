"""Large-block encoding: from an automaton to a transition system cut at the loop heads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from checkers.programs.annotations import element_signed
from checkers.programs.flow import Assign, Assume, Edge, Havoc, Inexact, Invoke
from checkers.programs.liveness import Live, liveness
from checkers.programs.program import Program
from lemmata.errors import GraphError, UnsupportedError
from lemmata.logic import terms as t
from lemmata.logic.sorts import BOOL
from lemmata.logic.terms import Term
from lemmata.logic.transition import Block, Call, Cut, Input, TransitionSystem, Variable

_MOST_WAYS = 64
"""Paths that call different functions stay apart; with more of them than these at one place, a program is refused."""
_LETTERS = {"loop": "L", "start": "F", "return": "R", "error": "E"}


@dataclass(slots=True)
class _Path:
    """What is known at a node, relative to the cut that the block starts from."""

    guard: Term
    exact: Term
    values: dict[str, Term]
    calls: tuple[Call, ...] = ()
    sites: tuple[int, ...] = ()
    """Where these calls are made."""


def encode_blocks(program: Program) -> tuple[TransitionSystem, dict[int, str]]:
    """Build the transition system of a program.

    Returns:
        The system, and the name of the cut at each node that is one.

    Raises:
        UnsupportedError: too many paths differ in what they call.
    """
    order, names = find_cuts(program)
    live = liveness(program, order, names)
    sorts = _sorts(program)
    cuts: list[Cut] = []
    for node, name in names.items():
        cuts.append(_cut(program, node, name, live[node], sorts))
    encoder = _Encoder(program, names, live, sorts)
    blocks = [b for node, name in names.items() if not name.startswith("E") for b in encoder.blocks(node)]
    return TransitionSystem(tuple(cuts), tuple(blocks), _atoms(cuts, blocks)), names


def find_cuts(program: Program) -> tuple[list[int], dict[int, str]]:
    """Return the reachable nodes in topological order but for loops, and the name of the cut at each node that is one.

    Raises:
        GraphError: a loop has no head that the translation marked, which would be a bug in it.
    """
    flow = program.flow
    order = _reachable(program)
    reachable = set(order)
    back = _loop_heads(program, order)
    names: dict[int, str] = {0: "entry"}
    for node in sorted(reachable, key=lambda n: (_place(program, n), n)):
        mark = flow.marks.get(node)
        if mark and (mark.kind != "loop" or node in back):
            letter = _LETTERS[mark.kind]
            names[node] = f"{letter}{sum(n[0] == letter for n in names.values()) + 1}"
    if not back <= names.keys():
        raise GraphError("a loop was not recognised", location=program.location, hint="please report this program")
    return order, names


def _place(program: Program, node: int) -> tuple[int, int]:
    mark = program.flow.marks.get(node)
    return (mark.location.line, mark.location.column) if mark else (0, 0)


def _reachable(program: Program) -> list[int]:
    """Return the nodes reachable from the entry in depth-first post-order, reversed; then those of called functions."""
    found = _depth_first(program, 0, set())
    done: set[str] = set()
    position = 0
    while position < len(found):
        for edge in program.flow.edges[found[position]]:
            if isinstance(edge.command, Invoke) and edge.command.function not in done:
                done.add(edge.command.function)
                function = program.functions[edge.command.function]
                found += _depth_first(program, function.start, set())
                if function.exit not in found:
                    # It never returns, which is something to be known there.
                    found.append(function.exit)
        position += 1
    return found


def _depth_first(program: Program, start: int, ends: Collection[int]) -> list[int]:
    """Return the nodes reachable from one without passing others, which are left out, in reversed post-order."""
    seen = {start}
    order: list[int] = []
    stack = [(start, iter(program.flow.edges[start]))]
    while stack:
        node, edges = stack[-1]
        for edge in edges:
            if edge.target not in seen and edge.target not in ends:
                seen.add(edge.target)
                stack.append((edge.target, iter(program.flow.edges[edge.target])))
                break
        else:
            order.append(node)
            stack.pop()
    return order[::-1]


def _loop_heads(program: Program, order: list[int]) -> set[int]:
    """Return the targets of edges that go back in the order; the automaton is reducible, so these are the heads."""
    rank = {node: i for i, node in enumerate(order)}
    return {e.target for n in order for e in program.flow.edges[n] if rank[e.target] <= rank[n]}


def _sorts(program: Program) -> dict[str, str]:
    found: dict[str, str] = {}
    for edges in program.flow.edges.values():
        for edge in edges:
            match edge.command:
                case Assign(name, term):
                    found[name] = term.sort
                    found.update(t.free(term))
                case Havoc(name, sort):
                    found[name] = sort
                case Assume(term) | Inexact(term):
                    found.update(t.free(term))
                case Invoke(_, _, arguments, result):
                    found.update((name, term.sort) for name, term in arguments)
                    found.update(dict([result]) if result else {})
                    for _, term in arguments:
                        found.update(t.free(term))
    return found


def _cut(program: Program, node: int, name: str, live: Live, sorts: dict[str, str]) -> Cut:
    mark = program.flow.marks.get(node)
    if mark is None:
        return Cut(name, "entry", program.location.line, program.location.column)
    place = mark.location
    if mark.kind == "error":
        return Cut(name, "error", place.line, place.column, message=mark.message)
    variables = tuple(
        Variable(v, sorts[v], program.texts.get(v, v), _is_signed(program, v)) for v in sorted(live) if v in sorts
    )
    facts = tuple(f for v in variables if (f := program.facts.get(v.name, t.TRUE)) is not t.TRUE)
    return Cut(name, mark.kind, place.line, place.column, variables, facts, mark.hints, mark.message)


def _is_signed(program: Program, name: str) -> bool:
    symbol = program.variables.get(name)
    return symbol is None or element_signed(symbol.type)


class _Encoder:
    def __init__(self, program: Program, names: dict[int, str], live: dict[int, Live], sorts: dict[str, str]) -> None:
        self.program = program
        self.names = names
        self.live = live
        self.sorts = sorts

    def blocks(self, start: int) -> list[Block]:
        """Encode all paths from a cut to the next cuts, each node once, in topological order."""
        order = _depth_first(self.program, start, self.names)
        inputs: dict[str, Input] = {}
        begin = {v: t.var(v, self.sorts[v]) for v in self.live[start] if v in self.sorts}
        if start == 0:
            begin = {}
        at: dict[int, list[_Path]] = {start: [_Path(t.TRUE, t.TRUE, begin)]}
        ends: dict[int, list[_Path]] = {}
        for node in order:
            for path in self._merged(at.pop(node, []), node, inputs):
                for edge in self.program.flow.edges[node]:
                    if isinstance(edge.command, Invoke):
                        entered = self._enter(path, edge.command, inputs)
                        ends.setdefault(self.program.functions[edge.command.function].start, []).append(entered)
                    after = self._follow(path, edge, inputs)
                    if after.guard is not t.FALSE:
                        (ends if edge.target in self.names else at).setdefault(edge.target, []).append(after)
        return [
            self._block(start, target, path, inputs)
            for target, paths in ends.items()
            for path in self._merged(paths, target, inputs)
        ]

    def _block(self, start: int, target: int, path: _Path, inputs: dict[str, Input]) -> Block:
        error = self.program.flow.marks[target].kind == "error"
        keep = [] if error else [v for v in sorted(self.live[target]) if v in self.sorts]
        updates = tuple((v, self._value(path, v, inputs)) for v in keep)
        terms = [path.guard, path.exact, *(u for _, u in updates)]
        for call in path.calls:
            terms += [call.guard, *(u for _, u in (*call.arguments, *call.values))]
        used: set[str] = set()
        for term in terms:
            used |= t.free(term).keys()
        chosen = tuple(i for n, i in inputs.items() if n in used)
        return Block(self.names[start], self.names[target], chosen, path.guard, updates, path.exact, path.calls)

    def _merged(self, paths: list[_Path], node: int, inputs: dict[str, Input]) -> list[_Path]:
        """Join the paths into a node that make the same calls."""
        groups: dict[tuple[int, ...], list[_Path]] = {}
        for path in paths:
            groups.setdefault(path.sites, []).append(path)
        if len(groups) > _MOST_WAYS:
            raise UnsupportedError(
                "a program with so many different sequences of calls of recursive functions is not supported",
                location=self.program.location,
                hint="verify smaller functions",
            )
        return [self._merge(group, node, inputs) for group in groups.values()]

    def _merge(self, paths: list[_Path], node: int, inputs: dict[str, Input]) -> _Path:
        """Join some paths into a node; their guards exclude one another, since all choices are inputs."""
        first, *rest = paths
        known = {v for p in paths for v in p.values if v in self.live[node]}
        values = {v: self._value(first, v, inputs) for v in sorted(known)}
        guard, exact = first.guard, first.exact
        for other in rest:
            for v, mine in values.items():
                theirs = self._value(other, v, inputs)
                values[v] = mine if mine is theirs else t.ite(other.guard, theirs, mine)
            exact = exact if exact is other.exact else t.ite(other.guard, other.exact, exact)
            guard = t.disj((guard, other.guard))
        return _Path(_simplified(guard), exact, values, first.calls, first.sites)

    def _value(self, path: _Path, name: str, inputs: dict[str, Input]) -> Term:
        """Return a variable's value; one that was never set holds anything."""
        if name not in path.values:
            fresh = f"{name}?"
            inputs[fresh] = Input(fresh, self.sorts[name], "uninitialised")
            path.values[name] = t.var(fresh, self.sorts[name])
        return path.values[name]

    def _rewrite(self, path: _Path, term: Term, inputs: dict[str, Input]) -> Term:
        names = t.free(term)
        return t.substitute(term, {t.var(n, s): self._value(path, n, inputs) for n, s in names.items()})

    def _follow(self, path: _Path, edge: Edge, inputs: dict[str, Input]) -> _Path:
        match edge.command:
            case Assign(name, term):
                return replace(path, values={**path.values, name: self._rewrite(path, term, inputs)})
            case Havoc(name, sort, number, reason):
                fresh = self._fresh(f"{name}#{number}", sort, reason, inputs)
                return replace(path, values={**path.values, name: fresh})
            case Assume(term):
                return replace(path, guard=t.conj((path.guard, self._rewrite(path, term, inputs))))
            case Inexact(term):
                return replace(path, exact=t.conj((path.exact, t.neg(self._rewrite(path, term, inputs)))))
            case Invoke():
                return self._return(path, edge.command, inputs)
        raise AssertionError(edge)

    def _fresh(self, name: str, sort: str, reason: str, inputs: dict[str, Input]) -> Term:
        inputs[name] = Input(name, sort, reason)
        return t.var(name, sort)

    def _enter(self, path: _Path, command: Invoke, inputs: dict[str, Input]) -> _Path:
        """Go to the start of a function, with the arguments of a call."""
        arguments = {name: self._rewrite(path, term, inputs) for name, term in command.arguments}
        return replace(path, values={**path.values, **arguments})

    def _return(self, path: _Path, command: Invoke, inputs: dict[str, Input]) -> _Path:
        """Go on after a call: what the function leaves behind is an input, of which its summary may be assumed."""
        callee = self.program.functions[command.function]
        entered = self._enter(path, command, inputs)
        arguments = tuple((n, self._value(entered, n, inputs)) for n in sorted(callee.entry))
        state = {n: term for n, term in arguments if n in command.parameters}
        state |= {old: self._value(path, n, inputs) for n, old in callee.before.items()}
        left = {n: self._fresh(f"{n}#c{command.site}", self.sorts[n], "call", inputs) for n in sorted(callee.written)}
        state |= left
        if command.result is not None and callee.result is not None:
            name, sort = command.result
            left[name] = state[callee.result.name] = self._fresh(f"{name}#c{command.site}", sort, "call", inputs)
        start, end = self.names[callee.start], self.names[callee.exit]
        call = Call(start, path.guard, arguments, end, tuple(sorted(state.items())))
        after = replace(path, values={**path.values, **left})
        return replace(after, calls=(*path.calls, call), sites=(*path.sites, command.site))


def _simplified(guard: Term) -> Term:
    """Undo the split of a branch: (a and c) or (a and not c) is a."""
    if guard.op != "or" or len(guard.args) != 2:
        return guard
    left, right = ([*g.args] if g.op == "and" else [g] for g in guard.args)
    common = [x for x in left if x in right]
    mine, theirs = ([x for x in side if x not in common] for side in (left, right))
    rest = t.disj((t.conj(mine), t.conj(theirs)))
    return t.conj((*common, rest)) if common else guard


def _atoms(cuts: list[Cut], blocks: list[Block]) -> tuple[tuple[str, Term], ...]:
    """Collect the comparisons in the program that speak only of the state at a loop head."""
    roots = [term for block in blocks for term in (block.guard, *(u for _, u in block.updates))]
    states = {cut.name: {v.name for v in cut.variables} for cut in cuts if cut.inductive}
    common: set[str] = set().union(*states.values())
    known: dict[Term, frozenset[str] | None] = {}
    found: dict[tuple[str, Term], None] = {}
    for term in t.post_order(roots):
        names = known[term] = _state_names(term, known, common)
        if names and term.sort == BOOL and term.op in _COMPARISONS:
            for name, state in states.items():
                if names <= state:
                    found[name, term] = None
    return tuple(found)


_COMPARISONS = frozenset({"<", "<=", "=", "bvult", "bvule", "bvslt", "bvsle"})


def _state_names(term: Term, known: dict[Term, frozenset[str] | None], state: set[str]) -> frozenset[str] | None:
    """Return a term's variables, None where one of them is not part of any loop's state."""
    if term.op == "var":
        return frozenset({str(term.value)}) if term.value in state else None
    found: frozenset[str] = frozenset()
    for arg in term.args:
        names = known[arg]
        if names is None:
            return None
        found = found if names <= found else found | names
    return found
