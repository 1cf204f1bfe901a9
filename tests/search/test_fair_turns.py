"""Provers that take turns: each queue gets its part of the time, and nothing is lost."""

from __future__ import annotations

import math
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lemmata.step import Proposal, Step
from search.turns import Turns
from search.waiting import Waiting

NAMES = ("plain", "other", "apart")


def turns(*apart: str) -> Turns:
    return Turns(lambda: Waiting(0.0, 0.0, lambda goal: 0.0), apart)


def proposal(number: int, prover: str, likely: float) -> Proposal:
    return Proposal(Step(f"s{number}"), likely, prover)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(NAMES), st.floats(-9, 0)), max_size=40))
def test_everything_comes_out_once_and_each_queue_in_order(given_proposals):
    queue = turns("apart")
    for number, (goal, prover, likely) in enumerate(given_proposals):
        queue.add(goal, proposal(number, prover, likely))
    assert len(queue) == len(given_proposals)
    taken = []
    while (item := queue.take()) is not None:
        taken.append(item[1])
        queue.charge(item[1], 1.0)
    assert sorted(p.step.text for p in taken) == sorted(f"s{i}" for i in range(len(given_proposals)))
    for side in (("apart",), ("plain", "other")):
        likely = [p.log_probability for p in taken if p.prover in side]
        assert likely == sorted(likely, reverse=True)


def test_a_prover_of_its_own_gets_half_of_the_time_whatever_it_says_of_its_steps():
    queue = turns("apart")
    for number in range(200):
        queue.add(0, proposal(number, "plain", -0.1))
        queue.add(0, proposal(1000 + number, "apart", -8.0))
    spent: Counter[str] = Counter()
    for _ in range(60):
        item = queue.take()
        assert item is not None
        cost = 0.3 if item[1].prover == "apart" else 0.1
        queue.charge(item[1], cost)
        spent[item[1].prover] += cost
    assert math.isclose(spent["apart"], spent["plain"], abs_tol=0.4)


def test_who_had_nothing_to_check_does_not_come_first_for_long():
    queue = turns("apart")
    for number in range(50):
        queue.add(0, proposal(number, "plain", -0.1))
    for _ in range(20):
        item = queue.take()
        assert item is not None
        queue.charge(item[1], 1.0)
    for number in range(50):
        queue.add(0, proposal(1000 + number, "apart", -0.1))
    taken = []
    for _ in range(10):
        item = queue.take()
        assert item is not None
        queue.charge(item[1], 1.0)
        taken.append(item[1].prover)
    assert 4 <= taken.count("apart") <= 6


def test_what_is_urgent_comes_first_from_any_queue():
    queue = turns("apart")
    queue.add(0, proposal(1, "plain", -0.1))
    queue.add(0, proposal(2, "apart", -9.0), first=True)
    queue.charge(proposal(3, "apart", -1.0), 100.0)
    item = queue.take()
    assert item is not None
    assert item[1].step.text == "s2"
    assert [p.step.text for p in queue.take_all(0)] == ["s1"]
    assert len(queue) == 0
