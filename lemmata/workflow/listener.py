"""The seam through which a run tells what happens while it happens."""

from __future__ import annotations

from typing import Protocol

from lemmata.events import Event
from lemmata.workflow.results import Result

Job = tuple[int, int]
"""Position of a target in the run, and of an obligation in the target."""


class Listener(Protocol):
    """Follows a run; the terminal display is one. Its methods return quickly and do not raise."""

    def planned(self, total: int) -> None:
        """The run has so many targets."""
        ...

    def started(self, job: Job, title: str) -> None:
        """Work on an obligation began."""
        ...

    def happened(self, job: Job, event: Event) -> None:
        """The search on an obligation emitted an event."""
        ...

    def finished(self, job: Job, result: Result, *, last: bool) -> None:
        """A result is there; `last` says that it is the last one of its target."""
        ...


class Silence:
    """A listener that ignores everything."""

    def planned(self, total: int) -> None:
        """Ignore it."""

    def started(self, job: Job, title: str) -> None:
        """Ignore it."""

    def happened(self, job: Job, event: Event) -> None:
        """Ignore it."""

    def finished(self, job: Job, result: Result, *, last: bool) -> None:
        """Ignore it."""
