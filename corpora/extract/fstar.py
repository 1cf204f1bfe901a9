"""Step records from the F* data set: insight files of FStarLang/fstar_dataset, and the published sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from corpora.extract import elements, licences
from corpora.fstar.records import Definition, definition
from corpora.fstar.steps import LeftOut, record
from corpora.stages import lines
from corpora.stages.run import Stage
from corpora.stages.task import Failure, Part, Task
from lemmata.errors import InputError, Location

ABOUT = (
    "Each record is a definition that people wrote in F*: its type as the goal, and its body as the one step. They are "
    "those of the F* data set (arXiv:2405.01787); none was checked again. Its harness checks the member `fstar`."
)


def stage(targets: Sequence[Path], form: str) -> tuple[Stage, list[Task]]:
    """Return the stage that reads some files, and its tasks.

    Args:
        targets: JSON files, and folders of them.
        form: of the data.

    Raises:
        InputError: a target does not exist, or holds no JSON.
    """
    files = [path for target in targets for path in _files(target)]
    inputs = {f"{number} {path.name}": lines.digest(path) for number, path in enumerate(files, 1)}
    tasks = [Task(f"{n:05d} {path.name}", path, path.stat().st_size) for n, path in enumerate(files, 1)]
    return Stage("extract fstar", {}, inputs, format=form, about=ABOUT), tasks


def _files(target: Path) -> list[Path]:
    if target.is_file():
        return [target]
    found = sorted(path for path in target.rglob("*.json*") if path.suffix in (".json", ".jsonl") and path.is_file())
    if not found:
        what = "there is no JSON in this folder" if target.is_dir() else "there is no such file or folder"
        raise InputError(what, location=Location(str(target)))
    return found


def extract(task: Task) -> Part:
    """Return the records of a file, which need not fit into memory: counts and failures are added to as they come."""
    counts: Counter[str] = Counter(files=1)
    failures: list[Failure] = []
    return Part(_records(task.payload, counts, failures), counts, failures)


def _records(path: Path, counts: Counter[str], failures: list[Failure]) -> Iterator[dict[str, Any]]:
    licence = licences.of_folder(path.parent)
    for found in elements.sound(path, *_definitions(path), failures):
        counts["definitions"] += 1
        if (step := _step(found, licence, counts)) is not None:
            yield step


def _definitions(path: Path) -> tuple[Iterable[tuple[Location, Any]], Callable[[dict[str, Any]], Definition]]:
    """Return the objects of a file that are definitions, and what reads them."""
    if not _is_insight(path):
        return elements.elements(path), definition
    # The order of its members is not known, and what is of the file is of each of its definitions.
    source = next((value for _, _, value in elements.members(path, ("source",))), None)
    own = {"source": source} if isinstance(source, dict) else {}
    found = ((place, value) for _, place, value in elements.members(path, ("defs",)))
    return found, lambda entry: definition(own | entry)


def _is_insight(path: Path) -> bool:
    try:
        return next(elements.members(path, ("defs",)), None) is not None
    except InputError:
        # An array, or something else that is told of when it is read.
        return False


def _step(found: Definition, licence: str, counts: Counter[str]) -> dict[str, Any] | None:
    try:
        step = record(found, licence)
    except LeftOut as reason:
        counts[f"definitions left out: {reason}"] += 1
        return None
    counts["steps recorded"] += 1
    return step.to_json()
