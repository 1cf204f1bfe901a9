"""Where in the body of a declaration a tactic stands, and where a term, told from words, brackets and columns.

A `by` opens a block whose column is that of its first tactic; a line that starts there starts a tactic, one further to
the left ends the block ("Tactic sequences" in the Lean language reference).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from checkers.lean.lexer import Lines, Token

_OPENERS = frozenset({"(", "[", "{", "⟨", "@["})
_CLOSERS = frozenset({")", "]", "}", "⟩"})
# Tactics whose operand is a tactic.
_COMBINATORS = frozenset(
    "try repeat repeat' repeat1 all_goals any_goals focus first iterate fail_if_success any_goals' solve".split()
)
_ALTERNATIVES = frozenset("cases induction rcases cases' induction' fun_cases fun_induction".split())
_ARROWS = frozenset("case case' next on_goal pick_goal conv conv_lhs conv_rhs".split())


@dataclass(slots=True)
class _Frame:
    """A block of tactics, or a bracket."""

    column: int
    """Of the first tactic; 0 for a bracket or the body itself."""
    arrows: list[bool] = field(default_factory=list)
    """For each open `fun`, `match`, `case`: whether a tactic follows its `=>`."""
    branches: list[bool] = field(default_factory=list)
    """For each open `if`: whether tactics follow `then` and `else`."""
    alternatives: bool = False
    """Whether tactics follow the `=>` of `| pattern =>`."""


def tactic_places(body: Sequence[Token], lines: Lines) -> set[int]:
    """Return the indices of the tokens of a body that stand where a tactic is expected."""
    walk = _Walk(body, lines)
    return {index for index in range(len(body)) if walk.step(index)}


class _Walk:
    """Follows the tokens of one body."""

    def __init__(self, body: Sequence[Token], lines: Lines) -> None:
        self._body = body
        self._lines = lines
        self._frames = [_Frame(0)]
        self._fresh = False
        self._line = 0

    def step(self, index: int) -> bool:
        """Take one token, and say whether it stands where a tactic is expected."""
        token = self._body[index]
        line, column = self._lines.place(token.start)
        if line != self._line:
            self._line = line
            self._new_line(column)
        fresh, self._fresh = self._fresh, False
        self._take(token.text, index, fresh)
        return fresh

    def _new_line(self, column: int) -> None:
        if self._fresh:
            return
        while self._frames[-1].column > column:
            self._frames.pop()
        self._fresh = bool(self._frames[-1].column == column)

    def _take(self, text: str, index: int, fresh: bool) -> None:
        frame = self._frames[-1]
        match text:
            case "by" | "decreasing_by":
                self._block(index)
            case "·" | "." if fresh:
                self._block(index)
            case ";" | "<;>":
                self._fresh = bool(frame.column)
            case "=>":
                if frame.arrows.pop() if frame.arrows else frame.alternatives:
                    self._block(index)
            case "|":
                frame.arrows.clear()
                self._fresh = fresh
            case "fun" | "λ":
                frame.arrows.append(False)
            case "match":
                frame.alternatives = fresh
            case "if":
                frame.branches.append(fresh)
            case "then" if frame.branches and frame.branches[-1]:
                self._block(index)
            case "else":
                self._otherwise(index)
            case _ if text in _OPENERS:
                self._frames.append(_Frame(0))
                if fresh and text in ("(", "{"):
                    self._block(index)
            case _ if text in _CLOSERS:
                self._close()
            case _ if fresh and text in _COMBINATORS:
                self._fresh = True
            case _ if fresh and text in _ALTERNATIVES:
                frame.alternatives = True
            case _ if fresh and text in _ARROWS:
                frame.arrows.append(True)

    def _block(self, index: int) -> None:
        """Open a block of tactics behind a token."""
        if index + 1 < len(self._body):
            self._frames.append(_Frame(self._lines.place(self._body[index + 1].start)[1]))
            self._fresh = True

    def _otherwise(self, index: int) -> None:
        # The block behind `then` ends here where both stand on one line.
        depth = len(self._frames) - 1
        while depth and self._frames[depth].column and not self._frames[depth].branches:
            depth -= 1
        if self._frames[depth].branches:
            del self._frames[depth + 1 :]
            if self._frames[depth].branches.pop():
                self._block(index)

    def _close(self) -> None:
        while len(self._frames) > 1 and self._frames.pop().column:
            pass
