"""The engine on worlds with known proofs."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest
from synthetic import (
    OBLIGATION,
    MemoryCache,
    MemorySink,
    Move,
    SyntheticProver,
    SyntheticSession,
    World,
    cheapest,
    forever,
    tree,
    valid_proof,
    verifier,
)

from lemmata.outcome import Rejected
from lemmata.step import Part, Step
from lemmata.verdict import Limits, Verdict, Verification
from search.budget import Budget
from search.engine import Engine, SearchResult
from search.priorities import Ageing, Cumulative, LengthNormalised, MultiQueue

POLICIES = [LengthNormalised(), Cumulative(), Ageing(), MultiQueue()]


def make(world: World, **options: Any) -> tuple[Engine, SyntheticSession, MemorySink]:
    session = options.pop("session", None) or SyntheticSession(world)
    provers = options.pop("provers", None) or [SyntheticProver(world)]
    sink = options.pop("sink", None) or MemorySink()
    options.setdefault("budget", Budget(20))
    options.setdefault("verify", verifier(world))
    return Engine(OBLIGATION, session, provers, sink=sink, **options), session, sink


def search(world: World, **options: Any) -> tuple[SearchResult, SyntheticSession, MemorySink]:
    engine, session, sink = make(world, **options)
    result = asyncio.run(engine.run())
    result.graph.check_invariants()
    return result, session, sink


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
@pytest.mark.parametrize("seed", range(12))
def test_proved_exactly_when_there_is_a_proof(seed, policy):
    world = tree(seed, share=0.25 if seed % 2 else 0.0)
    result, _, sink = search(world, policy=policy)
    if cheapest(world) < math.inf:
        assert result.verdict is Verdict.PROVED
        assert valid_proof(world, result.steps)
    else:
        assert (result.verdict, result.reason) == (Verdict.UNKNOWN, "search space exhausted")
    assert sink.of("search_finished")[-1].verdict == result.verdict.value


@pytest.mark.parametrize("seed", range(20))
def test_the_proof_is_the_cheapest_of_what_was_explored(seed):
    world = tree(seed, share=0.3)
    result, _, _ = search(world)
    explored: World = {goal.goal.conclusion: [] for goal in result.graph.goals()}
    for step in result.graph.steps():
        if step.accepted:
            names = tuple(ref.goal.conclusion for ref in step.refs)
            explored[result.graph.goal(step.goal).goal.conclusion].append(Move(step.step.text, -1.0, names))
    wanted = cheapest(explored)
    assert len(result.steps) == (0 if wanted == math.inf else wanted)


@pytest.mark.parametrize("seed", range(20))
def test_uniform_cost_search_finds_the_most_probable_proof(seed):
    # Without conjunctions, and with closing steps that are certain, cumulative order is Dijkstra's algorithm.
    world = {
        name: [m if m.subgoals else Move(m.text, 0.0, m.subgoals) for m in moves]
        for name, moves in tree(seed, fan=1, depth=6).items()
    }
    prices = {m.text: -m.log_probability for moves in world.values() for m in moves}
    result, _, _ = search(world, policy=Cumulative(), batch=1, concurrency=1)
    wanted = cheapest(world, lambda move: -move.log_probability)
    assert (result.verdict is Verdict.PROVED) == (wanted < math.inf)
    if wanted < math.inf:
        assert sum(prices[step.text] for step in result.steps) == pytest.approx(wanted)


def test_without_verification_nothing_is_proved():
    result, _, _ = search({"root": [Move("close", -1.0, ())]}, verify=None)
    assert (result.verdict, result.reason, result.steps) == (Verdict.UNKNOWN, "not verified", ())


def test_a_proof_that_does_not_verify_is_withdrawn_and_the_next_one_found():
    world: World = {"root": [Move("bad", -0.1, ()), Move("good", -2.0, ("a",))], "a": [Move("close", -1.0, ())]}

    async def verify(steps: list[Step]) -> Verification:
        bad = any(step.text == "bad" for step in steps)
        return Verification(Verdict.UNKNOWN, "bad") if bad else Verification(Verdict.PROVED)

    result, _, sink = search(world, verify=verify)
    assert result.verdict is Verdict.PROVED
    assert [step.text for step in result.steps] == ["good", "close"]
    assert any(event.status == "rejected" for event in sink.of("status_changed"))


def test_goals_that_only_looked_alike_are_unmerged():
    world: World = {
        "root": [Move("split", -0.1, ("a", "b"))],
        "a": [Move("use", -0.1, ("same",))],
        "b": [Move("use", -0.1, ("same",))],
        "same": [Move("one", -0.1, ()), Move("two", -3.0, ())],
    }

    async def verify(steps: list[Step]) -> Verification:
        # The first occurrence needs one proof, the second the other: exactly what sharing hides.
        texts = [step.text for step in steps]
        good = texts == ["split", "use", "one", "use", "two"]
        return Verification(Verdict.PROVED if good else Verdict.UNKNOWN, "" if good else "not that way")

    result, _, _ = search(world, verify=verify, concurrency=1)
    assert result.graph.split_keys
    assert result.verdict is Verdict.PROVED or "did not verify" in result.reason


def test_an_error_of_the_verification_is_the_verdict():
    async def disagree(steps: list[Step]) -> Verification:
        return Verification(Verdict.ERROR, "z3 and cvc5 disagree")

    async def crash(steps: list[Step]) -> Verification:
        raise RuntimeError("no solver")

    async def nonsense(steps: list[Step]) -> Any:
        return True

    world: World = {"root": [Move("close", -1.0, ())]}
    for verify, word in ((disagree, "disagree"), (crash, "no solver"), (nonsense, "bool")):
        result, _, _ = search(world, verify=verify)
        assert result.verdict is Verdict.ERROR
        assert word in result.reason


@pytest.mark.parametrize(
    ("budget", "word"),
    [
        (Budget(20, expansions=5), "expansion"),
        (Budget(20, checker_calls=7), "checker call"),
        (Budget(20, tokens=9), "token"),
        (Budget(0), "time"),
        (Budget(20, checker_seconds=0.0), "checker time"),
    ],
)
def test_budgets_are_kept(budget, word):
    world = {name: [m for m in moves if m.subgoals != ()] for name, moves in tree(5, depth=6, fan=3).items()}
    result, session, _ = search(world, budget=budget)
    assert result.verdict is Verdict.UNKNOWN
    assert word in result.reason
    assert result.stats["expansions"] <= (budget.expansions if budget.expansions is not None else 10**9)
    assert len(session.calls) == result.stats["checker_calls"]
    assert len(session.calls) <= (budget.checker_calls if budget.checker_calls is not None else 10**9)


def test_time_is_kept_although_everything_hangs():
    class Hanging(SyntheticProver):
        async def propose(self, goals, n):
            await forever()

    world: World = {"root": [Move("close", -1.0, ())]}
    result, _, _ = search(world, provers=[Hanging(world)], budget=Budget(0.05))
    assert "time budget" in result.reason
    assert result.stats["seconds"] < 5

    async def never(steps: list[Step]) -> Verification:
        return await forever()  # type: ignore[return-value]

    result, _, _ = search(world, verify=never, budget=Budget(0.05), verify_seconds=0.05)
    assert result.verdict is Verdict.UNKNOWN
    assert result.reason.endswith("it was not verified within 0.05 s")


def test_ageing_starves_nothing(monkeypatch):
    # A check that took long lets the prover be asked about the second best before the outcome is there.
    monkeypatch.setattr("search.checking.SLICE_SECONDS", math.inf)
    # An endless chain of likely steps hides a proof behind one unlikely step.
    chain = 60
    world: World = {f"c{i}": [Move(f"down{i}", -0.01, (f"c{i + 1}",))] for i in range(chain * 20)}
    world["root"] = [Move("chain", -0.01, ("c0",)), Move("detour", -4.0, ("d",))]
    world["d"] = [Move("done", -0.1, ())]
    options: dict[str, Any] = {"budget": Budget(20, expansions=chain), "batch": 1, "concurrency": 1}
    assert search(world, policy=Ageing(0.1), **options)[0].verdict is Verdict.PROVED
    assert search(world, policy=Cumulative(), **options)[0].verdict is Verdict.UNKNOWN


def test_a_slow_prover_does_not_hold_up_a_fast_one():
    world: World = {"root": [Move("close", -1.0, ())]}

    class Slow(SyntheticProver):
        cancelled = False

        async def propose(self, goals, n):
            try:
                await forever()
            except asyncio.CancelledError:
                self.cancelled = True
                raise

    slow = Slow(world, "slow")
    result, _, _ = search(world, provers=[slow, SyntheticProver(world)])
    assert result.verdict is Verdict.PROVED
    assert slow.cancelled


def test_work_for_irrelevant_goals_is_cancelled():
    world: World = {
        "root": [Move("hard", -0.1, ("h",)), Move("easy", -0.2, ("e",))],
        "h": [Move("stuck", -0.1, ())],
        "e": [Move("close", -1.0, ())],
    }
    cancelled = []

    async def stuck() -> Any:
        try:
            await forever()
        except asyncio.CancelledError:
            cancelled.append("stuck")
            raise

    session = SyntheticSession(world, {"stuck": stuck})
    result, _, _ = search(world, session=session)
    assert result.verdict is Verdict.PROVED
    assert cancelled == ["stuck"]
    assert session.running == 0


def test_concurrency_is_bounded():
    async def later() -> Any:
        await asyncio.sleep(0)
        return Rejected("no")

    world: World = {"root": [Move(f"m{i}", -1.0, None) for i in range(12)]}
    session = SyntheticSession(world, {f"m{i}": later for i in range(12)})
    search(world, session=session, concurrency=3)
    assert session.most_running == 3


def test_best_proposals_are_checked_first():
    world: World = {"root": [Move(f"m{i}", -float(i + 1), None) for i in (3, 1, 2, 0)]}
    _, session, _ = search(world, concurrency=1)
    assert [text for _, text in session.calls] == ["m0", "m1", "m2", "m3"]


def test_rejections_are_cached_across_runs_and_nothing_else_is():
    world = tree(3)
    cache = MemoryCache()
    first, session, _ = search(world, cache=cache)
    again, other, _ = search(world, cache=cache)
    assert first.verdict is again.verdict
    assert again.stats["cached"] == len(session.calls) - len(other.calls)
    moves = {m.text: m for moves in world.values() for m in moves}
    assert all(moves[text].subgoals is not None for _, text in other.calls)


def test_cancel_stops_the_search():
    world: World = {"root": [Move("hang", -1.0, ())]}
    session = SyntheticSession(world, {"hang": forever})
    engine, _, sink = make(world, session=session)

    async def scenario() -> SearchResult:
        task = asyncio.create_task(engine.run())
        while not session.running:
            await asyncio.sleep(0)
        engine.cancel()
        return await task

    result = asyncio.run(scenario())
    assert (result.verdict, result.reason) == (Verdict.UNKNOWN, "cancelled")
    assert session.running == 0
    assert sink.events[-1].kind == "search_finished"


def test_cancelling_the_task_propagates_after_the_events_are_recorded():
    world: World = {"root": [Move("hang", -1.0, ())]}
    session = SyntheticSession(world, {"hang": forever})
    engine, _, sink = make(world, session=session)

    async def scenario() -> None:
        task = asyncio.create_task(engine.run())
        while not session.running:
            await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(scenario())
    assert session.running == 0
    assert sink.events[-1].reason == "interrupted"


def test_critics_steer_and_their_faults_are_survived():
    world: World = {
        "root": [Move("likely", -0.1, ("swamp",)), Move("unlikely", -2.0, ("good",))],
        "good": [Move("close", -0.1, ())],
        **{f"swamp{'x' * i}": [Move(f"wade{i}", -0.1, (f"swamp{'x' * (i + 1)}",))] for i in range(300)},
    }

    class Oracle:
        name = "oracle"

        async def score(self, goals):
            return [-30.0 if "swamp" in view.goal.conclusion else -0.01 for view in goals]

    class Broken:
        name = "broken"

        async def score(self, goals):
            raise RuntimeError("no weights")

    class Nan:
        name = "nan"

        async def score(self, goals):
            return [math.nan] * len(goals)

    options: dict[str, Any] = {"batch": 1, "concurrency": 1, "budget": Budget(20, expansions=40)}
    result, _, sink = search(world, critics=[Oracle(), Broken(), Nan()], **options)
    assert result.verdict is Verdict.PROVED
    assert any("broken" in event.message for event in sink.of("log"))


def test_statistics_and_events_agree():
    world = tree(1)
    result, session, sink = search(world)
    assert result.stats["checker_calls"] == len(session.calls) == len(sink.of("step_checked"))
    assert result.stats["goals"] == len(sink.of("goal_opened"))
    assert result.stats["provers"]["synthetic"]["accepted"] == sum(
        event.outcome in ("closed", "open") for event in sink.of("step_checked")
    )
    assert sink.events[0].kind == "search_started"
    opened = {event.node for event in sink.of("goal_opened")}
    assert all(set(event.subgoals) <= opened for event in sink.of("step_checked"))


def test_a_sink_that_fails_ends_the_search_in_order():
    class Full(MemorySink):
        def emit(self, event):
            if len(self.events) == 1:
                raise OSError("disk full")
            super().emit(event)

    result, _, _ = search(tree(1), sink=Full())
    assert result.verdict is Verdict.ERROR
    assert "disk full" in result.reason


def test_parts_that_are_not_needed_are_dropped():
    parts = tuple(Part("loop", text) for text in "abcdef")
    world: World = {"root": [Move("clauses", -1.0, (), parts)]}

    class Shrinking(SyntheticSession):
        async def needed(self, steps, limits: Limits):
            return [step.keeping(step.parts[:5]) for step in steps]

        async def accepts(self, steps, limits: Limits):
            return {"b", "d"} <= {part.text for step in steps for part in step.parts}

    result, _, _ = search(world, session=Shrinking(world))
    assert [part.text for part in result.steps[0].parts] == ["b", "d"]
    result, _, _ = search(world, session=Shrinking(world), minimise=False)
    assert len(result.steps[0].parts) == 6
