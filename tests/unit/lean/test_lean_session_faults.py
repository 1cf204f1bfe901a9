"""A session whose REPL dies, hangs, answers nonsense or half of an answer, or complains at length, at every message."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import lean_peer
import pipe_peer
import pytest
from lean_peer import SECONDS, cmd, left, open_at, tactic
from pipe_peer import FAULTS, Exchange, Fault

from checkers.lean import worker as workers
from checkers.lean.repl import Launch
from checkers.lean.replies import Position
from checkers.lean.session import LeanSession
from checkers.lean.splitting import OPEN_ALL
from checkers.lean.worker import Base, Spot, Worker
from checkers.process import Supervisor
from lemmata.errors import BackendError, InputError
from lemmata.goal import GoalRef
from lemmata.outcome import Closed, Crashed, Open, Outcome, Rejected, TimedOut
from lemmata.step import Step
from lemmata.verdict import Limits

DECLARED = "theorem it (p q : Prop) (hp : p) (hq : q) : q ∧ p := by sorry"
SOURCE = f"import Lean\nopen Nat\n{DECLARED}\n"
GOAL = "p q : Prop\nhp : p\nhq : q\n⊢ "
SHORT = Limits(wall_seconds=0.3)
COLUMN = DECLARED.index("sorry")
PAD = "\n" + " " * (COLUMN + 2)
SPLIT = DECLARED.replace("sorry", f"({PAD}constructor{PAD}{OPEN_ALL}{PAD})")
PLACE = (3, COLUMN + 2 + len("all_goals "))
HALVES = (f"case left\n{GOAL}q", f"case right\n{GOAL}p")
CONVERSATION = (
    cmd("import Lean\n", {"env": 0}),
    Exchange({"pickleTo": "", "env": 0}, ('{"env": 0}',)),
    cmd("open Nat\n", {"env": 1}, 0),
    cmd(DECLARED, {"sorries": [open_at(0, 1, COLUMN, f"{GOAL}q ∧ p")], "env": 2}, 1),
    tactic("have h := hp", 0, left(1, "p q : Prop\nhp : p\nhq : q\nh : p\n⊢ q ∧ p")),
    tactic("constructor", 0, left(2, *HALVES)),
    cmd(SPLIT, {"sorries": [open_at(3, *PLACE, HALVES[0]), open_at(4, *PLACE, HALVES[1])], "env": 3}, 1),
    tactic("exact hq", 3, left(5)),
    tactic("exact hp", 4, left(6)),
    tactic("exact ⟨hq, h⟩", 1, left(7)),
)
LOADING = 4
"""So many of the messages load what is above the goal, and the goal."""


def with_session(program: Path, work: Callable[[LeanSession], Awaitable[None]]) -> None:
    async def run() -> None:
        async with lean_peer.session(program, SOURCE, "it") as opened:
            await work(opened)

    asyncio.run(run())


async def apply(session: LeanSession, goal: GoalRef, text: str, limits: Limits = SECONDS) -> Outcome:
    return await session.apply(goal, Step(text), limits)


async def lasting(session: LeanSession, goal: GoalRef, text: str) -> Outcome:
    """Apply a step, and once more where it ran out of time."""
    outcome = await apply(session, goal, text, SHORT)
    return await apply(session, goal, text) if isinstance(outcome, TimedOut) else outcome


async def finished(session: LeanSession) -> None:
    """Prove the goal in two ways, whatever happens in between."""
    more = await lasting(session, session.root, "have h := hp")
    assert isinstance(more, Open), more
    both = await lasting(session, session.root, "constructor")
    assert isinstance(both, Open), both
    if len(both.subgoals) == 2:
        for ref, text in zip(both.subgoals, ("exact hq", "exact hp"), strict=True):
            assert isinstance(await lasting(session, ref, text), Closed)
    else:
        # The request that tells them apart was lost; together they are still goals.
        assert both.subgoals[0].goal.details["goals"] == 2
    assert isinstance(await lasting(session, more.subgoals[0], "exact ⟨hq, h⟩"), Closed)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "LOAD_SECONDS", 1.5)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("at", range(len(CONVERSATION)))
@pytest.mark.parametrize("kind", FAULTS)
def test_one_fault_at_any_message_costs_at_most_a_step(kind: str, at: int, tmp_path: Path) -> None:
    program = lean_peer.write(tmp_path, CONVERSATION, Fault(at, kind), ident="pickleTo")
    if kind == "hang" and at < LOADING:
        with pytest.raises(BackendError, match=r"1\.5 s"):
            with_session(program, finished)
    else:
        with_session(program, finished)
    starts = sum("start" in entry for entry in pipe_peer.received(program))
    assert starts == (1 if kind == "flood" or (kind == "hang" and at < LOADING) else 2)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("at", [0, 2, 3, 4])
@pytest.mark.parametrize("kind", ["die", "hang", "garbage", "half"])
def test_a_fault_that_comes_back_is_told_and_leaves_nothing_behind(kind: str, at: int, tmp_path: Path) -> None:
    program = lean_peer.write(tmp_path, CONVERSATION, Fault(at, kind, always=True), ident="pickleTo")

    async def work(session: LeanSession) -> None:
        outcome = await apply(session, session.root, "have h := hp", SHORT)
        assert isinstance(outcome, TimedOut if kind == "hang" else Crashed)

    if at < LOADING:
        with pytest.raises(BackendError):
            with_session(program, work)
    else:
        with_session(program, work)


def test_a_killed_process_is_replaced_and_the_way_to_the_goal_taken_again(tmp_path: Path) -> None:
    async def work(session: LeanSession) -> None:
        more = await apply(session, session.root, "have h := hp")
        assert isinstance(more, Open)
        for _ in range(3):
            pid = session._worker.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            assert isinstance(await apply(session, more.subgoals[0], "exact ⟨hq, h⟩"), Closed)
        assert session.spent.starts == 4
        assert session.spent.replayed == 3

    with_session(lean_peer.write(tmp_path, CONVERSATION, ident="pickleTo"), work)


def test_steps_on_many_goals_at_once_take_turns(tmp_path: Path) -> None:
    async def work(session: LeanSession) -> None:
        both = await apply(session, session.root, "constructor")
        assert isinstance(both, Open)
        first, second = both.subgoals
        tries = [(first, "exact hq"), (second, "exact hp"), (session.root, "have h := hp"), (first, "exact hp")] * 5
        outcomes = await asyncio.gather(*(apply(session, goal, text) for goal, text in tries))
        assert [type(outcome) for outcome in outcomes] == [Closed, Closed, Open, Rejected] * 5

    with_session(lean_peer.write(tmp_path, CONVERSATION, ident="pickleTo"), work)


def test_a_step_that_is_given_up_does_not_spoil_the_next(tmp_path: Path) -> None:
    program = lean_peer.write(tmp_path, CONVERSATION, Fault(LOADING, "hang"), ident="pickleTo")

    async def work(session: LeanSession) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await apply(session, session.root, "have h := hp")
        assert isinstance(await apply(session, session.root, "have h := hp"), Open)

    with_session(program, work)


def test_memory_that_runs_out_is_a_crash_of_that_step(tmp_path: Path) -> None:
    program = lean_peer.write(tmp_path, CONVERSATION, Fault(LOADING, "hang"), ident="pickleTo")

    async def work(session: LeanSession) -> None:
        session._worker._repl._limits = Limits(None, None, 1 << 20, None)  # type: ignore[union-attr]
        outcome = await apply(session, session.root, "have h := hp")
        assert isinstance(outcome, Crashed)
        assert "memory" in outcome.message
        assert isinstance(await apply(session, session.root, "have h := hp"), Open)

    with_session(program, work)


def test_a_process_that_has_grown_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_GROWTH_BYTES", -(1 << 40))

    async def work(session: LeanSession) -> None:
        await finished(session)
        assert session.spent.starts > 4

    with_session(lean_peer.write(tmp_path, CONVERSATION, ident="pickleTo"), work)


def test_a_closed_session_says_so(tmp_path: Path) -> None:
    async def work(session: LeanSession) -> None:
        await session.close()
        await session.close()
        assert isinstance(await apply(session, session.root, "have h := hp"), Crashed)
        assert isinstance(await apply(session, GoalRef("elsewhere", session.root.goal), "rfl"), Crashed)

    with_session(lean_peer.write(tmp_path, CONVERSATION, ident="pickleTo"), work)


def pickled(folder: Path, read: tuple[Exchange, ...], work: Callable[[Worker], Awaitable[None]]) -> list[str]:
    """Work on a goal below imports that are pickled in a folder; return the kinds of requests that were sent."""
    place = str(folder / "header.olean")
    exchanges = [
        CONVERSATION[0],
        Exchange({"pickleTo": place, "env": 0}, ('{"env": 0}',)),
        *read,
        *CONVERSATION[2:],
        cmd(DECLARED, {"sorries": [open_at(0, 1, COLUMN, f"{GOAL}q ∧ p")], "env": 6}, 5),
        cmd("open Nat\n", {"env": 5}, 4),
    ]
    program = lean_peer.write(folder, exchanges)

    async def run() -> None:
        async with Supervisor() as supervisor:
            base = Base("import Lean\n", "open Nat\n")
            worker = Worker(supervisor, Launch((str(program),)), base, Limits(), folder)
            await worker.start()
            try:
                await work(worker)
            finally:
                await worker.close()

    asyncio.run(run())
    kinds = ("pickleTo", "unpickleEnvFrom", "cmd", "tactic")
    return [next(kind for kind in kinds if kind in request) for request in pipe_peer.requests(program)]


async def killed_twice(worker: Worker) -> None:
    spot = Spot(DECLARED, Position(1, COLUMN))
    for _ in range(3):
        await worker.step(spot, (), "have h := hp", 5.0)
        assert worker.pid is not None
        assert worker._repl is not None
        os.kill(worker.pid, signal.SIGKILL)
        await worker._repl._child.wait()
    await worker.step(spot, (), "have h := hp", 5.0)


def test_imports_are_elaborated_once_and_unpickled_after_that(tmp_path: Path) -> None:
    unpickle = Exchange({"unpickleEnvFrom": str(tmp_path / "header.olean")}, ('{"env": 4}',))
    kinds = pickled(tmp_path, (unpickle,), killed_twice)
    first = ["cmd", "pickleTo", "cmd", "cmd", "tactic"]
    assert kinds == first + ["unpickleEnvFrom", "cmd", "cmd", "tactic"] * 3


def test_imports_that_cannot_be_unpickled_are_elaborated_again(tmp_path: Path) -> None:
    kinds = pickled(tmp_path, (), killed_twice)
    first = ["cmd", "pickleTo", "cmd", "cmd", "tactic"]
    assert kinds == first + ["unpickleEnvFrom", "cmd", "cmd", "cmd", "tactic"] + ["cmd", "cmd", "cmd", "tactic"] * 2


def test_a_missing_program_is_told_at_once(tmp_path: Path) -> None:
    async def work(session: LeanSession) -> None:
        raise AssertionError("it must not open")

    with pytest.raises(BackendError):
        with_session(tmp_path / "repl", work)


def test_text_that_is_no_unicode_is_refused(tmp_path: Path) -> None:
    async def work(session: LeanSession) -> None:
        assert isinstance(await apply(session, session.root, "exact \ud800"), Rejected)
        with pytest.raises(InputError):
            await session._worker.elaborate("\ud800", 1.0)
        assert isinstance(await apply(session, session.root, "have h := hp"), Open)

    with_session(lean_peer.write(tmp_path, CONVERSATION, ident="pickleTo"), work)


@pytest.mark.parametrize(("wall", "load"), [(5.0, 60.0), (100.0, 200.0), (1000.0, 300.0), (None, 300.0)])
def test_loading_takes_no_longer_than_the_search_lets_expect(wall: float | None, load: float, tmp_path: Path) -> None:
    worker = Worker(Supervisor(), Launch(("repl",)), Base("", ""), Limits(wall), tmp_path)
    assert worker.load_seconds == load
