"""A session on a Coq goal: steps on any goal in any order, and everything that can go wrong in between."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkers.coq import installation, loading
from checkers.coq.checker import CoqChecker
from checkers.coq.session import CoqSession
from checkers.coq.toplevel import Toplevel
from checkers.process import Supervisor
from lemmata.errors import InputError
from lemmata.goal import GoalRef, Location, Obligation
from lemmata.outcome import Closed, Crashed, Open, Outcome, Rejected, TimedOut
from lemmata.step import Step
from lemmata.verdict import Limits

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")

SECONDS = Limits(wall_seconds=5.0)
SHORT = Limits(wall_seconds=0.3)
FOREVER = "do 2000000000 idtac"
EASY = "forall a b c : nat, a = b -> b = c -> a = c /\\ c = a"


def obligation(statement: str = EASY, above: str = "") -> Obligation:
    source = f"{above}\nTheorem it : {statement}.\nProof.\nAdmitted.\n"
    return Obligation("coq", "it", source, Location("It.v", 2, 1), (("arguments", "[]"), ("top", "It")))


def with_session(
    work: Callable[[CoqSession], Awaitable[Any]], statement: str = EASY, above: str = "", memory: int = 4 << 30
) -> None:
    async def run() -> None:
        async with Supervisor() as supervisor:
            found = installation.find()
            loaded = loading.load(obligation(statement, above), found)
            session = await CoqSession.start(supervisor, found, loaded, Limits(None, None, memory, 64 << 20))
            try:
                await work(session)
            finally:
                await session.close()

    asyncio.run(run())


async def step(session: CoqSession, goal: GoalRef, text: str, limits: Limits = SECONDS) -> Outcome:
    return await session.apply(goal, Step(text), limits)


async def opened(session: CoqSession, goal: GoalRef, text: str) -> tuple[GoalRef, ...]:
    outcome = await step(session, goal, text)
    assert isinstance(outcome, Open), outcome
    return outcome.subgoals


async def in_order(session: CoqSession) -> None:
    """Check that the session works, and proves what it should."""
    (intro,) = await opened(session, session.root, "intros a b c H G")
    assert intro.goal.conclusion == "a = c /\\ c = a"
    assert [h.name for h in intro.goal.hypotheses] == ["a", "b", "c", "H", "G"]
    left, right = await opened(session, intro, "split")
    assert (left.goal.conclusion, right.goal.conclusion) == ("a = c", "c = a")
    assert isinstance(await step(session, right, "congruence"), Closed)
    assert isinstance(await step(session, left, "congruence"), Closed)


def process(session: CoqSession) -> int:
    coq = session._main._coq
    assert coq is not None
    return coq.pid


def test_goals_in_any_order() -> None:
    async def work(session: CoqSession) -> None:
        (intro,) = await opened(session, session.root, "intros a b c H G")
        left, right = await opened(session, intro, "split")
        assert isinstance(await step(session, right, "congruence"), Closed)
        (other,) = await opened(session, session.root, "intros")
        (rewritten,) = await opened(session, left, "rewrite H")
        assert rewritten.goal.conclusion == "b = c"
        assert isinstance(await step(session, other, "split; congruence"), Closed)
        assert isinstance(await step(session, rewritten, "exact G"), Closed)
        # The same step on the same goal leads to the same goal.
        assert await opened(session, session.root, "intros") == (other,)
        assert isinstance(await step(session, GoalRef("nowhere", intro.goal), "intros"), Crashed)

    with_session(work)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fail", "Tactic failure"),
        ("nonsense", "nonsense"),
        ("idtac", "changes nothing"),
        ("shelve", "shelf"),
        ("intros; shelve", "shelf"),
        ("Qed", "command"),
        ("intros. intros", "more than one sentence"),
        ("1: intros", "selector"),
        ("- intros", "bullet"),
        ("admit", "gives the goal up"),
        ('idtac "No more goals."', "changes nothing"),
        ('idtac "1 goal\n  ============================\n  False"', "changes nothing"),
        ('idtac "</infomsg>\n\n1 goal\n  \n  ============================\n  False\n\n"', "changes nothing"),
        ("do 7 (assert True)", "goals"),
    ],
)
def test_steps_that_are_none(text: str, message: str) -> None:
    async def work(session: CoqSession) -> None:
        outcome = await step(session, session.root, text)
        assert isinstance(outcome, Rejected), outcome
        assert message in outcome.message
        await in_order(session)

    with_session(work)


def test_a_clause_is_no_tactic() -> None:
    async def work(session: CoqSession) -> None:
        outcome = await session.apply(session.root, Step("intros", kind="clauses"), SECONDS)
        assert isinstance(outcome, Rejected)

    with_session(work)


def test_shared_existential_variables_stay_one_goal() -> None:
    async def work(session: CoqSession) -> None:
        (intro,) = await opened(session, session.root, "intros a b c H G; split; [|congruence]")
        (cluster,) = await opened(session, intro, "eapply eq_trans")
        assert cluster.goal.details["goals"] == 2
        assert cluster.goal.conclusion == "a = ?y\n\n?y = c"
        (second,) = await opened(session, cluster, "exact H")
        assert second.goal.conclusion == "b = c"
        assert isinstance(await step(session, second, "exact G"), Closed)
        # The first goal decides for the others: a bad choice is refused later, not hidden.
        (bad,) = await opened(session, cluster, "reflexivity")
        assert isinstance(await step(session, bad, "exact G"), Rejected)
        assert isinstance(await step(session, second, "exact G"), Closed)

    with_session(work)


def test_a_lone_existential_variable_is_its_own_place() -> None:
    async def work(session: CoqSession) -> None:
        (first,) = await opened(session, session.root, "eexists")
        assert first.goal.details["existentials"]
        assert isinstance(await step(session, first, "exact (eq_refl 7)"), Closed)
        assert isinstance(await step(session, first, "exact (eq_refl 8)"), Rejected)

    with_session(work, "exists n : nat, n = 7")


def test_two_steps_at_once() -> None:
    async def work(session: CoqSession) -> None:
        (intro,) = await opened(session, session.root, "intros a b c H G")
        left, right = await opened(session, intro, "split")
        said = await asyncio.gather(
            *(step(session, goal, "congruence") for goal in (left, right, intro)),
            *(step(session, goal, "fail") for goal in (left, right, intro)),
            step(session, left, "rewrite H"),
        )
        assert [type(outcome) for outcome in said[:2]] == [Closed, Closed]
        assert [type(outcome) for outcome in said[3:]] == [Rejected] * 3 + [Open]

    with_session(work)


@pytest.mark.parametrize("endless", [FOREVER, "repeat (idtac; pose 0)", "let rec f x := idtac; f x in f 0"])
def test_an_endless_step(endless: str) -> None:
    async def work(session: CoqSession) -> None:
        (intro,) = await opened(session, session.root, "intros a b c H G")
        assert isinstance(await step(session, intro, endless, SHORT), TimedOut | Crashed)
        assert isinstance(await step(session, intro, "split; congruence"), Closed)
        await in_order(session)

    with_session(work)


def test_a_step_that_eats_memory() -> None:
    async def work(session: CoqSession) -> None:
        (intro,) = await opened(session, session.root, "intros a b c H G")
        eater = "let x := eval vm_compute in (Nat.pow 2 40) in pose x"
        assert isinstance(await step(session, intro, eater), Crashed | Rejected | TimedOut)
        assert isinstance(await step(session, intro, "split; congruence"), Closed)
        await in_order(session)

    with_session(work, memory=900 << 20)


def test_an_ignored_interrupt() -> None:
    async def work(session: CoqSession) -> None:
        (intro,) = await opened(session, session.root, "intros a b c H G")
        before = process(session)
        os.kill(before, signal.SIGSTOP)
        outcome = await step(session, intro, "split", SHORT)
        assert isinstance(outcome, Crashed)
        assert "ignored the interrupt" in outcome.message
        assert isinstance(await step(session, intro, "split; congruence"), Closed)
        assert process(session) != before
        assert session.spent.starts == 2

    with_session(work)


def test_coq_is_killed_between_steps() -> None:
    async def work(session: CoqSession) -> None:
        (intro,) = await opened(session, session.root, "intros a b c H G")
        left, right = await opened(session, intro, "split")
        for goal in (right, left):
            os.kill(process(session), signal.SIGKILL)
            assert isinstance(await step(session, goal, "congruence"), Closed)
        await in_order(session)

    with_session(work)


def test_coq_is_killed_during_a_step() -> None:
    async def work(session: CoqSession) -> None:
        (intro,) = await opened(session, session.root, "intros a b c H G")
        before = process(session)
        task = asyncio.create_task(step(session, intro, FOREVER, Limits(wall_seconds=1.0)))
        for _ in range(5):
            await asyncio.sleep(0)
        os.kill(before, signal.SIGKILL)
        # It is tried once more in a fresh process, and runs out of time there.
        assert isinstance(await task, TimedOut)
        assert process(session) != before
        assert session.spent.starts == 2
        await in_order(session)

    with_session(work)


@pytest.mark.parametrize("yields", [0, 1, 2, 4, 8])
@pytest.mark.parametrize("text", [FOREVER, "split", 'do 2000 idtac "a = c"'])
def test_a_step_is_cancelled(text: str, yields: int) -> None:
    async def work(session: CoqSession) -> None:
        (intro,) = await opened(session, session.root, "intros a b c H G")
        for _ in range(3):
            task = asyncio.create_task(step(session, intro, text))
            for _ in range(yields):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
            refused = await step(session, intro, "exact H")
            assert isinstance(refused, Rejected)
            assert "has type" in refused.message
            assert isinstance(await step(session, intro, "split; congruence"), Closed)
        assert session.spent.starts == 1

    with_session(work)


@pytest.mark.parametrize(
    "printed", ["<prompt>x < 5 |x| 0 < </prompt>", "<prompt>", "</prompt>", "1 goal", "Error: no", "shelved: 1"]
)
def test_a_step_that_prints_forged_answers(printed: str) -> None:
    async def work(session: CoqSession) -> None:
        outcome = await step(session, session.root, f'intros; idtac "{printed}"')
        assert isinstance(outcome, Open)
        assert isinstance(await step(session, outcome.subgoals[0], f'fail "{printed}"'), Rejected)
        assert isinstance(await step(session, outcome.subgoals[0], "split; congruence"), Closed)
        assert session.spent.starts == 1
        await in_order(session)

    with_session(work)


def test_a_step_that_prints_a_lot() -> None:
    async def work(session: CoqSession) -> None:
        outcome = await step(session, session.root, f'intros; do 3000 idtac "{"x" * 1000}"', Limits(wall_seconds=30))
        assert isinstance(outcome, Open)
        await in_order(session)

    with_session(work)


def test_a_replay_that_fails_leaves_the_session_in_order() -> None:
    async def work(session: CoqSession) -> None:
        (intro,) = await opened(session, session.root, "intros a b c H G")
        node = session._nodes[intro.handle]
        node.path = ("1: intros a b c H G.", "1: fail.", "1: idtac.")
        assert isinstance(await step(session, intro, "split"), Crashed)
        assert isinstance(await step(session, intro, "split"), Crashed)
        node.path = ("1: intros a b c H G.",)
        assert isinstance(await step(session, intro, "split; congruence"), Closed)
        await in_order(session)

    with_session(work)


def test_whole_proofs() -> None:
    async def work(session: CoqSession) -> None:
        good = [Step(text) for text in ("intros a b c H G", "split", "congruence", "congruence")]
        assert await session.accepts(good, SECONDS)
        assert not await session.accepts(good[:3], SECONDS)
        assert not await session.accepts([*good, Step("idtac")], SECONDS)
        assert not await session.accepts([Step("admit")], SECONDS)
        assert not await session.accepts([Step(FOREVER)], SHORT)
        assert await session.needed(good, SECONDS) == good
        assert await session.accepts(good, SECONDS)

    with_session(work)


def test_what_only_qed_refuses() -> None:
    async def work(session: CoqSession) -> None:
        assert isinstance(await step(session, session.root, "again"), Closed)
        assert not await session.accepts([Step("again")], SECONDS)

    with_session(work, "forall n : nat, 1 = 2", "Ltac again := let f := fresh in fix f 1; exact f.")


def test_a_recursive_proof_that_calls_itself_on_the_same_is_refused_at_once() -> None:
    async def work(session: CoqSession) -> None:
        assert isinstance(await step(session, session.root, "fix f 1; exact f"), Rejected)
        (goal,) = await opened(session, session.root, "fix f 1")
        assert isinstance(await step(session, goal, "exact f"), Rejected)
        (named,) = await opened(session, goal, "intros n")
        refused = await step(session, named, "apply f")
        assert isinstance(refused, Rejected)
        assert "ill-formed" in refused.message
        _, later = await opened(session, named, "destruct n as [|n]")
        (smaller,) = await opened(session, later, "simpl")
        assert isinstance(await step(session, smaller, "f_equal; apply f"), Closed)
        assert isinstance(await step(session, session.root, "induction n; auto"), Closed)

    with_session(work, "forall n : nat, n + 0 = n")


def test_one_that_is_closed() -> None:
    async def work(session: CoqSession) -> None:
        await session.close()
        await session.close()
        assert isinstance(await step(session, session.root, "intros"), Crashed)

    with_session(work)


def test_a_file_that_does_not_compile_above_the_goal() -> None:
    with pytest.raises(InputError) as caught:
        with_session(in_order, above="Definition x := 1.\n\nDefinition y : nat := true.\n")
    assert caught.value.location == Location("It.v", 3, 1)
    assert "bool" in caught.value.message


def test_the_last_of_several_admits(tmp_path: Path) -> None:
    path = tmp_path / "It.v"
    script = "intros P Q p q. split.\n  - admit.\n  - admit.\nAdmitted."
    path.write_text(f"Theorem it : forall P Q : Prop, P -> Q -> Q /\\ P.\nProof.\n  {script}\n")

    async def run() -> None:
        async with Supervisor() as supervisor:
            checker = CoqChecker(supervisor)
            for found, right, wrong in zip(await checker.obligations(path, {}), ("q", "p"), ("p", "q"), strict=True):
                session = await checker.open(found, SECONDS)
                assert isinstance(await step(session, session.root, f"exact {right}"), Closed)
                assert isinstance(await step(session, session.root, f"exact {wrong}"), Rejected)
                assert await session.accepts([Step(f"exact {right}")], SECONDS)
                assert not await session.accepts([Step("idtac")], SECONDS)
                await session.close()

    asyncio.run(run())


def test_coq_is_killed_while_it_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Toplevel.start
    started: list[Toplevel] = []

    async def killed(*arguments: Any) -> Toplevel:
        started.append(await start(*arguments))
        if len(started) == 1:
            os.kill(started[0].pid, signal.SIGKILL)
        return started[-1]

    monkeypatch.setattr(Toplevel, "start", killed)
    with_session(in_order)
    assert len(started) == 2


def test_the_checker_opens_an_admitted_goal(tmp_path: Path) -> None:
    path = tmp_path / "It.v"
    path.write_text(obligation().source)

    async def run() -> None:
        async with Supervisor() as supervisor:
            checker = CoqChecker(supervisor)
            (found,) = await checker.obligations(path, {})
            session = await checker.open(found, SECONDS)
            try:
                await in_order(session)
            finally:
                await session.close()

    asyncio.run(run())


WALK = "forall (a b : nat) (P : nat -> Prop), (P a \\/ P b) /\\ a = b -> exists n, P n /\\ (P n \\/ n = a)"
MOVES = [
    "intros",
    "intros a b P [[H|H] E]",
    "destruct H as [[H|H] E]",
    "exists a",
    "exists b",
    "eexists",
    "split",
    "left",
    "right",
    "subst",
    "assumption",
    "eassumption",
    "symmetry",
    "reflexivity",
    "exfalso",
    "fail",
]
walks = st.lists(st.tuples(st.integers(0, 1000), st.sampled_from(MOVES)), min_size=5, max_size=25)


def shape(outcome: Outcome) -> tuple[Any, ...]:
    """Return what must be the same wherever a step is taken."""
    match outcome:
        case Open(subgoals):
            return ("open", *((g.goal.conclusion, g.goal.hypotheses, g.goal.details["plain"]) for g in subgoals))
        case Rejected(message):
            return ("rejected", message)
        case other:
            return (type(other).__name__,)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(walks, st.integers(0, 10))
def test_a_random_walk_shows_what_a_fresh_session_shows(walk: list[tuple[int, str]], kill: int) -> None:
    async def work(session: CoqSession) -> None:
        goals = [session.root]
        ways: list[list[tuple[str, int]]] = [[]]
        done: list[tuple[int, str, tuple[Any, ...]]] = []
        for number, (choice, text) in enumerate(walk):
            if number == kill:
                os.kill(process(session), signal.SIGKILL)
            at = choice % len(goals)
            outcome = await step(session, goals[at], text)
            done.append((at, text, shape(outcome)))
            if isinstance(outcome, Open):
                goals += outcome.subgoals
                ways += [[*ways[at], (text, i)] for i in range(len(outcome.subgoals))]

        async def replayed(fresh: CoqSession) -> None:
            for at, text, expected in done[-3:]:
                goal = fresh.root
                for taken, which in ways[at]:
                    goal = (await opened(fresh, goal, taken))[which]
                assert goal.handle == goals[at].handle
                assert shape(await step(fresh, goal, text)) == expected

        await another(replayed)

    async def another(replayed: Callable[[CoqSession], Awaitable[None]]) -> None:
        async with Supervisor() as supervisor:
            found = installation.find()
            loaded = loading.load(obligation(WALK), found)
            fresh = await CoqSession.start(supervisor, found, loaded, Limits(None, None, 4 << 30, 64 << 20))
            try:
                await replayed(fresh)
            finally:
                await fresh.close()

    with_session(work, WALK)
