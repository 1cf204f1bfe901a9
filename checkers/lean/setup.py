"""Finding the Lean REPL, and having it built where somebody asks for that.

A REPL works with exactly the Lean version that it was built with. `lean-interact` (extra `lean`, Lean 4.8 and later)
downloads its sources and builds it for a project; that happens here and nowhere else, and only by

    python -m checkers.lean.setup [DIR]

where DIR is a Lake project. The program is then remembered for its version of Lean.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from lemmata.errors import BackendError, BackendMissing, InputError, LemmataError, UsageError

VARIABLE = "LEMMATA_LEAN_REPL"
"""Holds the REPL's command; it goes before any other."""
INSTALL = "pip install 'lemmata[lean]'"
"""Installs what builds the REPL."""
_OLDEST = (4, 8)


def repl_command(project: Path | None, version: str) -> tuple[str, ...]:
    """Return the command that starts the REPL, without any environment that a project needs.

    Args:
        project: folder of the Lake project, None for a file of its own.
        version: of Lean, for example `4.22.0`; empty where it is not known.

    Raises:
        BackendMissing: there is none; the hint is the command that sets it up.
    """
    named = os.environ.get(VARIABLE, "")
    if named:
        try:
            words = shlex.split(named)
        except ValueError:
            words = [named]
        program = shutil.which(words[0]) if words else None
        if program is None:
            raise BackendMissing(f"{VARIABLE} names no program: {named}", hint=f"set {VARIABLE} to the Lean REPL")
        return (str(Path(program).absolute()), *words[1:])
    found = shutil.which("repl")
    if found is not None:
        return (found,)
    built = _remembered().get(_plain(version))
    if built is not None and shutil.which(built) is not None:
        return (built,)
    raise BackendMissing("the Lean REPL is not installed", hint=hint(project))


def hint(project: Path | None) -> str:
    """Return the command that installs the REPL."""
    make = "python -m checkers.lean.setup" + (f" {project}" if project else "")
    return make if find_spec("lean_interact") is not None else f"{INSTALL} && {make}"


def home(command: Sequence[str]) -> Path | None:
    """Return the folder of a REPL that was built from its sources, which names its version of Lean; None for others."""
    program = Path(command[0]) if command else Path()
    folder = program.parents[3] if len(program.parents) > 3 else None
    return folder if folder is not None and (folder / "lean-toolchain").is_file() else None


def make(project: Path | None, version: str = "") -> Path:
    """Download and build the REPL by lean-interact, and remember its program.

    Args:
        project: folder of the Lake project that it is for; its Lean version counts.
        version: Lean version, for example `v4.22.0`, where there is no project; empty for the newest.

    Raises:
        BackendMissing: lean-interact is not installed.
        BackendError: it failed.
        InputError: the folder is no Lake project.
    """
    _known(version)
    if project is not None and not (project / "lean-toolchain").is_file():
        raise InputError(f"{project} is no Lake project: it has no lean-toolchain")
    try:
        from lean_interact import LeanREPLConfig, LocalProject  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise BackendMissing("lean-interact is not installed", hint=INSTALL) from None
    try:
        if project is not None:
            config = LeanREPLConfig(project=LocalProject(directory=str(project), auto_build=False), verbose=True)
        else:
            config = LeanREPLConfig(lean_version=version or None, verbose=True)
        program = Path(config.cache_repl_dir) / ".lake" / "build" / "bin" / "repl"
        built = _plain(str(config.lean_version))
    except Exception as error:
        # Whatever git, lake or the network did to it.
        raise BackendError(f"lean-interact cannot set up the Lean REPL: {error}") from error
    if not program.is_file():
        raise BackendError(f"lean-interact built no REPL: there is no {program}")
    _remember(built, str(program))
    return program


def _known(version: str) -> None:
    parts = _plain(version).split(".")[:2]
    if version and not all(part.isdigit() for part in parts):
        raise UsageError(f"{version!r} is no version of Lean", hint="write it like v4.22.0")
    if version and tuple(map(int, parts)) < _OLDEST:
        raise UsageError(f"Lean {version} is too old", hint="4.8 is the oldest that lean-interact supports")


def _plain(version: str) -> str:
    return version.strip().rsplit(":", 1)[-1].removeprefix("v")


def _memory() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "lemmata" / "lean-repl.json"


def _remembered() -> dict[str, str]:
    try:
        value = json.loads(_memory().read_text("utf-8"))
    except (OSError, ValueError, RecursionError, RuntimeError):
        return {}
    return {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}


def _remember(version: str, program: str) -> None:
    place = _memory()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=place.parent, delete=False, encoding="utf-8") as file:
            json.dump({**_remembered(), version: program}, file)
        Path(file.name).replace(place)
    except OSError as error:
        raise BackendError(f"cannot write {place}: {error}") from error


def main(arguments: Sequence[str]) -> int:
    """Build the REPL for a Lake project, or for the newest Lean; return the exit code."""
    if len(arguments) > 1 or any(a.startswith("-") for a in arguments):
        print("usage: python -m checkers.lean.setup [DIR]", file=sys.stderr)
        return 2
    try:
        program = make(Path(arguments[0]).absolute() if arguments else None)
    except LemmataError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"the Lean REPL is ready: {program}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
