"""Where F* is installed, and which versions of Z3 stand beside it.

`fstar.exe` looks for `z3-VERSION` and `z3` on the PATH and in its own `lib/fstar` (FStarLang/FStar, INSTALL.md).
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from checkers.asking import AskFailed, answer
from lemmata.errors import BackendMissing

WANTED = "2023.4 or newer"
"""Since then, `--report_assumes` and errors for a `val` without definition are as verification needs them."""
_OLDEST = (2023, 4)
INSTALL = "opam install fstar, or unpack a release from github.com/FStarLang/FStar/releases"
"""What installs it."""
INSTALL_Z3 = "get_fstar_z3.sh of the F* release, or opam install z3"


@dataclass(frozen=True, slots=True)
class Installation:
    """One installed F*."""

    program: str
    """The path of `fstar.exe`."""
    version: str
    """Such as `2025.10.06`."""
    solvers: tuple[str, ...]
    """The names of the Z3 programs that it can find, such as `z3-4.13.3`."""


def find() -> Installation:
    """Return the F* that `FSTAR_EXE`, `FSTAR_HOME` or the `PATH` leads to; looked up once per process and setting.

    Raises:
        BackendMissing: there is none, it does not run, or it is too old.
    """
    environment = os.environ
    return _find(environment.get("FSTAR_EXE", ""), environment.get("FSTAR_HOME", ""), environment.get("PATH", ""))


@functools.cache
def _find(named: str, home: str, path: str) -> Installation:
    if named:
        program = shutil.which(named, path=path)
        if program is None:
            raise BackendMissing(f"FSTAR_EXE names no program: {named}", hint="let it name fstar.exe, or unset it")
    else:
        inside = str(Path(home, "bin", "fstar.exe")) if home else ""
        program = (inside and shutil.which(inside)) or shutil.which("fstar.exe", path=path)
        if not program:
            raise BackendMissing("F* is not installed: fstar.exe is not on the PATH", hint=INSTALL)
    program = os.path.abspath(program)
    return Installation(program, _version(program), _solvers(program, path))


def _version(program: str) -> str:
    try:
        said = answer([program, "--version"])
    except AskFailed as error:
        raise BackendMissing(str(error), hint=INSTALL) from None
    found = re.search(r"(\d+)\.(\d+)(?:\.\d+)*", said)
    if found is None:
        raise BackendMissing(f"{program} does not tell its version", hint=INSTALL)
    if (int(found[1]), int(found[2])) < _OLDEST:
        raise BackendMissing(f"F* {found[0]} ({program}) is too old: {WANTED} is wanted", hint=INSTALL)
    return found[0]


def _solvers(program: str, path: str) -> tuple[str, ...]:
    folders = [Path(folder) for folder in path.split(os.pathsep) if folder]
    shipped = Path(program).parents[1] / "lib" / "fstar"
    with contextlib.suppress(OSError):
        folders += [folder / "bin" for folder in shipped.glob("z3-*")]
    found: set[str] = set()
    for folder in folders:
        try:
            for file in folder.glob("z3*"):
                if re.fullmatch(r"z3(-\d+(\.\d+)*)?(\.exe)?", file.name) and os.access(file, os.X_OK):
                    own = folder.parent.name if file.name == "z3" and folder.parent.name.startswith("z3-") else ""
                    found.add(own or file.name.removesuffix(".exe"))
        except OSError:
            continue
    return tuple(sorted(found))
