"""What a prompt can say of a goal: the goal in its system's own notation, what stands above it, what was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lemmata.errors import LemmataError
from lemmata.goal import Failure, GoalView, Hypothesis
from provers.neural import conjecturing
from provers.neural.source import above, as_statement, theorem

_LONGEST_GOAL = 8000
"""Most characters of a goal's hypotheses, and of its conclusion."""
_LONGEST_MESSAGE = 1200
_MOST_FAILURES = 4
_MOST_VALUES = 24


def goal_text(view: GoalView) -> str:
    """Return a goal in its system's own notation: hypotheses a line each, then `⊢` and the conclusion.

    For a program it is the source with its loops named, the clauses that are known, and what is left to show. Nothing
    in it depends on where in the search the goal was met, and it is never longer than about 16,000 characters.
    """
    goal = view.goal
    if goal.system == "programs":
        return "\n".join([program(view), "", "Known:", clauses(view), "", "To show:", goal.conclusion])
    state = goal.details.get("state")
    if goal.system == "lean" and isinstance(state, str) and state:
        return _shortened(state, 2 * _LONGEST_GOAL)
    lines = _hypotheses(goal.hypotheses)
    body = goal.details.get("body")
    if goal.system == "fstar" and isinstance(body, str) and body:
        lines += ["body so far:", _shortened(body, _LONGEST_GOAL)]
    return "\n".join([*lines, f"⊢ {_shortened(goal.conclusion, _LONGEST_GOAL)}"])


def _hypotheses(hypotheses: tuple[Hypothesis, ...]) -> list[str]:
    """Write hypotheses; the ones next to the conclusion are kept where there is no room for all."""
    lines: list[str] = []
    room = _LONGEST_GOAL
    for given in reversed(hypotheses):
        line = f"{given.name} {given.text}" if given.text.startswith(":= ") else f"{given.name} : {given.text}"
        room -= len(line)
        if room < 0:
            lines.append("...")
            break
        lines.append(line)
    return lines[::-1]


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most // 2]} ... {text[-(most // 2) :]}"


def program(view: GoalView) -> str:
    """Return a program's source with a comment `loop NAME` before each loop."""
    lines = view.obligation.source.split("\n")
    for cut in sorted(_loops(view), key=lambda cut: (cut["line"], cut["column"]), reverse=True):
        row, column = cut["line"] - 1, cut["column"] - 1
        if 0 <= row < len(lines) and 0 <= column <= len(lines[row]):
            lines[row] = f"{lines[row][:column]}/* loop {cut['name']} */ {lines[row][column:]}"
    return _shortened("\n".join(lines), 2 * _LONGEST_GOAL)


def loops(view: GoalView) -> str:
    """Return the names of a program's loops with the variables there."""
    found = []
    for cut in _loops(view):
        names = ", ".join(str(variable[2]) for variable in cut.get("variables", ())) or "none"
        found.append(f"{cut['name']} (line {cut['line']}): {names}")
    return "\n".join(found) or "none"


def loop_names(view: GoalView) -> tuple[str, ...]:
    """Return the names of a program's loops in the order of the file."""
    return tuple(str(cut["name"]) for cut in _loops(view))


def _loops(view: GoalView) -> list[Mapping[str, Any]]:
    system = view.context.get("system")
    cuts = system.get("cuts") if isinstance(system, Mapping) else None
    if not isinstance(cuts, list):
        return []
    wanted = ("line", "column")
    sound = [c for c in cuts if isinstance(c, Mapping) and all(isinstance(c.get(key), int) for key in wanted)]
    return [cut for cut in sound if cut.get("kind") == "loop" and isinstance(cut.get("name"), str)]


def clauses(view: GoalView) -> str:
    """Return the clauses that a program goal has already, in C where C can say them."""
    known = [f"loop {h.name.partition('#')[0]} invariant {_as_c(h, view)};" for h in view.goal.hypotheses]
    return _shortened("\n".join(known), _LONGEST_GOAL) or "nothing"


def _as_c(given: Hypothesis, view: GoalView) -> str:
    from lemmata.logic.ctext import ctext
    from lemmata.logic.parse import parse

    loop = given.name.partition("#")[0]
    variables = next((cut.get("variables", ()) for cut in _loops(view) if cut["name"] == loop), ())
    try:
        term = parse(given.text, {name: sort for name, sort, *_ in variables})
        return ctext(term, {name: shown for name, _, shown, *_ in variables}) or given.text
    except (LemmataError, ValueError, TypeError, RecursionError):
        return given.text


def condition(view: GoalView) -> str:
    """Return what is left to show of a program, with the values that the last failure was shown with."""
    for failure in view.failures:
        _, told = explained(failure.message)
        if told and failure.model:
            return f"{view.goal.conclusion}\nLast counterexample ({told}): {_values(failure)}"
    return view.goal.conclusion


def explained(message: str) -> tuple[str, str]:
    """Say which of an invariant's three conditions a refusal is about, in the terms of the rule for loops.

    Returns:
        The message as a model should read it, and `establishes`, `preserves`, `implies` or nothing.
    """
    if "initiation fails" in message:
        return "establishes fails: it does not hold when the loop is reached from above", "establishes"
    if "consecution" in message and "fails" in message:
        loop = message.partition("consecution from ")[2].split(" ")[0]
        return f"preserves fails: it need not hold any more after a round from {loop}", "preserves"
    if " may " in message or "unreachable" in message or "reached" in message:
        return f"implies fails: it holds, but does not exclude this: {message}", "implies"
    return message, ""


def failures(view: GoalView) -> str:
    """Return what the checker refused on this goal, the latest first, with its reasons and the values it gave."""
    told = []
    for failure in view.failures[:_MOST_FAILURES]:
        message = failure.message
        if view.goal.system == "programs":
            message, _ = explained(message)
        word = "what became of it" if failure.accepted else "refused"
        lines = [_shortened(failure.step, _LONGEST_MESSAGE), f"  {word}: {_shortened(message, _LONGEST_MESSAGE)}"]
        if failure.model:
            lines.append(f"  for example where {_values(failure)}")
        told.append("\n".join(lines))
    return "\n\n".join(told) or "nothing yet"


def _values(failure: Failure) -> str:
    shown = [f"{name} = {value}" for name, value in list(failure.model.items())[:_MOST_VALUES]]
    return _shortened(", ".join(shown), _LONGEST_MESSAGE)


FIELDS: Mapping[str, Callable[[GoalView], str]] = {
    "above": above,
    "clauses": clauses,
    "condition": condition,
    "failures": failures,
    "goal": goal_text,
    "lemmas": conjecturing.lemmas,
    "loops": loops,
    "program": program,
    "statement": as_statement,
    "theorem": theorem,
}
"""What a prompt's placeholders stand for; `premises` is given by whoever retrieved some."""
