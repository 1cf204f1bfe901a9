from __future__ import annotations

import z3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_terms import BYTE, SORTS, VALUES, terms

from lemmata.logic import terms as t
from lemmata.logic.evaluate import ArrayValue, compile_terms, evaluate
from lemmata.logic.smtlib import inline, literal, script
from lemmata.logic.sorts import BOOL, INT

slow_inputs = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


def by_solver(term: t.Term, values: dict[str, object]) -> str:
    """Let Z3 compute `term`, and write the value as SMT-LIB."""
    result = t.var("result", term.sort)
    lines, (equation,) = script([t.make("=", (result, term), BOOL)])
    solver = z3.Solver()
    declared = "\n".join(lines)
    known = [f"(assert (= {n} {literal(v, SORTS[n])}))" for n, v in values.items() if f"(declare-fun {n} " in declared]
    solver.from_string("\n".join([declared, *known, f"(assert {equation})"]))
    assert solver.check() == z3.sat
    model = solver.model()
    value = next(model[d] for d in model.decls() if d.name() == "result")
    if term.sort == BOOL:
        return literal(z3.is_true(value), BOOL)
    return literal(value.as_long(), term.sort)


@slow_inputs
@given(st.sampled_from([INT, BOOL, BYTE]).flatmap(terms), VALUES)
def test_evaluation_agrees_with_z3(term, values):
    expected = by_solver(term, values)
    assert literal(evaluate(term, values), term.sort) == expected
    (compiled,) = compile_terms([term], list(values))(*values.values())
    assert literal(compiled, term.sort) == expected


@slow_inputs
@given(terms(BOOL), VALUES)
def test_simplifying_constructors_keep_the_meaning(term, values):
    rebuilt = t.substitute(term, {t.var(n, s): t.const(v, s) if s != BOOL else t.boolean(v) for n, v in values.items() for s in [SORTS[n]]})  # fmt: skip  # noqa: E501
    assert evaluate(rebuilt, {}) == evaluate(term, values)


@given(terms(BOOL, 3), VALUES)
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_negation_is_an_involution_and_flips(term, values):
    assert t.neg(t.neg(term)) is term
    assert evaluate(t.neg(term), values) is not evaluate(term, values)


def test_arrays_are_total_and_equal_by_content():
    a = ArrayValue(0).write(3, 5).write(3, 0)
    assert a == ArrayValue(0)
    assert a.write(1, 2) != ArrayValue(0)
    array = t.var("a", "(Array Int Int)")
    term = t.select(t.make("store", (array, t.const(1), t.const(7)), array.sort), t.var("x", INT))
    assert evaluate(term, {"a": a, "x": 1}) == 7
    assert evaluate(term, {"a": a, "x": 2}) == 0


def test_equal_terms_are_one_object():
    one = t.add(t.var("x", INT), t.const(1))
    assert one is t.add(t.var("x", INT), t.const(1))
    assert inline(one) == "(+ x 1)"


def test_deep_terms_do_not_exhaust_the_stack():
    term = t.var("x", INT)
    for _ in range(20_000):
        term = t.add(term, t.var("y", INT))
    assert evaluate(term, {"x": 1, "y": 2}) == 40_001
