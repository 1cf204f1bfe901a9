"""A session on an Isabelle goal, with a server that answers over a real socket what the real one answered."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import isabelle_peer as peer
import pytest
from isabelle_peer import Fault, Rule

from checkers.isabelle.checker import IsabelleChecker
from checkers.isabelle.session import IsabelleSession
from checkers.process import Supervisor
from lemmata.errors import BackendError, InputError
from lemmata.goal import GoalRef, Obligation
from lemmata.outcome import Closed, Crashed, Open, Outcome, Rejected, TimedOut
from lemmata.step import Step
from lemmata.verdict import Limits

pytestmark = pytest.mark.skipif(not peer.FIXTURES.is_dir(), reason=f"no recorded conversations at {peer.FIXTURES}")

LIMITS = Limits(wall_seconds=5.0)
EXAMPLE = 'theory Example\nimports Main\nbegin\nlemma "\\<forall>x. \\<exists>y. x = y"\n  sorry\nend\n'
PROBLEM = EXAMPLE.replace("Example", "Problem").replace('"\\<forall>', '" \\<forall>')
LISTS = """\
theory Lists imports Main begin
fun app where "app [] ys = ys" | "app (x # xs) ys = x # app xs ys"
lemma unproved: "app xs ys = app ys xs" sorry
lemma app_nil: "app xs [] = xs"
  sorry
end
"""
STEP = "\\<And>x xs. app xs [] = xs \\<Longrightarrow> app (x # xs) [] = x # xs"
ROOT = Rule('"\n  sorry\n', goals=("app xs [] = xs",), needle="lemma app_nil")
INDUCTION = [
    ROOT,
    Rule("induct xs)\n  sorry", goals=("app [] [] = []", STEP), needle="apply (induct"),
    Rule("induct xs)\n  subgoal by simp\n  subgoal sorry\n  done"),
    Rule("prefer 2\n  subgoal by auto\n  subgoal sorry\n  done"),
    Rule("  apply (induct xs)\n   subgoal by simp\n   subgoal by auto\n  done"),
]


def with_session(
    folder: Path,
    rules: Sequence[Rule],
    work: Callable[[IsabelleSession], Awaitable[Any]],
    source: str = EXAMPLE,
    name: str = "",
    options: dict[str, str] | None = None,
    fault: Fault | None = None,
    **more: Any,
) -> Any:
    """Do something in a session on the last hole of a theory, or on the one that is named."""
    peer.write(folder, rules, fault=fault, **more)
    file = folder / f"{source.split()[1]}.thy"
    file.write_text(source, encoding="utf-8")
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"

    async def run() -> Any:
        async with Supervisor() as supervisor:
            checker = IsabelleChecker(supervisor)
            found: Obligation
            if name:
                found = await checker.select(file, name, options or {})
            else:
                found = (await checker.obligations(file, options or {}))[-1]
            session = await checker.open(found, LIMITS)
            try:
                return await work(session)
            finally:
                await session.close()
                assert not supervisor.live

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def _own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.delenv("ISABELLE_TOOL", raising=False)
    monkeypatch.delenv("ISABELLE_HOME", raising=False)


async def step(session: IsabelleSession, text: str, goal: GoalRef | None = None, limits: Limits = LIMITS) -> Outcome:
    return await session.apply(goal or session.root, Step(text), limits)


def texts(folder: Path) -> list[str]:
    return [entry["text"] for entry in peer.log(folder) if "text" in entry]


def test_the_recorded_answers_as_outcomes(tmp_path: Path) -> None:
    async def work(session: IsabelleSession) -> None:
        assert isinstance(await step(session, "by auto"), Closed)
        refused = await step(session, "by blast")
        assert isinstance(refused, Rejected)
        assert "Failed to finish proof" in refused.message
        assert isinstance(await step(session, "by auto"), Closed)

    rules = [
        Rule("sorry", answer="use_theories"),
        Rule("by auto", answer="use_theories"),
        Rule("", answer="use_theories.Fail"),
    ]
    with_session(tmp_path, rules, work)
    assert peer.wrong(tmp_path) == []
    assert peer.commands(tmp_path)[-2:] == ["session_stop", "shutdown"]
    assert peer.commands(tmp_path).count("use_theories") == peer.commands(tmp_path).count("purge_theories") == 4
    assert texts(tmp_path)[1] == EXAMPLE.replace("sorry", "by auto")


@pytest.mark.parametrize("search", ["sledgehammer", "try0"])
def test_a_search_counts_as_what_it_found_when_that_holds(tmp_path: Path, search: str) -> None:
    async def work(session: IsabelleSession) -> None:
        outcome = await step(session, search)
        assert isinstance(outcome, Closed)
        assert outcome.replacement == Step("by blast")

    rules = [
        Rule(f"{search}", answer="use_theories.Sledgehammer"),
        Rule("sorry", answer="use_theories"),
        Rule("by blast", answer="use_theories"),
    ]
    with_session(tmp_path, rules, work, PROBLEM)
    assert peer.wrong(tmp_path) == []
    tried = [text for text in texts(tmp_path) if "by " in text]
    assert len(tried) >= 2
    assert "by simp" in tried[0]


def test_what_a_search_found_does_not_count_when_it_does_not_hold(tmp_path: Path) -> None:
    async def work(session: IsabelleSession) -> None:
        outcome = await step(session, "sledgehammer")
        assert isinstance(outcome, Rejected)

    rules = [Rule("sledgehammer", answer="use_theories.Sledgehammer"), Rule("sorry", answer="use_theories")]
    with_session(tmp_path, rules, work, PROBLEM)


def test_subgoals_are_proved_in_any_order(tmp_path: Path) -> None:
    async def work(session: IsabelleSession) -> None:
        assert session.root.goal.conclusion == "app xs [] = xs"
        opened = await step(session, "apply (induct xs)")
        assert isinstance(opened, Open)
        nil, cons = opened.subgoals
        assert nil.goal.conclusion == "app [] [] = []"
        assert cons.goal.details["variables"] == ["x", "xs"]
        assert cons.goal.details["premises"] == ["app xs [] = xs"]
        assert isinstance(await step(session, "by auto", cons), Closed)
        assert isinstance(await step(session, "by simp", nil), Closed)
        assert isinstance(await step(session, "by simp", cons), Rejected)
        steps = [Step("apply (induct xs)", subgoals=2), Step("by simp", subgoals=0), Step("by auto", subgoals=0)]
        assert await session.accepts(steps, LIMITS)
        assert not await session.accepts(steps[:2], LIMITS)
        assert session.context["functions"] == ["app"]

    with_session(tmp_path, INDUCTION, work, LISTS)
    assert peer.wrong(tmp_path) == []
    sent = texts(tmp_path)
    assert sent[0].startswith('theory Lemmata_Goal imports "')
    assert "unproved" not in sent[0]


def test_the_same_step_gives_the_same_goals(tmp_path: Path) -> None:
    async def work(session: IsabelleSession) -> None:
        first, second = [await step(session, "apply (induct xs)") for _ in range(2)]
        assert isinstance(first, Open)
        assert isinstance(second, Open)
        assert [ref.handle for ref in first.subgoals] == [ref.handle for ref in second.subgoals]
        assert [ref.goal.key for ref in first.subgoals] == [ref.goal.key for ref in second.subgoals]

    with_session(tmp_path, INDUCTION, work, LISTS)


@pytest.mark.parametrize(
    ("rule", "closed"),
    [
        (Rule("apply auto\n  sorry", goals=(), needle="apply auto"), True),
        (Rule("apply auto\n  sorry"), True),
        (Rule("apply auto\n  sorry", goals=("x = y",), needle="apply auto"), False),
    ],
    ids=["no goals shown", "nothing shown", "a goal shown"],
)
def test_an_apply_closes_the_goal_only_when_done_says_so(tmp_path: Path, rule: Rule, closed: bool) -> None:
    for honest in (True, False):

        async def work(session: IsabelleSession, honest: bool = honest) -> None:
            outcome = await step(session, "apply auto")
            assert isinstance(outcome, Closed) is (closed and honest)

        folder = tmp_path / str(honest)
        folder.mkdir()
        rules = [rule, ROOT, Rule("apply auto\n  done", ok=honest, error="" if honest else "Failed", needle="done")]
        with_session(folder, rules, work, LISTS)


def test_goals_that_share_variables_stay_together(tmp_path: Path) -> None:
    async def work(session: IsabelleSession) -> None:
        opened = await step(session, "apply (rule trans)")
        assert isinstance(opened, Open)
        (both,) = opened.subgoals
        assert both.goal.conclusion == "app xs [] = ?s\n\n?s = xs"
        assert both.goal.details["goals"] == 2
        assert isinstance(await step(session, "apply simp", both), Open)

    rules = [
        ROOT,
        Rule("trans)\n  sorry", goals=("app xs [] = ?s", "?s = xs"), needle="apply (rule"),
        Rule("trans)\n  apply simp\n  sorry", goals=("xs = xs",), needle="apply simp"),
    ]
    with_session(tmp_path, rules, work, LISTS)


@pytest.mark.parametrize(
    "text",
    [
        "sorry",
        "by (simp add: unproved)",
        "lemma x: y",
        "apply (tactic \\<open>x\\<close>)",
        "by simp (* x",
        "auto",
        "oops",
    ],
)
def test_what_is_no_step_does_not_reach_isabelle(tmp_path: Path, text: str) -> None:
    async def work(session: IsabelleSession) -> None:
        before = len(texts(tmp_path))
        assert isinstance(await step(session, text), Rejected)
        assert len(texts(tmp_path)) == before

    with_session(tmp_path, INDUCTION, work, LISTS)


def test_a_step_that_changes_nothing_is_rejected(tmp_path: Path) -> None:
    async def work(session: IsabelleSession) -> None:
        outcome = await step(session, "apply (succeed)")
        assert outcome == Rejected("it changes nothing", outcome.seconds)  # type: ignore[union-attr]

    rules = [ROOT, Rule("succeed)\n  sorry", goals=("app xs [] = xs",), needle="apply (succeed")]
    with_session(tmp_path, rules, work, LISTS)


def test_a_step_that_never_ends_is_timed_out_and_the_next_one_works(tmp_path: Path) -> None:
    async def work(session: IsabelleSession) -> None:
        session._checked_in = 0.0
        assert isinstance(await step(session, "by (loop)", limits=Limits(wall_seconds=0.2)), TimedOut)
        assert isinstance(await step(session, "by auto"), Closed)

    rules = [
        Rule("by (loop)", never=True),
        Rule("sorry", answer="use_theories"),
        Rule("by auto", answer="use_theories"),
    ]
    with_session(tmp_path, rules, work)
    assert "cancel" in peer.commands(tmp_path)


@pytest.mark.parametrize(
    "trap",
    [
        {"unprocessed": 2},
        {"running": 1},
        {"canceled": True},
        {"consolidated": False, "percentage": 99},
        {"finished": 8},
    ],
    ids=str,
)
def test_a_proof_that_was_not_wholly_processed_closes_nothing(tmp_path: Path, trap: dict[str, Any]) -> None:
    async def work(session: IsabelleSession) -> None:
        assert not isinstance(await step(session, "by auto"), Closed | Open)

    with_session(tmp_path, [Rule("sorry", answer="use_theories"), Rule("by auto", status=trap)], work)


def test_an_error_above_the_goal_is_one_of_the_file(tmp_path: Path) -> None:
    async def work(session: IsabelleSession) -> None:
        raise AssertionError("there is no session")

    with pytest.raises(InputError, match="Undefined type") as caught:
        with_session(tmp_path, [Rule("", error="Undefined type name", needle="lemma")], work)
    assert caught.value.location is not None
    assert (Path(caught.value.location.file).name, caught.value.location.line) == ("Example.thy", 1)


def test_a_goal_that_the_session_does_not_know(tmp_path: Path) -> None:
    async def work(session: IsabelleSession) -> None:
        stranger = GoalRef("stranger", session.root.goal)
        assert isinstance(await step(session, "by auto", stranger), Crashed)
        assert isinstance(await session.apply(session.root, Step("x", "term"), LIMITS), Rejected)

    with_session(tmp_path, [Rule("", answer="use_theories")], work)


def test_a_hole_within_a_proof_is_checked_where_it_stands(tmp_path: Path) -> None:
    source = (
        'theory N imports Main begin\nlocale l = fixes f :: nat begin\nlemma a: "f = f"\nproof -\n'
        '  have "x" sorry\n  then show ?thesis sorry\nqed\nend\nend\n'
    )

    async def work(session: IsabelleSession) -> None:
        assert isinstance(await step(session, "by simp"), Closed)

    with_session(tmp_path, [Rule("")], work, source, "a#1")
    assert texts(tmp_path)[-1].endswith('have "x"\n  by simp\n  then show ?thesis sorry\nqed\nend\nend\n')
    assert texts(tmp_path)[-1].startswith("theory N imports Main begin\nlocale l")


@pytest.mark.parametrize("kind", [*peer.FAULTS])
def test_a_fault_anywhere_costs_at_most_a_step(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = kind in ("hang", "long_count")
    start = len(peer.recorded("session_start"))
    monkeypatch.setattr("checkers.isabelle.server._ANSWER_SECONDS", 0.5)
    monkeypatch.setattr("checkers.isabelle.server._FAREWELL_SECONDS", 0.2)
    monkeypatch.setattr("checkers.isabelle.server.SESSION_SECONDS", 0.5)
    monkeypatch.setattr("checkers.isabelle.session._ROOT_SECONDS", 0.5)
    # The messages: the greeting, those of the session's start, five or so for each theory, two for the end.
    places = (start + 2, start + 7) if slow else range(1, start + 20, 1 if kind == "die" else 4)
    for at in places:
        folder = tmp_path / str(at)
        folder.mkdir()

        async def work(session: IsabelleSession) -> None:
            session._checked_in = 0.0
            short = Limits(wall_seconds=0.5)
            outcomes = [await step(session, text, limits=short) for text in ("by blast", "by auto", "by auto")]
            assert not isinstance(outcomes[0], Closed | Open)
            assert isinstance(outcomes[2], Closed), outcomes
            assert any(isinstance(outcome, Closed) for outcome in outcomes[1:])

        rules = [Rule("sorry", answer="use_theories"), Rule("by auto", answer="use_theories")]
        try:
            with_session(folder, rules, work, fault=Fault(at, kind))
        except BackendError as error:
            # Before the goal is there, there is nothing to go on with: one error says so.
            assert at <= start + 6, (at, error)
        assert not list(folder.glob("lemmata-*"))


def test_a_server_that_does_not_say_where_it_listens_is_one_error(tmp_path: Path) -> None:
    peer.write(tmp_path, first_line="Bad server startup")
    (tmp_path / "Example.thy").write_text(EXAMPLE, encoding="utf-8")
    os.environ["PATH"] = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"

    async def run() -> None:
        async with Supervisor() as supervisor:
            checker = IsabelleChecker(supervisor)
            (found,) = await checker.obligations(tmp_path / "Example.thy", {})
            await checker.open(found, LIMITS)

    with pytest.raises(BackendError, match="does not say where"):
        asyncio.run(run())


def test_a_wrong_password_is_one_error(tmp_path: Path) -> None:
    async def work(session: IsabelleSession) -> None:
        raise AssertionError("there is no session")

    with pytest.raises(BackendError, match="closed the connection"):
        with_session(tmp_path, [], work, password="wrong")


def test_an_isabelle_that_does_not_know_an_option_is_used_without(tmp_path: Path) -> None:
    async def work(session: IsabelleSession) -> None:
        assert isinstance(await step(session, "by auto"), Closed)

    rules = [Rule("", answer="use_theories")]
    with_session(tmp_path, rules, work, unknown_options=["show_states=true"])
    assert peer.commands(tmp_path)[:2] == ["session_start", "session_start"]


NUMBERS = 'theory Numbers imports Main begin\nlemma le: "(x::nat) < y"\n  sorry\nend\n'
FOUND = Rule("quickcheck", says="Quickcheck found a counterexample:\n\n  x = 0\n  y = 0\n", needle="quickcheck")
NOTHING = Rule("nitpick", ok=False, error="Unexpected outcome", needle="nitpick")


@pytest.mark.parametrize(
    ("rules", "proof"),
    [
        ([FOUND, Rule('[of "0" "0"] by simp'), Rule("sorry")], 'using lemmata_it[of "0" "0"] by simp'),
        ([FOUND, Rule("lemmata_it by blast"), Rule("  sorry")], "using lemmata_it by blast"),
        ([FOUND, Rule("  sorry")], None),
        ([Rule("quickcheck", ok=False, error="x"), NOTHING, Rule("")], None),
    ],
)
def test_a_counterexample_counts_when_the_negation_is_proved(
    tmp_path: Path, rules: list[Rule], proof: str | None
) -> None:
    async def work(session: IsabelleSession) -> Any:
        return await session.refute(Limits(wall_seconds=20.0))

    last = Rule("", ok=False, error="Failed to finish proof", needle="end")
    found = with_session(tmp_path, [*rules, last], work, NUMBERS)
    assert peer.wrong(tmp_path) == []
    if proof is None:
        assert found is None
    else:
        assert (found["proof"], found["denied"]) == (proof, "\\<And>x y. ((x::nat) < y)")
        assert texts(tmp_path)[-1].startswith(
            "theory Numbers imports Main begin\nlemma lemmata_denial:\n"
            "  assumes lemmata_it: \\<open>\\<And>x y. ((x::nat) < y)\\<close>\n  shows \\<open>HOL.False\\<close>\n"
        )


@pytest.mark.parametrize(
    "lemma", ['lemma a: fixes x shows "x = y"', 'lemma a: "x" and "y"', 'lemma (in l) a: "x"', 'schematic_goal a: "?x"']
)
def test_only_plain_propositions_are_refuted(tmp_path: Path, lemma: str) -> None:
    async def work(session: IsabelleSession) -> None:
        assert await session.refute(LIMITS) is None

    with_session(tmp_path, [Rule("")], work, f"theory A imports Main begin\n{lemma} sorry\nend\n")
