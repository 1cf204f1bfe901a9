"""What a Coq process is told before a search starts: the file up to the goal, and settings of our own."""

from __future__ import annotations

from dataclasses import dataclass

from checkers.coq import goals
from checkers.coq.installation import Installation
from checkers.coq.line import Load, LoadFailed
from checkers.coq.project import Flags, compiled_with
from checkers.coq.scan import Hole, HoleKind, find, holes
from checkers.coq.sentences import Sentence, split
from lemmata.axioms import allowed_axioms
from lemmata.errors import BackendError, InputError, Location
from lemmata.goal import Obligation


@dataclass(frozen=True, slots=True)
class Loaded:
    """An obligation, read and ready to be loaded."""

    key: str
    file: str
    source: str
    hole: Hole
    flags: Flags
    sentences: tuple[Sentence, ...]
    """Those above the goal."""
    own: int
    """How many sentences of ours come before them."""
    plain: Load
    ending: str
    """What ends the proof when all of it is ours, empty otherwise."""
    unproved: frozenset[str] = frozenset()
    """Theorems of the file above the goal that are admitted themselves, so that no proof may rest on them."""

    @property
    def given_up(self) -> int:
        """How many goals of the same proof are given up above the goal."""
        return sum(end <= self.hole.prefix for _, end in self.hole.others)

    def refused(self, error: LoadFailed) -> Exception:
        """Return the error for a sentence of the file that Coq refuses."""
        if error.index >= len(self.sentences):
            return BackendError(f"coqtop refuses a setting: {error.message}", hint="please report it")
        start = self.sentences[error.index].start
        return InputError(
            f"Coq refuses this: {error.message}",
            hint="make the file compile up to here",
            location=Location.at(self.file, self.source, start),
        )


def load(obligation: Obligation, installation: Installation) -> Loaded:
    """Read an obligation.

    Args:
        obligation: the theorem; its options tell how its file is compiled.
        installation: the Coq that will read it.

    Raises:
        InputError: its file cannot be read, or has no such theorem any more.
    """
    file = obligation.location.file
    hole = find(obligation.source, obligation.name, file)
    sentences = tuple(split(obligation.source[: hole.prefix]))
    before = (*goals.SETTINGS, "Unset Printing Notations.")
    after = (*goals.SETTINGS, "Set Printing Notations.", "Show.")
    texts = tuple(sentence.text for sentence in sentences)
    return Loaded(
        key=obligation.key,
        file=file,
        source=obligation.source,
        hole=hole,
        flags=compiled_with(obligation, dict(obligation.options), installation),
        sentences=sentences,
        own=len(before),
        plain=Load((*before, *texts, *after), len(before)),
        ending="" if hole.kind is HoleKind.ADMIT else hole.terminator,
        unproved=_unproved(obligation, hole),
    )


def _unproved(obligation: Obligation, goal: Hole) -> frozenset[str]:
    allowed = frozenset(allowed_axioms(obligation.option("allow_axioms")))
    open_holes = (
        hole.theorem
        for hole in holes(obligation.source, obligation.location.file)
        if hole.kind is not HoleKind.THEOREM and hole.statement[0] < goal.statement[0]
    )
    return frozenset() if "*" in allowed else frozenset(open_holes) - allowed
