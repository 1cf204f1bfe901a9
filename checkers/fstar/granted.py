"""What a file takes for granted beside a proof, and which of it the proof may stand beside.

F* cannot say what a proof rests on. So it may rest on nothing: what is granted above it has to be named in
`allow_axioms`; what is granted below it is cut off before the proof is checked.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from checkers.fstar import options
from checkers.fstar.declarations import Declaration, Source
from checkers.fstar.scan import Assumption, Hole, HoleKind, Scanned

_ADDED = (HoleKind.VAL, HoleKind.ASSUME_VAL)
_REVERSED = frozenset("expect_failure expect_lax_failure fail fail_errs fail_lax admit_termination".split())
"""Attributes under which a definition that F* refuses is accepted."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What stands beside a proof."""

    problem: str
    """Why the proof cannot be judged, empty where it can."""
    above: tuple[str, ...]
    """Names of what is granted above it, all allowed."""
    beside: bool
    """Whether other holes of the same definition are left."""
    below: bool
    """Whether something is granted below it."""


def judge(artefact: Scanned, hole: Hole, interface: Scanned | None, module: str, allowed: Collection[str]) -> Granted:
    """Say what a proof stands beside.

    Args:
        artefact: the source with the proof in it.
        hole: what was to be proved, in the source.
        interface: the file's interface, None where it has none.
        module: the file's module.
        allowed: names that may be taken for granted, or `*`.
    """
    own = proof_of(artefact, hole)
    source = artefact.source
    start, end = source.start(own), source.end(own)
    within = _binding(source, own, hole)
    above: dict[str, None] = {}
    refused = ""
    beside = below = False
    for found in artefact.assumptions:
        if within[0] <= found.start < within[1]:
            if hole.apart and hole.siblings:
                beside = True
            elif _allowed(found, module, allowed):
                above[found.name] = None
            elif hole.siblings:
                refused = refused or (
                    f"{hole.definition} has other holes that cannot be told apart from this one; prove it as a whole"
                )
            else:
                refused = refused or f"{hole.definition} takes something for granted itself"
        elif found.start >= end:
            below = True
        elif _allowed(found, module, allowed):
            above[found.name] = None
        else:
            refused = refused or (
                f"{found.name} is taken for granted {'above' if found.end <= start else 'beside'} it; "
                f"prove it first, or accept it with --allow-axioms {found.name}"
            )
    for found in interface.assumptions if interface else ():
        if not _allowed(found, module, allowed):
            refused = refused or f"{found.name} is taken for granted in the interface"
        above[found.name] = None
    wrong = options.problem(source, end) or (options.problem(interface.source) if interface else "")
    below = below or bool(options.problem(source))
    problem = wrong or _attribute(artefact, own, hole) or refused
    if not problem and below and interface:
        problem = "what is granted below it cannot be cut off in a file with an interface; prove that first"
    return Granted(problem, tuple(above), beside, below)


def proof_of(artefact: Scanned, hole: Hole) -> Declaration:
    """Return the declaration of an artefact that holds the proof."""
    return artefact.source.declarations[_place(artefact, hole) + (hole.kind in _ADDED)]


def first_of(artefact: Scanned, hole: Hole) -> Declaration:
    """Return the first declaration that belongs to the proof: its `val` where that stands directly above."""
    if hole.signature == hole.declaration - 1 and hole.kind not in _ADDED:
        return artefact.source.declarations[hole.signature]
    return artefact.source.declarations[_place(artefact, hole)]


def signature_of(artefact: Scanned, hole: Hole) -> Declaration | None:
    """Return the `val` that states what is proved, None where there is none."""
    if hole.kind in _ADDED:
        return artefact.source.declarations[_place(artefact, hole)]
    return artefact.source.declarations[hole.signature] if hole.signature >= 0 else None


def _place(artefact: Scanned, hole: Hole) -> int:
    """Return the number of the first declaration that the proof has changed or added, options aside."""
    return hole.declaration + (artefact.source.declarations[hole.declaration].kind == "pragma")


def _binding(source: Source, own: Declaration, hole: Hole) -> tuple[int, int]:
    binding = own.bindings[hole.binding]
    return source.tokens[binding.first].start, source.tokens[binding.last - 1].end


def _attribute(artefact: Scanned, own: Declaration, hole: Hole) -> str:
    source = artefact.source
    stated = signature_of(artefact, hole)
    for declaration in (own, *([stated] if stated else [])):
        for token in source.tokens[declaration.first : declaration.keyword]:
            if token.kind == "word" and token.text in _REVERSED:
                return f"the attribute `{token.text}` makes F* accept anything"
    return ""


def _allowed(found: Assumption, module: str, allowed: Collection[str]) -> bool:
    return "*" in allowed or found.name in allowed or f"{module}.{found.name}" in allowed
