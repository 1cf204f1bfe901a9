"""Step records from Isabelle: what a build told of each theory, exported by `isabelle export`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from checkers.isabelle.keywords import THEOREMS
from corpora.extract import licences
from corpora.isabelle import exported
from corpora.isabelle.steps import records
from corpora.stages import lines
from corpora.stages.run import Stage
from corpora.stages.task import Failure, Part, Task
from lemmata.errors import InputError, Location

ABOUT = (
    "Each record is a proof command that people wrote in Isabelle, or a structured proof as a whole: the goal before "
    "it, the command, the goals that it left, and the full names of the facts that it names. Isabelle checked all of "
    "them when it built the session; nothing was checked again."
)
_NO_STATES = "no proof state was exported; build with -o show_states"
_HEAD = 1 << 12


def stage(targets: Sequence[Path], form: str) -> tuple[Stage, list[Task]]:
    """Return the stage that reads some folders of exports, and its tasks.

    Args:
        targets: folders that `isabelle export -O` wrote, or with such folders in them.
        form: of the data.

    Raises:
        InputError: a target holds no exports.
    """
    found = [theory for target in targets for theory in _theories(target)]
    inputs: dict[str, str] = {}
    tasks: list[Task] = []
    for number, theory in enumerate(found, 1):
        key = f"{number:05d} {theory.name}"
        inputs[key] = lines.digest(theory.markup)
        if theory.messages.is_file():
            inputs[f"{key} messages"] = lines.digest(theory.messages)
        tasks.append(Task(key, theory, theory.markup.stat().st_size))
    return Stage("extract isabelle", {}, inputs, format=form, about=ABOUT), tasks


def _theories(target: Path) -> list[exported.Theory]:
    found = exported.theories(target) if target.is_dir() else []
    if not found:
        what = "there are no exports of Isabelle" if target.exists() else "there is no such file or folder"
        hint = "isabelle export -d DIR -O exported -x '*:PIDE/**' SESSION"
        raise InputError(what, location=Location(str(target)), hint=hint)
    return found


def extract(task: Task) -> Part:
    """Return the records of a theory."""
    theory: exported.Theory = task.payload
    try:
        document = exported.read(theory)
    except (ValueError, OSError) as error:
        return Part((), {"theories": 1}, [Failure(theory.name, "the exports cannot be read", str(error))])
    if not any(span.state for span in document.spans):
        stated = any(span.name in THEOREMS for span in document.spans)
        return Part((), {"theories": 1}, [Failure(theory.name, _NO_STATES)] if stated else [])
    counts: Counter[str] = Counter(theories=1)
    licence = licences.of_text(document.text[:_HEAD])
    if licence == licences.UNKNOWN:
        licence = licences.of_folder(theory.markup.parents[2])
    made = [record.to_json() for record in records(theory, document, licence, counts)]
    return Part(made, +counts)
