"""Clauses of array segments, learned from samples."""

from __future__ import annotations

import pytest
from systems import closes, loop, propose, view

from provers.symbolic.segments import SegmentCasesProver, SegmentsProver

FILL = loop(
    "i n a", ["0", "n0", "a0"], "(< i n)", ["(+ i 1)", "n", "(store a i 0)"],
    "(forall ((k Int)) (=> (and (<= 0 k) (< k n)) (= (select a k) 0)))", assume="(>= n0 0)", arrays="a",
)  # fmt: skip
SQUARES = loop(
    "i n a", ["0", "n0", "a0"], "(< i n)", ["(+ i 1)", "n", "(store a i (* i i))"],
    "(forall ((k Int)) (=> (and (<= 0 k) (< k n)) (= (select a k) (* k k))))", assume="(>= n0 0)", arrays="a",
)  # fmt: skip
COPY = loop(
    "i n a b", ["0", "n0", "a0", "b0"], "(< i n)", ["(+ i 1)", "n", "a", "(store b i (+ (select a i) i))"],
    "(forall ((k Int)) (=> (and (<= 0 k) (< k n)) (= (select b k) (+ (select a k) k))))", assume="(>= n0 0)",
    arrays="a b",
)  # fmt: skip
MAXIMUM = loop(
    "i n m a", ["0", "n0", "0", "a0"], "(< i n)", ["(+ i 1)", "n", "(ite (< m (select a i)) (select a i) m)", "a"],
    "(forall ((k Int)) (=> (and (<= 0 k) (< k n)) (<= (select a k) m)))", assume="(>= n0 0)", arrays="a",
)  # fmt: skip
CELL = loop(
    "i n c", ["0", "n0", "(store c0 0 0)"], "(< i n)", ["(+ i 1)", "n", "(store c 0 (+ (select c 0) 3))"],
    "(= (select c 0) (* 3 n))", assume="(>= n0 0)", arrays="c",
)  # fmt: skip
GAP = loop(
    "i n a", ["1", "n0", "a0"], "(< i n)", ["(+ i 1)", "n", "(store a i 0)"],
    "(forall ((k Int)) (=> (and (<= 0 k) (< k n)) (= (select a k) 0)))", assume="(>= n0 1)", arrays="a",
)  # fmt: skip
PLAIN = loop("i n", ["0", "n0"], "(< i n)", ["(+ i 1)", "n"], "(= i n)", assume="(>= n0 0)")


STRIDE = loop(
    "i n a", ["0", "n0", "a0"], "(< i n)", ["(+ i 2)", "n", "(store a i 1)"],
    "(forall ((k Int)) (=> (and (<= 0 k) (< k n) (= (mod k 2) 0)) (= (select a k) 1)))", assume="(>= n0 0)", arrays="a",
)  # fmt: skip


def closed(system, kind=SegmentsProver) -> bool:
    return any(closes(system, p.step) for p in propose(kind(), view(system)))


@pytest.mark.parametrize("system", [FILL, SQUARES, COPY, MAXIMUM, CELL], ids=["fill", "squares", "copy", "max", "cell"])
def test_arrays_are_proved(system):
    assert closed(system)


def test_what_holds_of_every_second_element_is_proved():
    assert closed(STRIDE, SegmentCasesProver)


def test_an_element_that_was_left_out_is_not_overlooked():
    assert not closed(GAP)
    assert not closed(GAP, SegmentCasesProver)


def test_programs_without_arrays_are_left_to_others():
    assert propose(SegmentsProver(), view(PLAIN)) == []


def test_answers_end():
    prover = SegmentsProver()
    answers = [propose(prover, view(FILL)) for _ in range(5)]
    assert answers[0]
    assert answers[3] == answers[4] == []
