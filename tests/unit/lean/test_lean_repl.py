"""Answers of the Lean REPL, the goals in them, and the process behind them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import lean_peer
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipe_peer import Exchange, Fault

from checkers.lean import goals, suggestions
from checkers.lean.repl import Launch, OutOfTime, Repl
from checkers.lean.replies import CommandReply, Message, Position, Refusal, StepReply, read
from checkers.process import Supervisor
from lemmata.errors import BackendCrashed, BackendError, InputError, LimitExceeded
from lemmata.verdict import Limits

TWICE = ('{"env": 0, "env": 0}', '{"env": 0, "messages": NaN}')
DEFINED = {"cmd": "def f := 2"}
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=12,
)
shaped = st.dictionaries(
    st.sampled_from("env goals proofState proofStatus messages sorries tactics message".split()), json_values
)


@given(shaped)
def test_an_answer_is_read_or_refused(document: dict[str, Any]) -> None:
    with contextlib.suppress(BackendCrashed):
        read(document)


def test_every_recorded_answer_is_read() -> None:
    count = 0
    for folder in lean_peer.folders():
        for file in folder.glob("*.in"):
            found = lean_peer.read(file)
            for exchange in found.exchanges if found else ():
                reply = read(json.loads(exchange.replies[0]))
                expected = StepReply if "tactic" in exchange.request else CommandReply | StepReply
                assert isinstance(reply, expected | Refusal)
                count += 1
    if not count:
        pytest.skip("no recorded conversations")
    assert count > 100


def step(**changes: Any) -> StepReply:
    reply = read({"proofStatus": "Completed", "proofState": 1, "goals": [], **changes})
    assert isinstance(reply, StepReply)
    return reply


def test_only_a_clean_completed_counts() -> None:
    place = {"pos": {"line": 0, "column": 0}, "endPos": {"line": 0, "column": 0}}
    assert step().completed
    assert step(messages=[{"severity": "info", "data": "Try this: rfl", **place}]).completed
    assert not step(proofStatus="Incomplete: contains metavariable(s)").completed
    assert not step(proofStatus="Not verified: more than one initial goal").completed
    assert not step(proofStatus="completed").completed
    assert not step(goals=["⊢ True"]).completed
    assert not step(sorries=[{"proofState": 0, "goal": "⊢ True"}]).completed
    assert not step(messages=[{"severity": "error", "data": "Unknown identifier", **place}]).completed
    assert not step(messages=[{"severity": "disaster", "data": "", **place}]).completed
    older = read({"proofState": 1, "goals": []})
    assert isinstance(older, StepReply)
    assert not older.completed


@pytest.mark.parametrize(
    "changes",
    [
        {"sorries": [3]},
        {"sorries": [None]},
        {"messages": ["error"]},
        {"messages": [{"severity": "info", "data": "", "pos": 3}]},
        {"env": 0},
    ],
)
def test_a_completed_with_anything_odd_beside_it_is_a_crash(changes: dict[str, Any]) -> None:
    with pytest.raises(BackendCrashed):
        step(**changes)


def test_a_traced_tactic_is_an_object() -> None:
    with pytest.raises(BackendCrashed):
        read({"env": 0, "tactics": [3]})


def test_a_refusal_stays_one_whatever_stands_beside_it() -> None:
    assert read({"message": "no", "proofStatus": "Completed", "proofState": 1, "goals": []}) == Refusal("no")


def test_goals_are_read() -> None:
    goal = goals.printed(
        "case succ\np q : Prop\nn✝ : Nat\nx : Nat := 5\nh : ∀ y,\n    y = p →\n  q\ninst✝ : Foo α\n⊢ p ∧\n    q"
    )
    assert goal.case == "succ"
    assert [(h.name, h.text) for h in goal.hypotheses] == [
        ("p", "Prop"),
        ("q", "Prop"),
        ("n✝", "Nat"),
        ("x", "Nat := 5"),
        ("h", "∀ y, y = p → q"),
        ("inst✝", "Foo α"),
    ]
    assert goal.conclusion == "p ∧ q"
    assert goals.printed("a : Nat\n| a + 0").conclusion == "a + 0"
    assert not goals.usable("n✝")
    assert goals.usable("n")


def test_goals_that_stand_under_each_other_are_told_apart() -> None:
    assert goals.several("case a\nh : p\n⊢ p ∧\n  q\ncase b\n⊢ r\n\n⊢ s") == [
        "case a\nh : p\n⊢ p ∧\n  q",
        "case b\n⊢ r",
        "⊢ s",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("⊢ p ?w", {"?w"}),
        ("h : ?m.12 = x\n⊢ f ?α", {"?m.12", "?α"}),
        ("⊢ xs[0]? = l.get? 0", set()),
        ("⊢ l.head? = none", set()),
        ("⊢ x = y", set()),
    ],
)
def test_metavariables_are_seen(text: str, found: set[str]) -> None:
    assert goals.metavariables(text) == found


@given(st.text(alphabet=st.sampled_from("⊢|:case hx✝\n \t?m.:=→«»⋯"), max_size=60))
def test_any_text_is_some_goal(text: str) -> None:
    goal = goals.printed(text)
    assert all(h.name for h in goal.hypotheses)
    assert "\n".join(goals.several(text)).split() == text.split()


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ("Try this: exact Nat.one_pos", ["exact Nat.one_pos"]),
        ("Try this:\n  [apply] exact Nat.one_pos", ["exact Nat.one_pos"]),
        ("Try these:\n  [apply] rfl\n  [apply] simp only [f]", ["rfl", "simp only [f]"]),
        ("Try this: refine h ?_\n-- Remaining subgoals:\n-- ⊢ p", ["refine h ?_"]),
        ("nothing of the sort", []),
    ],
)
def test_suggestions_are_found(data: str, wanted: list[str]) -> None:
    assert suggestions.found([Message("info", data, Position(0, 0))]) == wanted
    assert suggestions.found([Message("error", data, Position(0, 0))]) == []


def ask(program: Path, *requests: Any, seconds: float | None = 5.0, memory: int | None = None) -> list[Any]:
    async def run() -> list[Any]:
        async with Supervisor() as supervisor:
            repl = Repl(supervisor, Launch((str(program),)), Limits(None, None, memory, None))
            try:
                return [await repl.ask(request, seconds) for request in requests]
            finally:
                await repl.close()
                assert not supervisor.live

    return asyncio.run(run())


def test_text_reaches_the_repl_as_it_is(tmp_path: Path) -> None:
    odd = {"cmd": 'theorem «a\u2028b» : ∀ x : ℕ, x = x := by\n\n  -- \t𝔸 "quoted" \\ \n  simp'}
    program = lean_peer.write(tmp_path, [Exchange(odd, ('{"env": 0}',))])
    assert ask(program, odd) == [CommandReply(0)]
    with pytest.raises(InputError, match="Unicode"):
        ask(program, {"cmd": "\ud800"})


def test_long_requests_and_answers_do_not_wait_for_each_other(tmp_path: Path) -> None:
    long = {"cmd": "-- " + "x" * (1 << 20)}
    message = {"severity": "info", "pos": {"line": 1, "column": 0}, "data": "y" * (2 << 20)}
    program = lean_peer.write(tmp_path, [Exchange(long, (json.dumps({"messages": [message], "env": 0}),))])
    (reply,) = ask(program, long)
    assert len(reply.messages[0].data) == 2 << 20


@pytest.mark.parametrize("kind", ["die", "garbage", "half"])
def test_a_broken_process_is_a_crash(tmp_path: Path, kind: str) -> None:
    program = lean_peer.write(tmp_path, [Exchange(DEFINED, ('{"env": 0}',))], Fault(0, kind))
    with pytest.raises(BackendCrashed):
        ask(program, DEFINED)


def test_a_process_that_hangs_is_killed(tmp_path: Path) -> None:
    program = lean_peer.write(tmp_path, [Exchange(DEFINED, ('{"env": 0}',))], Fault(0, "hang"))
    with pytest.raises(OutOfTime):
        ask(program, DEFINED, seconds=0.3)


def test_a_flood_of_complaints_is_no_harm(tmp_path: Path) -> None:
    program = lean_peer.write(tmp_path, [Exchange(DEFINED, ('{"env": 0}',))], Fault(0, "flood"))
    assert ask(program, DEFINED) == [CommandReply(0)]


def test_memory_is_limited(tmp_path: Path) -> None:
    program = lean_peer.write(tmp_path, [Exchange(DEFINED, ('{"env": 0}',))], Fault(0, "hang"))
    with pytest.raises(LimitExceeded, match="memory"):
        ask(program, DEFINED, memory=1 << 20)


@pytest.mark.parametrize(
    "answer", ["[]", "3", '{"envy": 0}', '{"env": "0"}', '{"env": -1}', "[" * 100_000, "nul", *TWICE]
)
def test_an_answer_of_another_form_ends_the_process(tmp_path: Path, answer: str) -> None:
    program = lean_peer.write(tmp_path, [Exchange(DEFINED, (answer,))])
    with pytest.raises(BackendError):
        ask(program, DEFINED)
