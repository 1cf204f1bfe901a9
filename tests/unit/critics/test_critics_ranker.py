"""The ranker of loop invariants: it learns from other programs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from lemmata.errors import InputError
from lemmata.events import StepChecked
from lemmata.goal import Goal, GoalView, Location, Obligation
from lemmata.step import Part, clauses
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


def rate(ranker: InvariantRanker, source: str, texts: Sequence[str]) -> list[float]:
    return asyncio.run(ranker.rate(view(source), [clauses((Part("L1", text),)) for text in texts]))


def test_right_candidates_come_first_in_a_program_not_seen(tmp_path: Path) -> None:
    LinearRanker.train(examples(NAMES[:-1])).save(tmp_path)
    held_out = examples(NAMES[-1:])
    found = rate(InvariantRanker(str(tmp_path)), held_out[0].problem, [e.candidate for e in held_out])
    right = [value for value, e in zip(found, held_out, strict=True) if e.held]
    wrong = [value for value, e in zip(found, held_out, strict=True) if not e.held]
    assert min(right) > max(wrong)


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
    for use in (lambda folder: rate(InvariantRanker(folder), "", ["a", "b"]), InvariantRanker.check_model):
        with pytest.raises(InputError):
            use(str(tmp_path / "none"))
    with pytest.raises(InputError):
        LinearRanker.train([ClauseExample("p", "c", True)])
