"""Runs a stage: what is not done yet is done, then the parts become the data."""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpora.stages import card, lines
from corpora.stages.folder import Folder
from corpora.stages.pool import drain
from corpora.stages.task import Failure, Listener, Part, Record, Silent, Summary, Task
from corpora.stages.writing import Writer, writer
from lemmata import __version__
from lemmata.errors import BackendMissing, LemmataError, StoreError, UsageError

Work = Callable[[Task], Part | Awaitable[Part]]
"""Does a task; a function that is no coroutine is run in a thread. A `LemmataError` makes the task a failure."""
Finish = Callable[[Iterator[Record], Counter[str]], Iterator[Record]]
"""Makes the data of all parts' records, in the order of the tasks; may add to the counts."""


@dataclass(frozen=True, slots=True)
class Stage:
    """All that the result of a stage depends on."""

    name: str
    """The subcommand, such as `extract coq`."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What was asked for; JSON values only."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Digests of what is read, by name."""
    seed: int = 0
    """Of everything that draws lots."""
    format: str = "jsonl"
    """Of the data: `jsonl` or `parquet`."""
    about: str = ""
    """A paragraph for the card: what the records are."""

    def identity(self) -> dict[str, Any]:
        """Return it as `stage.json` says it."""
        return {
            "stage": self.name,
            "settings": dict(self.settings),
            "seed": self.seed,
            "format": self.format,
            "lemmata": __version__,
            "inputs": dict(self.inputs),
        }


def run(
    stage: Stage,
    out: Path,
    tasks: Sequence[Task],
    work: Work,
    *,
    finish: Finish | None = None,
    write: Writer | None = None,
    jobs: int = 1,
    listener: Listener | None = None,
) -> Summary:
    """Run a stage to its end, or until SIGINT or SIGTERM.

    Args:
        stage: what it is.
        out: its folder; a run that was cut short goes on where it stopped, a finished one is left as it is.
        tasks: what there is to do, in the order of the data.
        work: does one of them.
        finish: makes the data from the records of all parts; by default they are the data.
        write: writes the data; by default as `stage.format` says.
        jobs: how many tasks are worked on at once.
        listener: follows the run.

    Raises:
        UsageError: the folder is another stage's, another run is at work in it, or two tasks have one key.
        StoreError: the folder cannot be written to.
        BackendMissing: the work needs something that is not installed.
    """
    if len({task.key for task in tasks}) < len(tasks):
        raise UsageError("the same input is given twice", hint="name each file once")
    if jobs < 1:
        raise UsageError(f"{jobs} jobs can do nothing", hint="say --jobs 2, for example")
    put = write or writer(stage.format)
    with Folder.held(out, stage.identity()) as folder:
        if folder.end is not None:
            folder.tidy()
            return _told(tasks, len(tasks), folder)
        already = sum(task.key in folder.done for task in tasks)
        follow = listener or Silent()
        follow.planned(len(tasks), already)
        left = sorted((task for task in tasks if task.key not in folder.done), key=lambda task: -task.weight)

        async def do(task: Task) -> None:
            follow.started(task.key)
            await _do(folder, task, work, follow)

        if not drain(left, do, jobs):
            return _told(tasks, already, folder)
        _finish(stage, folder, tasks, finish, put)
        return _told(tasks, already, folder)


async def _do(folder: Folder, task: Task, work: Work, listener: Listener) -> None:
    outcome = "done"
    try:
        if inspect.iscoroutinefunction(work):
            part: Part = await work(task)
        else:
            found = await asyncio.to_thread(work, task)
            part = await found if inspect.isawaitable(found) else found
        count, digest = lines.write(folder.part(task.key), part.records)
    except (BackendMissing, StoreError, UsageError):
        raise
    except LemmataError as error:
        place = f"{error.location.line}:{error.location.column}: " if error.location else ""
        failure = Failure(task.key, type(error).__name__, f"{place}{error.message}")
        part, outcome = Part((), {}, (failure,)), "failed"
        count, digest = lines.write(folder.part(task.key), ())
    entry = {
        "task": task.key,
        "outcome": outcome,
        "records": count,
        "digest": digest,
        "counts": dict(sorted(part.counts.items())),
        "failures": [failure.to_json() for failure in part.failures],
    }
    folder.note(entry)
    listener.finished(task.key, count, part.failures)


def _finish(stage: Stage, folder: Folder, tasks: Sequence[Task], finish: Finish | None, write: Writer) -> None:
    """Put the parts together, and say what there is."""
    counts: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = {name: Counter() for name in card.KINDS}
    entries = [folder.done[task.key] for task in tasks]
    for entry in entries:
        counts.update(entry["counts"])
    together = (record for task in tasks for _, record in lines.read(folder.part(task.key)))
    total = 0

    def counted() -> Iterator[Record]:
        nonlocal total
        for record in finish(together, counts) if finish else together:
            total += 1
            for name, found in kinds.items():
                if isinstance(value := record.get(name), str):
                    found[value] += 1
            yield record

    names = write(counted(), folder.path)
    failures = [failure for entry in entries for failure in entry["failures"]]
    lines.write(folder.path / "failures.jsonl", failures)
    end = {
        "records": total,
        "failed": sum(entry["outcome"] == "failed" for entry in entries),
        "counts": dict(sorted(counts.items())),
        "reasons": dict(sorted(Counter(failure["reason"] for failure in failures).items())),
        "kinds": {name: dict(sorted(found.items())) for name, found in kinds.items() if found},
        "files": {name: lines.digest(folder.path / name) for name in (*names, "failures.jsonl")},
    }
    lines.text(folder.path / "README.md", card.text(folder.path.name, stage.identity(), stage.about, end))
    folder.finish(end)


def _told(tasks: Sequence[Task], already: int, folder: Folder) -> Summary:
    end = folder.end
    if end is not None:
        data = [digest for name, digest in end["files"].items() if name != "failures.jsonl"]
        licences = Counter(end["kinds"].get("licence", {}))
        counts, reasons = Counter(end["counts"]), Counter(end["reasons"])
        digest = data[0] if len(data) == 1 else ""
        return Summary(len(tasks), already, end["failed"], end["records"], counts, reasons, licences, True, digest)
    entries = [folder.done[task.key] for task in tasks if task.key in folder.done]
    counts = sum((Counter(entry["counts"]) for entry in entries), Counter())
    reasons = Counter(failure["reason"] for entry in entries for failure in entry["failures"])
    failed = sum(entry["outcome"] == "failed" for entry in entries)
    records = sum(entry["records"] for entry in entries)
    return Summary(len(tasks), already, failed, records, counts, reasons, Counter(), False)
