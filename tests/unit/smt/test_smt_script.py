from __future__ import annotations

import pytest

from checkers.smt.script import derive, questions
from checkers.smt.sexpr import MAX_DEPTH, Reader, quoted
from lemmata.errors import InputError, UnsupportedError


def texts(source: str, name: str = "check-1") -> list[str]:
    return derive(source, "f.smt2", name).text.splitlines()


def test_each_check_sat_is_a_question_with_its_place() -> None:
    found = questions("(check-sat)\n (check-sat-assuming ())\n(exit)(check-sat)", "f.smt2")
    assert [(q.name, str(q.location)) for q in found] == [("check-1", "f.smt2:1:1"), ("check-2", "f.smt2:2:2")]


def test_only_what_is_in_force_is_asked() -> None:
    source = """(set-logic QF_LIA) (declare-const x Int) (assert (> x 0))
        (push) (declare-const y Int) (assert (< x y)) (check-sat) (push 2) (assert false) (pop 3)
        (declare-const y Bool) (check-sat-assuming (y (not y))) (assert y)"""
    assert texts(source) == [
        "(set-logic QF_LIA)",
        "(declare-const x Int)",
        "(assert (> x 0))",
        "(declare-const y Int)",
        "(assert (< x y))",
        "(check-sat)",
    ]
    assert texts(source, "check-2")[3:] == [
        "(declare-const y Bool)",
        "(assert y)",
        "(assert (not y))",
        "(check-sat)",
    ]


def test_comments_strings_and_quoted_symbols_hide_nothing() -> None:
    source = """; (check-sat)
    (set-info :source |(check-sat) (assert false)|) (set-info :status unsat) (echo "(check-sat)")
    (declare-const |a (check-sat) ; b| Bool) (declare-const s String)
    (assert (= s "x "" ) (check-sat) ; " )) ; (assert false)
    (assert |a (check-sat) ; b|) (check-sat)"""
    assert len(questions(source, "f")) == 1
    assert texts(source) == [
        "(set-logic ALL)",
        "(declare-const |a (check-sat) ; b| Bool)",
        "(declare-const s String)",
        '(assert (= s "x "" ) (check-sat) ; "))',
        "(assert |a (check-sat) ; b|)",
        "(check-sat)",
    ]


@pytest.mark.parametrize(
    ("source", "place", "message"),
    [
        ("", "f.smt2", "empty"),
        (" \n", "f.smt2", "empty"),
        ("\0", "f.smt2", "binary"),
        ("; nothing", "f.smt2", "no (check-sat)"),
        ("(exit)(check-sat)", "f.smt2", "no (check-sat)"),
        ("(assert true", "f.smt2:1:1", "missing ')'"),
        ("(check-sat)\n )", "f.smt2:2:2", "unexpected ')'"),
        ('(echo "abc)', "f.smt2:1:7", "unterminated string"),
        ("(assert |abc)", "f.smt2:1:9", "quoted symbol"),
        ("(assert [)", "f.smt2:1:9", "unexpected character"),
        ("(assert (= 1 -1))", "f.smt2:1:14", "not a word"),
        ("(assert (= 1 01))", "f.smt2:1:14", "not a word"),
        ("(assert (= #f 1))", "f.smt2:1:12", "not a word"),
        ("; a\r(assert false)", "f.smt2:1:4", "carriage return"),
        ("check-sat", "f.smt2:1:1", "command is expected"),
        ("(|check-sat|)", "f.smt2:1:1", "command is expected"),
        ("(check-sat p)", "f.smt2:1:1", "no arguments"),
        ("(check-sat-assuming ((and p q)))", "f.smt2:1:22", "an assumption is"),
        ("(pop)", "f.smt2:1:1", "without a (push)"),
        ("(push 1)(pop 2)", "f.smt2:1:9", "without a (push)"),
        ("(push x)", "f.smt2:1:1", "number of levels"),
        ("(push 99999)", "f.smt2:1:1", "levels"),
        ("(assert true false)", "f.smt2:1:1", "one formula"),
        ("(declare-const x)", "f.smt2:1:1", "not well-formed"),
        ("(declare-const x Int)(declare-const |x| Int)", "f.smt2:1:37", "declared twice"),
        ("(declare-const x Int)(assert (! true :named x))", "f.smt2:1:45", "declared twice"),
        ("(declare-const x Int)(define-fun x () Int 1)", "f.smt2:1:34", "declared twice"),
        ("(declare-const x Int)(set-logic QF_LIA)", "f.smt2:1:22", "comes once"),
        ("(set-option :produce-models)", "f.smt2:1:1", "keyword and a value"),
        ("(" * (MAX_DEPTH + 1), f"f.smt2:1:{MAX_DEPTH + 1}", "too deeply"),
    ],
)
def test_what_is_not_a_script(source: str, place: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        questions(source, "f.smt2")
    assert str(caught.value.location) == place
    assert message in caught.value.message


@pytest.mark.parametrize(
    "command",
    [
        "(reset)",
        "(reset-assertions)",
        '(include "other.smt2")',
        "(simplify true)",
        "(check-sat-using smt)",
        "(declare-rel r (Int))",
        "(declare-codatatypes () ())",
        "(set-option :smt.arith.solver 0)",
        "(set-option :timeout 1)",
        "(set-option :rlimit 1)",
        "(set-option :tlimit 1)",
        '(set-option :regular-output-channel "/tmp/owned")',
        '(set-option :diagnostic-output-channel "/tmp/owned")',
        "(set-option :global-declarations true)",
        "(define-fun and ((a Bool) (b Bool)) Bool true)",
        "(define-fun |>| ((a Int) (b Int)) Bool true)",
        "(declare-fun bvadd ((_ BitVec 8) (_ BitVec 8)) (_ BitVec 8))",
        "(declare-const true Bool)",
        "(define-sort Int () Real)",
        "(declare-datatype T ((not (str.len Int))))",
        "(assert (let ((false true)) false))",
        "(assert (forall ((and Bool)) and))",
        "(assert (! false :lblpos here))",
        '(assert (= "\u00e9" "e"))',
    ],
)
def test_refused_by_name(command: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        questions(f"(assert true)\n{command}\n(check-sat)", "f.smt2")
    assert str(caught.value.location).startswith("f.smt2:2:")


def test_harmless_commands_are_dropped() -> None:
    source = """(set-option :produce-proofs true) (set-option :random-seed 7) (set-option :print-success true)
    (set-info :status unsat) (get-model) (get-value (x)) (get-proof) (check-sat)"""
    assert texts(source) == ["(set-logic ALL)", "(check-sat)"]


def test_lines_know_where_they_come_from() -> None:
    derived = derive("(declare-const |a\nb| Int)\n  (assert true)(check-sat)", "f", "check-1")
    assert [str(derived.place(n)) for n in (1, 2, 3, 4, 5)] == ["None", "f:1:1", "f:1:1", "f:3:3", "None"]


def test_canonical_text_reads_back() -> None:
    source = '(a  "x  ( y" |b  c| ( ) ((d)) #x0F 1.50 :k)'
    (node,) = Reader(source, "f").read()
    assert node.render() == '(a "x  ( y" |b  c| () ((d)) #x0F 1.50 :k)'
    assert Reader(node.render(), "f").read()[0].render() == node.render()


def test_quoting() -> None:
    assert [quoted(n) for n in ("x", "a b", "", "1", "-1", "x!0")] == ["x", "|a b|", "||", "|1|", "|-1|", "x!0"]


def test_an_unknown_question() -> None:
    with pytest.raises(InputError, match="check-2"):
        derive("(check-sat)", "f", "check-2")
