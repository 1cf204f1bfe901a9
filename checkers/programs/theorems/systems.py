"""The proof assistants that theories can be written for."""

from __future__ import annotations

from checkers.programs.theorems.coq import CoqWriter
from checkers.programs.theorems.fstar import FstarWriter
from checkers.programs.theorems.isabelle import IsabelleWriter
from checkers.programs.theorems.lean import LeanWriter
from checkers.programs.theorems.notation import Writer
from lemmata.errors import UsageError

_ALL: tuple[Writer, ...] = (CoqWriter(), FstarWriter(), IsabelleWriter(), LeanWriter())
_WRITERS = {writer.system: writer for writer in _ALL}


def writer(system: str) -> Writer:
    """Return the writer for a proof assistant; raise `UsageError` where there is none."""
    found = _WRITERS.get(system)
    if found is None:
        raise UsageError(f"theorems cannot be written for {system!r}", hint=f"known are {', '.join(sorted(_WRITERS))}")
    return found
