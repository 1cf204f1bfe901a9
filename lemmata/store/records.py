"""What the store hands out: plain values, without a database behind them."""

from __future__ import annotations

import enum
import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class RunStatus(enum.Enum):
    """How a run stands; one whose process was killed stays `RUNNING`, see `RunRecord.alive`."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Process:
    """A process, told apart from a later one that got the same number."""

    host: str
    pid: int
    started: str
    """Start time in the kernel's own clock, empty where it cannot be found out."""

    @classmethod
    def current(cls) -> Process:
        """Return the process that is running this."""
        return cls(socket.gethostname(), os.getpid(), _start_time(os.getpid()))

    @property
    def local(self) -> bool:
        """Whether it runs, or ran, on this machine."""
        return self.host == socket.gethostname()

    def alive(self) -> bool:
        """Say whether it still runs; a process on another machine counts as running."""
        if not self.local:
            return True
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return _start_time(self.pid) == self.started


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One invocation of a command that proves things."""

    id: int
    command: tuple[str, ...]
    settings: Mapping[str, Any]
    fingerprint: str
    status: RunStatus
    process: Process
    started: float
    """Seconds since the epoch."""
    finished: float | None

    @property
    def alive(self) -> bool:
        """Whether its process is still at work; False for a run that was killed."""
        return self.status is RunStatus.RUNNING and self.process.alive()


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """One obligation of a run."""

    id: int
    run: int
    target: str
    obligation: str
    """The obligation's key."""
    name: str
    system: str
    started: float
    finished: float | None
    """Seconds since the epoch; None while there is no verdict."""
    verdict: str | None
    reason: str | None
    seconds: float | None
    result: str | None
    """The result's JSON text, as it was given."""


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """A certificate that was written, and where."""

    id: int
    task: int | None
    key: str
    """The obligation's key."""
    path: str
    created: float
    """Seconds since the epoch."""


def run_record(row: Any) -> RunRecord:
    """Read a row of the table of runs."""
    return RunRecord(
        id=row.id,
        command=tuple(json.loads(row.command)),
        settings=json.loads(row.settings),
        fingerprint=row.fingerprint,
        status=RunStatus(row.status),
        process=Process(row.host, row.pid, row.process_started),
        started=row.started,
        finished=row.finished,
    )


def _start_time(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    # The command name, in parentheses, may hold anything; after it, field 3 comes first and field 22 is wanted.
    fields = stat.rpartition(")")[2].split()
    # A zombie has ended: only its parent has not looked yet.
    return "" if fields[0] in "ZX" else fields[19]
