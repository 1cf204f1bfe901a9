"""The Coq provers on goals of any kind: they never fail, and propose nothing but plain tactics."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkers.coq.tactics import plain
from lemmata.goal import Goal, GoalView, Hypothesis, Location, Obligation
from lemmata.plugins import discovery
from provers.symbolic.coq.scripts import Followed, Script

NAMES = [name for name in sorted(discovery.available(discovery.PROVERS)) if name.startswith("coq-")]
OBLIGATION = Obligation("coq", "it", "Theorem it : True.\nAdmitted.\n", Location("It.v", 1, 1), (("top", "It"),))
CONTEXT: dict[str, Any] = {
    "premises": [
        ["plus_n_O", "forall n : nat, eq n (Nat.add n O)"],
        ["app_nil_r", "forall (A : Type) (l : list A), eq (app l nil) l"],
    ],
    "proofs": [
        {
            "statement": "forall n : nat, n = n + 0",
            "text": "Lemma other : forall n : nat, n = n + 0.",
            "steps": [["induction n", "forall n : nat, n = n + 0", []], ["auto", "0 = 0 + 0", [["n", "nat"]]]],
        }
    ],
    "tactics": ["lia", "congruence"],
    "sources": [],
    "theorem": "it",
    "hammer": True,
}
GOALS = [
    "forall n m : nat, n + m = m + n",
    "rev (l ++ [x]) = x :: rev l",
    "P /\\ Q",
    "exists n : nat, n = 7",
    "match n with 0 => True | S _ => False end",
    "?y = c",
    "~ (a = b)",
]
types = st.one_of(
    st.sampled_from([*GOALS, "nat", "list A", "Prop", ":= 0 : nat", "n = m", "P \\/ Q"]), st.text(max_size=30)
)
hypotheses = st.lists(st.tuples(st.sampled_from(["n", "m", "l", "H", "H0", "IHn", "x'", "α"]), types), max_size=6)


def propose(name: str, conclusion: str, above: list[tuple[str, str]], context: dict[str, Any], n: int) -> list[Any]:
    known = tuple(Hypothesis(*pair) for pair in dict(above).items())
    details = {
        "plain": conclusion,
        "hypotheses": [[h.name, h.text] for h in known],
        "goals": 1,
        "after": None,
        "existentials": "?" in conclusion,
    }
    view = GoalView(Goal("coq", conclusion, known, "", details), OBLIGATION, context=context)
    prover = discovery.load(discovery.PROVERS, name)()
    (proposals,) = asyncio.run(prover.propose([view], n))
    asyncio.run(prover.close())
    return list(proposals)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.sampled_from(GOALS), st.text(max_size=40)), hypotheses, st.integers(1, 40))
def test_any_goal_gets_plain_tactics_or_nothing(
    name: str, conclusion: str, above: list[tuple[str, str]], n: int
) -> None:
    proposals = propose(name, conclusion, above, CONTEXT, n)
    assert len(proposals) <= n
    for proposal in proposals:
        assert proposal.step.kind == "tactic"
        assert math.isfinite(proposal.log_probability)
        assert proposal.log_probability <= 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("goal", GOALS)
def test_proposals_for_sensible_goals_are_plain(name: str, goal: str) -> None:
    above = [("a", "nat"), ("H", "a = b"), ("l", "list A")]
    for proposal in propose(name, goal, above, CONTEXT, 40):
        assert plain(proposal.step.text) == proposal.step.text


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_context_is_enough(name: str) -> None:
    assert len(propose(name, "True", [], {}, 16)) <= 16


@pytest.mark.parametrize("name", NAMES)
def test_the_same_goal_gets_the_same_proposals(name: str) -> None:
    first, second = (propose(name, GOALS[1], [("x", "A"), ("l", "list A")], CONTEXT, 40) for _ in range(2))
    assert first == second


def test_the_obvious_is_proposed() -> None:
    texts = [p.step.text for p in propose("coq-tactics", GOALS[0], [], CONTEXT, 40)]
    assert any(text.startswith("intro") for text in texts)
    assert any("induction" in text for text in texts)
    texts = [p.step.text for p in propose("coq-tactics", "P /\\ Q", [("H", "P")], CONTEXT, 40)]
    assert any(text.startswith("split") for text in texts)


def test_a_script_that_repeats_a_step_is_followed() -> None:
    followed = Followed([Script("l", 1.0, ("intros", *["auto"] * 8))])
    taken: str | None = None
    for depth in range(6):
        for number, place, _ in followed.next(taken, depth):
            followed.offer(followed.scripts[number].steps[place], number, place)
        taken = "intros" if depth == 0 else "auto"
    assert [place for _, place, _ in followed.next("auto", 7)]
