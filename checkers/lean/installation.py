"""Where Lean 4 (4.8 up) is installed, and which programs of it there are.

Toolchains are those of elan: `lean-toolchain` names one, and elan keeps it in `toolchains/` of its home, under its
name with `/` written `--` and `:` written `---` (github.com/leanprover/elan). The toolchain's own programs are called
directly: elan's stand-ins would download what is missing in the middle of a proof.
"""

from __future__ import annotations

import functools
import os
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from checkers.asking import AskFailed, answer
from checkers.lean.project import toolchain_file
from lemmata.errors import BackendMissing

OLDEST = (4, 8)
"""Older versions are refused."""
_WANTED = f"{'.'.join(map(str, OLDEST))} or newer"
REPL_VARIABLE = "LEMMATA_LEAN_REPL"
"""Names the variable that holds the command of the REPL."""
INSTALL = "install it: curl https://elan.lean-lang.org/elan-init.sh -sSf | sh, then pip install 'lemmata[lean]'"

_VERSION = re.compile(r"\b(\d+)\.(\d+)\.(\d+)(?:-[0-9A-Za-z.]+)?")


@dataclass(frozen=True, slots=True)
class Installation:
    """The programs of one installed Lean."""

    lean: str
    """The path of `lean`."""
    lake: str
    """The path of `lake`, empty where there is none."""
    version: str
    """Such as `4.9.0`."""
    toolchain: str
    """What the nearest `lean-toolchain` asks for, such as `leanprover/lean4:v4.9.0`; empty where there is none."""
    checker: tuple[str, ...]
    """Begins the command that checks compiled modules again: `leanchecker` or `lean4checker`; empty where missing."""
    repl: tuple[str, ...] | None
    """The command of the REPL that the user names or that is on the PATH, None where there is none."""

    @property
    def number(self) -> tuple[int, int]:
        """The version's first two numbers."""
        major, minor, *_ = self.version.split(".")
        return int(major), int(minor)


def find(path: Path | None = None) -> Installation:
    """Return the Lean that a file is to be compiled with; looked up once per process, setting and toolchain.

    `LEAN_SYSROOT` leads, then the toolchain that the nearest `lean-toolchain` asks for where elan has it, then `PATH`,
    then elan's own folder.

    Args:
        path: the file or its folder; None for any Lean.

    Raises:
        BackendMissing: there is none, it does not run, it is older than 4.8, or elan lacks the toolchain.
    """
    wanted = toolchain_file(path) if path is not None else ""
    variables = ("LEAN_SYSROOT", "ELAN_HOME", "HOME", "PATH", REPL_VARIABLE)
    return _find(wanted, tuple(os.environ.get(name, "") for name in variables))


@functools.cache
def _find(wanted: str, variables: tuple[str, ...]) -> Installation:
    sysroot, elan_home, home, path, repl = variables
    elan = Path(elan_home or Path(home or "~").expanduser() / ".elan")
    lean = os.path.abspath(_lean(wanted, sysroot, elan, path))
    version = _version(lean)
    beside = str(Path(lean).parent)
    search = os.pathsep.join([beside, path, str(elan / "bin")])
    checker = shutil.which("leanchecker", path=search) or shutil.which("lean4checker", path=search)
    return Installation(
        lean=lean,
        lake=shutil.which("lake", path=search) or "",
        version=version,
        toolchain=wanted,
        checker=(checker,) if checker else (),
        repl=_repl(repl, path),
    )


def _lean(wanted: str, sysroot: str, elan: Path, path: str) -> str:
    if sysroot:
        if found := shutil.which("lean", path=str(Path(sysroot) / "bin")):
            return found
        raise BackendMissing(
            f"no lean in LEAN_SYSROOT ({sysroot})", hint="let LEAN_SYSROOT name the toolchain's folder, or unset it"
        )
    if wanted and (toolchain := _toolchain(wanted, elan)):
        return toolchain
    found = shutil.which("lean", path=path) or shutil.which("lean", path=str(elan / "bin"))
    if not found:
        raise BackendMissing(f"Lean 4 is not installed: there is no lean on the PATH; wanted: {_WANTED}", hint=INSTALL)
    if wanted and _is_elan(found):
        raise BackendMissing(
            f"this file wants the toolchain {wanted}, which elan has not installed",
            hint=f"install it: elan toolchain install {wanted}",
        )
    return found


def _toolchain(wanted: str, elan: Path) -> str:
    """Return the `lean` of a toolchain that elan has, "" where it has none of that name."""
    folder = elan / "toolchains" / wanted.replace("/", "--").replace(":", "---")
    return shutil.which("lean", path=str(folder / "bin")) or ""


def _is_elan(program: str) -> bool:
    return (Path(program).parent / "elan").is_file() or Path(program).resolve().name == "elan"


def _version(lean: str) -> str:
    try:
        said = answer([lean, "--version"])
    except AskFailed as error:
        raise BackendMissing(str(error), hint=INSTALL) from None
    found = _VERSION.search(said)
    if found is None:
        raise BackendMissing(f"{lean} does not tell its version", hint=INSTALL)
    if (int(found[1]), int(found[2])) < OLDEST:
        raise BackendMissing(
            f"Lean {found.group()} ({lean}) is too old: {_WANTED} is needed",
            hint="elan default leanprover/lean4:stable, or name a newer version in lean-toolchain",
        )
    return found.group()


def _repl(command: str, path: str) -> tuple[str, ...] | None:
    if command:
        try:
            return tuple(shlex.split(command)) or None
        except ValueError:
            return (command,)
    found = shutil.which("repl", path=path)
    return (found,) if found else None
