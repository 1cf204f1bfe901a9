"""The viewer beside a running command, in a process of its own so that it takes nothing from the search."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

_GOODBYE_SECONDS = 5.0


class Companion:
    """`lemmata view` on the run of this process; it ends when this process does, however that ends.

    Args:
        store: the run is recorded there.
        color: as the command line has it.
    """

    def __init__(self, store: Path, color: str) -> None:
        self._store = store
        self._color = color
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, run: int) -> None:
        """Open the page of a run."""
        command = [sys.executable, "-m", "lemmata", "view", str(run), "--store", str(self._store), "--until-eof"]
        # Its standard input is a pipe that the kernel closes with this process; standard output stays ours alone.
        self._child = subprocess.Popen(
            [*command, "--color", self._color], stdin=subprocess.PIPE, stdout=sys.stderr.fileno()
        )

    def wait(self) -> None:
        """Return when the viewer has ended, by Ctrl-C for example."""
        if self._child is not None:
            with contextlib.suppress(KeyboardInterrupt):
                self._child.wait()

    def close(self) -> None:
        """End the viewer; safe to call twice."""
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(OSError):
            if child.stdin is not None:
                child.stdin.close()
        try:
            child.wait(_GOODBYE_SECONDS)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            child.kill()
            child.wait()
