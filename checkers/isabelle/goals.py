r"""Goals as structured data, from the proof states that Isabelle prints; for display and for provers only.

With the widest margin each subgoal is a line ` 1. \<And>x y. \<lbrakk>A; B\<rbrakk> \<Longrightarrow> C`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADER = re.compile(r"^goal(?: \((\d+) subgoals?\))?:[ \t]*$", re.M)
_SUBGOAL = re.compile(r"^ ?(\d+)\. (.*(?:\n(?! ?\d+\. )[ \t]+\S.*)*)", re.M)
_FACTS = re.compile(r"^using this:\n((?:[ \t]+.*\n)+)", re.M)
_FACT = re.compile(r"^(?:  |\t)?\S.*(?:\n   +\S.*)*", re.M)
"""One of those; what is indented more goes on with it."""
_SCHEMATIC = re.compile(r"(?<![\w'?])\?'?[^\W\d]\w*")
_BINDER = re.compile(r"\s*(?:\\<And>|⋀|!!)\s*((?:[^\W\d][\w']*\s*|_\s*)+)\.\s*")
_ARROW = re.compile(r"\\<Longrightarrow>|⟹|==>")
_OPEN, _CLOSE = ("\\<lbrakk>", "⟦", "[|", "(", "[", "{"), ("\\<rbrakk>", "⟧", "|]", ")", "]", "}")
_SIGN = re.compile(r"\\<\^?[A-Za-z]\w*>|\[\||\|\]|==>|.", re.S)


@dataclass(frozen=True, slots=True)
class Display:
    """A proof state as it was printed."""

    goals: tuple[str, ...]
    count: int
    """Number of subgoals; more than are shown where there are very many."""
    facts: tuple[str, ...]
    """What the next method is given."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A subgoal taken apart."""

    variables: tuple[str, ...]
    premises: tuple[str, ...]
    conclusion: str


def display(text: str) -> Display | None:
    """Read a printed proof state; None where it is none."""
    header = _HEADER.search(text)
    if header is None:
        return None
    behind = text[header.end() :]
    if header[1] is None:
        return Display((), 0, ()) if behind.strip().startswith("No subgoals!") else None
    goals = tuple(" ".join(found[2].split()) for found in _SUBGOAL.finditer(behind.split("\n\n")[0]))
    facts = _FACTS.search(text[: header.start()])
    given = tuple(" ".join(fact.split()) for fact in _FACT.findall(facts[1])) if facts else ()
    return Display(goals, int(header[1]), given) if goals else None


def schematic(text: str) -> bool:
    """Say whether a printed goal mentions a schematic variable."""
    return _SCHEMATIC.search(text) is not None


def parts(goal: str) -> Parts:
    """Take a printed subgoal apart."""
    variables: list[str] = []
    premises: list[str] = []
    rest = goal.strip()
    while (binder := _BINDER.match(rest)) is not None:
        variables += binder[1].split()
        rest = rest[binder.end() :]
    while len(cut := _cut(rest, _ARROW)) > 1:
        first = cut[0].strip()
        opened = next((o for o, c in zip(_OPEN[:3], _CLOSE[:3], strict=True) if first.startswith(o)), "")
        if opened:
            close = _CLOSE[_OPEN.index(opened)]
            inner = first.removeprefix(opened).removesuffix(close)
            premises += [part.strip() for part in _cut(inner, re.compile(";"))]
        else:
            premises.append(first)
        rest = rest[len(cut[0]) :].lstrip()
        arrow = _ARROW.match(rest)
        rest = rest[arrow.end() :].strip() if arrow else rest
        if arrow is None:
            break
    return Parts(tuple(variables), tuple(premises), rest.strip())


def _cut(text: str, separator: re.Pattern[str]) -> list[str]:
    """Cut a text at a separator where it stands outside of all brackets."""
    pieces, depth, start = [], 0, 0
    for found in _SIGN.finditer(text):
        sign = found.group()
        if sign in _OPEN:
            depth += 1
        elif sign in _CLOSE:
            depth -= 1
        elif depth <= 0 and separator.fullmatch(sign):
            pieces.append(text[start : found.start()])
            start = found.end()
    return [*pieces, text[start:]]
