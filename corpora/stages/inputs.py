"""What a stage reads: the data of an earlier stage, or any file of records."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from corpora.stages import lines, writing
from corpora.stages.task import Task
from lemmata.errors import InputError, Location

_ROWS = 1024


def files(dataset: Path) -> list[Path]:
    """Return the files of a data set: the file itself, or those of a folder in the order of their names.

    Raises:
        InputError: there are none, or the folder's stage was cut short.
    """
    if not dataset.is_dir():
        if dataset.is_file():
            return [dataset]
        raise InputError("there is no such file or folder", location=Location(str(dataset)))
    found = [*sorted(dataset.glob("data.jsonl")), *sorted(dataset.glob("data-*.parquet"))]
    if found:
        return found
    hint = "run the command that makes it again" if (dataset / "stage.json").exists() else "name a file of records"
    raise InputError("there is no data in this folder", hint=hint, location=Location(str(dataset)))


def digests(datasets: Sequence[Path]) -> dict[str, str]:
    """Return the digest of each file of some data sets, as `Stage.inputs` holds them.

    Raises:
        InputError: as `files`.
    """
    found: dict[str, str] = {}
    for number, path in enumerate((path for dataset in datasets for path in files(dataset)), 1):
        # Without its folder: the same data elsewhere is the same data.
        found[f"{number} {path.name}"] = lines.digest(path)
    return found


def records(dataset: Path) -> Iterator[tuple[Location, dict[str, Any]]]:
    """Yield the records of a data set, each with its place; of Parquet that is the number of its row.

    Raises:
        InputError: something is no record, with its place.
        BackendMissing: it is Parquet, and pyarrow is not installed.
    """
    for path in files(dataset):
        for number, value in _parquet(path) if path.suffix == ".parquet" else lines.read(path):
            yield Location(str(path), number), value


def _parquet(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    _, tables = writing.arrow()
    try:
        batches = tables.ParquetFile(path).iter_batches(batch_size=_ROWS)
        rows = (row for batch in batches for row in batch.to_pylist())
        for number, row in enumerate(rows, 1):
            yield number, {name: value for name, value in row.items() if value is not None}
    except Exception as error:
        # Whatever the file holds: the library raises anything.
        what = " ".join(str(error).split())[:200]
        raise InputError(f"this is no Parquet file: {what}", location=Location(str(path))) from error


def shards(dataset: Path, size: int) -> list[Task]:
    """Return tasks of `size` records each; the payload of each is its first record's number and their count."""
    total = sum(1 for _ in records(dataset))
    return [
        Task(f"{first:09d}", (first, min(size, total - first)), weight=0) for first in range(0, total, max(size, 1))
    ]


def shard(dataset: Path, task: Task) -> Iterator[tuple[Location, dict[str, Any]]]:
    """Yield the records of a task that `shards` made."""
    first, count = task.payload
    yield from itertools.islice(records(dataset), first, first + count)
