"""Asking a model for conjectures instead of steps: the goal is a theorem, and its context says what is wanted.

After K. Dong and T. Ma, "STP: Self-play LLM Theorem Provers with Iterative Conjecturing and Proving", ICML 2025: a
model is given a theorem, and lemmas to combine it with. As the question is a goal, whatever holds for models that
propose steps holds here too: how they are hosted, what they may cost, how their keys are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lemmata.errors import Location, UsageError
from lemmata.goal import Goal, GoalView, Obligation

KIND = "conjectures"
"""Of the prompt formats that ask for them, and the member of a context that says so."""


def question(name: str, statement: str, source: str, place: Location, lemmas: Sequence[tuple[str, str]]) -> GoalView:
    """Return the question what may be true beside a Coq theorem.

    Args:
        name: of the theorem, as its file calls it.
        statement: what it says, closed, as people write it.
        source: the whole text of its file.
        place: where in there it is stated.
        lemmas: names and statements of others that are about the same things.
    """
    context = {KIND: {"lemmas": [[other, text] for other, text in lemmas]}}
    return GoalView(Goal("coq", statement), Obligation("coq", name, source, place), context=context)


def wanted(view: GoalView) -> bool:
    """Say whether conjectures are asked for."""
    return KIND in view.context


def lemmas(view: GoalView) -> str:
    """Return the lemmas of a question, one a line."""
    asked: Any = view.context.get(KIND)
    listed = asked.get("lemmas") if isinstance(asked, dict) else None
    return "\n".join(f"{name} : {text}" for name, text in listed or ()) or "none"


def refuse_steps(name: str, kind: str) -> None:
    """Raise `UsageError` where a prompt format asks for something else.

    Args:
        name: of the format.
        kind: of the format.
    """
    if kind != KIND:
        raise UsageError(f"prompt format {name} does not ask for conjectures", hint="leave out #FORMAT")
