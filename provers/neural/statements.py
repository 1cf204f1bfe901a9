"""Statements that a model conjectures, out of its answer: Coq declarations, a JSON list, or one a line.

Nothing is refused here but what is empty: whether a text is one term at all, whoever asked has to find out, and can
count what is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lemmata.goal import GoalView
from provers.neural import answers, blueprint

MOST = 64
"""Most statements that are taken from one answer."""
_LONGEST = 4000
"""Characters of a statement after which it is cut off: it will be refused for its length."""
_SYMBOLS = {
    "∀": " forall ",
    "∃": " exists ",
    "→": " -> ",
    "↔": " <-> ",
    "∧": " /\\ ",
    "∨": " \\/ ",
    "¬": " ~ ",
    "≤": " <= ",
    "≥": " >= ",
    "≠": " <> ",
    "ℕ": " nat ",
}
_GOES_ON = re.compile(r"\n[ \t]++(?!(?:[-*•+]|\d++[.)])\s)")
"""Where a line goes on with the one above it."""
_TAIL = " \t\r\n."


def statements(text: str, view: GoalView) -> list[str]:
    """Read an answer.

    Args:
        text: what a model wrote, as far as it is whole.
        view: what it was asked about.

    Returns:
        Each statement once, in order; at most `MOST`.
    """
    # What the file writes so itself has a meaning there.
    for sign, word in _SYMBOLS.items():
        if sign not in view.obligation.source:
            text = text.replace(sign, word)
    fenced = [block.text for block in answers.blocks(text) if block.text.strip()]
    found: dict[str, None] = {}
    for body in fenced or [text]:
        for one in _listed(body, whole=not fenced):
            if one:
                found[one[:_LONGEST]] = None
            if len(found) == MOST:
                return list(found)
    return list(found)


def _listed(body: str, *, whole: bool) -> Iterator[str]:
    if declared := _declared(body):
        yield from declared
        return
    value = answers.json_values(body) if whole or body.lstrip()[:1] in ("[", "{") else None
    told = list(answers.texts(value)) if value is not None else []
    for item in told:
        # Few of them end with a dot, which a declaration needs.
        yield from _declared(f"{item.rstrip(_TAIL)}.") or [_bare(item)]
    if not told:
        plain = blueprint.without_comments(body, "coq").strip("\n")
        yield from map(_bare, answers.items(_GOES_ON.sub(" ", plain)))


def _declared(text: str) -> list[str]:
    """Return the statements of the lemmas that a text declares."""
    return [lemma.statement("coq") for lemma in blueprint.declarations("coq", text)]


def _bare(text: str) -> str:
    """Return a statement alone: without comments, the dot at its end and what surrounds it in running text."""
    plain = " ".join(blueprint.without_comments(text, "coq").split())
    return answers.bare(plain.rstrip(_TAIL)).rstrip(_TAIL)
