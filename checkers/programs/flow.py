"""Control-flow automata: nodes joined by edges that assign, choose or assume."""

from __future__ import annotations

from dataclasses import dataclass, field

from lemmata.errors import Location
from lemmata.logic.terms import FALSE, TRUE, Term, neg


@dataclass(frozen=True, slots=True)
class Assign:
    """Set a variable to the value of a term over the current values."""

    name: str
    term: Term


@dataclass(frozen=True, slots=True)
class Havoc:
    """Let the environment choose a variable's value; `number` is unique in the automaton."""

    name: str
    sort: str
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Assume:
    """Go on only where a condition holds."""

    condition: Term


@dataclass(frozen=True, slots=True)
class Inexact:
    """Where the condition holds, a value was used that the semantics leaves open."""

    condition: Term


@dataclass(frozen=True, slots=True)
class Invoke:
    """Run a recursive function to its return, from values of its own; then take over what it leaves behind."""

    function: str
    site: int
    """Unique in the automaton."""
    arguments: tuple[tuple[str, Term], ...]
    """For each parameter's entry value the term over the caller's current values."""
    result: tuple[str, str] | None
    """The caller's variable that gets the result, with its sort."""

    @property
    def parameters(self) -> set[str]:
        """The variables that hold the arguments."""
        return {name for name, _ in self.arguments}


Command = Assign | Havoc | Assume | Inexact | Invoke


@dataclass(frozen=True, slots=True)
class Edge:
    """One step of control."""

    source: int
    target: int
    command: Command
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What is special about a node: a loop head, an error, or the start or return of a recursive function."""

    kind: str
    location: Location
    message: str = ""
    hints: tuple[str, ...] = ()
    scope: tuple[tuple[str, str], ...] = ()
    """Names visible at a loop head, start or return, each with the variable it stands for."""


@dataclass(slots=True)
class Flow:
    """A control-flow automaton under construction; `current` is None where control cannot be."""

    edges: dict[int, list[Edge]] = field(default_factory=lambda: {0: []})
    marks: dict[int, Mark] = field(default_factory=dict)
    current: int | None = 0
    havocs: int = 0
    calls: int = 0
    entered: set[int] = field(default_factory=set)
    """Nodes that some edge leads to."""
    location: Location | None = None

    def node(self) -> int:
        """Make a new node without edges."""
        number = len(self.edges)
        self.edges[number] = []
        return number

    def do(self, command: Command) -> None:
        """Append a command after the current node."""
        if self.current is None or (isinstance(command, Assume) and command.condition is TRUE):
            return
        if isinstance(command, Inexact) and command.condition is FALSE:
            return
        if isinstance(command, Assume) and command.condition is FALSE:
            self.current = None
            return
        target = self.node()
        self._link(target, command)
        self.current = target

    def jump(self, target: int) -> None:
        """Go on at an existing node; control is nowhere afterwards."""
        if self.current is not None:
            self._link(target, Assume(TRUE))
        self.current = None

    def _link(self, target: int, command: Command) -> None:
        assert self.current is not None
        self.edges[self.current].append(Edge(self.current, target, command, self.location))
        self.entered.add(target)

    def resume(self, node: int) -> None:
        """Go on at a node if some edge leads to it, and nowhere otherwise."""
        self.current = node if node in self.entered else None

    def branch(self, condition: Term) -> tuple[int | None, int | None]:
        """Split control and return the nodes where the condition holds and where it does not."""
        start = self.current
        self.do(Assume(condition))
        then, self.current = self.current, start
        self.do(Assume(neg(condition)))
        other, self.current = self.current, None
        return then, other

    def join(self, *nodes: int | None) -> None:
        """Go on where any of the nodes may be."""
        live = [n for n in nodes if n is not None]
        if not live:
            self.current = None
            return
        if len(live) == 1:
            self.current = live[0]
            return
        target = self.node()
        for n in live:
            self.current = n
            self.jump(target)
        self.current = target

    def check(self, condition: Term, location: Location, message: str) -> None:
        """Fail with `message` unless the condition holds, then go on where it does."""
        if self.current is None or condition is TRUE:
            return
        good = self.branch(condition)
        if good[1] is not None:
            self.marks[good[1]] = Mark("error", location, message)
        self.current = good[0]
