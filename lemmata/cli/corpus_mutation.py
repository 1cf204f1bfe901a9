"""`lemmata corpus mutate` and `conjecture`: new theorems from a library's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from lemmata.cli import corpus, options
from lemmata.cli.output import Color, Output

Targets = Annotated[
    list[str],
    typer.Argument(metavar="TARGET...", help="A .v file, a folder, [bold]stdlib[/], or an installed package."),
]
Theorems = Annotated[
    int | None, typer.Option("--theorems", metavar="N", min=1, help="Take N theorems, chosen by the seed.")
]


def mutate_coq(
    targets: Targets,
    out: corpus.Out,
    theorems: Theorems = None,
    most: Annotated[int, typer.Option("--most", metavar="N", min=1, help="Most new theorems made of each.")] = 10,
    tries: Annotated[int, typer.Option("--tries", metavar="N", min=1, help="Most lemmas tried on each.")] = 120,
    seed: corpus.Seed = 0,
    jobs: corpus.Jobs = 1,
    data_format: corpus.FormatOption = corpus.Format.JSONL,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Make new theorems from those of compiled Coq libraries, each with its proof.

    A theorem is rewritten with equations and equivalences of the library, in its conclusion and in its hypotheses, and
    a hypothesis gives way to the premises of a lemma from which it follows. What is trivial, known or assumes what
    cannot be is dropped; the rest is compiled, and rests on no further axioms.
    """
    from checkers.coq import installation
    from corpora.coq import library
    from corpora.mutate import stage
    from corpora.mutate.theorems import Bounds

    coq = installation.find()
    bounds = Bounds(most, tries)
    tasks = stage.tasks(library.sources(targets, coq), coq, theorems, seed)
    made = stage.stage(targets, tasks, coq, theorems, bounds, seed, data_format.value)
    output = Output(as_json=as_json, quiet=quiet, color=color or Color.AUTO)
    work = stage.Mutator(coq, bounds, seed)
    return corpus.staged(output, made, out, tasks, work, finish=stage.distinct, jobs=jobs)


def conjecture_coq(
    targets: Targets,
    out: corpus.Out,
    theorems: Theorems = None,
    most: Annotated[int, typer.Option("--most", metavar="N", min=1, help="Most conjectures about each.")] = 10,
    tries: Annotated[int, typer.Option("--tries", metavar="N", min=1, help="Most guesses looked at for each.")] = 80,
    timeout: Annotated[
        float, typer.Option("--timeout", "-t", metavar="SECONDS", min=0.1, help="Time of the search on each.")
    ] = 3.0,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", metavar="N", min=0.0, help="Guess for N minutes; what is there then is the data."),
    ] = None,
    conjecturer: Annotated[
        list[str] | None,
        typer.Option(
            "--conjecturer",
            metavar="NAME:MODEL",
            help="Have a model guess first, such as [bold]openai:MODEL[/]; may be given several times.",
        ),
    ] = None,
    provers: options.Provers = None,
    prover: options.Prover = None,
    memory_limit: options.MemoryLimit = None,
    seed: corpus.Seed = 0,
    jobs: corpus.Jobs = 1,
    data_format: corpus.FormatOption = corpus.Format.JSONL,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Guess new theorems about compiled Coq libraries, and have the search prove or refute them.

    Hypotheses are dropped, implications turned round, operators swapped, terms generalised and variables specialised,
    and theorems joined with others; models may be asked for more. What is proved is compiled, and so is the negation of
    what is refuted.
    """
    from checkers.coq import installation
    from corpora.conjecture import stage
    from corpora.conjecture.asking import check
    from corpora.coq import library
    from corpora.mutate.stage import tasks as chosen
    from lemmata.plugins.choosing import choose

    coq = installation.find()
    # Each task has a search of its own, whose jobs are the stage's.
    settings = options.settings(provers=prover or provers, memory_limit=memory_limit, seed=seed, jobs=1)
    # Before a folder is bound to settings that make no sense.
    choose(settings.provers)
    conjecturers = tuple(dict.fromkeys(conjecturer or ()))
    check(conjecturers)
    bounds = stage.Bounds(most, tries, timeout, minutes, conjecturers)
    tasks = chosen(library.sources(targets, coq), coq, theorems, seed)
    made = stage.stage(targets, tasks, coq, theorems, bounds, settings, data_format.value)
    output = Output(as_json=as_json, quiet=quiet, color=color or Color.AUTO)
    work = stage.Conjecturer(coq, bounds, settings)
    return corpus.staged(output, made, out, tasks, work, finish=stage.weighed, jobs=jobs)


COMMANDS: Sequence[tuple[tuple[str, ...], Callable[..., int]]] = (
    (("mutate", "coq"), mutate_coq),
    (("conjecture", "coq"), conjecture_coq),
)
"""The subcommands of `lemmata corpus`, and what they do."""
