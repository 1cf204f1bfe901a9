"""`lemmata corpus`: from proof libraries to training data, in stages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lemmata.cli import options
from lemmata.cli.output import Color, Output

if TYPE_CHECKING:
    from corpora.stages.run import Finish, Stage, Work
    from corpora.stages.task import Task
    from corpora.stages.writing import Writer
    from corpora.validate import Report

SCHEMA = "lemmata.corpus/1"
_INTERRUPTED = 130
_SHOWN = 20
"""How many invalid records are shown one by one."""


class Format(StrEnum):
    """Formats of data."""

    JSONL = "jsonl"
    PARQUET = "parquet"


Out = Annotated[
    Path, typer.Option("--out", "-o", metavar="DIR", help="Folder of the data set; a run that was cut short goes on.")
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", metavar="N", min=1, help="Tasks worked on at once.")]
FormatOption = Annotated[Format, typer.Option("--format", metavar="jsonl|parquet", help="How the data is written.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of everything that draws lots.")]


def staged(
    output: Output,
    stage: Stage,
    out: Path,
    tasks: Sequence[Task],
    work: Work,
    *,
    finish: Finish | None = None,
    write: Writer | None = None,
    jobs: int = 1,
) -> int:
    """Run a stage with progress, show what came of it, and return the exit code.

    Args:
        output: the streams of the command.
        stage: what it is.
        out: its folder.
        tasks: what there is to do.
        work: does one of them.
        finish: as of `corpora.stages.run.run`.
        write: likewise.
        jobs: how many tasks are worked on at once.
    """
    from corpora.stages.run import run
    from lemmata.cli.corpus_progress import StageProgress

    progress = StageProgress(output)
    with progress.running():
        summary = run(stage, out, tasks, work, finish=finish, write=write, jobs=jobs, listener=progress)
    code = _INTERRUPTED if not summary.finished else 3 if summary.failed == summary.tasks > 0 else 0
    body: dict[str, Any] = {"schema": SCHEMA, "stage": stage.name, "out": str(out), **summary.to_json()}
    if not summary.finished:
        body["interrupted"] = True
    output.document({**body, "exit_code": code})
    told = "finished before" if summary.already == summary.tasks > 0 else f"{summary.tasks} tasks"
    state = told if summary.finished else "interrupted; the same command goes on"
    output.text(f"{out}: {summary.records:,} records, {state}")
    if summary.counts:
        output.text(*(f"  {count:>9,}  {name}" for name, count in sorted(summary.counts.items())))
    if summary.reasons:
        output.text("failures, see failures.jsonl:")
        output.text(*(f"  {count:>9,}  {reason}" for reason, count in summary.reasons.most_common()))
    return code


def extract_coq(
    targets: Annotated[
        list[str],
        typer.Argument(metavar="TARGET...", help="A .v file, a folder, [bold]stdlib[/], or an installed package."),
    ],
    out: Out,
    jobs: Jobs = 1,
    timeout: Annotated[
        float, typer.Option("--timeout", "-t", metavar="SECONDS", help="Time for the replay of each file.")
    ] = 600.0,
    data_format: FormatOption = Format.JSONL,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Replay Coq files and record every step of every proof, with the goals before and after it.

    [bold]stdlib[/] is the standard library, a package the name of a folder in [bold]user-contrib[/], such as
    [bold]Coquelicot[/]. A file that fails is listed with the reason in [bold]failures.jsonl[/]; the proofs before the
    failure are kept.
    """
    from checkers.coq import installation
    from corpora.coq import library
    from corpora.extract import coq

    found = installation.find()
    sources = library.sources(targets, found)
    stage = coq.stage(targets, sources, found, timeout, data_format.value)
    output = Output(as_json=as_json, quiet=quiet, color=color or Color.AUTO)
    return staged(output, stage, out, coq.tasks(sources), coq.Extractor(found, timeout), jobs=jobs)


def extract_programs(
    out: Out,
    store: options.Store = None,
    data_format: FormatOption = Format.JSONL,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Record the loop invariants that searches proposed: whether each held, and the values that broke it.

    They are read from the store that [bold]lemmata prove[/] writes to.
    """
    from corpora.extract import programs

    settings = options.settings(store=store, color=color.value if color else None)
    stage = programs.stage(settings.store, data_format.value)
    output = Output(as_json=as_json, quiet=quiet, color=Color(settings.color))
    return staged(output, stage, out, programs.tasks(settings.store), programs.extract)


def validate(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="A folder of a stage, or a file of records.")],
    sample: Annotated[
        int | None, typer.Option("--sample", metavar="N", min=1, help="Check N of the records, chosen by the seed.")
    ] = None,
    seed: Seed = 0,
    root: Annotated[
        Path | None,
        typer.Option("--root", metavar="DIR", help="The folder that was extracted, where it is no installed library."),
    ] = None,
    jobs: Jobs = 1,
    timeout: Annotated[
        float, typer.Option("--timeout", "-t", metavar="SECONDS", help="Time for the replay of each file.")
    ] = 600.0,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Check records again with the proof system, in fresh processes.

    Of a step, the file is replayed up to the theorem, the step is tried on its own at the goal, and all that the record
    says is compared. Theorems that were made are compiled, and asked what they rest on. The exit code is 1 where a
    record is invalid, 3 where one could not be checked.
    """
    from corpora.validate import validate as check
    from lemmata.cli.corpus_progress import StageProgress

    output = Output(as_json=as_json, quiet=quiet, color=color or Color.AUTO)
    progress = StageProgress(output)
    with progress.running():
        report = check(dataset, sample, seed, root=root, jobs=jobs, seconds=timeout, listener=progress)
    code = _INTERRUPTED if report.interrupted else 1 if report.invalid else 3 if report.unchecked else 0
    body: dict[str, Any] = {"schema": SCHEMA, "stage": "validate", "dataset": str(dataset), **report.to_json()}
    if report.interrupted:
        body["interrupted"] = True
    output.document({**body, "exit_code": code})
    _show(output, dataset, report)
    return code


def _show(output: Output, dataset: Path, report: Report) -> None:
    state = " (interrupted)" if report.interrupted else ""
    output.text(
        f"{dataset}: {report.valid} of {report.records} records valid, "
        f"{len(report.invalid)} invalid, {len(report.unchecked)} not checked{state}"
    )
    for word, found in (("invalid", report.invalid), ("not checked", report.unchecked)):
        if found:
            output.text(*(f"  {word}: {one}" for one in found[:_SHOWN]))
        if len(found) > _SHOWN:
            output.text(f"  and {len(found) - _SHOWN} more, see --json")


COMMANDS: Sequence[tuple[tuple[str, ...], Callable[..., int]]] = (
    (("extract", "coq"), extract_coq),
    (("extract", "programs"), extract_programs),
    (("validate",), validate),
)
"""The subcommands of `lemmata corpus`, and what they do."""

GROUPS = {
    (): "From proof libraries to training data, every record [bold]validated[/] by a checker.",
    ("extract",): "Make records of the proofs in libraries.",
    ("mutate",): "Make new theorems from those of libraries.",
    ("decompose",): "Cut long proofs of libraries into lemmas.",
    ("conjecture",): "Guess new theorems, and have the search prove or refute them.",
}
"""What is said of groups of subcommands."""
