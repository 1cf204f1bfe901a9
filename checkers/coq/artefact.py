"""The final artefact of a Coq proof: the source with the proof in its place, written the way people write proofs."""

from __future__ import annotations

from collections.abc import Sequence

from checkers.branches import Block, blocks
from checkers.coq.scan import Hole, HoleKind
from checkers.coq.sentences import split
from checkers.coq.tactics import plain, uses_hammer
from lemmata.step import Step

HAMMER_LINE = "From Hammer Require Import Tactics.\n"
"""Stands above everything else in an artefact that uses CoqHammer's tactics."""

_WIDTH = 80
_DEEPEST = 24
"""Levels of bullets; deeper proofs are written without any."""


def artefact(source: str, hole: Hole, steps: Sequence[Step]) -> str:
    """Put a proof into its source.

    Args:
        source: the file's text.
        hole: what was to be proved in it.
        steps: the proof in preorder.

    Raises:
        NotATactic: a step is not a plain tactic.
    """
    before, after = source[: hole.start], source[hole.end :]
    margin = _margin(source, hole.statement[0])
    line = before[before.rfind("\n") + 1 :]
    match hole.kind:
        case HoleKind.THEOREM:
            text = f"\n{script(steps, len(margin) + 2)}\n{margin}{hole.terminator}"
        case HoleKind.ADMITTED:
            nested = _script_above(source, hole)
            if line.strip():
                text = f"\n{script(steps, len(margin) + 2, nested=nested)}\n{margin}{hole.terminator}"
            else:
                text = f"{script(steps, len(line) + 2, nested=nested)[len(line) :]}\n{line}{hole.terminator}"
        case HoleKind.ADMIT:
            text = script(steps, len(line), nested=True)[len(line) :]
            after = closed(source, hole)
    top = HAMMER_LINE if any(uses_hammer(step.text) for step in steps) else ""
    return top + before + text + after


def closed(source: str, hole: Hole) -> str:
    """Return what follows an `admit.` in the artefact: `Admitted.` becomes `Qed.` where no other hole is left."""
    if hole.admitted is None or hole.others:
        return source[hole.end :]
    start, end = hole.admitted
    return source[hole.end : start] + "Qed." + source[end:]


def script(steps: Sequence[Step], indent: int, *, nested: bool = False) -> str:
    """Write a proof as a structured script, without a newline at its end.

    Args:
        steps: the proof in preorder; where some step does not say how many subgoals it left, there are no bullets.
        indent: columns before each line.
        nested: it stands among bullets already, so its outermost branches get braces, which start bullets anew.

    Raises:
        NotATactic: a step is not a plain tactic.
    """
    found = blocks(steps)
    if found is None or any(block.depth > _DEEPEST for block in found):
        return "\n".join(" " * indent + _sentence(step) for step in steps)
    return "\n".join(_render(found, indent, nested))


def _sentence(step: Step) -> str:
    return plain(step.text) + "."


def _render(found: Sequence[Block], indent: int, nested: bool) -> list[str]:
    lines: list[str] = []
    for block, following in zip(found, [*found[1:], None], strict=True):
        marks = [_mark(depth, nested) for depth in range(1, block.depth + 1)]
        column = indent + sum(len(mark) + 1 for mark in marks)
        filled = _fill([_sentence(step) for step in block.steps], column)
        if marks:
            filled[0] = f"{' ' * (column - len(marks[-1]) - 1)}{marks[-1]} {filled[0].lstrip(' ')}"
        if nested and block.depth and (following is None or following.depth == 1):
            filled[-1] += " }"
        lines += filled
    return lines


def _mark(depth: int, nested: bool) -> str:
    if nested and depth == 1:
        return "{"
    level = depth - 2 if nested else depth - 1
    return "-+*"[level % 3] * (level // 3 + 1)


def _fill(sentences: Sequence[str], column: int) -> list[str]:
    """Put sentences on lines, several on one where they fit."""
    lines: list[str] = []
    for sentence in sentences:
        if lines and len(lines[-1]) + 1 + len(sentence) <= _WIDTH:
            lines[-1] += " " + sentence
        else:
            lines.append(" " * column + sentence)
    return lines


def _margin(source: str, offset: int) -> str:
    """Return the blanks before the line on which an offset lies."""
    line = source[source.rfind("\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip())] if line.strip() else line


def _script_above(source: str, hole: Hole) -> bool:
    """Say whether a part of the proof stands above the hole."""
    sentences = split(source[hole.statement[1] : hole.start])
    return any(not sentence.text.startswith("Proof") for sentence in sentences)
