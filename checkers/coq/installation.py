"""Where Coq (8.16 up) or Rocq (9) is installed, and which parts of it there are.

Commands and options are those of "Coq commands" ("Rocq commands") in the reference manual; `COQBIN` names the folder
of the commands, as in the Makefiles of `coq_makefile`.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from checkers.asking import AskFailed, answer
from lemmata.errors import BackendMissing

OLDEST = (8, 16)
"""Older versions are refused."""

_INSTALL = "install it: apt-get install coq (Debian, Ubuntu), or opam install coq"


@dataclass(frozen=True, slots=True)
class Installation:
    """The commands of one installed Coq or Rocq."""

    compiler: tuple[str, ...]
    """Begins the command that compiles a file: `coqc`, or `rocq compile`."""
    toplevel: tuple[str, ...]
    """Begins the command of the interactive loop: `coqtop`, or `rocq repl`."""
    checker: tuple[str, ...]
    """Begins the command that checks compiled files: `coqchk` or `rocqchk`; empty where there is none."""
    version: str
    """Such as `8.16.1`."""
    where: Path
    """The folder of the standard library, which holds `theories` and `user-contrib`."""
    hammer: str
    """The version of CoqHammer's tactics, `installed` where that is unknown, empty where there are none."""


def find() -> Installation:
    """Return the Coq or Rocq that `COQBIN`, or else `PATH`, leads to; looked up once per process and setting.

    Raises:
        BackendMissing: there is none, it does not run, or it is older than 8.16.
    """
    return _find(os.environ.get("COQBIN", ""), os.environ.get("PATH", os.defpath))


@functools.cache
def _find(coqbin: str, path: str) -> Installation:
    for folder in [coqbin] if coqbin else path.split(os.pathsep):
        for found in _in_folder(folder or os.curdir):
            return found
    if coqbin:
        raise BackendMissing(
            f"no coqc or rocq in COQBIN ({coqbin})", hint="let COQBIN name the folder that holds coqc, or unset it"
        )
    raise BackendMissing("Coq is not installed: neither coqc nor rocq is on the PATH", hint=_INSTALL)


def _in_folder(folder: str) -> Iterator[Installation]:
    def command(name: str) -> str:
        return shutil.which(name, path=os.path.abspath(folder)) or ""

    # In one folder `rocq` goes first: the `coqc` beside it is then only a shim that complains.
    if rocq := command("rocq"):
        checker = command("rocqchk") or command("coqchk")
        yield _installation((rocq, "compile"), (rocq, "repl"), (checker,) if checker else ())
    elif (coqc := command("coqc")) and (coqtop := command("coqtop")):
        checker = command("coqchk")
        yield _installation((coqc,), (coqtop,), (checker,) if checker else ())


def _installation(compiler: tuple[str, ...], toplevel: tuple[str, ...], checker: tuple[str, ...]) -> Installation:
    version = _version(compiler)
    where = Path(_ask((*compiler, "-where")).strip())
    return Installation(compiler, toplevel, checker, version, where, _hammer(where))


def _version(compiler: tuple[str, ...]) -> str:
    answer = _ask((*compiler, "--print-version"))
    found = re.match(r"(\d+)\.(\d+)\S*", answer)
    if found is None:
        answer = _ask((*compiler, "--version"))
        found = re.search(r"\bversion (\d+)\.(\d+)\S*", answer)
    if found is None:
        raise BackendMissing(f"{' '.join(compiler)} does not tell its version", hint=_INSTALL)
    version = found.group().removeprefix("version ")
    if (int(found.group(1)), int(found.group(2))) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise BackendMissing(
            f"Coq {version} ({compiler[0]}) is too old: {oldest} or newer is needed",
            hint="opam install coq, and let COQBIN name the folder of the newer coqc",
        )
    return version


def _ask(command: tuple[str, ...]) -> str:
    try:
        return answer(command)
    except AskFailed as error:
        raise BackendMissing(str(error), hint=_INSTALL) from None


def _hammer(where: Path) -> str:
    if not (where / "user-contrib" / "Hammer" / "Tactics" / "Tactics.vo").is_file():
        return ""
    # Its findlib package, where the distribution keeps one, stands beside Coq's own folder.
    meta = where.parent / "coq-hammer-tactics" / "META"
    try:
        found = re.search(r'^\s*version\s*=\s*"([^"]+)"', meta.read_text(encoding="utf-8", errors="replace"), re.M)
    except OSError:
        return "installed"
    return found.group(1) if found else "installed"
