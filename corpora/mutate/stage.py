"""`lemmata corpus mutate coq` as a stage: the tasks, what is done for each, and what is left out of all together."""

from __future__ import annotations

import contextlib
import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from checkers.coq.installation import Installation
from checkers.process import Supervisor
from corpora.coq.library import Source
from corpora.mutate.bench import UNKNOWN, Bench
from corpora.mutate.compiling import TOP, compiled
from corpora.mutate.ground import Ground, ground
from corpora.mutate.known import Known
from corpora.mutate.rules import Index
from corpora.mutate.theorem import Theorem, record
from corpora.mutate.theorems import Bounds, varied
from corpora.stages import lines
from corpora.stages.run import Stage
from corpora.stages.task import Failure, Part, Record, Task
from lemmata.errors import InputError
from lemmata.goal import digest

ABOUT = (
    "New Coq theorems, made from those of a library by rewriting with, or applying, others of its theorems (Wu et al., "
    "Alchemy, ICLR 2025). Each was compiled with its proof, and rests on no axiom that the theorem it was made from "
    "does not rest on. `header`, `statement` and `proof` together are a file that compiles."
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a task is about."""

    source: Source
    theorems: tuple[str, ...]
    """Full names."""


def tasks(sources: Sequence[Source], coq: Installation, most: int | None, seed: int) -> list[Task]:
    """Return a task for each file that has theorems.

    Args:
        sources: files of compiled libraries.
        coq: the Coq that compiled them.
        most: how many theorems are taken; lots decide which. None for all.
        seed: decides the lots.

    Raises:
        InputError: a file cannot be read.
    """
    return tasks_of([(source, name) for source in sources for name in ground(source, coq).proofs], most, seed)


def tasks_of(every: Sequence[tuple[Source, str]], most: int | None, seed: int) -> list[Task]:
    """Return a task for each file among theorems, which are named by file and full name; arguments as of `tasks`."""
    if most is not None and most < len(every):
        chosen = sorted(random.Random(seed).sample(range(len(every)), most))
        every = [every[number] for number in chosen]
    by_file: dict[str, tuple[Source, list[str]]] = {}
    for source, name in every:
        by_file.setdefault(source.label, (source, []))[1].append(name)
    return [Task(label, Chosen(source, tuple(names)), len(names)) for label, (source, names) in by_file.items()]


def inputs(chosen: Sequence[Task]) -> dict[str, str]:
    """Return the digest of the files that tasks are about, as `Stage.inputs` holds it."""
    total = hashlib.sha256()
    for task in chosen:
        total.update(digest(task.key, lines.digest(task.payload.source.path)).encode())
    return {f"{len(chosen)} Coq files": f"sha256:{total.hexdigest()}"}


def stage(
    targets: Sequence[str],
    chosen: Sequence[Task],
    coq: Installation,
    most: int | None,
    bounds: Bounds,
    seed: int,
    form: str,
) -> Stage:
    """Return the stage.

    Args:
        targets: as they were asked for, for the card.
        chosen: its tasks.
        coq: the Coq that is used.
        most: as of `tasks`.
        bounds: how much is made of each theorem.
        seed: decides all lots.
        form: of the data.
    """
    settings = {
        "targets": [target.rstrip("/").rpartition("/")[2] for target in targets],
        "theorems": most,
        "new of each": bounds.theorems,
        "tries for each": bounds.tries,
        "coq": coq.version,
    }
    return Stage("mutate coq", settings, inputs(chosen), seed, form, ABOUT)


class Mutator:
    """Does a task.

    Args:
        coq: the Coq that is used.
        bounds: how much is made of each theorem.
        seed: decides which lemmas are tried first.
    """

    def __init__(self, coq: Installation, bounds: Bounds, seed: int) -> None:
        self._coq = coq
        self._bounds = bounds
        self._seed = seed

    async def __call__(self, task: Task) -> Part:
        """Make new theorems from those of one file.

        Raises:
            InputError: the file is not compiled, or Coq refuses what it imports.
            BackendError: Coq cannot be run.
        """
        wanted: Chosen = task.payload
        base = ground(wanted.source, self._coq)
        counts: Counter[str] = Counter()
        failures: list[Failure] = []
        async with Supervisor() as supervisor, contextlib.AsyncExitStack() as stack:
            bench, header = await entered(stack, supervisor, self._coq, base)
            found = await self._all(bench, wanted, counts, failures)
            result = await compiled(supervisor, self._coq, base.flags(TOP), header, found)
        failures += [Failure(theorem.name, reason, detail) for theorem, reason, detail in result.refused]
        for theorem, _ in result.accepted:
            counts[f"compiled: {theorem.rule}"] += 1
        where = origin(wanted.source)
        return Part([record(theorem, header, where, axioms) for theorem, axioms in result.accepted], counts, failures)

    async def _all(self, bench: Bench, wanted: Chosen, counts: Counter[str], failures: list[Failure]) -> list[Theorem]:
        index = Index(bench.premises)
        known = Known(bench.premises)
        found: list[Theorem] = []
        for name in wanted.theorems:
            target = await bench.target(name)
            if target is None:
                failures.append(Failure(name, UNKNOWN))
                continue
            counts["theorems varied"] += 1
            new = await varied(bench, index, target, self._bounds, self._seed, known, counts)
            counts["theorems of which nothing new was made"] += not new
            found += new
        return found


async def entered(
    stack: contextlib.AsyncExitStack, supervisor: Supervisor, coq: Installation, base: Ground
) -> tuple[Bench, tuple[str, ...]]:
    """Start a bench with what a file imports in scope, or with the file alone where that is refused.

    Returns:
        The bench and the header that it has loaded.
    """
    flags = base.flags(TOP)
    try:
        return await stack.enter_async_context(Bench(supervisor, coq, base.header, flags)), base.header
    except InputError:
        return await stack.enter_async_context(Bench(supervisor, coq, base.least, flags)), base.least


def origin(source: Source) -> dict[str, str]:
    """Return where a file comes from, as records say it."""
    package = source.package
    return {"package": package.name, "version": package.version, "licence": package.licence, "file": source.label}


def distinct(records: Iterator[Record], counts: Counter[str]) -> Iterator[Record]:
    """Leave out what an earlier record says up to renaming."""
    seen: set[Any] = set()
    for one in records:
        if one["key"] in seen:
            counts["dropped: made from another file too"] += 1
        else:
            seen.add(one["key"])
            yield one
