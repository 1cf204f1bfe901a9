"""The options that Coq needs for a file: load paths, the project's own flags and the file's logical name.

Load paths and logical names are those of "Libraries and filesystem" in the Coq reference manual; `_CoqProject` is
described in "Building a Coq project with coq_makefile".
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from checkers.coq.installation import Installation
from lemmata.errors import InputError, Location, UsageError
from lemmata.goal import Obligation

PROJECT_FILES = ("_CoqProject", "_RocqProject")
"""The names of a project file, as it is looked for in a folder."""

_TOKEN = re.compile(r'[ \t\r\n]++|#[^\n]*+|"(?P<quoted>[^"]*)"|(?P<plain>[^ \t\r\n"#][^ \t\r\n]*+)|(?P<open>")')
_OPERANDS = {"-Q": 2, "-R": 2, "-I": 1, "-include": 1}


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line of Coq gets for one file."""

    arguments: tuple[str, ...]
    """Options for `coqtop` and `coqc` alike; their paths are absolute."""
    top: str
    """The logical name of the file's module, such as `Coq.Lists.List`: the operand of `-top`."""


def compiled_with(obligation: Obligation, settings: Mapping[str, str], installation: Installation) -> Flags:
    """Return how an obligation's file is compiled: as it was when it was read, where the settings tell.

    Args:
        obligation: the theorem.
        settings: `top` and `arguments`, a JSON list, are what was stored then; others as for `flags`.
        installation: the Coq that will read the file.

    Raises:
        InputError: what was stored is malformed; and as `flags`.
    """
    if not settings.get("top"):
        return flags(Path(obligation.location.file), settings, installation)
    try:
        arguments = json.loads(settings.get("arguments") or "[]")
    except ValueError:
        arguments = None
    if not isinstance(arguments, list) or not all(isinstance(word, str) for word in arguments):
        raise InputError("the obligation's compiler arguments are malformed", location=obligation.location)
    return Flags(tuple(arguments), settings["top"])


def flags(path: Path, options: Mapping[str, str], installation: Installation) -> Flags:
    """Return the options for a file.

    Args:
        path: the file.
        options: `coq_flags` is a JSON list of further arguments, whose relative paths are taken from the working
            directory; `root` is a folder that holds a copy of the standard library's `theories`.
        installation: the Coq that will read the file.

    Raises:
        InputError: the project file cannot be read.
        UsageError: `coq_flags` is not a JSON list of strings.
    """
    path = Path(os.path.abspath(path))
    own = _given(options.get("coq_flags", ""))
    if name := _library_name(path, options.get("root", ""), installation):
        noinit = ("-noinit",) if name.split(".")[:2] in (["Coq", "Init"], ["Corelib", "Init"]) else ()
        return Flags((*noinit, *own), name)
    project = _project_file(path)
    arguments = (*(_project(project) if project else ()), *own)
    return Flags(arguments, _logical_name(path, arguments))


def _given(text: str) -> tuple[str, ...]:
    if not text:
        return ()
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UsageError(f"coq_flags is not JSON: {error}", hint='write it like ["-Q", "theories", "Name"]') from None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError("coq_flags is not a list of strings", hint='write it like ["-Q", "theories", "Name"]')
    return _absolute(value, Path.cwd())


def _library_name(path: Path, root: str, installation: Installation) -> str:
    """Return the logical name of a file of the standard library or of a contribution, "" for any other."""
    theories = installation.where / "theories"
    # Rocq 9 keeps the core of the library in `theories`, the rest in `user-contrib/Stdlib`.
    first = "Coq" if installation.version.startswith("8.") else "Corelib"
    bindings = [(theories, first), (installation.where / "user-contrib", "")]
    if root:
        bindings.append((Path(root), first))
    for folder, name in bindings:
        for file, above in ((path, folder.absolute()), (path.resolve(), folder.resolve())):
            if file.is_relative_to(above):
                return _join(name, file.relative_to(above))
    return ""


def _project_file(path: Path) -> Path | None:
    for folder in path.parents:
        for name in PROJECT_FILES:
            if (folder / name).is_file():
                return folder / name
    return None


def _project(file: Path) -> tuple[str, ...]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the project file: {error}", location=Location(str(file))) from None
    words = list(_words(text, file))
    arguments: list[str] = []
    position = 0
    while position < len(words):
        line, word = words[position]
        count = _OPERANDS.get(word, 1 if word == "-arg" else 0)
        operands = [operand for _, operand in words[position + 1 : position + 1 + count]]
        if len(operands) < count:
            raise InputError(f"{word} lacks its operand", location=Location(str(file), line))
        if word == "-arg":
            arguments += _split_argument(operands[0], Location(str(file), line))
        elif count:
            arguments += [word, *operands]
        # Anything else is a file to compile, a variable, or an option of coq_makefile alone.
        position += 1 + count
    return _absolute(arguments, file.parent)


def _words(text: str, file: Path) -> Iterator[tuple[int, str]]:
    for found in _TOKEN.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        match found.lastgroup:
            case "open":
                raise InputError("the string does not end", location=Location(str(file), line), hint='close it with "')
            case "quoted" | "plain" as group:
                yield line, found.group(group)


def _split_argument(text: str, place: Location) -> list[str]:
    words = shlex.shlex(text, posix=True, punctuation_chars=False)
    words.whitespace_split = True
    words.escape = ""
    words.commenters = ""
    try:
        return list(words)
    except ValueError as error:
        raise InputError(f"-arg {text}: {error}", location=place) from None


def _absolute(arguments: Sequence[str], base: Path) -> tuple[str, ...]:
    result = list(arguments)
    for position, word in enumerate(arguments[:-1]):
        if word in _OPERANDS:
            # Lexically: a link's own name decides the logical name, not what it points to.
            result[position + 1] = os.path.normpath(base / arguments[position + 1])
    return tuple(result)


def _logical_name(path: Path, arguments: Sequence[str]) -> str:
    """Return the name that the last binding gives: Coq binds a folder with all below it, and rebinds what was bound."""
    name = _identifier(path.stem)
    for position, word in enumerate(arguments[:-2]):
        if word not in ("-Q", "-R"):
            continue
        folder = Path(arguments[position + 1])
        for file, above in ((path, folder), (path.resolve(), folder.resolve())):
            if file.is_relative_to(above):
                name = _join(arguments[position + 2], file.relative_to(above))
                break
    return name


def _join(prefix: str, relative: Path) -> str:
    names = [_identifier(part) for part in relative.with_suffix("").parts]
    return ".".join([prefix, *names] if prefix else names)


def _identifier(name: str) -> str:
    cleaned = re.sub(r"[^\w']", "_", name)
    return cleaned if re.match(r"[^\W\d]", cleaned) else f"_{cleaned}"
