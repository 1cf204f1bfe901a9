"""The large-block encoding agrees with the automaton it is made from, run side by side on the same choices."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from checkers.programs.execute import Interpreter
from checkers.programs.flow import Havoc
from checkers.programs.program import Unit
from checkers.programs.refute import _constants, _pick
from checkers.programs.unit import Loaded, encoded
from lemmata.errors import LemmataError
from lemmata.logic.evaluate import NotExecutable, default, evaluate

PROGRAMS = sorted((Path(__file__).parents[1] / "soundness" / "programs").glob("*.c"))
RUNS = int(os.environ.get("LEMMATA_BLOCK_RUNS", "6"))
LONGEST = 60


def follow_blocks(loaded: Loaded, chosen: dict[tuple[int, int], Any]) -> tuple[list[str], bool]:
    """Run the transition system; return the cuts passed and whether the run is exact."""
    cut, state, path, exact = "entry", {}, ["entry"], True
    for passed in range(LONGEST + 1):
        values = dict(state)
        taken = []
        for block in (b for b in loaded.system.blocks if b.source == cut):
            for one in block.inputs:
                number = one.name.rpartition("#")[2]
                known = chosen.get((passed, int(number))) if number.isdigit() else None
                values[one.name] = default(one.sort) if known is None else known
            if evaluate(block.guard, values):
                taken.append(block)
        assert len(taken) <= 1, f"two ways from {cut}: {[b.target for b in taken]}"
        if not taken:
            return path, exact
        block = taken[0]
        exact = exact and bool(evaluate(block.exact, values))
        state = {name: evaluate(term, values) for name, term in block.updates}
        cut = block.target
        path.append(cut)
        if loaded.system.cut(cut).kind == "error":
            return path, exact
    return path, exact


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
@pytest.mark.parametrize("width", [None, 32])
def test_blocks_and_automaton_take_the_same_way(path: Path, width: int | None) -> None:
    source = path.read_text()
    try:
        unit = Unit(source, path.name, width)
        program = unit.program(unit.obligations()[0][0])
    except LemmataError:
        pytest.skip("refused by name")
    loaded = encoded(unit, program)
    if loaded.system.recursive:
        pytest.skip("what calls give is not chosen; see test_recursion")
    interpreter = Interpreter(program, loaded.cuts)
    values = random.Random(path.name)
    interesting = _constants(loaded)
    for _ in range(RUNS):
        chosen: dict[tuple[int, int], Any] = {}

        def oracle(command: Havoc, passed: int, chosen: dict[tuple[int, int], Any] = chosen) -> Any:
            chosen[passed, command.number] = _pick(command.sort, values, interesting, 20)
            return chosen[passed, command.number]

        try:
            run = interpreter.run(oracle, LONGEST)
            way, exact = follow_blocks(loaded, chosen)
        except NotExecutable:
            pytest.skip("quantified")
        last = loaded.system.cut(way[-1])
        if run.status in ("violated", "undefined"):
            assert last.kind == "error"
            assert (last.line, last.column, last.message) == (
                run.location.line,
                run.location.column,
                run.message,
            )
            assert exact == run.exact
        elif run.status == "limit":
            assert len(way) > LONGEST
        else:
            assert last.kind != "error"
