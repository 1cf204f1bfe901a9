"""What kind of goal a goal is: a handful of coarse features, by which the use of tactics is counted."""

from __future__ import annotations

from collections.abc import Mapping

from provers.symbolic.coq import trees
from provers.symbolic.coq.library import sides
from provers.symbolic.coq.templates import kinds
from provers.symbolic.coq.trees import Tree
from provers.symbolic.coq.views import View

_EQUALITIES = frozenset(("eq", "equiv", "Equal", "Qeq", "req", "JMeq"))
_ORDERS = frozenset("le lt ge gt Rle Rlt Rge Rgt Qle Qlt leb ltb cof_less leEq less".split())
_KINDS = {
    "and": "and",
    "prod": "and",
    "iff": "iff",
    "or": "or",
    "sumbool": "or",
    "sum": "or",
    "ex": "exists",
    "ex2": "exists",
    "sig": "exists",
    "sigT": "exists",
    "sig2": "exists",
    "not": "not",
    "False": "False",
    "True": "True",
    "Proper": "class",
    "match": "match",
    "let": "match",
    "if": "match",
}
_NUMBERS = {"nat": "nat", "Z": "Z", "N": "N", "positive": "positive", "R": "R", "Q": "Q"}
_DATA = frozenset((*_NUMBERS, "bool", "list", "option"))
_ARITHMETIC = frozenset(
    """
    S add sub mul opp pow div modulo quot rem succ pred max min plus mult minus Qplus Qmult Rplus Rminus Rmult Ropp Rinv
    Rdiv
    """.split()
)


def shapes(goal: View) -> tuple[str, ...]:
    """Return the features of a goal, always in the same order and one for each question asked about it."""
    whole = goal.statement
    conclusion = whole.conclusion
    given = kinds(goal)
    kind = _kind(conclusion, goal)
    binds = ("forall" if whole.variables else "") + ("implies" if whole.premises else "") or "none"
    symbols = {term for tree in (conclusion, *whole.premises) for term in map(trees.head, trees.subterms(tree))}
    found = {
        "goal": f"{binds}:{kind}",
        "kind": kind,
        "first": _first(goal),
        "sides": _sides(conclusion) if kind == "equation" else "none",
        "type": _type(goal, given, symbols),
        "match": "yes" if symbols & {"match", "if", "let"} else "no",
        "arithmetic": "yes" if any(trees.last(symbol) in _ARITHMETIC for symbol in symbols) else "no",
        "size": _bucket(sum(1 for _ in trees.subterms(conclusion)), (1, 3, 6, 12, 25)),
        "hypotheses": _bucket(len(given), (0, 2, 4, 7, 12)),
        "latest": _latest(goal, given),
        **_given(goal, given),
    }
    return tuple(f"{question}={answer}" for question, answer in found.items())


def _kind(tree: Tree, goal: View) -> str:
    """Return what sort of claim a term is."""
    head = trees.head(tree)
    name = trees.last(head)
    if name in _EQUALITIES:
        return "equation"
    if name in _KINDS:
        return _KINDS[name]
    if name in _ORDERS:
        return "order"
    if head in goal.local:
        return "variable"
    if isinstance(tree, tuple) and sides(tree):
        return "equation"
    if isinstance(tree, str):
        return "constant"
    return "relation" if len(tree) > 2 else "predicate"


def _first(goal: View) -> str:
    """Return what the first quantifier or premise is about."""
    whole = goal.statement
    if whole.types:
        head = trees.head(whole.types[0])
        return trees.last(head) if trees.last(head) in _DATA else "sort" if head in ("Type", "Set", "Prop") else "other"
    if whole.premises:
        return _kind(whole.premises[0], goal)
    return "none"


def _sides(tree: Tree) -> str:
    both = sides(tree)
    if both is None:
        return "none"
    left, right = both
    if left == right:
        return "same"
    if trees.head(left) == trees.head(right) and isinstance(left, tuple):
        return "same head"
    if isinstance(left, str) and isinstance(right, str):
        return "atoms"
    return "atom" if isinstance(left, str) or isinstance(right, str) else "different"


def _type(goal: View, given: Mapping[str, Tree], symbols: set[str]) -> str:
    """Return what kind of numbers or data the goal is about, as far as can be seen."""
    for kind in (*reversed(goal.statement.types), *reversed(list(given.values()))):
        name = trees.last(trees.head(kind))
        if name in _DATA:
            return name
    for symbol in symbols:
        module = symbol.split(".")[0]
        if module in ("Z", "N", "Nat", "Pos"):
            return {"Nat": "nat", "Pos": "positive"}.get(module, module)
    return "other"


def _latest(goal: View, given: Mapping[str, Tree]) -> str:
    """Return what the last hypothesis says."""
    if not given:
        return "none"
    name, kind = list(given.items())[-1]
    whole = goal.statements.get(name)
    if whole is not None and (whole.premises or whole.variables):
        return "induction" if name.startswith("IH") else "general"
    if isinstance(kind, str) and kind not in ("False", "True"):
        return "data"
    return _kind(kind, goal)


def _given(goal: View, given: Mapping[str, Tree]) -> dict[str, str]:
    """Return what there is among the hypotheses."""
    found = {_kind(kind, goal) for kind in given.values()}
    conclusion = goal.statement.conclusion
    ends = {trees.head(whole.conclusion) for whole in goal.statements.values()}
    return {
        "assumed": "yes" if conclusion in given.values() else "no",
        "fitting": "yes" if trees.head(conclusion) in ends else "no",
        "equations": "yes" if "equation" in found else "no",
        "cases": "yes" if found & {"and", "or", "exists"} else "no",
        "absurd": "yes" if found & {"False"} or "False" in ends else "not" if "not" in found else "no",
        "induction": "yes" if any(name.startswith("IH") for name in given) else "no",
    }


def _bucket(size: int, bounds: tuple[int, ...]) -> str:
    return next((f"<={bound}" for bound in bounds if size <= bound), "more")
