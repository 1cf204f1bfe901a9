"""`lemmata corpus curate` as a stage: what is kept in the data file, what is taken out in `removed.jsonl`."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, BinaryIO

from corpora.curate import benchmarks as reading
from corpora.curate.benchmarks import Benchmarks
from corpora.curate.difficulty import Efforts, efforts
from corpora.curate.filters import NearCopy, Removal, Settings, curated
from corpora.curate.plan import Plan, source
from corpora.stages import inputs, lines, writing
from corpora.stages.run import Stage
from corpora.stages.task import Part, Record, Task
from lemmata.errors import UsageError

_ABOUT = (
    "Records of which no other is a copy, none gives a benchmark away, and few are trivial. `removed.jsonl` holds for "
    "each record that was taken out the reason and a witness, `near.jsonl` theorems that are much like one of a "
    "benchmark and were kept. `difficulty` is the logarithm to base 2 of the number of steps, or of what a search "
    "spent, plus one."
)


def curation(
    datasets: Sequence[Path],
    settings: Settings,
    benchmarks: Sequence[Path] = (),
    store: Path | None = None,
    format: str = "jsonl",  # noqa: A002
) -> Plan:
    """Return the stage.

    Args:
        datasets: the records, of steps or theorems; those of one theorem follow each other.
        settings: what is taken out.
        benchmarks: files of theorems, or folders of Lean files, that the result must not give away.
        store: events of searches, from which theorems are known to be hard or easy.
        format: of the data file.

    Raises:
        UsageError: a setting makes no sense.
        InputError: a benchmark cannot be read.
    """
    _check(settings)
    theorems = list(reading.read(benchmarks))
    spent = _efforts(store) if store is not None else {}
    stage = Stage(
        name="curate",
        settings={**{k: v for k, v in dataclasses.asdict(settings).items() if k != "seed"}, "efforts": _digest(spent)},
        inputs={**inputs.digests(datasets), **reading.digests(benchmarks)},
        seed=settings.seed,
        format=format,
        about=_ABOUT,
    )
    aside = _Aside()

    def work(_: Task) -> Part:
        counts: Counter[str] = Counter()
        known = Benchmarks(theorems, settings.near_benchmark, settings.seed) if theorems else None

        def rows() -> Iterator[Record]:
            for found in curated(source(datasets), settings, known, spent):
                match found:
                    case Removal():
                        counts[f"removed: {found.reason}"] += 1
                        yield {"removed": found.to_json()}
                    case NearCopy():
                        counts["near copies of benchmark theorems, kept"] += 1
                        yield {"near": found.to_json()}
                    case _:
                        yield {"kept": found}

        return Part(rows(), counts)

    def write(records: Iterator[Record], folder: Path) -> Sequence[str]:
        names = writing.writer(format)(records, folder)
        return (*names, *aside.written(folder))

    return Plan(stage, [Task("all")], work, lambda rows, _: aside.kept(rows), write)


class _Aside:
    """Takes reports out of a stream of rows and puts them into files of their own."""

    def __init__(self) -> None:
        self._files: dict[str, IO[bytes]] = {}

    def kept(self, rows: Iterator[Record]) -> Iterator[Record]:
        self._files = {name: tempfile.TemporaryFile() for name in ("removed", "near")}  # noqa: SIM115 - closed when written
        for row in rows:
            for name, file in self._files.items():
                if name in row:
                    file.write(lines.line(row[name]))
            if "kept" in row:
                yield row["kept"]

    def written(self, folder: Path) -> Iterator[str]:
        for name, file in self._files.items():
            with file:
                file.seek(0)

                def fill(target: BinaryIO, origin: IO[bytes] = file) -> None:
                    shutil.copyfileobj(origin, target)

                lines.written(folder / f"{name}.jsonl", fill)
            yield f"{name}.jsonl"


def _check(settings: Settings) -> None:
    if not 0.0 <= settings.trivial_share <= 1.0:
        raise UsageError(f"{settings.trivial_share} is no share", hint="0 to 1, for example 0.1")
    if settings.near <= 0.0 or not 0.0 < settings.near_benchmark <= 1.0:
        raise UsageError(
            "an overlap is above 0 and at most 1", hint="say --near 0.8, for example; 2 keeps near duplicates"
        )
    for most in (settings.most_per_head, settings.most_per_file):
        if most is not None and most < 1:
            raise UsageError(f"{most} records of a kind are too few", hint="at least 1")


def _efforts(store: Path) -> Efforts:
    # Here, because the store takes long to import.
    from provers.critics.examples import stored

    return efforts((system, events) for system, _, events in stored(store))


def _digest(spent: Efforts) -> str | None:
    """Return what stands for the efforts in the description of the stage."""
    from lemmata.goal import digest

    rows = sorted([system, name, str(asked)] for (system, name), asked in spent.items())
    return digest(json.dumps(rows)) if spent else None
