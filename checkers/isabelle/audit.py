r"""What is asked about a theorem, in ML, by a command behind it; and how the answer is read.

The answer holds the theorem's propositions with all types written out, the hypotheses that it has in its context, and
how many oracles its derivation uses, `sorry` (the oracle `skip_proof`) and those of theorems that it rests on among
them (`Thm_Deps` in "Oracles" of the Isabelle/Isar implementation manual). The functions used are those that
Isabelle2021 to Isabelle2025 have in common; numbers stand for lists whose elements differ between them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lemmata.errors import BackendError

_NAME = re.compile(r"[^\W\d_][\w']*(?:\.[^\W\d_][\w']*)*")


class NoAnswer(BackendError):
    """A build did not say what it was asked, or said it in another form."""


@dataclass(frozen=True, slots=True)
class Proved:
    """One theorem: a proposition under hypotheses."""

    proposition: str
    hypotheses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a theory says of a theorem."""

    oracles: int
    skipped: bool
    """Whether `sorry` is among them."""
    theorems: tuple[Proved, ...]

    def states(self, other: Answer) -> bool:
        """Say whether this is the same statement as another one, under no further hypotheses."""
        return len(self.theorems) == len(other.theorems) and all(
            ours.proposition == theirs.proposition and ours.hypotheses <= theirs.hypotheses
            for ours, theirs in zip(self.theorems, other.theorems, strict=True)
        )


def command(name: str, nonce: str, file: Path) -> str:
    """Return the command that writes down what a theorem is.

    Args:
        name: of the theorem, as it is called behind its proof.
        nonce: begins the answer.
        file: where it is written to.

    Raises:
        NoAnswer: the name cannot be asked for.
    """
    if not _NAME.fullmatch(name):
        raise NoAnswer(f"the theorem's name {name!r} cannot be asked for")
    path = str(file).replace("\\", "\\\\").replace('"', '\\"')
    return rf"""ML_command \<open>
  let
    val thms = Proof_Context.get_thms \<^context> "{name}";
    fun field s = string_of_int (size s) ^ "\n" ^ s ^ "\n";
    fun number n = field (string_of_int n);
    fun terms ts = number (length ts) ^ implode (map (field o ML_Syntax.print_term) ts);
    fun theorem th = terms [Thm.full_prop_of th] ^ terms (Thm.hyps_of th);
    val oracles = number (length (Thm_Deps.all_oracles thms));
    val skipped = number (if Thm_Deps.has_skip_proof thms then 1 else 0);
    val text = field "{nonce}" ^ oracles ^ skipped ^ number (length thms) ^ implode (map theorem thms);
  in File.write (Path.explode "{path}") text end
\<close>"""


def read(file: Path, nonce: str) -> Answer:
    """Read an answer.

    Raises:
        NoAnswer: there is none, or it is not in the form of `command`.
    """
    try:
        data = file.read_bytes()
    except OSError:
        raise NoAnswer("the build did not say what the theorem is") from None
    fields = _Fields(data)
    if fields.text() != nonce:
        raise NoAnswer("what the build says of the theorem was written by somebody else")
    oracles, skipped, count = fields.number(), fields.number(), fields.number()
    theorems = []
    for _ in range(count):
        propositions, hypotheses = fields.texts(), fields.texts()
        if len(propositions) != 1:
            raise NoAnswer("what the build says of the theorem cannot be read")
        theorems.append(Proved(propositions[0], frozenset(hypotheses)))
    if not theorems or fields.left:
        raise NoAnswer("what the build says of the theorem cannot be read")
    return Answer(oracles, skipped != 0, tuple(theorems))


class _Fields:
    """Texts, each behind a line with its length in bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    @property
    def left(self) -> bool:
        return self._position < len(self._data)

    def text(self) -> str:
        line = self._data.find(b"\n", self._position)
        length = self._data[self._position : line] if line >= 0 else b""
        if not length.isdigit() or len(length) > 12:
            raise NoAnswer("what the build says of the theorem cannot be read")
        end = line + 1 + int(length)
        if self._data[end : end + 1] != b"\n":
            raise NoAnswer("what the build says of the theorem cannot be read")
        self._position = end + 1
        return self._data[line + 1 : end].decode("utf-8", "surrogateescape")

    def number(self) -> int:
        text = self.text()
        if not text.isdigit() or len(text) > 9:
            raise NoAnswer("what the build says of the theorem cannot be read")
        return int(text)

    def texts(self) -> list[str]:
        return [self.text() for _ in range(self.number())]
