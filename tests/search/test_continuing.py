"""Whole proofs that are followed step by step, what provers are told, and how the checking is shared."""

from __future__ import annotations

import math

from synthetic import Move, SyntheticProver, World, valid_proof
from test_engine import search

from lemmata.goal import GoalView
from lemmata.step import Proposal, Step
from lemmata.verdict import Verdict
from search.budget import Budget
from search.sharing import Sharing
from search.state import ProverStats

WORLD: World = {
    "root": [Move("split", -1.0, ("left", "right")), Move("wrong", -0.5, None)],
    "left": [Move("intro", -1.0, ("body",))],
    "body": [Move("done", -1.0, ())],
    "right": [Move("exact", -1.0, ())],
}


class Whole(SyntheticProver):
    """Proposes one proof in one piece, for the root only."""

    def __init__(self, world: World, *texts: str) -> None:
        super().__init__(world, "whole")
        self.texts = texts
        self.views: list[GoalView] = []
        self.untold = False
        """Whether it proposes what was tried already."""

    def _proposals(self, view, n):
        self.views.append(view)
        if view.goal.conclusion != "root" or (Step(self.texts[0]).key in view.tried and not self.untold):
            return []
        first, *rest = (Step(text) for text in self.texts)
        origin = {"model": "m", "seed": 1}
        return [Proposal(first, -1.0, self.name, provenance=origin, then=tuple(rest))]


def test_a_whole_proof_is_followed_depth_first_without_asking_again():
    prover = Whole(WORLD, "split", "intro", "done", "exact")
    result, _, sink = search(WORLD, provers=[prover], concurrency=1)
    assert result.verdict is Verdict.PROVED
    assert valid_proof(WORLD, result.steps)
    checked = [event.step for event in sink.of("step_checked")]
    assert checked == ["split", "intro", "done", "exact"]
    assert {event.provenance["model"] for event in sink.of("step_checked")} == {"m"}
    assert result.stats["provers"]["whole"]["proposals"] == 1


def test_the_accepted_beginning_stays_and_others_go_on_from_there():
    whole, helper = Whole(WORLD, "split", "intro", "nonsense", "exact"), SyntheticProver(WORLD, "helper")
    helper.only = lambda move: move.text in ("done", "exact")
    result, _, sink = search(WORLD, provers=[whole, helper], concurrency=1)
    assert result.verdict is Verdict.PROVED
    by = {event.step: event.prover for event in sink.of("step_checked") if event.outcome in ("open", "closed")}
    assert by["split"] == by["intro"] == "whole"
    assert by["done"] == "helper"
    assert "nonsense" in [event.step for event in sink.of("step_checked")]


def test_a_proof_goes_on_from_steps_that_others_took_before():
    world: World = {**WORLD, "root": [Move("split", -0.1, ("left", "right"))]}
    early = SyntheticProver(world, "early")
    early.only = lambda move: move.text == "split"
    late = Whole(world, "split", "intro", "done", "exact")
    late.untold = True
    result, _, _ = search(world, provers=[early, late], concurrency=1, stagger=0.05)
    assert result.verdict is Verdict.PROVED


def test_provers_are_told_what_was_rejected():
    prover = Whole(WORLD, "wrong", "intro")
    helper = SyntheticProver(WORLD, "helper")
    helper.only = lambda move: False
    search(WORLD, provers=[prover, helper], budget=Budget(None, expansions=20), concurrency=1)
    told = [view.failures for view in prover.views if view.failures]
    assert told
    assert told[-1][0].step == "wrong"


def test_whoever_samples_is_asked_again_though_it_had_nothing_new():
    for patience, verdict in ((1, Verdict.UNKNOWN), (4, Verdict.PROVED)):
        prover = SyntheticProver(WORLD, "sampler")
        answers = iter([["wrong"], ["wrong"], ["wrong"], ["wrong"], ["split", "intro", "done", "exact"]])
        told: list[str] = []

        def sample(view, n, answers=answers, told=told, prover=prover):
            if view.goal.conclusion != "root":
                return []
            told.append("")
            first, *rest = map(Step, next(answers, ["wrong"]))
            return [Proposal(first, -1.0, "sampler", then=tuple(rest))]

        prover._proposals = sample
        prover.patience = patience
        result, _, _ = search(WORLD, provers=[prover], concurrency=1)
        assert result.verdict is verdict
        assert len(told) <= 5 + patience


def test_what_works_goes_first_and_nobody_is_forgotten():
    good, bad, new = ProverStats(tries=50, accepted=40), ProverStats(tries=50, accepted=1), ProverStats()
    shares = Sharing({"good": good, "bad": bad, "new": new}, 1.0)
    assert shares.bonus("new") == 0.0
    assert shares.bonus("bad") < shares.bonus("good") <= 0.0
    assert shares.bonus("bad") >= -3.0
    assert Sharing({"good": good, "bad": bad}, 0.0).bonus("bad") == 0.0
    assert Sharing({"bad": bad}, 1.0).bonus("bad") == 0.0
    assert math.isfinite(Sharing({"good": ProverStats(), "bad": ProverStats()}, 1.0).bonus("bad"))
