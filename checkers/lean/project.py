"""The Lake project that a Lean file belongs to, its toolchain, and the options that its files are compiled with.

Follows "Lake" in the Lean language reference: `lakefile.toml` or `lakefile.lean` marks the root of a package,
`leanOptions` there and in its libraries are options for `lean`, and `lean-toolchain` names the version of Lean. A
`lakefile.lean` is a program, which is not run here: only options written out as literals are found in it.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkers.lean.lexer import Token, TokenKind, tokens
from lemmata.errors import InputError, Location
from lemmata.goal import Obligation

LAKE_FILES = ("lakefile.lean", "lakefile.toml")
TOOLCHAIN_FILE = "lean-toolchain"

_OPTION = re.compile(r"-D(?:weak\.)?(?P<name>[A-Za-z][\w.]*)=(?P<value>[\w.-]*)")
_UNSAFE = re.compile(r"debug\.|bootstrap\.")
_MODULE_PART = re.compile(r"[^\W\d][\w'!?]*")
_SIZE_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Project:
    """How a file is compiled."""

    root: str
    """The folder of the Lake project, absolute; empty where there is none."""
    module: str
    """The file's module name, such as `MiniF2F.Test.foo`."""
    toolchain: str
    """What `lean-toolchain` says, empty where there is none."""
    arguments: tuple[str, ...]
    """Options for `lean`, such as `-DautoImplicit=false`."""

    def options(self) -> tuple[tuple[str, str], ...]:
        """Return it as an obligation's options, sorted by name."""
        return (
            ("arguments", json.dumps(list(self.arguments))),
            ("module", self.module),
            ("project", self.root),
            ("toolchain", self.toolchain),
        )


def project(path: Path) -> Project:
    """Find the project of a file.

    Args:
        path: the file, which need not exist.

    Raises:
        InputError: the project's `lakefile.toml` cannot be read.
    """
    path = Path(os.path.abspath(path))
    root = project_root(path)
    toolchain = toolchain_file(path)
    if root is None:
        return Project("", _module(Path(path.name)), toolchain, ())
    return Project(str(root), _module(path.relative_to(root)), toolchain, tuple(_arguments(root)))


def compiled_with(obligation: Obligation) -> Project:
    """Return how an obligation's file is compiled, as its options say.

    Raises:
        InputError: the options are malformed, or one of them may not be given to Lean.
    """
    text = obligation.option("arguments", "[]")
    try:
        arguments = json.loads(text)
    except ValueError:
        arguments = None
    if not isinstance(arguments, list) or not all(isinstance(word, str) for word in arguments):
        raise InputError("the obligation's compiler arguments are malformed", location=obligation.location)
    if problem := unsafe_option(arguments):
        raise InputError(problem, location=obligation.location)
    return Project(
        obligation.option("project"), obligation.option("module"), obligation.option("toolchain"), tuple(arguments)
    )


def unsafe_option(arguments: Sequence[str]) -> str:
    """Return what is wrong with options for `lean`, empty where nothing is: each is `-Dname=value`, none weakens it."""
    for word in arguments:
        found = _OPTION.fullmatch(word)
        if found is None or _UNSAFE.match(found["name"]):
            return f"the option {word} is not allowed"
    return ""


def project_root(path: Path) -> Path | None:
    """Return the nearest folder above a file that holds a lakefile, None where there is none."""
    for folder in Path(os.path.abspath(path)).parents:
        if any((folder / name).is_file() for name in LAKE_FILES):
            return folder
    return None


def toolchain_file(path: Path) -> str:
    """Return what the nearest `lean-toolchain` at or above a file or folder says, empty where there is none."""
    path = Path(os.path.abspath(path))
    for folder in (path, *path.parents):
        try:
            text = (folder / TOOLCHAIN_FILE).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        word = (text.split() or [""])[0]
        return word if re.fullmatch(r"[\w./:+-]+", word) and ".." not in word else ""
    return ""


def _module(relative: Path) -> str:
    parts = relative.with_suffix("").parts
    return ".".join(part if _MODULE_PART.fullmatch(part) else f"«{part}»" for part in parts)


def _arguments(root: Path) -> Iterator[str]:
    """Yield the options of a project, each as `-Dname=value`, later ones overruling earlier ones."""
    found: dict[str, str] = {}
    if (lean := root / "lakefile.lean").is_file():  # where both are there, Lake reads this one
        found.update(_from_lean(_text(lean)))
    elif (file := root / "lakefile.toml").is_file():
        found.update(_from_toml(_text(file), file))
    for name, value in found.items():
        argument = f"-D{name}={value}"
        if _OPTION.fullmatch(argument):
            yield argument


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(_SIZE_LIMIT).decode("utf-8", "replace")
    except OSError as error:
        raise InputError(f"cannot read the project file: {error}", location=Location(str(file))) from None


def _from_toml(text: str, file: Path) -> Iterator[tuple[str, str]]:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"cannot read the project file: {error}", location=Location(str(file))) from None
    libraries = content.get("lean_lib", [])
    for table in [content, *(libraries if isinstance(libraries, list) else [])]:
        options = table.get("leanOptions") if isinstance(table, Mapping) else None
        if isinstance(options, Mapping):
            yield from _flat("", options)


def _flat(prefix: str, options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in options.items():
        match value:
            case Mapping():
                yield from _flat(f"{prefix}{name}.", value)
            case bool():
                yield prefix + name, str(value).lower()
            case int() | str():
                yield prefix + name, str(value)


def _from_lean(text: str) -> Iterator[tuple[str, str]]:
    """Yield the options ``⟨`name, value⟩`` of a `lakefile.lean`."""
    try:
        found = tokens(text)
    except InputError:
        return
    for index, token in enumerate(found[:-4]):
        if token.text == "⟨" and found[index + 1].text == "`" and found[index + 3].text == ",":
            value = _value(found[index + 4 : index + 6])
            if value:
                yield found[index + 2].text, value


def _value(behind: Sequence[Token]) -> str:
    first = behind[0]
    if first.text == "." and len(behind) > 1:  # `.ofNat 5`
        return ""
    if first.kind is TokenKind.LITERAL:
        return first.text.strip('"')
    return first.text if first.kind is TokenKind.NUMBER or first.text in ("true", "false") else ""
