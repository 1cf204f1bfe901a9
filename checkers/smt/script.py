"""From an SMT-LIB script to one question for each `(check-sat)`: the declarations and assertions in force there.

Only what decides satisfiability is carried over. What a script says of itself (`:status`), what it asks for besides
(`get-model`) and harmless options are dropped; whatever could change the meaning of a question is refused by name.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from checkers.smt.reserved import reserved
from checkers.smt.sexpr import Node, Reader
from lemmata.errors import InputError, Location

_MOST_QUESTIONS = 1000
_MOST_LEVELS = 10_000
_IGNORED = {
    "set-info", "echo", "get-assertions", "get-assignment", "get-info", "get-model", "get-option", "get-proof",
    "get-unsat-assumptions", "get-unsat-core", "get-value",
}  # fmt: skip
_HARMLESS = {
    ":print-success", ":produce-assertions", ":interactive-mode", ":produce-assignments", ":produce-models",
    ":produce-proofs", ":produce-unsat-assumptions", ":produce-unsat-cores", ":random-seed", ":verbosity",
    ":reproducible-resource-limit", ":incremental", ":global-declarations",
}  # fmt: skip
_ATTRIBUTES = {":named", ":pattern", ":no-pattern", ":weight", ":qid", ":skolemid"}
_LOGIC = re.compile(r"[A-Z][A-Z_0-9]*")


@dataclass(frozen=True, slots=True)
class Question:
    """One `(check-sat)` of a script."""

    name: str
    location: Location


@dataclass(frozen=True, slots=True)
class Line:
    """One command of a derived script."""

    text: str
    location: Location
    """Where the command stands in the source."""
    symbol: str = ""
    """The name that it declares without defining it."""
    constant: bool = False
    """Whether that is a constant: it has no arguments."""
    sort: str = ""
    """The constant's sort."""
    assertion: str = ""
    """The formula, where it is an assertion."""


@dataclass(frozen=True, slots=True)
class Derived:
    """The script of one question."""

    logic: str
    lines: tuple[Line, ...]

    @property
    def head(self) -> str:
        """The command that sets the logic."""
        # Numerals are reals in some logics, so the logic belongs to the question.
        return f"(set-logic {self.logic or 'ALL'})"

    def body(self, extra: Sequence[str] = ()) -> str:
        """Return the commands without the final `(check-sat)`, `extra` ones after them."""
        return "\n".join([self.head, *(line.text for line in self.lines), *extra]) + "\n"

    @property
    def text(self) -> str:
        """The complete script."""
        return self.body(["(check-sat)"])

    @property
    def assertions(self) -> list[str]:
        """The formulas asserted."""
        return [line.assertion for line in self.lines if line.assertion]

    def place(self, line: int) -> Location | None:
        """Return the source location of the command at a line of `text`, counted from 1."""
        at = 2
        for command in self.lines:
            after = at + command.text.count("\n") + 1
            if at <= line < after:
                return command.location
            at = after
        return None


@dataclass(slots=True)
class _Level:
    """What was declared and asserted since one `push`."""

    lines: list[Line] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Moment:
    """A question with what was in force when it was asked."""

    question: Question
    logic: str
    levels: tuple[tuple[list[Line], int], ...]
    """The lines of each level, and how many of them there were: a level only grows until it is popped for good."""
    assumed: tuple[Line, ...]


def questions(source: str, file: str) -> list[Question]:
    """List the questions of a script.

    Raises:
        InputError: with a location, where the script is not well-formed or asks nothing.
        UnsupportedError: it uses a command or an option that could change what it means.
    """
    found = [moment.question for moment in _moments(source, file)]
    if not found:
        raise InputError("there is no (check-sat)", location=Location(file), hint="end the script with (check-sat)")
    return found


def derive(source: str, file: str, name: str) -> Derived:
    """Return the script of one question; raise as `questions` does, and where there is none of that name."""
    for moment in _moments(source, file):
        if moment.question.name == name:
            lines = [line for level, count in moment.levels for line in level[:count]]
            return Derived(moment.logic, (*lines, *moment.assumed))
    raise InputError(f"there is no {name!r}", location=Location(file))


# Every question of a script is derived from it several times; reading 2 MiB takes a second or two.
@functools.lru_cache(maxsize=4)
def _moments(source: str, file: str) -> tuple[_Moment, ...]:
    """Run the script's commands up to its end, noting the state at each question."""
    reader = Reader(source, file)
    work = _Work(reader)
    found: list[_Moment] = []
    for command in reader.read():
        name = command.head
        if command.kind != "list" or name is None or command.items[0].kind != "symbol":
            raise reader.wrong(command, "a command is expected", "commands look like (assert ...)")
        if name == "exit":
            break
        if name not in ("check-sat", "check-sat-assuming"):
            work.do(command, name)
            continue
        if len(found) == _MOST_QUESTIONS:
            raise reader.refuse(command, f"more than {_MOST_QUESTIONS} questions in one script", "split it")
        question = Question(f"check-{len(found) + 1}", reader.at(command.offset))
        found.append(work.moment(question, _assumed(reader, command)))
    return tuple(found)


def _assumed(reader: Reader, command: Node) -> list[Line]:
    arguments = command.items[1:]
    if command.head == "check-sat":
        if arguments:
            raise reader.wrong(command, "(check-sat) takes no arguments", "use (check-sat-assuming (...))")
        return []
    if len(arguments) != 1 or arguments[0].kind != "list":
        raise reader.wrong(command, "(check-sat-assuming ...) takes one list of literals")
    lines = []
    for literal in arguments[0].items:
        negated = literal.head == "not" and len(literal.items) == 2 and literal.items[1].name is not None
        if literal.name is None and not negated:
            raise reader.wrong(literal, "an assumption is a symbol or the negation of one")
        text = literal.render()
        lines.append(Line(f"(assert {text})", reader.at(literal.offset), assertion=text))
    return lines


class _Work:
    """The state of a script between commands."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._levels = [_Level()]
        self._names: set[str] = set()
        self._logic = ""
        self._begun = False

    def moment(self, question: Question, assumed: Sequence[Line]) -> _Moment:
        """Note what is in force."""
        levels = tuple((level.lines, len(level.lines)) for level in self._levels if level.lines)
        return _Moment(question, self._logic, levels, tuple(assumed))

    def do(self, command: Node, name: str) -> None:
        """Run one command that is neither a question nor the end."""
        match name:
            case "set-logic":
                self._set_logic(command)
            case "set-option":
                self._set_option(command)
            case "push":
                self._push(command)
            case "pop":
                self._pop(command)
            case "assert":
                self._assert(command)
            case _ if name in _DECLARING:
                self._declare(command, name)
            case _ if name in _IGNORED:
                pass
            case _:
                raise self.reader.refuse(command, f"the command {name[:40]!r} is not supported")

    def _set_logic(self, command: Node) -> None:
        logic = command.items[1].name if len(command.items) == 2 else None
        if logic is None or not _LOGIC.fullmatch(logic):
            raise self.reader.wrong(command, "(set-logic ...) takes the name of a logic", "for example QF_LIA or ALL")
        if self._logic or self._begun:
            raise self.reader.wrong(command, "(set-logic ...) comes once, before everything else")
        self._logic = logic

    def _set_option(self, command: Node) -> None:
        option = command.items[1] if len(command.items) == 3 else command
        if option.kind != "keyword":
            raise self.reader.wrong(command, "(set-option ...) takes a keyword and a value")
        value = command.items[2].name
        if option.text not in _HARMLESS:
            hint = "remove it: limits and solver settings come from the command line"
            raise self.reader.refuse(command, f"the option {option.text[:40]} is not supported", hint)
        if option.text == ":global-declarations" and value != "false":
            raise self.reader.refuse(command, "global declarations are not supported", "declare before (push)")

    def _push(self, command: Node) -> None:
        count = self._count(command)
        if len(self._levels) + count > _MOST_LEVELS:
            raise self.reader.wrong(command, f"more than {_MOST_LEVELS} levels pushed")
        self._levels.extend(_Level() for _ in range(count))
        self._begun = True

    def _pop(self, command: Node) -> None:
        count = self._count(command)
        if count >= len(self._levels):
            raise self.reader.wrong(command, "(pop) without a (push)", "remove it")
        for _ in range(count):
            self._names.difference_update(self._levels.pop().names)

    def _count(self, command: Node) -> int:
        match command.items[1:]:
            case []:
                return 1
            case [Node(kind="numeral") as number] if len(number.text) <= len(str(_MOST_LEVELS)):
                return min(int(number.text), _MOST_LEVELS + 1)
        raise self.reader.wrong(command, f"({command.head} ...) takes a number of levels")

    def _assert(self, command: Node) -> None:
        if len(command.items) != 2:
            raise self.reader.wrong(command, "(assert ...) takes one formula")
        self._look(command)
        formula = command.items[1].render()
        self._add(Line(f"(assert {formula})", self.reader.at(command.offset), assertion=formula))

    def _declare(self, command: Node, name: str) -> None:
        self._look(command)
        for declared in _declared(self.reader, command, name):
            self._claim(declared)
        line = Line(command.render(), self.reader.at(command.offset))
        if name in ("declare-const", "declare-fun"):
            arguments, sort = (
                (command.items[2].items, command.items[-1]) if name == "declare-fun" else ([], command.items[2])
            )
            symbol = command.items[1].name or ""
            line = Line(line.text, line.location, symbol, not arguments, sort.render())
        self._add(line)

    def _claim(self, symbol: Node) -> None:
        name = symbol.name
        if name is None:
            raise self.reader.wrong(symbol, "a symbol is expected")
        if reserved(name):
            raise self.reader.refuse(symbol, f"{name!r} belongs to the language and cannot be declared", "rename it")
        if name in self._names:
            raise self.reader.wrong(symbol, f"{name[:80]!r} is declared twice", "rename one of them")
        self._names.add(name)
        self._levels[-1].names.append(name)

    def _add(self, line: Line) -> None:
        self._levels[-1].lines.append(line)
        self._begun = True

    def _look(self, command: Node) -> None:
        """Check what is inside a command that is carried over."""
        for node in command.walk():
            if node.kind in ("string", "quoted") and not node.text.isascii():
                raise self.reader.refuse(node, "only ASCII is supported here", r"write \u{...} in strings")
            if node.kind == "list" and node.items and node.items[0].kind == "symbol" and node.items[0].text == "!":
                self._annotated(node)
            if node.head in ("let", "forall", "exists") and len(node.items) > 1:
                self._binders(node.items[1])

    def _binders(self, binders: Node) -> None:
        # A bound variable may hide a declared symbol, but solvers differ on hiding `true` or `and`.
        for binder in binders.items:
            name = binder.head
            if name is not None and reserved(name):
                message = f"{name!r} belongs to the language and cannot be bound"
                raise self.reader.refuse(binder, message, "rename it")

    def _annotated(self, node: Node) -> None:
        for attribute, value in zip(node.items[2:], [*node.items[3:], None], strict=False):
            if attribute.kind != "keyword":
                continue
            if attribute.text not in _ATTRIBUTES:
                raise self.reader.refuse(
                    attribute, f"the attribute {attribute.text[:40]} is not supported", "remove it"
                )
            if attribute.text == ":named":
                if value is None:
                    raise self.reader.wrong(attribute, ":named takes a symbol")
                self._claim(value)


def _declared(reader: Reader, command: Node, name: str) -> list[Node]:
    """Return the symbols that a command declares."""
    items = command.items
    if len(items) not in _DECLARING[name]:
        raise reader.wrong(command, f"({name} ...) is not well-formed")
    if name == "declare-fun" and items[2].kind != "list":
        raise reader.wrong(items[2], "the list of the argument sorts is expected")
    if name == "declare-datatype":
        return [items[1], *_constructors(items[2])]
    if name == "declare-datatypes":
        sorts = [sort.items[0] if sort.items else sort for sort in items[1].items]
        return [*sorts, *(symbol for body in items[2].items for symbol in _constructors(body))]
    if name == "define-funs-rec":
        return [signature.items[0] if signature.items else signature for signature in items[1].items]
    return [items[1]]


def _constructors(body: Node) -> list[Node]:
    """Return the constructors and selectors in the body of a datatype."""
    if body.head == "par" and len(body.items) == 3:
        body = body.items[2]
    found = []
    for constructor in body.items:
        found.append(constructor.items[0] if constructor.items else constructor)
        found += [selector.items[0] for selector in constructor.items[1:] if selector.items]
    return found


_DECLARING = {
    "declare-const": (3,), "declare-fun": (4,), "declare-sort": (2, 3), "declare-datatype": (3,),
    "declare-datatypes": (3,), "define-const": (4,), "define-fun": (5,), "define-fun-rec": (5,),
    "define-funs-rec": (3,), "define-sort": (4,),
}  # fmt: skip
"""Commands that declare something, and how many words they have."""
