"""A folder that `datasets.load_dataset` reads: a Parquet file for each split, all with the same columns."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from corpora.curate.proofs import text
from corpora.split.settings import SPLITS, TRAIN
from corpora.stages import lines, writing
from corpora.stages.task import Record
from lemmata.errors import InputError

_ROWS = 2000
"""How many rows a group holds, and how many are in memory at a time."""


def write(rows: Iterator[Record], folder: Path) -> Sequence[str]:
    """Write rows by their `split`, which is no column.

    A split without rows has no file.

    Args:
        rows: in any order; one without a split is trained on.
        folder: where.

    Raises:
        BackendMissing: pyarrow is not installed.
        InputError: a member of the rows is of one type here and of another there.
        StoreError: the folder cannot be written to.
    """
    pyarrow, _ = writing.arrow()
    # The columns are known only at the end, and the rows need not fit into memory.
    aside = {split: folder / f".{split}.jsonl" for split in SPLITS}
    with contextlib.ExitStack() as stack:
        for path in aside.values():
            stack.callback(path.unlink, missing_ok=True)
        names = {split: f"{split}-00000.parquet" for split in _parted(rows, aside)}
        try:
            schema = _schema([aside[split] for split in names])
            for split, name in names.items():
                _as_parquet(aside[split], folder / name, schema)
        except pyarrow.ArrowException as error:
            what = " ".join(str(error).split())[:200]
            raise InputError(f"the records have no common columns: {what}", hint="export them apart") from error
    return tuple(names.values())


def _parted(rows: Iterator[Record], aside: Mapping[str, Path]) -> list[str]:
    """Write rows into a file of lines for each split; return the splits that have some."""
    found: set[str] = set()
    with contextlib.ExitStack() as opened:
        files = {split: opened.enter_context(path.open("wb")) for split, path in aside.items()}
        for row in rows:
            split = text(row, "split") or TRAIN
            found.add(split)
            files[split].write(lines.line({name: value for name, value in row.items() if name != "split"}))
    return [split for split in aside if split in found]


def _schema(paths: Sequence[Path]) -> Any:
    """Return columns that all rows fit into; a list that is always empty is one of texts."""
    pyarrow, _ = writing.arrow()
    schema = pyarrow.schema([])
    for batch in itertools.chain.from_iterable(map(_batches, paths)):
        names = dict.fromkeys(name for row in batch for name in row)
        found = pyarrow.Table.from_pylist([{name: row.get(name) for name in names} for row in batch]).schema
        schema = pyarrow.unify_schemas([schema, found], promote_options="permissive")

    def typed(kind: Any) -> Any:
        if pyarrow.types.is_null(kind):
            return pyarrow.string()
        if pyarrow.types.is_list(kind):
            return pyarrow.list_(typed(kind.value_type))
        if pyarrow.types.is_struct(kind):
            return pyarrow.struct([pyarrow.field(inner.name, typed(inner.type)) for inner in kind])
        return kind

    return pyarrow.schema([pyarrow.field(column.name, typed(column.type)) for column in schema])


def _as_parquet(source: Path, target: Path, schema: Any) -> None:
    pyarrow, parquet = writing.arrow()

    def fill(file: BinaryIO) -> None:
        with parquet.ParquetWriter(file, schema, compression="zstd") as into:
            for batch in _batches(source):
                into.write_table(pyarrow.Table.from_pylist(batch, schema=schema))

    lines.written(target, fill)


def _batches(source: Path) -> Iterator[list[dict[str, Any]]]:
    rows = (row for _, row in lines.read(source))
    while batch := list(itertools.islice(rows, _ROWS)):
        yield batch
