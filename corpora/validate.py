"""Records checked again by the proof systems that they come from, all of them or a sample."""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpora.coq import recheck as steps
from corpora.coq.recheck import Checked
from corpora.mutate import recheck as theorems
from corpora.mutate.theorem import SCHEMA as THEOREM
from corpora.records import StepRecord, step_record
from corpora.stages import inputs
from corpora.stages.pool import drain
from corpora.stages.task import Failure, Listener, Silent
from lemmata.errors import InputError, Location

SECONDS = 600.0
"""How long the replay of a file may take unless something else is asked for."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a record that is not valid."""

    place: Location
    """In the data set."""
    what: str
    """The theorem, where it is known."""
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}: {self.why}" if self.what else f"{self.place}: {self.why}"


@dataclass(slots=True)
class Report:
    """What became of the records."""

    records: int = 0
    """How many were to be checked."""
    valid: int = 0
    invalid: list[Verdict] = field(default_factory=list)
    unchecked: list[Verdict] = field(default_factory=list)
    """Where the file is not here, for example."""
    interrupted: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as the middle of the command's document."""

        def listed(found: list[Verdict]) -> list[dict[str, Any]]:
            return [
                {"file": one.place.file, "line": one.place.line, "theorem": one.what, "reason": one.why}
                for one in found
            ]

        numbers = {"records": self.records, "valid": self.valid}
        return {**numbers, "invalid": listed(self.invalid), "unchecked": listed(self.unchecked)}


def validate(
    dataset: Path,
    sample: int | None = None,
    seed: int = 0,
    *,
    root: Path | None = None,
    jobs: int = 1,
    seconds: float = SECONDS,
    listener: Listener | None = None,
) -> Report:
    """Check records of a data set in fresh processes.

    Args:
        dataset: a folder of a stage, or a file of records.
        sample: how many records to check; all by default.
        seed: chooses them.
        root: the folder that was extracted, where it is no installed library.
        jobs: how many files are replayed at once.
        seconds: how long the replay of a file may take.
        listener: follows the run.

    Raises:
        InputError: the data set cannot be read, or is empty.
        BackendMissing: the proof system is not installed.
    """
    from checkers.coq import installation
    from corpora.coq import library

    report = Report()
    by_file: dict[str, _OfFile] = defaultdict(_OfFile)
    for place, value in _chosen(dataset, sample, seed):
        report.records += 1
        made = value.get("schema") == THEOREM
        try:
            system, file, what = _theorem(value) if made else _step(record := step_record(value))
        except ValueError as error:
            report.invalid.append(Verdict(place, "", str(error)))
            continue
        if system != "coq":
            report.unchecked.append(Verdict(place, what, f"records of {system!r} cannot be checked again here"))
        elif made:
            by_file[file].theorems.append((place, what, value))
        else:
            by_file[file].steps.append((place, what, record))
    if not report.records:
        raise InputError("there are no records", location=Location(str(dataset)))
    if not by_file:
        return report
    coq = installation.find()
    follow = listener or Silent()
    follow.planned(len(by_file), 0)

    async def check(file: str) -> None:
        follow.started(file)
        found = by_file[file]
        source = library.found_again(file, root, coq)
        answers: list[Checked] = []
        if found.steps:
            answers += await steps.recheck([record for _, _, record in found.steps], source, coq, seconds)
        if found.theorems:
            answers += await theorems.recheck([value for _, _, value in found.theorems], source, coq, seconds)
        told = [(place, what) for place, what, _ in (*found.steps, *found.theorems)]
        failures = [_noted(report, *one, answer) for one, answer in zip(told, answers, strict=True)]
        follow.finished(file, len(told), [failure for failure in failures if failure])

    report.interrupted = not drain(list(by_file), check, jobs)
    for some in (report.invalid, report.unchecked):
        some.sort(key=lambda one: one.place)
    return report


@dataclass(slots=True)
class _OfFile:
    """The records about one file, each with its place in the data set and its theorem."""

    steps: list[tuple[Location, str, StepRecord]] = field(default_factory=list)
    theorems: list[tuple[Location, str, Mapping[str, Any]]] = field(default_factory=list)


def _step(record: StepRecord) -> tuple[str, str, str]:
    return record.system, record.file, record.theorem


def _theorem(value: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the system, the file and the name that a record of a theorem gives; raises as `step_record`."""
    system, file, name = (value.get(member) for member in ("system", "file", "name"))
    if not (isinstance(system, str) and isinstance(file, str) and isinstance(name, str)):
        raise ValueError("the record does not say which theorem of which file and system it is")
    return system, file, name


def _noted(report: Report, place: Location, what: str, answer: Checked) -> Failure | None:
    if answer.valid:
        report.valid += 1
        return None
    into = report.unchecked if answer.valid is None else report.invalid
    into.append(Verdict(place, what, answer.why))
    return Failure(str(place), "not checked" if answer.valid is None else "invalid", answer.why)


def _chosen(dataset: Path, sample: int | None, seed: int) -> Iterator[tuple[Location, dict[str, Any]]]:
    """Yield the records to check in their order; the same ones for the same data, number and seed."""
    if sample is None:
        yield from inputs.records(dataset)
        return
    lots = random.Random(seed)
    drawn = ((lots.random(), number, one) for number, one in enumerate(inputs.records(dataset)))
    # No two numbers are equal, so records are never compared.
    for _, _, one in sorted(heapq.nsmallest(sample, drawn), key=lambda entry: entry[1]):
        yield one
