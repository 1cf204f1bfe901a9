"""Recursive functions: starts, returns and calls in the transition system, and how clauses at returns are used."""

from __future__ import annotations

import time

import pytest

from checkers.programs.clauses import read_clauses
from checkers.programs.execute import Interpreter, execute_source, scripted
from checkers.programs.houdini import Conditions
from checkers.programs.refute import refute
from checkers.programs.unit import Loaded, load
from checkers.programs.verifier import explain, theorems, verification_conditions
from lemmata.errors import UnsupportedError
from lemmata.logic.smtlib import inline
from lemmata.logic.terms import FALSE, Term
from lemmata.logic.transition import decode, encode
from lemmata.step import Part

SUM = """int sum(int n) {
  if (n <= 0) return 0;
  return n + sum(n - 1);
}
int main() {
  int n = unknown_int();
  int s = sum(n);
  assert(s >= n);
}
"""
COUNTER = """int g;
void up(int n) {
  if (n > 0) {
    g = g + 1;
    up(n - 1);
  }
}
int main() {
  up(3);
  assert(g == 3);
}
"""


def loaded(text: str, name: str = "main") -> Loaded:
    return load(params(text, name))


def params(text: str, name: str = "main") -> dict[str, str]:
    return {"text": text, "file": "a.c", "int_width": "", "name": name}


def terms(program: Loaded, *clauses: tuple[str, str]) -> dict[str, list[Term]]:
    """Read clauses in C, given with the names of their cuts."""
    parts = [Part(cut, text, "c") for cut, text in clauses]
    good, bad = read_clauses(parts, program.system, program.visible, False)
    assert not bad, bad
    found: dict[str, list[Term]] = {c.name: [] for c in program.system.loops}
    for cut, term in good.values():
        found[cut].append(term)
    return found


def soon() -> float:
    return time.monotonic() + 10


def test_a_recursive_function_has_a_start_and_a_return() -> None:
    system = loaded(SUM).system
    assert [(c.name, c.kind, c.message) for c in system.loops] == [("F1", "start", "sum"), ("R1", "return", "sum")]
    assert [v.text for v in system.cut("F1").variables] == ["n"]
    assert [v.text for v in system.cut("R1").variables] == ["n", "\\result"]
    assert {(b.source, b.target, len(b.calls)) for b in system.blocks} == {
        ("entry", "F1", 0), ("entry", "E1", 1), ("F1", "F1", 0), ("F1", "R1", 0), ("F1", "R1", 1),
    }  # fmt: skip


def test_a_call_says_with_what_and_what_comes_back() -> None:
    system = loaded(SUM).system
    (block,) = (b for b in system.blocks if b.target == "R1" and b.calls)
    (call,) = block.calls
    assert (call.start, call.summary) == ("F1", "R1")
    assert [inline(term) for _, term in call.arguments] == ["(- sum.n 1)"]
    (result,) = (i for i in block.inputs if i.reason == "call")
    clause = terms(loaded(SUM), ("R1", "\\result >= n"))["R1"][0]
    assert inline(system.premise(call, clause)) == f"(<= (- sum.n 1) |{result.name}|)"


def test_what_a_function_does_to_globals_is_part_of_its_return() -> None:
    system = loaded(COUNTER).system
    assert [v.text for v in system.cut("F1").variables] == ["g", "n"]
    assert [v.text for v in system.cut("R1").variables] == ["g", "\\old(g)", "n"]


def test_systems_with_calls_survive_being_written_down() -> None:
    for text in (SUM, COUNTER):
        system = loaded(text).system
        assert system.recursive
        assert decode(encode(system)) == system


def test_paths_that_call_differently_stay_apart() -> None:
    text = (
        "int f(int n) { if (n <= 0) return 0; return f(n - 1); }\n"
        "int main() { int a = 0; int b = 0; if (unknown()) a = f(3); if (unknown()) b = f(4); assert(a == b + 1); }"
    )
    system = loaded(text).system
    assert sorted(len(b.calls) for b in system.blocks if b.target == "E1") == [0, 1, 1, 2]
    many = text.replace("if (unknown()) b = f(4);", "if (unknown()) b = f(4);" * 7)
    with pytest.raises(UnsupportedError, match="sequences of calls"):
        loaded(many)


def test_a_summary_is_used_where_it_is_proved() -> None:
    program = loaded(SUM)
    conditions = Conditions(program.system)
    clauses = terms(program, ("R1", "\\result >= n"), ("R1", "\\result >= 0"), ("R1", "\\result <= 100"))
    pruned = conditions.prune({}, clauses, soon())
    assert [inline(c) for c in pruned.kept["R1"]] == [inline(c) for c in clauses["R1"][:2]]
    assert conditions.safety(pruned.kept, soon()).safe
    core = conditions.core(pruned.kept, soon())
    assert core is not None
    assert core["R1"]


def test_a_premise_that_is_dropped_takes_with_it_what_rests_on_it() -> None:
    program = loaded(SUM.replace("n + sum(n - 1)", "sum(n - 1) - 1"))
    clauses = terms(program, ("R1", "\\result >= -5"), ("R1", "\\result >= -6"), ("R1", "\\result <= 0"))
    pruned = Conditions(program.system).prune({}, clauses, soon())
    assert [inline(c) for c in pruned.kept["R1"]] == [inline(clauses["R1"][2])]


def test_nothing_can_be_assumed_of_a_call_that_returns() -> None:
    program = loaded(SUM)
    every = {c.name: [FALSE] for c in program.system.loops}
    pruned = Conditions(program.system).prune({}, every, soon())
    assert pruned.kept == {"F1": [], "R1": []}
    assert not Conditions(program.system).safety(pruned.kept, soon()).safe


def test_after_a_call_that_never_returns_everything_holds() -> None:
    program = loaded("int f(int n) { return f(n + 1); }\nint main() { assert(f(1) == 5); }")
    pruned = Conditions(program.system).prune({}, {"R1": [FALSE]}, soon())
    assert pruned.kept["R1"] == [FALSE]
    assert Conditions(program.system).safety(pruned.kept, soon()).safe


def test_a_precondition_is_shown_at_every_call() -> None:
    program = loaded("void f(int n) { if (n != 0) f(n - 2); }\nint main() { f(4); f(7); assert(1 + unknown()); }")
    even = terms(program, ("F1", "n % 2 == 0"))
    assert Conditions(program.system).prune({}, even, soon()).kept == {"F1": [], "R1": []}


def test_conditions_name_the_calls_that_they_rest_on() -> None:
    program = loaded(SUM)
    names = [c.name for c in verification_conditions(program, terms(program, ("R1", "\\result >= n")))]
    assert "consecution of R1 (1:5) from F1 (1:5) after sum()" in names
    assert any(name.startswith("safety of E1 (8:3) from entry") and "after sum()" in name for name in names)


def test_a_contract_is_written_where_the_function_is() -> None:
    artefact = (
        '{"format": "lemmata.invariants/1", "function": "main", "invariants": {'
        '"F1": [{"clause": "n <= 9", "language": "c"}], "R1": [{"clause": "\\\\result >= n", "language": "c"}]}}'
    )
    said = explain({**params(SUM), "artefact": artefact})
    assert said["annotated"].startswith("/*@ requires n <= 9; */\n/*@ ensures \\result >= n; */\nint sum(int n)")
    text = theorems({**params(SUM), "artefact": artefact, "systems": ["coq"]})["files"]["coq"]["text"]
    assert "the summary of the function at 1:5" in text
    assert text.count("Definition summary_1_5 ") == 1


def test_globals_before_and_after_a_call_are_told_apart() -> None:
    program = loaded(COUNTER)
    clauses = terms(program, ("F1", "n >= 0"), ("R1", "g == \\old(g) + n"))
    pruned = Conditions(program.system).prune({}, clauses, soon())
    assert not pruned.dropped
    wrong = terms(program, ("R1", "g == \\old(g)"))
    assert not Conditions(program.system).prune({}, wrong, soon()).kept["R1"]


def test_a_programmers_contract_is_proposed() -> None:
    text = "/*@ requires n >= 0; ensures \\result == n; */\n" + SUM.replace("n + sum(n - 1)", "1 + sum(n - 1)")
    cuts = {c.name: c.hints for c in loaded(text).system.loops}
    assert cuts == {"F1": ("n >= 0",), "R1": ("\\result == n",)}


def test_runs_really_call() -> None:
    text = "int f(int n) { return n < 2 ? n : f(n - 1) + f(n - 2); }\nint main() { assert(f(15) == %d); }"
    assert execute_source(text % 610).status == "returned"
    assert execute_source(text % 611).status == "violated"
    deep = "int f(int n) { return n ? 1 + f(n - 1) : 0; }\nint main() { assert(f(20000) == 20000); }"
    assert execute_source(deep).status == "returned"
    endless = "int f(int n) { return f(n + 1); }\nint main() { assert(f(0)); }"
    assert execute_source(endless, max_blocks=1000).status == "limit"


def test_a_counterexample_tells_what_functions_were_called_with() -> None:
    program = loaded(SUM.replace("s >= n", "s != 6"))
    found = refute(program, 10)
    assert found is not None
    assert found["failure"]["line"] == 8
    values = [entry["values"] for entry in found["trace"]]
    assert {"n": 3} in values or any(v.get("n") == 3 for v in values)
    again = Interpreter(program.program, program.cuts).run(scripted(found["choices"]), 1000)
    assert again.status == "violated"
    assert again.exact
