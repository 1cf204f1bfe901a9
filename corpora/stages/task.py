"""What a stage works on, and what comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Record = Mapping[str, Any]
"""One line of a data set: JSON values only."""


@dataclass(frozen=True, slots=True)
class Task:
    """One unit of work, such as a file or some thousand records; it is done wholly or not at all."""

    key: str
    """Names it within its stage; the same for the same work, as it says which part is its own."""
    payload: Any = None
    """Whatever the stage's own function needs to know."""
    weight: int = 0
    """How long it may take, in any unit: the heaviest are begun first. The result does not depend on it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be done: a file, a proof, a record."""

    item: str
    reason: str
    """A short text of which there are few, to be counted by."""
    detail: str = ""

    def to_json(self) -> dict[str, str]:
        """Return it as a line of `failures.jsonl`."""
        return {"item": self.item, "reason": self.reason, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Part:
    """What one task gave."""

    records: Iterable[Record]
    counts: Mapping[str, int] = field(default_factory=dict)
    """To be added up over all tasks and shown in the card; names for people to read."""
    failures: Sequence[Failure] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a run."""

    tasks: int
    """Of the stage."""
    already: int
    """How many of them an earlier run had done."""
    failed: int
    """How many of them gave nothing."""
    records: int
    counts: Counter[str]
    reasons: Counter[str]
    """How many failures there are for each reason."""
    licences: Counter[str]
    """How many records there are under each licence."""
    finished: bool
    """Whether the data file is written; it is not where the run was interrupted."""
    digest: str = ""
    """Of the data file."""

    def to_json(self) -> dict[str, Any]:
        """Return it as the middle of a command's document."""
        return {
            "tasks": {"all": self.tasks, "already": self.already, "failed": self.failed},
            "records": self.records,
            "counts": dict(sorted(self.counts.items())),
            "reasons": dict(sorted(self.reasons.items())),
            "licences": dict(sorted(self.licences.items())),
            "finished": self.finished,
            "digest": self.digest or None,
        }


class Listener(Protocol):
    """Is told how far a run is."""

    def planned(self, tasks: int, already: int) -> None:
        """Take note of how many tasks there are, and how many were done earlier."""
        ...

    def started(self, key: str) -> None:
        """Take note that a task is in work."""
        ...

    def finished(self, key: str, records: int, failures: Sequence[Failure]) -> None:
        """Take note of what a task gave."""
        ...


class Silent:
    """A listener that tells nobody."""

    def planned(self, tasks: int, already: int) -> None:
        """Do nothing."""

    def started(self, key: str) -> None:
        """Do nothing."""

    def finished(self, key: str, records: int, failures: Sequence[Failure]) -> None:
        """Do nothing."""
