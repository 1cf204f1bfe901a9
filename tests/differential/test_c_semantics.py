"""The meaning given to C programs agrees with that of the system C compiler, on random programs.

Every program is run by gcc, which gives the final values of its variables; the transition system of the same program
must then satisfy assertions of these values and violate an assertion of any other value. ``LEMMATA_DIFFERENTIAL`` sets
the number of programs.
"""

from __future__ import annotations

import os
import shutil

import pytest
from reference import accepted, changed, claims, run

COUNT = int(os.environ.get("LEMMATA_DIFFERENTIAL", "60"))
SLOW = 200
SLICE = 25

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")


def check(seed: int) -> None:
    """Compare the program of a seed; programs of even seeds stay in range and are also run on unbounded integers."""
    from checkers.programs.execute import execute_source

    mathematical = seed % 2 == 0
    program, values = accepted(seed, mathematical)
    right = program.source(claims(program, values))
    wrong = program.source(claims(program, changed(program, values, seed % len(values))))
    for width in (None, 32) if mathematical else (32,):
        for source, expected in ((right, "returned"), (wrong, "violated")):
            done = execute_source(source, inputs=program.inputs, int_width=width)
            where = f"seed {seed}, int_width {width}, at {done.location}"
            assert done.status == expected, f"{where}:\n{source}\ninputs: {program.inputs}"


@pytest.mark.parametrize("seed", range(COUNT))
def test_transition_system_agrees_with_gcc(seed: int) -> None:
    check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 1000 + SLOW, SLICE))
def test_transition_system_agrees_with_gcc_on_many_programs(start: int) -> None:
    for seed in range(start, start + SLICE):
        check(seed)


@pytest.mark.parametrize("seed", range(4))
def test_generated_assertions_hold_when_compiled(seed: int) -> None:
    program, values = accepted(seed, mathematical=seed % 2 == 0)
    macro = "  #define assert(e) if (!(e)) exit(42)\n"
    right = run(program, macro + claims(program, values))
    assert right is not None
    assert right.returncode == 0
    for which in range(len(values)):
        wrong = run(program, macro + claims(program, changed(program, values, which)))
        assert wrong is not None
        assert wrong.returncode == 42


def test_programs_are_a_function_of_the_seed() -> None:
    first, second = accepted(7, False), accepted(7, False)
    assert first == second
