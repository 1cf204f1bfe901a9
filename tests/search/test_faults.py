"""Nothing that a prover or a session does ends a search or fools it."""

from __future__ import annotations

import asyncio
import itertools
import math
from typing import Any

import pytest
from synthetic import (
    GARBAGE,
    Move,
    SyntheticProver,
    SyntheticSession,
    World,
    cheapest,
    forever,
    tree,
    verifier,
)
from test_engine import search

from lemmata.outcome import Closed, Crashed, Note, Open, Rejected, TimedOut
from lemmata.step import Part, Proposal, Step
from lemmata.verdict import Limits, Verdict
from search.budget import Budget

CLOSABLE: World = {"root": [Move("bad", -0.1, ()), Move("good", -2.0, ())]}


@pytest.mark.parametrize("fault", [*GARBAGE, Crashed("dead"), TimedOut(1.0), TimeoutError()], ids=repr)
def test_faults_of_the_session_cost_one_step(fault):
    session = SyntheticSession(CLOSABLE, {"bad": fault})
    result, _, _ = search(CLOSABLE, session=session)
    assert result.verdict is Verdict.PROVED
    if not isinstance(fault, Closed):
        assert [step.text for step in result.steps] == ["good"]


def test_a_step_that_hangs_is_timed_out():
    session = SyntheticSession(CLOSABLE, {"bad": forever})
    result, _, sink = search(CLOSABLE, session=session, step_limits=Limits(wall_seconds=0.02), concurrency=1)
    assert [step.text for step in result.steps] == ["good"]
    assert sink.of("step_checked")[0].outcome == "timedout"


def test_a_session_that_ignores_being_cancelled_is_left_behind(monkeypatch):
    monkeypatch.setattr("search.checking.LOST_SECONDS", 0.05)
    monkeypatch.setattr("search.engine.STOP_SECONDS", 0.05)
    release = asyncio.Event()

    async def deaf() -> Any:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        return Closed()

    session = SyntheticSession(CLOSABLE, {"bad": deaf})

    async def scenario() -> Any:
        from synthetic import OBLIGATION, MemorySink

        from search.engine import Engine

        engine = Engine(
            OBLIGATION,
            session,
            [SyntheticProver(CLOSABLE)],
            budget=Budget(20),
            sink=MemorySink(),
            step_limits=Limits(wall_seconds=0.02),
            concurrency=1,
            verify=verifier(CLOSABLE),
        )
        try:
            return await engine.run()
        finally:
            release.set()

    result = asyncio.run(scenario())
    assert [step.text for step in result.steps] == ["good"]


ANSWERS: list[Any] = [
    None,
    7,
    [],
    [[], [], [], [], [], [], []],
    [None],
    ["text"],
    [[None, 3, "x"]],
    [[Proposal("not a step", -1.0, "odd")]],  # type: ignore[arg-type]
    [[Proposal(Step(3), -1.0, "odd")]],  # type: ignore[arg-type]
    [[Proposal(Step("x", "clauses", ("p",)), -1.0, "odd")]],  # type: ignore[arg-type]
    RuntimeError("out of memory"),
    asyncio.CancelledError(),
]


class Faulty(SyntheticProver):
    def __init__(self, world: World, answer: Any) -> None:
        super().__init__(world, "faulty")
        self.answer = answer
        self.calls = 0

    async def propose(self, goals, n):
        self.calls += 1
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.mark.parametrize("answer", ANSWERS, ids=repr)
def test_a_prover_that_fails_three_times_is_dropped(answer):
    world = tree(2)
    assert cheapest(world) < math.inf
    faulty = Faulty(world, answer)
    result, _, sink = search(world, provers=[faulty, SyntheticProver(world)])
    assert result.verdict is Verdict.PROVED
    assert faulty.calls <= 3
    alone = Faulty(world, answer)
    result, _, sink = search(world, provers=[alone])
    assert (result.verdict, result.reason) == (Verdict.UNKNOWN, "every prover failed")
    assert alone.calls == 3
    assert any("faulty" in event.message for event in sink.of("log"))


@pytest.mark.parametrize("estimate", [math.nan, math.inf, -math.inf, 3.0, None, "0", True, -1e300])
def test_odd_estimates_are_survived(estimate):
    class Odd(SyntheticProver):
        async def propose(self, goals, n):
            return [[Proposal(Step("good"), estimate, "somebody else")] for _ in goals]

    result, _, sink = search(CLOSABLE, provers=[Odd(CLOSABLE, "odd")])
    assert result.verdict is Verdict.PROVED
    checked = sink.of("step_checked")[0]
    assert checked.prover == "odd"
    assert -math.inf < checked.log_probability <= 0


def test_too_many_proposals_and_repeated_ones_are_left_out():
    class Eager(SyntheticProver):
        async def propose(self, goals, n):
            return [[Proposal(Step(f"m{i // 2}"), -1.0, "eager") for i in range(1000)] for _ in goals]

    _, session, _ = search(CLOSABLE, provers=[Eager(CLOSABLE, "eager")], width=10)
    assert [text for _, text in session.calls] == [f"m{i}" for i in range(5)]


def test_a_prover_that_never_runs_out_is_ended_by_the_budget():
    counter = itertools.count()

    class Endless(SyntheticProver):
        async def propose(self, goals, n):
            return [[Proposal(Step(f"m{next(counter)}"), -1.0, "endless")] for _ in goals]

    result, session, _ = search(CLOSABLE, provers=[Endless(CLOSABLE)], budget=Budget(20, checker_calls=50))
    assert result.verdict is Verdict.UNKNOWN
    assert len(session.calls) == 50


def test_parts_that_the_checker_did_not_keep_are_left_out():
    parts = (Part("l", "a"), Part("l", "b"))
    world: World = {"root": [Move("m", -1.0, (), parts, (Note(0, True), Note(1, False, "no", {"x": 1})))]}
    result, _, sink = search(world)
    assert [part.text for part in result.steps[0].parts] == ["a"]
    assert sink.of("step_checked")[0].notes[1] == {"part": 1, "accepted": False, "message": "no", "model": {"x": 1}}


def test_models_that_are_no_json_do_not_end_the_search():
    fault = Rejected("no", 0.0, (Note(0, False, "", {"x": object()}),), {(1, 2): 3})  # type: ignore[dict-item]
    result, _, _ = search(CLOSABLE, session=SyntheticSession(CLOSABLE, {"bad": fault}))
    assert result.verdict is Verdict.PROVED


def test_a_broken_cache_is_done_without():
    class Broken:
        def lookup(self, goal_key, step_key):
            raise OSError("locked")

        def remember(self, goal_key, step_key, outcome):
            raise OSError("locked")

    result, _, sink = search(tree(2), cache=Broken())
    assert result.verdict is Verdict.PROVED
    assert sum("cache" in event.message for event in sink.of("log")) == 1


def test_garbage_in_the_cache_is_ignored():
    class Garbage:
        texts = itertools.cycle(["", "{", "[]", '{"outcome":"closed"}', '{"outcome":"rejected"}', None, 3])

        def lookup(self, goal_key, step_key):
            return next(self.texts)

        def remember(self, goal_key, step_key, outcome):
            pass

    result, _, _ = search(tree(2), cache=Garbage())
    assert result.verdict is Verdict.PROVED
    assert result.stats["cached"] == 0


def test_a_goal_that_is_its_own_subgoal_closes_nothing():
    world: World = {
        "root": [Move("loop", -0.1, ("root",)), Move("down", -0.2, ("a",))],
        "a": [Move("up", -0.1, ("root",)), Move("around", -0.3, ("a", "root"))],
    }
    result, _, _ = search(world)
    assert (result.verdict, result.reason) == (Verdict.UNKNOWN, "search space exhausted")


def test_a_loop_that_is_of_use_elsewhere_is_followed_before_giving_up():
    # g is provable only through h, h was tried through g first: the step back is a loop, and yet the only proof.
    world: World = {
        "root": [Move("both", -0.1, ("h", "g"))],
        "h": [Move("via-g", -0.1, ("g",)), Move("close-h", -3.0, ("k",))],
        "g": [Move("via-h", -0.1, ("h", "k2"))],
        "k": [Move("close-k", -3.0, ())],
        "k2": [Move("close-k2", -3.0, ())],
    }
    result, _, _ = search(world)
    assert result.verdict is Verdict.PROVED


def test_senseless_sizes_count_as_one():
    result, _, _ = search(CLOSABLE, concurrency=0, batch=0, width=0)
    assert result.verdict is Verdict.PROVED


def test_an_open_outcome_without_subgoals_closes_the_goal():
    result, _, _ = search(CLOSABLE, session=SyntheticSession(CLOSABLE, {"bad": Open(())}))
    assert result.verdict is Verdict.PROVED
