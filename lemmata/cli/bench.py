"""`lemmata bench`: run a suite, write a table."""

from __future__ import annotations

import json
import time
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
_DEPENDS_ON = ("timeout", "provers", "policy", "int_width", "require_both", "memory_limit", "seed")


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
    policy: options.Policy = None,
    int_width: options.IntWidth = None,
    require_both: options.RequireBoth = None,
    memory_limit: options.MemoryLimit = None,
    color: options.ColorOption = None,
) -> int:
    """Run a suite of problems and write [bold]results.jsonl[/] and [bold]table.md[/].

    A run that was cut short goes on where it stopped. Where the suite has an expected.csv, verdicts that contradict it
    are shown and the exit code is 1; it is 0 where the suite was run and nothing is wrong, whatever was undecided.
    """
    from lemmata.workflow import suite as suites
    from lemmata.workflow import table
    from lemmata.workflow.journal import Journal, contradicts

    folder = out if out is not None else Path("bench-results") / (suite.stem or "suite")
    settings = options.settings(
        timeout=timeout,
        jobs=jobs,
        seed=seed,
        provers=provers,
        policy=policy,
        int_width=int_width,
        require_both=require_both,
        memory_limit=memory_limit,
        out=folder / "certificates",
        color=color.value if color else None,
    )
    output = Output(as_json=as_json, quiet=quiet, color=Color(settings.color))
    problems = suites.sample(suites.load(suite, _suffixes(settings)), sample, settings.seed)
    fingerprint = _fingerprint(settings)
    began = time.monotonic()
    with Journal(folder / "results.jsonl") as journal:
        done = journal.done(fingerprint)
        left = [problem for problem in problems if problem.name not in done]
        if done and left:
            output.note(f"{len(problems) - len(left)} of {len(problems)} problems are already in {folder}")
        interrupted = bool(left) and _work(left, settings, journal, fingerprint, output)
        latest = {line["problem"]: line for line in journal.rows if line.get("settings") == fingerprint}
    rows = [latest[problem.name] for problem in problems if problem.name in latest]
    page = folder / "table.md"
    _write(page, table.markdown(suite.name or str(suite), rows, fingerprint))
    wrong = [row for row in rows if contradicts(row)]
    _show(output, rows, wrong, page, time.monotonic() - began)
    more = {"interrupted": True} if interrupted else {}
    body = {"schema": SCHEMA, "suite": str(suite), "results": rows, "contradictions": wrong, "table": str(page)}
    output.document({**body, **more})
    return 130 if interrupted else 1 if wrong else 0


def _suffixes(settings: Settings) -> list[str]:
    from lemmata.plugins.wiring import Workbench

    return Workbench(settings).suffixes()


def _fingerprint(settings: Settings) -> str:
    values = settings.to_json()
    return json.dumps({name: values[name] for name in _DEPENDS_ON}, sort_keys=True)


def _work(problems: list[Problem], settings: Settings, journal: Any, fingerprint: str, output: Output) -> bool:
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
        plan = launch.Plan(use_store=False, signals=True)
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
    for row in wrong:
        line = f"WRONG: {row['problem']} is {row['verdict']}, but expected.csv says {row['expected']}"
        output.err.print(Text(line, style="bold white on red"), soft_wrap=True)
