"""Records of loop invariants: what is known of a clause from all searches, with the values that broke it."""

from __future__ import annotations

from typing import Any

from corpora.extract.programs import part
from lemmata.events import StepChecked
from provers.neural.training.records import candidate_record

PROGRAM = "int main(void) { int i = 0; while (i < 9) i++; }"


def checked(*verdicts: tuple[str, bool, dict[str, int]], kind: str = "clauses") -> StepChecked:
    notes: list[dict[str, Any]] = [
        {"part": place, "accepted": held, "message": "" if held else "consecution fails", "model": model}
        for place, (_, held, model) in enumerate(verdicts)
    ]
    return StepChecked(
        at=0.0,
        goal=0,
        node=1,
        prover="atoms",
        key="k",
        step="; ".join(text for text, _, _ in verdicts),
        step_kind=kind,
        parts=[("L1", text, "c") for text, _, _ in verdicts],
        log_probability=-1.0,
        outcome="open",
        message="",
        seconds=0.1,
        subgoals=[2],
        notes=notes,
    )


def test_a_clause_that_ever_held_is_one_that_holds() -> None:
    first = checked(("i <= 9", False, {"i": 12}), ("i == 3", False, {"i": 3}))
    found = part([(PROGRAM, [first]), (PROGRAM, [checked(("i <= 9", True, {}))])])
    holds, broken = found.records
    assert (holds["candidate"], holds["label"], holds["message"], holds["counterexample"]) == ("i <= 9", True, "", {})
    assert (broken["candidate"], broken["label"], broken["loop"]) == ("i == 3", False, "L1")
    assert (broken["message"], broken["counterexample"]) == ("consecution fails", {"i": 3})
    assert found.counts == {"searches": 2, "programs": 1, "clauses": 2, "held": 1}
    assert candidate_record(dict(holds)).label is True


def test_the_order_of_the_searches_does_not_matter() -> None:
    searches = [(PROGRAM, [checked(("i <= 9", True, {}))]), ("int x;", [checked(("x == 1", True, {}))])]
    assert list(part(searches).records) == list(part(searches[::-1]).records)


def test_what_is_no_clause_is_no_record() -> None:
    assert list(part([(PROGRAM, [checked(("auto", True, {}), kind="tactic")])]).records) == []
    assert list(part([("", [checked(("i <= 9", True, {}))])]).records) == []
