"""Where Isabelle (Isabelle2021 up) is installed.

`isabelle version` prints the name of the release, such as `Isabelle2024`; `ISABELLE_TOOL` names the program, and
`ISABELLE_HOME` the folder of the distribution ("The Isabelle system environment" in the Isabelle system manual).
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import select
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lemmata.errors import BackendMissing

OLDEST = 2021
"""Older releases are refused."""

INSTALL = "download it from https://isabelle.in.tum.de, unpack it and put its folder bin on the PATH"

_TIMEOUT = 20.0
"""Seconds."""
_LONGEST = 4096
"""Bytes of output that are read."""


@dataclass(frozen=True, slots=True)
class Installation:
    """One installed Isabelle."""

    program: str
    """Path of `isabelle`."""
    version: str
    """Name of the release, such as `Isabelle2024`."""
    year: int


def find() -> Installation:
    """Return the Isabelle that `ISABELLE_TOOL`, `ISABELLE_HOME` or `PATH` leads to; looked up once per setting.

    Raises:
        BackendMissing: there is none, it does not run, or it is older than Isabelle2021.
    """
    get = os.environ.get
    return _find(get("ISABELLE_TOOL", ""), get("ISABELLE_HOME", ""), get("PATH", os.defpath))


@functools.cache
def _find(tool: str, home: str, path: str) -> Installation:
    for setting, place in (("ISABELLE_TOOL", tool), ("ISABELLE_HOME", home and str(Path(home, "bin", "isabelle")))):
        if place:
            if not shutil.which(place):
                raise BackendMissing(f"{setting} names {place}, which is no program", hint=f"mend or unset {setting}")
            return _installation(place)
    found = shutil.which("isabelle", path=path)
    if found is None:
        raise BackendMissing("Isabelle is not installed: isabelle is not on the PATH", hint=INSTALL)
    return _installation(os.path.abspath(found))


def _installation(program: str) -> Installation:
    try:
        version = _said(program).decode("utf-8", "replace").strip()
    except (OSError, ValueError) as error:
        raise BackendMissing(f"{program} does not run: {error}", hint=INSTALL) from None
    named = re.fullmatch(r"Isabelle(\d{4})\S*", version)
    if named is None:
        raise BackendMissing(f"{program} is no release of Isabelle: it is {version[:80]!a}", hint=INSTALL)
    if int(named[1]) < OLDEST:
        raise BackendMissing(
            f"{version} ({program}) is too old: Isabelle{OLDEST} or newer is needed",
            hint=f"{INSTALL}, or let ISABELLE_TOOL name the newer one",
        )
    return Installation(program, version, int(named[1]))


def _said(program: str) -> bytes:
    """Return the beginning of what `isabelle version` prints, and end what it started.

    Raises:
        OSError: it cannot be started, takes too long, or fails.
    """
    command = [program, "version"]
    nothing = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdin=nothing, stdout=subprocess.PIPE, stderr=nothing, start_new_session=True
    ) as child:
        try:
            output = _beginning(child)
            if child.wait(_TIMEOUT):
                raise OSError(f"exit code {child.returncode}")
        except subprocess.TimeoutExpired:
            raise OSError(f"it takes longer than {_TIMEOUT:.0f} s") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
    return output


def _beginning(child: subprocess.Popen[bytes]) -> bytes:
    output = b""
    deadline = time.monotonic() + _TIMEOUT
    if child.stdout is None:
        return output
    while len(output) < _LONGEST:
        ready, _, _ = select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise subprocess.TimeoutExpired(child.args, _TIMEOUT)
        piece = os.read(child.stdout.fileno(), _LONGEST)
        if not piece:
            return output
        output += piece
    raise OSError("it does not stop talking")
