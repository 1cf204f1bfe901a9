"""Lean sources by name, and the package that each belongs to."""

from __future__ import annotations

import functools
import itertools
import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from checkers.lean.project import project_root
from corpora.extract import licences
from corpora.lean.steps import Origin
from lemmata.errors import InputError, Location

TRACE = ".ast.json"
"""Ends the name of what LeanDojo traced of a file."""
_BUILDS = frozenset({".lake", "lake-packages", "build", ".git"})
"""Folders of a project that hold no sources of its own."""
_PACKAGE = re.compile(r"^\s*package\s+«?([^\s»]+)", re.M)
_LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A file with proofs."""

    path: Path
    """Of the `.lean` file."""
    origin: Origin
    trace: Path | None = None
    """What LeanDojo traced of it, where that is what is read."""

    @property
    def key(self) -> str:
        """What names it among the files of a run."""
        return f"{self.origin.package}/{self.origin.file}"


def sources(target: Path) -> list[Source]:
    """Return the Lean files of a target: a file, or those of a folder that are not what its build made.

    Raises:
        InputError: there are none.
    """
    paths = [target] if target.is_file() else sorted(_lean(target))
    return [Source(path, origin(path, target)) for path in _some(paths, target, "Lean sources")]


def traced(target: Path) -> list[Source]:
    """Return the files of a target that LeanDojo has traced; those of the packages it depends on are others' proofs.

    Raises:
        InputError: there are none, or the source of one is not there.
    """
    paths = [target] if target.is_file() else sorted(traces(target))
    found = []
    for trace in _some(paths, target, "traces"):
        source = _traced_source(trace)
        found.append(Source(source, origin(source, target), trace))
    return found


def traces(folder: Path) -> Iterator[Path]:
    """Yield the traces in a folder, without those of packages it depends on."""
    for path in folder.rglob(f"*{TRACE}"):
        parts = path.relative_to(folder).parts
        if "lake-packages" not in parts and (".lake", "packages") not in itertools.pairwise(parts):
            yield path


def origin(path: Path, target: Path) -> Origin:
    """Return the package that a file belongs to: the Lake project around it, or what is said of the target.

    Args:
        path: the file.
        target: what was asked for, the file or a folder above it.
    """
    path, folder = Path(os.path.abspath(path)), Path(os.path.abspath(target))
    root = project_root(path)
    below = root or (folder if folder.is_dir() and path.is_relative_to(folder) else path.parent)
    name, version = _package(root) if root else (licences.UNKNOWN, licences.UNKNOWN)
    return Origin(name, version, _licence(below), path.relative_to(below).as_posix())


@functools.lru_cache(maxsize=256)
def _licence(folder: Path) -> str:
    return licences.of_folder(folder)


@functools.lru_cache(maxsize=256)
def _package(root: Path) -> tuple[str, str]:
    """Return the name and version of a Lake project, as its lakefile says."""
    if lean := _PACKAGE.search(_text(root / "lakefile.lean")):
        return lean[1], licences.UNKNOWN
    try:
        content = tomllib.loads(_text(root / "lakefile.toml"))
    except (tomllib.TOMLDecodeError, RecursionError):
        content = {}
    name, version = content.get("name"), content.get("version")
    return (
        name if isinstance(name, str) and name else root.name,
        version if isinstance(version, str) and version else licences.UNKNOWN,
    )


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST).decode("utf-8", "replace")
    except OSError:
        return ""


def _lean(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*.lean"):
        if path.is_file() and path.name != "lakefile.lean" and not _BUILDS & set(path.relative_to(folder).parts):
            yield path


def _traced_source(trace: Path) -> Path:
    """Return the source of a trace, which lies beside it or in its project's `build/ir`."""
    trace = Path(os.path.abspath(trace))
    name = trace.name.removesuffix(TRACE) + ".lean"
    places = [trace.with_name(name)]
    parts = trace.parts
    for at in range(len(parts) - 2, 0, -1):
        if parts[at - 1 : at + 1] == ("build", "ir"):
            above = parts[: at - 2] if parts[at - 2] == ".lake" else parts[: at - 1]
            places.append(Path(*above, *parts[at + 1 : -1], name))
    for place in places:
        if place.is_file():
            return place
    raise InputError(
        "the source of this trace is not there", hint=f"put {name} beside it", location=Location(str(trace))
    )


def _some(paths: Sequence[Path], target: Path, what: str) -> Sequence[Path]:
    if not paths:
        raise InputError(f"there are no {what} here", location=Location(str(target)))
    return paths
