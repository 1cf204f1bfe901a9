"""The commands of a Coq source that open or end a proof or a module, told from their words.

Follows "Definitions", "Proof mode", "Sections", "The Module System", "Typeclasses" and "Program" of the Coq reference
manual. Commands of plugins that open a proof are not known, save those of Function, Equations and Derive.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from checkers.coq.sentences import Sentence, outermost, words

_THEOREMS = frozenset("Theorem Lemma Fact Remark Corollary Proposition Property".split())
_DEFINITIONS = frozenset("Definition Example SubClass Let Instance".split())
_FIXPOINTS = frozenset({"Fixpoint", "CoFixpoint"})
_PLUGINS = frozenset({"Function", "Equations", "Derive"})
ENDS = frozenset("Qed Defined Save Admitted Abort".split())
"""What ends a proof."""
BLOCKS = frozenset("Module Section End".split())
"""What opens and ends modules and sections."""
_PREFIXES = frozenset(
    "Local Global Polymorphic Monomorphic Cumulative NonCumulative Private Program Time Instructions".split()
)
_WITH_OPERAND = frozenset({"Timeout", "Redirect"})
_NO_EFFECT = frozenset({"Fail", "Succeed"})
_KNOWN = (
    _THEOREMS | _DEFINITIONS | _FIXPOINTS | _PLUGINS | ENDS | BLOCKS | _PREFIXES | _WITH_OPERAND | _NO_EFFECT
) | frozenset("Goal Next Final Obligation Add Proof".split())
_FIRST = re.compile(r"#|[A-Z][A-Za-z_]*")
_NAME = re.compile(r"[^\W\d][\w']*")


@dataclass(slots=True)
class Command:
    """A command without its attributes and prefixes."""

    words: list[str]
    """`:=` is one word."""
    program: bool = False
    """Whether it was marked with `Program`."""
    refine: bool = False
    """Whether it was marked with the attribute `refine`."""

    @property
    def head(self) -> str:
        """The first word, "" where there is none."""
        return self.words[0] if self.words else ""

    def word(self, index: int) -> str:
        """Return a word, "" where there is none."""
        return self.words[index] if index < len(self.words) else ""


def module_name(words: Sequence[str]) -> str:
    """Return the name in `Type T`, `Import M`, `Export(notations) M` or `M`."""
    position, depth = 0, 0
    while position < len(words):
        word = words[position]
        if word in "()":
            depth += 1 if word == "(" else -1
        elif not depth and word not in ("Type", "Import", "Export", "-"):
            return word if _NAME.fullmatch(word) else ""
        position += 1
    return ""


def read(sentence: Sentence) -> Command:
    """Read a command without its attributes and prefixes; nothing for a tactic, or what has no lasting effect."""
    first = _FIRST.match(sentence.text)
    if first is None or (first.group() != "#" and first.group() not in _KNOWN):
        return Command([])
    command = Command(words(sentence.text))
    position = 0
    while position < len(command.words):
        word = command.words[position]
        if word == "#":
            behind = _behind_attributes(command.words, position)
            attributes = command.words[position:behind]
            command.program |= "program" in attributes
            command.refine |= "refine" in attributes
            position = behind
        elif word in _PREFIXES:
            command.program |= word == "Program"
            position += 1
        elif word in _WITH_OPERAND:
            position += 2
        else:
            break
    del command.words[:position]
    return Command([]) if command.head in _NO_EFFECT else command


def _behind_attributes(words: Sequence[str], position: int) -> int:
    depth = 0
    for index in range(position + 1, len(words)):
        depth += (words[index] == "[") - (words[index] == "]")
        if depth <= 0:
            return index + 1
    return len(words)


def opened(command: Command) -> tuple[str, bool] | None:
    """Return the name of what a command opens a proof of, and whether that is sure; None where it opens none."""
    words = command.words
    head, second = command.head, command.word(1)
    if head == "Let" and second in _FIXPOINTS:
        words = words[1:]
        head, second = second, command.word(2)
    name = second if _NAME.fullmatch(second) else head
    if head in _THEOREMS:
        return None if bodies(words) else (name, True)
    if head in _DEFINITIONS:
        if head == "Instance" and command.program:
            return None
        return (name, head != "Instance" and not command.program) if command.refine or not bodies(words) else None
    if head in _FIXPOINTS:
        return (name, False) if bodies(words) < 1 + _clauses(words) else None
    if head == "Goal":
        return "Unnamed_thm", True
    if head in ("Next", "Final") and second == "Obligation":
        return f"{head}_Obligation", True
    if head == "Obligation" and second.isdigit():
        return (f"{words[3]}_obligation_{second}" if command.word(2) == "of" and len(words) > 3 else "Obligation"), True
    return _opened_by_plugin(words)


def _opened_by_plugin(words: Sequence[str]) -> tuple[str, bool] | None:
    match words:
        case ["Add", "Morphism", *_] | ["Add", "Parametric", "Morphism", *_]:
            return _behind(words, ("as",)) or _behind(words, (":",)) or "Add_Morphism", False
        case ["Function", name, *_] if any(
            words[i] == "{" and words[i + 1] in ("measure", "wf") for i in range(len(words) - 1)
        ):
            return name, False
        case ["Equations", "?", name, *_]:
            return name, False
        case ["Derive", *_] if {"SuchThat", "in"} & set(words) and (name := _behind(words, ("As", "as"))):
            return name, False
    return None


def _behind(words: Sequence[str], marks: Sequence[str]) -> str:
    """Return the name behind the last of some words, "" where there is none."""
    for index in range(len(words) - 2, 0, -1):
        if words[index] in marks and _NAME.fullmatch(words[index + 1]):
            return words[index + 1]
    return ""


def bodies(words: Sequence[str]) -> int:
    """Count the `:=` that belong to the command itself, not to a term or a `with Definition` in it."""
    count = inner = 0
    previous = ""
    for word in outermost(words):
        match previous, word:
            case [_, "let"] | ["with", "Definition" | "Module"]:
                inner += 1
            case [before, "fix" | "cofix"] if before != "let":
                inner += 1
            case [_, ":="] if inner:
                inner -= 1
            case [_, ":="]:
                count += 1
        previous = word
    return count


def _clauses(words: Sequence[str]) -> int:
    return outermost(words).count("with")


def is_header(command: Command) -> bool:
    """Say whether a command is a `Proof` that only begins a script."""
    return command.head == "Proof" and command.word(1) in (".", "using", "with", "")


def is_proof_term(command: Command) -> bool:
    """Say whether a command is a `Proof` with a term, which is a whole proof."""
    return command.head == "Proof" and not is_header(command) and command.word(1) != "Mode"
