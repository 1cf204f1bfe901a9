"""`lemmata bench`: run a suite, once or several times, write a table."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lemmata.cli import options
from lemmata.cli.output import Color, Output
from lemmata.errors import UsageError

if TYPE_CHECKING:
    from lemmata.config import Settings
    from lemmata.workflow.journal import Journal, Row
    from lemmata.workflow.suite import Problem

SCHEMA = "lemmata.bench/1"
_DEPENDS_ON_WHERE_SET = ("coq_flags", "allow_axioms", "root", "critics")
_DEPENDS_ON = ("timeout", "provers", "policy", "int_width", "require_both", "recheck", "memory_limit", "seed")


def bench(
    suite: Annotated[Path, typer.Argument(metavar="SUITE", help="A folder of problems, or a .jsonl list.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Where results.jsonl and table.md go.")
    ] = None,
    timeout: options.Timeout = None,
    jobs: options.Jobs = None,
    sample: Annotated[
        int | None, typer.Option("--sample", metavar="N", min=1, help="Take N of the problems, chosen by the seed.")
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            "--samples",
            metavar="N",
            min=1,
            help="Try everything N times, each time with another seed, and report pass@k; takes N times as long.",
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            metavar="FILE.svg",
            help="Draw how many problems are decided within which time, or the curve of [bold]--samples[/].",
        ),
    ] = None,
    seed: options.Seed = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    provers: options.Provers = None,
    prover: options.Prover = None,
    critic: options.Critic = None,
    policy: options.Policy = None,
    int_width: options.IntWidth = None,
    require_both: options.RequireBoth = None,
    memory_limit: options.MemoryLimit = None,
    peer: Annotated[
        list[str] | None,
        typer.Option(
            "--peer",
            metavar="NAME",
            help="Try this tactic, or engine for C programs, alone on each problem, for comparison; may be repeated.",
        ),
    ] = None,
    coq_q: options.CoqQ = None,
    coq_r: options.CoqR = None,
    coq_i: options.CoqI = None,
    allow_axioms: options.AllowAxioms = None,
    root: Annotated[
        Path | None,
        typer.Option(
            "--root",
            metavar="DIR",
            help="What the files of a list are relative to; by default the list's folder, or the standard library.",
        ),
    ] = None,
    color: options.ColorOption = None,
) -> int:
    """Run a suite of problems and write [bold]results.jsonl[/] and [bold]table.md[/].

    A run that was cut short goes on where it stopped. Where the suite has an expected.csv, verdicts that contradict it
    are shown and the exit code is 1; it is 0 where the suite was run and nothing is wrong, whatever was undecided.

    Each [bold]--peer[/] is tried alone on every problem with the same time-out: a tactic of the proof assistant, or for
    C programs an engine, [bold]spacer[/], [bold]gspacer[/] or [bold]cvc5-sygus[/].

    With [bold]--samples[/] N every obligation is tried N times, independently, which takes N times as long. What is
    reported is pass@k: the share of obligations that at least one of k tries proves, for k = 1, 2, 4, ..., N.
    """
    from lemmata.plugins.wiring import Workbench
    from lemmata.workflow import comparison, coverage, pages, table
    from lemmata.workflow import suite as suites
    from lemmata.workflow.comparison import contradicts
    from lemmata.workflow.journal import Journal

    peers = _peers(peer)
    _check(samples, plot, peers)
    folder = out if out is not None else Path("bench-results") / (suite.stem or "suite")
    settings = options.settings(
        timeout=timeout,
        jobs=jobs,
        seed=seed,
        provers=prover or provers,
        critics=critic,
        policy=policy,
        int_width=int_width,
        require_both=require_both,
        memory_limit=memory_limit,
        coq_flags=options.coq_flags(coq_q, coq_r, coq_i),
        allow_axioms=allow_axioms,
        root=root,
        out=folder / "certificates",
        color=color.value if color else None,
    )
    output = Output(as_json=as_json, quiet=quiet, color=Color(settings.color))
    workbench = Workbench(settings)
    loaded = suites.load(suite, workbench.suffixes(), root=settings.root, libraries=workbench.libraries)
    problems = suites.sample(loaded, sample, settings.seed)
    gone = suites.missing(problems)
    if gone:
        output.diagnostic(f"{suite}: warning: {len(gone)} files are missing, {gone[0]} for example; see --root")
    runs = [settings] if samples is None else _runs(settings, samples)
    began = time.monotonic()
    with Journal(folder / "results.jsonl") as journal:
        if samples is not None:
            journal.rows = [row for row in journal.rows if coverage.countable(row)]
        interrupted = _run(runs, problems, peers, journal, output)
    by_run = [_rows(problems, journal, _fingerprint(run, peers)) for run in runs]
    page = folder / "table.md"
    name = suite.name or str(suite)
    more: dict[str, Any] = {}
    if samples is None:
        (rows,) = by_run
        pages.write(page, table.markdown(name, rows, _fingerprint(settings, peers), settings.timeout), "--out")
        _show(output, rows, page, time.monotonic() - began)
        if plot is not None:
            pages.write(plot, comparison.cactus(name, rows), "--plot")
            output.text(f"the plot is in {plot}")
    else:
        rows = [{**row, "sample": number} for number, found in enumerate(by_run, 1) for row in found]
        more["coverage"] = _cover(output, name, rows, runs, page, plot, time.monotonic() - began)
    if interrupted:
        more["interrupted"] = True
    wrong = [row for row in rows if contradicts(row)]
    body = {"schema": SCHEMA, "suite": str(suite), "results": rows, "contradictions": wrong, "table": str(page)}
    output.document({**body, **more})
    return 130 if interrupted else 1 if wrong else 0


def _check(samples: int | None, plot: Path | None, peers: Sequence[str]) -> None:
    """Refuse what does not go together, and a picture that cannot be written, before any work is done."""
    from lemmata.workflow import pages

    if samples is not None and peers:
        raise UsageError("--peer and --samples do not go together", hint="compare with peers in a run of its own")
    if plot is None:
        return
    if plot.suffix.lower() != ".svg":
        raise UsageError(f"--plot {plot}: only SVG can be drawn", hint="let the name end in .svg")
    pages.check(plot, "--plot")


def _runs(settings: Settings, samples: int) -> list[Settings]:
    """Return the settings of each sample; the first is the run that there would be without `--samples`."""
    from lemmata.workflow import coverage

    first, *others = coverage.seeds(settings.seed, samples)
    # Certificates are named after what they prove, so samples need folders of their own.
    more = [(seed, settings.out / f"sample-{number}") for number, seed in enumerate(others, 2)]
    return [
        dataclasses.replace(settings, seed=first),
        *(dataclasses.replace(settings, seed=seed, out=out) for seed, out in more),
    ]


def _peers(given: list[str] | None) -> tuple[str, ...]:
    if any(not text.strip() for text in given or ()):
        raise UsageError("--peer: the tactic is empty", hint="say --peer auto, for example")
    return tuple(dict.fromkeys(text.strip() for text in given or ()))


def _fingerprint(settings: Settings, peers: Sequence[str]) -> str:
    values = settings.to_json()
    chosen = {name: values[name] for name in _DEPENDS_ON}
    # What is set rarely is named only where it is: older results stay valid.
    more = {name: values[name] for name in _DEPENDS_ON_WHERE_SET if values[name]}
    return json.dumps({**chosen, **more, **({"peers": list(peers)} if peers else {})}, sort_keys=True)


def _rows(problems: Sequence[Problem], journal: Journal, fingerprint: str) -> list[Row]:
    """Return the newest line of each problem that has one with these settings, in the order of the problems."""
    latest = {line["problem"]: line for line in journal.rows if line.get("settings") == fingerprint}
    return [latest[problem.name] for problem in problems if problem.name in latest]


def _run(
    runs: Sequence[Settings],
    problems: Sequence[Problem],
    peers: tuple[str, ...],
    journal: Journal,
    output: Output,
) -> bool:
    """Run what is not in the journal yet, all problems with the first settings first; return whether it was cut short.

    Each run has a workbench of its own and no store, so nothing that one has found out reaches another.
    """
    try:
        for number, settings in enumerate(runs, 1):
            fingerprint = _fingerprint(settings, peers)
            done = journal.done(fingerprint)
            left = [problem for problem in problems if problem.name not in done]
            if len(runs) > 1:
                output.note(f"sample {number} of {len(runs)}")
            if done and left:
                count = len(problems) - len(left)
                output.note(f"{count} of {len(problems)} problems are already in the results")
            if left and _work(left, settings, peers, journal, fingerprint, output):
                return True
    except KeyboardInterrupt:
        # It came between two runs, where there was none to stop.
        return True
    return False


def _work(
    problems: list[Problem],
    settings: Settings,
    peers: tuple[str, ...],
    journal: Journal,
    fingerprint: str,
    output: Output,
) -> bool:
    """Run the problems that are left, write each down as it is decided; return whether it was cut short."""
    from lemmata.cli import render
    from lemmata.cli.progress import Progress
    from lemmata.workflow import coverage, launch
    from lemmata.workflow.journal import row
    from lemmata.workflow.results import Result

    by_target = {problem.target: problem for problem in problems}
    if len(by_target) < len(problems):
        raise UsageError("the suite lists a problem twice", hint="remove the second line")
    parts: dict[str, list[Result]] = {}

    class Writing(Progress):
        """Progress that also writes the journal."""

        def finished(self, job: tuple[int, int], result: Result, *, last: bool) -> None:
            """Write a problem down when all of its obligations are decided."""
            parts.setdefault(result.target, []).append(result)
            if last and all(part.reason != "interrupted" for part in parts[result.target]):
                found = parts.pop(result.target)
                line = row(by_target[result.target], found, fingerprint)
                journal.add({**line, "obligations": coverage.obligations(found)})
            super().finished(job, result, last=last)

    progress = Writing(output, show=lambda result: output.text(render.block(result)[0]))
    with progress.running():
        plan = launch.Plan(use_store=False, signals=True, peers=peers)
        report = launch.prove([problem.target for problem in problems], settings, plan, progress)
    return report.interrupted


def _cover(
    output: Output,
    name: str,
    rows: list[Row],
    runs: Sequence[Settings],
    page: Path,
    plot: Path | None,
    seconds: float,
) -> dict[str, Any]:
    """Write and show what became of the samples; return it as a member of the document."""
    from lemmata.cli import render
    from lemmata.workflow import coverage, pages

    found = coverage.tallies(rows)
    points = coverage.curve(found)
    pages.write(page, coverage.markdown(name, rows, _fingerprint(runs[0], ())), "--out")
    if plot is not None:
        pages.write(plot, coverage.plot(name, found), "--plot")
    made = f"{points[-1][0] if points else 0} of {len(runs)} samples"
    output.text(f"{made} of {len(found)} obligations in {render.seconds(seconds)}, see {page}")
    if points:
        output.text("  k     pass@k", *(f"  {k:<4}  {100 * value:5.1f} %" for k, value in points))
    if plot is not None:
        output.text(f"the curve is in {plot}")
    _shout(output, coverage.wrong(rows))
    return {
        "samples": len(runs),
        "seeds": [run.seed for run in runs],
        "obligations": [tally.to_json() for tally in found],
        "curve": [{"k": k, "pass": value} for k, value in points],
        "plot": None if plot is None else str(plot),
    }


def _show(output: Output, rows: list[Row], page: Path, seconds: float) -> None:
    from lemmata.cli import render
    from lemmata.workflow.comparison import contradicts

    decided = sum(row["verdict"] in ("proved", "disproved") for row in rows)
    output.text(f"{decided} of {len(rows)} decided in {render.seconds(seconds)}, see {page}")
    for peer in dict.fromkeys(peer for row in rows for peer in row["peers"]):
        decided = sum(row["peers"].get(peer, {}).get("verdict") in ("proved", "disproved") for row in rows)
        output.text(f"  {decided} by {peer}")
    wrong = [row for row in rows if contradicts(row)]
    _shout(output, [f"{row['problem']} is {row['verdict']}, but expected.csv says {row['expected']}" for row in wrong])


def _shout(output: Output, wrong: Sequence[str]) -> None:
    from rich.text import Text

    for text in wrong:
        output.err.print(Text(f"WRONG: {text}", style="bold white on red"), soft_wrap=True)
