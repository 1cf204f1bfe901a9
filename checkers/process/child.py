"""One child process: started in a group of its own, limited, watched, and ended with everything it started."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Awaitable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from checkers.process import causes
from checkers.process.causes import Exit, Reason
from checkers.process.limits import Confinement, clean_environment, preparation, size_text
from checkers.process.pipes import Drain, OutputTooLarge, Reader, Writer
from lemmata.errors import BackendError, BackendMissing, LimitExceeded
from lemmata.verdict import Limits

T = TypeVar("T")

STDERR_KEPT = 64 << 10
OUTPUT_CAP = 256 << 20

_UNLIMITED = Limits(None, None, None, None)
_UNCONFINED = Confinement()

_live: set[Child] = set()


class Child:
    """A running command with pipes to its three standard streams; made by `spawn`.

    It belongs to the event loop in which it was started. One task at a time may read, and one may write.
    """

    def __init__(
        self, command: Sequence[str], limits: Limits, confinement: Confinement, output_cap: int = OUTPUT_CAP
    ) -> None:
        self.limits = limits
        self.exit: Exit | None = None
        """How it ended; None while it runs."""
        self.network_isolated = False
        """Whether the kernel cut it off from the network, as `Confinement.network=False` asks."""
        self.directory: Path | None = None
        """Its private directory, where it has one."""
        self.loop = asyncio.get_running_loop()
        """The event loop it belongs to."""
        self._output_cap = output_cap
        self._owner = os.getpid()
        self._reason: Reason | None = None
        if confinement.private_directory:
            self.directory = Path(tempfile.mkdtemp(prefix="lemmata-"))
        try:
            self._process, (stdin, stdout, stderr) = self._start(command, confinement)
        except BaseException:
            self._remove_directory()
            raise
        self.pid = self._process.pid
        """Process id, also of its process group and session."""
        self._started = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None
        self._ended: asyncio.Future[Exit] = self.loop.create_future()
        self._stdin = Writer(stdin, self.loop)
        self._stdout = Reader(stdout, self.loop, output_cap)
        self._stderr = Drain(stderr, self.loop, STDERR_KEPT)
        self._watch()
        if not _live:
            atexit.unregister(_end_all)
            atexit.register(_end_all)
        _live.add(self)

    def _start(
        self, command: Sequence[str], confinement: Confinement
    ) -> tuple[subprocess.Popen[bytes], tuple[int, int, int]]:
        environment = clean_environment(confinement.environment)
        if self.directory is not None:
            environment["TMPDIR"] = str(self.directory)
        try:
            with ExitStack() as ours, ExitStack() as theirs:
                stdin, stdin_ours = _pipe(theirs, ours)
                stdout_ours, stdout = _pipe(ours, theirs)
                stderr_ours, stderr = _pipe(ours, theirs)
                report_ours, report = _pipe(ours, theirs)
                process = subprocess.Popen(
                    list(command),
                    stdin=stdin,
                    stdout=stdout,
                    stderr=stderr,
                    cwd=self.directory or confinement.directory,
                    env=environment,
                    start_new_session=True,
                    preexec_fn=preparation(self.limits, confinement, report),  # noqa: PLW1509 - only system calls
                )
                theirs.close()
                self.network_isolated = os.read(report_ours, 1) == b"1"
                os.close(report_ours)
                ours.pop_all()
        except FileNotFoundError as error:
            if error.filename == command[0]:
                raise BackendMissing(f"{command[0]} is not installed") from error
            raise BackendError(f"{command[0]} cannot be started: no directory {error.filename}") from error
        except (OSError, subprocess.SubprocessError) as error:
            raise BackendError(f"{command[0]} cannot be started: {error}") from error
        return process, (stdin_ours, stdout_ours, stderr_ours)

    def _watch(self) -> None:
        """Have `_finish` called when the process ends, without reaping it: until then its group id stays its own."""
        self._pidfd = -1
        with contextlib.suppress(AttributeError, OSError):
            self._pidfd = os.pidfd_open(self.pid)
            self.loop.add_reader(self._pidfd, self._finish)
        if self._pidfd < 0:
            threading.Thread(target=self._await_end, daemon=True).start()

    def _await_end(self) -> None:
        # ChildProcessError: reaped by `end_now`; RuntimeError: the loop is closed, so nobody waits any more.
        with contextlib.suppress(ChildProcessError, RuntimeError):
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
            self.loop.call_soon_threadsafe(self._finish)

    @property
    def alive(self) -> bool:
        """Whether the process still runs, as far as is known."""
        return self.exit is None

    @property
    def stderr_tail(self) -> str:
        """The last 64 KiB of its standard error."""
        return self._stderr.text

    async def write(self, data: bytes) -> None:
        """Write all of `data` to its standard input; what it cannot take any more is dropped."""
        await self._stdin.write(data)

    def close_stdin(self) -> None:
        """Close its standard input, which tells most programs to end."""
        self._stdin.close()

    async def read_line(self) -> bytes:
        """Return the next line with its newline; without one at the end of the output, `b""` after it.

        Raises:
            LimitExceeded: the line is over the output cap; the child was killed.
        """
        return await self.read_until(b"\n")

    async def read_until(self, separator: bytes) -> bytes:
        """Return the output up to and including `separator`, or what is left at its end; raises as `read_line`."""
        return await self._capped(self._stdout.read_until(separator))

    async def read_exactly(self, count: int) -> bytes:
        """Return `count` bytes of output, fewer only at its end; raises as `read_line`."""
        return await self._capped(self._stdout.read_exactly(count))

    async def read_all(self) -> bytes:
        """Return all output up to its end; raises as `read_line`."""
        return await self._capped(self._stdout.read_all())

    async def _capped(self, reading: Awaitable[T]) -> T:
        try:
            return await reading
        except OutputTooLarge:
            reason = Reason(f"killed: output over {size_text(self._output_cap)}", "output")
            ended = await self.kill(reason)
            raise LimitExceeded(ended.cause) from None

    async def wait(self) -> Exit:
        """Wait until the process has ended and is reaped; its group is ended with it."""
        return await asyncio.shield(self._ended)

    async def kill(self, reason: Reason | None = None, *, grace: float = 0.0) -> Exit:
        """End the whole process group and reap it; safe to call twice.

        Args:
            reason: recorded as the cause of death.
            grace: seconds between SIGTERM and SIGKILL; 0 sends SIGKILL at once.
        """
        if grace > 0 and self.alive:
            self._reason = self._reason or reason or Reason("ended on request")
            self._signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wait(), grace)
        self.kill_now(reason)
        return await self.wait()

    def kill_now(self, reason: Reason | None = None) -> None:
        """Send SIGKILL to the whole group without waiting for its end."""
        if self.alive:
            self._reason = self._reason or reason or Reason("ended on request")
            self._signal(signal.SIGKILL)

    def kill_after(self, seconds: float) -> None:
        """Have the group killed when `seconds` of wall time have passed from now; replaces an earlier such time."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self.kill_now, causes.wall_time(seconds)) if self.alive else None

    def end_now(self) -> None:
        """Kill and reap at once, without an event loop: for clean-up when the loop is gone."""
        self.kill_now()
        self._finish()

    def interrupt(self) -> None:
        """Send the child alone, not its group, the signal that means that it may stop computing."""
        if self.alive and self.owned:
            os.kill(self.pid, signal.SIGUSR1)

    def _signal(self, number: signal.Signals) -> None:
        # The leader is not reaped before `_finish`, so the group id cannot belong to anybody else. Permission is
        # refused where a child changed its user; nothing more can be done then.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def _finish(self) -> None:
        """Reap the ended leader, end what is left of its group, and let go of everything."""
        if self.exit is not None:
            return
        self._signal(signal.SIGKILL)
        try:
            _, raw, usage = os.wait4(self.pid, 0)
            status = os.waitstatus_to_exitcode(raw)
        except ChildProcessError:  # somebody else in this program reaped it
            status, usage = 0, None
            self._reason = self._reason or Reason("ended, reaped elsewhere")
        self._process.returncode = status
        self._stdout.finish()
        self._stderr.finish()
        self._stdin.close()
        stdout, wall = self._stdout.tail.decode("utf-8", "replace"), time.monotonic() - self._started
        self.exit = causes.explain(status, usage, self.limits, self._reason, self._stderr.text, stdout, wall)
        loop_open = not self.loop.is_closed()
        if self._pidfd >= 0:
            if loop_open:
                self.loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1
        if self._timer is not None:
            self._timer.cancel()
        self._remove_directory()
        _live.discard(self)
        if loop_open and not self._ended.done():
            self._ended.set_result(self.exit)

    def _remove_directory(self) -> None:
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def owned(self) -> bool:
        """Whether this very process started it, rather than one it was forked from."""
        return os.getpid() == self._owner


def spawn(
    command: Sequence[str],
    limits: Limits = _UNLIMITED,
    confinement: Confinement = _UNCONFINED,
    *,
    output_cap: int = OUTPUT_CAP,
) -> Child:
    """Start a command under supervision, within a running event loop.

    On Linux the child is killed when the thread that started it ends, however that came about; what the child itself
    started in turn dies whenever the child's end is noticed here.

    Args:
        command: program and arguments; never given to a shell.
        limits: resource limits for its whole life; `wall_seconds` is left to the caller (`run_once`, requests).
        confinement: directory, environment, network, process count.
        output_cap: most bytes of one line of output, or of all of it in `read_all`.

    Raises:
        BackendMissing: there is no such program.
        BackendError: it cannot be started for another reason.
    """
    return Child(command, limits, confinement, output_cap)


def _pipe(reading: ExitStack, writing: ExitStack) -> tuple[int, int]:
    read, write = os.pipe()
    reading.callback(os.close, read)
    writing.callback(os.close, write)
    return read, write


def _end_all() -> None:
    """End what is still alive when the interpreter exits; a forked copy leaves its parent's children alone."""
    for child in list(_live):
        if child.owned:
            child.end_now()
