"""What a terminal shows while a run is going on: one line for each obligation in work."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, RenderResult
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from lemmata.cli import render
from lemmata.cli.output import Output
from lemmata.events import Event, Log, StepChecked
from lemmata.verdict import Verdict
from lemmata.workflow.listener import Job
from lemmata.workflow.results import Result

_CLAUSE_WIDTH = 48


@dataclass
class _Job:
    """One obligation in work."""

    title: str
    since: float
    spinner: Spinner
    clause: str = ""
    shares: Counter[str] = field(default_factory=Counter)
    """How many accepted clauses or steps each prover contributed."""


class Progress:
    """A listener that prints results in the order of the targets and, on a terminal, shows what is in work.

    Args:
        output: the streams of the command.
        show: called with the lines of each result, in order; the default prints them.
    """

    def __init__(self, output: Output, show: Callable[[Result], None] | None = None) -> None:
        self._output = output
        self._show = show or (lambda result: output.text(*render.block(result)))
        self._jobs: dict[Job, _Job] = {}
        self._waiting: dict[Job, Result] = {}
        self._complete: set[int] = set()
        self._next: Job = (0, 0)
        self._told: set[str] = set()
        self._reasons: set[str] = set()
        """The result that is shown next; those after it wait for it."""
        self._total = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Keep the display on the terminal up for as long as the block runs."""
        with self._output.showing(self):
            yield

    def planned(self, total: int) -> None:
        """Remember how many results there will be."""
        self._total = total

    def started(self, job: Job, title: str) -> None:
        """Show an obligation as in work."""
        self._jobs[job] = _Job(title, time.monotonic(), Spinner("dots", style="cyan"))

    def happened(self, job: Job, event: Event) -> None:
        """Take over what an event says of the best clause and of who found it."""
        if isinstance(event, Log) and event.level == "error":
            self._warn(event.message)
        state = self._jobs.get(job)
        if state is None or not isinstance(event, StepChecked) or event.outcome not in ("closed", "open"):
            return
        kept = [note["part"] for note in event.notes if note.get("accepted")]
        texts = [event.parts[i][1] for i in kept if i < len(event.parts)] or [event.step]
        state.clause = texts[-1]
        state.shares[event.prover] += len(texts)

    def finished(self, job: Job, result: Result, *, last: bool) -> None:
        """Show a result as soon as all before it are shown."""
        self._jobs.pop(job, None)
        self._waiting[job] = result
        if last:
            self._complete.add(job[0])
        while self._next in self._waiting:
            shown = self._waiting.pop(self._next)
            if shown.verdict is Verdict.ERROR:
                self._tell(render.diagnostic(shown))
            self._complain(shown)
            for warning in shown.warnings:
                self._output.note(
                    f"{warning['file']}:{warning['line']}:{warning['column']}: warning: {warning['message']}"
                )
            self._show(shown)
            target, number = self._next
            more = target not in self._complete or any(waiting[0] == target for waiting in self._waiting)
            self._next = (target, number + 1) if more else (target + 1, 0)

    def _complain(self, result: Result) -> None:
        """Say which provers failed where that may be why there is no proof."""
        if result.verdict is Verdict.UNKNOWN:
            for name, said in result.stats.get("provers", {}).items():
                if message := said.get("message"):
                    self._warn(f"prover {name} failed: {message}")

    def _warn(self, message: str) -> None:
        """Print a warning, but each reason once."""
        if message.partition(": ")[2] not in self._reasons:
            self._reasons.add(message.partition(": ")[2])
            self._output.note(f"warning: {message}")

    def _tell(self, line: str) -> None:
        """Print an error, but once: what is missing is missing for every obligation of a file."""
        if line not in self._told:
            self._told.add(line)
            self._output.diagnostic(line)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw one line for each obligation in work, and how far the whole run is."""
        table = Table.grid(padding=(0, 2))
        now = time.monotonic()
        for state in list(self._jobs.values()):
            shares = "  ".join(f"{name} {count}" for name, count in state.shares.most_common(4))
            clause = state.clause if len(state.clause) <= _CLAUSE_WIDTH else state.clause[: _CLAUSE_WIDTH - 1] + "…"
            table.add_row(
                state.spinner,
                Text(state.title, style="bold", no_wrap=True, overflow="ellipsis"),
                Text(f"{now - state.since:.1f} s", style="dim", no_wrap=True),
                Text(clause, style="cyan", no_wrap=True, overflow="ellipsis"),
                Text(shares, style="dim", no_wrap=True, overflow="ellipsis"),
            )
        if self._jobs:
            yield table
        if self._total > 1:
            yield Text(f"{len(self._complete)} of {self._total} done", style="dim")
