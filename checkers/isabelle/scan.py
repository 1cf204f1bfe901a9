"""The theorems of a theory, and the holes in their proofs, told from the text alone.

Follows chapters "Specifications" and "Proofs" of the Isabelle/Isar reference manual. A proof that `oops` abandons, and
one that just stops, are holes too: somebody stated the theorem and has not proved it.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from checkers.isabelle.binding import ELEMENTS, binding
from checkers.isabelle.commands import Command, Theory, read
from checkers.isabelle.keywords import BLOCKS, DIAGNOSTIC, DOCUMENT, GOALS, NESTED, PROOF, TERMINAL, THEOREMS
from checkers.isabelle.methods import behind_methods
from checkers.isabelle.symbols import Lines
from checkers.isabelle.tokens import Kind
from checkers.nearest import nearest
from lemmata.errors import InputError, Location

_SELECTOR = re.compile(r"(?P<name>[^\s@#]+?)(?:@(?P<line>\d+)(?::(?P<column>\d+))?)?(?:#(?P<number>\d+))?")


class HoleKind(Enum):
    """What can be proved in a theory."""

    THEOREM = "theorem"
    """A statement; its whole proof is replaced."""
    SORRY = "sorry"
    """A `sorry` that ends a proof; what stands before it stays."""
    NESTED = "nested"
    """A `sorry` within a proof."""
    ABANDONED = "abandoned"
    """A proof that ends in `oops`, or does not end."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Something to prove in a theory, and where it stands in the text."""

    name: str
    """Selector that finds it again."""
    theorem: str
    """The theorem's name with that of the locale or class around it, empty where it has none."""
    kind: HoleKind
    line: int
    column: int
    command: int
    """Index at which the statement's command starts."""
    naming: int
    """Index at which a name of the theorem stands or could be put."""
    binding_end: int
    """Index behind the name, the attributes and the colon there; the same as `naming` where there are none."""
    target: str
    """The locale or class that `(in ...)` names, empty where there is none."""
    statement_end: int
    start: int
    """The span that a proof takes the place of."""
    end: int
    proof_end: int
    """Index behind the whole proof."""
    others: tuple[tuple[int, int], ...]
    """The spans of the other holes of the same proof."""
    open_blocks: int
    """How many blocks are open around it."""
    goal: bool = True
    """Whether the command is one that states a theorem."""
    schematic: bool = False
    """Whether the statement's variables may be filled in by the proof."""


@dataclass(slots=True)
class _Proof:
    statement: Command
    blocks: tuple[str, ...]
    depth: int
    """Blocks open around it."""
    script: list[Command] = field(default_factory=list)
    stack: list[str] = field(default_factory=lambda: ["goal"])
    holes: list[tuple[int, int, bool]] = field(default_factory=list)
    """Spans of `sorry`, and whether it ended the proof itself."""
    end: int = 0
    ended_by: str = ""

    @property
    def is_theorem(self) -> bool:
        return self.statement.head in THEOREMS


def holes(source: str, file: str) -> list[Hole]:
    """Return the theorems of a theory and the holes in their proofs, in order of position.

    Every theorem gives a THEOREM. One whose proof is abandoned gives an ABANDONED, one whose proof ends in its only
    `sorry` a SORRY, both of the same name; every other `sorry` gives a NESTED, also in the proofs of other commands.

    Args:
        source: the text of a `.thy` file.
        file: its name, for messages.

    Raises:
        InputError: there is no header, or a comment, string or cartouche does not end.
    """
    return list(_scanned(source, file).holes)


@dataclass(frozen=True, slots=True)
class _Scanned:
    holes: tuple[Hole, ...]
    called: Mapping[str, Sequence[Hole]]
    """By everything that they may be called."""
    lines: Lines


# A listing asks for each of its rows again.
@functools.lru_cache(maxsize=4)
def _scanned(source: str, file: str) -> _Scanned:
    found = tuple(of_theory(read(source, file)))
    called: dict[str, list[Hole]] = {}
    for hole in found:
        for name in _called(hole):
            called.setdefault(name, []).append(hole)
    return _Scanned(found, called, Lines(source))


def of_theory(theory: Theory) -> list[Hole]:
    """Return the holes of a theory that was read already; see `holes`."""
    proofs = _proofs(theory)
    lines = Lines(theory.text)
    names = _names(lines, proofs)
    pairs = zip(proofs, names, strict=True)
    found = [hole for proof, name in pairs for hole in _holes(lines, proof, name)]
    return sorted(found, key=lambda hole: (hole.line, hole.column))


def is_open(hole: Hole) -> bool:
    """Say whether a hole is one that has no proof yet."""
    return hole.kind is not HoleKind.THEOREM


def find(source: str, selector: str, file: str) -> Hole:
    """Return the hole that a selector names.

    Args:
        source: the text of a `.thy` file.
        selector: `name`, `locale.name`, `name@line`, `name@line:column`, each also with `#k` for the k-th `sorry`.
        file: its name, for messages.

    Raises:
        InputError: nothing or more than one thing has that name; the hint lists what there is.
    """
    scanned = _scanned(source, file)
    every = scanned.holes
    wanted = _SELECTOR.fullmatch(selector.strip())
    place = Location(file)
    if wanted is None:
        raise InputError(f"{selector!r} selects nothing", location=place, hint="write name, name@line or name#1")
    proofs: dict[int, list[Hole]] = {}
    for hole in scanned.called.get(wanted["name"], ()):
        line, column = scanned.lines.place(hole.command)
        if wanted["line"] in (None, str(line)) and wanted["column"] in (None, str(column)):
            proofs.setdefault(hole.command, []).append(hole)
    if not proofs:
        near = nearest(selector, [hole.name for hole in every], "the theory states no theorem")
        raise InputError(f"no theorem {selector}", location=place, hint=near)
    if len(proofs) > 1:
        candidates = ", ".join(group[0].name for group in proofs.values())
        raise InputError(f"{selector} is ambiguous", location=place, hint=f"write one of {candidates}")
    (group,) = proofs.values()
    nested = [hole for hole in group if hole.kind is HoleKind.NESTED]
    if wanted["number"] is None:
        whole = [hole for hole in group if hole.kind is not HoleKind.NESTED]
        if not whole:
            raise InputError(
                f"{selector} is not a theorem", location=place, hint=f"write {', '.join(h.name for h in nested)}"
            )
        return next((hole for hole in whole if is_open(hole)), whole[0])
    if not 1 <= int(wanted["number"]) <= len(nested):
        raise InputError(f"the proof of {selector.partition('#')[0]} has {len(nested)} such holes", location=place)
    return nested[int(wanted["number"]) - 1]


def _called(hole: Hole) -> set[str]:
    """Return what a theorem is called, with any part of what stands before its name."""
    own = re.sub(r"(@\d+(:\d+)?)?(#\d+)?$", "", hole.name)
    parts = (hole.theorem or own).split(".")
    return {own, *(".".join(parts[i:]) for i in range(len(parts)))}


def _proofs(theory: Theory) -> list[_Proof]:
    """Follow the commands: what is open, and which proofs there are."""
    done: list[_Proof] = []
    blocks: list[str] = []
    current: _Proof | None = None
    last: Command | None = None
    for command in theory.commands:
        head = command.head
        if head in DOCUMENT or head in DIAGNOSTIC:
            if current is not None:
                current.script.append(command)
            continue
        if head in PROOF:
            if current is None and last is not None and head not in ("{", "}"):
                current = _Proof(last, tuple(b for b in blocks if b), len(blocks))
            if current is not None and _follow(current, command):
                done.append(current)
                current, last = None, None
            continue
        if current is not None:
            done.append(current)
            current = None
        last = command
        if head == "end":
            if blocks:
                blocks.pop()
            last = None
        elif _opens(command):
            blocks.append(_block(command))
        if head in THEOREMS or (head in GOALS and head not in ("instance", "lift_definition", "typedef")):
            current = _Proof(command, tuple(b for b in blocks if b), len(blocks))
        elif head == "notepad":
            current = _Proof(command, tuple(b for b in blocks if b), len(blocks), stack=["block"])
    if current is not None:
        done.append(current)
    return [proof for proof in done if proof.is_theorem or proof.holes]


def _follow(proof: _Proof, command: Command) -> bool:
    """Take a command into a proof; return whether it was the proof's last."""
    proof.script.append(command)
    proof.end = command.end
    head = command.head
    if head == "oops":
        proof.ended_by = "oops"
        return True
    if head == "proof":
        proof.stack.append("block")
    elif head in NESTED:
        proof.stack.append("goal")
    elif head == "qed":
        while proof.stack and proof.stack.pop() != "block":
            pass
        if proof.stack:
            proof.stack.pop()
    elif head in TERMINAL:
        if proof.stack:
            proof.stack.pop()
        if head in ("sorry", r"\<proof>"):
            at = command.tokens[command.first]
            proof.holes.append((at.start, at.end, not proof.stack))
    if not proof.stack:
        proof.ended_by = head
        proof.end = _terminal_end(command)
        return True
    return False


def _terminal_end(command: Command) -> int:
    """Return where a command that ends a proof ends, whatever unknown commands follow it."""
    head = command.tokens[command.first]
    if command.head in ("by", "qed"):
        return behind_methods(command.arguments, 2 if command.head == "by" else 1, head.end)
    return head.end


def _opens(command: Command) -> bool:
    return command.head in BLOCKS and any(t.kind is Kind.WORD and t.text == "begin" for t in command.arguments)


def _block(command: Command) -> str:
    """Return the name that a block gives to what is stated within, empty where it gives none."""
    words = command.arguments
    named = command.head in ("locale", "class", "context", "experiment")
    if named and words and words[0].kind is Kind.WORD and words[0].text not in (*ELEMENTS, "begin"):
        return words[0].text
    return ""


def _own_names(proof: _Proof) -> tuple[str, str]:
    """Return a theorem's bare name and its name with what stands before it; both empty where it has none."""
    bound = binding(proof.statement)
    if not proof.is_theorem or not bound.name:
        return "", ""
    around = [bound.locale] if bound.locale else list(proof.blocks)
    return bound.name, ".".join([*around, bound.name])


def _names(lines: Lines, proofs: Sequence[_Proof]) -> list[str]:
    """Return the shortest selectors that are unambiguous."""
    count: Counter[str] = Counter()
    forms: list[list[str]] = []
    for proof in proofs:
        line, column = lines.place(proof.statement.start)
        bare, full = _own_names(proof)
        called = bare or proof.statement.head
        own = [f"{called}@{line}", f"{called}@{line}:{column}"]
        if bare:
            own = [bare, full, *own]
        forms.append(own)
        count.update(set(own))
    return [next((form for form in own if count[form] == 1), own[-1]) for own in forms]


def _holes(lines: Lines, proof: _Proof, name: str) -> Iterator[Hole]:
    bound = binding(proof.statement)
    statement_end = proof.statement.end
    proof_end = max(proof.end, statement_end)
    spans = [(start, end) for start, end, _ in proof.holes]
    _, full = _own_names(proof)

    def hole(kind: HoleKind, name: str, at: int, span: tuple[int, int]) -> Hole:
        return Hole(
            name,
            full,
            kind,
            *lines.place(at),
            command=proof.statement.start,
            naming=bound.at,
            binding_end=bound.end,
            target=bound.locale,
            statement_end=statement_end,
            start=span[0],
            end=span[1],
            proof_end=proof_end,
            others=tuple(s for s in spans if s != span) if kind in (HoleKind.NESTED, HoleKind.SORRY) else (),
            open_blocks=proof.depth,
            goal=proof.is_theorem,
            schematic=proof.statement.head == "schematic_goal",
        )

    whole = (statement_end, proof_end)
    only = len(proof.holes) == 1 and proof.holes[0][2]
    if proof.is_theorem:
        yield hole(HoleKind.THEOREM, name, proof.statement.start, whole)
        if proof.ended_by in ("", "oops"):
            yield hole(HoleKind.ABANDONED, name, proof.statement.start, whole)
            return
        if only:
            yield hole(HoleKind.SORRY, name, proof.statement.start, spans[0])
            return
    for number, span in enumerate(spans, 1):
        yield hole(HoleKind.NESTED, f"{name}#{number}", span[0], span)


def script_above(source: str, hole: Hole) -> bool:
    """Say whether a part of the proof stands above a hole."""
    return bool(source[hole.statement_end : hole.start].strip())


def statement(source: str, hole: Hole) -> str:
    """Return the statement as it stands in the file."""
    return source[hole.command : hole.statement_end]
