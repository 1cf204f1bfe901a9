"""The ranker of loop invariants: it learns from other programs, and changes nothing but the order."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemmata.errors import InputError
from lemmata.events import StepChecked
from lemmata.goal import Goal, GoalView, Location, Obligation
from lemmata.step import Part, Proposal, Step, clauses
from provers.critics.examples import ClauseExample, clause_examples
from provers.critics.ranker import InvariantRanker, LinearRanker

SHAPE = "int main() {{ int {x} = 0, {y} = 0; while ({x} < {n}) {{ {x}++; {y} += 2; }} assert({y} == 2 * {x}); }}"
NAMES = [("i", "s", "10"), ("k", "sum", "n"), ("a", "b", "100"), ("count", "total", "7"), ("p", "q", "m")]


def examples(names: Sequence[tuple[str, str, str]]) -> list[ClauseExample]:
    found = []
    for x, y, n in names:
        problem = SHAPE.format(x=x, y=y, n=n)
        found += [ClauseExample(problem, text, True) for text in (f"{y} == 2 * {x}", f"{x} <= {n}", f"{x} >= 0")]
        wrong = (f"{x} > {n}", f"{x} + {y} == 42", f"{y} < 0", f"{x} != {x}", f"{x} == 99 && {y} == 98", "1 == 2")
        found += [ClauseExample(problem, text, False) for text in wrong]
    return found


def view(source: str) -> GoalView:
    return GoalView(Goal("programs", "unreachable"), Obligation("programs", "main", source, Location("x.c")))


def proposals(texts: Sequence[str]) -> list[Proposal]:
    return [Proposal(clauses((Part("L1", text),)), -0.5 * (i + 1), "model") for i, text in enumerate(texts)]


def rank(ranker: InvariantRanker, source: str, given_: Sequence[Proposal]) -> list[Proposal]:
    return asyncio.run(ranker.rank(view(source), given_))


def test_right_candidates_come_first_in_a_program_not_seen(tmp_path: Path) -> None:
    LinearRanker.train(examples(NAMES[:-1])).save(tmp_path)
    held_out = examples(NAMES[-1:])
    worst_first = sorted(held_out, key=lambda e: e.held)
    found = rank(InvariantRanker(str(tmp_path)), held_out[0].problem, proposals([e.candidate for e in worst_first]))
    right = {e.candidate for e in held_out if e.held}
    assert {p.step.parts[0].text for p in found[:3]} == right
    assert [p.log_probability for p in found] == [-0.5 * (i + 1) for i in range(len(found))]


class _By:
    def __init__(self, scores: dict[str, float]) -> None:
        self._scores = scores

    def score(self, problem: str, candidates: Sequence[str]) -> list[float]:
        return [self._scores[candidate] for candidate in candidates]


floats = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(st.floats(-9, 0), floats, st.booleans()), max_size=8))
@settings(deadline=None)
def test_a_ranking_is_a_permutation_of_steps_and_of_estimates(rows: list[tuple[float, float, bool]]) -> None:
    given_ = [
        Proposal(clauses((Part("L1", f"x == {i}"),)) if clause else Step(f"t{i}"), estimate, "p")
        for i, (estimate, _, clause) in enumerate(rows)
    ]
    ranker = InvariantRanker(scores=_By({f"x == {i}": value for i, (_, value, _) in enumerate(rows)}))
    found = rank(ranker, "", given_)
    assert sorted(p.step.key for p in found) == sorted(p.step.key for p in given_)
    assert Counter(p.log_probability for p in found) == Counter(p.log_probability for p in given_)
    estimates = [p.log_probability for p in found]
    assert estimates == sorted(estimates, reverse=True)
    untouched = {p.step.key: p.log_probability for p in given_ if p.step.kind != "clauses"}
    assert all(p.log_probability == untouched[p.step.key] for p in found if p.step.key in untouched)
    assert found == rank(ranker, "", given_)


def test_without_a_model_nothing_changes() -> None:
    given_ = proposals(["a == 1", "b == 2"])
    assert rank(InvariantRanker(), "", given_) == given_


def test_clauses_are_read_from_events() -> None:
    def checked(node: int, accepted: list[bool]) -> StepChecked:
        parts = [("L1", "x >= 0", "c"), ("L1", "y == 2 * x", "c")]
        notes = [{"part": i, "accepted": value, "message": "", "model": {}} for i, value in enumerate(accepted)]
        return StepChecked(
            goal=0, node=node, prover="p", key=str(node), step="", step_kind="clauses", parts=parts,
            log_probability=-1.0, outcome="open", message="", seconds=0.1, subgoals=[], notes=notes,
        )  # fmt: skip

    found = clause_examples("int main() {}", [checked(1, [True, False]), checked(2, [False, False])])
    assert {e.candidate: e.held for e in found} == {"x >= 0": True, "y == 2 * x": False}


def test_a_folder_without_a_ranker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        rank(InvariantRanker(str(tmp_path / "none")), "", proposals(["a", "b"]))
    with pytest.raises(InputError):
        LinearRanker.train([ClauseExample("p", "c", True)])
