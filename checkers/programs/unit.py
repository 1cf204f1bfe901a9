"""What every child process of this checker does first: read the obligation again, from its text alone."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checkers.programs.blocks import encode_blocks
from checkers.programs.program import Program, Unit
from lemmata.logic.transition import TransitionSystem

# pycparser and the translation recurse on the syntax tree; Python's frames live on the heap.
_RECURSION = 20_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """A program with its transition system."""

    unit: Unit
    program: Program
    system: TransitionSystem
    cuts: Mapping[int, str]
    visible: Mapping[str, Mapping[str, str]]
    """For each loop, start and return the program names visible there, with the variables they stand for."""


def read_unit(params: Mapping[str, Any]) -> Unit:
    """Parse the file of a request: `text`, `file` and `int_width` (empty for mathematical integers)."""
    sys.setrecursionlimit(_RECURSION)
    width = params.get("int_width") or None
    return Unit(params["text"], params["file"], int(width) if width else None)


def load(params: Mapping[str, Any]) -> Loaded:
    """Translate the function `name` of a request's file."""
    unit = read_unit(params)
    return encoded(unit, unit.program(params["name"]))


def encoded(unit: Unit, program: Program) -> Loaded:
    """Return a program of a unit with its transition system."""
    system, cuts = encode_blocks(program)
    visible = {
        name: dict(mark.scope)
        for node, name in cuts.items()
        if (mark := program.flow.marks.get(node)) and mark.kind != "error"
    }
    return Loaded(unit, program, system, cuts, visible)
