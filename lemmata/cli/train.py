"""`lemmata train`: train provers, critics and rankers on files of records."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lemmata.cli import options
from lemmata.cli.output import Color, Output

if TYPE_CHECKING:
    from provers.neural.local_manifest import Manifest
    from provers.neural.training.settings import Progress


class Kind(StrEnum):
    """What can be trained."""

    PROVER = "prover"
    CRITIC = "critic"
    RANKER = "ranker"


def train(
    kind: Annotated[Kind, typer.Argument(metavar="prover|critic|ranker", help="What to train.")],
    dataset: Annotated[
        list[Path], typer.Argument(metavar="DATASET...", help="JSON lines or Parquet files of records.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder of the model; empty or new.")],
    base: Annotated[
        Path | None, typer.Option("--base", metavar="DIR", help="Go on from this checkpoint instead of from scratch.")
    ] = None,
    size: Annotated[str, typer.Option("--size", metavar="tiny|small", help="Size of a model from scratch.")] = "tiny",
    epochs: Annotated[int, typer.Option("--epochs", metavar="N", help="Times that all records are gone through.")] = 10,
    batch: Annotated[int, typer.Option("--batch", metavar="N", help="Records learnt at once.")] = 16,
    learning_rate: Annotated[
        float | None, typer.Option("--learning-rate", metavar="X", help="By default 2e-3 from scratch, else 1e-4.")
    ] = None,
    held_out: Annotated[
        float,
        typer.Option("--held-out", metavar="SHARE", help="Share of theorems, goals or problems kept for the test."),
    ] = 0.1,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of everything that draws lots.")] = 0,
    # A text, as the command line gives every `--resume` a value, see `lemmata.cli.arguments`.
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="", help="Go on with a run that was cut short.")
    ] = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Train a model on files of records, on this machine.

    A prover learns from records with [bold]system[/], [bold]goal[/] and [bold]step[/], a critic from [bold]goal[/] and
    [bold]value[/], a ranker from [bold]problem[/], [bold]candidate[/] and [bold]label[/].

    A run that was killed goes on with the same command and [bold]--resume[/], and reaches the same result. A trained
    prover is used with [bold]lemmata prove --prover transformers:DIR[/].
    """
    from provers.neural.training.settings import Settings

    output = Output(as_json=as_json, quiet=quiet, color=color or Color.AUTO)
    settings = Settings(
        size=size, epochs=epochs, batch=batch, learning_rate=learning_rate, held_out=held_out, seed=seed
    )
    manifest = _trainer(kind)(
        dataset, out, base, settings, resume=resume is not None, report=lambda at: _note(output, at)
    )
    body = {"schema": "lemmata.training/1", "kind": kind.value, "model": str(out), "format": manifest.format}
    output.document({**body, "systems": list(manifest.systems), "training": manifest.training, "exit_code": 0})
    output.text(*_summary(kind, out, manifest))
    return 0


def _trainer(kind: Kind) -> Callable[..., Manifest]:
    match kind:
        case Kind.PROVER:
            from provers.neural.training.prover import train_prover

            return train_prover
        case Kind.CRITIC:
            from provers.neural.training.critic import train_critic

            return train_critic
        case Kind.RANKER:
            from provers.neural.training.ranker import train_ranker

            return train_ranker


def _note(output: Output, at: Progress) -> None:
    what = "checkpoint written" if at.saved else f"loss {at.loss:.4f}"
    output.note(f"step {at.step}/{at.steps}, epoch {at.epoch:.1f}: {what}")


def _summary(kind: Kind, out: Path, manifest: Manifest) -> list[str]:
    body = manifest.training
    counts = body["records"]
    lines = [
        f"{out}: {kind.value} with {body['parameters']:,} parameters, "
        f"{body['steps']} steps on {counts['train']} records, {counts['held_out']} held out"
    ]
    for part, what in (("train", "trained on"), ("held_out", "held out")):
        numbers: dict[str, Any] = {k: v for k, v in body[part].items() if k not in ("records", "tested")}
        said = ", ".join(
            f"{name.replace('_', ' ')} {value:.4f}" for name, value in numbers.items() if value is not None
        )
        lines += [f"{what}: {said}"] if said else []
    return lines
