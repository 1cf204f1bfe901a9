"""What a session tells of the lemmas in scope, as premises.

Coq prints the statement of every lemma; F* comes with the text of what stands above; Lean and Isabelle come with names
only, whose statements are looked up in the file above the goal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lemmata.goal import GoalView
from provers.retrieval.premise import Premise

_NAME = re.compile(r"[^\W\d][\w'.!?]*")
_LONGEST = 2000
_LEAN = re.compile(
    r"^[ \t]*(?:@\[[^\]]*\]\s*)?(?:(?:private|protected|nonrec)\s+)*(?:theorem|lemma)\s+([^\s({\[:]+)", re.M
)
_LEAN_END = re.compile(r":=|\n\s*\||\n(?=\S)")
_ISABELLE = re.compile(r"^\s*(?:lemma|theorem|corollary|proposition)\s+([^\W\d][\w']*)\s*(?:\[[^\]]*\])?\s*:", re.M)
_ISABELLE_END = re.compile(
    r"^\s*(?:proof|by|apply|using|unfolding|sorry|oops|done|lemma|theorem|end)\b|\s(?:by|using)\s", re.M
)


def in_scope(view: GoalView) -> list[Premise]:
    """Return the lemmas that a session says are in scope at a goal, in its order, each name once.

    Everything here can be used there: a session loads nothing but what stands above and what is imported.
    """
    found = {premise.name: premise for premise in _found(view) if _NAME.fullmatch(premise.name)}
    return list(found.values())


def _found(view: GoalView) -> Iterator[Premise]:
    context = view.context
    match view.goal.system:
        case "coq":
            for entry in _listed(context.get("premises")):
                if isinstance(entry, list | tuple) and len(entry) == 2:
                    yield Premise(str(entry[0]), str(entry[1])[:_LONGEST])
        case "lean":
            stated = _stated(_above(view), _LEAN, _LEAN_END)
            for name in _listed(context.get("theorems")):
                # Inside a namespace the file has the last part of the name only.
                known = (stated.get(".".join(str(name).split(".")[i:])) for i in range(str(name).count(".") + 1))
                yield Premise(str(name), next(filter(None, known), ""))
        case "isabelle":
            stated = _stated(_above(view), _ISABELLE, _ISABELLE_END)
            for name in _listed(context.get("lemmas")):
                yield Premise(str(name), stated.get(str(name), ""))
        case "fstar":
            for head in _listed(context.get("heads")):
                if isinstance(head, dict) and "name" in head:
                    yield Premise(str(head["name"]), str(head.get("type", ""))[:_LONGEST])


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _above(view: GoalView) -> str:
    """Return the file's text above the goal's theorem."""
    lines = view.obligation.source.splitlines(keepends=True)
    line = view.obligation.location.line
    return "".join(lines[: line - 1] if line else lines)


def _stated(text: str, declared: re.Pattern[str], end: re.Pattern[str]) -> dict[str, str]:
    """Return what the declarations in a text state, by name."""
    found = {}
    for declaration in declared.finditer(text):
        stop = end.search(text, declaration.end(), declaration.end() + _LONGEST)
        last = stop.start() if stop else min(len(text), declaration.end() + _LONGEST)
        found[declaration[1]] = " ".join(text[declaration.end() : last].split())
    return found
