"""Recursive functions mean what they mean to gcc, and nothing wrong is proved of them, on random programs."""

from __future__ import annotations

import os
import shutil
import time

import pytest
from recursions import generate
from reference import changed, claims, observe

COUNT = int(os.environ.get("LEMMATA_DIFFERENTIAL", "60"))

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")


def accepted(seed: int, chance: bool):
    """Return the first program of a seed that ends without undefined behaviour, with what gcc's code computes."""
    for attempt in range(50):
        program = generate(f"{seed}.{attempt}.{chance}", chance)
        values = observe(program)
        if values is not None:
            return program, values
    raise LookupError(f"seed {seed} has no program without undefined behaviour")


@pytest.mark.parametrize("seed", range(COUNT))
def test_runs_agree_with_gcc(seed: int) -> None:
    from checkers.programs.execute import execute_source

    program, values = accepted(seed, seed % 2 == 0)
    right = program.source(claims(program, values))
    wrong = program.source(claims(program, changed(program, values, seed % len(values))))
    for width in (None, 32):
        for source, expected in ((right, "returned"), (wrong, "violated")):
            done = execute_source(source, inputs=program.inputs, int_width=width)
            assert done.status == expected, f"seed {seed}, int_width {width}, at {done.location}:\n{source}"
            assert done.exact


def proved(source: str, width: str) -> bool:
    """Say whether clauses learned from runs, and false, make up a proof; as the live backend and the verifier do it."""
    import z3

    from checkers.programs.houdini import Conditions
    from checkers.programs.unit import load
    from checkers.programs.verifier import verification_conditions
    from lemmata.logic.terms import FALSE
    from provers.symbolic.samples import collect
    from provers.symbolic.summaries import learn

    loaded = load({"text": source, "file": "source.c", "int_width": width, "name": "main"})
    system = loaded.system
    pools = learn(system, collect(system, 1.0, 100_000))
    conditions = Conditions(system)
    deadline = time.monotonic() + 5
    facts = conditions.prune({}, {c.name: list(c.facts) for c in system.loops}, deadline).kept
    candidates = {c.name: [FALSE, *pools[0].get(c.name, ())] for c in system.loops}
    kept = conditions.prune(facts, candidates, deadline).kept
    found = {c.name: [*facts.get(c.name, ()), *kept.get(c.name, ())] for c in system.loops}
    safe = conditions.safety(found, deadline).safe
    if safe:
        for condition in verification_conditions(loaded, found):
            solver = z3.Solver()
            solver.from_string(condition.smtlib)
            assert solver.check() == z3.unsat, condition.name
    return safe


def compare(seeds: range, width: str) -> int:
    """Return how many of the programs are proved; none may be with a wrong claim."""
    right = 0
    for seed in seeds:
        program, values = accepted(seed, False)
        right += proved(program.source(claims(program, values)), width)
        source = program.source(claims(program, changed(program, values, seed % len(values))))
        assert not proved(source, width), f"seed {seed}, {width}:\n{source}"
    return right


@pytest.mark.timeout(300)
def test_what_gcc_computes_is_proved_and_nothing_else() -> None:
    assert compare(range(100, 106), "") >= 3


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("width", ["", "32"])
def test_what_gcc_computes_is_proved_and_nothing_else_on_many_programs(width: str) -> None:
    # Solvers take their time over remainders of bit-vectors.
    right = compare(range(1000, 1000 + (COUNT // 4 if width else COUNT)), width)
    assert width or right >= COUNT // 2
