"""Which variables may still matter at a node: what a cut has to say something about."""

from __future__ import annotations

from collections.abc import Iterable

from checkers.programs.flow import Assign, Assume, Edge, Havoc, Inexact, Invoke
from checkers.programs.program import Program
from lemmata.logic import terms as t

Live = frozenset[str]


def liveness(program: Program, order: Iterable[int], cuts: Iterable[int]) -> dict[int, Live]:
    """Compute for each node the variables whose value may still matter there (backward fixpoint).

    Args:
        program: the program.
        order: its reachable nodes, best in topological order.
        cuts: the nodes that are cuts.
    """
    nodes = list(order)
    live: dict[int, Live] = {n: frozenset() for n in nodes}
    for node in cuts:
        mark = program.flow.marks.get(node)
        if mark and mark.kind == "loop":
            visible = dict(mark.scope)
            words = {visible[w] for hint in mark.hints for w in _words(hint) if w in visible}
            live[node] = frozenset(words)
    starts: dict[int, set[str]] = {}
    for function in program.functions.values():
        if function.exit in live:
            live[function.exit] = frozenset(function.summary)
            starts[function.start] = function.entry
    changed = True
    while changed:
        changed = False
        for node in reversed(nodes):
            now = set(live[node])
            for edge in program.flow.edges[node]:
                now |= _before(program, edge, live[edge.target])
            if node in starts:
                # Whatever else is read before it is set has any value there.
                now &= starts[node]
            if len(now) != len(live[node]):
                live[node] = frozenset(now)
                changed = True
    return live


def _words(text: str) -> set[str]:
    return set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())


def _before(program: Program, edge: Edge, after: Live) -> set[str]:
    match edge.command:
        case Assign(name, term):
            return set(after - {name}) | t.free(term).keys() if name in after else set(after)
        case Havoc(name):
            return set(after - {name})
        case Assume(term) | Inexact(term):
            return set(after) | t.free(term).keys()
        case Invoke(function, _, arguments, result):
            callee = program.functions[function]
            kept = after - callee.written - ({result[0]} if result else set())
            read = (t.free(term).keys() for _, term in arguments)
            return set(kept) | callee.touched | set().union(*read)
    raise AssertionError(edge)
