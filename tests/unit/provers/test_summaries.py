"""What provers know of recursive functions: real calls while sampling, tables, cases, and Horn clauses of calls."""

from __future__ import annotations

import time

import pytest
from systems import propose, view

from checkers.programs.houdini import Conditions
from checkers.programs.unit import load
from lemmata.logic.evaluate import evaluate
from lemmata.logic.smtlib import inline
from lemmata.logic.transition import TransitionSystem
from provers.symbolic import sygus
from provers.symbolic.horn import HornSolver, Reachable
from provers.symbolic.samples import collect
from provers.symbolic.summaries import SummariesProver, denied, learn, sides, table

FIBONACCI = """int f(int n) { if (n < 1) return 0; if (n == 1) return 1; return f(n - 1) + f(n - 2); }
int main() { assert(f(%d) == %d); }
"""
TWICE = """int twice(int n) {
  if (n < 0) return twice(-n);
  if (n == 0) return 0;
  return 2 + twice(n - 1);
}
int main() {
  int n = unknown_int();
  if (n > -50 && n < 50) assert(twice(n) == (n < 0 ? -2 * n : 2 * n));
}
"""
GROW = """int grow(int n) { return n == 1 ? 1 : 2 * grow(n - 1) + 1; }
int main() { int n = unknown_int(); if (n >= 1 && n < 30) { int r = grow(n); assert(r >= n); } }
"""
LOOP = "int main() { int i = 0; while (i < 9) i++; assert(i == 9); }"


def system(text: str) -> TransitionSystem:
    return load({"text": text, "file": "a.c", "int_width": "", "name": "main"}).system


def closes(program: TransitionSystem, clauses) -> bool:
    """Say whether what is inductive of the clauses excludes every error."""
    conditions = Conditions(program)
    kept = conditions.prune({}, clauses, time.monotonic() + 20).kept
    return conditions.safety(kept, time.monotonic() + 10).safe


def test_sampling_really_calls() -> None:
    program = system(FIBONACCI % (12, 144))
    states = collect(program, 60, 100_000)
    (names,) = ([v.text for v in c.variables] for c in program.loops if c.kind == "return")
    points = {tuple(dict(zip(names, s, strict=True))[k] for k in ("n", "\\result")) for s in states["R1"]}
    assert {(0, 0), (1, 1), (2, 1), (7, 13), (12, 144)} <= points
    assert {n for n, _ in points} == set(range(13))


def test_sampling_gives_up_what_goes_too_deep() -> None:
    states = collect(system("int f(int n) { return f(n + 1); }\nint main() { assert(f(0)); }"), 0.3, 100_000)
    assert states["R1"] == []
    assert states["F1"]


def test_a_table_answers_for_constants() -> None:
    program = system(FIBONACCI % (20, 6765))
    states = collect(program, 60, 100_000)
    cut = program.cut("R1")
    arguments, outcomes = sides(program, cut)
    assert [v.text for v in arguments] == ["n"]
    assert [v.text for v in outcomes] == ["\\result"]
    assert len(table(cut, arguments, outcomes, states["R1"])) == 21
    small, _ = learn(program, states)
    assert closes(program, small)


def test_no_table_where_chance_decides() -> None:
    text = "int f(int n) { return n > 0 ? f(n - 1) : unknown_int(); }\nint main() { assert(f(3) == 7); }"
    program = system(text)
    cut = program.cut("R1")
    assert table(cut, *sides(program, cut), collect(program, 60, 50_000)["R1"]) == []


def test_definitions_by_cases() -> None:
    program = system(TWICE)
    _, large = learn(program, collect(program, 60, 100_000))
    assert closes(program, large)


def test_what_an_error_denies_is_said_of_the_call() -> None:
    program = system(GROW)
    names = {v.text: v.name for v in program.cut("R1").variables}
    for clause in denied(program, program.cut("R1")):
        assert not evaluate(clause, {names["n"]: 5, names["\\result"]: 4}) or "1" in inline(clause)
    clauses = denied(program, program.cut("R1"))
    assert any(not evaluate(c, {names["n"]: 5, names["\\result"]: 4}) for c in clauses)


def test_the_prover_is_for_recursive_functions_alone() -> None:
    assert propose(SummariesProver(), view(system(LOOP))) == []
    prover = SummariesProver()
    goal = view(system(FIBONACCI % (8, 21)))
    assert propose(prover, goal)
    propose(prover, goal)
    assert propose(prover, goal) == []


@pytest.mark.parametrize("options", [{}, {"spacer.global": True}])
def test_spacer_takes_rules_with_several_predicates(options) -> None:
    program = system(GROW)
    found = HornSolver(program, {c.name: c.variables for c in program.loops}).solve(10, options)
    assert found is not None
    assert closes(program, found)
    wrong = system(GROW.replace("r >= n", "r > n"))
    with pytest.raises(Reachable):
        HornSolver(wrong, {c.name: c.variables for c in wrong.loops}).solve(10, options)


def test_a_sygus_problem_holds_the_premises_of_calls() -> None:
    text = sygus.problem(system(FIBONACCI % (2, 1)))
    (rule,) = (line for line in text.splitlines() if line.count("inv-R1") == 3)
    assert rule.startswith("(constraint (=> (and")


def test_what_never_returns_is_noticed() -> None:
    program = system("int f(int n) { return f(n + 1); }\nint main() { assert(f(0) == 5); }")
    small, _ = learn(program, collect(program, 60, 50_000))
    assert closes(program, small)
