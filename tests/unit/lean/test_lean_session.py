"""A session on a Lean goal, over recorded conversations with the real REPL and a few made-up ones."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import shutil
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import lean_peer
import pipe_peer
import pytest
from lean_peer import SECONDS, Conversation, cmd, left, open_at, tactic
from pipe_peer import Exchange

from checkers.lean import loading
from checkers.lean.session import LeanSession
from lemmata.errors import InputError
from lemmata.goal import GoalRef
from lemmata.outcome import Closed, Open, Outcome, Rejected
from lemmata.step import Step

BOTH = "theorem both (p q : Prop) (hp : p) (hq : q) : p ∧ q := by sorry"
HYPOTHESES = "p q : Prop\nhp : p\nhq : q\n"
CONVERSATIONS = list(lean_peer.conversations())


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda c: c.name)
def test_outcomes_agree_with_the_recorded_ones(conversation: Conversation, tmp_path: Path) -> None:
    driven = lean_peer.drive(conversation, tmp_path)
    entries = [entry for entry in pipe_peer.received(tmp_path / "repl") if "request" in entry]
    understood = [entry["request"] for entry in entries if entry["known"] and "tactic" in entry["request"]]
    assert len(understood) == driven.sent
    assert len(driven.outcomes) == conversation.tactics


def test_there_are_conversations_to_drive() -> None:
    if not lean_peer.FIXTURES.is_dir():
        pytest.skip(f"{lean_peer.FIXTURES} is absent")
    tactics = [text for conversation in CONVERSATIONS for text in conversation.proof]
    assert len(tactics) >= 50
    assert [text for text in tactics if lean_peer.canonical(text) is None and "sorry" not in text] == []


TRAPS = [
    ("invalid_tactic", "exact my_fake_premise", "Unknown identifier"),
    ("app_type_mismatch", "apply ?succ", "metavariable"),
    ("app_type_mismatch2", "have: true := by\n    apply ?succ\n    trivial", "kernel type check failed"),
    ("tactic_mode_sorry", "sorry", "gives the goal up"),
    ("have_by_sorry", "have h : x = 1 := by sorry", "gives the goal up"),
    ("self_proof_exact_check", "exact ex", "kernel type check failed"),
    ("self_proof_rw", "rw [self_application]", "kernel type check failed"),
    ("placeholder_synthesis", "simpa [] using h _", "metavariable"),
    ("name_generator", "exact h0", "metavariable"),
    ("unknown_proof_state", "exact 42", "Unknown proof state"),
    ("unknown_tactic", "exat 42", "unknown tactic"),
]


@pytest.mark.parametrize(("name", "text", "why"), TRAPS)
def test_traps_are_refused_for_what_they_are(name: str, text: str, why: str, tmp_path: Path) -> None:
    outcomes = dict(lean_peer.drive(lean_peer.recorded(name), tmp_path).outcomes)
    outcome = outcomes[text]
    assert isinstance(outcome, Rejected)
    assert why in outcome.message


def with_session(
    folder: Path,
    exchanges: Sequence[Exchange],
    work: Callable[[LeanSession], Awaitable[None]],
    source: str = BOTH,
    name: str = "both",
) -> list[dict[str, Any]]:
    program = lean_peer.write(folder, exchanges, ident="pickleTo")

    async def run() -> None:
        async with lean_peer.session(program, source, name) as opened:
            await work(opened)

    asyncio.run(run())
    return pipe_peer.requests(program)


def root(text: str = BOTH, env: int | None = None, goal: str = f"{HYPOTHESES}⊢ p ∧ q") -> Exchange:
    line = text.count("\n", 0, text.index("sorry")) + 1
    column = text.index("sorry") - (text.rfind("\n", 0, text.index("sorry")) + 1)
    return cmd(text, {"sorries": [open_at(0, line, column, goal)], "env": 1}, env)


async def apply(session: LeanSession, goal: GoalRef, text: str) -> Outcome:
    return await session.apply(goal, Step(text), SECONDS)


def halves(first: int) -> tuple[Exchange, Exchange]:
    """Return the step that leaves two goals, and the request that gives each a proof state of its own."""
    texts = [f"case left\n{HYPOTHESES}⊢ p", f"case right\n{HYPOTHESES}⊢ q"]
    column = BOTH.index("sorry")
    pad = " " * (column + 2)
    whole = BOTH.replace("sorry", f"(\n{pad}constructor\n{pad}all_goals sorry\n{pad})")
    place = column + 2 + len("all_goals ")
    sorries = [open_at(first + i, 3, place, goal) for i, goal in enumerate(texts)]
    return tactic("constructor", 0, left(1, *texts)), cmd(whole, {"sorries": sorries, "env": 2})


def test_independent_goals_get_proof_states_of_their_own(tmp_path: Path) -> None:
    async def work(session: LeanSession) -> None:
        outcome = await apply(session, session.root, "constructor")
        assert isinstance(outcome, Open)
        first, second = outcome.subgoals
        assert [ref.goal.conclusion for ref in (first, second)] == ["p", "q"]
        assert [ref.goal.details["case"] for ref in (first, second)] == ["left", "right"]
        assert isinstance(await apply(session, second, "exact hq"), Closed)
        assert isinstance(await apply(session, first, "exact hq"), Rejected)
        assert isinstance(await apply(session, first, "exact hp"), Closed)

    ends = [tactic("exact hq", 8, left(9)), tactic("exact hp", 7, left(10))]
    sent = with_session(tmp_path, [root(), *halves(7), *ends], work)
    assert [r["proofState"] for r in sent if "tactic" in r] == [0, 8, 7, 7]


def test_goals_below_a_branch_are_told_apart_in_their_branch(tmp_path: Path) -> None:
    source = "theorem deep (p q r : Prop) (h : p ∧ q ∧ r) : (p ∧ q) ∧ r := by sorry"
    both, other = "case left\nh : p ∧ q ∧ r\n⊢ p ∧ q", "case right\nh : p ∧ q ∧ r\n⊢ r"
    parts = ["case left.left\nh : p ∧ q ∧ r\n⊢ p", "case left.right\nh : p ∧ q ∧ r\n⊢ q"]
    indent = source.index("sorry") + 2
    pad = "\n" + " " * indent
    once = source.replace("sorry", f"({pad}constructor{pad}all_goals sorry{pad})")
    twice = source.replace("sorry", f"({pad}constructor{pad}· constructor{pad}  all_goals sorry{pad}· sorry{pad})")

    async def work(session: LeanSession) -> None:
        outcome = await apply(session, session.root, "constructor")
        assert isinstance(outcome, Open)
        inner = await apply(session, outcome.subgoals[0], "constructor")
        assert isinstance(inner, Open)
        assert [ref.goal.conclusion for ref in inner.subgoals] == ["p", "q"]
        assert isinstance(await apply(session, inner.subgoals[1], "exact h.2.1"), Closed)

    with_session(
        tmp_path,
        [
            root(source, goal="h : p ∧ q ∧ r\n⊢ (p ∧ q) ∧ r"),
            tactic("constructor", 0, left(1, both, other)),
            cmd(once, {"sorries": [open_at(2, 3, indent + 10, both), open_at(3, 3, indent + 10, other)], "env": 2}),
            tactic("constructor", 2, left(4, *parts)),
            cmd(
                twice,
                {
                    "sorries": [
                        open_at(5, 4, indent + 12, parts[0]),
                        open_at(6, 4, indent + 12, parts[1]),
                        open_at(7, 5, indent + 2, other),
                    ],
                    "env": 3,
                },
            ),
            tactic("exact h.2.1", 6, left(8)),
        ],
        work,
        source,
        "deep",
    )


@pytest.mark.parametrize(
    ("texts", "apart"),
    [
        (("case w\n⊢ Nat", "case h\n⊢ ?w = 3"), None),
        (("case left\n⊢ p", "case right\n⊢ q"), None),
        (("case left\n⊢ p", "case right\n⊢ q"), ["case right\n⊢ q", "case left\n⊢ p"]),
        (("case left\n⊢ p", "case right\n⊢ q"), ["case left\n⊢ p"]),
        (("case left\n⊢ p", "case right\n⊢ q"), ["case left\n⊢ p", "case right\n⊢ q", "⊢ r"]),
    ],
    ids=["shared metavariable", "refused", "another order", "one is missing", "one more"],
)
def test_goals_that_cannot_be_told_apart_stay_together(
    texts: tuple[str, str], apart: list[str] | None, tmp_path: Path
) -> None:
    async def work(session: LeanSession) -> None:
        outcome = await apply(session, session.root, "constructor")
        assert isinstance(outcome, Open)
        (both,) = outcome.subgoals
        assert both.goal.details["goals"] == 2
        assert both.goal.details["metavariables"] is ("?w" in texts[1])
        last = await apply(session, both, "exact 3")
        assert isinstance(last, Open)
        assert len(last.subgoals) == 1
        assert isinstance(await apply(session, last.subgoals[0], "rfl"), Closed)

    steps = [tactic("constructor", 0, left(1, *texts)), tactic("exact 3", 1, left(2, "case h\n⊢ 3 = 3"))]
    split = halves(7)[1].request["cmd"]
    place = (3, BOTH.index("sorry") + 12)
    answers = (
        [cmd(split, {"env": 2, "sorries": [open_at(7 + i, *place, t) for i, t in enumerate(apart)]})] if apart else []
    )
    sent = with_session(tmp_path, [root(), *steps, *answers, tactic("rfl", 2, left(3))], work)
    assert sum("all_goals sorry" in r.get("cmd", "") for r in sent) == ("?w" not in texts[1])


def test_a_suggestion_counts_only_when_it_proves_the_goal_itself(tmp_path: Path) -> None:
    def info(text: str) -> dict[str, Any]:
        return {"messages": [{"severity": "info", "pos": {"line": 0, "column": 0}, "data": text}]}

    async def work(session: LeanSession) -> None:
        found = await apply(session, session.root, "exact?")
        assert isinstance(found, Closed)
        assert found.replacement == Step("exact ⟨hp, hq⟩")
        kept = await apply(session, session.root, "simp?")
        assert isinstance(kept, Closed)
        assert kept.replacement is None
        given_up = await apply(session, session.root, "apply?")
        assert isinstance(given_up, Rejected)
        less = await apply(session, session.root, "rw?")
        assert isinstance(less, Open)
        assert less.replacement == Step("rw [this]")

    incomplete = {"proofStatus": "Incomplete: contains sorry", "proofState": 5, "goals": []}
    with_session(
        tmp_path,
        [
            root(),
            tactic("exact?", 0, left(1, **info("Try this:\n  [apply] exact ⟨hp, hq⟩"))),
            tactic("exact ⟨hp, hq⟩", 0, left(2)),
            tactic("simp?", 0, left(3, **info("Try this: simp only [lost]"))),
            tactic("apply?", 0, {**incomplete, **info("Try this: refine lost ?_")}),
            tactic("rw?", 0, {**incomplete, **info("Try this: rw [this]\n-- Remaining subgoals:\n-- ⊢ p")}),
            tactic("rw [this]", 0, left(6, "⊢ p")),
        ],
        work,
    )


def test_what_is_no_plain_tactic_never_reaches_lean(tmp_path: Path) -> None:
    async def work(session: LeanSession) -> None:
        for text in ("sorry", "native_decide", "exact h\ntheorem x : True := trivial", "#eval 1", "-- ", "(", ""):
            assert isinstance(await apply(session, session.root, text), Rejected)
        outcome = await session.apply(session.root, Step("rfl", kind="term"), SECONDS)
        assert isinstance(outcome, Rejected)

    sent = with_session(tmp_path, [root()], work)
    assert not any("tactic" in request for request in sent)


def test_a_proof_may_not_rest_on_a_theorem_left_to_sorry(tmp_path: Path) -> None:
    above = "theorem helper (p : Prop) : p := sorry\n\n"

    async def work(session: LeanSession) -> None:
        assert session.context["theorems"] == []
        outcome = await apply(session, session.root, "exact ⟨helper p, hq⟩")
        assert isinstance(outcome, Rejected)
        assert "helper" in outcome.message

    with_session(tmp_path, [cmd(above, {"env": 0}), root(env=0)], work, above + BOTH)


def test_a_theorem_that_is_accepted_as_it_is_may_be_used(tmp_path: Path) -> None:
    above = "theorem helper (p : Prop) : p := sorry\n\n"
    allowed = (("allow_axioms", '["helper"]'),)
    found = lean_peer.installation(tmp_path / "repl")
    loaded = loading.load(lean_peer.obligation(above + BOTH, "both", allowed), found)
    assert not loaded.unproved_in("exact ⟨helper p, hq⟩")
    strict = loading.load(lean_peer.obligation(above + BOTH, "both"), found)
    assert strict.unproved_in("exact ⟨(helper.elim p), hq⟩") == "helper"


def test_the_options_of_the_project_hold_in_the_session(tmp_path: Path) -> None:
    arguments = ["-DautoImplicit=false", "-Dweak.linter.style=none", "-DwarningAsError=true"]
    options = (("arguments", json.dumps(arguments)), ("project", str(tmp_path)))
    found = lean_peer.installation(tmp_path / "repl")
    loaded = loading.load(lean_peer.obligation(BOTH, "both", options), found)
    assert loaded.base.settings == 'set_option autoImplicit false\nset_option linter.style "none"\n'
    assert loading.launch(found, loaded).directory == tmp_path
    with_lake = dataclasses.replace(found, lake="/opt/lean/bin/lake")
    assert loading.launch(with_lake, loaded).command == ("/opt/lean/bin/lake", "env", str(tmp_path / "repl"))


def test_the_file_above_the_goal_is_loaded_once_and_told_to_provers(tmp_path: Path) -> None:
    above = "open Nat\nset_option maxHeartbeats 400\n\ntheorem one : 1 = 1 := rfl"
    source = f"import Lean\nimport Std.Data\n\n{above}\n\n{BOTH}\n"
    before = source[source.index("\nopen") : source.index("theorem both")]

    async def work(session: LeanSession) -> None:
        assert session.context["imports"] == ["Lean", "Std.Data"]
        assert session.context["theorems"] == ["one"]
        assert session.context["options"] == [["maxHeartbeats", "400"]]
        assert session.context["theorem"] == "both"
        assert [(h.name, h.text) for h in session.root.goal.hypotheses][2:] == [("hp", "p"), ("hq", "q")]
        assert isinstance(await apply(session, session.root, "exact ⟨hp, hq⟩"), Closed)

    sent = with_session(
        tmp_path,
        [
            cmd("import Lean\nimport Std.Data\n", {"env": 0}),
            Exchange({"pickleTo": "", "env": 0}, ('{"env": 0}',)),
            cmd(before, {"env": 1}, 0),
            root(env=1),
            tactic("exact ⟨hp, hq⟩", 0, left(1)),
        ],
        work,
        source,
    )
    assert len(sent) == 5


@pytest.mark.parametrize(
    ("part", "line"), [("header", 1), ("before", 4), ("declaration", 6)], ids=["imports", "above", "theorem"]
)
def test_what_lean_refuses_of_the_file_is_told_with_its_place(part: str, line: int, tmp_path: Path) -> None:
    source = f"import Lean\n\ndef f := 2\n#check g\n\n{BOTH}\n"
    before = source[source.index("\ndef") : source.index("theorem")]
    places = {"header": (1, 0), "before": (3, 7), "declaration": (1, 20)}
    row, column = places[part]
    message = {"severity": "error", "pos": {"line": row, "column": column}, "data": "Unknown identifier"}
    wrong = {"messages": [message]}

    def reply(name: str, env: int) -> dict[str, Any]:
        return {"env": env, **(wrong if name == part else {})}

    exchanges = [
        cmd("import Lean\n", reply("header", 0)),
        Exchange({"pickleTo": "", "env": 0}, ('{"env": 0}',)),
        cmd(before, reply("before", 1), 0),
        cmd(BOTH, reply("declaration", 2), 1),
    ]

    async def work(session: LeanSession) -> None:
        raise AssertionError("it must not open")

    with pytest.raises(InputError, match="Unknown identifier") as caught:
        with_session(tmp_path, exchanges, work, source)
    assert caught.value.location is not None
    assert (caught.value.location.line, caught.value.location.file) == (line, "It.lean")


def test_a_place_where_lean_sees_no_goal_is_no_obligation(tmp_path: Path) -> None:
    async def work(session: LeanSession) -> None:
        raise AssertionError("it must not open")

    with pytest.raises(InputError, match="no goal"):
        with_session(tmp_path, [cmd(BOTH, {"env": 0})], work)


def test_whole_proofs_are_checked_as_the_artefact_has_them(tmp_path: Path) -> None:
    def whole(*lines: str) -> str:
        return BOTH.replace("by sorry", "by\n" + "\n".join(lines))

    good = [Step("constructor").leaving(2), Step("exact hp").leaving(0), Step("exact hq").leaving(0)]
    warning = {"severity": "warning", "pos": {"line": 1, "column": 8}, "data": "unused"}
    error = {"severity": "error", "pos": {"line": 2, "column": 2}, "data": "type mismatch"}

    async def work(session: LeanSession) -> None:
        assert await session.accepts(good, SECONDS)
        assert await session.needed(good, SECONDS) == good
        assert not await session.accepts([Step("exact hq").leaving(0)], SECONDS)
        assert not await session.accepts([Step("exact left_open").leaving(0)], SECONDS)
        assert not await session.accepts([Step("sorry").leaving(0)], SECONDS)
        assert not await session.accepts([Step("exact unrecorded").leaving(0)], SECONDS)

    exchanges = [
        root(),
        cmd(whole("  constructor", "  · exact hp", "  · exact hq"), {"env": 2, "messages": [warning]}),
        cmd(whole("  exact hq"), {"env": 3, "messages": [error]}),
        cmd(whole("  exact left_open"), {"env": 4, "sorries": [open_at(9, 2, 8, "⊢ p")]}),
    ]
    with_session(tmp_path, exchanges, work)


def test_a_sorry_within_a_proof_is_worked_on_beside_others(tmp_path: Path) -> None:
    source = "theorem two : 1 = 1 ∧ 2 = 2 := by\n  constructor\n  · sorry\n  · sorry\n"
    declared = source.rstrip("\n")
    sorries = [open_at(0, 3, 4, "case left\n⊢ 1 = 1"), open_at(1, 4, 4, "case right\n⊢ 2 = 2")]
    second = declared[: declared.rindex("sorry")] + "rfl"

    async def work(session: LeanSession) -> None:
        assert session.root.goal.conclusion == "2 = 2"
        assert isinstance(await apply(session, session.root, "rfl"), Closed)
        assert await session.accepts([Step("rfl").leaving(0)], SECONDS)

    exchanges = [
        cmd(declared, {"sorries": sorries, "env": 0}),
        tactic("rfl", 1, left(2)),
        cmd(second, {"sorries": sorries[:1], "env": 1}),
    ]
    with_session(tmp_path, exchanges, work, source, "two#2")


@pytest.mark.lean
def test_the_real_repl_gives_each_goal_a_state_of_its_own() -> None:
    program = shutil.which("repl")
    if program is None:
        pytest.skip("there is no `repl` on the PATH")

    async def run() -> None:
        async with lean_peer.session(Path(program), BOTH, "both") as session:
            outcome = await apply(session, session.root, "constructor")
            assert isinstance(outcome, Open)
            assert len(outcome.subgoals) == 2
            for ref, text in zip(outcome.subgoals, ("exact hp", "exact hq"), strict=True):
                assert isinstance(await apply(session, ref, text), Closed)
                assert isinstance(await apply(session, ref, "exact nothing_of_the_sort"), Rejected)
            steps = [Step("constructor").leaving(2), Step("exact hp").leaving(0), Step("exact hq").leaving(0)]
            assert await session.accepts(steps, SECONDS)

    asyncio.run(run())


@pytest.mark.lean
@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda c: c.name)
def test_the_real_repl_answers_as_it_did(conversation: Conversation, tmp_path: Path) -> None:
    program = shutil.which("repl")
    if program is None:
        pytest.skip("there is no `repl` on the PATH")
    if any(word in json.dumps([dict(e.request) for e in conversation.exchanges]) for word in ("Mathlib", "test/")):
        pytest.skip("it needs Mathlib, or files of the REPL's own tests")
    lean_peer.drive(conversation, tmp_path, Path(program))
