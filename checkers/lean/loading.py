"""What a REPL process is told before a search starts: the imports, what stands above the theorem, and the theorem."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkers.lean import setup
from checkers.lean.artefact import artefact
from checkers.lean.installation import Installation
from checkers.lean.lexer import NAME
from checkers.lean.pieces import pieces
from checkers.lean.project import Project, compiled_with
from checkers.lean.repl import Launch
from checkers.lean.replies import Position
from checkers.lean.scan import Hole, HoleKind, find, holes
from checkers.lean.splitting import Hole as Place
from checkers.lean.tactics import native
from checkers.lean.worker import Base, LoadFailed, Part
from lemmata.axioms import allowed_axioms
from lemmata.errors import InputError, Location
from lemmata.goal import Obligation
from lemmata.step import Step

_IMPORT = re.compile(r"\bimport\s+(?:all\s+)?([^\s;]+)")
_OPTION = re.compile(r"^[ \t]*set_option\s+(\S+)\s+(\S+)[ \t]*$", re.M)
_MOST_THEOREMS = 200
"""So many theorems above the goal are told to provers, the nearest ones."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """An obligation, read and ready to be loaded."""

    key: str
    file: str
    source: str
    base: Base
    place: Place
    """The declaration with its hole."""
    hole: Hole
    project: Project
    version: str
    native: bool
    """Whether proofs may rest on programs that Lean compiled and ran."""
    theorems: tuple[str, ...]
    """Full names of the theorems above it in its file that are proved there, the nearest last."""
    unproved: frozenset[str]
    """Names of those that are left to `sorry` themselves, so that no proof may rest on them."""

    @property
    def location(self) -> Location:
        """Where the hole is."""
        return Location(self.file, self.hole.line, self.hole.column)

    def refused(self, error: LoadFailed) -> InputError:
        """Return the error for a part of the file that Lean refuses."""
        if error.part is Part.HEADER and error.position is None:
            hint = "build the project with lake, check the imports, and use a REPL of the same version of Lean"
        else:
            hint = "make the file compile up to here"
        return InputError(f"Lean refuses this: {error.message}", hint=hint, location=self._located(error))

    def _located(self, error: LoadFailed) -> Location:
        if error.position is None:
            return Location(self.file, 1) if error.part is Part.HEADER else self.location
        header, before = len(self.base.header), len(self.base.before)
        starts = {Part.HEADER: 0, Part.BEFORE: header, Part.DECLARATION: header + before}
        start = starts[error.part]
        offset = start + _offset(self.source[start:], error.position)
        if error.part is Part.DECLARATION and offset > self.hole.start:
            return self.location
        return Location.at(self.file, self.source, min(offset, len(self.source)))

    def proved(self, steps: Sequence[Step]) -> tuple[str, Position, Position]:
        """Return the declaration as the artefact has it, and where in it the proof begins and ends.

        Raises:
            NotATactic: a step is not a plain tactic.
        """
        start, end = self.hole.declaration
        whole = artefact(self.source, self.hole, steps, native=self.native)[start:]
        behind = len(self.source) - self.hole.end
        stop = len(whole) - behind
        text = whole[: len(whole) - (len(self.source) - end)]
        return text, _position(text, self.hole.start - start), _position(text, stop)

    def unproved_in(self, text: str) -> str:
        """Return a name in a text that is that of a theorem left to `sorry`, empty where there is none."""
        for found in NAME.finditer(text):
            # A name may be written between «quotes» or without.
            for written in (found[0], found[0].replace("«", "").replace("»", "")):
                parts = written.split(".")
                for count in range(len(parts), 0, -1):
                    if (name := ".".join(parts[:count])) in self.unproved:
                        return name
        return ""

    def context(self) -> dict[str, Any]:
        """Return what provers may know; JSON values only.

        `imports` and `options` are those of the file above the goal, `theorems` the full names of the theorems proved
        there, `theorem` is the name of what is to be proved, `version` Lean's.
        """
        above = self.base.before
        return {
            "imports": [name for line in self.base.header.splitlines() for name in _IMPORT.findall(line)],
            "theorems": list(self.theorems[-_MOST_THEOREMS:]),
            "theorem": self.hole.full or self.hole.theorem,
            "options": [list(found) for found in _OPTION.findall(above)],
            "version": self.version,
        }


def _position(text: str, offset: int) -> Position:
    return Position(text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1))


def _offset(text: str, position: Position) -> int:
    at = 0
    for _ in range(position.line - 1):
        end = text.find("\n", at)
        if end < 0:
            return len(text)
        at = end + 1
    return at + position.column


def load(obligation: Obligation, installation: Installation) -> Loaded:
    """Read an obligation.

    Args:
        obligation: the theorem, or the `sorry`.
        installation: the Lean that will read it.

    Raises:
        InputError: its file cannot be read, or has no such theorem any more.
    """
    file = obligation.location.file
    hole = find(obligation.source, obligation.name, file)
    cut = pieces(obligation.source, hole)
    # The proof of a whole theorem is loaded as `by sorry`.
    term = hole.term and hole.kind is HoleKind.SORRY
    place = Place(cut.declaration, Position(cut.line, cut.column), term)
    if not place.fits():
        raise InputError("there is no goal here", location=Location(file, hole.line, hole.column))
    allowed = frozenset(allowed_axioms(obligation.option("allow_axioms")))
    proved, unproved = _above(obligation, hole, allowed)
    how = compiled_with(obligation)
    return Loaded(
        key=obligation.key,
        file=file,
        source=obligation.source,
        base=Base(cut.header, cut.before, _settings(how)),
        place=place,
        hole=hole,
        project=how,
        version=installation.version,
        native=native(obligation),
        theorems=proved,
        unproved=unproved,
    )


def _above(obligation: Obligation, goal: Hole, allowed: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the names of the theorems above a goal that have a proof, and of those that have none and may not help."""
    proved: list[str] = []
    unproved: set[str] = set()
    for hole in holes(obligation.source, obligation.location.file):
        if hole.declaration[0] >= goal.declaration[0]:
            break
        if not allowed.isdisjoint({"*", hole.full, hole.theorem}):
            continue
        if hole.unproved or hole.kind is HoleKind.SORRY:
            unproved.update({hole.full, hole.theorem} - {"", "example", "instance"})
        elif hole.full:
            proved.append(hole.full)
    return tuple(name for name in proved if name not in unproved), frozenset(unproved)


def launch(installation: Installation, obligation: Loaded) -> Launch:
    """Return how the REPL is started for an obligation.

    In a Lake project it is `lake env` that tells where compiled modules are; a file of its own needs Lean's only.

    Raises:
        BackendMissing: there is none.
    """
    root = Path(obligation.project.root) if obligation.project.root else None
    command = installation.repl or setup.repl_command(root, installation.version)
    if root is not None and installation.lake:
        return Launch((installation.lake, "env", *command), root)
    sysroot = Path(installation.lean).parent.parent
    known = {"LEAN_SYSROOT": str(sysroot)} if (sysroot / "lib" / "lean").is_dir() else {}
    return Launch(command, root or setup.home(command), known)


def _settings(project: Project) -> str:
    """Return the commands that set what `lean` is given as options."""
    pairs = (argument.removeprefix("-D").removeprefix("weak.").partition("=") for argument in project.arguments)
    # An open goal is a warning, and would be an error with the option that is left out.
    return "".join(f"set_option {n} {_value(value)}\n" for n, _, value in pairs if n != "warningAsError")


def _value(text: str) -> str:
    return text if text in ("true", "false") or text.isdigit() else f'"{text}"'
