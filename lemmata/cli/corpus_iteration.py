"""`lemmata corpus iterate`: expert iteration, from problems to models that prove more of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lemmata.cli import corpus, options
from lemmata.cli.output import Color, Output

if TYPE_CHECKING:
    from corpora.stages.task import Listener
    from provers.neural.training.settings import Progress

_INTERRUPTED = 130


def iterate(
    targets: Annotated[
        list[str],
        typer.Argument(metavar="TARGET...", help="Problems: FILE[:SELECTOR], a folder, or a .jsonl list."),
    ],
    out: corpus.Out,
    rounds: Annotated[int, typer.Option("--rounds", metavar="N", min=1, help="How often to search and learn.")] = 2,
    timeout: options.Timeout = None,
    jobs: options.Jobs = None,
    provers: options.Provers = None,
    prover: options.Prover = None,
    base: Annotated[
        Path | None, typer.Option("--base", metavar="DIR", help="Train from this checkpoint in each round.")
    ] = None,
    size: Annotated[str, typer.Option("--size", metavar="tiny|small", help="Size of models from scratch.")] = "tiny",
    epochs: Annotated[int, typer.Option("--epochs", metavar="N", help="Times that all records are gone through.")] = 10,
    batch: Annotated[int, typer.Option("--batch", metavar="N", help="Records learnt at once.")] = 16,
    learning_rate: Annotated[
        float | None, typer.Option("--learning-rate", metavar="X", help="By default 2e-3 from scratch, else 1e-4.")
    ] = None,
    held_out: Annotated[
        float,
        typer.Option(
            "--held-out", metavar="SHARE", min=0.0, max=0.9, help="Share of theorems kept for the test of each model."
        ),
    ] = 0.1,
    dataset: Annotated[
        list[Path] | None,
        typer.Option("--with", metavar="DATASET", help="Learn these records, too; may be repeated."),
    ] = None,
    benchmark: Annotated[
        list[Path] | None,
        typer.Option(
            "--benchmark", metavar="FILE", help="Learn nothing of the theorems of this benchmark, as for `curate`."
        ),
    ] = None,
    trivial: Annotated[
        float,
        typer.Option(
            "--trivial",
            metavar="SHARE",
            min=0.0,
            max=1.0,
            help="Share kept of the steps that one automatic tactic closes.",
        ),
    ] = 0.1,
    memory_limit: options.MemoryLimit = None,
    seed: options.Seed = None,
    coq_q: options.CoqQ = None,
    coq_r: options.CoqR = None,
    coq_i: options.CoqI = None,
    allow_axioms: options.AllowAxioms = None,
    root: options.Root = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Search, train a model on the proofs, and search again with the model: expert iteration.

    What was proved and verified in all rounds so far is curated, exported and learnt; in the next round the new model
    is one of the provers. Each round is a folder of its own. A run that was cut short goes on with the same command.
    """
    from corpora.iterate.rounds import Iteration, iterate
    from provers.neural.training.settings import Settings

    settings = options.settings(
        timeout=timeout,
        jobs=jobs,
        provers=prover or provers,
        memory_limit=memory_limit,
        seed=seed,
        coq_flags=options.coq_flags(coq_q, coq_r, coq_i),
        allow_axioms=allow_axioms,
        root=root,
        color=color.value if color else None,
    )
    training = Settings(
        size=size, epochs=epochs, batch=batch, learning_rate=learning_rate, held_out=held_out, seed=settings.seed
    )
    what = Iteration(rounds, settings, training, base, tuple(dataset or ()), tuple(benchmark or ()), trivial)
    output = Output(as_json=as_json, quiet=quiet, color=Color(settings.color))
    outcome = iterate(targets, what, out, _Watcher(output), settings.jobs)
    ended = outcome.finished and bool(outcome.rounds) and outcome.rounds[-1]["model"] is None
    code = 3 if ended else 0 if outcome.finished else _INTERRUPTED
    body: dict[str, Any] = {
        "schema": corpus.SCHEMA,
        "stage": "iterate",
        "out": str(out),
        "rounds": outcome.rounds,
        "finished": outcome.finished,
    }
    if not outcome.finished:
        body["interrupted"] = True
    output.document({**body, "exit_code": code})
    if outcome.finished and outcome.already == len(outcome.rounds):
        output.text(*map(_line, outcome.rounds))
    if ended:
        output.diagnostic("nothing is left to learn from: see --trivial and --timeout")
    told = "finished" if outcome.finished else "interrupted; the same command goes on"
    output.text(f"{out}: {len(outcome.rounds)} of {rounds} rounds, {told}")
    return code


def _line(record: dict[str, Any]) -> str:
    line = (
        f"round {record['round']}: {record['proved']} of {record['problems']} proved, {record['newly proved']} of them "
        f"for the first time; {record['records']:,} records"
    )
    match = record.get("held-out exact match")
    return line if match is None else f"{line}; {match:.1%} of the steps held out written exactly"


class _Watcher:
    """Shows how far an iteration is."""

    def __init__(self, output: Output) -> None:
        self._output = output

    @contextmanager
    def staged(self, number: int, name: str) -> Iterator[Listener]:
        """Show the tasks of a stage while it runs."""
        from lemmata.cli.corpus_progress import StageProgress

        self._output.note(f"round {number}: {name}")
        progress = StageProgress(self._output)
        with progress.running():
            yield progress

    def trained(self, number: int, at: Progress) -> None:
        """Tell how far a training is."""
        what = "checkpoint written" if at.saved else f"loss {at.loss:.4f}"
        self._output.note(f"round {number}: train: step {at.step}/{at.steps}, {what}")

    def ended(self, record: dict[str, Any]) -> None:
        """Tell what came of a round."""
        self._output.text(_line(record))


COMMANDS: Sequence[tuple[tuple[str, ...], Callable[..., int]]] = ((("iterate",), iterate),)
"""The subcommands of `lemmata corpus`, and what they do."""
