"""A stage that is ready to be run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora.stages import inputs
from corpora.stages.run import Stage
from corpora.stages.task import Part, Record, Task
from corpora.stages.writing import Writer


@dataclass(frozen=True, slots=True)
class Plan:
    """What `corpora.stages.run.run` is given for a stage."""

    stage: Stage
    tasks: Sequence[Task]
    work: Callable[[Task], Part]
    finish: Callable[[Iterator[Record], Counter[str]], Iterator[Record]] | None = None
    write: Writer | None = None


def source(datasets: Sequence[Path]) -> Callable[[], Iterator[Record]]:
    """Return what gives the records of some data sets, from the beginning each time it is called."""
    return lambda: (record for dataset in datasets for _, record in inputs.records(dataset))
