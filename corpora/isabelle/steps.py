"""Commands of Isabelle proofs as steps: told in the form that a session takes them in, with the goals it would show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checkers.isabelle.goals import Display, schematic
from checkers.isabelle.keywords import TERMINAL
from checkers.isabelle.steps import NotAStep, Parsed, StepKind, parse
from corpora.extract import elements
from corpora.isabelle.exported import Document, Theory
from corpora.isabelle.proofs import Command, Proof, Unproved, proofs
from corpora.records import StepRecord, shown
from lemmata.goal import Hypothesis

LONGEST_GOAL = 16_000
"""Most characters of a goal in a record: provers are shown no more."""
MOST_SUBGOALS = 32


@dataclass(frozen=True, slots=True)
class _Step:
    text: str
    conclusion: str
    hypotheses: tuple[Hypothesis, ...]
    after: tuple[str, ...]


class _LeftOut(Exception):
    """A command is no step; the message is a reason to count by."""


def records(theory: Theory, document: Document, licence: str, counts: Counter[str]) -> Iterator[StepRecord]:
    """Yield the records of a theory.

    Args:
        theory: names the records' package and file.
        document: what was exported of it.
        licence: of the theory.
        counts: of proofs, steps and what was left out; is added to.
    """
    unproved = Unproved()
    for proof in proofs(theory.name, document, unproved):
        if not proof.is_theorem:
            counts["commands outside of theorems"] += len(proof.commands)
            continue
        counts["proofs"] += 1
        counts["steps"] += len(proof.commands)
        for index, command in enumerate(proof.commands):
            try:
                text, last = _whole(proof.commands, index)
                step = _step(command, text)
                premises = _premises(proof, index, last)
                _check(step, premises)
            except _LeftOut as reason:
                counts[f"steps left out: {reason}"] += 1
                continue
            counts["steps recorded"] += 1
            line, column = document.lines.place(command.span.start)
            yield StepRecord(
                system="isabelle",
                package=theory.session,
                version="",
                licence=licence,
                file=theory.file,
                theorem=proof.theorem,
                statement=proof.statement,
                index=index,
                steps=len(proof.commands),
                line=line,
                column=column,
                step=step.text,
                goal=shown("isabelle", step.conclusion, step.hypotheses),
                conclusion=step.conclusion,
                hypotheses=tuple((given.name, given.text) for given in step.hypotheses),
                after=step.after,
                premises=premises,
            )
    counts["proofs given up by their authors"] += unproved.given_up
    counts["proofs that cannot be read"] += unproved.unreadable


def _whole(commands: Sequence[Command], index: int) -> tuple[str, int]:
    """Return the text of a step, and the index of its last command: a `proof` goes up to its `qed`."""
    if commands[index].span.name != "proof":
        return commands[index].text, index
    depth = 0
    for last in range(index, len(commands)):
        depth += (commands[last].span.name == "proof") - (commands[last].span.name == "qed")
        if not depth:
            return "\n".join(command.text for command in commands[index : last + 1]), last
    raise _LeftOut("no plain step")


def _step(command: Command, text: str) -> _Step:
    before = command.before.shown
    if command.before.mode != "prove" or before is None or not before.goals:
        raise _LeftOut("no method can be applied there")
    try:
        parsed = parse(text)
    except NotAStep:
        raise _LeftOut("no plain step") from None
    if before.count != len(before.goals):
        raise _LeftOut("not all goals are shown")
    own, others = _own(before.goals)
    after = _after(parsed, command, before, own, others)
    return _Step(parsed.text, "\n\n".join(own), _given(before.facts), after)


def _after(
    parsed: Parsed, command: Command, before: Display, own: tuple[str, ...], others: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the goals that a step leaves in place of its own, as they are shown."""
    if parsed.kind is StepKind.CLOSING:
        # It ends the proof of all goals there are, and what is shown behind it is about something else.
        if others:
            raise _LeftOut("it changes other goals as well")
        return ()
    behind = command.behind
    if command.span.name in TERMINAL or behind is None or behind.mode != "prove" or behind.shown is None:
        raise _LeftOut("what it leaves is not shown")
    left = behind.shown
    if left.count != len(left.goals):
        raise _LeftOut("not all goals are shown")
    if others and left.goals[-len(others) :] != others:
        raise _LeftOut("it changes other goals as well")
    mine = left.goals[: len(left.goals) - len(others)]
    if (mine, left.facts) == (own, before.facts):
        raise _LeftOut("it changes nothing")
    if len(mine) > MOST_SUBGOALS:
        raise _LeftOut("too many goals")
    together = [mine] if any(map(schematic, mine)) else [(goal,) for goal in mine]
    # Facts are for the next method, which is one on the first goal.
    return tuple(
        shown("isabelle", "\n\n".join(goals), _given(left.facts if not number else ()))
        for number, goals in enumerate(together)
    )


def _own(goals: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the goals that a step is about, and the others: all are one where they share schematic variables."""
    return (goals, ()) if any(map(schematic, goals)) else (goals[:1], goals[1:])


def _given(facts: Sequence[str]) -> tuple[Hypothesis, ...]:
    return tuple(Hypothesis(f"this({number})", text) for number, text in enumerate(facts, 1))


def _premises(proof: Proof, first: int, last: int) -> tuple[str, ...]:
    spans = [command.span for command in proof.commands[first : last + 1]]
    return tuple(dict.fromkeys(name for span in spans for name in span.facts))


def _check(step: _Step, premises: Sequence[str]) -> None:
    goals = (step.conclusion, *(given.text for given in step.hypotheses), *step.after)
    if sum(map(len, goals[: 1 + len(step.hypotheses)])) > LONGEST_GOAL or any(
        len(g) > LONGEST_GOAL for g in step.after
    ):
        raise _LeftOut("a goal is too long")
    try:
        elements.clean("".join((*goals, step.text, *premises)), "goals")
    except ValueError:
        raise _LeftOut("a goal is no text") from None
