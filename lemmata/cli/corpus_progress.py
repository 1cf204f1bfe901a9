"""What a terminal shows while a stage of the dataset pipeline is going on: one line for each task in work."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from lemmata.cli.output import Output

if TYPE_CHECKING:
    from corpora.stages.task import Failure

_TOLD = 20
"""How often a run says how far it is where lines cannot be rewritten."""


class StageProgress:
    """Follows a stage: lines in work on a terminal, now and then a line elsewhere, failures everywhere.

    Args:
        output: the streams of the command.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._jobs: dict[str, tuple[float, Spinner]] = {}
        self._tasks = self._done = self._records = self._told = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Keep the display on the terminal up for as long as the block runs."""
        with self._output.showing(self):
            yield

    def planned(self, tasks: int, already: int) -> None:
        """Say what was done earlier."""
        self._tasks, self._done = tasks, already
        self._told = already * _TOLD // max(tasks, 1)
        if 0 < already < tasks:
            self._output.note(f"{already} of {tasks} tasks were done by an earlier run")

    def started(self, key: str) -> None:
        """Show a task as in work."""
        self._jobs[key] = (time.monotonic(), Spinner("dots", style="cyan"))

    def finished(self, key: str, records: int, failures: Sequence[Failure]) -> None:
        """Count a task, and tell what failed in it."""
        self._jobs.pop(key, None)
        self._done += 1
        self._records += records
        for failure in failures:
            self._output.note(f"{failure.item}: {failure.reason}: {failure.detail[:200]}")
        part = self._done * _TOLD // max(self._tasks, 1)
        if not self._output.live and part > self._told:
            self._told = part
            self._output.note(self._standing())

    def _standing(self) -> str:
        return f"{self._done} of {self._tasks} done, {self._records} records"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw one line for each task in work, and how far the whole is."""
        table = Table.grid(padding=(0, 2))
        now = time.monotonic()
        for key, (since, spinner) in list(self._jobs.items()):
            name = Text(key, style="bold", no_wrap=True, overflow="ellipsis")
            table.add_row(spinner, name, Text(f"{now - since:.1f} s", style="dim", no_wrap=True))
        if self._jobs:
            yield table
        if self._tasks > 1:
            yield Text(self._standing(), style="dim")
