"""Where Isabelle (Isabelle2021 up) is installed.

`isabelle version` prints the name of the release, such as `Isabelle2024`; `ISABELLE_TOOL` names the program, and
`ISABELLE_HOME` the folder of the distribution ("The Isabelle system environment" in the Isabelle system manual).
"""

from __future__ import annotations

import functools
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from checkers.asking import AskFailed, answer
from lemmata.errors import BackendMissing

OLDEST = 2021
"""Older releases are refused."""

INSTALL = "download it from https://isabelle.in.tum.de, unpack it and put its folder bin on the PATH"


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
            named = shutil.which(place)
            if named is None:
                raise BackendMissing(f"{setting} names {place}, which is no program", hint=f"mend or unset {setting}")
            return _installation(named)
    found = shutil.which("isabelle", path=path)
    if found is None:
        raise BackendMissing("Isabelle is not installed: isabelle is not on the PATH", hint=INSTALL)
    return _installation(found)


def _installation(program: str) -> Installation:
    program = os.path.abspath(program)
    try:
        version = answer([program, "version"]).strip()
    except AskFailed as error:
        raise BackendMissing(str(error), hint=INSTALL) from None
    named = re.fullmatch(r"Isabelle(\d{4})\S*", version)
    if named is None:
        raise BackendMissing(f"{program} is no release of Isabelle: it is {version[:80]!a}", hint=INSTALL)
    if int(named[1]) < OLDEST:
        raise BackendMissing(
            f"{version} ({program}) is too old: Isabelle{OLDEST} or newer is needed",
            hint=f"{INSTALL}, or let ISABELLE_TOOL name the newer one",
        )
    return Installation(program, version, int(named[1]))
