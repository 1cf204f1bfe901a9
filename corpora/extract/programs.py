"""Records of loop invariants from searches: a program, a loop, a clause that was proposed, and what became of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpora.stages.run import Stage
from corpora.stages.task import Part, Task
from lemmata.events import Event, StepChecked
from lemmata.goal import digest
from provers.critics.examples import stored

SCHEMA = "lemmata.clause/1"
ABOUT = (
    "Each record is a clause that a prover proposed as an invariant of a loop, and what the checker said of it: "
    "whether it held together with the clauses beside it (`label`) and, where it did not, the values that broke it. "
    "A clause that held in one search and not in another is recorded as one that held."
)
_ALL = 1 << 40
"""More searches than a store has."""


@dataclass(slots=True)
class _Clause:
    """What is known of one clause at one loop."""

    held: bool = False
    said: str = ""
    """What the checker said of it at first, where it was refused."""
    model: dict[str, Any] = field(default_factory=dict)
    prover: str = ""
    times: int = 0


def stage(store: Path, form: str) -> Stage:
    """Return the stage that reads a store.

    Raises:
        StoreError: it cannot be read.
    """
    found = [digest(system, source, str(len(events))) for system, source, events in stored(store, _ALL)]
    total = hashlib.sha256("".join(found).encode()).hexdigest()
    return Stage("extract programs", {}, {f"{len(found)} searches": f"sha256:{total}"}, format=form, about=ABOUT)


def tasks(store: Path) -> list[Task]:
    """Return the one task: what is known of a clause may come from several searches."""
    return [Task("store", store)]


def extract(task: Task) -> Part:
    """Return the records of a store."""
    return part((source, events) for system, source, events in stored(task.payload, _ALL) if system == "programs")


def part(searches: Iterable[tuple[str, Iterable[Event]]]) -> Part:
    """Return the records of searches on programs, given their sources and events; the programs in a fixed order."""
    counts: Counter[str] = Counter()
    programs: dict[str, dict[tuple[str, str, str], _Clause]] = {}
    for source, events in searches:
        counts["searches"] += 1
        if source:
            _learn(programs.setdefault(source, {}), events)
    records = [record for source in sorted(programs) for record in _records(source, programs[source])]
    counts.update(programs=len(programs), clauses=len(records), held=sum(record["label"] for record in records))
    return Part(records, counts)


def _learn(known: dict[tuple[str, str, str], _Clause], events: Iterable[Event]) -> None:
    for event in events:
        if not isinstance(event, StepChecked) or event.step_kind != "clauses":
            continue
        for note in event.notes:
            place = note.get("part")
            if not isinstance(place, int) or not 0 <= place < len(event.parts):
                continue
            label, text, language = event.parts[place]
            clause = known.setdefault((label, text, language), _Clause(prover=event.prover))
            clause.times += 1
            if note.get("accepted") is True:
                clause.held = True
            elif not clause.said:
                clause.said, clause.model = str(note.get("message", "")), dict(note.get("model") or {})


def _records(source: str, known: dict[tuple[str, str, str], _Clause]) -> Iterator[dict[str, Any]]:
    for (loop, text, language), clause in sorted(known.items(), key=lambda entry: entry[0]):
        yield {
            "schema": SCHEMA,
            "system": "programs",
            "licence": "unknown",
            "problem": source,
            "loop": loop,
            "candidate": text,
            "language": language,
            "label": clause.held,
            "message": "" if clause.held else clause.said,
            "counterexample": {} if clause.held else clause.model,
            "prover": clause.prover,
            "times": clause.times,
        }
