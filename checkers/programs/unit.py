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

    program: Program
    system: TransitionSystem
    cuts: Mapping[int, str]
    visible: Mapping[str, Mapping[str, str]]
    """For each loop the program names visible there, with the variables they stand for."""


def read_unit(params: Mapping[str, Any]) -> Unit:
    """Parse the file of a request: `text`, `file` and `int_width` (empty for mathematical integers)."""
    sys.setrecursionlimit(_RECURSION)
    width = params.get("int_width") or None
    return Unit(params["text"], params["file"], int(width) if width else None)


def load(params: Mapping[str, Any]) -> Loaded:
    """Translate the function `name` of a request's file."""
    program = read_unit(params).program(params["name"])
    system, cuts = encode_blocks(program)
    visible = {
        name: dict(mark.scope)
        for node, name in cuts.items()
        if (mark := program.flow.marks.get(node)) and mark.kind == "loop"
    }
    return Loaded(program, system, cuts, visible)
