"""The final artefact of an Isabelle proof: the theory with the proof in its place, and how it is taken apart again.

Once a step has left several goals, every later one works on the first goal only (`apply (...)[1]`, `subgoal by ...`),
in the session as in the artefact: so goals can be proved one by one, and the proofs put together in their order.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from checkers.branches import blocks
from checkers.isabelle import scan
from checkers.isabelle.commands import Command
from checkers.isabelle.scan import Hole, HoleKind
from checkers.isabelle.steps import NotAStep, Parsed, StepKind, closes, parse, read
from checkers.isabelle.tokens import tokens
from lemmata.errors import InputError
from lemmata.step import Step


class NotTheSource(InputError):
    """An artefact is not its source with a plain proof in the hole; the message says where they differ."""


def artefact(source: str, hole: Hole, steps: Sequence[Step]) -> str:
    """Put a proof into its source.

    Args:
        source: the theory's text.
        hole: what was to be proved in it.
        steps: the proof in preorder.

    Raises:
        NotAStep: a step is no plain step.
    """
    before, after = source[: hole.start], source[hole.end :]
    margin = _margin(source, hole.start)
    if hole.kind in (HoleKind.THEOREM, HoleKind.ABANDONED):
        return f"{before}\n{script(steps, len(margin) + 2)}{after}"
    text = script(steps, 0)
    line = before[before.rfind("\n") + 1 :]
    if "\n" not in text:
        return before + text + after
    if line.strip():
        return f"{before.rstrip(' ')}\n{textwrap.indent(text, margin + '  ')}{after}"
    return before + textwrap.indent(text, line)[len(line) :] + after


def script(steps: Sequence[Step], indent: int) -> str:
    """Write a proof, without a newline at its end.

    Args:
        steps: the proof in preorder; where some step does not say how many subgoals it left, each is kept to one goal.
        indent: columns before each line.

    Raises:
        NotAStep: a step is no plain step, or changes more goals than its own.
    """
    lines: list[str] = []
    cut = blocks(steps)
    last: Parsed | None = None
    if cut is None:
        lines = [parse(step.text).focused for step in steps]
    else:
        for block in cut:
            for step in block.steps:
                parsed = parse(step.text)
                if parsed.kind is StepKind.SEARCH:
                    raise NotAStep(f"`{parsed.text}` only looks for a proof")
                lines.append(textwrap.indent(parsed.focused, " " * block.depth) if block.depth else parsed.text)
                last = None if block.depth else parsed
    if last is None or last.kind is not StepKind.CLOSING:
        lines.append("done")
    return textwrap.indent("\n".join(lines), " " * indent)


def _margin(source: str, offset: int) -> str:
    """Return the blanks before the line on which an offset lies."""
    line = source[source.rfind("\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip())] if line.strip() else line


def take_apart(source: str, hole: Hole, text: str, file: str) -> list[Command]:
    """Check that an artefact is the source with a plain proof in the hole, and return the proof's commands.

    Args:
        source: the theory's text.
        hole: what was to be proved in it.
        text: of the artefact.
        file: its name, for messages.

    Raises:
        NotTheSource: it is not.
    """
    above, below = source[: hole.start], source[hole.end :]
    if not text.startswith(above):
        # Blanks before a proof of several lines make place for a line end.
        above = above.rstrip(" ")
    if not text.startswith(above):
        raise NotTheSource("the artefact differs from the source above the proof")
    if not text.endswith(below) or len(text) < len(above) + len(below):
        raise NotTheSource("the artefact differs from the source below the proof")
    proof = text[len(above) : len(text) - len(below)]
    try:
        _check_boundaries(source, hole, text, (len(above), len(text) - len(below)))
        commands = read(proof)
    except (NotAStep, InputError) as error:
        raise NotTheSource(f"the proof is not made of plain steps: {error.message}") from None
    if not closes(commands):
        raise NotTheSource("the proof is not one whole proof of the goal")
    _check_place(source, hole, text, proof, file)
    return commands


def _check_boundaries(source: str, hole: Hole, text: str, span: tuple[int, int]) -> None:
    """Check that no token runs across the proof's ends, and that those around it are the source's own."""
    start, end = span
    found = list(tokens(text))
    if any(token.start < cut < token.end for token in found for cut in span if token.text.strip()):
        raise NotAStep("it runs into the text around it")
    inside = [token for token in found if start <= token.start < end and token.text.strip()]
    around = [token.text for token in found if (token.end <= start or token.start >= end) and token.text.strip()]
    own = [t.text for piece in (source[: hole.start], source[hole.end :]) for t in tokens(piece) if t.text.strip()]
    if around != own:
        raise NotAStep("it runs into the text around it")
    for token in (inside[0], inside[-1]) if inside else ():
        touching = text[token.start - 1 : token.start] if token is inside[0] else text[token.end : token.end + 1]
        if touching.isalnum() or touching in ("'", "_", ".", "\\"):
            raise NotAStep("it runs into the text around it")


def _check_place(source: str, hole: Hole, text: str, proof: str, file: str) -> None:
    """Check that the theorem's proof ends where it did, by reading the artefact as a theory."""
    try:
        found = [one for one in scan.holes(text, file) if one.command == hole.command]
    except InputError as error:
        raise NotTheSource(f"the artefact cannot be read: {error.message}") from None
    statement = source[hole.command : hole.statement_end]
    tail = source[hole.end : hole.proof_end]
    for one in found:
        if text[one.command : one.statement_end] != statement:
            raise NotTheSource("the statement is another one")
        if not text[: one.proof_end].endswith(proof.rstrip() + tail if tail else proof.rstrip()):
            raise NotTheSource("the proof ends somewhere else")
    if hole.goal and not found:
        raise NotTheSource("the theorem is gone")
