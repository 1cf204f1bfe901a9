"""Whole proofs as proposals: cut into the first step and those meant to follow it.

A proof with holes (`admit`, `sorry`) is a sketch: the goal of a hole is left to the search, and the proof goes on
behind it where the system's layout says which goal that is.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from provers.neural import layout, sentences

_LONGEST_STEP = 8192
_MOST_STEPS = 400

_ISABELLE_STATES = re.compile(r"^\s*(?:lemma|theorem|corollary|proposition|schematic_goal)\b", re.M)
_ISABELLE_PROOF = re.compile(r"(?:^|(?<=\s))(?:by|apply|proof|sorry|using|unfolding|supply)\b|^\s*\.\.?\s*$", re.M)
_ISABELLE_WORD = re.compile(
    r"(?:apply|by|using|unfolding|supply|including|done|sorry|oops|defer|prefer|subgoal|\.\.?)(?![\w'])"
)
_ISABELLE_HOLE = re.compile(r"(?<![\w'])(?:sorry|oops)(?![\w'])")
_ISABELLE_COMMENT = re.compile(r"\(\*|\*\)")
_FSTAR_LET = re.compile(r"^[ \t]*let[ \t]+(?:rec[ \t]+)?([\w']+)", re.M)
_FSTAR_NEXT = re.compile(r"^(?:let|val|open|module|type|and|#|\[@)", re.M)
_FSTAR_SIGN = re.compile(r"[(\[{]|[)\]}]|==>|<==>|[=<>/!+*-]*=[=>]*")
_FSTAR_HOLE = re.compile(r"(?<![\w'.])admit\s*\(\s*\)|(?<![\w'.])sorry(?![\w'])")


@dataclass(frozen=True, slots=True)
class Script:
    """A proof as steps."""

    steps: tuple[str | None, ...]
    """None is a hole."""
    sketch: bool = False
    """Whether it has a hole, or stops at something that cannot be followed step by step."""


def cut(system: str, text: str, name: str = "", *, complete: bool = True) -> Script:
    """Cut a proof into steps that can be played depth first.

    Args:
        system: proof system.
        text: a proof, with its statement or without.
        name: of the theorem, where the text may hold several.
        complete: whether the text is whole; otherwise what is unfinished at its end is left out.

    Returns:
        The steps; none where the text holds no proof.
    """
    found: Sequence[str | None]
    match system:
        case "coq":
            found, stopped = sentences.steps(text, complete=complete)
        case "lean":
            found, stopped = layout.steps(text, name, complete=complete)
        case "isabelle":
            found, stopped = _isabelle(text, complete=complete)
        case "fstar":
            found, stopped = (_fstar(text, name), False) if complete else ([], True)
        case _:
            found, stopped = [text.strip()] if text.strip() else [], not complete
    kept: list[str | None] = []
    for step in found[:_MOST_STEPS]:
        if step is not None and (not step.strip() or len(step) > _LONGEST_STEP):
            return Script(tuple(kept), sketch=True)
        kept.append(step)
    return Script(tuple(kept), stopped or None in kept or len(found) > _MOST_STEPS)


def _isabelle(text: str, *, complete: bool) -> tuple[list[str], bool]:
    text = _without_comments(text)
    states = list(_ISABELLE_STATES.finditer(text))
    if states:
        text = text[states[-1].end() :]
        proof = _ISABELLE_PROOF.search(text)
        text = text[proof.start() :] if proof else ""
    text = textwrap.dedent(text.strip("\n")).strip()
    if text.startswith("proof"):
        return _structured(text, complete=complete)
    commands = _commands(text)
    if not complete and commands:
        commands.pop()
    found: list[str] = []
    for command in commands:
        word = command.split(None, 1)[0]
        if word == "done":
            continue
        if word == "subgoal" and re.match(r"subgoal\s+(?:by|using|apply)\b", command):
            found.append(command.split(None, 1)[1])
        elif word in ("sorry", "oops", "defer", "prefer", "subgoal") or _ISABELLE_HOLE.search(command):
            return found, True
        else:
            found.append(command)
    return found, False


def _structured(text: str, *, complete: bool) -> tuple[list[str], bool]:
    """Take `proof ... qed` as one step; of a sketch its method alone."""
    end = [match.end() for match in re.finditer(r"^\s*qed\b[^\n]*", text, re.M)]
    if complete and end and not _ISABELLE_HOLE.search(text[: end[-1]]):
        return [text[: end[-1]]], False
    method = re.match(r"proof\s*(\((?:[^()]|\([^()]*\))*\)|\w+)", text)
    if method is None or method[1] in ("fix", "assume", "have", "show", "case", "let", "note", "obtain"):
        return [], True
    return [f"apply {method[1]}"], True


def _commands(text: str) -> list[str]:
    """Cut a script into commands; facts and definitions stay with the method that uses them."""
    found: list[list[str]] = []
    pending = False
    for line in text.split("\n"):
        stripped = line.strip()
        if not stripped:
            continue
        word = _ISABELLE_WORD.match(stripped)
        if word is None:
            # A line that goes on, or the end of the script.
            if not found or stripped.startswith(("lemma", "theorem", "end", "qed", "next")):
                break
            found[-1].append(stripped)
            continue
        if pending:
            found[-1].append(stripped)
        else:
            found.append([stripped])
        given = word.group() in ("using", "unfolding", "supply", "including")
        pending = given and not re.search(r"\s(?:by|apply|proof)\b", stripped)
    return [" ".join(lines) for lines in found]


def _without_comments(text: str) -> str:
    out: list[str] = []
    at, depth = 0, 0
    for sign in _ISABELLE_COMMENT.finditer(text):
        if depth == 0:
            out.append(text[at : sign.start()])
        depth = max(depth + (1 if sign.group() == "(*" else -1), 0)
        at = sign.end()
    if depth == 0:
        out.append(text[at:])
    return "".join(out)


def _fstar(text: str, name: str) -> list[str]:
    text = _without_comments(text)
    lets = [match for match in _FSTAR_LET.finditer(text) if match.start() == 0 or text[match.start()] != " "]
    wanted = name.partition("#")[0]
    own = [match for match in lets if match[1] == wanted]
    # A `let` that ends in `in` belongs to an expression.
    if own or (lets and not text[: lets[0].start()].strip() and not re.search(r"\bin\b", text)):
        text = text[(own or lets)[-1].end() :]
        text = text[_behind_sign(text) :]
        after = _FSTAR_NEXT.search(text)
        text = text[: after.start()] if after else text
    text = _FSTAR_HOLE.sub("admit ()", text)
    lines = textwrap.dedent(text.strip("\n")).rstrip()
    return [lines.strip()] if lines.strip() else []


def _behind_sign(text: str) -> int:
    depth = 0
    for match in _FSTAR_SIGN.finditer(text):
        sign = match.group()
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == "=" and depth <= 0:
            return match.end()
    return len(text)
