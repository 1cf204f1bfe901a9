"""Step records of one Coq file checked again: replayed, the step tried on its own at the goal, all of it compared."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from checkers.coq.goals import Printed
from checkers.coq.installation import Installation
from checkers.coq.tactics import NotATactic, plain
from corpora.coq.library import Source
from corpora.coq.walk import Proof, Taken
from corpora.extract.coq import Replay, shown_goal
from corpora.records import StepRecord
from lemmata.errors import LemmataError


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a record."""

    valid: bool | None
    """None where it could not be checked."""
    why: str = ""


async def recheck(
    records: Sequence[StepRecord], source: Source | None, coq: Installation, seconds: float
) -> list[Checked]:
    """Check records of one file.

    Args:
        records: they name the same file.
        source: the file, None where there is none.
        coq: replays it.
        seconds: how long that may take.

    Raises:
        BackendMissing: Coq cannot be run at all.
    """
    if source is None:
        return [Checked(None, "there is no such file; --root DIR names the folder that was extracted")] * len(records)
    answers = await _replayed(records, source, coq, seconds, hasty=True)
    doubted = [place for place, answer in enumerate(answers) if not answer.valid]
    if doubted:
        # Nothing is called invalid before every proof above it was replayed.
        again = await _replayed([records[place] for place in doubted], source, coq, seconds, hasty=False)
        for place, answer in zip(doubted, again, strict=True):
            answers[place] = answer
    return answers


async def _replayed(
    records: Sequence[StepRecord], source: Source, coq: Installation, seconds: float, *, hasty: bool
) -> list[Checked]:
    """Check records in one replay of their file; in a hasty one, other theorems are taken for granted."""
    steps: dict[tuple[str, int], list[str]] = defaultdict(list)
    for record in records:
        # Nothing but a plain step is given to Coq.
        if not _why_no_step(record.step) and record.step not in steps[record.theorem, record.index]:
            steps[record.theorem, record.index].append(record.step)
    theorems = frozenset(record.theorem for record in records)
    missing = set(theorems)
    last = max(record.line for record in records)

    def wanted(theorem: str, index: int) -> Sequence[str]:
        return steps.get((theorem, index), ())

    def enough(proof: Proof) -> bool:
        missing.discard(proof.theorem)
        return not missing and replay.line(proof) >= last

    try:
        replay = Replay(source, coq, wanted, theorems if hasty else None)
        await replay.run(seconds, enough)
    except LemmataError as error:
        if error.exit_code == 4:
            raise
        return [Checked(None, error.message)] * len(records)
    by_name: dict[str, list[Proof]] = defaultdict(list)
    for proof in replay.proofs:
        by_name[proof.theorem].append(proof)
    return [_checked(record, by_name[record.theorem], replay) for record in records]


def _why_no_step(step: str) -> str:
    try:
        return "" if plain(step) == step else "the step is not written as a session takes it"
    except NotATactic as error:
        return f"the step is no plain step: {error.message}"


def _checked(record: StepRecord, proofs: Sequence[Proof], replay: Replay) -> Checked:
    if why := _why_no_step(record.step):
        return Checked(False, why)
    if not proofs:
        if replay.failure is not None:
            return Checked(None, f"{replay.failure.reason}: {replay.failure.detail}")
        return Checked(False, f"the file proves no {record.theorem}")
    answers = [_compared(record, proof, replay) for proof in proofs]
    # A name may be used again: the record is of one of those proofs.
    return min(answers, key=lambda answer: (not answer.valid, len(answer.why)))


def _compared(record: StepRecord, proof: Proof, replay: Replay) -> Checked:
    if proof.failure:
        return Checked(None, f"the proof is not replayed: {proof.failure}")
    for taken, fresh in zip(proof.steps, replay.records(proof), strict=True):
        if taken.index == record.index:
            return _same(record, fresh, taken)
    return Checked(False, f"the proof has no step {record.index} that is a record")


def _same(record: StepRecord, fresh: StepRecord, taken: Taken) -> Checked:
    # Older records do not tell goals without notations.
    untold = ("more", *(() if record.plain else ("plain", "plain_hypotheses")))
    names = [entry.name for entry in dataclasses.fields(StepRecord) if entry.name not in untold]
    wrong = [name for name in names if getattr(record, name) != getattr(fresh, name)]
    if wrong:
        return Checked(False, f"not what the file and Coq say: {', '.join(wrong)}")
    left = taken.tried.get(record.step, "it was not tried")
    if isinstance(left, str):
        return Checked(False, f"on its own, {left}")
    return _left(record, left)


def _left(record: StepRecord, left: tuple[Printed, ...]) -> Checked:
    if tuple(map(shown_goal, left)) != record.after:
        return Checked(False, "on its own, it leaves other goals")
    return Checked(True)
