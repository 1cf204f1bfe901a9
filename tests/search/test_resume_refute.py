"""Resuming a killed run, and refuting while proving."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from synthetic import MemorySink, Move, SyntheticSession, World, forever, tree
from test_engine import search

from lemmata.verdict import Verdict, Verification
from search.budget import Budget
from search.resume import History


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 1.0])
def test_a_cut_log_is_continued(seed, cut):
    world = tree(seed, share=0.2)
    full, _, sink = search(world, concurrency=1)
    events = sink.events[: int(cut * len(sink.events))]
    resumed, other, log = search(world, concurrency=1, history=events)
    assert resumed.verdict is full.verdict
    moves = {m.text: m for moves in world.values() for m in moves}
    decided = {(e.goal, e.step) for e in events if e.kind == "step_checked" and e.outcome == "rejected"}
    again = [text for _, text in other.calls if moves[text].subgoals is None]
    assert not {text for _, text in decided} & set(again)
    assert resumed.stats["cached"] == len(decided)
    if seed % 2 and cut == 0.5:
        # A run that was resumed and killed again can be resumed from both logs.
        third, last, _ = search(world, concurrency=1, history=[*events, *log.events])
        assert third.verdict is full.verdict
        assert all(moves[text].subgoals is not None for _, text in last.calls)


def test_provers_are_not_asked_again_where_everything_was_checked():
    world: World = {"root": [Move("no", -1.0, None), Move("yes", -2.0, ("a",))], "a": [Move("no2", -1.0, None)]}
    _, _, sink = search(world, budget=Budget(20, expansions=2))
    result, session, _ = search(world, history=sink.events, budget=Budget(20, expansions=0))
    assert [text for _, text in session.calls] == ["yes"]
    assert result.stats["goals"] == 2


def test_a_step_refused_by_the_verification_stays_refused():
    world: World = {"root": [Move("bad", -0.1, ())]}

    async def refuse(steps: Any) -> Verification:
        return Verification(Verdict.UNKNOWN, "bad")

    _, _, sink = search(world, verify=refuse)
    result, session, _ = search(world, history=sink.events)
    assert session.calls == []
    assert result.verdict is Verdict.UNKNOWN


def test_history_of_nothing():
    assert History([]).of("key") is None


class Refuting(SyntheticSession):
    answer: Any = None

    async def refute(self, limits):
        if isinstance(self.answer, BaseException):
            raise self.answer
        if callable(self.answer):
            return await self.answer()
        return self.answer


def confirm(verdict: Verdict) -> Any:
    async def verify(counterexample: Any) -> Verification:
        return Verification(verdict, "x = 3")

    return verify


STUCK: World = {"root": [Move("no", -1.0, None)]}


def refuting(world: World, answer: Any) -> Refuting:
    session = Refuting(world)
    session.answer = answer
    return session


def test_a_verified_counterexample_disproves():
    session = refuting(STUCK, {"x": 3})
    result, _, _ = search(STUCK, session=session, verify_refutation=confirm(Verdict.DISPROVED))
    assert result.verdict is Verdict.DISPROVED
    assert result.counterexample == {"x": 3}
    assert result.verification is not None


@pytest.mark.parametrize("answer", [{"x": 3}, 17, RuntimeError("no solver"), None])
@pytest.mark.parametrize("verify", [confirm(Verdict.UNKNOWN), None, confirm(Verdict.PROVED)])
def test_nothing_else_does(answer, verify):
    result, _, _ = search(STUCK, session=refuting(STUCK, answer), verify_refutation=verify)
    assert (result.verdict, result.reason) == (Verdict.UNKNOWN, "search space exhausted")


def test_an_exhausted_search_waits_for_the_refuter():
    async def late() -> Any:
        # The search space is exhausted long before these turns of the event loop are over.
        for _ in range(500):
            await asyncio.sleep(0)
        return {"x": 3}

    session = refuting(STUCK, late)
    result, _, _ = search(STUCK, session=session, verify_refutation=confirm(Verdict.DISPROVED))
    assert result.verdict is Verdict.DISPROVED


def test_the_refuter_does_not_outlive_its_budget_nor_hold_up_a_proof():
    result, _, _ = search(STUCK, session=refuting(STUCK, forever), budget=Budget(0.1))
    assert "time budget" in result.reason
    world: World = {"root": [Move("close", -1.0, ())]}
    result, _, _ = search(world, session=refuting(world, forever), sink=MemorySink())
    assert result.verdict is Verdict.PROVED
