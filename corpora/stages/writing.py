"""The data of a stage in its files: JSON lines, or Parquet for those who read columns."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from corpora.stages import lines
from corpora.stages.task import Record
from lemmata.errors import BackendMissing, UsageError

FORMATS = ("jsonl", "parquet")
_ROWS = 2000
"""How many records a group of rows holds."""

Writer = Callable[[Iterator[Record], Path], Sequence[str]]
"""Writes records into a folder and returns the names of the files."""


def writer(name: str) -> Writer:
    """Return what writes a format.

    Raises:
        UsageError: there is no such format.
        BackendMissing: it needs a library that is not installed.
    """
    if name not in FORMATS:
        raise UsageError(f"there is no format {name!r}", hint=f"one of {', '.join(FORMATS)}")
    if name == "parquet":
        arrow()
        return parquet
    return jsonl


def jsonl(records: Iterator[Record], folder: Path) -> Sequence[str]:
    """Write `data.jsonl`."""
    lines.write(folder / "data.jsonl", records)
    return ("data.jsonl",)


def arrow() -> tuple[Any, Any]:
    """Return the modules `pyarrow` and `pyarrow.parquet`.

    Raises:
        BackendMissing: they are not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise BackendMissing("Parquet needs pyarrow, which is not installed", hint="pip install pyarrow") from error
    return pyarrow, parquet


def parquet(records: Iterator[Record], folder: Path) -> Sequence[str]:
    """Write `data-00000.parquet`, whose columns are the members of all records."""
    # The columns are known only at the end, and the records need not fit into memory.
    aside = folder / ".data.jsonl"
    lines.write(aside, records)
    try:
        as_parquet(aside, folder / "data-00000.parquet")
    finally:
        aside.unlink(missing_ok=True)
    return ("data-00000.parquet",)


def as_parquet(source: Path, target: Path, schema: Any = None) -> None:
    """Write the records of a file of JSON lines as Parquet; members that a record lacks are null.

    Args:
        source: the file of lines.
        target: the file to write.
        schema: its columns; by default those that its own records need.
    """
    pyarrow, tables = arrow()
    wanted = schema or columns([source])

    def fill(file: BinaryIO) -> None:
        with tables.ParquetWriter(file, wanted, compression="zstd") as into:
            for batch in _batches(source):
                into.write_table(pyarrow.Table.from_pylist(batch, schema=wanted))

    lines.written(target, fill)


def columns(sources: Sequence[Path]) -> Any:
    """Return the columns that the records of some files of JSON lines fit into, as a schema of pyarrow."""
    pyarrow, _ = arrow()
    schema = pyarrow.schema([])
    for batch in itertools.chain.from_iterable(map(_batches, sources)):
        found = pyarrow.Table.from_pylist(batch).schema
        schema = pyarrow.unify_schemas([schema, found], promote_options="permissive")

    def told(kind: Any) -> Any:
        # Where no record says what a list holds it holds texts: readers refuse lists of nothing.
        if pyarrow.types.is_null(kind):
            return pyarrow.string()
        if pyarrow.types.is_list(kind):
            return pyarrow.list_(told(kind.value_type))
        if pyarrow.types.is_struct(kind):
            return pyarrow.struct([pyarrow.field(inner.name, told(inner.type)) for inner in kind])
        return kind

    return pyarrow.schema([pyarrow.field(column.name, told(column.type)) for column in schema])


def _batches(source: Path) -> Iterator[list[dict[str, Any]]]:
    records = (record for _, record in lines.read(source))
    while batch := list(itertools.islice(records, _ROWS)):
        # Columns of a batch are otherwise those of its first record.
        names = dict.fromkeys(name for record in batch for name in record)
        yield [{name: record.get(name) for name in names} for record in batch]
