"""`lemmata corpus decompose`: lemmas out of long proofs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from lemmata.cli import corpus, options
from lemmata.cli.corpus_mutation import Targets, Theorems
from lemmata.cli.output import Color, Output


def decompose_coq(
    targets: Targets,
    out: corpus.Out,
    theorems: Theorems = None,
    at_least: Annotated[
        int, typer.Option("--at-least", metavar="STEPS", min=2, help="Cut proofs of at least so many steps.")
    ] = 8,
    lemma_steps: Annotated[
        int, typer.Option("--lemma-steps", metavar="STEPS", min=1, help="Fewest steps of a lemma's proof.")
    ] = 3,
    seed: corpus.Seed = 0,
    jobs: corpus.Jobs = 1,
    data_format: corpus.FormatOption = corpus.Format.JSONL,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = None,
) -> int:
    """Cut long proofs of compiled Coq libraries into lemmas, each with the steps that prove it.

    A goal within a proof becomes a lemma where a step leaves several goals, and where the least is assumed. What it
    needs of its context becomes part of its statement. What is trivial or known is dropped; the rest is compiled, and
    rests on no further axioms.
    """
    from checkers.coq import installation
    from corpora.coq import library
    from corpora.decompose import stage
    from corpora.mutate.stage import distinct

    coq = installation.find()
    bounds = stage.Bounds(at_least, lemma_steps)
    tasks = stage.tasks(library.sources(targets, coq), coq, theorems, bounds, seed)
    made = stage.stage(targets, tasks, coq, theorems, bounds, seed, data_format.value)
    output = Output(as_json=as_json, quiet=quiet, color=color or Color.AUTO)
    return corpus.staged(output, made, out, tasks, stage.Decomposer(coq, bounds), finish=distinct, jobs=jobs)


COMMANDS: Sequence[tuple[tuple[str, ...], Callable[..., int]]] = ((("decompose", "coq"), decompose_coq),)
"""The subcommands of `lemmata corpus`, and what they do."""
