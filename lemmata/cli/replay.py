"""`lemmata replay`: check certificates again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lemmata.cli import options
from lemmata.cli.output import Color, Output


def replay(
    certificates: Annotated[list[Path], typer.Argument(metavar="CERT", help="Certificate files.")],
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    timeout: Annotated[
        float | None, typer.Option("--timeout", "-t", metavar="SECONDS", help="Time to verify each certificate.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--source", metavar="FILE", help="Compare with this file, not the one it was made from."),
    ] = None,
    require_both: options.RequireBoth = None,
    memory_limit: options.MemoryLimit = None,
    coq_q: options.CoqQ = None,
    coq_r: options.CoqR = None,
    coq_i: options.CoqI = None,
    allow_axioms: options.AllowAxioms = None,
    root: options.Root = None,
    color: options.ColorOption = None,
) -> int:
    """Check certificates again [bold]from scratch[/], in fresh processes.

    The proof is rebuilt from the certificate's graph, the source is compared, the checker decides anew.
    """
    from lemmata.cli import render
    from lemmata.workflow import launch, results

    settings = options.settings(
        timeout=timeout,
        require_both=require_both,
        memory_limit=memory_limit,
        coq_flags=options.coq_flags(coq_q, coq_r, coq_i),
        allow_axioms=allow_axioms,
        root=root,
        color=color.value if color else None,
    )
    output = Output(as_json=as_json, quiet=quiet, color=Color(settings.color))
    found = launch.check_again(
        certificates, settings, source=source, each=lambda result: output.text(*render.replay_block(result))
    )
    output.document(results.document(found, schema=results.REPLAY_SCHEMA))
    if len(found) > 1:
        valid = sum(result.valid for result in found)
        output.text(f"{valid} of {len(found)} certificates are valid")
    return results.exit_code(found)
