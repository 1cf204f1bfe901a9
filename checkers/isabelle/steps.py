r"""What a step may be: plain proof commands on one goal, told from text alone before Isabelle sees it.

A step is one of: `apply METHOD`, also behind `using` and the like; facts alone (`using f`, `unfolding f`); a proof that
closes the goal (`by METHOD`, `.`, `..`, `proof ... qed`, a script that ends in `done`); a search (`sledgehammer`,
`try0`). Everything else is refused: commands of theories, `sorry`, `oops`, ML, comments, changes of configuration.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

from checkers.isabelle.commands import Command, split
from checkers.isabelle.keywords import KNOWN, NESTED, PROOF, TERMINAL
from checkers.isabelle.methods import PAIRS, behind_method
from checkers.isabelle.tokens import FORMAL, QUOTED, Kind, Token, tokens
from checkers.isabelle.vocabulary import ATTRIBUTES, BY_ORACLE, ESCAPE, METHODS, OPTIONS, RUNNING_ML, WEAKENING, last
from lemmata.errors import InputError, LemmataError

SIZE_LIMIT = 32768
"""Most characters of a step."""

SEARCHES = ("sledgehammer", "try0")
"""Steps that look for another step, which then counts instead."""


class NotAStep(LemmataError):
    """A step is not plain proof commands on one goal, so it is not given to Isabelle; the message says what it is."""


class StepKind(Enum):
    """What a step does to its goal."""

    METHOD = "method"
    """`apply`: leaves goals or none."""
    FACTS = "facts"
    """Facts for the next step, or definitions unfolded."""
    CLOSING = "closing"
    """A whole proof of the goal."""
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A step in canonical form."""

    text: str
    kind: StepKind
    unfolds: bool = False
    """Whether it changes every goal that is there, as `unfolding` does."""

    @property
    def focused(self) -> str:
        """The same step for the first of several goals, which leaves the others as they are.

        Raises:
            NotAStep: it cannot be kept to one goal.
        """
        if self.kind is StepKind.CLOSING:
            return f"subgoal {self.text}" if "\n" not in self.text else f"subgoal\n{textwrap.indent(self.text, '  ')}"
        if self.kind is StepKind.METHOD and not self.unfolds:
            at = _apply(self.text)
            method = self.text[at:].removeprefix("apply").strip()
            method = method if method.startswith("(") and method.endswith(")") else f"({method})"
            return f"{self.text[:at]}apply {method}[1]"
        raise NotAStep("it would change other goals too; write it as one `apply`, or together with `by`")


_BLANKS = " \t\r\n"
_REFUSED = PROOF & {"sorry", r"\<proof>", "oops", "apply_end", "back", "write", "def", "guess"}
_SCRIPT = frozenset({"apply", "using", "unfolding", "supply", "including"})
_FACTS = frozenset({"using", "unfolding", "supply", "including"})
_WEAKENS = re.compile(rf"(?<![\w'])(?:{WEAKENING.pattern})(?![\w'])")
_CONTROL = re.compile(r"\\<\^(?!(?:sub|sup|bold|isub|isup)>)[^>]*>")
_METHOD_COMMANDS = frozenset({"apply", "by", "proof", "qed"})
_SEARCH = re.compile(r"(sledgehammer|try0)(?:\s*\[\s*timeout\s*=\s*\d{1,4}\s*\])?")


def plain(text: str) -> str:
    """Return a step's canonical text.

    Raises:
        NotAStep: it is no step.
    """
    return parse(text).text


def parse(text: str) -> Parsed:
    """Read a step.

    Raises:
        NotAStep: it is no step.
    """
    if len(text) > SIZE_LIMIT:
        raise NotAStep(f"the step is longer than {SIZE_LIMIT} characters")
    text = textwrap.dedent(text.strip("\r\n").replace("\r\n", "\n")).strip(_BLANKS)
    if _SEARCH.fullmatch(text):
        return Parsed(" ".join(text.split()), StepKind.SEARCH)
    found = read(text)
    kind = _kind(found)
    if len(found) == 1 or kind is not StepKind.CLOSING:
        text = _one_line(text)
    heads = {command.head for command in found}
    return Parsed(text, kind, kind is not StepKind.CLOSING and bool(heads & {"unfolding", "supply", "including"}))


def read(text: str) -> list[Command]:
    """Return the proof commands of a text.

    Raises:
        NotAStep: it is not made of plain proof commands only.
    """
    _check_text(text)
    meaningful = _tokens(text)
    if not meaningful:
        raise NotAStep("the step is empty")
    first = meaningful[0]
    if first.text not in KNOWN or first.kind not in (Kind.WORD, Kind.SIGN):
        raise NotAStep(f"a step does not start with {first.text[:20]!r}; write `apply ...` or `by ...`")
    commands = split(meaningful, KNOWN)
    for command in commands:
        _check(command)
    return commands


def closes(commands: Sequence[Command], opened: int = 1) -> bool:
    """Say whether commands are one whole proof of a goal, and nothing behind it.

    Args:
        commands: as `read` returns them.
        opened: how many goals they are inside of.
    """
    left = _follow(commands, ["goal"] * opened)
    return left is not None and not left


def _follow(commands: Sequence[Command], stack: list[str]) -> list[str] | None:
    """Return what is open behind some commands; None where they go on behind the end of a proof."""
    for command in commands:
        if not stack:
            return None
        if command.head == "proof":
            stack.append("block")
        elif command.head in NESTED:
            stack.append("goal")
        elif command.head == "qed":
            if "block" not in stack:
                return None
            while stack.pop() != "block":
                pass
            if stack:
                stack.pop()
        elif command.head in TERMINAL and stack.pop() == "block":
            return None
    return stack


def _kind(commands: Sequence[Command]) -> StepKind:
    heads = [command.head for command in commands]
    if closes(commands):
        return StepKind.CLOSING
    if not set(heads) <= _SCRIPT:
        raise NotAStep("it is not one step: neither one `apply` nor a proof that closes the goal")
    if set(heads) <= _FACTS:
        return StepKind.FACTS
    if heads.count("apply") > 1 or heads[-1] != "apply":
        raise NotAStep("more than one step; write one `apply` at a time")
    return StepKind.METHOD


def _check_text(text: str) -> None:
    for char in text:
        if not char.isprintable() and char not in _BLANKS:
            raise NotAStep(f"the character U+{ord(char):04X} is not allowed")
    if control := _CONTROL.search(text):
        raise NotAStep(f"the control symbol {control.group()[:40]} is not allowed")
    if "@{" in text:
        raise NotAStep("antiquotations are not allowed in a step")
    if ml := RUNNING_ML.search(text):
        raise NotAStep(f"`{ml.group()}` runs ML")
    if weakens := _WEAKENS.search(text):
        raise NotAStep(f"the option `{weakens.group()}` is refused in a step")


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    try:
        for token in tokens(text):
            if token.kind is Kind.COMMENT or token.text in FORMAL:
                raise NotAStep("comments are not allowed in a step")
            if token.kind is Kind.VERBATIM:
                raise NotAStep("`{* ... *}` is not allowed in a step")
            if token.kind in (Kind.STRING, Kind.ALT) and ESCAPE.search(token.text):
                raise NotAStep("a backslash in a string may only begin a symbol")
            if token.text == "%":
                raise NotAStep("tags are not allowed in a step")
            if token.kind is not Kind.BLANK:
                found.append(token)
    except InputError as error:
        raise NotAStep(error.message) from None
    return found


def _check(command: Command) -> None:
    head = command.head
    second = -1
    if head in _REFUSED:
        raise NotAStep(f"`{head}` is refused: it leaves the goal unproved, or changes what the proof says")
    if head not in PROOF:
        raise NotAStep(f"`{head}` is not a proof command")
    arguments = command.arguments
    match head:
        case "apply":
            good = bool(arguments) and behind_method(arguments, 0) == len(arguments)
        case "by":
            second = behind_method(arguments, 0)
            good = second > 0 and behind_method(arguments, second) == len(arguments)
        case "proof" | "qed":
            good = behind_method(arguments, 0) == len(arguments)
        case "done" | "." | ".." | "next" | "{" | "}":
            good = not arguments
        case _:
            good = True
    if not good:
        raise NotAStep(f"`{head}` with more or less than it takes")
    _check_words(arguments)
    if head in _METHOD_COMMANDS:
        _check_methods(arguments, (0, second))


def _check_words(arguments: Sequence[Token]) -> None:
    """Check brackets, attributes, and names that no step may hold wherever they stand."""
    left: list[str] = []
    for position, token in enumerate(arguments):
        if token.kind is Kind.SIGN and token.text in ("(", "["):
            if token.text == "[":
                _check_attributes(arguments, position)
            left.append(token.text)
        elif token.kind is Kind.SIGN and token.text in (")", "]"):
            if not left or left.pop() != PAIRS[token.text]:
                raise NotAStep(f"`{token.text}` closes nothing")
        elif token.kind is Kind.WORD and last(token.text) in BY_ORACLE and left[-1:] != ["["]:
            raise NotAStep(f"`{token.text}` is refused: it runs code outside the kernel")
    if left:
        raise NotAStep(f"`{left[-1]}` is not closed")


def _check_attributes(arguments: Sequence[Token], position: int) -> None:
    """Check the names of the attributes in a bracket; in a doubled one they are options."""
    double = position > 0 and arguments[position - 1].text == "["
    depth, expected = 0, True
    for token in arguments[position + 1 :]:
        if token.text in PAIRS and not depth:
            return
        if expected and not double and token.text == "[":
            return  # an option stands within
        if expected and token.kind is not Kind.NUMBER and not _is_attribute(token, double):
            raise NotAStep(f"`{token.content[:40]!a}` is refused: no attribute or option that a step may use")
        depth += (token.text in ("(", "[")) - (token.text in PAIRS)
        expected = token.text == "," and not depth


def _is_attribute(token: Token, option: bool) -> bool:
    return token.kind is Kind.WORD and last(token.text) in (OPTIONS if option else ATTRIBUTES)


def _check_methods(arguments: Sequence[Token], starts: Collection[int]) -> None:
    """Check where methods stand: plain names only, and quoted arguments for methods that take no program."""
    methods = [""]
    before = ""
    for position, token in enumerate(arguments):
        named = position in starts or (before in ("(", ",", ";", "|") and methods[-1] != "[")
        if token.text == "(" and token.kind is Kind.SIGN:
            methods.append(methods[-1])
        elif token.text == "[" and token.kind is Kind.SIGN:
            methods.append("[")
        elif token.text in (")", "]") and token.kind is Kind.SIGN:
            methods.pop()
        elif named:
            if token.kind in QUOTED:
                raise NotAStep("a method is called by its plain name in a step")
            methods[-1] = last(token.text)
            if position in starts and token.text != "-" and methods[-1] not in METHODS:
                raise NotAStep(f"`{token.text[:40]}` is no method that is known; write it in parentheses")
        elif token.kind is Kind.CARTOUCHE and next((m for m in reversed(methods) if m != "["), "") not in METHODS:
            raise NotAStep(f"`{methods[-1][:40]}` with a quoted text may run a program")
        before = token.text


def _one_line(text: str) -> str:
    """Return a text with each blank made one space, but those in quotes."""
    return "".join(" " if token.kind is Kind.BLANK else token.text for token in tokens(text))


def _apply(text: str) -> int:
    """Return the index at which the only `apply` starts."""
    return next(token.start for token in tokens(text) if token.text == "apply" and token.kind is Kind.WORD)
