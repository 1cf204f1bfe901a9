"""Where a proof branches, for whoever writes it down as a structured script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lemmata.step import Step


@dataclass(slots=True)
class Block:
    """Steps that follow one another on one goal."""

    depth: int
    """How many branches enclose it."""
    steps: list[Step] = field(default_factory=list)


def blocks(steps: Sequence[Step]) -> list[Block] | None:
    """Cut a proof at its branches.

    Args:
        steps: the proof in preorder; each says how many subgoals it left.

    Returns:
        The blocks in the order of the steps: a step that leaves two goals or more ends its block, and as many blocks
        of one more depth follow, each with its own branches after it. None where the numbers of subgoals are not
        known, or are not those of one complete proof.
    """
    found = [Block(0)]
    left: list[int] = []  # branches of each enclosing step that are still to come
    closed = False
    for step in steps:
        if closed:
            while left and not left[-1]:
                left.pop()
            if not left:
                return None
            left[-1] -= 1
            found.append(Block(len(left)))
        found[-1].steps.append(step)
        if step.subgoals is None:
            return None
        if step.subgoals >= 2:
            left.append(step.subgoals)
        closed = step.subgoals != 1
    return found if closed and not any(left) else None
