from __future__ import annotations

import subprocess
import sys
import time

import pytest
from systems import LOOP, closes, implied, loop, propose, term_of, view

from lemmata.logic.smtlib import inline
from lemmata.logic.sorts import bit_vector
from lemmata.logic.terms import conj
from lemmata.logic.transition import Block, Cut, TransitionSystem
from lemmata.step import clauses
from provers.symbolic.atoms import AtomsProver
from provers.symbolic.horn import HornSolver, Reachable, relevant
from provers.symbolic.sampling import SamplingProver
from provers.symbolic.spacer import SpacerProver

COUNT = loop("i n", ["0", "n0"], "(< i n)", ["(+ i 1)", "n"], "(= i n)", assume="(>= n0 0)")
GAUSS = loop(
    "i s n", ["0", "0", "n0"], "(< i n)", ["(+ i 1)", "(+ s i)", "n"], "(= (* 2 s) (* n (- n 1)))",
    assume="(and (>= n0 1) (<= n0 1000))",
)  # fmt: skip
EVEN = loop("x", ["268435440"], "(> x 0)", ["(- x 2)"], "(= (mod x 2) 0)")
THRESHOLD = loop(
    "x y", ["0", "5000000"], "(< x 10000000)", ["(+ x 1)", "(ite (< x 5000000) y (+ y 1))"], "(= y x)"
)  # fmt: skip
TWO_RATES = loop(
    "x y", ["0", "0"], "(= u 0)", ["(+ x 1)", "(ite (= w 0) (+ y 1) (+ y 2))"], "(>= y x)", inputs="u w"
)  # fmt: skip
BYTES = loop(
    "x n", ["#x00", "n0"], "(bvslt x n)", ["(bvadd x #x01)", "n"], "(= x n)", assume="(bvsle #x00 n0)",
    sort=bit_vector(8),
)  # fmt: skip
UNSAFE = loop("x", ["0"], "(< x 5)", ["(+ x 1)"], "(= x 6)")
TRIVIAL = loop("x", ["0"], "(< x 5)", ["(+ x 1)"], "(>= x 5)")


def closed(system, prover, width: str = "") -> bool:
    """Say whether some step of the prover's first answer closes the goal."""
    return any(closes(system, p.step) for p in propose(prover, view(system, width=width)))


@pytest.mark.parametrize(
    ("system", "width"), [(COUNT, ""), (EVEN, ""), (TWO_RATES, ""), (BYTES, "32")]
)  # fmt: skip
def test_atoms_hold_an_invariant(system, width):
    assert closed(system, AtomsProver(), width)


@pytest.mark.parametrize(
    ("system", "width"), [(COUNT, ""), (GAUSS, ""), (EVEN, ""), (THRESHOLD, ""), (TWO_RATES, ""), (BYTES, "32")]
)
def test_samples_show_an_invariant(system, width):
    pytest.importorskip("checkers.programs.acsl")
    assert closed(system, SamplingProver(), width)


@pytest.mark.parametrize(("system", "width"), [(COUNT, ""), (TWO_RATES, ""), (BYTES, "32")])
def test_spacer_answers_with_the_right_arguments(system, width):
    proposals = propose(SpacerProver(), view(system, width=width))
    assert len(proposals) == 1
    assert closes(system, proposals[0].step)


@pytest.mark.parametrize("prover", [AtomsProver, SamplingProver, SpacerProver])
def test_no_prover_closes_an_unsafe_program(prover):
    assert not closed(UNSAFE, prover())


def test_the_empty_step_comes_first_and_suffices_where_it_can():
    first = propose(AtomsProver(), view(TRIVIAL))[0]
    assert first.step == clauses(())
    assert first.log_probability == 0
    assert closes(TRIVIAL, first.step)


@pytest.mark.parametrize("prover", [AtomsProver, SamplingProver])
def test_pools_grow_and_keep_to_the_limits(prover):
    proposals = propose(prover(), view(GAUSS))
    sizes = [len(p.step.parts) for p in proposals]
    assert sizes == sorted(sizes)
    assert sizes[-1] <= 420
    assert [p.log_probability for p in proposals] == sorted((p.log_probability for p in proposals), reverse=True)
    assert len(propose(prover(), view(GAUSS), 1)) == 1


def test_established_clauses_are_not_proposed_again():
    before = propose(AtomsProver(), view(COUNT))[1].step
    known = [(f"{LOOP}#{i}", inline(term_of(p, COUNT))) for i, p in enumerate(before.parts)]
    after = propose(AtomsProver(), view(COUNT, known))
    assert after[0].step != clauses(())
    assert all(not set(before.parts) & set(p.step.parts) for p in after)


@pytest.mark.parametrize("prover", [AtomsProver, SamplingProver, SpacerProver])
def test_other_goals_are_left_alone(prover):
    goal = view(COUNT)
    nothing = type(goal)(goal.goal, goal.obligation, context={})
    assert propose(prover(), nothing) == []
    broken = type(goal)(goal.goal, goal.obligation, context={"system": {"cuts": 3}})
    assert propose(prover(), broken) == []


def test_samples_are_the_same_for_the_same_seed():
    one, two = (propose(SamplingProver(3), view(EVEN))[0].step for _ in range(2))
    assert one == two


def test_sampling_and_spacer_run_out_of_ideas():
    sampling, spacer = SamplingProver(), SpacerProver()
    goal = view(UNSAFE)
    for _ in range(12):
        last = propose(sampling, goal), propose(spacer, goal)
    assert last == ([], [])


def test_atoms_are_quick_and_need_no_solver():
    began = time.perf_counter()
    propose(AtomsProver(), view(TWO_RATES))
    assert time.perf_counter() - began < 0.5
    code = "import sys, provers.symbolic.atoms, provers.symbolic.sampling, provers.symbolic.spacer; print('z3' in sys.modules)"  # fmt: skip  # noqa: E501
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_nested_loops_get_clauses_each():
    inner = loop("i j n", ["0", "0", "n0"], "(< j n)", ["i", "(+ j 1)", "n"], "true", assume="(>= n0 0)")
    state = inner.cut(LOOP).variables
    outer = Cut("L0", "loop", 1, 1, state)
    entry, again, _ = inner.blocks
    keep = again.updates
    values = dict(keep)
    go = again.guard
    from lemmata.logic.terms import const, neg, var

    i, j, n = (var(v.name, v.sort) for v in state)
    from lemmata.logic.terms import TRUE, add, le, lt

    blocks = (
        Block("E", "L0", entry.inputs, entry.guard, entry.updates, TRUE),
        Block("L0", LOOP, (), lt(i, n), (("i", i), ("j", const(0)), ("n", n)), TRUE),
        Block(LOOP, LOOP, (), go, (("i", i), ("j", values["j"]), ("n", n)), TRUE),
        Block(LOOP, "L0", (), neg(go), (("i", add(i, const(1))), ("j", j), ("n", n)), TRUE),
        Block("L0", "X", (), conj((neg(lt(i, n)), neg(le(i, n)))), (), TRUE),
    )
    system = TransitionSystem((*inner.cuts, outer), blocks)
    for prover in (AtomsProver(), SamplingProver(), SpacerProver()):
        proposals = propose(prover, view(system))
        assert {p.label for q in proposals for p in q.step.parts} >= {"L0"}, prover.name
        assert any(closes(system, p.step) for p in proposals), prover.name


def test_the_cone_of_influence_leaves_idle_variables_out():
    system = loop("i idle n", ["0", "7", "n0"], "(< i n)", ["(+ i 1)", "(+ idle i)", "n"], "(= i n)", assume="(>= n0 0)")  # fmt: skip  # noqa: E501
    arguments = relevant(system)
    assert [v.name for v in arguments[LOOP]] == ["i", "n"]
    found = HornSolver(system, arguments).solve(5, {})
    assert found is not None
    assert implied(conj(found[LOOP]), term_of(propose(SpacerProver(), view(COUNT))[0].step.parts[0], COUNT))


def test_reachable_errors_end_spacers_work():
    system = loop("x", ["0"], "(< x 5)", ["(+ x 1)"], "(= x 6)")
    with pytest.raises(Reachable):
        HornSolver(system, {LOOP: system.cut(LOOP).variables}).solve(5, {})
    prover = SpacerProver()
    assert propose(prover, view(system)) == propose(prover, view(system)) == []


def test_spacer_keeps_its_answer_for_later_goals():
    prover = SpacerProver()
    first = propose(prover, view(COUNT))
    later = propose(prover, view(COUNT, [(f"{LOOP}#0", "(<= 0 i)")]))
    assert [p.step for p in first] == [p.step for p in later]
