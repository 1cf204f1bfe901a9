"""Coq sources by name: the standard library, an installed package, a folder, a file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from checkers.coq.installation import Installation
from checkers.coq.project import Flags, flags
from corpora.coq import packages
from corpora.coq.packages import Package
from lemmata.errors import InputError, Location, UsageError

_LONGEST_LABEL = 1024
STANDARD = "stdlib"
"""Stands for the sources of the standard library, wherever they are."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a library."""

    path: Path
    label: str
    """As records name it: below the library's root."""
    package: Package
    root: Path | None = None
    """The folder of an installed library, whose name is the library's logical name."""

    def flags(self, coq: Installation) -> Flags:
        """Return how it is compiled; raises as `checkers.coq.project.flags`."""
        found = flags(self.path, {}, coq)
        if self.root is None:
            return found
        # Libraries name their own modules briefly, which their installed form does not allow without this.
        return replace(found, arguments=(*found.arguments, "-R", str(self.root), self.root.name))


def sources(targets: Sequence[str], coq: Installation) -> list[Source]:
    """Return the files that targets name, each once, in the order of the targets and their names.

    Args:
        targets: `stdlib`, the name of a folder of installed packages, or a path.
        coq: whose libraries are meant.

    Raises:
        InputError: a path does not exist, or holds no Coq sources.
        UsageError: a name is that of no installed package.
    """
    found: dict[Path, Source] = {}
    for target in targets:
        for source in _sources(target, coq):
            found.setdefault(source.path, source)
    return list(found.values())


def _sources(target: str, coq: Installation) -> Iterator[Source]:
    contributed = coq.where / "user-contrib"
    if target == STANDARD:
        yield from _standard(coq)
    elif Path(target).exists():
        yield from _given(Path(target), coq)
    elif os.sep not in target and not target.endswith(".v") and (contributed / target).is_dir():
        yield from _installed(contributed / target)
    else:
        there = sorted(path.name for path in contributed.iterdir() if path.is_dir()) if contributed.is_dir() else []
        raise UsageError(
            f"there is no file, folder or installed package {target!r}",
            hint=f"installed here: {', '.join([STANDARD, *there])}",
        )


def _standard(coq: Installation) -> Iterator[Source]:
    theories = coq.where / "theories"
    package = packages.standard(coq)
    # The language of tactics is part of the library, and lies elsewhere.
    for root, below in ((theories, theories), (coq.where / "user-contrib" / "Ltac2", coq.where / "user-contrib")):
        for path in _files(root):
            yield Source(path, path.relative_to(below).as_posix(), package)


def _installed(root: Path) -> Iterator[Source]:
    files = _files(root)
    if not files:
        raise InputError("the package is installed without its sources", location=Location(str(root)))
    # One package may fill several folders, and several packages one.
    for path in files:
        yield Source(path, path.relative_to(root.parent).as_posix(), packages.package(path), root)


def _given(target: Path, coq: Installation) -> Iterator[Source]:
    target = Path(os.path.abspath(target))
    files = _files(target) if target.is_dir() else [target] if target.is_file() else []
    if not files:
        raise InputError("there are no Coq sources here", location=Location(str(target)))
    for path in files:
        yield _known(path, coq) or Source(
            path,
            path.relative_to(target).as_posix() if target.is_dir() else path.name,
            packages.package(path),
        )


def _known(path: Path, coq: Installation) -> Source | None:
    """Return the source for a file of an installed library, as it has when all of the library is named."""
    theories, contributed = coq.where / "theories", coq.where / "user-contrib"
    if path.is_relative_to(theories):
        return Source(path, path.relative_to(theories).as_posix(), packages.standard(coq))
    if path.is_relative_to(contributed) and len(parts := path.relative_to(contributed).parts) > 1:
        label = path.relative_to(contributed).as_posix()
        if parts[0] == "Ltac2":
            return Source(path, label, packages.standard(coq))
        return Source(path, label, packages.package(path), contributed / parts[0])
    return None


def found_again(label: str, root: Path | None, coq: Installation) -> Source | None:
    """Return the file that a record names; None where there is none.

    Args:
        label: the record's `file`.
        root: the folder that was extracted, where it is no installed library.
        coq: whose libraries are meant.
    """
    # A longer one than any system takes is no path.
    if len(label) > _LONGEST_LABEL or os.path.normpath(label) != label:
        return None
    for folder in (*([root] if root else []), coq.where / "theories", coq.where / "user-contrib"):
        path = folder / label
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            path = Path(os.path.abspath(path))
            return _known(path, coq) or Source(path, label, packages.package(path))
    return None


def _files(folder: Path) -> list[Path]:
    """Return the sources below a folder; what editors leave beside them, links to nowhere for example, is none."""
    return sorted(path for path in folder.rglob("*.v") if path.is_file())
