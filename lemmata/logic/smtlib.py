"""Printing terms as SMT-LIB 2.6 text, linear in the size of the term graph."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lemmata.logic.sorts import BOOL, INT, width
from lemmata.logic.terms import Term, free, post_order

_SIMPLE = re.compile(r"[A-Za-z_~!@$%^&*+=<>.?/-][0-9A-Za-z_~!@$%^&*+=<>.?/-]*\Z")
RESERVED = frozenset({
    "let", "forall", "exists", "par", "as", "_", "!", "assert", "true", "false", "and", "or", "not", "ite", "div",
    "mod", "abs", "select", "store", "distinct", "xor", "Int", "Bool", "Array", "BitVec", "Real", "const",
})  # fmt: skip


def symbol(name: str) -> str:
    """Quote a name where SMT-LIB asks for it."""
    return name if _SIMPLE.match(name) and name not in RESERVED and not name.startswith("bv") else f"|{name}|"


def literal(value: int | bool, sort: str) -> str:
    """Write a literal of a sort."""
    if sort == BOOL:
        return "true" if value else "false"
    if sort == INT:
        return str(value) if value >= 0 else f"(- {-value})"
    return f"(_ bv{value} {width(sort)})"


def _node(term: Term, args: Sequence[str]) -> str:
    match term.op:
        case "var":
            return symbol(str(term.value))
        case "const":
            return literal(term.value, term.sort)  # type: ignore[arg-type]
        case "const-array":
            return f"((as const {term.sort}) {args[0]})"
        case "sign_extend" | "zero_extend":
            return f"((_ {term.op} {term.value}) {args[0]})"
        case "extract":
            return f"((_ extract {term.value} 0) {args[0]})"
        case "forall":
            name, sort = str(term.value).split("\0", 1)
            return f"(forall (({symbol(name)} {sort})) {args[0]})"
        case op:
            return f"({op} {' '.join(args)})"


def inline(term: Term) -> str:
    """Write a term as one expression; shared parts are written as often as they occur."""
    text: dict[Term, str] = {}
    for node in post_order((term,)):
        text[node] = _node(node, [text[a] for a in node.args])
    return text[term]


def script(assertions: Iterable[Term], prefix: str = "d!") -> tuple[list[str], list[str]]:
    """Write assertions so that every shared part is written once.

    Args:
        assertions: Boolean terms.
        prefix: start of the names given to shared parts; lengthened until no name in the terms begins with it.

    Returns:
        Command lines that declare the free variables and define the shared parts, and one expression for
        each assertion.
    """
    roots = list(assertions)
    order = list(post_order(roots))
    uses: dict[Term, int] = {}
    for node in order:
        for a in node.args:
            uses[a] = uses.get(a, 0) + 1
    bound = {str(n.value).split("\0", maxsplit=1)[0] for n in order if n.op == "forall"}
    open_nodes = {n for n in order if bound and bound & free(n).keys()}
    names = {str(n.value) for n in order if n.op == "var"} | bound
    while any(name.startswith(prefix) for name in names):
        prefix += "!"
    declared = {str(n.value): n.sort for n in order if n.op == "var" and str(n.value) not in bound}
    lines = [f"(declare-fun {symbol(n)} () {s})" for n, s in sorted(declared.items())]
    text: dict[Term, str] = {}
    for node in order:
        expression = _node(node, [text[a] for a in node.args])
        # A part that mentions a bound variable cannot be defined outside of its quantifier.
        if uses.get(node, 0) > 1 and node.args and node not in open_nodes and len(expression) > 12:
            name = f"{prefix}{len(lines)}"
            lines.append(f"(define-fun {name} () {node.sort} {expression})")
            expression = name
        text[node] = expression
    return lines, [text[r] for r in roots]


def asserted(assertions: Iterable[Term]) -> str:
    """Write declarations, shared parts and one command for each assertion; Z3's parser takes this as it is."""
    lines, expressions = script(assertions)
    return "\n".join([*lines, *(f"(assert {e})" for e in expressions)])


def query(assertions: Iterable[Term], comment: str = "", logic: str = "ALL") -> str:
    """Write a complete SMT-LIB file that asks whether the assertions are satisfiable together."""
    head = [f"; {line}" for line in comment.splitlines()]
    return "\n".join([*head, f"(set-logic {logic})", *filter(None, [asserted(assertions)]), "(check-sat)", ""])
