"""The final artefact of a Lean proof: the source with the proof in its place, and how it is taken apart again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checkers.branches import blocks
from checkers.lean.lexer import Token, stream, tokens
from checkers.lean.pieces import before_proof
from checkers.lean.scan import Hole, HoleKind, theorems
from checkers.lean.tactics import NotATactic, checked, plain
from lemmata.errors import InputError
from lemmata.step import Step

_DEEPEST = 40
"""Levels of bullets; deeper proofs are written without any, since indentation grows with them."""
# What may stand before a `sorry` so that further tactics can follow it on lines of their own.
_OPENING = frozenset({"by", "·", "=>", "{"})


class NotTheSource(InputError):
    """An artefact is not its source with a plain proof in the hole; the message says where they differ."""


def artefact(source: str, hole: Hole, steps: Sequence[Step], *, native: bool = False) -> str:
    """Put a proof into its source.

    Args:
        source: the file's text.
        hole: what was to be proved in it.
        steps: the proof in preorder.
        native: whether `native_decide` and its kin are allowed.

    Raises:
        NotATactic: a step is not a plain tactic.
    """
    return source[: hole.start] + _proof(source, hole, steps, native) + source[hole.end :]


def script(steps: Sequence[Step], indent: int, *, native: bool = False) -> str:
    """Write a proof as a structured block of tactics, without a newline at its end.

    Args:
        steps: the proof in preorder; where some step does not say how many subgoals it left, there are no bullets.
        indent: columns before each line.
        native: whether `native_decide` and its kin are allowed.

    Raises:
        NotATactic: a step is not a plain tactic.
    """
    cut = blocks(steps)
    if cut is None or max(block.depth for block in cut) > _DEEPEST:
        return "\n".join(_indented(plain(step.text, native=native), indent) for step in steps)
    lines: list[str] = []
    for block in cut:
        column = indent + 2 * block.depth
        text = "\n".join(_indented(plain(step.text, native=native), column) for step in block.steps)
        lines.append(f"{' ' * (column - 2)}· {text[column:]}" if block.depth else text)
    return "\n".join(lines)


def _indented(text: str, column: int) -> str:
    return "\n".join(" " * column + line if line else "" for line in text.split("\n"))


def _proof(source: str, hole: Hole, steps: Sequence[Step], native: bool) -> str:
    """Return what stands in the place of the hole."""
    opening, column, closing = _frame(source, hole)
    text = script(steps, column, native=native)
    return opening + (text if opening.endswith("\n") else text[column:]) + closing


def _frame(source: str, hole: Hole) -> tuple[str, int, str]:
    """Return what stands before the first tactic, the column of the tactics, and what stands behind the last one."""
    line = source[source.rfind("\n", 0, hole.start) + 1 : hole.start]
    if hole.kind is HoleKind.THEOREM:
        return before_proof(hole) + "by\n", len(line) - len(line.lstrip(" ")) + 2, ""
    if hole.term:
        return "(by\n", len(line) - len(line.lstrip(" ·")) + 2, ")"
    before = tokens(source[: hole.start])
    alone = not line.strip() or (bool(before) and before[-1].text in _OPENING)
    rest = source[hole.end :].partition("\n")[0].lstrip(" ")
    if alone and (not rest or rest[0] in ")]}⟩-/"):
        return "", len(line), ""
    return "(", len(line) + 1, ")"


@dataclass(frozen=True, slots=True)
class Spliced:
    """An artefact, taken apart."""

    source: str
    hole: Hole
    proof: str
    """What stands in the place of the hole."""
    tactics: tuple[Token, ...]
    """The tokens of the tactics."""

    def copy(self, others: Mapping[tuple[int, int], str], top: str = "", proof: str | None = None) -> str:
        """Return a copy of the artefact for an audit, in which an example has a name.

        Args:
            others: what stands in the place of other holes of the same declaration.
            top: stands above the declaration.
            proof: stands in the place of the proof, None for the proof itself.
        """
        hole = self.hole
        changes = [((hole.start, hole.end), self.proof if proof is None else proof), *others.items()]
        if hole.keyword == "example":
            at = next(token for token in stream(self.source[hole.statement[0] :]) if token.text == "example")
            start = hole.statement[0] + at.start
            changes.append(((start, start + len("example")), f"theorem _root_.{EXAMPLE}"))
        changes.append(((hole.declaration[0], hole.declaration[0]), top))
        text = self.source
        for (start, end), new in sorted(changes, reverse=True):
            text = text[:start] + new + text[end:]
        return text


EXAMPLE = "lemmata_example"
"""What an example is called where it is audited, since Lean forgets it."""


def take_apart(source: str, hole: Hole, text: str, *, native: bool = False) -> Spliced:
    """Check that an artefact is the source with a plain proof in the hole, nothing else.

    Args:
        source: the file's text.
        hole: what was to be proved in it.
        text: the artefact.
        native: whether `native_decide` and its kin are allowed.

    Raises:
        NotTheSource: it is something else.
    """
    above, below = source[: hole.start], source[hole.end :]
    if not text.startswith(above):
        raise NotTheSource("the artefact differs from the source above the proof")
    if not text.endswith(below) or len(text) < len(above) + len(below):
        raise NotTheSource("the artefact differs from the source below the proof")
    proof = text[len(above) : len(text) - len(below)]
    opening, column, closing = _frame(source, hole)
    if not proof.startswith(opening) or not proof.endswith(closing) or len(proof) < len(opening + closing):
        raise NotTheSource(f"the proof is not written as `{(opening + '...' + closing).strip()}`")
    inner = proof[len(opening) : len(proof) - len(closing)]
    found = _tactics(inner, column, opening, native)
    _check_seams(text, above, proof, below)
    if hole.kind is HoleKind.THEOREM:
        _check_place(text, hole, len(above) + len(before_proof(hole)), len(above) + len(proof))
    return Spliced(source, hole, proof, tuple(found))


def _tactics(inner: str, column: int, opening: str, native: bool) -> list[Token]:
    lines = inner.split("\n")
    for line in lines[0 if opening.endswith("\n") else 1 :]:
        # A line further to the left would end the proof and begin something else.
        if line.strip() and len(line) - len(line.lstrip(" ")) < column:
            raise NotTheSource("the proof is not indented as a block of tactics")
    try:
        found = checked(inner, native=native)
    except NotATactic as error:
        raise NotTheSource(f"the proof is more than plain tactics: {error.message}") from None
    if not found:
        raise NotTheSource("the proof is empty")
    return found


def _check_seams(text: str, above: str, proof: str, below: str) -> None:
    """Refuse a proof that runs into the text around it: the tokens of the whole are those of its three parts."""
    try:
        whole = [token.text for token in tokens(text, comments=True)]
        cut = [token.text for part in (above, proof, below) for token in tokens(part, comments=True)]
    except InputError as error:
        raise NotTheSource(f"the artefact cannot be read: {error.message}") from None
    if whole != cut:
        raise NotTheSource("the proof runs into the text around it")


def _check_place(text: str, hole: Hole, start: int, end: int) -> None:
    """Refuse a proof that is not the whole body of the same declaration."""
    for found in theorems(text, ""):
        if found.statement == hole.statement:
            if (found.start, found.end, found.full, found.bare) == (start, end, hole.full, False):
                return
            break
    raise NotTheSource("the proof is not the whole body of its theorem")
