"""The blocks of a transition system made executable, with the calls of recursive functions that happen in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lemmata.logic.evaluate import NotExecutable, compile_terms
from lemmata.logic.terms import free
from lemmata.logic.transition import Block, Call, Cut

Function = Callable[..., tuple[Any, ...]]
"""A compiled list of terms, from the values of a source's variables and a block's inputs."""


@dataclass(frozen=True, slots=True)
class Callee:
    """One call within a block."""

    start: str
    guard: Function
    arguments: Function
    """The state at the function's start."""
    results: tuple[tuple[int, int], ...]
    """Which inputs of the block are which values of the state at the function's return, by their places."""


@dataclass(frozen=True, slots=True)
class Way:
    """One block made executable."""

    block: Block
    guard: Function
    update: Function
    step: Function
    """Guard and update together, for blocks without inputs."""
    definitions: tuple[tuple[int, Function], ...]
    """Inputs that the guard fixes by an equation, with the value it gives them."""
    calls: tuple[Callee, ...]
    choices: bool
    """Whether the environment has a say in it."""


def executable(block: Block, cuts: Mapping[str, Cut]) -> Way | None:
    """Compile a block; None where it cannot be run."""
    order = [v.name for v in cuts[block.source].variables] + [i.name for i in block.inputs]
    target = cuts[block.target]
    values = dict(block.updates)
    terms = [values[v.name] for v in target.variables if v.name in values]
    if len(terms) != len(target.variables):
        return None
    try:
        return Way(
            block,
            compile_terms([block.guard], order),
            compile_terms(terms, order),
            compile_terms([block.guard, *terms], order),
            _definitions(block, order),
            tuple(_callee(block, call, order, cuts) for call in block.calls),
            any(i.reason != "call" for i in block.inputs),
        )
    except (NotExecutable, KeyError, RecursionError, SyntaxError, MemoryError):
        return None


def _callee(block: Block, call: Call, order: list[str], cuts: Mapping[str, Cut]) -> Callee:
    left = {i.name for i in block.inputs if i.reason == "call"}
    arguments, values = dict(call.arguments), dict(call.values)
    state = [arguments[v.name] for v in cuts[call.start].variables]
    places = [values[v.name] for v in cuts[call.summary].variables]
    results = [(order.index(str(v.value)), i) for i, v in enumerate(places) if v.op == "var" and v.value in left]
    return Callee(call.start, compile_terms([call.guard], order), compile_terms(state, order), tuple(results))


def _definitions(block: Block, order: list[str]) -> tuple[tuple[int, Function], ...]:
    results = {i.name for i in block.inputs if i.reason == "call"}
    inputs = {i.name for i in block.inputs} - results
    parts = block.guard.args if block.guard.op == "and" else (block.guard,)
    found = []
    fixed: set[str] = set()
    for part in parts:
        if part.op != "=":
            continue
        for one, two in (part.args, part.args[::-1]):
            name = str(one.value)
            # What a call gives is not known yet when inputs are chosen.
            if one.op == "var" and name in inputs - fixed and not free(two).keys() & {name, *results}:
                fixed.add(name)
                found.append((order.index(name), compile_terms([two], order)))
                break
    return tuple(found)
