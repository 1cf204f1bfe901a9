"""Benchmark suites: folders of problems and `.jsonl` lists."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lemmata.errors import InputError, Location

EXPECTED = "expected.csv"
_OWN = ("file", "selector", "name", "line", "expected", "statement")
_TAG_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a suite."""

    name: str
    """Its file's path within the suite, and its selector where it has one; unique in the suite."""
    target: str
    """The target to prove, `FILE[:SELECTOR]`."""
    file: Path
    """The file, which need not exist."""
    expected: str | None = None
    """`true`, `false`, or None where nobody says."""
    tags: Mapping[str, Any] = field(default_factory=dict)
    """What else a list says of the problem: truth values, numbers and short texts."""


def load(
    path: Path,
    suffixes: Collection[str],
    *,
    root: Path | None = None,
    libraries: Callable[[], Sequence[Path]] = tuple,
) -> list[Problem]:
    """Read a suite.

    Args:
        path: a folder, searched with all below it, or a `.jsonl` list of `{"file": ..., "selector": ...}`, with
            `{"file": ..., "name": ..., "line": ...}` for a theorem.
        suffixes: endings of the files that count as problems, `.c` for example.
        root: folder that a list's files are relative to; None finds it: the list's own, otherwise a library's.
        libraries: says which folders the sources of libraries are in; asked only where the list's own has none of
            its files.

    Returns:
        The problems, sorted by name for a folder, in the order of the list otherwise.

    Raises:
        InputError: there is no such suite, it is not well-formed, or it has no problems.
    """
    where = Location(str(path))
    try:
        if path.is_dir():
            found = _folder(path, suffixes)
        elif path.is_file() and path.suffix == ".jsonl":
            found = _list(path, root, libraries)
        elif path.exists():
            raise InputError("not a suite", hint="give a folder or a .jsonl list", location=where)
        else:
            raise InputError("no such suite", hint="check the spelling", location=where)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", location=where) from error
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text", location=where) from error
    if not found:
        raise InputError("no problems in this suite", hint=f"known endings: {', '.join(suffixes)}", location=where)
    return found


def _folder(path: Path, suffixes: Collection[str]) -> list[Problem]:
    expected = read_expected(path / EXPECTED)
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in suffixes and file.is_file())
    names = [file.relative_to(path).as_posix() for file in files]
    return [Problem(name, str(file), file, expected.get(name)) for name, file in zip(names, files, strict=True)]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of a list."""

    file: str
    selector: str = ""
    line: int | None = None
    """Where the selector is a theorem's name, the line it stands on."""
    expected: object = None
    tags: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.file}:{self.selector}" if self.selector else self.file

    @property
    def exact(self) -> str:
        return self.name if self.line is None else f"{self.name}@{self.line}"


def _list(path: Path, root: Path | None, libraries: Callable[[], Sequence[Path]]) -> list[Problem]:
    expected = read_expected(path.parent / EXPECTED)
    entries = [
        _entry(line, Location(str(path), number, 1), expected)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if line.strip()
    ]
    folder = _root(path, entries, root, libraries)
    repeated = {name for name, count in Counter(entry.name for entry in entries).items() if count > 1}
    return [
        Problem(
            entry.exact if entry.name in repeated else entry.name,
            f"{folder / entry.exact}",
            folder / entry.file,
            _answer(entry.expected),
            entry.tags,
        )
        for entry in entries
    ]


def _entry(line: str, where: Location, expected: Mapping[str, str | None]) -> _Entry:
    try:
        body = json.loads(line)
        file = body["file"]
        name, number = body.get("name"), body.get("line")
        selector = body.get("selector") or name
        tags = {key: value for key, value in body.items() if key not in _OWN and _is_tag(value)}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError("not an object with a member 'file'", hint="fix this line", location=where) from error
    if not isinstance(file, str) or not file or not isinstance(selector, str | None):
        raise InputError("'file' and 'name' are not texts", hint="fix this line", location=where)
    if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < 1):
        raise InputError("'line' is not a number above 0", hint="fix this line", location=where)
    by_name = name is not None and not body.get("selector")
    answer = body.get("expected", expected.get(file))
    return _Entry(file, selector or "", number if by_name else None, answer, tags)


def _is_tag(value: object) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= _TAG_LENGTH)


def _root(path: Path, entries: Sequence[_Entry], root: Path | None, libraries: Callable[[], Sequence[Path]]) -> Path:
    """Return the folder that a list's files are relative to: the first that has any of them."""

    def has_any(folder: Path) -> bool:
        return any((folder / file).is_file() for file in files)

    files = list(dict.fromkeys(entry.file for entry in entries))
    if not files:
        return path.parent
    if root is not None or has_any(path.parent):
        found = root or path.parent
        tried = [found]
    else:
        tried = [path.parent, *libraries()]
        found = next((folder for folder in tried if has_any(folder)), path.parent)
    if not has_any(found):
        raise InputError(
            f"none of its {len(files)} files, such as {files[0]}, is in {' or '.join(map(str, tried))}",
            hint="say where they are with --root DIR",
            location=Location(str(path)),
        )
    return found


def missing(problems: Sequence[Problem]) -> list[Path]:
    """Return the files of problems that do not exist."""
    return [file for file in dict.fromkeys(problem.file for problem in problems) if not file.is_file()]


def read_expected(path: Path) -> dict[str, str | None]:
    """Return the known answers by file name, from a table with the columns `file` and `expected`; empty without one.

    Raises:
        InputError: the table lacks a column.
    """
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        if not {"file", "expected"} <= set(table.fieldnames or ()):
            raise InputError("lacks the columns 'file' and 'expected'", location=Location(str(path), 1, 1))
        return {row["file"]: _answer(row["expected"]) for row in table}


def _answer(value: object) -> str | None:
    text = str(value).strip().lower()
    return text if text in ("true", "false") else None


def sample(problems: Sequence[Problem], size: int | None, seed: int) -> list[Problem]:
    """Return `size` of the problems, the same ones every time for the same seed, in their order."""
    if size is None or size >= len(problems):
        return list(problems)
    # The generator's own choice of indices has stayed the same between Python versions since 3.2.
    chosen = set(random.Random(seed).sample(range(len(problems)), size))
    return [problem for i, problem in enumerate(problems) if i in chosen]
