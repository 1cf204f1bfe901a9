"""Tactics of Lean proofs as steps: told in the form that a session takes them in, with the goals that it would show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from checkers.lean import goals
from checkers.lean.lexer import TokenKind, tokens
from checkers.lean.tactics import NotATactic, plain, searches
from corpora.extract import elements
from corpora.records import StepRecord
from lemmata.errors import InputError, Location
from lemmata.goal import Goal, GoalView, Hypothesis, Obligation
from provers.neural.render import goal_text

LONGEST_GOAL = 16_000
"""Most characters of a goal in a record: provers are shown no more."""
MOST_SUBGOALS = 32
_NO_GOALS = "no goals"
_NOWHERE = Obligation("", "", "", Location(""))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where proofs come from."""

    package: str
    version: str
    licence: str
    file: str
    """Below the package's root."""


@dataclass(frozen=True, slots=True)
class Tactic:
    """A tactic of a proof, as a tracer tells it."""

    line: int
    """Where it begins, from 1."""
    column: int
    """In code points, from 1."""
    text: str
    before: tuple[str, ...]
    """The goals before it as Lean printed them, the main one first."""
    after: tuple[str, ...] | None
    """The goals behind it, None where that is not known."""
    constants: tuple[str, ...]
    """Full names of constants that it may name."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The tactics of a theorem in the order of the file."""

    theorem: str
    """Its full name."""
    statement: str
    tactics: tuple[Tactic, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """A tactic as a step of its own."""

    text: str
    goal: str
    conclusion: str
    hypotheses: tuple[Hypothesis, ...]
    after: tuple[str, ...]
    premises: tuple[str, ...]


class _LeftOut(Exception):
    """A tactic is no step; the message is a reason to count by."""


def states(text: str) -> tuple[str, ...]:
    """Cut what Lean printed of several goals into one text for each."""
    return () if text.strip() == _NO_GOALS else tuple(goals.several(text))


def records(origin: Origin, proofs: Iterable[Proof], counts: Counter[str]) -> Iterator[StepRecord]:
    """Yield the records of proofs.

    Args:
        origin: of all of them.
        proofs: in the order of the file.
        counts: of proofs, steps and what was left out; is added to.
    """
    for proof in proofs:
        counts["proofs"] += 1
        counts["steps"] += len(proof.tactics)
        for index, tactic in enumerate(proof.tactics):
            try:
                step = _step(tactic)
            except _LeftOut as reason:
                counts[f"steps left out: {reason}"] += 1
                continue
            counts["steps recorded"] += 1
            yield StepRecord(
                system="lean",
                package=origin.package,
                version=origin.version,
                licence=origin.licence,
                file=origin.file,
                theorem=proof.theorem,
                statement=proof.statement,
                index=index,
                steps=len(proof.tactics),
                line=tactic.line,
                column=tactic.column,
                step=step.text,
                goal=step.goal,
                conclusion=step.conclusion,
                hypotheses=tuple((given.name, given.text) for given in step.hypotheses),
                after=step.after,
                premises=step.premises,
            )


def usable(text: str) -> str:
    """Return the canonical text of a tactic as a step; empty where it is none.

    Comments within it are dropped, as they are no part of a step.
    """
    try:
        text = plain(_without_comments(text))
    except (NotATactic, InputError):
        return ""
    return "" if searches(text) else text


def _without_comments(text: str) -> str:
    for token in reversed(tokens(text, comments=True)):
        if token.kind in (TokenKind.COMMENT, TokenKind.DOC):
            text = text[: token.start] + text[token.end :]
    return "\n".join(line for line in text.split("\n") if line.strip())


def _step(tactic: Tactic) -> _Step:
    text = usable(tactic.text)
    if not text:
        raise _LeftOut("no plain tactic")
    if not tactic.before:
        raise _LeftOut("nothing is left to prove there")
    if tactic.after is None:
        raise _LeftOut("Lean does not take it again")
    before, after = _own(tactic.before, tactic.after)
    if before == after:
        raise _LeftOut("it changes nothing")
    left = _apart(after)
    if len(left) > MOST_SUBGOALS:
        raise _LeftOut("too many goals")
    first = goals.printed(before[0])
    shown = "\n\n".join(before)
    conclusion = "\n\n".join(goals.printed(goal).conclusion for goal in before)
    if len(shown) > LONGEST_GOAL or any(len(goal) > LONGEST_GOAL for goal in left):
        raise _LeftOut("a goal is too long")
    premises = named(text, tactic.constants)
    try:
        elements.clean("".join((shown, *left, *premises)), "goals")
    except ValueError:
        raise _LeftOut("a goal is no text") from None
    goal = goal_text(GoalView(Goal("lean", conclusion, first.hypotheses, details={"state": shown}), _NOWHERE))
    return _Step(text, goal, conclusion, first.hypotheses, left, premises)


def _own(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the goals that a tactic is about, and those that it leaves in place of them.

    A session gives each goal a place of its own, except those that share metavariables.
    """
    if len(before) == 1 or goals.together(before):
        return before, after
    others = before[1:]
    if after[-len(others) :] != others:
        raise _LeftOut("it changes other goals as well")
    return before[:1], after[: -len(others)]


def _apart(after: tuple[str, ...]) -> tuple[str, ...]:
    return ("\n\n".join(after),) if len(after) > 1 and goals.together(after) else after


def named(step: str, constants: Sequence[str]) -> tuple[str, ...]:
    """Return those constants that a step names, fully or by their last parts, in the order of their first use."""
    ends: dict[str, list[str]] = {}
    for constant in constants:
        parts = constant.split(".")
        for count in range(1, len(parts) + 1):
            ends.setdefault(".".join(parts[-count:]), []).append(constant)
    words = (token.text for token in tokens(step) if token.kind is TokenKind.WORD)
    return tuple(dict.fromkeys(constant for word in words for constant in ends.get(word, ())))
