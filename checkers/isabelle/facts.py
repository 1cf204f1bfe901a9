"""What stands above a goal in its theory, for provers: names only, told from the text."""

from __future__ import annotations

import itertools
from typing import Any

from checkers.isabelle import commands
from checkers.isabelle.commands import Command
from checkers.isabelle.keywords import THEOREMS
from checkers.isabelle.scan import Hole, is_open, of_theory
from checkers.isabelle.tokens import Kind

_FUNCTIONS = frozenset({"fun", "function", "primrec", "primcorec", "nominal_function"})
_DATATYPES = frozenset({"datatype", "codatatype"})
_PREDICATES = frozenset({"inductive", "inductive_set", "coinductive"})


def survey(source: str, hole: Hole, file: str) -> dict[str, Any]:
    """Return the names of what the theory defines and proves above a goal, by kind; JSON values only."""
    theory = commands.read(source, file)
    every = of_theory(theory)
    unproved = {one.command for one in every if is_open(one)}
    found: dict[str, list[str]] = {
        key: [] for key in ("definitions", "functions", "datatypes", "predicates", "lemmas", "imports")
    }
    found["imports"] = [token.content for token in theory.header.imports]
    for command in itertools.takewhile(lambda c: c.start < hole.command, theory.commands):
        name = _name(command)
        if not name:
            continue
        if command.head == "definition":
            found["definitions"].append(name)
        elif command.head in _FUNCTIONS:
            found["functions"].append(name)
        elif command.head in _DATATYPES:
            found["datatypes"].append(name)
        elif command.head in _PREDICATES:
            found["predicates"].append(name)
    named = {one.command: one.theorem.rpartition(".")[2] for one in every if one.goal and one.theorem}
    above = (c for c in theory.commands if c.head in THEOREMS and c.start < hole.command)
    found["lemmas"] = [named[c.start] for c in above if c.start in named and c.start not in unproved]
    return dict(found)


def _name(command: Command) -> str:
    """Return the name that a definition gives."""
    depth = 0
    for position, token in enumerate(command.arguments):
        if token.text in ("(", "["):
            depth += 1
        elif token.text in (")", "]"):
            depth -= 1
        elif not depth and token.kind is Kind.WORD and not token.text.startswith("'"):
            return token.text
        elif not depth and token.kind is Kind.STRING and position == 0:
            return ""
    return ""
