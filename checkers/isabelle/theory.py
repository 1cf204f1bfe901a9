"""The theories that are written for Isabelle to check a step.

The text above the theorem becomes a theory of its own where no block is open around the theorem, and is processed once;
the theory of each check imports it. Otherwise each check has the whole text above in it. Either way the file's own
name is kept for what holds its definitions, so that qualified names mean what they mean in the file.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from checkers.isabelle import commands, keywords, project, scan
from checkers.isabelle.scan import Hole, HoleKind
from checkers.isabelle.symbols import Symbols
from lemmata.errors import InputError, Location

_GOAL = "Lemmata_Goal"


@dataclass(frozen=True, slots=True)
class Written:
    """A theory to be checked."""

    name: str
    text: str
    places: tuple[int, ...]
    """Offsets, in Isabelle symbols, of the parts of the proof that were put in."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the theories of one obligation look."""

    name: str
    """Of the theory in which the steps stand."""
    before: str
    """Its text up to the statement."""
    above: str
    """Its text up to the hole."""
    below: str
    """Its text behind the hole."""
    margin: str
    """Blanks before the lines of the proof."""
    base: tuple[str, str] | None
    """Name and text of the theory above, where that is one of its own."""
    copies: dict[str, str]
    """Texts of the theories that are imported from files, by name."""
    line: int
    """Lines of the source that stand in no theory of the steps, for messages."""

    def write(self, folder: Path) -> None:
        """Put the theories that all checks share into a folder."""
        for name, text in [*self.copies.items(), *([self.base] if self.base else [])]:
            (folder / f"{name}.thy").write_bytes(text.encode("utf-8", "surrogateescape"))

    def instead(self, lemma: str) -> Written:
        """Put a lemma in place of the statement; no block may be open around that."""
        return Written(self.name, f"{self.before}{lemma}\nend\n", ())

    def theory(self, parts: Collection[str]) -> Written:
        """Put a proof into the hole, each part on a line of its own."""
        text = self.above
        indices = []
        for part in parts:
            text = f"{text}\n{self.margin}"
            indices.append(len(text))
            text += part.replace("\n", f"\n{self.margin}")
        text += self.below
        symbols = Symbols(text)
        return Written(self.name, text, tuple(symbols.offset(index) for index in indices))


def plan(source: str, hole: Hole, around: project.Project, folder: Path, file: str) -> Plan:
    """Plan the theories for one obligation.

    Args:
        source: the theory's text.
        hole: what is to be proved in it.
        around: what it is checked with.
        folder: where the shared theories will be.
        file: the theory's name, for messages.

    Raises:
        InputError: the text, or that of an imported theory, cannot be used.
    """
    theory = commands.read(source, file)
    project.check(around, theory.header.name, file)
    if theory.header.name in (_GOAL, *(one.name for one in around.imports)):
        raise InputError(f"{theory.header.name} is the name of another theory too", location=Location(file))
    names = [one.name for one in around.imports]
    between = source[theory.header.end : hole.command]
    statement = source[hole.command : hole.start]
    rest = source[hole.end : hole.proof_end] if hole.kind in (HoleKind.NESTED, HoleKind.SORRY) else ""
    below = rest + "\nend" * (hole.open_blocks + 1) + "\n"
    header = project.header(theory, names, f"{folder}/")
    copies = project.copies(around)
    margin = _margin(source, hole)
    if hole.open_blocks or not _says_something(theory, hole):
        before = f"{header}{between}"
        return Plan(theory.header.name, before, (before + statement).rstrip(), below, margin, None, copies, 0)
    above = f"{project.header(theory, names)}{between}\nend\n"
    start = f'theory {_GOAL} imports "{folder}/{theory.header.name}" begin\n'
    skipped = source.count("\n", 0, hole.command) - 1
    base = (theory.header.name, above)
    return Plan(_GOAL, start, (start + statement).rstrip(), below, margin, base, copies, skipped)


def _says_something(theory: commands.Theory, hole: Hole) -> bool:
    above = itertools.takewhile(lambda command: command.end <= hole.command, theory.commands)
    return any(command.head not in keywords.DOCUMENT for command in above)


def _margin(source: str, hole: Hole) -> str:
    line = source[source.rfind("\n", 0, hole.command) + 1 : hole.command]
    return ("" if line.strip() else line) + "  "


def unproved(source: str, hole: Hole, file: str) -> frozenset[str]:
    """Return the names of theorems of the file that are not proved themselves, but for the one with the hole."""
    found = [one for one in scan.holes(source, file) if scan.is_open(one) and one.command != hole.command]
    return frozenset(one.theorem.rpartition(".")[2] for one in found if one.theorem)
