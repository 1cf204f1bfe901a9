"""Why a child process ended, in words a user can act on."""

from __future__ import annotations

import resource
import signal
from dataclasses import dataclass

from checkers.process.limits import seconds_text, size_text
from lemmata.verdict import Limits

_MEMORY_SIGNS = (
    "MemoryError",
    "out of memory",
    "Out of memory",
    "Out_of_memory",
    "bad_alloc",
    "annot allocate memory",
    "memory exhausted",
    "failed to map segment from shared object",
)
_FILE_SIGNS = ("File too large", "[Errno 27]")


@dataclass(frozen=True, slots=True)
class Exit:
    """How a child ended."""

    code: int | None
    """Exit code; None when a signal ended it."""
    signal: int | None = None
    cause: str = ""
    """What happened, for example `killed: memory limit 2 GiB`; empty after exit code 0."""
    limit: str = ""
    """The limit that was hit: `wall`, `cpu`, `memory`, `file` or `output`; empty when it was none."""
    seconds: float = 0.0
    """Wall time from start to end."""
    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    """Largest resident size of the child and of the children it waited for."""

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with exit code 0."""
        return self.code == 0 and not self.cause


@dataclass(frozen=True, slots=True)
class Reason:
    """Why we killed a child ourselves."""

    text: str
    limit: str = ""


def wall_time(seconds: float) -> Reason:
    """Return the reason for a kill after `seconds` of wall time."""
    return Reason(f"killed: wall-time limit {seconds_text(seconds)}", "wall")


def memory(limits: Limits) -> Reason:
    """Return the reason for an end by lack of memory, which `limits.memory_bytes` usually is."""
    if limits.memory_bytes is None:
        return Reason("killed: out of memory", "memory")
    return Reason(f"killed: memory limit {size_text(limits.memory_bytes)}", "memory")


def out_of_memory(text: str) -> bool:
    """Say whether a backend's last words are those of one that could not get more memory."""
    return any(sign in text for sign in _MEMORY_SIGNS)


def last_line(text: str) -> str:
    """Return the last line that is not blank, at most 300 characters of it."""
    return next((line.strip()[:300] for line in reversed(text.splitlines()) if line.strip()), "")


def explain(
    status: int,
    usage: resource.struct_rusage | None,
    limits: Limits,
    reason: Reason | None,
    stderr: str,
    stdout: str,
    wall: float,
) -> Exit:
    """Turn what the kernel and the child said into an `Exit`.

    Args:
        status: exit code, or minus the signal's number.
        usage: resources used, None when unknown.
        limits: what the child ran under.
        reason: why we killed it, None when we did not.
        stderr: the end of its standard error, where programs say why they end.
        stdout: the end of its standard output, where solvers complain about memory.
        wall: seconds from start to end.
    """
    cpu = usage.ru_utime + usage.ru_stime if usage else 0.0
    why = reason or _own_end(status, cpu, limits, stderr, stdout)
    return Exit(
        code=status if status >= 0 else None,
        signal=-status if status < 0 else None,
        cause=why.text,
        limit=why.limit,
        seconds=wall,
        cpu_seconds=cpu,
        memory_bytes=usage.ru_maxrss * 1024 if usage else 0,
    )


def _own_end(status: int, cpu: float, limits: Limits, stderr: str, stdout: str) -> Reason:
    if status == 0:
        return Reason("")
    limit = limits.cpu_seconds
    if limit is not None and (status == -signal.SIGXCPU or (status == -signal.SIGKILL and cpu >= limit)):
        return Reason(f"killed: CPU limit {seconds_text(limit)}", "cpu")
    if limits.file_bytes is not None:
        # Python ignores SIGXFSZ and raises an OSError instead.
        too_large = status > 0 and all(sign in last_line(stderr) for sign in _FILE_SIGNS)
        if status == -signal.SIGXFSZ or too_large:
            return Reason(f"killed: file-size limit {size_text(limits.file_bytes)}", "file")
    if limits.memory_bytes is not None and out_of_memory(stderr[-2048:] + stdout):
        return memory(limits)
    if status < 0:
        return Reason(f"killed by signal {-status} ({_signal_name(-status)})")
    line = last_line(stderr)
    return Reason(f"exited with code {status}" + (f": {line}" if line else ""))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown signal"
