"""`lemmata prove`: find proofs, have them checked, write certificates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lemmata.cli import options
from lemmata.cli.output import Color, Output
from lemmata.errors import UsageError

if TYPE_CHECKING:
    from lemmata.config import Settings
    from lemmata.workflow.launch import Plan
    from lemmata.workflow.run import Report


def prove(
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="TARGET", help="FILE[:SELECTOR]; no selector is every obligation in the file."),
    ] = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder for certificates and native files.")
    ] = None,
    jobs: options.Jobs = None,
    timeout: options.Timeout = None,
    provers: options.Provers = None,
    prover: options.Prover = None,
    critic: options.Critic = None,
    policy: options.Policy = None,
    int_width: options.IntWidth = None,
    require_both: options.RequireBoth = None,
    require_reachable: options.RequireReachable = None,
    emit: options.Emit = None,
    emit_smt2: options.EmitSmt2 = None,
    recheck: options.Recheck = None,
    memory_limit: options.MemoryLimit = None,
    store: options.Store = None,
    no_store: options.NoStore = False,
    resume: Annotated[
        str | None,
        typer.Option("--resume", metavar="[RUN]", help="Go on with a run that was cut short; alone, the last one."),
    ] = None,
    seed: options.Seed = None,
    no_minimise: options.NoMinimise = False,
    write: Annotated[
        bool,
        typer.Option("--write", metavar="", help="Put the proofs that were found into the source files."),
    ] = False,
    view: Annotated[
        bool,
        typer.Option("--view", metavar="", help="Follow the search in the browser; the page stays until Ctrl-C."),
    ] = False,
    coq_q: options.CoqQ = None,
    coq_r: options.CoqR = None,
    coq_i: options.CoqI = None,
    allow_axioms: options.AllowAxioms = None,
    root: options.Root = None,
    color: options.ColorOption = None,
) -> int:
    """Find proofs and loop invariants, and have them [bold]checked[/].

    Each target gets a verdict: [green]proved[/], [red]disproved[/] with a counterexample, [yellow]unknown[/] with a
    reason, or [red]error[/]. What was proved or disproved gets a certificate that [bold]lemmata replay[/] checks again.
    """
    from lemmata.cli.companion import Companion
    from lemmata.workflow import launch

    settings = options.settings(
        out=out,
        jobs=jobs,
        timeout=timeout,
        provers=prover or provers,
        critics=critic,
        policy=policy,
        int_width=int_width,
        require_both=require_both,
        require_reachable=require_reachable,
        emit=emit,
        emit_smt2=emit_smt2,
        recheck=recheck,
        memory_limit=memory_limit,
        store=store,
        seed=seed,
        coq_flags=options.coq_flags(coq_q, coq_r, coq_i),
        allow_axioms=allow_axioms,
        root=root,
        color=color.value if color else None,
    )
    output = Output(as_json=as_json, quiet=quiet, color=Color(settings.color))
    if view and no_store:
        raise UsageError("--view needs the store", hint="leave out --no-store")
    companion = Companion(settings.store, settings.color)
    plan = launch.Plan(
        minimise=not no_minimise,
        use_store=not no_store,
        write=not no_store or out is not None,
        patch=write,
        resume=resume,
        signals=True,
        begun=companion.start if view else None,
    )
    try:
        report = _work(targets or [], settings, plan, output)
        if view and not report.interrupted:
            output.note("the page stays until Ctrl-C")
            companion.wait()
    finally:
        companion.close()
    return report.exit_code


def _work(targets: list[str], settings: Settings, plan: Plan, output: Output) -> Report:
    """Prove, and print what came of it."""
    from lemmata.cli import render
    from lemmata.cli.progress import Progress
    from lemmata.workflow import launch, results

    progress = Progress(output)
    with progress.running():
        report = launch.prove(targets, settings, plan, progress)
    more: dict[str, Any] = {"interrupted": True} if report.interrupted else {}
    if report.error is not None:
        more["error"] = results.error_json(report.error)
        output.diagnostic(str(report.error))
    if plan.patch:
        more["written"] = [patched.to_json() for patched in report.patched]
    for patched in report.patched:
        if patched.error is not None:
            output.diagnostic(str(patched.error))
        else:
            output.text(render.patched(patched))
    output.document(results.document(report.results, **more))
    if len(report.results) > 1 or report.interrupted:
        output.text(render.summary(report.results, report.seconds, interrupted=report.interrupted))
    return report
