"""`lemmata corpus extract lean`, `fstar` and `isabelle`: libraries of other systems than Coq."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lemmata.cli import corpus, options
from lemmata.cli.output import Color, Output


class Tracer(StrEnum):
    """What told of the tactics of Lean files."""

    REPL = "repl"
    DOJO = "dojo"


def extract_lean(
    targets: Annotated[
        list[Path],
        typer.Argument(metavar="TARGET...", help="A .lean file, a folder, or what LeanDojo traced or exported."),
    ],
    out: corpus.Out,
    tracer: Annotated[
        Tracer | None,
        typer.Option(
            "--from", metavar="repl|dojo", help="Replay by the REPL, or read LeanDojo's files; told by what is there."
        ),
    ] = None,
    jobs: corpus.Jobs = 1,
    timeout: Annotated[
        float, typer.Option("--timeout", "-t", metavar="SECONDS", min=0.1, help="Time for the replay of each file.")
    ] = 1800.0,
    data_format: corpus.FormatOption = corpus.Format.JSONL,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Record the tactics of proofs in Lean, with the goals before and after each.

    Files are replayed by the Lean REPL, and each tactic is taken again on its own. What LeanDojo has traced
    ([bold].ast.json[/]) or exported ([bold]train.json[/], [bold]val.json[/], [bold]test.json[/]) is read as it is,
    without Lean.
    """
    from corpora.extract import lean

    maker = lean.Maker(tracer.value) if tracer else None
    stage, tasks, work = lean.plan(targets, maker, timeout, data_format.value)
    output = Output(as_json=as_json, quiet=quiet, color=color or Color.AUTO)
    return corpus.staged(output, stage, out, tasks, work, jobs=jobs)


def extract_fstar(
    targets: Annotated[
        list[Path], typer.Argument(metavar="DATASET...", help="JSON files of the F* data set, and folders of them.")
    ],
    out: corpus.Out,
    jobs: corpus.Jobs = 1,
    data_format: corpus.FormatOption = corpus.Format.JSONL,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Record the definitions of the F* data set: the type is the goal, the body the step.

    Both the files that [bold]fstar_insights[/] makes and the published sets are read.
    """
    from corpora.extract import fstar

    stage, tasks = fstar.stage(targets, data_format.value)
    output = Output(as_json=as_json, quiet=quiet, color=color or Color.AUTO)
    return corpus.staged(output, stage, out, tasks, fstar.extract, jobs=jobs)


def extract_isabelle(
    targets: Annotated[
        list[Path], typer.Argument(metavar="EXPORTED...", help="Folders that [bold]isabelle export -O[/] wrote.")
    ],
    out: corpus.Out,
    jobs: corpus.Jobs = 1,
    data_format: corpus.FormatOption = corpus.Format.JSONL,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Record the proof commands of a session that Isabelle has built, with the goals before and after each.

    First build it so that states are kept, [bold]isabelle build -o show_states -d DIR SESSION[/], then export what was
    kept, [bold]isabelle export -d DIR -O exported -x '*:PIDE/**' SESSION[/].
    """
    from corpora.extract import isabelle

    stage, tasks = isabelle.stage(targets, data_format.value)
    output = Output(as_json=as_json, quiet=quiet, color=color or Color.AUTO)
    return corpus.staged(output, stage, out, tasks, isabelle.extract, jobs=jobs)


COMMANDS: Sequence[tuple[tuple[str, ...], Callable[..., int]]] = (
    (("extract", "lean"), extract_lean),
    (("extract", "fstar"), extract_fstar),
    (("extract", "isabelle"), extract_isabelle),
)
"""The subcommands of `lemmata corpus`, and what they do."""
