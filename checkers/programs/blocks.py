"""Large-block encoding: from an automaton to a transition system cut at the loop heads."""

from __future__ import annotations

from dataclasses import dataclass

from checkers.programs.annotations import element_signed
from checkers.programs.flow import Assign, Assume, Edge, Havoc, Inexact
from checkers.programs.program import Program
from lemmata.errors import GraphError
from lemmata.logic import terms as t
from lemmata.logic.sorts import BOOL
from lemmata.logic.terms import Term
from lemmata.logic.transition import Block, Cut, Input, TransitionSystem, Variable


@dataclass(slots=True)
class _Path:
    """What is known at a node, relative to the cut that the block starts from."""

    guard: Term
    exact: Term
    values: dict[str, Term]


def encode_blocks(program: Program) -> tuple[TransitionSystem, dict[int, str]]:
    """Build the transition system of a program.

    Returns:
        The system, and the name of the cut at each node that is one.
    """
    order, names = find_cuts(program)
    live = _liveness(program, order, names)
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
        if mark and (mark.kind == "error" or (mark.kind == "loop" and node in back)):
            kind = "L" if mark.kind == "loop" else "E"
            names[node] = f"{kind}{sum(n[0] == kind for n in names.values()) + 1}"
    if not back <= names.keys():
        raise GraphError("a loop was not recognised", location=program.location, hint="please report this program")
    return order, names


def _place(program: Program, node: int) -> tuple[int, int]:
    mark = program.flow.marks.get(node)
    return (mark.location.line, mark.location.column) if mark else (0, 0)


def _reachable(program: Program) -> list[int]:
    """Return the nodes reachable from the entry in depth-first post-order, reversed."""
    seen = {0}
    order: list[int] = []
    stack = [(0, iter(program.flow.edges[0]))]
    while stack:
        node, edges = stack[-1]
        for edge in edges:
            if edge.target not in seen:
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
    return found


def _liveness(program: Program, order: list[int], names: dict[int, str]) -> dict[int, frozenset[str]]:
    """Compute for each node the variables whose value may still matter there (backward fixpoint)."""
    live: dict[int, frozenset[str]] = {n: frozenset() for n in order}
    for node in names:
        mark = program.flow.marks.get(node)
        if mark and mark.kind == "loop":
            visible = dict(mark.scope)
            words = {visible[w] for hint in mark.hints for w in _words(hint) if w in visible}
            live[node] = frozenset(words)
    changed = True
    while changed:
        changed = False
        for node in reversed(order):
            now = set(live[node])
            for edge in program.flow.edges[node]:
                now |= _before(edge, live[edge.target])
            if len(now) != len(live[node]):
                live[node] = frozenset(now)
                changed = True
    return live


def _words(text: str) -> set[str]:
    return set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())


def _before(edge: Edge, after: frozenset[str]) -> set[str]:
    match edge.command:
        case Assign(name, term):
            return set(after - {name}) | t.free(term).keys() if name in after else set(after)
        case Havoc(name):
            return set(after - {name})
        case Assume(term) | Inexact(term):
            return set(after) | t.free(term).keys()
    raise AssertionError(edge)


def _cut(program: Program, node: int, name: str, live: frozenset[str], sorts: dict[str, str]) -> Cut:
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
    return Cut(name, "loop", place.line, place.column, variables, facts, mark.hints)


def _is_signed(program: Program, name: str) -> bool:
    symbol = program.variables.get(name)
    return symbol is None or element_signed(symbol.type)


class _Encoder:
    def __init__(
        self, program: Program, names: dict[int, str], live: dict[int, frozenset[str]], sorts: dict[str, str]
    ) -> None:
        self.program = program
        self.names = names
        self.live = live
        self.sorts = sorts

    def blocks(self, start: int) -> list[Block]:
        """Encode all paths from a cut to the next cuts, each node once, in topological order."""
        order = self._region(start)
        inputs: dict[str, Input] = {}
        begin = {v: t.var(v, self.sorts[v]) for v in self.live[start] if v in self.sorts}
        if start == 0:
            begin = {}
        at: dict[int, list[_Path]] = {start: [_Path(t.TRUE, t.TRUE, begin)]}
        ends: dict[int, list[_Path]] = {}
        for node in order:
            path = self._merge(at.pop(node, []), node, inputs)
            if path is None:
                continue
            for edge in self.program.flow.edges[node]:
                after = self._follow(path, edge, inputs)
                if after.guard is not t.FALSE:
                    (ends if edge.target in self.names else at).setdefault(edge.target, []).append(after)
        found: list[Block] = []
        for target, paths in ends.items():
            path = self._merge(paths, target, inputs)
            assert path is not None
            keep = [v for v in sorted(self.live[target]) if v in self.sorts] if self._is_loop(target) else []
            updates = tuple((v, self._value(path, v, inputs)) for v in keep)
            used: set[str] = set()
            for term in (path.guard, path.exact, *(u for _, u in updates)):
                used |= t.free(term).keys()
            chosen = tuple(i for n, i in inputs.items() if n in used)
            found.append(Block(self.names[start], self.names[target], chosen, path.guard, updates, path.exact))
        return found

    def _is_loop(self, node: int) -> bool:
        return self.names[node].startswith("L")

    def _region(self, start: int) -> list[int]:
        order: list[int] = []
        seen = {start}
        stack = [(start, iter(self.program.flow.edges[start]))]
        while stack:
            node, edges = stack[-1]
            for edge in edges:
                if edge.target not in seen and edge.target not in self.names:
                    seen.add(edge.target)
                    stack.append((edge.target, iter(self.program.flow.edges[edge.target])))
                    break
            else:
                order.append(node)
                stack.pop()
        return order[::-1]

    def _merge(self, paths: list[_Path], node: int, inputs: dict[str, Input]) -> _Path | None:
        """Join the paths into a node; their guards exclude one another, since all choices are inputs."""
        if not paths:
            return None
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
        return _Path(_simplified(guard), exact, values)

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
                return _Path(path.guard, path.exact, {**path.values, name: self._rewrite(path, term, inputs)})
            case Havoc(name, sort, number, reason):
                fresh = f"{name}#{number}"
                inputs[fresh] = Input(fresh, sort, reason)
                return _Path(path.guard, path.exact, {**path.values, name: t.var(fresh, sort)})
            case Assume(term):
                return _Path(t.conj((path.guard, self._rewrite(path, term, inputs))), path.exact, path.values)
            case Inexact(term):
                real = t.neg(self._rewrite(path, term, inputs))
                return _Path(path.guard, t.conj((path.exact, real)), path.values)
        raise AssertionError(edge)


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
    states = {cut.name: {v.name for v in cut.variables} for cut in cuts if cut.kind == "loop"}
    common = set().union(*states.values())
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
