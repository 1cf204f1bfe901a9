"""`lemmata corpus curate`, `split`, `export` and `stats`: from records to what a model is trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lemmata.cli import options
from lemmata.cli.corpus import SCHEMA, Format, FormatOption, Out, Seed, staged
from lemmata.cli.output import Color, Output
from lemmata.errors import UsageError

if TYPE_CHECKING:
    from corpora.curate.plan import Plan


class By(StrEnum):
    """What stays together in a split."""

    RANDOM = "random"
    FILE = "file"
    PACKAGE = "package"
    NOVEL_PREMISES = "novel_premises"


class To(StrEnum):
    """Formats of trainers."""

    STEPS = "steps"
    CHAT = "chat"
    REPROVER = "reprover"
    PREFERENCES = "preferences"
    VALUES = "values"
    PAIRS = "pairs"
    FSTAR = "fstar"


Datasets = Annotated[list[Path], typer.Argument(metavar="DATASET...", help="Folders of stages, or files of records.")]
Validation = Annotated[float, typer.Option("--validation", metavar="SHARE", help="Share of theorems for validation.")]
Test = Annotated[float, typer.Option("--test", metavar="SHARE", help="Share of theorems for the test.")]


def curate(
    dataset: Datasets,
    out: Out,
    benchmark: Annotated[
        list[Path] | None,
        typer.Option(
            "--benchmark",
            metavar="FILE",
            help="Take out the theorems of this benchmark: JSON lines with [bold]statement[/], or Lean files.",
        ),
    ] = None,
    near: Annotated[
        float,
        typer.Option("--near", metavar="X", help="Overlap from which proofs are near duplicates; above 1 keeps them."),
    ] = 0.8,
    near_benchmark: Annotated[
        float,
        typer.Option("--near-benchmark", metavar="X", help="Overlap from which near copies of a benchmark are listed."),
    ] = 0.6,
    trivial: Annotated[
        float,
        typer.Option("--trivial", metavar="SHARE", help="Share kept of the steps that one automatic tactic closes."),
    ] = 0.1,
    per_tactic: Annotated[
        int | None, typer.Option("--per-tactic", metavar="N", min=1, help="Most steps that begin with the same tactic.")
    ] = None,
    per_file: Annotated[
        int | None, typer.Option("--per-file", metavar="N", min=1, help="Most steps of the same file.")
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option("--store", metavar="FILE", help="Searches that say how hard theorems are; else their proofs do."),
    ] = None,
    seed: Seed = 0,
    data_format: FormatOption = Format.JSONL,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Take out copies, theorems of benchmarks, trivial steps, and too much of the same.

    Each removal is in [bold]removed.jsonl[/] with its reason and a witness. A theorem of a benchmark is found however
    its variables, its hypotheses and the theorem itself are called; all records of its proof go, and what was made
    from it. What is only similar is kept, and listed in [bold]near.jsonl[/].
    """
    from corpora.curate.filters import Settings
    from corpora.curate.stage import curation

    settings = Settings(seed, near, near_benchmark, trivial, per_tactic, per_file)
    plan = curation(dataset, settings, benchmark or [], store, data_format.value)
    return _staged(plan, out, as_json, quiet, color)


def split(
    dataset: Datasets,
    out: Out,
    by: Annotated[
        By,
        typer.Option("--by", metavar="random|file|package|novel_premises", help="What stays on one side."),
    ] = By.RANDOM,
    validation: Validation = 0.05,
    test: Test = 0.05,
    seed: Seed = 0,
    data_format: FormatOption = Format.JSONL,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Put records aside for validation and test, theorem by theorem, and report what leaks.

    With [bold]novel_premises[/] each proof that is kept back uses a premise that no proof trained on uses. What the
    training side gives away is in [bold]leakage.md[/] and [bold]leakage.json[/].
    """
    from corpora.split.settings import Shares, Strategy
    from corpora.split.stage import splitting

    plan = splitting(dataset, Strategy(by.value), Shares(validation, test), seed, data_format.value)
    return _staged(plan, out, as_json, quiet, color)


def export(
    out: Out,
    to: Annotated[
        To,
        typer.Option(
            "--to", metavar="steps|chat|reprover|preferences|values|pairs|fstar", help="What the trainer reads."
        ),
    ],
    dataset: Annotated[
        list[Path] | None, typer.Argument(metavar="[DATASET...]", help="Folders of stages, or files of records.")
    ] = None,
    store: Annotated[
        Path | None, typer.Option("--store", metavar="FILE", help="Export the searches of this store instead.")
    ] = None,
    validation: Validation = 0.05,
    test: Test = 0.05,
    seed: Seed = 0,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Write a folder that [bold]datasets.load_dataset[/] loads, or files of ReProver or of the F* data set.

    Records keep their split; searches are put into splits by their theorem, with the shares given. Preferences, which
    DPO learns from, are made of searches; values and pairs of either.
    """
    from corpora.export.stage import Target, exporting, exporting_searches
    from corpora.split.settings import Shares

    if (store is None) == (not dataset):
        raise UsageError("an export is of data sets or of a store", hint="name one or the other")
    if store is not None:
        plan = exporting_searches(Target(to.value), store, Shares(validation, test), seed)
    else:
        plan = exporting(Target(to.value), dataset or [], seed)
    return _staged(plan, out, as_json, quiet, color)


def stats(
    dataset: Datasets,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Write tables and plots into this folder.")
    ] = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Count records by package, file, tactic, premise and length, and new theorems by the rule that made them."""
    from corpora.curate.plan import source
    from corpora.stats import counting, pages
    from lemmata.workflow import pages as files

    found = counting.count(source(dataset)()).to_json()
    for name, text in pages.files(found).items() if out is not None else ():
        files.write((out or Path()) / name, text, "--out")
    output = Output(as_json=as_json, quiet=quiet, color=color or Color.AUTO)
    output.document(
        {"schema": SCHEMA, "stage": "stats", "out": str(out) if out else None, "stats": found, "exit_code": 0}
    )
    if out is None:
        output.text(*pages.markdown(found).splitlines())
    else:
        output.text(f"{out}: {found['records']:,} records of {found['theorems']:,} theorems")
    return 0


def _staged(plan: Plan, out: Path, as_json: bool, quiet: bool, color: Color | None) -> int:
    output = Output(as_json=as_json, quiet=quiet, color=color or Color.AUTO)
    return staged(output, plan.stage, out, plan.tasks, plan.work, finish=plan.finish, write=plan.write)


COMMANDS: Sequence[tuple[tuple[str, ...], Callable[..., int]]] = (
    (("curate",), curate),
    (("split",), split),
    (("export",), export),
    (("stats",), stats),
)
"""The subcommands of `lemmata corpus`, and what they do."""
