"""What is harvested from searches: the steps of proofs that were verified, with their goals, and nothing else."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from checkers.coq.checker import CoqChecker
from corpora.iterate import harvest, problems
from corpora.iterate.problems import Problem
from corpora.iterate.searching import Searcher
from corpora.records import step_record
from corpora.stages.task import Task
from lemmata.config import Settings
from lemmata.plugins.wiring import Workbench
from lemmata.step import Step
from lemmata.verdict import Limits, Verdict, Verification

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="Coq is not installed: apt-get install coq")

SOURCE = "Lemma turn : forall P Q : Prop, P /\\ Q -> (Q /\\ P) /\\ P.\nProof.\nAdmitted.\n"


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    (tmp_path / "Turn.v").write_text(SOURCE)
    (named,) = problems.named([str(tmp_path / "Turn.v")], Workbench(Settings()))
    return Problem(named, None)


def searched(problem: Problem, folder: Path) -> dict[str, Any]:
    settings = Settings(timeout=3.0, provers=("coq-tactics",))

    async def work(searcher: Searcher) -> dict[str, Any]:
        (record,) = (await searcher(Task("Turn.v:turn", problem))).records
        return dict(record)

    with Searcher(settings, folder / "certificates", {"coq-tactics": "the portfolio"}) as searcher:
        return asyncio.run(work(searcher))


def test_steps_come_with_the_goals_before_and_after(problem: Problem) -> None:
    async def moves(*texts: str) -> list[harvest.Move] | None:
        session = await checker.open(obligation, Limits())
        try:
            return await harvest.replay(session, [Step(text) for text in texts], Limits(wall_seconds=20.0))
        finally:
            await session.close()

    async def work() -> None:
        nonlocal checker, obligation
        async with Workbench(Settings()) as bench:
            checker, obligation = bench.checker("coq"), await problem.read(bench)
            found = await moves("intros P Q [p q]", "repeat split", "exact q", "exact p", "exact p")
            assert found is not None
            assert [move.before.conclusion for move in found] == [
                "forall P Q : Prop, P /\\ Q -> (Q /\\ P) /\\ P",
                "(Q /\\ P) /\\ P",
                "Q",
                "P",
                "P",
            ]
            assert [len(move.after) for move in found] == [1, 3, 0, 0, 0]
            assert await moves("tauto", "exact I") is None
            assert await moves("intros", "split") is None
            assert await moves("intros", "reflexivity") is None

    checker: Any = None
    obligation: Any = None
    asyncio.run(work())


def test_the_proof_that_was_verified_is_harvested(problem: Problem, tmp_path: Path) -> None:
    record = searched(problem, tmp_path)
    assert record["verdict"] == "proved"
    assert (tmp_path / record["certificate"]).is_file()
    steps = [step_record(step) for step in record["steps"]]
    assert [step.index for step in steps] == list(range(len(steps)))
    assert {(step.theorem, step.file, step.steps) for step in steps} == {("Turn.turn", "Turn.v", len(steps))}
    assert steps[0].goal == "⊢ forall P Q : Prop, P /\\ Q -> (Q /\\ P) /\\ P"
    assert steps[0].statement == "Lemma turn : forall P Q : Prop, P /\\ Q -> (Q /\\ P) /\\ P"
    assert steps[-1].after == ()
    assert {step.more["prover"] for step in steps} == {"the portfolio"}
    assert {row["goal"] for row in record["values"] if row["value"] > -0.1} <= {step.goal for step in steps}
    assert {row["chosen"][0]["content"] for row in record["rejected"]} <= {step.step for step in steps}


def test_nothing_of_a_proof_that_is_not_verified_gets_in(
    problem: Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    async def refuse(self: CoqChecker, obligation: object, artefact: str, claim: str, *_: object) -> Verification:
        seen.append(claim)
        return Verification(Verdict.UNKNOWN, "it rests on an axiom")

    # The session accepts the steps; only the last word is another one.
    monkeypatch.setattr(CoqChecker, "verify", refuse)
    record = searched(problem, tmp_path)
    assert "proved" in seen
    assert record["verdict"] == "unknown"
    assert record["certificate"] == ""
    assert record["steps"] == record["rejected"] == []
    assert all(row["value"] < -2 for row in record["values"])


def test_proofs_that_are_no_tactics_have_no_records() -> None:
    def told(steps: Sequence[Step]) -> bool:
        return harvest.told(steps)

    assert told([Step("auto"), Step("lia")])
    assert not told([Step("auto"), Step("i <= n", "clauses")])
    assert not told([])
