"""Transition systems with large blocks: what a program checker hands to invariant provers.

Control is cut at the entry, at every loop head and at every possible failure. A block is all the loop-free code
between two cuts, as one guard and one simultaneous update (large-block encoding, Beyer et al., FMCAD 2009).

A recursive function adds two cuts: its start, where every call of it leads, and its return, whose state relates the
values before a call to those after it. What is known at the return is the function's summary; a block that calls the
function may use it (Reps, Horwitz, Sagiv: Precise interprocedural dataflow analysis, POPL 1995).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lemmata.logic.sorts import BOOL, INT, is_array
from lemmata.logic.terms import Term, make, multiplies, post_order, substitute, var


@dataclass(frozen=True, slots=True)
class Variable:
    """A program variable that is alive at a cut."""

    name: str
    """Unique name, used in terms."""
    sort: str
    text: str
    """The name as the programmer wrote it, for display and for clauses in C notation."""
    signed: bool = True


@dataclass(frozen=True, slots=True)
class Cut:
    """A place where control is cut."""

    name: str
    kind: str
    """`entry`, `loop`, `start` or `return` (of a recursive function), or `error`."""
    line: int
    column: int
    variables: tuple[Variable, ...] = ()
    """State at a loop head, start or return; empty for the entry and for errors."""
    facts: tuple[Term, ...] = ()
    """Clauses that hold by typing (an unsigned variable is not negative); proved like all others."""
    hints: tuple[str, ...] = ()
    """Invariants the programmer wrote here, ACSL text; proposals like all others."""
    message: str = ""
    """What an error means, for example `assertion may fail`; the function's name at a start or return."""

    @property
    def inductive(self) -> bool:
        """Whether clauses are proved here: at a loop head, or at the start or return of a recursive function."""
        return self.kind in ("loop", "start", "return")


@dataclass(frozen=True, slots=True)
class Input:
    """A value chosen by the environment within one block."""

    name: str
    sort: str
    reason: str
    """`nondet`, `uninitialised`, `parameter`, or `call` for what a called function leaves behind."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a recursive function that happens, and is over, on every way through a block."""

    start: str
    """The cut at which the function starts."""
    guard: Term
    """True where control comes to the call, given the earlier calls' results; the block's guard implies it."""
    arguments: tuple[tuple[str, Term], ...]
    """The state at the start, over the block's source's variables and the inputs."""
    summary: str
    """The cut at which the function returns."""
    values: tuple[tuple[str, Term], ...]
    """The state at the return: what the function was called with, and inputs for what it leaves behind."""


@dataclass(frozen=True, slots=True)
class Block:
    """All paths from one cut to the next, without passing another."""

    source: str
    target: str
    inputs: tuple[Input, ...]
    guard: Term
    """True where control goes this way; over the source's variables and the inputs."""
    updates: tuple[tuple[str, Term], ...]
    """For each variable of the target its value, over the source's variables and the inputs."""
    exact: Term
    """True where no over-approximated result was used, so that a run through here is a real one."""
    calls: tuple[Call, ...] = ()
    """What is called on the way, in order; what is known at their returns may be assumed."""


@dataclass(frozen=True, slots=True)
class TransitionSystem:
    """A program as cuts and blocks; safe when no error cut can be reached from the entry."""

    cuts: tuple[Cut, ...]
    blocks: tuple[Block, ...]
    atoms: tuple[tuple[str, Term], ...] = ()
    """Comparisons of the program text that make sense at a loop head, as (cut name, Boolean term)."""

    def cut(self, name: str) -> Cut:
        """Return a cut by name."""
        return next(c for c in self.cuts if c.name == name)

    @property
    def terms(self) -> list[Term]:
        """All that the blocks compute: their guards and the values that they give."""
        return [term for b in self.blocks for term in (b.guard, *(value for _, value in b.updates))]

    @property
    def has_arrays(self) -> bool:
        """Whether there is an array among the variables of a loop."""
        return any(is_array(v.sort) for cut in self.loops for v in cut.variables)

    @property
    def linear(self) -> bool:
        """Whether everything is a mathematical integer or a truth value, and no two variables are multiplied."""
        terms = self.terms
        return not multiplies(terms) and all(n.sort in (INT, BOOL) for n in post_order(terms))

    @property
    def loops(self) -> tuple[Cut, ...]:
        """The cuts that carry clauses: loop heads, and the starts and returns of recursive functions."""
        return tuple(c for c in self.cuts if c.inductive)

    @property
    def recursive(self) -> bool:
        """Whether any block calls a recursive function."""
        return any(b.calls for b in self.blocks)

    def assumed(self, block: Block, invariants: Mapping[str, Sequence[Term]]) -> list[Term]:
        """Return what invariants, by cut, say within a block: of its source, and of the calls on its way."""
        found = list(invariants.get(block.source, ()))
        for call in block.calls:
            found += [self.premise(call, clause) for clause in invariants.get(call.summary, ())]
        return found

    def premise(self, call: Call, clause: Term) -> Term:
        """Return what a clause at a call's return says of the call."""
        values = dict(call.values)
        return substitute(clause, {var(v.name, v.sort): values[v.name] for v in self.cut(call.summary).variables})


def encode(system: TransitionSystem) -> dict[str, Any]:
    """Turn a system into JSON values, linear in the size of its term graph."""
    roots: list[Term] = []

    def ref(term: Term) -> int:
        roots.append(term)
        return len(roots) - 1

    def pairs(values: Sequence[tuple[str, Term]]) -> list[list[Any]]:
        return [[name, ref(term)] for name, term in values]

    cuts = [
        {
            "name": c.name, "kind": c.kind, "line": c.line, "column": c.column, "message": c.message,
            "hints": list(c.hints), "facts": [ref(f) for f in c.facts],
            "variables": [[v.name, v.sort, v.text, v.signed] for v in c.variables],
        }
        for c in system.cuts
    ]  # fmt: skip
    blocks = [
        {
            "source": b.source, "target": b.target, "inputs": [[i.name, i.sort, i.reason] for i in b.inputs],
            "guard": ref(b.guard), "updates": pairs(b.updates), "exact": ref(b.exact),
            "calls": [
                [c.start, ref(c.guard), pairs(c.arguments), c.summary, pairs(c.values)] for c in b.calls
            ],
        }
        for b in system.blocks
    ]  # fmt: skip
    atoms = [[name, ref(term)] for name, term in system.atoms]
    return {"cuts": cuts, "blocks": blocks, "atoms": atoms, "terms": encode_terms(roots)}


def decode(data: Mapping[str, Any]) -> TransitionSystem:
    """Read what `encode` wrote; raise `ValueError` or `KeyError` on anything else."""
    terms = decode_terms(data["terms"])

    def pairs(values: Sequence[Sequence[Any]]) -> tuple[tuple[str, Term], ...]:
        return tuple((name, terms[number]) for name, number in values)

    cuts = tuple(
        Cut(
            name=c["name"], kind=c["kind"], line=c["line"], column=c["column"], message=c["message"],
            hints=tuple(c["hints"]), facts=tuple(terms[f] for f in c["facts"]),
            variables=tuple(Variable(*v) for v in c["variables"]),
        )
        for c in data["cuts"]
    )  # fmt: skip
    blocks = tuple(
        Block(
            b["source"], b["target"], tuple(Input(*i) for i in b["inputs"]), terms[b["guard"]],
            pairs(b["updates"]), terms[b["exact"]],
            tuple(Call(start, terms[guard], pairs(a), summary, pairs(v)) for start, guard, a, summary, v in b["calls"]),
        )
        for b in data["blocks"]
    )  # fmt: skip
    return TransitionSystem(cuts, blocks, pairs(data["atoms"]))


def encode_terms(roots: Sequence[Term]) -> dict[str, Any]:
    """Turn terms into a table of nodes, arguments before uses."""
    number: dict[Term, int] = {}
    nodes: list[list[Any]] = []
    for node in post_order(roots):
        number[node] = len(nodes)
        nodes.append([node.op, [number[a] for a in node.args], node.sort, node.value])
    return {"nodes": nodes, "roots": [number[r] for r in roots]}


def decode_terms(data: Mapping[str, Any]) -> list[Term]:
    """Read a table of nodes back into terms."""
    terms: list[Term] = []
    for op, args, sort, value in data["nodes"]:
        terms.append(make(op, tuple(terms[a] for a in args), sort, value))
    return [terms[r] for r in data["roots"]]
