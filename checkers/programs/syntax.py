"""Questions about C syntax trees that need no translation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pycparser import c_ast

from checkers.programs.source import walk


def written(tree: Any) -> tuple[bool, set[str]]:
    """Return whether any array element is written, and the names of the variables that are."""
    arrays, names = False, set()
    for node in walk(tree):
        target = None
        if isinstance(node, c_ast.Assignment):
            target = node.lvalue
        elif isinstance(node, c_ast.UnaryOp) and node.op in ("++", "--", "p++", "p--"):
            target = node.expr
        if isinstance(target, c_ast.ArrayRef):
            arrays = True
        elif isinstance(target, c_ast.ID):
            names.add(target.name)
    return arrays, names


def mentioned(tree: Any) -> set[str]:
    """Return every name that is used."""
    return {node.name for node in walk(tree) if isinstance(node, c_ast.ID)}


def called(tree: Any) -> set[str]:
    """Return the names of the functions that are called."""
    calls = (n for n in walk(tree) if isinstance(n, c_ast.FuncCall) and isinstance(n.name, c_ast.ID))
    return {n.name.name for n in calls}


def reach(start: str, called: Mapping[str, set[str]]) -> set[str]:
    """Return the functions that calling one may call, itself only where it can be called again."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for name in called.get(waiting.pop(), ()):
            if name in called and name not in reached:
                reached.add(name)
                waiting.append(name)
    return reached


def is_prototype(node: Any) -> bool:
    """Say whether this declares a function without its body."""
    return isinstance(node, c_ast.Decl) and isinstance(node.type, c_ast.FuncDecl)


def is_restrict(parameter: Any) -> bool:
    """Say whether a pointer parameter is declared `restrict`."""
    return "restrict" in (getattr(parameter.type, "quals", None) or []) or "restrict" in (
        getattr(parameter.type, "dim_quals", None) or []
    )
