"""`lemmata bench`: run a suite, write a table."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lemmata.cli import options
from lemmata.cli.output import Color, Output
from lemmata.errors import StoreError, UsageError

if TYPE_CHECKING:
    from lemmata.config import Settings
    from lemmata.workflow.suite import Problem

SCHEMA = "lemmata.bench/1"
_DEPENDS_ON_WHERE_SET = ("coq_flags", "allow_axioms", "root")
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
    seed: options.Seed = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    provers: options.Provers = None,
    prover: options.Prover = None,
    policy: options.Policy = None,
    int_width: options.IntWidth = None,
    require_both: options.RequireBoth = None,
    memory_limit: options.MemoryLimit = None,
    peer: Annotated[
        list[str] | None,
        typer.Option(
            "--peer", metavar="TACTIC", help="Try this tactic alone on each problem, for comparison; may be repeated."
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

    Each [bold]--peer[/] is a tactic of the proof assistant; it is tried alone on every problem with the same time-out.
    """
    from lemmata.plugins.wiring import Workbench
    from lemmata.workflow import suite as suites
    from lemmata.workflow import table
    from lemmata.workflow.journal import Journal, contradicts

    folder = out if out is not None else Path("bench-results") / (suite.stem or "suite")
    settings = options.settings(
        timeout=timeout,
        jobs=jobs,
        seed=seed,
        provers=prover or provers,
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
    peers = _peers(peer)
    workbench = Workbench(settings)
    loaded = suites.load(suite, workbench.suffixes(), root=settings.root, libraries=workbench.libraries)
    problems = suites.sample(loaded, sample, settings.seed)
    gone = suites.missing(problems)
    if gone:
        output.diagnostic(f"{suite}: warning: {len(gone)} files are missing, {gone[0]} for example; see --root")
    fingerprint = _fingerprint(settings, peers)
    began = time.monotonic()
    with Journal(folder / "results.jsonl") as journal:
        done = journal.done(fingerprint)
        left = [problem for problem in problems if problem.name not in done]
        if done and left:
            output.note(f"{len(problems) - len(left)} of {len(problems)} problems are already in {folder}")
        interrupted = bool(left) and _work(left, settings, peers, journal, fingerprint, output)
        latest = {line["problem"]: line for line in journal.rows if line.get("settings") == fingerprint}
    rows = [latest[problem.name] for problem in problems if problem.name in latest]
    page = folder / "table.md"
    _write(page, table.markdown(suite.name or str(suite), rows, fingerprint, settings.timeout))
    wrong = [row for row in rows if contradicts(row)]
    _show(output, rows, wrong, page, time.monotonic() - began)
    more = {"interrupted": True} if interrupted else {}
    body = {"schema": SCHEMA, "suite": str(suite), "results": rows, "contradictions": wrong, "table": str(page)}
    output.document({**body, **more})
    return 130 if interrupted else 1 if wrong else 0


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


def _work(
    problems: list[Problem],
    settings: Settings,
    peers: tuple[str, ...],
    journal: Any,
    fingerprint: str,
    output: Output,
) -> bool:
    """Run the problems that are left, write each down as it is decided; return whether it was cut short."""
    from lemmata.cli import render
    from lemmata.cli.progress import Progress
    from lemmata.workflow import launch
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
                journal.add(row(by_target[result.target], parts.pop(result.target), fingerprint))
            super().finished(job, result, last=last)

    progress = Writing(output, show=lambda result: output.text(render.block(result)[0]))
    with progress.running():
        plan = launch.Plan(use_store=False, signals=True, peers=peers)
        report = launch.prove([problem.target for problem in problems], settings, plan, progress)
    return report.interrupted


def _write(page: Path, text: str) -> None:
    try:
        page.write_text(text, "utf-8")
    except OSError as error:
        raise StoreError(f"cannot write {page}: {error.strerror or error}", hint="choose another --out") from error


def _show(output: Output, rows: list[dict[str, Any]], wrong: list[dict[str, Any]], page: Path, seconds: float) -> None:
    from rich.text import Text

    from lemmata.cli import render

    decided = sum(row["verdict"] in ("proved", "disproved") for row in rows)
    output.text(f"{decided} of {len(rows)} decided in {render.seconds(seconds)}, see {page}")
    for peer in dict.fromkeys(peer for row in rows for peer in row["peers"]):
        proved = sum(row["peers"].get(peer, {}).get("verdict") == "proved" for row in rows)
        output.text(f"  {proved} by {peer}")
    for row in wrong:
        line = f"WRONG: {row['problem']} is {row['verdict']}, but expected.csv says {row['expected']}"
        output.err.print(Text(line, style="bold white on red"), soft_wrap=True)
