"""Goals as structured data, from what Lean prints.

A goal is, line by line, `case TAG` where it has a tag, hypotheses as `NAMES : TYPE` (or `NAMES : TYPE := VALUE`), and
its conclusion after `⊢` (after `|` in conversion mode); a line that is indented continues the one above it. Names with
a dagger cannot be written in a tactic (`Lean.Meta.ppGoal`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lemmata.goal import Hypothesis

DAGGER = "✝"
_CASE = re.compile(r"case (\S.*)")
_TURNSTILE = re.compile(r"(?:⊢|\|)(?:\s|$)")
_HYPOTHESIS = re.compile(r"([^\s:⊢|][^\s:]*(?: [^\s:]+)*) :(?: |$)")
_METAVARIABLE = re.compile(r"(?<![\w'!?\])}»])\?(?:[^\W\d][\w'✝.]*|«[^»]*»)")
_ELIDED = "⋯"


@dataclass(frozen=True, slots=True)
class Printed:
    """One goal as Lean printed it."""

    case: str
    """Its tag, empty where it has none."""
    hypotheses: tuple[Hypothesis, ...]
    conclusion: str


def printed(text: str) -> Printed:
    """Read one goal; what does not look like one becomes its conclusion."""
    case, hypotheses = "", list[Hypothesis]()
    lines = _joined(text)
    if lines and (found := _CASE.fullmatch(lines[0])):
        case, lines = found[1].strip(), lines[1:]
    for at, line in enumerate(lines):
        if _TURNSTILE.match(line):
            # Nothing comes after the conclusion but its own lines.
            return Printed(case, tuple(hypotheses), " ".join(" ".join(lines[at:])[1:].split()))
        named = _HYPOTHESIS.match(line)
        if named is not None:
            kind = " ".join(line[named.end() :].split())
            hypotheses += [Hypothesis(name, kind) for name in named[1].split()]
    return Printed("", (), " ".join(text.split()))


def several(text: str) -> list[str]:
    """Cut what Lean printed of several goals, one under the other, into one text for each."""
    found: list[list[str]] = [[]]
    ended = False
    for line in text.splitlines():
        if ended and line and not line[0].isspace():
            found.append([])
            ended = False
        if line.strip():
            found[-1].append(line)
        ended = ended or _TURNSTILE.match(line) is not None
    return ["\n".join(lines) for lines in found if lines]


def _joined(text: str) -> list[str]:
    """Put the lines of each entry together."""
    entries: list[str] = []
    for line in text.splitlines():
        if entries and (line[:1].isspace() or not line):
            entries[-1] += " " + line.strip()
        elif line.strip():
            entries.append(line)
    return entries


def metavariables(text: str) -> frozenset[str]:
    """Return the metavariables that a printed goal mentions."""
    return frozenset(_METAVARIABLE.findall(text))


def together(texts: Sequence[str]) -> bool:
    """Say whether goals must be worked on together: one of them mentions a metavariable, which may be another goal."""
    return any(metavariables(text) for text in texts)


def elided(text: str) -> bool:
    """Say whether parts of a goal were left out when it was printed, so that another one may look the same."""
    return _ELIDED in text


def usable(name: str) -> bool:
    """Say whether a tactic can refer to a hypothesis by this name."""
    return DAGGER not in name and bool(name) and name != "_"
