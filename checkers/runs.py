"""Processes of verifications: run to their end, and how they ended."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from checkers.auditing import sha256
from checkers.process import Child, Exit
from lemmata.errors import BackendError, LimitExceeded
from lemmata.verdict import Audit


class RunFailed(BackendError):
    """A process of a verification did not do what it was started for; the message says why."""

    def __init__(self, message: str, *, limited: bool = False) -> None:
        super().__init__(message)
        self.limited = limited
        """Whether it went over a limit, so that nothing is known."""


@dataclass(frozen=True, slots=True)
class Run:
    """How a process ended."""

    ok: bool
    error: str
    """What went wrong, on one line; with the position in the text where the tool gives one."""
    limited: bool
    """Whether it went over a limit, so that nothing is known."""
    output: str
    seconds: float
    sorries: tuple[int, ...] = ()
    """The lines at which the tool says that a declaration is left open, where it marks such messages."""

    @property
    def digest(self) -> str:
        """SHA-256 of the output."""
        return sha256(self.output)


async def completed(child: Child, seconds: float | None) -> tuple[Exit, str, str]:
    """Let a child that gets no input run to its end.

    Args:
        child: just started.
        seconds: wall-clock limit, None for none.

    Returns:
        How it ended, its standard output, and the end of its standard error.
    """
    if seconds is not None:
        child.kill_after(seconds)
    output = b""
    try:
        child.close_stdin()
        with contextlib.suppress(LimitExceeded):  # it is in the exit's cause too
            output = await child.read_all()
        ended = await child.wait()
    finally:
        if child.alive:
            await child.kill()
    return ended, output.decode("utf-8", "replace"), child.stderr_tail


def of_run(command: str, run: Run) -> Audit:
    """Return the audit that a process made."""
    result = "passed" if run.ok else "unknown" if run.limited else "failed"
    return Audit(command, result, run.error, run.digest, round(run.seconds, 3))


def of_failure(command: str, error: RunFailed, what: str = "") -> Audit:
    """Return the audit of a process that did not do its work; `what` says what that means."""
    message = f"{what}: {error.message}" if what else error.message
    return Audit(command, "unknown" if error.limited else "failed", message)
