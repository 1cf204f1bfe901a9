"""Translating C statements to a control-flow automaton."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pycparser import c_ast

from checkers.programs.annotations import Annotations, Clause
from checkers.programs.builder import ArraySymbol, Builder, Scalar
from checkers.programs.calls import Calls
from checkers.programs.declarations import Declarations
from checkers.programs.expressions import Expressions
from checkers.programs.flow import Mark
from checkers.programs.jumps import Jumps
from checkers.programs.pragmas import PRAGMA, annotation_number, harmless_pragma, pragma_words
from lemmata.logic import terms as t


@dataclass(slots=True)
class Target:
    """Where `break` and `continue` lead."""

    leave: int
    again: int | None


class Statements:
    """The statement translator."""

    def __init__(
        self,
        builder: Builder,
        expressions: Expressions,
        declarations: Declarations,
        calls: Calls,
        annotations: Annotations,
    ) -> None:
        self.b = builder
        self.expressions = expressions
        self.declarations = declarations
        self.calls = calls
        self.annotations = annotations
        self.targets: list[Target] = []
        self.jumps = Jumps(builder, declarations.is_static)

    def statement(self, node: Any) -> None:
        """Translate one statement."""
        if node is None:
            return
        self.b.node = node
        hints: list[Clause] = []
        if isinstance(node, c_ast.While | c_ast.DoWhile | c_ast.For):
            hints = self.annotations.take_loop()
        elif not isinstance(node, c_ast.Pragma | c_ast.Compound):
            self.annotations.expect_loop()
        match node:
            case c_ast.Compound():
                with self.b.scope():
                    self.block(node.block_items or [])
            case c_ast.Decl() | c_ast.Typedef():
                self._declaration(node)
            case c_ast.DeclList():
                for one in node.decls:
                    self._declaration(one)
            case c_ast.If():
                self._if(node)
            case c_ast.While():
                self._while(node, node.cond, None, hints)
            case c_ast.DoWhile():
                self._do_while(node, hints)
            case c_ast.For():
                with self.b.scope():
                    if isinstance(node.init, c_ast.DeclList):
                        self.statement(node.init)
                    elif node.init is not None:
                        self.expressions.full(node.init)
                    self._while(node, node.cond, node.next, hints)
            case c_ast.Switch():
                self._switch(node)
            case c_ast.Break() | c_ast.Continue():
                self._leave(node)
            case c_ast.Return():
                self._return(node)
            case c_ast.EmptyStatement():
                pass
            case c_ast.Label():
                self.jumps.label(node.name, node)
                self.statement(node.stmt)
            case c_ast.Pragma():
                self._pragma(node)
            case c_ast.Goto():
                self.jumps.goto(node.name, node)
            case c_ast.Case() | c_ast.Default():
                raise self.b.refuse("a case label inside of another statement", node)
            case c_ast.StaticAssert():
                if not self.expressions.constant(node.cond, "a static assertion"):
                    raise self.b.wrong("static assertion failed", node)
            case _:
                self.expressions.full(node)

    def block(self, items: list[Any]) -> None:
        """Translate the statements of a block in order."""
        for item in items:
            self.statement(item)

    def _declaration(self, node: Any) -> None:
        self.b.node = node
        storage = set(getattr(node, "storage", None) or [])
        if "static" in storage and not isinstance(node.type, c_ast.FuncDecl):
            self.declarations.static(node)
        elif "extern" in storage and not isinstance(node.type, c_ast.FuncDecl):
            raise self.b.refuse("an extern declaration in a block", node)
        else:
            self.declarations.declare(node)

    def _pragma(self, node: Any) -> None:
        words = pragma_words(node)
        if words[:1] == [PRAGMA]:
            self.annotations.statement(annotation_number(words, self.b.place(node)))
        elif not harmless_pragma(words):
            raise self.b.refuse(f"'#pragma {' '.join(words[:1])}'", node)

    def _if(self, node: Any) -> None:
        yes, no = self.b.flow.branch(self.expressions.condition(node.cond))
        self.b.flow.current = yes
        with self.b.scope():
            self.statement(node.iftrue)
        yes, self.b.flow.current = self.b.flow.current, no
        with self.b.scope():
            self.statement(node.iffalse)
        self.b.flow.join(yes, self.b.flow.current)

    def _head(self, node: Any, hints: list[Clause]) -> int:
        """Begin a loop: a cut, at which the programmer's loop invariants are claimed."""
        head = self.b.flow.node()
        reachable = self.b.flow.current is not None
        self.b.flow.jump(head)
        scope = self.annotations.visible()
        self.b.flow.marks[head] = Mark("loop", self.b.place(node), "", tuple(h.text for h in hints), scope)
        self.b.flow.current = head
        self.annotations.claim_loop(hints)
        if not reachable:
            self.b.flow.current = None
        return head

    @contextmanager
    def _targets(self, leave: int, again: int | None) -> Iterator[None]:
        self.targets.append(Target(leave, again))
        with self.b.scope():
            yield
        self.targets.pop()

    @contextmanager
    def _inside(self, loop: int) -> Iterator[None]:
        self.jumps.loops.append(loop)
        yield
        self.jumps.loops.pop()

    def _while(self, node: Any, condition: Any, after: Any, hints: list[Clause]) -> None:
        head = self._head(node, hints)
        leave, again = self.b.flow.node(), self.b.flow.node()
        yes, no = self.b.flow.branch(self.expressions.condition(condition) if condition is not None else t.TRUE)
        self.b.flow.current = no
        self.b.flow.jump(leave)
        self.b.flow.current = yes
        with self._targets(leave, again), self._inside(head):
            self.statement(node.stmt)
        self.b.flow.jump(again)
        self.b.flow.current = again
        if after is not None:
            self.b.node = node
            self.expressions.full(after)
        self.b.flow.jump(head)
        self.b.flow.resume(leave)

    def _do_while(self, node: Any, hints: list[Clause]) -> None:
        head = self._head(node, hints)
        leave, again = self.b.flow.node(), self.b.flow.node()
        with self._targets(leave, again), self._inside(head):
            self.statement(node.stmt)
        self.b.flow.jump(again)
        self.b.flow.resume(again)
        self.b.node = node
        yes, no = self.b.flow.branch(self.expressions.condition(node.cond))
        self.b.flow.current = yes
        self.b.flow.jump(head)
        self.b.flow.current = no
        self.b.flow.jump(leave)
        self.b.flow.resume(leave)

    def _switch(self, node: Any) -> None:
        value = self.expressions.full(node.cond)
        if value is None:
            raise self.b.wrong("a void value is tested", node)
        kind = self.b.types.promote(value.type)
        chosen = self.b.temporary(kind, "switch")
        self.b.set(chosen, value)
        items = node.stmt.block_items or [] if isinstance(node.stmt, c_ast.Compound) else [node.stmt]
        dispatch = self.b.flow.current
        leave = self.b.flow.node()
        entries: list[tuple[int | None, int]] = []
        self.b.flow.current = None
        with self._targets(leave, self.targets[-1].again if self.targets else None):
            for item in items:
                self._case(item, entries, kind)
            declared = [s for s in self.b.scopes[-1].values() if isinstance(s, Scalar | ArraySymbol)]
        self.b.flow.jump(leave)
        numbers = [number for number, _ in entries]
        if len(set(numbers)) != len(numbers):
            raise self.b.wrong("a case value occurs twice", node)
        self.b.flow.current = dispatch
        for symbol in declared:
            # The jump to a label skips declarations: their objects exist, with no determined value.
            if not self.declarations.is_static(symbol):
                self.b.choose(symbol, "uninitialised")
        default = leave
        for number, entry in entries:
            if number is None:
                default = entry
                continue
            same = t.eq(self.b.term(chosen), self.b.arithmetic.literal(number, kind).term)
            yes, no = self.b.flow.branch(same)
            self.b.flow.current = yes
            self.b.flow.jump(entry)
            self.b.flow.current = no
        self.b.flow.jump(default)
        self.b.flow.resume(leave)

    def _case(self, item: Any, entries: list[tuple[int | None, int]], kind: Any) -> None:
        if not isinstance(item, c_ast.Case | c_ast.Default):
            self.statement(item)
            return
        self.b.node = item
        number = None
        if isinstance(item, c_ast.Case):
            number = kind.wrap(self.expressions.constant(item.expr, "a case value"))
        entry = self.b.flow.node()
        self.b.flow.jump(entry)
        self.b.flow.current = entry
        entries.append((number, entry))
        for inner in item.stmts or []:
            self._case(inner, entries, kind)

    def _leave(self, node: Any) -> None:
        word = "break" if isinstance(node, c_ast.Break) else "continue"
        target = self.targets[-1] if self.targets else None
        place = None if target is None else target.leave if word == "break" else target.again
        if place is None:
            raise self.b.wrong(f"'{word}' outside of a loop", node)
        self.b.flow.jump(place)

    def _return(self, node: Any) -> None:
        frame = self.calls.stack[-1]
        if node.expr is not None:
            value = self.expressions.full(node.expr)
            if frame.result is None and value is not None:
                raise self.b.wrong("a void function returns a value", node)
            if frame.result is not None:
                if value is None:
                    raise self.b.wrong("a void value is returned", node)
                self.b.set(frame.result, value)
        self.b.flow.jump(frame.exit)

    def function(self, items: list[Any]) -> None:
        """Translate a function body; `break` cannot reach out of it."""
        before, self.targets = self.targets, []
        self.jumps.enter()
        with self.b.scope():
            self.block(items)
        self.annotations.expect_loop()
        self.jumps.leave()
        self.targets = before
