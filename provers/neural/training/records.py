"""Data sets for training: JSON lines or Parquet, read with the place of whatever is wrong, and split reproducibly."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from lemmata.errors import BackendMissing, InputError, Location, UsageError

_UNREADABLE = {UnicodeDecodeError: "no text in UTF-8", RecursionError: "nested too deeply"}
"""What is wrong with a line that is not merely malformed; else it is a number with thousands of digits."""
_ROWS = 1024
_LEAST = -1e6
"""Least logarithm of a probability; squares of what is far below it are no numbers any more."""
R = TypeVar("R", "StepRecord", "ValueRecord", "CandidateRecord")


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A goal and a step that was taken on it in a proof."""

    system: str
    goal: str
    step: str
    premises: tuple[str, ...] = ()
    theorem: str = ""
    file: str = ""

    @property
    def group(self) -> str:
        """What stays on one side of the split: a theorem, or a goal where it is not known of which."""
        return f"{self.file}\0{self.theorem}" if self.theorem else f"\0{self.system}\0{self.goal}"


@dataclass(frozen=True, slots=True)
class ValueRecord:
    """A goal and the logarithm of the probability that it is provable, at most 0."""

    goal: str
    value: float

    @property
    def group(self) -> str:
        """What stays on one side of the split."""
        return self.goal


@dataclass(frozen=True, slots=True)
class CandidateRecord:
    """A problem and something proposed for it, such as a loop invariant, with whether it was right."""

    problem: str
    candidate: str
    label: bool

    @property
    def group(self) -> str:
        """What stays on one side of the split."""
        return self.problem


@dataclass(frozen=True, slots=True)
class Dataset(Generic[R]):
    """Records, split, and the digest of the files that they come from."""

    train: Sequence[R]
    held_out: Sequence[R]
    digest: str
    files: tuple[str, ...]


def read(paths: Sequence[Path], parse: Callable[[dict[str, Any]], R], held_out: float, seed: int) -> Dataset[R]:
    """Read files and put a share of what they are about aside.

    Args:
        paths: `.jsonl` (any other ending as well) or `.parquet` files.
        parse: makes a record of an object; raises `ValueError` with what is wrong.
        held_out: share of theorems, goals or problems that are not trained on, 0 to less than 1.
        seed: of the split.

    Raises:
        InputError: a record is wrong, with its file and line, or there is none.
        UsageError: the share makes no sense.
    """
    if not 0.0 <= held_out < 1.0:
        raise UsageError(f"{held_out} is no share to hold out", hint="0 to less than 1, for example 0.1")
    records: list[R] = []
    total = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
            for line, value in rows(path):
                try:
                    records.append(parse(value))
                except ValueError as error:
                    raise InputError(str(error), location=Location(str(path), line)) from error
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", location=Location(str(path))) from error
    if not records:
        raise InputError("there are no records to train on", location=Location(str(paths[0]) if paths else "nothing"))
    groups = sorted(
        {record.group for record in records}, key=lambda g: hashlib.sha256(f"{seed}\0{g}".encode()).digest()
    )
    aside = set(groups[: min(math.ceil(held_out * len(groups)), len(groups) - 1)])
    train = [record for record in records if record.group not in aside]
    kept = [record for record in records if record.group in aside]
    return Dataset(train, kept, f"sha256:{total.hexdigest()}", tuple(str(path) for path in paths))


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a file with their numbers, from 1: rows of `.parquet`, lines of JSON of any other.

    Raises:
        InputError: it is malformed.
        BackendMissing: it is a Parquet file, and pyarrow is not installed.
        OSError: it cannot be read.
    """
    yield from _parquet(path) if path.suffix == ".parquet" else _lines(path)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if not raw.strip():
                continue
            place = Location(str(path), number)
            try:
                value = json.loads(raw.decode())
            except (ValueError, RecursionError) as error:
                what = (
                    error.msg
                    if isinstance(error, json.JSONDecodeError)
                    else _UNREADABLE.get(type(error), "too long a number")
                )
                raise InputError(f"this is no JSON: {what}", location=place) from error
            if not isinstance(value, dict):
                raise InputError("this is no JSON object", hint="one record a line", location=place)
            yield number, value


def _parquet(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of a Parquet file; what counts as its line is the row's number."""
    try:
        from pyarrow import parquet  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError as error:
        message = f"{path} is a Parquet file, and pyarrow is not installed"
        raise BackendMissing(message, hint="pip install pyarrow") from error
    try:
        # In small groups: a few bytes of such a file can stand for a great many rows.
        batches = parquet.ParquetFile(path).iter_batches(batch_size=_ROWS)
        rows = (row for batch in batches for row in batch.to_pylist())
        for number, row in enumerate(rows, 1):
            yield number, {key: value for key, value in row.items() if value is not None}
    except Exception as error:
        # Whatever the file holds: the library raises anything.
        what = " ".join(str(error).split())[:200]
        raise InputError(f"this is no Parquet file: {what}", location=Location(str(path))) from error


def _text(value: dict[str, Any], name: str, default: str | None = None) -> str:
    found = value.get(name, default)
    if found is None:
        raise ValueError(f"the record has no {name!r}")
    if not isinstance(found, str):
        raise ValueError(f"{name!r} is of type {type(found).__name__}, not text")
    if default is None and not found.strip():
        raise ValueError(f"{name!r} is empty")
    try:
        found.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name!r} is no valid Unicode") from None
    return found


def step_record(value: dict[str, Any]) -> StepRecord:
    """Read `{"system", "goal", "step"}`, perhaps with `premises`, `theorem` and `file`.

    Raises:
        ValueError: something is missing or of the wrong type.
    """
    premises = value.get("premises", [])
    if not isinstance(premises, list) or not all(isinstance(premise, str) for premise in premises):
        raise ValueError("'premises' is no list of texts")
    return StepRecord(
        _text(value, "system"),
        _text(value, "goal"),
        _text(value, "step"),
        tuple(premises),
        _text(value, "theorem", ""),
        _text(value, "file", ""),
    )


def value_record(value: dict[str, Any]) -> ValueRecord:
    """Read `{"goal", "value"}`.

    Raises:
        ValueError: something is missing or of the wrong type.
    """
    number = value.get("value")
    try:
        found = float(number) if isinstance(number, int | float) and not isinstance(number, bool) else math.nan
    except OverflowError:
        found = math.nan
    if not _LEAST <= found <= 0:
        raise ValueError("'value' is no logarithm of a probability: a number, at most 0")
    return ValueRecord(_text(value, "goal"), found)


def candidate_record(value: dict[str, Any]) -> CandidateRecord:
    """Read `{"problem", "candidate", "label"}`; the label is true or 1 where the candidate is right.

    Raises:
        ValueError: something is missing or of the wrong type.
    """
    label = value.get("label")
    if label not in (0, 1):
        raise ValueError("'label' is neither true nor false")
    return CandidateRecord(_text(value, "problem"), _text(value, "candidate"), bool(label))
