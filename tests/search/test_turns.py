"""Whose turn it is: delays of provers, sessions that are stacks, time for verification, turns that get lost."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from typing import Any

import pytest
from synthetic import Move, SyntheticProver, SyntheticSession, World, forever, tree, verifier
from test_engine import make, search

from lemmata.outcome import Closed, Rejected
from lemmata.step import Step
from lemmata.verdict import Verdict, Verification
from search.budget import Budget, Meter


async def accept(steps: Sequence[Step]) -> Verification:
    return Verification(Verdict.PROVED)


class Clocked(SyntheticProver):
    """Notes when it was first asked."""

    first = -1.0

    async def propose(self, goals, n):
        if self.first < 0:
            self.first = time.monotonic()
        return await super().propose(goals, n)


def busy_world() -> tuple[World, SyntheticSession]:
    """Return a world in which one prover's steps keep the session at work for half a second."""

    async def later() -> Any:
        await asyncio.sleep(0.01)
        return Rejected("no")

    world: World = {"root": [Move(f"no{i}", -1.0, None) for i in range(50)] + [Move("last resort", -3.0, ())]}
    return world, SyntheticSession(world, {f"no{i}": later for i in range(50)})


def delayed(budget: Budget) -> tuple[float, int]:
    """Return how long the delayed prover was not asked, and how many checks came before its proposal's."""
    world, session = busy_world()
    quick = SyntheticProver(world, "quick", lambda move: move.subgoals is None)
    slow = Clocked(world, "slow", lambda move: move.subgoals is not None)
    began = time.monotonic()
    result, _, _ = search(
        world, session=session, provers=[slow, quick], budget=budget, delays={"slow": 0.1}, concurrency=1, width=100
    )
    assert result.verdict is Verdict.PROVED
    assert list(result.stats["provers"]) == ["slow", "quick"]  # type: ignore[call-overload]
    return slow.first - began, [text for _, text in session.calls].index("last resort")


def test_a_delayed_prover_waits_for_its_share_of_the_budget():
    waited, checks = delayed(Budget(3.0))
    assert waited >= 0.3
    assert checks == 50


def test_a_delayed_prover_is_asked_at_once_when_nothing_else_is_under_way():
    waited, checks = delayed(Budget(1000.0))
    assert waited >= 0.5
    assert checks == 50
    world: World = {"root": [Move("close", -1.0, ())]}
    began = time.monotonic()
    result, _, _ = search(world, budget=Budget(1000.0), delays={"synthetic": 0.9})
    assert result.verdict is Verdict.PROVED
    assert time.monotonic() - began < 5


def test_without_a_time_budget_a_delayed_prover_is_the_last_resort():
    assert delayed(Budget(None))[1] == 50


def test_the_root_is_left_to_who_searches_apart_although_another_ones_step_leads_back_to_it():
    numbers = (f"g{i}" for i in itertools.count(1))
    world: World = {"root": [Move("around", -0.1, ("g0",)), Move("only this", -1.0, ())]}
    world["g0"] = [Move("back", -0.1, ("root",)), Move("on", -0.1, (next(numbers),))]
    session = SyntheticSession(world)

    class Endless(SyntheticProver):
        """Always has one more goal to go on with."""

        def _proposals(self, view, n):
            here = view.goal.conclusion
            if here not in self.world:
                self.world[here] = [Move(f"on from {here}", -0.1, (next(numbers),))]
                session._moves[here, f"on from {here}"] = self.world[here][0]
            return super()._proposals(view, n)

    walker = Endless(world, "walker", lambda move: move.text != "only this")
    knowing = SyntheticProver(world, "knowing", lambda move: move.text == "only this")
    result, _, _ = search(
        world,
        session=session,
        provers=[walker, knowing],
        budget=Budget(4.0),
        delays={"knowing": 0.05},
        apart=["knowing"],
    )
    assert result.verdict is Verdict.PROVED


def test_one_step_at_a_time_where_the_session_is_a_stack():
    async def later() -> Any:
        await asyncio.sleep(0)
        return Rejected("no")

    world: World = {"root": [Move(f"m{i}", -1.0, None) for i in range(12)]}
    session = SyntheticSession(world, {f"m{i}": later for i in range(12)})
    session.sequential = True  # type: ignore[attr-defined]
    search(world, session=session, concurrency=3)
    assert session.most_running == 1


def switches(session: SyntheticSession) -> int:
    """Return how often the session was asked about another goal than before."""
    goals = [name for name, _ in session.calls]
    return sum(before != after for before, after in itertools.pairwise(goals))


def test_proposals_of_one_goal_are_checked_together():
    world: World = {"root": [Move("split", 0.0, ("a", "b"))]}
    for name in "ab":
        world[name] = [Move(f"{name}{i}", -1.0 - 0.01 * i, None) for i in range(20)]
    options: dict[str, Any] = {"concurrency": 1, "batch": 2, "width": 40}
    assert switches(search(world, **options)[1]) == 40
    assert switches(search(world, stickiness=1.0, **options)[1]) == 2
    session = SyntheticSession(world)
    session.sequential = True  # type: ignore[attr-defined]
    assert switches(search(world, session=session, **options)[1]) == 2


def test_a_good_step_of_a_bad_goal_can_be_made_to_wait():
    world: World = {
        "root": [Move("good", -0.1, ("a",)), Move("bad", -5.0, ("b",))],
        "a": [Move(f"a{i}", -2.0, None) for i in range(9)],
        "b": [Move(f"b{i}", -0.5, None) for i in range(9)],
    }

    async def later() -> Any:
        for _ in range(20):
            await asyncio.sleep(0)
        return Rejected("no")

    def last(**options: Any) -> str:
        """Return whose steps come last; one of the other goal may be under way before they are known."""
        session = SyntheticSession(world, {f"{goal}{i}": later for goal in "ab" for i in range(9)})
        search(world, session=session, concurrency=1, batch=2, **options)
        (goal,) = {name for name, _ in session.calls[-8:]}
        return goal

    assert last() == "a"
    assert last(goal_weight=1.0) == "b"


# Verification has time of its own.


def test_a_proof_found_at_the_last_moment_is_verified():
    async def late() -> Any:
        await asyncio.sleep(0.1)
        return Closed()

    async def verify(steps: list[Step]) -> Verification:
        await asyncio.sleep(0.7)
        return Verification(Verdict.PROVED)

    world: World = {"root": [Move("late", -1.0, ())]}
    result, _, _ = search(world, session=SyntheticSession(world, {"late": late}), verify=verify, budget=Budget(0.6))
    assert result.verdict is Verdict.PROVED
    assert isinstance(result.stats["verify_seconds"], float)
    assert result.stats["verify_seconds"] >= 0.7
    assert isinstance(result.stats["seconds"], float)
    assert 0.1 <= result.stats["seconds"] < 0.6


def test_the_search_goes_on_with_what_was_left_of_its_time():
    async def verify(steps: list[Step]) -> Verification:
        await asyncio.sleep(0.7)
        bad = any(step.text == "bad" for step in steps)
        return Verification(Verdict.UNKNOWN, "bad") if bad else Verification(Verdict.PROVED)

    world: World = {"root": [Move("bad", -0.1, ()), Move("good", -2.0, ())]}
    result, _, _ = search(world, verify=verify, budget=Budget(0.6), concurrency=1)
    assert [step.text for step in result.steps] == ["good"]


def test_a_verification_that_hangs_leaves_time_for_others():
    async def verify(steps: list[Step]) -> Verification:
        if any(step.text.startswith("hangs") for step in steps):
            await asyncio.Event().wait()
        return Verification(Verdict.PROVED)

    world: World = {"root": [*(Move(f"hangs{i}", -0.1, ()) for i in range(2)), Move("good", -2.0, ())]}
    result, _, _ = search(world, verify=verify, verify_seconds=0.2, concurrency=1)
    assert [step.text for step in result.steps] == ["good"]


def test_all_verifications_together_are_limited():
    began: list[float] = []

    async def verify(steps: list[Step]) -> Verification:
        began.append(time.monotonic())
        await asyncio.sleep(0.1)
        return Verification(Verdict.UNKNOWN, "no")

    world: World = {"root": [Move(f"bad{i}", -1.0, ()) for i in range(30)]}
    result, _, _ = search(world, verify=verify, verify_seconds=0.25, width=40)
    assert result.verdict is Verdict.UNKNOWN
    assert "time for verifying proofs spent (0.5 s)" in result.reason
    assert 4 <= len(began) <= 5


def test_an_interruption_ends_a_verification_at_once():
    started = asyncio.Event()

    async def verify(steps: list[Step]) -> Verification:
        started.set()
        return await forever()  # type: ignore[return-value]

    world: World = {"root": [Move("close", -1.0, ())]}
    engine, _, _ = make(world, verify=verify)

    async def scenario() -> Any:
        task = asyncio.create_task(engine.run())
        await started.wait()
        engine.cancel()
        return await asyncio.wait_for(task, 2)

    result = asyncio.run(scenario())
    assert (result.verdict, result.reason) == (Verdict.UNKNOWN, "cancelled")


def test_the_clock_stands_still_while_it_is_paused():
    meter = Meter(Budget(10))
    meter.begin()
    with meter.paused():
        before = meter.seconds
        time.sleep(0.05)
        assert meter.seconds == before
        assert meter.verify_seconds >= 0.05
    spent = meter.verify_seconds
    time.sleep(0.02)
    assert meter.verify_seconds == spent
    assert meter.seconds >= before + 0.02


@pytest.mark.parametrize("seed", range(0, 24, 2))
@pytest.mark.parametrize("concurrency", [1, 2])
def test_a_question_that_is_withdrawn_before_it_was_asked_holds_nothing_up(seed, concurrency, monkeypatch):
    # Every check takes a turn of its own: goals are decided between the asking and the prover's first step.
    monkeypatch.setattr("search.checking.SLICE_SECONDS", -1.0)
    world = tree(seed)
    result, _, _ = search(world, concurrency=concurrency, verify=verifier(world), budget=Budget(10))
    assert "time" not in result.reason
