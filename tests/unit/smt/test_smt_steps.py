from __future__ import annotations

import asyncio
from typing import Any

import pytest

from checkers.smt.script import derive
from checkers.smt.steps import understand
from checkers.smt.values import checked, counterexample, value
from lemmata.errors import InputError, Location
from lemmata.goal import Goal, GoalView, Obligation
from provers.symbolic.smt import SmtProver


@pytest.mark.parametrize(
    "text",
    [
        "", "AUTO", "auto ", "cvc5 --help", "z3:", "z3:smt.arith.solver=0", "z3:smt.arith.solver=6)",
        "z3:tactic=(par-or smt)",
        "z3:trace=true", "z3:trace_file_name=x", "z3:smt.random_seed=-1", "z3:smt.random_seed=1 smt.random_seed=2",
        "z3:smt.random_seed=1\n", "z3:smt.random_seed=1  nlsat.seed=1", "z3:timeout=1",
        "z3:smt.mbqi=true)(assert false)",
    ],
)  # fmt: skip
def test_steps_that_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        understand(text)


def test_every_proposed_step_is_understood_and_not_repeated() -> None:
    goal = Goal("smt", "unsatisfiable")
    obligation = Obligation("smt", "check-1", "", Location("f"))
    view = GoalView(goal, obligation, context={"logic": "QF_NRA"})
    (first,) = asyncio.run(SmtProver().propose([view], 20))
    assert first[0].step.text == "auto"
    for proposal in first:
        understand(proposal.step.text)
    tried = tuple(p.step.key for p in first[:2])
    (second,) = asyncio.run(SmtProver().propose([GoalView(goal, obligation, tried=tried)], 2))
    assert not {p.step.key for p in second} & set(tried)
    assert asyncio.run(SmtProver().propose([GoalView(Goal("programs", "x"), obligation)], 2)) == [[]]


@pytest.mark.parametrize(
    "text",
    [
        "true", "0", "12", "1.5", "(- 3)", "(/ 1.0 3.0)", "(- (/ 1.0 3.0))", "(/ (- 1) 3)", "#b01", "#xfF", '"a"")(b"',
        "(_ bv5 8)", "(fp #b0 #x82 #b01)", "(_ NaN 8 24)", "(_ -oo 8 24)", "RNE",
        "((as const (Array Int Bool)) false)",
        "(store ((as const (Array Int (Array Int Int))) ((as const (Array Int Int)) 0)) 1 "
        "((as const (Array Int Int)) (- 2)))",
    ],
)  # fmt: skip
def test_plain_values(text: str) -> None:
    assert value(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "1 2", "1)(assert false", "1))(check-sat)(exit", "(+ 1 2)", "(- 1 2)", "(- x)", "(/ 1 0)", "(/ 1 0.0)",
        "|true|",
        "(let ((a 1)) a)", "(ite true 1 2)", "(as x Int)",
        "((as const Int) 1)", "((as const (Array Int S)) 1)", "(_ bvx 8)", "(_ NaN 8 x)",
        "(store a 1 2)", "(store 1 x 2)", "(root-obj (+ (^ x 2) (- 2)) 2)", "(", ")", "()",
        "1;", '"a', '"\u00e9"', "(- (- 1))", ":a",
        "(! true :named p)", "(" * 5000,
    ],
)  # fmt: skip
def test_values_that_are_not_plain(text: str) -> None:
    assert value(text) != text


SCRIPT = derive("(declare-const x Int)(declare-fun f (Int) Int)(declare-const |a b| Real)(check-sat)", "f", "check-1")


def test_a_models_values_and_the_rest() -> None:
    found = counterexample(SCRIPT, "((x (- 1))\n (|a b| (root-obj x 1)))")
    assert found == {"model": {"x": "(- 1)"}, "others": ["f", "a b"]}
    assert checked(SCRIPT, found) == {"x": "(- 1)"}
    assert counterexample(SCRIPT, "(error)")["model"] == {}


@pytest.mark.parametrize(
    "claim",
    [
        None, [], {}, {"model": {}}, {"model": {}, "others": []}, {"model": [], "others": ["x", "f", "a b"]},
        {"model": {"x": 1}, "others": ["f", "a b"]}, {"model": {"f": "1"}, "others": ["x", "a b"]},
        {"model": {"x": "1)(assert true"}, "others": ["f", "a b"]}, {"model": {"x": " 1"}, "others": ["f", "a b"]},
        {"model": {"x": "1", "z": "1"}, "others": ["f", "a b"]}, {"model": {"x": "1"}, "others": ["x", "f", "a b"]},
        {"model": {"x": "1"}, "others": ["f", 3]}, {"model": {"x": "1"}, "others": ["f", "a b"], "proof": "yes"},
    ],
)  # fmt: skip
def test_forged_counterexamples(claim: Any) -> None:
    with pytest.raises(InputError):
        checked(SCRIPT, claim)
