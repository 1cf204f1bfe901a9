"""JSON lines: written whole or not at all, read with the place of whatever is wrong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from lemmata import strict_json
from lemmata.errors import InputError, Location, StoreError


def line(record: Any) -> bytes:
    """Return a record as its line; equal records with members in the same order give equal bytes."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def read(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number of each line, from 1, and its object.

    Raises:
        InputError: the file cannot be read, or a line is no JSON object, with its place.
    """
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                place = Location(str(path), number)
                try:
                    value = strict_json.parse(raw.decode("utf-8"))
                except ValueError as error:
                    what = "no text in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
                    raise InputError(what, hint="one JSON object a line", location=place) from None
                if not isinstance(value, dict):
                    raise InputError("this is no JSON object", hint="one record a line", location=place)
                yield number, value
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", location=Location(str(path))) from None


def written(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Write a file beside its place and put it there when it is complete.

    Raises:
        StoreError: it cannot be written.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            write(file)
        beside.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}", hint="free some space, or write elsewhere") from None


def text(path: Path, content: str) -> None:
    """Write a text file; raises as `written`."""

    def fill(file: BinaryIO) -> None:
        file.write(content.encode("utf-8", "backslashreplace"))

    written(path, fill)


class Digesting:
    """Writes lines to an open file and keeps count of them.

    Args:
        file: is written to.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._total = hashlib.sha256()
        self.lines = 0

    def add(self, record: Any) -> None:
        """Write one line."""
        data = line(record)
        self._total.update(data)
        self._file.write(data)
        self.lines += 1

    @property
    def digest(self) -> str:
        """SHA-256 of what was written so far."""
        return f"sha256:{self._total.hexdigest()}"


def write(path: Path, records: Iterable[Any]) -> tuple[int, str]:
    """Write a file of records; return their number and the file's digest.

    Raises:
        StoreError: it cannot be written.
    """
    made: list[Digesting] = []

    def fill(file: BinaryIO) -> None:
        into = Digesting(file)
        made.append(into)
        for record in records:
            into.add(record)

    written(path, fill)
    return made[0].lines, made[0].digest


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError:
        return ""
