"""Transition systems with large blocks: what a program checker hands to invariant provers.

Control is cut at the entry, at every loop head and at every possible failure. A block is all the loop-free code
between two cuts, as one guard and one simultaneous update (large-block encoding, Beyer et al., FMCAD 2009).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lemmata.logic.terms import Term, make, post_order


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
    """`entry`, `loop` or `error`."""
    line: int
    column: int
    variables: tuple[Variable, ...] = ()
    """State at a loop head; empty for the entry and for errors."""
    facts: tuple[Term, ...] = ()
    """Clauses that hold by typing (an unsigned variable is not negative); proved like all others."""
    hints: tuple[str, ...] = ()
    """Invariants the programmer wrote here, ACSL text; proposals like all others."""
    message: str = ""
    """What an error means, for example `assertion may fail`."""


@dataclass(frozen=True, slots=True)
class Input:
    """A value chosen by the environment within one block."""

    name: str
    sort: str
    reason: str
    """`nondet`, `uninitialised`, `parameter`, or `wrap` for a result the semantics leaves open."""


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
    def loops(self) -> tuple[Cut, ...]:
        """The loop heads."""
        return tuple(c for c in self.cuts if c.kind == "loop")


def encode(system: TransitionSystem) -> dict[str, Any]:
    """Turn a system into JSON values, linear in the size of its term graph."""
    roots: list[Term] = []

    def ref(term: Term) -> int:
        roots.append(term)
        return len(roots) - 1

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
            "guard": ref(b.guard), "updates": [[n, ref(t)] for n, t in b.updates], "exact": ref(b.exact),
        }
        for b in system.blocks
    ]  # fmt: skip
    atoms = [[name, ref(term)] for name, term in system.atoms]
    return {"cuts": cuts, "blocks": blocks, "atoms": atoms, "terms": encode_terms(roots)}


def decode(data: Mapping[str, Any]) -> TransitionSystem:
    """Read what `encode` wrote; raise `ValueError` or `KeyError` on anything else."""
    terms = decode_terms(data["terms"])
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
            tuple((n, terms[t]) for n, t in b["updates"]), terms[b["exact"]],
        )
        for b in data["blocks"]
    )  # fmt: skip
    return TransitionSystem(cuts, blocks, tuple((n, terms[t]) for n, t in data["atoms"]))


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
