"""The problems of an expert iteration: what `lemmata prove` takes, a folder, or the list of a benchmark."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from checkers.coq import installation
from corpora.coq import library
from corpora.coq.packages import UNKNOWN, Package
from corpora.stages import lines
from corpora.stages.task import Task
from lemmata.errors import BackendMissing, InputError, LemmataError
from lemmata.goal import Obligation, digest
from lemmata.plugins.wiring import Workbench
from lemmata.workflow import suite, targets
from lemmata.workflow.run import check_size
from lemmata.workflow.targets import Target


@dataclass(frozen=True, slots=True)
class Named:
    """A target: one problem, or all that is open in a file."""

    target: Target
    file: str
    """How records name its file: the same wherever the files lie."""
    package: Package

    @property
    def label(self) -> str:
        """How records name the target."""
        return self.file if self.target.selector is None else f"{self.file}:{self.target.selector}"

    async def read(self, bench: Workbench) -> list[Obligation]:
        """Return what it stands for; raises `InputError` where it cannot be read."""
        check_size(self.target.path, bench.settings.max_source_bytes)
        checker = bench.checker_for(self.target.path)
        return await targets.read(checker, self.target, bench.options(checker.name))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to prove."""

    named: Named
    obligation: Obligation | None
    """None where it is not read before its turn comes."""

    async def read(self, bench: Workbench) -> Obligation:
        """Return what is to be proved; raises `InputError` where its file cannot be read."""
        return self.obligation or (await self.named.read(bench))[0]


def named(given: Sequence[str], bench: Workbench) -> list[Named]:
    """Return the targets that somebody has named, each once.

    Args:
        given: `FILE[:SELECTOR]`, folders, and `.jsonl` lists as of `lemmata bench`.
        bench: knows the checkers.

    Raises:
        InputError: there is no such file, or no problem in it.
    """
    found: dict[str, Target] = {}
    for text in given:
        for target in _targets(text, bench):
            found.setdefault(f"{os.path.abspath(target.path)}:{target.selector}", target)
    paths = {target.path: Path(os.path.abspath(target.path)) for target in found.values()}
    above = Path(os.path.commonpath([path.parent for path in paths.values()])) if paths else Path()
    places = {path: _place(full, above) for path, full in paths.items()}
    return [Named(target, *places[target.path]) for target in found.values()]


def _targets(text: str, bench: Workbench) -> list[Target]:
    path = Path(text)
    if not path.is_dir() and not (path.is_file() and path.suffix == ".jsonl"):
        return [targets.parse(text)]
    listed = suite.load(path, bench.suffixes(), root=bench.settings.root, libraries=bench.libraries)
    if gone := suite.missing(listed):
        raise InputError(f"{len(gone)} files of {text} are missing, {gone[0]} for example", hint="see --root")
    return [targets.parse(problem.target) for problem in listed]


def _place(path: Path, above: Path) -> tuple[str, Package]:
    """Return how records name a file, and whose it is: as in the library that it is part of, else below a folder."""
    if path.suffix == ".v":
        with contextlib.suppress(BackendMissing):
            coq = installation.find()
            if path.is_relative_to(coq.where):
                (source,) = library.sources([str(path)], coq)
                return source.label, source.package
    return path.relative_to(above).as_posix(), Package(UNKNOWN, UNKNOWN, UNKNOWN)


def inputs(found: Sequence[Named]) -> dict[str, str]:
    """Return the digest of all targets, as `Stage.inputs` holds it."""
    total = hashlib.sha256()
    files = {one.target.path: lines.digest(one.target.path) for one in found}
    for one in found:
        total.update(digest(one.label, files[one.target.path]).encode())
    return {f"{len(found)} targets": f"sha256:{total.hexdigest()}"}


async def tasks(found: Sequence[Named], bench: Workbench) -> list[Task]:
    """Return a task for each problem; one for a file that cannot be read, which says so when its turn comes."""
    made: dict[str, Task] = {}
    for one in found:
        if one.target.selector is not None:
            made.setdefault(one.label, Task(one.label, Problem(one, None)))
            continue
        try:
            obligations = await one.read(bench)
        except BackendMissing:
            raise
        except LemmataError:
            made.setdefault(one.label, Task(one.label, Problem(one, None)))
            continue
        repeated = {name for name, count in Counter(what.name for what in obligations).items() if count > 1}
        for obligation in obligations:
            name = f"{one.label}:{obligation.name}"
            if obligation.name in repeated:
                name = f"{name}@{obligation.location.line}"
            made.setdefault(name, Task(name, Problem(one, obligation)))
    return list(made.values())
