"""Blueprints in the search: their lemmas are goals of their own, and one that fails comes back with the reason."""

from __future__ import annotations

import pytest
from synthetic import Move, SyntheticProver, SyntheticSession, World, valid_proof
from test_engine import search

from lemmata.goal import Failure, GoalView
from lemmata.step import HOLE, Branch, Proposal, Step
from lemmata.verdict import Limits, Verdict
from search import blueprints as following
from search.budget import Budget

WORLD: World = {
    "root": [Move("plan", -1.0, ("easy", "false", "goal")), Move("better", -1.0, ("easy", "right", "goal"))],
    "easy": [Move("simplify", -1.0, ())],
    "false": [Move("wander", -1.0, ("nowhere",))],
    "nowhere": [Move("wander on", -1.0, ("nowhere else",))],
    "nowhere else": [],
    "right": [Move("induct", -1.0, ("base", "case"))],
    "base": [Move("trivial", -1.0, ())],
    "case": [Move("by hypothesis", -1.0, ())],
    "goal": [Move("from them", -1.0, ())],
}
PLAN = (
    Branch("easy", "E", (Step("simplify"),)),
    Branch("odd", "F"),
    Branch("", "", (Step("from them"),)),
)
BETTER = (
    PLAN[0],
    Branch("right", "R", (Step("induct"), HOLE, Step("by hypothesis"))),
    PLAN[2],
)


class Architect(SyntheticProver):
    """Writes a blueprint, and another one when it is told what became of the first."""

    def __init__(self) -> None:
        super().__init__(WORLD, "architect")
        self.told: list[tuple[Failure, ...]] = []

    def _proposals(self, view: GoalView, n: int) -> list[Proposal]:
        if view.goal.conclusion != "root":
            return []
        self.told.append(view.failures)
        text, branches = ("better", BETTER) if any(f.accepted for f in view.failures) else ("plan", PLAN)
        if Step(text).key in view.tried:
            return []
        return [Proposal(Step(text), -1.0, self.name, branches=branches)]


class Doubting(SyntheticSession):
    """Finds out that a lemma is false."""

    def __init__(self, *, broken: bool = False) -> None:
        super().__init__(WORLD)
        self.doubted: list[str] = []
        self.broken = broken

    async def disprove(self, statement: str, limits: Limits) -> str:
        assert limits.wall_seconds == following.DOUBT_SECONDS
        self.doubted.append(statement)
        if self.broken:
            raise OSError("nobody doubts here")
        return "for n := 0" if statement == "F" else ""


def helper(*texts: str) -> SyntheticProver:
    return SyntheticProver(WORLD, "helper", lambda move: move.text in texts)


def test_each_lemma_is_tried_by_itself_and_holes_are_left_to_others():
    world: World = {**WORLD, "root": [Move("plan", -1.0, ("easy", "right", "goal"))]}
    plan = Architect()
    plan._proposals = lambda view, n: (  # type: ignore[method-assign]
        [Proposal(Step("plan"), -1.0, "architect", branches=BETTER)] if view.goal.conclusion == "root" else []
    )
    result, _, sink = search(world, provers=[plan, SyntheticProver(world, "helper", lambda m: m.text == "trivial")])
    assert result.verdict is Verdict.PROVED
    assert valid_proof(world, result.steps)
    by = {event.step: event.prover for event in sink.of("step_checked")}
    assert by == {**dict.fromkeys(by, "architect"), "trivial": "helper"}
    assert "" not in by


def test_a_false_lemma_sends_the_blueprint_back_with_the_reason():
    architect, session = Architect(), Doubting()
    provers = [architect, helper("wander", "wander on", "trivial")]
    result, _, _ = search(WORLD, provers=provers, session=session)
    assert result.verdict is Verdict.PROVED
    assert valid_proof(WORLD, result.steps)
    assert session.doubted[-1] in ("F", "R")
    (first, *_), *_ = [told for told in architect.told if told]
    assert first == Failure(
        "easy : E\nodd : F",
        first.message,
        accepted=True,
    )
    assert "odd is false for n := 0" in first.message


def test_a_lemma_that_fails_sends_the_blueprint_back():
    architect = Architect()
    result, _, _ = search(WORLD, provers=[architect, helper("trivial")])
    assert result.verdict is Verdict.PROVED
    message = next(told for told in architect.told if told)[0].message
    assert "easy is proved" in message
    assert "odd is not proved" in message


def test_a_lemma_that_nobody_proves_for_long_sends_the_blueprint_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(following, "PATIENCE_SECONDS", 0.05)
    world: World = {**WORLD, **{f"false{i}": [Move("wander", -0.01, (f"false{i + 1}",))] for i in range(100_000)}}
    world["false"] = [Move("wander", -0.01, ("false0",))]
    architect = Architect()
    walker = SyntheticProver(world, "walker", lambda move: move.text in ("wander", "trivial"))
    result, _, _ = search(world, provers=[architect, walker], budget=Budget(30))
    assert result.verdict is Verdict.PROVED
    assert any(told and told[0].accepted for told in architect.told)


def test_whoever_doubts_in_vain_does_no_harm():
    architect, session = Architect(), Doubting(broken=True)
    result, _, sink = search(WORLD, provers=[architect, helper("trivial")], session=session)
    assert result.verdict is Verdict.PROVED
    assert any("could not be doubted" in event.message for event in sink.of("log"))


@pytest.mark.parametrize("branches", [PLAN[:2], (*PLAN, PLAN[0]), ("nonsense",), (Branch("a", 1), *PLAN[1:])])  # type: ignore[arg-type]
def test_branches_that_do_not_fit_are_left_alone(branches):
    world: World = {**WORLD, "root": [Move("plan", -1.0, ("easy", "right", "goal"))]}
    plan = Architect()
    plan._proposals = lambda view, n: (  # type: ignore[method-assign]
        [Proposal(Step("plan"), -1.0, "architect", branches=branches)] if view.goal.conclusion == "root" else []
    )
    result, _, _ = search(world, provers=[plan, SyntheticProver(world, "helper", lambda move: move.text != "plan")])
    assert result.verdict is Verdict.PROVED


def test_a_hole_is_no_step():
    prover = SyntheticProver(WORLD, "holes")
    prover._proposals = lambda view, n: [Proposal(HOLE, -0.1, "holes")]  # type: ignore[method-assign]
    result, _, sink = search(WORLD, provers=[prover])
    assert result.verdict is Verdict.UNKNOWN
    assert not sink.of("step_checked")
