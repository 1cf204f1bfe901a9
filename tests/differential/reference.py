"""What the system C compiler says a generated program computes."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from generator import RANGES, Program
from statements import generate

HARNESS = r"""
#include <stdio.h>
#include <stdlib.h>
static const int inputs[] = {INPUTS};
static unsigned used;
static int next_input(void) {
  if (used == sizeof inputs / sizeof *inputs) exit(3);
  return inputs[used++];
}
int unknown_int(void) { return next_input(); }
unsigned unknown_uint(void) { return (unsigned)next_input(); }
"""
FLAGS = ["-std=gnu11", "-w", "-O0", "-fsigned-char", "-fsanitize=undefined", "-fno-sanitize-recover=all"]


def run(program: Program, tail: str) -> subprocess.CompletedProcess[str] | None:
    """Compile and run a program with the given last statements; None if it runs too long."""
    harness = HARNESS.replace("{INPUTS}", "{" + ", ".join(map(str, program.inputs)) + "}")
    with tempfile.TemporaryDirectory() as name:
        source, executable = Path(name) / "program.c", Path(name) / "program"
        source.write_text(harness + program.source(tail))
        subprocess.run(["gcc", *FLAGS, source, "-o", executable], check=True, capture_output=True, text=True)
        try:
            return subprocess.run([executable], check=False, capture_output=True, text=True, timeout=5)
        except subprocess.TimeoutExpired:
            return None


def observe(program: Program) -> list[int] | None:
    """Return the final values of what is observed; None for undefined behaviour or too many inputs."""
    prints = "".join(f'  printf("%lld\\n", (long long)({text}));\n' for text, _ in program.observed)
    done = run(program, prints)
    if done is None or done.returncode:
        return None
    return [int(line) for line in done.stdout.split()]


def accepted(seed: int, mathematical: bool) -> tuple[Program, list[int]]:
    """Return the first program of a seed that is free of undefined behaviour, with its final values."""
    for attempt in range(50):
        program = generate(f"{seed}.{attempt}.{mathematical}", mathematical)
        values = observe(program)
        if values is not None:
            return program, values
    raise LookupError(f"seed {seed} has no program without undefined behaviour")


def constant(value: int, kind: str) -> str:
    """Write a value as a C expression of its type."""
    low, _ = RANGES[kind]
    suffix = {"long": "L", "unsigned": "u"}.get(kind, "")
    if value == low < -1000000:
        return f"(-{-value - 1}{suffix} - 1)"
    return f"({value}{suffix})" if value < 0 else f"{value}{suffix}"


def claims(program: Program, values: list[int]) -> str:
    """Write an assertion for everything observed."""
    found = zip(program.observed, values, strict=True)
    return "".join(f"  assert({text} == {constant(value, kind)});\n" for (text, kind), value in found)


def changed(program: Program, values: list[int], which: int) -> list[int]:
    """Return the values with one of them off by one, still in the range of its type."""
    _, high = RANGES[program.observed[which][1]]
    wrong = values[which] + (1 if values[which] < high else -1)
    return [*values[:which], wrong, *values[which + 1 :]]
