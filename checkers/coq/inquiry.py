"""What a fresh Coq says of the theorem at the end of a text: its statement, and what it rests on."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from checkers.coq.assumptions import Assumption, full_name, libraries, library_of, parse
from checkers.coq.goals import WIDE
from checkers.coq.runs import Questions, Workspace
from checkers.runs import RunFailed

SETTINGS = ("Set Printing All.", *WIDE)
"""Sentences after which terms are printed in full, without notations and with all implicit arguments."""
_FILE = re.compile(r"has been loaded from file\s+(\S.*?)\s*$", re.S)


@dataclass(frozen=True, slots=True)
class Origin:
    """An assumption, and where it comes from."""

    assumption: Assumption
    full: str = ""
    """The full name, empty where Coq does not tell."""
    library: str = ""
    """The library that declares it, empty where none does."""
    file: str = ""
    """The compiled file of that library."""

    @property
    def shown(self) -> str:
        """How messages call it."""
        return self.full or self.assumption.text


@dataclass(frozen=True, slots=True)
class Answers:
    """What Coq says of a theorem."""

    name: str
    statement: str
    """As `Check` prints it, without notations and with all implicit arguments."""
    full: str
    """The theorem's full name; empty for one that is local to a section."""
    libraries: frozenset[str]
    """Those loaded."""
    origins: tuple[Origin, ...]
    """What the theorem rests on."""
    seconds: float
    """For loading the text."""


async def inquire(space: Workspace, build: Callable[[str], str], purpose: str) -> Answers:
    """Load a text that ends with a theorem, and ask about it.

    Args:
        space: runs Coq.
        build: makes the text from the commands that stand directly above the proof.
        purpose: names the folder that the text is loaded from.

    Raises:
        RunFailed: Coq refuses the text, does not answer, or answers what cannot be read.
    """
    file = space.folder / f"name-{secrets.token_hex(16)}"
    async with space.loaded(build(f'Redirect "{file}" Show Conjectures.'), purpose) as questions:
        name = _name(file.with_name(file.name + ".out").read_text("utf-8", "surrogateescape"))
        loaded = libraries(await questions.ask("Print Libraries."))
        if not loaded and "-noinit" not in space.flags.arguments:
            raise RunFailed("coqtop does not tell which libraries are loaded")
        for setting in SETTINGS:
            await questions.tell(setting)
        return Answers(
            name,
            " ".join((await questions.ask(f"Check @{name}.")).split()),
            full_name(await questions.ask(f"About {name}.")),
            loaded,
            await origins_of(questions, name, loaded),
            questions.loading_seconds,
        )


async def inquire_compiled(
    space: Workspace, compiled: Path, modules: Sequence[str], name: str
) -> tuple[Origin, ...] | None:
    """Load a compiled file, and ask what one of its theorems rests on.

    Returns:
        None where the theorem has no name outside: it is in a functor or a module type, or local to a section.

    Raises:
        RunFailed: Coq refuses the file, or does not answer.
    """
    full = ".".join([space.flags.top, *modules, name])
    async with space.loaded(f"Require {space.flags.top}.\n", "compiled", compiled) as questions:
        loaded = libraries(await questions.ask("Print Libraries."))
        for setting in SETTINGS:
            await questions.tell(setting)
        if full_name(await questions.ask(f"About {full}.")) != full:
            return None
        return await origins_of(questions, full, loaded)


async def origins_of(questions: Questions, name: str, loaded: frozenset[str]) -> tuple[Origin, ...]:
    """Return what a theorem rests on, each with where it comes from."""
    found: list[Origin] = []
    files: dict[str, str] = {}
    for assumption in parse(await questions.ask(f"Print Assumptions {name}.")):
        if assumption.kind != "axiom":
            found.append(Origin(assumption))
            continue
        full = full_name(await questions.ask(f"About {assumption.name}."))
        library = library_of(full, loaded)
        if library and library not in files:
            said = _FILE.search(await questions.ask(f"Locate Library {library}."))
            files[library] = said[1] if said else ""
        found.append(Origin(assumption, full, library, files.get(library, "")))
    return tuple(found)


def _name(conjectures: str) -> str:
    names = conjectures.split()
    if len(names) != 1 or not re.fullmatch(r"[^\W\d][\w']*", names[0]):
        raise RunFailed("coqtop does not tell the theorem's name")
    return names[0]
