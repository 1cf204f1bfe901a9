"""The paths through a block of code: its conditionals decided one way or the other, as people split a condition.

A block is one guard and one simultaneous update with conditionals in them. Deciding the comparisons on which these
depend gives one simple case for each path, which decision procedures take far better than nested conditionals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lemmata.logic import terms as t
from lemmata.logic.sorts import BOOL
from lemmata.logic.terms import Term, post_order, rebuild

_MOST = 600
"""More paths than these are not written out."""
_CONNECTIVES = frozenset({"and", "or", "not", "ite", "forall", "const"})


@dataclass(frozen=True, slots=True)
class Path:
    """One case."""

    assumed: tuple[Term, ...]
    """Comparisons that decide the conditionals, some of them negated."""
    terms: tuple[Term, ...]
    """What the terms are in this case."""


def paths(terms: Sequence[Term], *, guarded: bool) -> list[Path]:
    """Split terms into cases without conditionals.

    Args:
        terms: of any sorts.
        guarded: the first is a guard: cases in which it is false are left out.

    Returns:
        Cases that together cover everything. Conditionals are left in where quantified variables decide them; where
        there would be too many cases, there is one, with everything in it.
    """
    found: list[Path] = []
    left = [Path((), tuple(terms))]
    while left:
        path = left.pop()
        if guarded and path.terms[0] is t.FALSE:
            continue
        decision = _decision(path.terms)
        if decision is None:
            found.append(path)
        else:
            for value, literal in ((t.FALSE, t.neg(decision)), (t.TRUE, decision)):
                left.append(Path((*path.assumed, literal), _replace(path.terms, {decision: value})))
        if len(found) + len(left) > _MOST:
            return [Path((), tuple(terms))]
    return found


def _decision(terms: Sequence[Term]) -> Term | None:
    """Return a comparison that some conditional depends on, None where there is no conditional."""
    bound = {str(n.value).split("\0", maxsplit=1)[0] for n in post_order(terms) if n.op == "forall"}
    # Outer conditionals first: what they rule out need not be decided.
    for node in reversed(list(post_order(terms))):
        if node.op != "ite" or node.sort == BOOL:
            continue
        for part in post_order((node.args[0],)):
            if _comparison(part) and not bound & t.free(part).keys():
                return part
    return None


def _comparison(term: Term) -> bool:
    if term.sort != BOOL or term.op in _CONNECTIVES:
        return False
    return not any(node.op == "ite" for node in post_order((term,)))


def _replace(terms: Sequence[Term], values: Mapping[Term, Term]) -> tuple[Term, ...]:
    done: dict[Term, Term] = {}
    for node in post_order(terms):
        done[node] = values[node] if node in values else rebuild(node, tuple(done[a] for a in node.args))
    return tuple(done[term] for term in terms)
