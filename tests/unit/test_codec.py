from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemmata import codec
from lemmata.errors import Location
from lemmata.goal import Goal, GoalRef, GoalView, Hypothesis, Obligation
from lemmata.outcome import Closed, Crashed, Note, Open, Rejected, TimedOut
from lemmata.step import Part, Proposal, Step

texts = st.text(st.characters(), max_size=12)  # lone surrogates included: source files need not be valid UTF-8
wholes = st.integers(-(1 << 70), 1 << 70)
seconds = st.floats(allow_nan=False)
values = st.recursive(
    st.none() | st.booleans() | wholes | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
mappings = st.dictionaries(texts, values, max_size=3)


def tuples(items):
    return st.lists(items, max_size=3).map(tuple)


locations = st.builds(Location, texts, wholes, wholes)
obligations = st.builds(Obligation, texts, texts, texts, locations, tuples(st.tuples(texts, texts)))
goals = st.builds(Goal, texts, texts, tuples(st.builds(Hypothesis, texts, texts)), texts, mappings)
refs = st.builds(GoalRef, texts, goals)
views = st.builds(GoalView, goals, obligations, wholes, tuples(texts), mappings)
steps = st.builds(Step, texts, texts, tuples(st.builds(Part, texts, texts, texts)), st.none() | st.integers(0, 1 << 70))
durations = st.floats(0, exclude_min=True, allow_nan=False, allow_infinity=False)
proposals = st.builds(
    Proposal, steps, st.floats(max_value=0, allow_nan=False), texts, seconds, wholes, st.none() | durations
)
notes = tuples(st.builds(Note, wholes, st.booleans(), texts, mappings))
outcomes = st.one_of(
    st.builds(Closed, seconds, notes, st.none() | steps),
    st.builds(Open, tuples(refs), seconds, notes, st.none() | steps),
    st.builds(Rejected, texts, seconds, notes, mappings),
    st.builds(TimedOut, seconds, texts),
    st.builds(Crashed, texts, seconds),
)

CODECS = {
    "location": (locations, codec.location_to_json, codec.location_from_json),
    "obligation": (obligations, codec.obligation_to_json, codec.obligation_from_json),
    "goal": (goals, codec.goal_to_json, codec.goal_from_json),
    "goal_ref": (refs, codec.goal_ref_to_json, codec.goal_ref_from_json),
    "goal_view": (views, codec.goal_view_to_json, codec.goal_view_from_json),
    "step": (steps, codec.step_to_json, codec.step_from_json),
    "proposal": (proposals, codec.proposal_to_json, codec.proposal_from_json),
    "outcome": (outcomes, codec.outcome_to_json, codec.outcome_from_json),
}


OPTIONAL = {("step", "subgoals"), ("proposal", "time_limit"), ("outcome", "replacement")}


def through_text(value):
    return json.loads(json.dumps(value, allow_nan=False))


@pytest.mark.parametrize("name", CODECS)
@settings(deadline=None)
@given(data=st.data())
def test_round_trip(name, data):
    strategy, write, read = CODECS[name]
    value = data.draw(strategy)
    again = read(through_text(write(value)))
    assert again == value
    assert type(again) is type(value)
    if name == "goal":
        assert (again.key, again.details) == (value.key, value.details)  # details do not count in ==
    if name == "step":
        assert again.subgoals == value.subgoals  # neither do these


@pytest.mark.parametrize("name", CODECS)
@settings(deadline=None)
@given(data=st.data())
def test_malformed_input_is_a_value_error(name, data):
    read = CODECS[name][2]
    value = data.draw(values)
    try:
        read(value)
    except ValueError:
        return
    assert name == "location"  # the only one that a small random value can hit


@pytest.mark.parametrize("name", [name for name in CODECS if name != "location"])
@settings(deadline=None)
@given(data=st.data())
def test_a_missing_or_wrong_field_is_a_value_error(name, data):
    strategy, write, read = CODECS[name]
    good = write(data.draw(strategy))
    field = data.draw(st.sampled_from(sorted(good)))
    if (name, field) not in OPTIONAL:
        with pytest.raises(ValueError):
            read({k: v for k, v in good.items() if k != field})
    with pytest.raises(ValueError):
        read({**good, field: None})


def a_proposal(**changes):
    return {**codec.proposal_to_json(Proposal(Step("auto"), -1.0, "p")), **changes}


def test_infinite_log_probability_travels():
    sent = codec.proposal_to_json(Proposal(Step("auto"), -math.inf, "p"))
    assert sent["log_probability"] == "-inf"
    assert codec.proposal_from_json(through_text(sent)).log_probability == -math.inf


@pytest.mark.parametrize(
    "changes",
    [
        {"log_probability": 0.1},
        {"log_probability": "inf"},
        {"log_probability": math.nan},
        {"log_probability": "nan"},
        {"log_probability": True},
        {"seconds": 10**400},
        {"tokens": 1.5},
        {"tokens": True},
        {"time_limit": 0.0},
        {"time_limit": -1.0},
        {"time_limit": "inf"},
        {"time_limit": math.nan},
        {"time_limit": True},
        {"step": {"text": "x", "kind": "tactic", "parts": [], "subgoals": -1}},
        {"step": {"text": "x", "kind": "tactic", "parts": [], "subgoals": True}},
        {"step": []},
        {"step": {"text": "x", "kind": "tactic", "parts": [{"label": "l"}]}},
    ],
)
def test_bad_proposals_are_refused(changes):
    with pytest.raises(ValueError):
        codec.proposal_from_json(a_proposal(**changes))


def test_numbers_may_be_whole():
    assert codec.proposal_from_json(a_proposal(log_probability=-1, seconds=0)) == Proposal(Step("auto"), -1.0, "p")


def test_unknown_outcomes_are_refused():
    with pytest.raises(ValueError, match="unknown outcome 'proved'"):
        codec.outcome_from_json({"outcome": "proved", "seconds": 0.0})


def test_what_goals_share_may_travel_apart():
    view = GoalView(
        Goal("toy", "x"), Obligation("toy", "main", "source", Location("a.toy")), 3, ("key",), {"facts": [1, 2]}
    )
    bare, shared = codec.bare_view_to_json(view), codec.surroundings_to_json(view)
    assert not set(bare) & set(shared)
    assert codec.bare_view_from_json(through_text(bare), codec.surroundings_from_json(through_text(shared))) == view
