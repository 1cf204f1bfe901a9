"""The counterexample of a Coq theorem: a proof of the negation of its statement, as JSON values and as a text.

The text is the source up to the statement, which stands there without a proof, and a lemma that says no to the type
that Coq gave it. So the statement is never rewritten, and Coq itself says what is negated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checkers.coq.scan import Hole, HoleKind
from checkers.coq.sentences import split
from checkers.coq.tactics import NotATactic, plain, uses_hammer
from lemmata import strict_json
from lemmata.errors import InputError

START = "intro H"
"""The first step of every refutation."""

_STATES = re.compile(r"(?:Theorem|Lemma|Fact|Remark|Corollary|Proposition|Property)\s")
_MODULE = re.compile(r"Module\s+(?:(?:Import|Export)\s+)?([^\W\d][\w']*)\s*\.")
_NAME = re.compile(r"[^\W\d][\w']*")
_MOST_STEPS = 64


class NoCounterexample(InputError):
    """Something is no counterexample, or there can be none; the message says why."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A claim that nobody has checked yet."""

    statement: str
    """As Coq prints it, on one line."""
    instance: Mapping[str, str]
    """Values of the statement's variables, empty where the refutation names none."""
    steps: tuple[str, ...]
    """Plain tactics that prove the negation."""

    def values(self) -> dict[str, Any]:
        """Return the JSON values."""
        return {
            "system": "coq",
            "statement": self.statement,
            "instance": dict(self.instance),
            "steps": list(self.steps),
            "explanation": self.explanation,
        }

    @property
    def explanation(self) -> str:
        """One sentence."""
        if not self.instance:
            return "The negation of the statement is proved."
        return f"The statement does not hold for {self.values_text}: its negation is proved."

    @property
    def values_text(self) -> str:
        """The instance for people to read."""
        return ", ".join(f"{name} := {self.instance[name]}" for name in sorted(self.instance))


def instantiate(instance: Mapping[str, str]) -> str:
    """Return the step that gives the statement's variables their values."""
    return "specialize H with " + " ".join(f"({name} := {instance[name]})" for name in sorted(instance))


def read(artefact: str) -> Counterexample:
    """Read a counterexample of unknown origin.

    Raises:
        NoCounterexample: it is malformed, or a step is no plain tactic.
    """
    try:
        document = strict_json.parse(artefact)
    except ValueError as error:
        raise NoCounterexample(f"the counterexample is malformed: {error}") from None
    match document:
        case {"system": "coq", "statement": str(statement), "instance": dict(instance), "steps": list(steps), **rest}:
            pass
        case _:
            raise NoCounterexample("the counterexample is not one of a Coq theorem")
    if not all(isinstance(value, str) and _NAME.fullmatch(name) for name, value in instance.items()):
        raise NoCounterexample("the instance does not give texts to variables")
    if not all(isinstance(step, str) for step in steps) or not 0 < len(steps) <= _MOST_STEPS:
        raise NoCounterexample(f"the refutation does not have 1 to {_MOST_STEPS} steps")
    found = Counterexample(statement, instance, tuple(map(_plain, steps)))
    if instance and found.steps[:2] != (START, _plain(instantiate(instance))):
        raise NoCounterexample("the refutation does not use the instance")
    if rest != {"explanation": found.explanation}:
        raise NoCounterexample("the explanation is not that of this counterexample")
    return found


def _plain(step: str) -> str:
    try:
        text = plain(step)
    except NotATactic as error:
        raise NoCounterexample(f"`{' '.join(step.split())[:80]}` is not a plain tactic: {error.message}") from None
    if uses_hammer(text):
        raise NoCounterexample("a refutation does not use CoqHammer")
    return text


@dataclass(frozen=True, slots=True)
class Denial:
    """The text in which a theorem is denied.

    Args:
        source: the file's text.
        hole: the theorem.
    """

    source: str
    hole: Hole

    @property
    def name(self) -> str:
        """What the lemma is called."""
        return f"lemmata_not_{self.hole.theorem}"

    def unfit(self) -> str:
        """Return why the negation of this statement would make no sense, empty where it does."""
        hole = self.hole
        if hole.kind is HoleKind.ADMIT:
            return "a part of a proof has no statement of its own"
        if not _STATES.match(self.source, hole.statement[0]):
            return "only what Theorem, Lemma or the like states can be refuted"
        modules = [s.text for s in split(self.source[: hole.statement[0]]) if "Module" in s.text.split()]
        for name in hole.modules:
            opened = [text for text in modules if name in text.replace(".", " ").split()]
            if not opened or any((found := _MODULE.fullmatch(text)) is None or found[1] != name for text in opened):
                return f"the theorem is in {name}, which may be a functor or a module type"
        return ""

    def above(self, asked: str = "") -> str:
        """Return everything above the lemma: the source and the statement, left unproved, with sections closed.

        A theorem of a section is about all the variables of it, also about those that its statement does not mention.

        Args:
            asked: commands that stand where the variables of the sections are still open.
        """
        hole, source = self.hole, self.source
        before, statement = source[: hole.statement[0]], source[hole.statement[0] : hole.statement[1]]
        if hole.sections:
            before += "Set Keep Admitted Variables.\n"
            statement += "\nProof using All."
        # No module can stand in a section.
        ends = "".join(f"End {name}.\n" for name in reversed(hole.sections))
        return f"{before}{statement}\nAdmitted.\n{asked}{ends}"

    def lemma(self) -> str:
        """Return the sentence that states the negation."""
        return f"Lemma {self.name} : ~ ltac:(let t := type of @{self.hole.theorem} in exact t)."

    def text(self, steps: Sequence[str], asked: str = "", before: str = "", after: str = "") -> str:
        """Return the text with a proof of the negation, in a form that Coq accepts only for plain tactics.

        Args:
            steps: the proof.
            asked: commands in front of the ends of sections.
            before: commands in front of the lemma.
            after: what follows it.
        """
        script = "".join(f"  1: {step}.\n" for step in steps)
        return f"{self.above(asked)}{before}\n{self.lemma()}\nProof.\n{script}Qed.\n{after}"

    def whole(self, steps: Sequence[str]) -> str:
        """Return the text with all modules closed, as it is compiled."""
        return self.text(steps, after="".join(f"End {name}.\n" for name in reversed(self.hole.modules)))


def printed(answer: str) -> str:
    """Return the type in the answer to `Check`, on one line."""
    return " ".join(answer.split()).partition(" : ")[2]
