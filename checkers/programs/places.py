"""Where the parts of a program stand in its text, for other tools: the preprocessor moves columns, lines it keeps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pycparser import c_ast

from checkers.programs.preprocess import masked
from checkers.programs.program import Unit
from checkers.programs.source import walk

_COMMENT = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_OPENS_STATEMENT = re.compile(r"[A-Za-z_(+\-!~;]")


class Places:
    """The positions in one file; lines and columns count from 1.

    Args:
        text: the file's.
        unit: the same, parsed.
    """

    def __init__(self, text: str, unit: Unit) -> None:
        # Comments and strings hold no code; everything else stays where it is.
        bare = _COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), masked(text))
        self.lines = bare.split("\n")
        self._functions = sorted((f.location.line, f.location.column, name) for name, f in unit.functions.items())
        nodes = [node for node in walk(unit.source.tree) if node.coord]
        self._loops = {_at(node): node for node in nodes if isinstance(node, c_ast.For | c_ast.While | c_ast.DoWhile)}
        self._calls = {_at(node): node.name.name for node in nodes if _is_call(node)}
        self._declared = _declared(nodes)
        self._bodies = {name: _at(f.node.body) for name, f in unit.functions.items()}

    def find(self, line: int, column: int, pattern: str) -> re.Match[str] | None:
        """Find what the parser saw at a position: there, or where it occurs only once in that line."""
        if not 0 < line <= len(self.lines):
            return None
        text = self.lines[line - 1]
        if column and (here := re.compile(pattern).match(text, column - 1)):
            return here
        found = list(re.finditer(rf"(?<!\w)(?:{pattern})", text))
        return found[0] if len(found) == 1 else None

    def function(self, line: int, column: int) -> str | None:
        """Return the name of the function whose definition contains a position."""
        before = [name for *start, name in self._functions if (start[0], start[1]) <= (line, column)]
        return before[-1] if before else None

    def call(self, line: int, column: int) -> str | None:
        """Return the name of the function that is called at a position, None where there is no call."""
        return self._calls.get((line, column))

    def loop(self, line: int, column: int) -> tuple[str, int, int] | None:
        """Return where an invariant of the loop at a position belongs.

        Returns:
            `loop_invariant` and the place of the keyword of a `for` or `while` loop, `location_invariant` and the place
            of the first statement of a `do` loop, at which it begins anew each time.
        """
        node = self._loops.get((line, column))
        if isinstance(node, c_ast.DoWhile):
            first = self._first(*_at(node.stmt)) if isinstance(node.stmt, c_ast.Compound) else None
            return ("location_invariant", *first) if first else None
        found = self.find(line, column, r"(?:for|while)\b") if node is not None else None
        return ("loop_invariant", line, found.start() + 1) if found else None

    def body(self, function: str) -> tuple[int, int] | None:
        """Return the place of the first statement or declaration of a function's body."""
        return self._first(*self._bodies[function]) if function in self._bodies else None

    def after(self, line: int, column: int, name: str) -> tuple[int, int] | None:
        """Return the place of the statement that follows the declaration, without a value, of a variable."""
        following = self._declared.get((line, column, name))
        if following is None or not line < following[0] <= len(self.lines):
            return None
        text = self.lines[following[0] - 1]
        start = len(text) - len(text.lstrip())
        # Nothing but the words of a declaration may come before the place that the parser names.
        if not re.fullmatch(r"(\w+\s+)*", text[start : following[1] - 1]):
            return None
        return following[0], start + 1

    def _first(self, line: int, column: int) -> tuple[int, int] | None:
        """Return the place of what follows the brace at a position."""
        brace = self.find(line, column, r"\{")
        position = brace.end() if brace else 0
        while brace and line <= len(self.lines):
            rest = self.lines[line - 1][position:]
            if rest.strip():
                start = position + len(rest) - len(rest.lstrip())
                return (line, start + 1) if _OPENS_STATEMENT.match(rest.lstrip()) else None
            line, position = line + 1, 0
        return None


def _at(node: Any) -> tuple[int, int]:
    return int(node.coord.line or 0), int(node.coord.column or 0)


def _is_call(node: Any) -> bool:
    return isinstance(node, c_ast.FuncCall) and isinstance(node.name, c_ast.ID)


def _declared(nodes: list[Any]) -> Mapping[tuple[int, int, str], tuple[int, int]]:
    """Find for each variable declared in a block without a value where the next statement is, by place and name."""
    found: dict[tuple[int, int, str], tuple[int, int]] = {}
    for block in nodes:
        following: Any = None
        for item in reversed((block.block_items or []) if isinstance(block, c_ast.Compound) else []):
            if not _is_open(item):
                following = item
            elif following is not None and following.coord and not isinstance(following, c_ast.Pragma):
                found[(*_at(item), item.name)] = _at(following)
    return found


def _is_open(item: Any) -> bool:
    return isinstance(item, c_ast.Decl) and item.init is None and isinstance(item.type, c_ast.TypeDecl)
