"""A short question to an installed program, such as `lean --version`, which may be anything and say anything."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

_BLOCK = 65536
_GRACE_SECONDS = 0.5
"""How long a stream may stay open behind the end of its program: a child of that may hold it for ever."""


class AskFailed(Exception):
    """A program gave no usable answer; its text is one line that says why."""


def answer(command: Sequence[str], seconds: float = 20.0, most: int = 65536) -> str:
    """Run a program without input in `/` and return what it writes on its standard output.

    Args:
        command: the program with its arguments.
        seconds: wall-clock limit.
        most: how many bytes it may write on both streams together.

    Raises:
        AskFailed: it does not run, fails, writes too much or takes too long; it and its process group are killed.
    """
    shown = " ".join(command)
    try:
        # elan's stand-in for `lean` would look for a lean-toolchain where we happen to work.
        child = subprocess.Popen(
            list(command),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it cannot be started"
        raise AskFailed(f"{shown} does not run: {reason}") from None
    with child:
        try:
            said = _listen(child, shown, time.monotonic() + seconds, seconds, most)
        finally:
            with contextlib.suppress(OSError):
                os.killpg(child.pid, signal.SIGKILL)
    out, err = (said[name].decode("utf-8", "replace") for name in ("out", "err"))
    if child.returncode:
        words = " ".join(f"{out} {err}".split())[:200]
        words = "".join(char if char.isprintable() else "?" for char in words)
        raise AskFailed(f"{shown} failed: {words or f'exit code {child.returncode}'}")
    return out


def _listen(
    child: subprocess.Popen[bytes], shown: str, until: float, seconds: float, most: int
) -> Mapping[str, bytearray]:
    said = {"out": bytearray(), "err": bytearray()}
    with selectors.DefaultSelector() as streams:
        for stream, name in ((child.stdout, "out"), (child.stderr, "err")):
            if stream is not None:
                streams.register(stream, selectors.EVENT_READ, name)
        while streams.get_map():
            left = until - time.monotonic()
            if left <= 0:
                raise AskFailed(f"{shown} gives no answer within {seconds:g} s")
            ready = streams.select(min(left, _GRACE_SECONDS))
            if not ready and child.poll() is not None:
                break
            for key, _ in ready:
                block = os.read(key.fd, _BLOCK)
                if not block:
                    streams.unregister(key.fileobj)
                said[key.data] += block
            if sum(map(len, said.values())) > most:
                raise AskFailed(f"{shown} writes more than {most} bytes")
    try:
        child.wait(max(until - time.monotonic(), 0.0))
    except subprocess.TimeoutExpired:
        raise AskFailed(f"{shown} does not end within {seconds:g} s") from None
    return said
