"""Step records written as files of the F* data set, which its harness checks (`fstar_harness.py DIR train.json`)."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from corpora.curate.proofs import text
from corpora.fstar.records import definition
from corpora.fstar.steps import MEMBER
from corpora.split.settings import SPLITS, TRAIN
from corpora.stages import lines
from corpora.stages.task import Record
from lemmata import strict_json


def rows(records: Iterable[Record]) -> Iterator[dict[str, Any]]:
    """Yield the definitions that step records were made of, each with its split; other records are passed over."""
    for record in records:
        if isinstance(member := record.get(MEMBER), str):
            try:
                found = strict_json.parse(member)
                made = definition(found).to_check() if isinstance(found, dict) else None
            except ValueError:
                continue
            if made is not None:
                split = text(record, "split")
                yield {"split": split if split in SPLITS else TRAIN, MEMBER: made}


def write(found: Iterable[Record], folder: Path) -> Sequence[str]:
    """Write `train.json`, `validation.json` and `test.json`, as far as there is something for them.

    Args:
        found: as `rows` yields them.
        folder: where.

    Raises:
        StoreError: it cannot be written to.
    """
    aside = {split: folder / f".{split}.jsonl" for split in SPLITS}
    with contextlib.ExitStack() as stack:
        for path in aside.values():
            stack.callback(path.unlink, missing_ok=True)
        names = []
        for split in _parted(found, aside):
            lines.written(folder / f"{split}.json", functools.partial(_fill, source=aside[split]))
            names.append(f"{split}.json")
        return names


def _parted(found: Iterable[Record], aside: dict[str, Path]) -> list[str]:
    """Write definitions, which may come mixed, into a file of lines for each split; return the splits with some."""
    some: set[str] = set()
    with contextlib.ExitStack() as opened:
        files = {split: opened.enter_context(path.open("wb")) for split, path in aside.items()}
        for row in found:
            some.add(row["split"])
            files[row["split"]].write(lines.line(row[MEMBER]))
    return [split for split in aside if split in some]


def _fill(file: BinaryIO, source: Path) -> None:
    file.write(b'{"defs": [')
    for number, (_, value) in enumerate(lines.read(source)):
        file.write((b",\n" if number else b"\n") + lines.line(value).rstrip())
    file.write(b"\n]}\n")
