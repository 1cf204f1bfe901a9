"""Engines that others wrote: as provers whose answers are only proposals, and alone as peers."""

from __future__ import annotations

import pytest
from systems import closes, loop, propose, view

from lemmata.errors import InputError
from lemmata.logic.transition import encode
from provers.symbolic import engines, sygus
from provers.symbolic.sygus import SygusProver

COUNT = loop("i n", ["0", "n0"], "(< i n)", ["(+ i 1)", "n"], "(= i n)", assume="(>= n0 0)")
UNSAFE = loop("x", ["0"], "(< x 5)", ["(+ x 1)"], "(= x 6)")
ODD_NAMES = loop("let store", ["0", "store0"], "(< |let| |store|)", ["(+ |let| 1)", "|store|"], "(= |let| |store|)",
                 assume="(>= store0 0)")  # fmt: skip
FILL = loop(
    "i n a", ["0", "n0", "a0"], "(< i n)", ["(+ i 1)", "n", "(store a i 0)"],
    "(forall ((k Int)) (=> (and (<= 0 k) (< k n)) (= (select a k) 0)))", assume="(>= n0 0)", arrays="a",
)  # fmt: skip


@pytest.mark.parametrize("system", [COUNT, ODD_NAMES])
def test_synthesised_invariants_are_proposed(system):
    (proposal,) = propose(SygusProver(), view(system))
    assert closes(system, proposal.step)


def test_an_unsafe_program_gets_no_proposal_and_is_not_asked_for_again():
    prover = SygusProver()
    assert propose(prover, view(UNSAFE)) == propose(prover, view(UNSAFE)) == []


@pytest.mark.parametrize("name", list(engines.ENGINES))
def test_peers_answer(name):
    for system, answer in ((COUNT, "safe"), (UNSAFE, "unsafe")):
        said = engines.solve({"engine": name, "system": encode(system), "seconds": 10.0})
        assert said["answer"] == answer
        assert 0 <= said["seconds"] < 10


@pytest.mark.parametrize("name", list(engines.ENGINES))
def test_peers_end_in_time_with_an_answer_or_none(name):
    said = engines.solve({"engine": name, "system": encode(FILL), "seconds": 0.5})
    assert said["answer"] in ("safe", "unknown")


def test_a_peer_that_does_not_exist():
    with pytest.raises(InputError, match=r"nobody.*spacer"):
        engines.solve({"engine": "nobody", "system": encode(COUNT), "seconds": 1.0})


def test_what_the_engine_prints_is_read_or_left():
    assert sygus._read("(\n(define-fun inv-L1 ((i Int) (n Int)) Bool (<= i n))\n)\n", COUNT) is not None
    for text in ("", "(define-fun inv-L1 () Bool", "(\n(define-fun inv-L1 ((i Int)) Bool (<= i z))\n)", "fail"):
        assert not sygus._read(text, COUNT)
