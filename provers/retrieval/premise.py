"""Premises: the lemmas that a proof may use."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Premise:
    """A lemma, or a definition, that may be in scope."""

    name: str
    """Its full name."""
    statement: str
    """As the system prints or the file writes it, without the proof; empty where only the name is known."""
    file: str = ""
    """The file that it stands in, empty where it comes from a session, which tells only of what is in scope."""
    position: tuple[int, int] = (0, 0)
    """Line and column where it ends in its file, from 1; `(0, 0)` where that is not known."""
    closure: str = ""
    """Key of everything that its file imports, directly or not: files with one key see the same premises."""


def content_digest(premises: Iterable[Premise]) -> str:
    """Hash what an index is made from: names and statements, in their order."""
    hashed = hashlib.blake2b(digest_size=16)
    for premise in premises:
        for text in (premise.name, premise.statement):
            raw = text.encode("utf-8", "surrogatepass")
            hashed.update(len(raw).to_bytes(8, "little"))
            hashed.update(raw)
    return hashed.hexdigest()
