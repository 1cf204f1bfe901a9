"""Independent goals, each with a proof state of its own.

The REPL judges a proof state by the goal that the whole proof began with, and a state that it reports for a `sorry`
within a tactic inherits that goal (`REPL/Main.lean`, `sorries` and `getProofStatus`): closing it never says
`Completed`, because the goals beside it are still open. A state reported for a `sorry` of a *command* begins with that
goal alone. So where a step leaves several goals, the theorem is elaborated again with the steps so far and `all_goals
sorry` after them, which gives each goal a state in which `Completed` means that this very goal is proved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checkers.lean.replies import Position

OPEN_ALL = "all_goals sorry"
_BEFORE_SORRY = len("all_goals ")


@dataclass(frozen=True, slots=True)
class Branch:
    """Steps that follow one another, the last of which leaves several goals; one of them was taken."""

    steps: tuple[str, ...]
    goals: int
    taken: int


@dataclass(frozen=True, slots=True)
class Hole:
    """A `sorry` of a declaration that a proof takes the place of."""

    declaration: str
    position: Position
    term: bool
    """Whether a term stands there, rather than tactics."""

    @property
    def start(self) -> int:
        """Its offset in the declaration."""
        lines = self.declaration.split("\n")
        return sum(len(line) + 1 for line in lines[: self.position.line - 1]) + self.position.column

    def fits(self) -> bool:
        """Say whether a `sorry` stands there."""
        start = self.start
        return self.declaration[start : start + len("sorry")] == "sorry"

    def filled(self, lines: Sequence[str]) -> str:
        """Return the declaration with a proof in its place."""
        start = self.start
        pad = "\n" + " " * self._indent
        block = ("(by" if self.term else "(") + "".join(pad + line for line in lines) + pad + ")"
        return self.declaration[:start] + block + self.declaration[start + len("sorry") :]

    def within(self, row: int, column: int) -> Position:
        """Return where a place of the proof's lines, both from 0, is in the filled declaration."""
        return Position(self.position.line + 1 + row, self._indent + column)

    @property
    def _indent(self) -> int:
        # Right of the place itself, and so right of whatever block encloses it.
        return self.position.column + 2


def opened(hole: Hole, branches: Sequence[Branch], steps: Sequence[str]) -> tuple[str, Position]:
    """Write the declaration up to the goals that some steps leave.

    Args:
        hole: where the proof stands.
        branches: those that lead to where the steps begin, outermost first.
        steps: what comes after them.

    Returns:
        The declaration, and where its `sorry` for these goals is.
    """
    lines, row = _lines(branches, steps), _row(branches, steps)
    return hole.filled(lines), hole.within(row, len(lines[row]) - len(OPEN_ALL) + _BEFORE_SORRY)


def _row(branches: Sequence[Branch], steps: Sequence[str]) -> int:
    """Return the line on which the goals are left open."""
    height = sum(step.count("\n") + 1 for branch in branches for step in branch.steps)
    return height + sum(branch.taken for branch in branches) + sum(step.count("\n") + 1 for step in steps)


def _lines(branches: Sequence[Branch], steps: Sequence[str]) -> list[str]:
    if not branches:
        return [line for step in (*steps, OPEN_ALL) for line in step.split("\n")]
    first, rest = branches[0], branches[1:]
    lines = [line for step in first.steps for line in step.split("\n")]
    for goal in range(first.goals):
        block = _lines(rest, steps) if goal == first.taken else ["sorry"]
        lines += ["· " + block[0], *("  " + line for line in block[1:])]
    return lines
