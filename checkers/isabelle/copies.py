r"""The copies of a theory that are built to audit one theorem.

Each copy ends behind the theorem, where a command asks about it. Builds are strict, and each `sorry` above the theorem
is allowed for itself only. The other holes of the same proof are closed with an axiom of a random name: what is left is
checked strictly all the same.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from checkers.isabelle import commands, project, scan
from checkers.isabelle.audit import NoAnswer
from checkers.isabelle.commands import Theory
from checkers.isabelle.scan import Hole

_STRICT = "declare [[quick_and_dirty = false]]"
_OPEN = "using [[quick_and_dirty]] "
SORRY = f"{_OPEN}sorry"
"""Leaves a goal open in a build that is strict otherwise."""
_TARGET = re.compile(r"[A-Za-z][A-Za-z0-9_']*(?:\.[A-Za-z][A-Za-z0-9_']*)*")


@dataclass(frozen=True, slots=True)
class Copies:
    """The texts that are built."""

    name: str
    """Of the theory."""
    whole: str
    """The artefact itself, its imports called as they are in the private folder."""
    proved: str
    """Up to the theorem with the new proof."""
    stated: str
    """Up to the theorem, left unproved."""
    theorem: str
    """What the theorem is called in both."""
    question: str
    """Stands in both where the theorem is asked about."""
    further: Mapping[str, str]
    """Texts of theories that they need, by name."""
    other_holes: bool
    """Whether the artefact has holes."""


def lenient(text: str, file: str) -> str:
    """Return an imported theory in a form that builds though it has holes, which the oracles of a proof tell.

    Raises:
        InputError: the text cannot be read.
    """
    theory = commands.read(text, file)
    return f"{text[: theory.header.end]}{relaxed(text, theory, theory.header.end, len(text))}"


def relaxed(text: str, theory: Theory, start: int, end: int) -> str:
    """Return a part of a theory in which `sorry` is allowed, for each open proof by itself.

    Packages such as `fun` and `datatype` skip proofs of their own under `quick_and_dirty`: it must not hold for them.
    """
    pieces = []
    for command in theory.commands:
        if command.head in ("sorry", r"\<proof>") and start <= command.start < end:
            at = command.tokens[command.first].start
            pieces += [text[start:at], _OPEN]
            start = at
    return "".join([*pieces, text[start:end]])


def make(source: str, hole: Hole, artefact: str, names: Collection[str], file: str) -> Copies:
    """Make the copies for one theorem.

    Args:
        source: the theory's text.
        hole: what was to be proved in it.
        artefact: the source with the proof in the hole, already taken apart.
        names: of the theories that it imports from files.
        file: its name, for messages.

    Raises:
        NoAnswer: there is no theorem that could be asked about.
        InputError: the source cannot be read.
    """
    theory = commands.read(source, file)
    if not hole.goal:
        raise NoAnswer("the hole stands in the proof of a command that states no theorem; prove it by hand")
    if hole.schematic:
        raise NoAnswer("a schematic goal means what its proof makes of it: there is no statement to compare with")
    token = secrets.token_hex(8)
    question, axiom = f"lemmata_question_{token}", f"lemmata_hole_{token}"
    # A name of its own: the theorem's may mean another one here, and attributes could change what is audited.
    theorem = f"lemmata_theorem_{token}"
    further: dict[str, str] = {}
    header = project.header(theory, names)
    if hole.others:
        further[f"Lemmata_Hole_{token}"] = _postulate(f"Lemmata_Hole_{token}", axiom)
        header = _importing(header, f"Lemmata_Hole_{token}", file)
    above = f"{header}{relaxed(source, theory, theory.header.end, hole.command)}"
    statement = f"{source[hole.command : hole.naming]} {theorem}: {source[hole.binding_end : hole.statement_end]}"
    end = f"\n{_within(hole, question)}\n" + "end\n" * (hole.open_blocks + 1)
    proof = _proof(source, hole, artefact, f"by - (rule {axiom})+")
    return Copies(
        theory.header.name,
        project.header(commands.read(artefact, file), names) + artefact[theory.header.end :],
        f"{above}\n{_STRICT}\n{statement}\n{proof}{end}",
        f"{above}\n{statement}\n  {SORRY}{end}",
        theorem,
        question,
        further,
        bool(hole.others) or _open(source, hole, file),
    )


def _proof(source: str, hole: Hole, artefact: str, instead: str) -> str:
    """Return the whole proof as the artefact has it, with its other holes closed by something else."""
    moved = len(artefact) - len(source)
    proof = artefact[hole.statement_end : hole.proof_end + moved]
    for start, end in sorted(hole.others, reverse=True):
        by = moved * (start >= hole.end) - hole.statement_end
        proof = proof[: start + by] + instead + proof[end + by :]
    return proof


def _within(hole: Hole, question: str) -> str:
    """Return a command where the theorem's name means the theorem: in the locale or class that it is stated in."""
    if not hole.target or (hole.target == "-" and not hole.open_blocks):
        return question
    if hole.open_blocks or not _TARGET.fullmatch(hole.target):
        raise NoAnswer(f"the theorem is stated in {hole.target!r}, where it cannot be asked about")
    return f"context {hole.target}\nbegin\n{question}\nend"


def _postulate(name: str, axiom: str) -> str:
    return f'theory {name} imports Pure begin\naxiomatization where {axiom}: "PROP P"\nend\n'


def _importing(header: str, name: str, file: str) -> str:
    """Return a header with one import more."""
    imports = commands.read(header, file).header.imports
    if not imports:
        raise NoAnswer("the theory imports nothing")
    end = imports[-1].end
    return f"{header[:end]} {name}{header[end:]}"


def _open(source: str, hole: Hole, file: str) -> bool:
    """Say whether other theorems of the theory are open."""
    return any(scan.is_open(one) and one.command != hole.command for one in scan.holes(source, file))
