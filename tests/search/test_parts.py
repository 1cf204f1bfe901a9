"""The frontier, the policies, the budget and the minimiser by themselves."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemmata.step import Part, clauses
from lemmata.verdict import Limits
from search.budget import Budget, Meter
from search.frontier import Frontier
from search.minimise import ddmin, minimise
from search.priorities import Ageing, Candidate, Cumulative, LengthNormalised, MultiQueue

ROOT = Path(__file__).parents[2]


@given(st.lists(st.tuples(st.sampled_from(["push", "pop", "discard"]), st.integers(0, 9), st.integers(0, 5))))
def test_the_frontier_agrees_with_a_sorted_list(operations):
    frontier, model, arrival = Frontier(), {}, 0
    for operation, node, key in operations:
        if operation == "push":
            arrival += 1
            model[node] = (float(key), model[node][1] if node in model else arrival)
            frontier.push(node, float(key))
        elif operation == "discard":
            frontier.discard(node)
            model.pop(node, None)
        else:
            expected = min(model, key=model.__getitem__, default=None)
            assert frontier.pop() == expected
            model.pop(expected, None)
        assert len(frontier) == len(model)
        assert all(n in frontier for n in model)


def test_the_frontier_does_not_pile_up_old_entries():
    frontier = Frontier()
    for i in range(10_000):
        frontier.push(i % 10, float(-i))
    assert len(frontier._heap) < 200


@pytest.mark.parametrize("policy", [LengthNormalised(), Cumulative(), Ageing(), MultiQueue()], ids=lambda p: p.name)
def test_every_policy_gives_each_goal_once_and_the_better_path_first(policy):
    queue = policy.queue()
    rng = random.Random(1)
    for node in range(50):
        queue.push(Candidate(node, rng.uniform(1, 9), rng.randint(1, 9)))
    queue.push(Candidate(31, 0.0, 0))
    queue.discard(7)
    assert len(queue) == 49
    assert queue.pop() == 31
    taken = [queue.pop() for _ in range(48)]
    assert sorted(taken) == sorted(set(range(50)) - {7, 31})
    assert queue.pop() is None


def test_length_normalisation_prefers_the_deep_path_and_critics_overrule():
    queue = LengthNormalised(alpha=1.0).queue()
    queue.push(Candidate(1, 2.0, 1))
    queue.push(Candidate(2, 6.0, 6))
    queue.push(Candidate(3, 20.0, 1, scores=(0.0,)))
    queue.push(Candidate(4, 0.1, 1, scores=(-50.0,)))
    assert [queue.pop() for _ in range(4)] == [2, 1, 3, 4]


def test_the_multi_queue_takes_turns():
    queue = MultiQueue().queue()
    queue.push(Candidate(1, 9.0, 9, scores=(-0.1,)))
    queue.push(Candidate(2, 1.0, 8, scores=(-9.0,)))
    queue.push(Candidate(3, 8.0, 1, scores=(-8.0,)))
    assert [queue.pop() for _ in range(3)] == [1, 2, 3]


def test_the_meter_bounds_a_step_by_what_is_left():
    meter = Meter(Budget(seconds=None, checker_seconds=3.0))
    meter.checker_seconds = 2.0
    assert meter.step_seconds(10.0) == 1.0
    assert meter.step_seconds(None) == 1.0
    assert Meter(Budget(None)).step_seconds(None) is None
    assert Meter(Budget(0)).out_of_time


@given(st.sets(st.integers(0, 20)), st.integers(0, 30))
def test_ddmin_leaves_exactly_what_is_needed(needed, size):
    items = list(range(max(size, *needed, 0) + 1))

    async def test(subset):
        return needed <= set(subset)

    assert asyncio.run(ddmin(items, test)) == sorted(needed)


class Shrinking:
    def __init__(self, needed, core=None):
        self.wanted = needed
        self.core = core
        self.asked = 0

    async def accepts(self, steps, limits):
        self.asked += 1
        return self.wanted <= {part.text for step in steps for part in step.parts}

    async def needed(self, steps, limits):
        return self.core if self.core is not None else list(steps)


STEPS = [clauses(tuple(Part("l", c) for c in "abc")), clauses(tuple(Part("m", c) for c in "def"))]


def test_minimising_works_across_steps_and_keeps_their_number():
    smaller = asyncio.run(minimise(Shrinking({"b", "e"}), STEPS, Limits(), None))
    assert [[part.text for part in step.parts] for step in smaller] == [["b"], ["e"]]


def test_a_core_that_is_not_accepted_is_not_believed():
    wrong = [clauses(()), clauses(())]
    smaller = asyncio.run(minimise(Shrinking({"b"}, wrong), STEPS, Limits(), None))
    assert {part.text for step in smaller for part in step.parts} == {"b"}


def test_minimising_out_of_time_returns_what_it_has():
    session = Shrinking({"b"})
    assert asyncio.run(minimise(session, STEPS, Limits(), 0.0)) == STEPS
    assert session.asked == 0


@pytest.mark.slow
def test_overhead_does_not_grow_with_the_graph():
    # Twice the slack of what the benchmark itself demands: machines that run tests are busy.
    command = [sys.executable, str(ROOT / "benchmarks" / "engine_overhead.py"), "--sizes", "1000,30000", "--json"]
    import json

    small, large = json.loads(subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT).stdout)
    assert large["microseconds_per_step"] <= 2.5 * small["microseconds_per_step"]
    assert large["microseconds_per_step"] <= 400
    assert large["peak_mib"] < 1024
