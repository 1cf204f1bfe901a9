"""Decision trees with implication examples: what is learned fits what is known, and is inductive in the end."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import LOOP, loop, propose, view

from checkers.programs.houdini import Conditions
from checkers.programs.unit import load
from lemmata.logic.evaluate import evaluate
from lemmata.logic.transition import TransitionSystem
from provers.symbolic.decisions import DecisionTreesProver, synthesise
from provers.symbolic.trees import Attributes, Contradiction, Examples, learn

PHASES = """int main() {
  int x = 0, y = 50;
  while (x < 100) { if (x >= 50) y++; x++; }
  assert(y == 100);
}
"""
MODES = """int main() {
  int mode = 0, last = 0, x = unknown_int();
  while (unknown_int()) {
    if (mode == 0) { mode = 1; x = 7; }
    else if (mode == 1) { mode = 2; last = x; }
    else { x--; last--; }
  }
  assert(mode < 2 || last == x);
}
"""
NESTED = """int main() {
  int n = unknown_int(), k = 0;
  for (int i = 0; i < n; i++)
    for (int j = i; j < n; j++) k++;
  assert(n <= 0 || k >= 1);
}
"""
WRONG = "int main() { int x = 0; while (x < 10) x = x + 3; assert(x == 10); }"
ARRAY = "int main() { int a[9]; int i = 0; while (i < 9) { a[i] = i; i++; } assert(a[3] == 3); }"


def system(text: str) -> TransitionSystem:
    return load({"text": text, "file": "a.c", "int_width": "", "name": "main"}).system


@pytest.mark.parametrize("text", [PHASES, MODES, NESTED])
def test_what_is_found_is_inductive_and_safe(text: str) -> None:
    program = system(text)
    found = synthesise(program, time.monotonic() + 60)
    assert found is not None
    conditions = Conditions(program)
    pruned = conditions.prune({}, found, time.monotonic() + 20)
    assert not pruned.dropped
    assert conditions.safety(found, time.monotonic() + 10).safe


def test_a_wrong_program_has_none() -> None:
    assert synthesise(system(WRONG), time.monotonic() + 60) is None


def test_no_time_is_no_answer() -> None:
    assert synthesise(system(PHASES), time.monotonic()) is None


def test_the_prover_is_for_loops_over_integers() -> None:
    prover = DecisionTreesProver()
    assert propose(prover, view(system(ARRAY))) == []
    assert propose(prover, view(system(MODES)))


def test_what_is_known_of_one_state_follows_for_others() -> None:
    examples = Examples()
    a, b, c, d = (examples.add(LOOP, (n,)) for n in range(4))
    examples.lead(a, b)
    examples.lead(b, c)
    examples.know([b], True)
    assert examples.good == {b, c}
    examples.lead(d, a)
    examples.know([a], False)
    assert examples.bad == {a, d}
    with pytest.raises(Contradiction):
        examples.lead(c, d)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=40, unique=True),
    st.sets(st.integers(0, 39), max_size=12),
    st.sets(st.integers(0, 39), max_size=12),
    st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), max_size=30),
)
def test_what_is_learned_fits_the_examples(states, good, bad, links) -> None:
    program = loop("x y", ["0", "0"], "(< x 10)", ["(+ x 1)", "y"], "true")
    examples = Examples()
    for state in states:
        examples.add(LOOP, state)
    try:
        examples.know([n for n in good if n < len(states)], True)
        examples.know([n for n in bad if n < len(states)], False)
        for one, two in links:
            if max(one, two) < len(states):
                examples.lead(one, two)
    except Contradiction:
        return
    learned = learn(examples, {LOOP: Attributes(program.cut(LOOP), [], {0})})
    assert learned is not None, "bounds on two variables tell any two states apart"
    holds = [all(evaluate(clause, dict(zip("xy", s, strict=True))) for clause in learned[LOOP]) for s in states]
    assert all(holds[n] for n in examples.good)
    assert not any(holds[n] for n in examples.bad)
    assert all(holds[two] for one, two in examples.pairs(set(range(len(states)))) if holds[one])
