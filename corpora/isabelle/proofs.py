"""Theorems of a built theory with the commands of their proofs, each with the states before and behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checkers.isabelle.goals import Display, display
from checkers.isabelle.keywords import DIAGNOSTIC, DOCUMENT, THEOREMS
from checkers.isabelle.symbols import encoded
from checkers.isabelle.tokens import FORMAL, Kind, Token, tokens
from corpora.isabelle.exported import Document, Span
from lemmata.errors import InputError

_GIVEN_UP = frozenset({"sorry", "oops", r"\<proof>"})
_IGNORED_KINDS = ("diag", "document")
_MODES = ("prove", "state", "chain")


@dataclass(frozen=True, slots=True)
class State:
    """A proof's state as it was printed."""

    mode: str
    """`prove` where methods apply, `state` between statements, `chain` where facts were handed on; else empty."""
    shown: Display | None
    """The goals; None where none were printed."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a proof."""

    span: Span
    text: str
    r"""Without comments, its symbols written as `\\<name>`."""
    before: State
    behind: State | None
    """None where the whole proof is over."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that is complete."""

    head: Span
    """The command that states what is proved."""
    theorem: str
    """Its full name."""
    statement: str
    """What the command says, in one line."""
    commands: Sequence[Command]

    @property
    def is_theorem(self) -> bool:
        """Whether a theorem is stated, and not an instance, a definition and the like."""
        return self.head.name in THEOREMS


@dataclass(slots=True)
class Unproved:
    """Counts what has no complete proof."""

    given_up: int = 0
    """Proofs with `sorry`, or that end in `oops`."""
    unreadable: int = 0
    """Proofs with a text that cannot be cut into tokens, or that the end of the theory cuts off."""


def proofs(theory: str, document: Document, unproved: Unproved) -> Iterator[Proof]:
    """Yield the proofs of a theory in their order.

    Args:
        theory: its name, for theorems that have none.
        document: what was exported.
        unproved: counts what is left out; is added to.
    """
    head: Span | None = None
    within: list[Span] = []
    for span in document.spans:
        if span.name in DOCUMENT | DIAGNOSTIC or span.kind.startswith(_IGNORED_KINDS):
            continue
        if head is None:
            if span.state:
                head, within = span, []
            continue
        within.append(span)
        if not span.state:
            if any(one.name in _GIVEN_UP for one in within):
                unproved.given_up += 1
            else:
                found = _proof(theory, document, head, within)
                unproved.unreadable += found is None
                if found is not None:
                    yield found
            head = None
    unproved.unreadable += head is not None


def state(text: str) -> State:
    """Read a printed state."""
    first = text.lstrip().partition("\n")[0].strip()
    mode = next((mode for mode in _MODES if first == f"proof ({mode})"), "")
    return State(mode, display(encoded(text)))


def plain(text: str) -> str:
    r"""Return source without comments, formal ones included, and with its symbols written as `\\<name>`.

    Raises:
        InputError: a comment, string or cartouche does not end.
    """
    kept: list[Token] = []
    formal = -1
    for token in tokens(encoded(text)):
        if formal >= 0 and token.kind is Kind.CARTOUCHE:
            del kept[formal:]
        elif token.kind is not Kind.COMMENT:
            kept.append(token)
        if token.kind is not Kind.BLANK:
            formal = len(kept) - 1 if token.text in FORMAL else -1
    lines = "".join(token.text for token in kept).split("\n")
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _proof(theory: str, document: Document, head: Span, within: Sequence[Span]) -> Proof | None:
    commands: list[Command] = []
    before = state(head.state)
    try:
        for span in within:
            behind = state(span.state) if span.state else None
            commands.append(Command(span, plain(document.text[span.start : span.end]), before, behind))
            before = behind or before
        statement = " ".join(plain(document.text[head.start : head.end]).split())
    except InputError:
        return None
    line, _ = document.lines.place(head.start)
    short = theory.rpartition(".")[2]
    name = head.defines[0] if head.defines else f"{short}.{head.name}@{line}"
    return Proof(head, name, statement, commands)
