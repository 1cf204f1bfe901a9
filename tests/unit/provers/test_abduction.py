"""Abduction: what a needed clause lacks to be inductive."""

from __future__ import annotations

import time

import pytest
from systems import propose, view

from checkers.programs.houdini import Conditions
from checkers.programs.unit import load
from lemmata.logic.transition import TransitionSystem
from provers.symbolic.abduction import AbductionProver, strengthened
from provers.symbolic.samples import collect

CHAIN = """int main() {
  int a = 1, b = 2, c = 3;
  while (unknown_int()) { a = a + b; b = b + c; c = c + 1; }
  assert(a >= 1);
}
"""
BETWEEN = """int main() {
  int x = 0, y = 0, n = unknown_int();
  if (n < 0) return 0;
  while (y < n) { x++; y++; }
  assert(x == n);
}
"""
TWO_LOOPS = """int main() {
  int i = 0, j = 0, n = unknown_int();
  while (i < n) { i++; j += 2; }
  while (unknown_int()) { i++; j++; }
  assert(j >= i);
}
"""
WRONG = "int main() { int x = 0; while (unknown_int()) x = x + 3; assert(x != 9); }"
PRODUCT = "int main() { int x = 1; while (unknown_int()) x = x * x; assert(x == 1); }"


def system(text: str) -> TransitionSystem:
    return load({"text": text, "file": "a.c", "int_width": "", "name": "main"}).system


def safe(program: TransitionSystem) -> bool:
    """Say whether what is inductive of the abduced clauses excludes every error."""
    found = strengthened(program, collect(program, 60, 50_000), time.monotonic() + 30)
    conditions = Conditions(program)
    kept = conditions.prune({}, found, time.monotonic() + 20).kept
    return conditions.safety(kept, time.monotonic() + 10).safe


@pytest.mark.parametrize("text", [CHAIN, BETWEEN, TWO_LOOPS])
def test_what_is_missing_is_found(text: str) -> None:
    assert safe(system(text))


def test_nothing_makes_a_wrong_program_safe() -> None:
    assert not safe(system(WRONG))


def test_no_time_leaves_what_the_errors_deny() -> None:
    program = system(BETWEEN)
    assert len(strengthened(program, collect(program, 60, 10_000), time.monotonic())["L1"]) == 1


def test_the_prover_is_for_linear_programs() -> None:
    assert propose(AbductionProver(), view(system(PRODUCT))) == []
    assert propose(AbductionProver(), view(system(CHAIN)))
