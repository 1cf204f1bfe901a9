"""The same with the real Isabelle, where one is on the PATH."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from checkers.isabelle.checker import IsabelleChecker
from checkers.isabelle.session import IsabelleSession
from checkers.process import Supervisor
from lemmata.goal import GoalRef
from lemmata.outcome import Closed, Open, Outcome, Rejected, TimedOut
from lemmata.step import Step
from lemmata.verdict import Limits, Verdict

pytestmark = [
    pytest.mark.isabelle,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(shutil.which("isabelle") is None, reason="isabelle is not on the PATH"),
]

LIMITS = Limits(wall_seconds=30.0)
SOURCE = Path(__file__).resolve().parents[3] / "examples" / "isabelle" / "Lists.thy"


def with_session(name: str, work: Callable[[IsabelleSession, IsabelleChecker], Awaitable[Any]]) -> None:
    async def run() -> None:
        async with Supervisor() as supervisor:
            checker = IsabelleChecker(supervisor)
            session = await checker.open(await checker.select(SOURCE, name, {}), LIMITS)
            try:
                await work(session, checker)
            finally:
                await session.close()
                assert not supervisor.live

    asyncio.run(run())


async def step(session: IsabelleSession, text: str, goal: GoalRef | None = None) -> Outcome:
    return await session.apply(goal or session.root, Step(text), LIMITS)


def test_steps_and_their_outcomes() -> None:
    async def work(session: IsabelleSession, checker: IsabelleChecker) -> None:
        assert session.root.goal.conclusion == "app xs [] = xs"
        assert isinstance(await step(session, "by simp"), Rejected)
        opened = await step(session, "apply (induct xs)")
        assert isinstance(opened, Open)
        nil, cons = opened.subgoals
        assert isinstance(await step(session, "by simp", cons), Closed)
        assert isinstance(await step(session, "apply simp", nil), Closed)
        assert isinstance(await step(session, "by (induct xs) auto"), Closed)
        assert isinstance(await step(session, "proof (induct xs)\nqed simp_all"), Closed)
        late = await session.apply(session.root, Step("apply ((rule refl | succeed)+)"), Limits(wall_seconds=1.0))
        assert isinstance(late, TimedOut | Rejected | Open)
        assert isinstance(await step(session, "by (induct xs) auto"), Closed)

    with_session("app_nil", work)


def test_sledgehammer_and_try0_find_proofs() -> None:
    async def work(session: IsabelleSession, checker: IsabelleChecker) -> None:
        opened = await step(session, "apply (induct xs)")
        assert isinstance(opened, Open)
        for search in ("try0", "sledgehammer"):
            outcome = await step(session, search, opened.subgoals[0])
            assert isinstance(outcome, Closed)
            assert outcome.replacement is not None

    with_session("app_nil", work)


@pytest.mark.parametrize(
    ("name", "steps", "verdict"),
    [
        ("app_nil", [("apply (induct xs)", 2), ("by simp", 0), ("by simp", 0)], Verdict.PROVED),
        ("app_assoc", [("by (induct xs) auto", 0)], Verdict.PROVED),
        ("rev2_app#1", [("by (simp add: app_nil)", 0)], Verdict.UNKNOWN),
        ("rev2_rev2", [("by simp", 0)], Verdict.UNKNOWN),
    ],
)
def test_verification(name: str, steps: list[tuple[str, int]], verdict: Verdict) -> None:
    async def run() -> None:
        async with Supervisor() as supervisor:
            checker = IsabelleChecker(supervisor)
            obligation = await checker.select(SOURCE, name, {})
            artefact = checker.artefact(obligation, [Step(text, subgoals=count) for text, count in steps])
            said = await checker.verify(obligation, artefact, "proved", Limits(600.0), {})
            assert said.verdict is verdict, said.reason

    asyncio.run(run())
