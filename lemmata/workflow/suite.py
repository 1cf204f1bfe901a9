"""Benchmark suites: folders of problems and `.jsonl` lists."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from lemmata.errors import InputError, Location

EXPECTED = "expected.csv"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a suite."""

    name: str
    """Its file's path within the suite, and its selector where it has one."""
    target: str
    """The target to prove, `FILE[:SELECTOR]`."""
    expected: str | None = None
    """`true`, `false`, or None where nobody says."""


def load(path: Path, suffixes: Collection[str]) -> list[Problem]:
    """Read a suite.

    Args:
        path: a folder, searched with all below it, or a `.jsonl` list of `{"file": ..., "selector": ...}`.
        suffixes: endings of the files that count as problems, `.c` for example.

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
            found = _list(path)
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
    return [Problem(name, str(file), expected.get(name)) for name, file in zip(names, files, strict=True)]


def _list(path: Path) -> list[Problem]:
    expected = read_expected(path.parent / EXPECTED)
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            file = entry["file"]
            selector = entry.get("selector")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(
                "not an object with a member 'file'", hint="fix this line", location=Location(str(path), number, 1)
            ) from error
        suffix = f":{selector}" if selector else ""
        answer = entry.get("expected", expected.get(file))
        found.append(Problem(f"{file}{suffix}", f"{path.parent / file}{suffix}", _answer(answer)))
    return found


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
