"""Step records: written and read without loss, and refused where something is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from corpora.records import STEP, step_record
from provers.neural.training import records as training

VALUE: dict[str, Any] = {
    "schema": STEP,
    "system": "coq",
    "package": "coq-stdlib",
    "version": "8.16.1",
    "licence": "LGPL-2.1-only",
    "file": "Lists/List.v",
    "theorem": "Coq.Lists.List.app_nil_r",
    "statement": "Theorem app_nil_r : forall l:list A, l ++ [] = l",
    "index": 0,
    "steps": 3,
    "line": 210,
    "column": 5,
    "step": "induction l",
    "goal": "A : Type\nl : list A\n⊢ l ++ [] = l",
    "conclusion": "l ++ [] = l",
    "hypotheses": [["A", "Type"], ["l", "list A"]],
    "after": ["A : Type\n⊢ [] ++ [] = []"],
    "premises": ["Coq.Lists.List.app"],
}


def test_a_record_is_written_as_it_was_read() -> None:
    record = step_record(VALUE)
    assert json.dumps(record.to_json()) == json.dumps(VALUE)
    assert str(record.place) == "Lists/List.v:210:5"


def test_goals_without_notations_come_where_they_are_known() -> None:
    value = {**VALUE, "plain": "eq (app l nil) l", "plain_hypotheses": [["A", "Type"], ["l", "list A"]]}
    assert json.dumps(step_record(value).to_json()) == json.dumps(value)
    with pytest.raises(ValueError, match="plain_hypotheses"):
        step_record({**value, "plain_hypotheses": ["l"]})


def test_what_other_stages_added_is_kept() -> None:
    value = {**VALUE, "split": "test", "difficulty": 0.5}
    assert step_record(value).to_json() == value


def test_training_reads_the_same_objects() -> None:
    read = training.step_record(VALUE)
    assert (read.goal, read.step, read.theorem) == (VALUE["goal"], VALUE["step"], VALUE["theorem"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": "lemmata.step/2"}, "schema"),
        ({"step": 3}, "'step' is no text"),
        ({"index": -1}, "'index' is no number from 0"),
        ({"line": True}, "'line' is no number"),
        ({"hypotheses": [["x"]]}, "'hypotheses' is no list of pairs"),
        ({"hypotheses": [["x", 1]]}, "'hypotheses' is no list of texts"),
        ({"after": "goal"}, "'after' is no list of texts"),
        ({"premises": None}, "'premises' is no list of texts"),
    ],
)
def test_a_wrong_record_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        step_record({**VALUE, **change})


@pytest.mark.parametrize("name", sorted(set(VALUE) - {"schema"}))
def test_a_record_without_a_member_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"no '{name}'"):
        step_record({key: value for key, value in VALUE.items() if key != name})
