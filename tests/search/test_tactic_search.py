"""Proofs made of tactics: time limits, replacements, counts of subgoals, and dropping whole steps."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import pytest
from synthetic import MemorySink, Move, SyntheticProver, SyntheticSession, World, forever, goal, valid_proof, verifier
from test_engine import search

from lemmata.graph import ProofGraph
from lemmata.outcome import Closed, Open, Rejected
from lemmata.step import Part, Proposal, Step
from lemmata.verdict import Limits, Verdict, Verification
from lemmata.workflow.attribution import Attribution
from lemmata.workflow.replay import covered, proof_steps
from search.budget import Budget
from search.minimise import minimise
from search.sanitise import clean_outcome, clean_proposal


class Timed(SyntheticSession):
    """Notes the limit of every step."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.limits: dict[str, float | None] = {}

    async def apply(self, goal, step, limits):
        self.limits[step.text] = limits.wall_seconds
        return await super().apply(goal, step, limits)


class Wanting(SyntheticProver):
    """Asks for so many seconds as a step's name says."""

    def _proposals(self, view, n):
        return [
            Proposal(
                p.step, p.log_probability, self.name, time_limit=float(p.step.text) if p.step.text[0] != "n" else None
            )
            for p in super()._proposals(view, n)
        ]


@pytest.mark.parametrize(("budget", "longest"), [(Budget(100), 80.0), (Budget(None), 1000.0)])
def test_a_step_gets_the_time_that_its_prover_thinks_it_is_worth(budget, longest):
    world: World = {"root": [Move(text, -1.0, None) for text in ("0.5", "30", "1000", "nothing")]}
    session = Timed(world)
    search(world, session=session, provers=[Wanting(world)], budget=budget, step_limits=Limits(wall_seconds=5))
    assert session.limits == {"0.5": 0.5, "30": 30.0, "1000": longest, "nothing": 5.0}


def test_what_is_left_of_the_budget_bounds_it_all_the_same():
    world: World = {"root": [Move("0.05", -1.0, ()), Move("1000", -2.0, ())]}
    session = Timed(world, {"0.05": forever, "1000": forever})
    result, _, sink = search(
        world, session=session, provers=[Wanting(world)], budget=Budget(0.5), step_limits=Limits(), concurrency=1
    )
    assert result.verdict is Verdict.UNKNOWN
    assert session.limits["0.05"] == 0.05
    assert 0.0 < (session.limits["1000"] or 0.0) <= 0.4
    assert sink.of("step_checked")[0].time_limit == 0.05


@pytest.mark.parametrize("odd", [0.0, -1.0, float("nan"), float("inf"), "5", True])
def test_odd_time_limits_are_none(odd):
    cleaned = clean_proposal(Proposal(Step("x"), -1.0, "p", time_limit=odd), "p")
    assert cleaned is not None
    assert cleaned.time_limit is None


def test_a_sound_time_limit_stays_and_a_count_of_subgoals_goes():
    cleaned = clean_proposal(Proposal(Step("x", subgoals=3), -1.0, "p", time_limit=2), "p")
    assert cleaned == Proposal(Step("x"), -1.0, "p", time_limit=2.0)
    assert cleaned is not None
    assert cleaned.step.subgoals is None


# Replacements: `search` is what is proposed, `found` what the checker says to write instead.

FOUND: World = {
    "root": [Move("search", -0.1, ("a",)), Move("found", -9.0, ("a",))],
    "a": [Move("close", -0.1, ())],
}
INSTEAD = {"search": Open((SyntheticSession({}, root="a").root,), 0.1, (), Step("found"))}


def found_only(world: World) -> Any:
    """Return a verification that does not accept what is to be replaced."""
    replay = verifier(world)

    async def verify(steps: list[Step]) -> Verification:
        if any(step.text == "search" for step in steps):
            return Verification(Verdict.UNKNOWN, "the search finds something else today")
        return await replay(steps)

    return verify


def test_a_replacement_is_what_is_verified_and_written():
    sink = MemorySink()
    origins = Attribution(sink)
    result, _, _ = search(FOUND, session=SyntheticSession(FOUND, INSTEAD), verify=found_only(FOUND), sink=origins)
    assert [step.text for step in result.steps] == ["found", "close"]
    assert [step.subgoals for step in result.steps] == [1, 0]
    assert origins.provers(result.steps) == ("synthetic",)
    assert origins.proof(result.steps, {})["steps"][0]["prover"] == "synthetic"
    event = next(e for e in sink.of("step_checked") if e.step == "search")
    assert event.replacement == {"text": "found", "kind": "tactic", "parts": []}
    document = json.loads(json.dumps(result.graph.to_json(result.graph.cheapest_proof())))
    steps = proof_steps(ProofGraph.from_json(document))
    assert steps is not None
    assert covered(result.steps, steps)
    assert [step.subgoals for step in steps] == [1, 0]


def test_the_original_is_never_verified_where_there_is_a_replacement():
    asked: list[list[str]] = []

    async def verify(steps: list[Step]) -> Verification:
        asked.append([step.text for step in steps])
        return Verification(Verdict.UNKNOWN, "no")

    world: World = {"root": [Move("search", -0.1, ())]}
    search(world, session=SyntheticSession(world, {"search": Closed(0.1, (), Step("found"))}), verify=verify)
    assert asked == [["found"]]


@pytest.mark.parametrize("works", [True, False])
def test_a_resumed_run_knows_the_replacement(works):
    # Killed before the goal that is left was looked at.
    _, _, sink = search(
        FOUND, session=SyntheticSession(FOUND, INSTEAD), verify=found_only(FOUND), budget=Budget(20, checker_calls=1)
    )
    faults: dict[str, Any] = {"search": Rejected("nothing found today")}
    if not works:
        faults = {"found": Rejected("not any more")}
    session = SyntheticSession(FOUND, faults)
    result, _, again = search(FOUND, session=session, verify=verifier(FOUND), history=sink.events, concurrency=1)
    texts = [text for _, text in session.calls]
    assert result.verdict is Verdict.PROVED
    if works:
        assert "search" not in texts
        assert [step.text for step in result.steps] == ["found", "close"]
        assert again.of("step_checked")[0].step == "search"
        # What a run that was resumed has recorded can be resumed in its turn.
        other = SyntheticSession(FOUND, faults)
        third, _, _ = search(FOUND, session=other, history=[*sink.events, *again.events], verify=found_only(FOUND))
        assert [step.text for step in third.steps] == ["found", "close"]
        assert "search" not in [text for _, text in other.calls]
    else:
        assert texts[:2] == ["found", "search"]
        assert [step.text for step in result.steps] == ["search", "close"]


@pytest.mark.parametrize("odd", ["found", 5, Step(5), Step("x", "tactic", ("p",)), Proposal(Step("x"), -1.0, "p")])  # type: ignore[arg-type]
def test_a_malformed_replacement_is_a_crash(odd):
    for outcome in (Closed(0.1, (), odd), Open((), 0.1, (), odd)):
        assert type(clean_outcome(outcome, 0.1)).__name__ == "Crashed"


def test_a_sound_replacement_passes():
    step = Step("found", "tactic", (Part("l", "x"),))
    assert clean_outcome(Closed(0.1, (), step), 0.2) == Closed(0.1, (), step)
    cleaned = clean_outcome(Open((), 0.1, (), step), 0.2)
    assert isinstance(cleaned, Open)
    assert cleaned.replacement == step


# Dropping whole steps.


class Script:
    """Accepts scripts that contain what is needed, in order; takes its time where told."""

    def __init__(self, needed: str, seconds: float = 0.0) -> None:
        self.wanted = needed
        self.seconds = seconds
        self.asked: list[str] = []
        self.limits: list[float | None] = []

    async def accepts(self, steps, limits):
        self.asked.append("".join(step.text for step in steps))
        self.limits.append(limits.wall_seconds)
        await asyncio.sleep(self.seconds)
        kept = iter(self.asked[-1])
        return all(any(letter == other for other in kept) for letter in self.wanted)

    async def needed(self, steps, limits):
        return list(steps)


def script(text: str) -> list[Step]:
    """Return a script: a capital letter leaves two subgoals, the last letter and one before a dash none."""
    steps = []
    for here, after in itertools.pairwise(text + "-"):
        if here != "-":
            steps.append(Step(here, subgoals=0 if after == "-" else 2 if here.isupper() else 1))
    return steps


def reduce(session: Script, steps: list[Step], seconds: float | None = None) -> str:
    return "".join(step.text for step in asyncio.run(minimise(session, steps, Limits(), seconds)))


def test_steps_that_are_not_needed_are_dropped():
    assert reduce(Script("bdf"), script("abcdef")) == "bdf"


def test_only_steps_that_left_exactly_one_subgoal_are_dropped():
    # Without the split and without what closes its branches, the others would be somebody else's steps.
    session = Script("ae")
    assert reduce(session, script("aBc-de")) == "aBc" + "e"
    assert all("B" in text and "c" in text and "e" in text for text in session.asked)


def test_steps_whose_subgoals_are_not_known_stay():
    session = Script("")
    assert reduce(session, [Step("a"), Step("b")]) == "ab"
    assert session.asked == []


def test_dropping_keeps_what_it_has_when_time_is_over():
    session = Script("", seconds=0.02)
    smaller = reduce(session, script("abcdefghijklmnopqrstuvwxyz"), 0.1)
    assert 1 < len(smaller) < 26
    assert len(session.asked) <= 6
    assert all(limit is not None and limit <= 0.1 for limit in session.limits)


def test_proofs_with_parts_keep_their_steps():
    steps = [Step("a", "tactic", (), 1), Step("b", "tactic", (Part("l", "x"),), 0)]
    assert reduce(Script("b"), steps) == "ab"


CHAIN: World = {
    "root": [Move("idle", -0.1, ("a",))],
    "a": [Move("work", -0.1, ("b",))],
    "b": [Move("close", -0.1, ())],
}


class Shortening(SyntheticSession):
    """Accepts any proof that still has the work in it, some only after a while."""

    slow = False

    async def needed(self, steps, limits):
        return list(steps)

    async def accepts(self, steps, limits):
        if self.slow and len(steps) < 2:
            await forever()
        return any(step.text == "work" for step in steps) or self.slow


def test_the_engine_drops_steps_of_a_tactic_proof():
    async def verify(steps: list[Step]) -> Verification:
        return Verification(Verdict.PROVED)

    result, _, _ = search(CHAIN, session=Shortening(CHAIN), verify=verify, concurrency=1)
    assert [(step.text, step.subgoals) for step in result.steps] == [("work", 1), ("close", 0)]
    graph = proof_steps(ProofGraph.from_json(result.graph.to_json(result.graph.cheapest_proof())))
    assert graph is not None
    assert covered(result.steps, graph)
    result, _, _ = search(CHAIN, session=Shortening(CHAIN), verify=verify, minimise=False, concurrency=1)
    assert [step.text for step in result.steps] == ["idle", "work", "close"]


def test_a_reduction_that_is_cut_short_is_not_lost(monkeypatch):
    monkeypatch.setattr("search.concluding.TACTIC_SECONDS", 0.1)
    session = Shortening(CHAIN)
    session.slow = True

    async def verify(steps: list[Step]) -> Verification:
        return Verification(Verdict.PROVED)

    result, _, _ = search(CHAIN, session=session, verify=verify, concurrency=1)
    assert len(result.steps) == 2


def test_a_shortened_proof_that_does_not_verify_is_verified_as_it_was_found():
    result, _, _ = search(CHAIN, session=Shortening(CHAIN), concurrency=1)
    assert result.verdict is Verdict.PROVED
    assert valid_proof(CHAIN, result.steps)
    assert [step.text for step in result.steps] == ["idle", "work", "close"]


def test_steps_that_do_nothing_are_cheap_and_harmless():
    world: World = {
        "root": [Move(f"idle {i}", -0.01 * i, ("root",)) for i in range(200)] + [Move("go", -5.0, ("a",))],
        "a": [Move("idle", -0.1, ("a",)), Move("close", -2.0, ())],
    }
    result, _, _ = search(world, width=300)
    assert [step.text for step in result.steps] == ["go", "close"]
    stuck: World = {"root": [Move("idle", -0.1, ("root",))]}
    result, session, _ = search(stuck)
    assert (result.reason, len(session.calls)) == ("search space exhausted", 1)
    assert result.graph.goal(0).goal == goal("root")
