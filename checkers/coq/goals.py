"""Goals as structured data, from what Coq prints.

With the widest line and unlimited depth a hypothesis is one line of two blanks, its names, ` : ` and its type (` := `
and its body before that for a local definition); a line under that is its continuation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lemmata.goal import Hypothesis

WIDE = ("Set Printing Width 1000000.", "Set Printing Depth 1000000.")
"""Sentences after which nothing is broken into lines or cut short."""
SETTINGS = (*WIDE, "Unset Printing Compact Contexts.")
"""Sentences after which goals are printed in this form."""

_HEADER = re.compile(r"^(\d+) (?:focused )?goals?\b[^\n]*$", re.M)
_OTHER = re.compile(r"^goal (\d+)(?: \(ID \d+\))? is:\n", re.M)
_RULE = re.compile(r"^ *={10,}[^\n]*\n", re.M)
_HYPOTHESIS = re.compile(r"([^\W\d][\w']*(?:, [^\W\d][\w']*)*) (:=|:) (.*)", re.S)
_SHELVED = re.compile(r"\bshelved: (\d+)")
_EXISTENTIAL = re.compile(r"(?<![\w'?])\?[^\W\d]\w*")
_COMPLETE = re.compile(r"^(?:No more goals|This subproof is complete)", re.M)
_GIVEN_UP = "some goals you gave up"
_UNSOUND = re.compile(r"some goals you gave up|shelved|existential variables are still|non-instantiated", re.I)


@dataclass(frozen=True, slots=True)
class Printed:
    """One goal as Coq printed it."""

    hypotheses: tuple[Hypothesis, ...]
    conclusion: str


@dataclass(frozen=True, slots=True)
class Display:
    """What Coq printed of the goals in focus."""

    count: int
    """Number of goals in focus; 0 where the focus is complete."""
    first: Printed | None
    others: tuple[str, ...]
    """Conclusions of the other goals."""
    shelved: int
    complete: bool
    """Whether Coq said that nothing is left, and nothing is shelved or given up either."""
    given_up: int = 0
    """How many goals were given up, where those are all that is left."""

    def done(self, given_up: int) -> bool:
        """Say whether nothing is left but so many goals that were given up before, by an earlier `admit.`."""
        return self.complete or 0 < self.given_up <= given_up


def display(text: str) -> Display | None:
    """Read what Coq printed after a step; None where it printed no goals."""
    complete = _COMPLETE.search(text)
    header = _HEADER.search(text)
    if complete:
        # What follows are goals outside of the focus, under a header that counts those on the shelf.
        head = text[complete.start() :].split("\n\n", 1)[0]
        hidden = _shelved(head) or _shelved(header[0] if header else "")
        only = header is not None and not hidden and _GIVEN_UP in head
        return Display(
            0, None, (), hidden, not hidden and not _UNSOUND.search(head), int(header[1]) if header and only else 0
        )
    if header is None:
        return None
    parts = _OTHER.split(text[header.end() :])
    first = printed(parts[0])
    others = tuple(" ".join(part.split()) for part in parts[2::2])
    return Display(int(header[1]), first, others, _shelved(header[0]), False)


def _shelved(head: str) -> int:
    found = _SHELVED.search(head)
    return int(found[1]) if found else 0


def printed(text: str) -> Printed | None:
    """Read one goal: hypotheses, a double rule, a conclusion; None where there is no rule."""
    rule = _RULE.search(text)
    if rule is None:
        return None
    return Printed(tuple(_hypotheses(text[: rule.start()])), " ".join(text[rule.end() :].split()))


def _hypotheses(text: str) -> Sequence[Hypothesis]:
    joined: list[str] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        if line.startswith("  ") and not line.startswith("   ") and _HYPOTHESIS.match(line, 2):
            joined.append(line.strip())
        elif joined:
            joined[-1] += " " + line.strip()
    found = []
    for line in joined:
        parts = _HYPOTHESIS.match(line)
        if parts is None:
            continue
        kind = ":= " if parts[2] == ":=" else ""
        body = " ".join(parts[3].split())
        found += [Hypothesis(name, kind + body) for name in parts[1].split(", ")]
    return found


def existentials(text: str) -> bool:
    """Say whether a printed goal mentions an existential variable."""
    return _EXISTENTIAL.search(text) is not None
