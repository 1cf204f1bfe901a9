"""What a statement consists of once it is known what is bound where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Variable:
    """A bound variable; its name means nothing."""

    uses: int = 0


@dataclass(frozen=True, slots=True)
class Bind:
    """A binder with one variable, or with those of a pattern."""

    kind: str
    variables: tuple[Variable, ...]
    said: tuple[Node, ...] | None
    """The variable's type, or its bound with the sign before it; the pattern, and the value of a `let`."""
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """A premise and what follows from it; also a binder whose variable is not used."""

    premise: tuple[Node, ...]
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Bracket:
    """What stands in brackets."""

    opening: str
    nodes: tuple[Node, ...]


Node = str | Variable | Bind | Arrow | Bracket
