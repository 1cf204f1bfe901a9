"""How a file is compiled: options and folders from the nearest `*.fst.config.json`.

The format is that of the VS Code extension (FStarLang/fstar-vscode-assistant, README): an object with `fstar_exe`,
`options` and `include_dirs`, in which `$NAME` and `${NAME}` stand for environment variables; folders are taken from
the configuration's own.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkers.files import read
from checkers.fstar.options import words
from lemmata.errors import InputError, Location
from lemmata.goal import Obligation

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line of F* gets for one file."""

    arguments: tuple[str, ...] = ()
    """Options, none of which writes anything."""
    includes: tuple[str, ...] = ()
    """Absolute folders in which modules are looked for, besides the file's own."""
    problem: str = ""
    """What is wrong with an option; nothing is proved under it."""

    def to_json(self) -> str:
        """Return the text that an obligation's option `flags` holds."""
        return json.dumps({"arguments": self.arguments, "includes": self.includes, "problem": self.problem})

    def command(self) -> list[str]:
        """Return the arguments with the folders."""
        return [*self.arguments, *(word for folder in self.includes for word in ("--include", folder))]


def flags(path: Path) -> Flags:
    """Return how a file is compiled.

    Raises:
        InputError: its configuration cannot be read.
    """
    config = _nearest(Path(os.path.abspath(path)))
    if config is None:
        return Flags()
    value = _load(config)
    kept, problem = words(_texts(value, "options", config))
    own = value.get("fstar_exe", "fstar.exe")
    if own not in ("fstar.exe", "fstar") and not os.environ.get("FSTAR_EXE"):
        problem = problem or f"{config.name} names a program, {own!r}: let FSTAR_EXE name it if it can be trusted"
    arguments: list[str] = []
    includes: list[str] = []
    for word in kept:
        if arguments[-1:] == ["--include"]:
            arguments.pop()
            includes.append(_folder(word, config))
        else:
            arguments.append(word)
    includes += [_folder(text, config) for text in _texts(value, "include_dirs", config)]
    return Flags(tuple(arguments), tuple(dict.fromkeys(includes)), problem)


def file_name(path: Path) -> str:
    """Return the name under which F* is given a file.

    Raises:
        InputError: F* would take the name for something else than a file's.
    """
    if not re.fullmatch(r"\w[\w.' -]*", path.name):
        raise InputError("F* cannot be given a file of this name", hint="rename it", location=Location(str(path)))
    return path.name


def compiled_with(obligation: Obligation) -> Flags:
    """Return how an obligation's file is compiled, as it was when it was read.

    Raises:
        InputError: what was stored is malformed.
    """
    try:
        value = json.loads(obligation.option("flags") or "{}")
    except ValueError:
        value = None
    match value:
        case {"arguments": [*arguments], "includes": [*includes], "problem": str(problem)} if all(
            isinstance(word, str) for word in (*arguments, *includes)
        ):
            # The options may have been written by anybody: they are looked through again.
            kept, wrong = words(arguments)
            return Flags(tuple(kept), tuple(includes), problem or wrong)
        case {} if value == {}:
            return Flags()
    raise InputError("the obligation's compiler options are malformed", location=obligation.location)


def _nearest(path: Path) -> Path | None:
    for folder in path.parents:
        try:
            found = sorted(folder.glob("*.fst.config.json"))
        except OSError:
            continue
        if found:
            return found[0]
    return None


def _load(config: Path) -> Mapping[str, Any]:
    place = Location(str(config))
    try:
        value = json.loads(read(config, _LARGEST))
    except (ValueError, RecursionError) as error:
        raise InputError(f"the configuration is not JSON: {error}", location=place) from None
    if not isinstance(value, dict):
        raise InputError("the configuration is not a JSON object", location=place)
    return value


def _texts(value: Mapping[str, Any], key: str, config: Path) -> list[str]:
    given = value.get(key) or []
    if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
        raise InputError(f"{key} is not a list of strings", location=Location(str(config)))
    return [_VARIABLE.sub(lambda found: os.environ.get(found[1] or found[2], found[0]), text) for text in given]


def _folder(text: str, config: Path) -> str:
    return os.path.normpath(config.parent / text)
