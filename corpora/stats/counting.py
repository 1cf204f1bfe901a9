"""What is counted of a data set, in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from corpora.curate.proofs import head, proofs, text
from corpora.split.assigning import premises
from corpora.stages.task import Record

SCHEMA = "lemmata.corpus-stats/1"
_LENGTHS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89)
"""Beginnings of the classes of lengths: 1, 2, 3 to 4, 5 to 7, ..."""
_NONE = "(none)"


@dataclass(slots=True)
class Counts:
    """Numbers of records and theorems."""

    records: int = 0
    theorems: int = 0
    by: dict[str, Counter[str]] = field(default_factory=dict)
    """Records by package, file and the like."""
    theorems_by: dict[str, Counter[str]] = field(default_factory=dict)
    characters: Counter[str] = field(default_factory=Counter)
    """Sums over all records, by member."""

    def to_json(self) -> dict[str, Any]:
        """Return all numbers; the most frequent first."""

        def sorted_by_count(found: dict[str, Counter[str]]) -> dict[str, dict[str, int]]:
            return {what: dict(ordered(counted)) for what, counted in found.items() if set(counted) - {_NONE}}

        means = {name: round(total / max(self.records, 1), 2) for name, total in sorted(self.characters.items())}
        return {
            "schema": SCHEMA,
            "records": self.records,
            "theorems": self.theorems,
            "records_by": sorted_by_count(self.by),
            "theorems_by": sorted_by_count(self.theorems_by),
            "mean_characters": means,
        }


def ordered(counted: Counter[str]) -> list[tuple[str, int]]:
    """Return what was counted, the most frequent first; classes of lengths by their lengths."""
    if all(name[:1].isdigit() for name in counted):
        return sorted(counted.items(), key=lambda row: int(row[0].partition(" ")[0].rstrip("+")))
    return sorted(counted.items(), key=lambda row: (-row[1], row[0]))


def count(records: Iterable[Record]) -> Counts:
    """Count the records of a data set; those of one theorem follow each other."""
    found = Counts()
    records_by = {
        name: Counter[str]() for name in ("system", "split", "package", "licence", "file", "tactic", "premise")
    }
    theorems_by = {
        name: Counter[str]() for name in ("system", "package", "steps recorded", "premises used", "rule of a mutation")
    }
    for proof in proofs(records):
        found.theorems += 1
        used: set[str] = set()
        for record in proof.records:
            found.records += 1
            named = premises(record)
            used.update(named)
            records_by["premise"].update(named)
            for name in ("system", "split", "package", "licence"):
                records_by[name][text(record, name) or _NONE] += 1
            place = "/".join(part for part in (text(record, "package"), text(record, "file")) if part)
            records_by["file"][place or _NONE] += 1
            records_by["tactic"][head(text(record, "step")) or _NONE] += 1
            for name in ("goal", "step", "statement"):
                found.characters[name] += len(text(record, name))
        first = proof.records[0]
        for name in ("system", "package"):
            theorems_by[name][text(first, name) or _NONE] += 1
        theorems_by["steps recorded"][_class(len(proof.records))] += 1
        theorems_by["premises used"][_class(len(used))] += 1
        origin = first.get("origin")
        if isinstance(origin, dict):
            theorems_by["rule of a mutation"][text(origin, "rule") or _NONE] += 1
    found.by, found.theorems_by = records_by, theorems_by
    return found


def _class(number: int) -> str:
    if number < _LENGTHS[0]:
        return str(number)
    place = max(at for at, least in enumerate(_LENGTHS) if least <= number)
    if place + 1 == len(_LENGTHS):
        return f"{_LENGTHS[place]}+"
    last = _LENGTHS[place + 1] - 1
    return str(last) if last == _LENGTHS[place] else f"{_LENGTHS[place]} to {last}"
