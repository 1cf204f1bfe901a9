"""A best-first search over an exchange of theories with the Isabelle server finds the proof that is in it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import isabelle_peer as peer
import pytest
from isabelle_peer import Built, Fault, Rule

from checkers.isabelle.checker import IsabelleChecker
from checkers.process import Supervisor
from lemmata.step import Step
from lemmata.verdict import Limits, Verdict, Verification
from provers.symbolic.isabelle.portfolio import IsabelleMethodsProver
from provers.symbolic.isabelle.sledgehammer import SledgehammerProver
from search.budget import Budget
from search.engine import Engine, SearchResult

pytestmark = pytest.mark.skipif(not peer.FIXTURES.is_dir(), reason=f"no recorded conversations at {peer.FIXTURES}")

EXAMPLE = 'theory Example\nimports Main\nbegin\nlemma "\\<forall>x. \\<exists>y. x = y"\n  sorry\nend\n'
LISTS = """\
theory Lists imports Main begin
fun app where "app [] ys = ys" | "app (x # xs) ys = x # app xs ys"
lemma app_nil: "app xs [] = xs"
  sorry
end
"""
STEP = "\\<And>x xs. app xs [] = xs \\<Longrightarrow> app (x # xs) [] = x # xs"
PROOF = "  apply (induct xs)\n   subgoal by simp\n   subgoal by simp\n  done"


class Events:
    """Where events go."""

    def emit(self, event: object) -> None:
        """Take one."""


def search(
    folder: Path, monkeypatch: pytest.MonkeyPatch, source: str, rules: list[Rule], fault: Fault | None = None
) -> SearchResult:
    builds = {purpose: Built() for purpose in ("artefact", "copy", "statement")}
    peer.write(folder, rules, fault=fault, builds=builds)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    file = folder / f"{source.split()[1]}.thy"
    file.write_text(source, encoding="utf-8")

    async def run() -> SearchResult:
        async with Supervisor() as supervisor:
            checker = IsabelleChecker(supervisor)
            (obligation,) = await checker.obligations(file, {})
            session = await checker.open(obligation, Limits())

            async def verify(steps: list[Step]) -> Verification:
                artefact = checker.artefact(obligation, steps)
                return await checker.verify(obligation, artefact, "proved", Limits(), {})

            provers = [IsabelleMethodsProver(), SledgehammerProver()]
            budget = Budget(60.0)
            engine = Engine(obligation, session, provers, budget=budget, sink=Events(), verify=verify, concurrency=1)
            try:
                return await engine.run()
            finally:
                await session.close()

    return asyncio.run(run())


def test_the_recorded_proof_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [Rule("sorry", answer="use_theories"), Rule("by auto", answer="use_theories")]
    result = search(tmp_path, monkeypatch, EXAMPLE, [*rules, Rule("", answer="use_theories.Fail")])
    assert result.verdict is Verdict.PROVED
    assert [step.text for step in result.steps] == ["by auto"]
    assert peer.wrong(tmp_path) == []


def test_a_recorded_sledgehammer_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [
        Rule("sledgehammer", answer="use_theories.Sledgehammer"),
        Rule("apply", answer="use_theories.Fail"),
        Rule("unfolding", answer="use_theories.Fail"),
        Rule("sorry", answer="use_theories"),
        Rule("by fast\n", answer="use_theories"),
        Rule("", answer="use_theories.Fail"),
    ]
    monkeypatch.setattr("checkers.isabelle.session._MOST_SUGGESTIONS", 8)
    # A blank more, and `sledgehammer` stands where it stood when the answer was recorded.
    problem = EXAMPLE.replace("Example", "Problem").replace('"\\<forall>', '" \\<forall>')
    result = search(tmp_path, monkeypatch, problem, rules)
    assert result.verdict is Verdict.PROVED
    assert [step.text for step in result.steps] == ["by fast"]


@pytest.mark.parametrize("fault", [None, Fault(60, "die"), Fault(60, "garbage"), Fault(90, "half")], ids=str)
def test_an_induction_is_found_whatever_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault | None
) -> None:
    rules = [
        Rule('"\n  sorry\n', goals=("app xs [] = xs",), needle="lemma app_nil"),
        Rule("  apply (induct xs)\n  sorry\n", goals=("app [] [] = []", STEP), needle="apply (induct"),
        Rule("  apply (induct xs)\n  subgoal by simp\n  subgoal sorry\n  done"),
        Rule("  apply (induct xs)\n  prefer 2\n  subgoal by simp\n  subgoal sorry\n  done"),
        Rule(PROOF),
        Rule("", ok=False, error="Failed to apply proof method", needle="end"),
    ]
    result = search(tmp_path, monkeypatch, LISTS, rules, fault)
    assert result.verdict is Verdict.PROVED
    assert [step.text for step in result.steps] == ["apply (induct xs)", "by simp", "by simp"]
    assert peer.wrong(tmp_path) == []
    built = next(entry for entry in peer.log(tmp_path) if entry.get("purpose") == "artefact")
    assert PROOF in built["theories"]["Lists"]
