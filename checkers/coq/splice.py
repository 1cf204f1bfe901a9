"""What an artefact may differ in from its source, the proof and nothing else; and the copies that are audited."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from checkers.coq.artefact import HAMMER_LINE, closed
from checkers.coq.scan import Hole, HoleKind
from checkers.coq.sentences import split
from checkers.coq.tactics import NotATactic, plain
from lemmata.errors import InputError

_STRUCTURE = re.compile(r"-+|\++|\*+|[{}]")
_BLANK = re.compile(r"[ \t\r\n]*")
# Tactics that look for what they use in the whole environment would find the axiom that stands for the other holes.
_LOOKS_AROUND = re.compile(r"(?<![\w'.])(hammer|predict|elpi|ltac2|run_template_program)(?![\w'])")


class NotTheSource(InputError):
    """An artefact is not its source with a plain proof in the hole; the message says where they differ."""


@dataclass(frozen=True, slots=True)
class Spliced:
    """An artefact, taken apart."""

    top: str
    """The line that loads CoqHammer, or nothing."""
    source: str
    hole: Hole
    sentences: tuple[str, ...]
    """The proof: tactics with their dots, bullets and braces."""

    def audited(self, before: str, axiom: str) -> str:
        """Return the text up to the end of the theorem, in a form that Coq accepts only for plain tactics.

        Every tactic is behind `1:`, after which the grammar admits tactics and queries only; the file's own text is as
        it is, except that other holes of the same proof are closed by an axiom, so that the kernel checks the rest.
        CoqHammer is loaded only above the proof, so that it cannot change what the file says.

        Args:
            before: commands that stand directly above the proof.
            axiom: a name for that axiom; used where there are other holes.
        """
        hole, source = self.hole, self.source
        before = self.top + before
        script = "\n".join(s if _STRUCTURE.fullmatch(s) else f"1: {s}" for s in self.sentences)
        replaced = [(span, f"exact ({axiom} _).") for span in hole.others]
        last = hole.end
        match hole.kind:
            case HoleKind.ADMIT if hole.admitted:
                replaced.append((hole.admitted, hole.terminator))
                script = f"{before}\n{script}"
                last = hole.admitted[1]
            case _:
                script = f"\n{before}\n{script}\n{hole.terminator}"
        replaced.append(((hole.start, hole.end), script))
        if hole.others:
            at = hole.statement[0]
            replaced.append(((at, at), f"Axiom {axiom} : forall P : Type, P.\n"))
        return _replace(source[:last], replaced) + "\n"

    @property
    def looks_around(self) -> str:
        """A tactic of the proof that searches the whole environment, empty where there is none."""
        for sentence in self.sentences:
            if found := _LOOKS_AROUND.search(sentence):
                return found[1]
        return ""


def statement_only(source: str, hole: Hole, before: str) -> str:
    """Return the source up to the statement, left unproved."""
    return f"{source[: hole.statement[1]]}\n{before}\nAdmitted.\n"


def original(source: str, hole: Hole, before: str) -> str:
    """Return the source up to the end of the theorem with its own proof, empty where that is not complete."""
    if hole.kind is not HoleKind.THEOREM or hole.admitted is not None or hole.others:
        return ""
    return f"{source[: hole.statement[1]]}\n{before}\n{source[hole.statement[1] : hole.end]}\n"


def take_apart(source: str, hole: Hole, artefact: str) -> Spliced:
    """Check that an artefact is the source with a plain proof in the hole.

    Raises:
        NotTheSource: it is not.
    """
    refusal = NotTheSource("the artefact is not the source")
    for top in ("", HAMMER_LINE):
        if artefact.startswith(top):
            try:
                return _take_apart(source, hole, artefact[len(top) :], top)
            except NotTheSource as error:
                refusal = error
    raise refusal


def _take_apart(source: str, hole: Hole, body: str, top: str) -> Spliced:
    above = source[: hole.start]
    below = closed(source, hole) if hole.kind is HoleKind.ADMIT else source[hole.end :]
    if not body.startswith(above):
        raise NotTheSource("the artefact differs from the source above the proof")
    if not body.endswith(below) or len(body) < len(above) + len(below):
        raise NotTheSource("the artefact differs from the source below the proof")
    proof = body[len(above) : len(body) - len(below)]
    try:
        texts, inside = _inside(body, len(above), len(above) + len(proof))
        own = [s.text for s in split(above)], [s.text for s in split(below)]
    except InputError as error:
        raise NotTheSource(f"the artefact cannot be read: {error.message}") from None
    if texts != (own[0], own[1]):
        raise NotTheSource("the proof runs into the text around it")
    if hole.kind is not HoleKind.ADMIT:
        if not inside or inside[-1] != hole.terminator:
            raise NotTheSource(f"the proof does not end with {hole.terminator}")
        inside.pop()
    for sentence in inside:
        _check(sentence)
    return Spliced(top, source, hole, tuple(inside))


def _inside(body: str, start: int, end: int) -> tuple[tuple[list[str], list[str]], list[str]]:
    """Return the sentences above and below a span, and those within it, which have nothing but blanks between them."""
    above: list[str] = []
    below: list[str] = []
    inside: list[str] = []
    position = start
    for sentence in split(body):
        if sentence.end <= start:
            above.append(sentence.text)
        elif sentence.start >= end:
            below.append(sentence.text)
        else:
            if sentence.start < start or sentence.end > end:
                raise NotTheSource("the proof runs into the text around it")
            if not _BLANK.fullmatch(body, position, sentence.start):
                raise NotTheSource("the proof contains a comment")
            inside.append(sentence.text)
            position = sentence.end
    if not _BLANK.fullmatch(body, position, end):
        raise NotTheSource("the proof contains a comment")
    return (above, below), inside


def _check(sentence: str) -> None:
    if _STRUCTURE.fullmatch(sentence):
        return
    shown = " ".join(sentence.split())[:80]
    if not sentence.endswith("."):
        raise NotTheSource(f"`{shown}` is not a tactic sentence")
    try:
        plain(sentence)
    except NotATactic as error:
        raise NotTheSource(f"`{shown}` is not a plain tactic: {error.message}") from None


def _replace(text: str, replacements: Sequence[tuple[tuple[int, int], str]]) -> str:
    for (start, end), new in sorted(replacements, key=lambda item: item[0], reverse=True):
        if start <= len(text):
            text = text[:start] + new + text[end:]
    return text
