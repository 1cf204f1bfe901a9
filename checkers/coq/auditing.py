"""What the verifications of proofs and of refutations share: how a file is compiled, and how audits are told."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

from checkers.coq.assumptions import Surroundings
from checkers.coq.installation import Installation
from checkers.coq.permission import Permission
from checkers.coq.project import Flags
from checkers.coq.runs import Workspace
from checkers.coq.scan import Hole
from checkers.runs import of_run
from lemmata.verdict import Audit

_TOP = re.compile(r"[^\W\d][\w']*(?:\.[^\W\d][\w']*)*")

# The options that a file may be compiled with, and their operands: none that weakens Coq's logic.
_OPTIONS = {
    **dict.fromkeys(("-Q", "-R"), 2),
    **dict.fromkeys(("-I", "-include", "-w", "-set", "-unset", "-compat", "-native-compiler", "-bytecode-compiler"), 1),
    **dict.fromkeys(
        ("-noinit", "-nois", "-impredicative-set", "-indices-matter", "-allow-sprop", "-disallow-sprop"), 0
    ),
}
_UNSAFE_SETTING = re.compile(r"checking|definitional\s+uip", re.I)
AUDITS = 5
"""How many there are of a proof, and of a refutation."""
RECHECK = "coqchk -norec"
"""Begins the name of the second opinion."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is verified, and with what."""

    space: Workspace
    installation: Installation
    source: str
    hole: Hole
    artefact: str
    """The source with the proof in it, or the JSON text of a counterexample."""
    allowed: frozenset[str]
    """Names of axioms from the options, or `*`."""

    @property
    def top(self) -> str:
        """The file's logical name."""
        return self.space.flags.top

    def full(self, name: str) -> str:
        """Return the full name of what has this name where the theorem stands."""
        return ".".join([self.top, *self.hole.modules, name])

    def permission(self, theorem: str, other_holes: str = "") -> Permission:
        """Return the judge of what a theorem at this place rests on; see `Permission` for the arguments."""
        around = Surroundings(self.source, self.hole, self.top)
        return Permission(around, self.installation.where, theorem, other_holes, self.allowed)

    async def compile(self, text: str, purpose: str, proved: str) -> tuple[Audit, Audit, Path]:
        """Compile a text, and have the compiled file checked again.

        Args:
            text: the file's.
            purpose: names the folder that it is compiled in.
            proved: the full name of what must not be assumed, empty where it may be.

        Returns:
            The audits of both, and where the compiled file is.
        """
        run, compiled = await self.space.compile(text, purpose)
        audit = of_run(f"coqc {self.installation.version}", run)
        return audit, await rechecked(self.space, compiled, proved) if run.ok else audit, compiled


async def rechecked(space: Workspace, compiled: Path, proved: str = "") -> Audit:
    """Have the independent checker read a compiled file; `proved` is the full name of what must not be assumed."""
    command = f"{RECHECK} {space.flags.top}"
    run = await space.recheck(compiled)
    if run is None:
        return Audit(command, "unknown", "coqchk is not installed: apt-get install coq")
    audit = of_run(command, run)
    if run.ok and proved and re.search(rf"^ +{re.escape(proved)}$", run.output, re.M):
        return dataclasses.replace(audit, result="failed", detail=f"coqchk lists {proved} among what is assumed")
    return audit


def unsafe_flag(compiled: Flags) -> str:
    """Return what is wrong with the options, empty where nothing is."""
    if not _TOP.fullmatch(compiled.top):
        return f"{compiled.top!r} is not a module's name"
    words = list(compiled.arguments)
    while words:
        word = words.pop(0)
        count = _OPTIONS.get(word)
        if count is None or len(words) < count:
            return f"the option {word} is not allowed"
        operands = [words.pop(0) for _ in range(count)]
        if word in ("-set", "-unset") and _UNSAFE_SETTING.search(operands[0]):
            return f"the option {word} {operands[0]} is not allowed"
    return ""
