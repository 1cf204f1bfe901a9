"""`goto` to a label further on, out of whatever it stands in; jumps back, or into a loop, are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from checkers.programs.builder import ArraySymbol, Builder, Scalar

Symbol = Scalar | ArraySymbol


@dataclass(frozen=True, slots=True)
class _Jump:
    """A goto whose label is still to come."""

    node: int
    visible: frozenset[str]
    loops: tuple[int, ...]
    place: Any


@dataclass(slots=True)
class _Function:
    """The labels of one function's body, for one of its calls."""

    waiting: dict[str, list[_Jump]] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)


class Jumps:
    """The gotos of the functions that are being translated.

    Args:
        builder: shared state.
        is_static: says of a variable that it exists all the time.
    """

    def __init__(self, builder: Builder, is_static: Callable[[Symbol], bool]) -> None:
        self.b = builder
        self.is_static = is_static
        self.functions: list[_Function] = []
        self.loops: list[int] = []

    def enter(self) -> None:
        """Begin a function's body."""
        self.functions.append(_Function())

    def leave(self) -> None:
        """End a function's body.

        Raises:
            InputError: a goto has no label.
        """
        for name, jumps in self.functions.pop().waiting.items():
            raise self.b.wrong(f"there is no label '{name}'", jumps[0].place)

    def goto(self, name: str, node: Any) -> None:
        """Leave for a label.

        Raises:
            UnsupportedError: the label stands before the goto.
        """
        function = self.functions[-1]
        if name in function.passed:
            raise self.b.refuse(f"a 'goto' back to the label '{name}'", node, "use a loop")
        start = self.b.flow.node()
        self.b.flow.jump(start)
        seen = frozenset(symbol.name for symbol in self._visible())
        function.waiting.setdefault(name, []).append(_Jump(start, seen, tuple(self.loops), node))

    def label(self, name: str, node: Any) -> None:
        """Arrive at a label, from above and from every goto that names it.

        Raises:
            InputError: the label stands there twice.
            UnsupportedError: a goto leads into a loop, or past the declaration of an array of variable length.
        """
        function = self.functions[-1]
        if name in function.passed:
            raise self.b.wrong(f"the label '{name}' stands here twice", node)
        function.passed.add(name)
        jumps = function.waiting.pop(name, [])
        if not jumps:
            return
        here = self.b.flow.node()
        self.b.flow.jump(here)
        for jump in jumps:
            if jump.loops[: len(self.loops)] != tuple(self.loops):
                raise self.b.refuse("a 'goto' into a loop", jump.place, "use the loop's condition")
            if jump.node not in self.b.flow.entered:
                # The goto itself is never reached.
                continue
            self.b.flow.current = jump.node
            for symbol in self._visible():
                # What is declared between the two exists, with no determined value.
                if symbol.name not in jump.visible and not self.is_static(symbol):
                    if isinstance(symbol, ArraySymbol) and any(n is None or n.op != "const" for n in symbol.lengths):
                        raise self.b.refuse("a 'goto' past the declaration of an array", jump.place)
                    self.b.choose(symbol, "uninitialised")
            self.b.flow.jump(here)
        self.b.flow.resume(here)

    def _visible(self) -> list[Symbol]:
        return [s for scope in self.b.scopes for s in scope.values() if isinstance(s, Scalar | ArraySymbol)]
