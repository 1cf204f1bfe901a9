"""What a sentence is to a proof: structure, a command, or a step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from checkers.coq.sentences import tokens
from checkers.coq.tactics import NotATactic, plain

ENDINGS = frozenset({"Qed", "Defined", "Save", "Admitted", "Abort"})
"""First words of the sentences that end a proof."""
_GIVING_UP = frozenset({"Admitted", "Abort"})
_STRUCTURE = re.compile(r"(?:-+|\++|\*+|\}|(?:(?:\d+|\[\s*[^\W\d][\w']*\s*\])\s*:\s*)?\{)")
_FIRST = re.compile(r"[^\W\d][\w']*")
_SELECTOR = re.compile(
    r"(?P<one>1|!)\s*:(?!=)\s*|(?P<every>all|par)\s*:(?!=)\s*"
    r"|(?:\d+(?:\s*-\s*\d+)?(?:\s*,\s*\d+(?:\s*-\s*\d+)?)*|\[\s*[^\W\d][\w']*\s*\])\s*:(?!=)\s*"
)
_BINDS = re.compile(r"(?:let|fun|match|lazymatch|multimatch|tryif|if)\b")
_GIVES_UP = re.compile(r"\b(?:admit|give_up)\b")


class Kind(Enum):
    """What a sentence within a proof is."""

    STRUCTURE = "structure"
    """A bullet or a brace."""
    COMMAND = "command"
    ENDING = "ending"
    TERM = "term"
    """`Proof term.`, a whole proof."""
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence within a proof."""

    kind: Kind
    text: str
    """In one line, without comments and without its final dot."""
    step: str = ""
    """The plain step that it is, if it is one."""
    why: str = ""
    """Why it is none."""
    only_alone: bool = False
    """Whether it is this step only where there is one goal, because it speaks of all of them."""


def bare(sentence: str) -> str:
    """Return a sentence in one line, without comments and without its final dot."""
    found: list[str] = []
    behind = 0
    for token in tokens(sentence):
        if found and token.start > behind:
            found.append(" ")
        found.append(token.text)
        behind = token.start + len(token.text)
    text = "".join(found)
    # Three dots say more than that the sentence ends.
    return text if text.endswith("...") or not text.endswith(".") else text[:-1].rstrip()


def first_word(text: str) -> str:
    """Return the word that a sentence begins with, empty where it begins with something else."""
    found = _FIRST.match(text)
    return found[0] if found else ""


def gives_up(ending: str) -> bool:
    """Say whether a sentence ends a proof that is not there."""
    return first_word(ending) in _GIVING_UP


def default_tactic(text: str) -> str | None:
    """Return the tactic that `Proof with` sets for steps that end in three dots; None for other sentences."""
    found = re.match(r"Proof\b(?:[^\"]*?)\bwith\s+(.*)", text, re.S)
    return found[1] if found else None


def proof_term(text: str) -> str:
    """Return the term of `Proof term`, empty for other sentences."""
    found = re.match(r"Proof\s+(?!(?:using|with|Mode)\b)(\S.*)", text, re.S)
    return found[1] if found else ""


def read(sentence: str, ending_tactic: str, everywhere: bool) -> Reading:
    """Read a sentence within a proof.

    Args:
        sentence: as it stands in the file.
        ending_tactic: what `...` stands for, empty where it stands for nothing.
        everywhere: whether a step without a selector works on all goals.
    """
    text = bare(sentence)
    if _STRUCTURE.fullmatch(text):
        return Reading(Kind.STRUCTURE, text)
    word = first_word(text)
    if word in ENDINGS:
        return Reading(Kind.ENDING, text)
    if term := proof_term(text):
        return _as_step(Kind.TERM, text, f"exact {_argument(term)}", False)
    alone, body = everywhere, text
    if found := _SELECTOR.match(text):
        alone, body = not found["one"], text[found.end() :]
        if not found["one"] and not found["every"]:
            return Reading(Kind.STEP, text, why="a goal selector")
    if word == "Proof" or (word[:1].isupper() and _is_command(body)):
        return Reading(Kind.COMMAND, text)
    if body.endswith("..."):
        body = _with(body[:-3].rstrip(), ending_tactic)
    return _as_step(Kind.STEP, text, body, alone)


def _is_command(text: str) -> bool:
    # The table of commands is that of steps: what a session would take for a step is one.
    try:
        plain(text.removesuffix("..."))
    except NotATactic:
        return True
    return False


def _with(body: str, tactic: str) -> str:
    """Return the step that `body...` stands for (reference manual, "Proof with")."""
    if not tactic:
        return body
    inner = f"({body})" if _BINDS.match(body) else body
    return f"{inner}; {tactic}" if re.fullmatch(r"[\w'.]+", tactic) else f"{inner}; ({tactic})"


def _argument(term: str) -> str:
    """Return a term as the argument of a tactic."""
    if re.fullmatch(r"[\w'.]+", term):
        return term
    depth, closed = 0, 0
    for token in tokens(term):
        depth += (token.text == "(") - (token.text == ")")
        closed += not depth
    # In brackets already, from its beginning to its end.
    return term if closed == 1 else f"({term})"


def _as_step(kind: Kind, text: str, body: str, alone: bool) -> Reading:
    try:
        return Reading(kind, text, plain(body), only_alone=alone)
    except NotATactic:
        return Reading(kind, text, why="it gives the goal up" if _GIVES_UP.search(body) else "no plain step")
