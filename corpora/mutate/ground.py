"""What new theorems of a library file stand on: the compiled file, and what its source imports."""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checkers import files
from checkers.coq import commands
from checkers.coq.installation import Installation
from checkers.coq.project import Flags
from checkers.coq.scan import HoleKind, holes
from checkers.coq.sentences import split, words
from corpora.coq.library import Source

MOST_BYTES = 16 << 20
"""Of a source file."""
_STATES = re.compile(r"(?:Theorem|Lemma|Fact|Remark|Corollary|Proposition|Property)\s")
_SETTING = re.compile(
    r"(?P<how>(?:#\[[^\]]*\]\s*|(?:Local|Global|Export)\s+)*)"
    r"(?:Hint|Ltac|Tactic\s+Notation|Notation|Infix|Open\s+Scope|Import|Arguments|Existing\s+Instances?|Opaque"
    r"|Transparent|Typeclasses|Implicit\s+Types?)\s"
)


@dataclass(frozen=True, slots=True)
class Script:
    """The proof of a theorem as it stands in its file."""

    sentences: tuple[str, ...]
    around: tuple[str, ...]
    """Sentences above it that are in force there and not outside: hints and tactics of a section, for example."""
    line: int
    """Where its statement begins."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A library file whose theorems are to be varied."""

    top: str
    """Its logical name, such as `Coq.Lists.List`."""
    arguments: tuple[str, ...]
    """The options that it was compiled with."""
    header: tuple[str, ...]
    """Sentences that bring it and what it imports into scope, with the scopes that it opens."""
    proofs: Mapping[str, Script]
    """By the full names that its theorems have, as far as the text tells; those of functors have none."""

    @property
    def least(self) -> tuple[str, ...]:
        """The header that needs nothing but the compiled file."""
        return (f"Require Import {self.top}.",)

    def flags(self, top: str) -> Flags:
        """Return how a file of new theorems is compiled, which has a logical name of its own."""
        return Flags(self.arguments, top)


def ground(source: Source, coq: Installation) -> Ground:
    """Read a source file.

    Args:
        source: of a compiled library.
        coq: the Coq that compiled it.

    Raises:
        InputError: it cannot be read.
    """
    text = files.read(source.path, MOST_BYTES)
    found = source.flags(coq)
    every = (hole for hole in holes(text, str(source.path)) if hole.kind is HoleKind.THEOREM)
    sentences = split(text)
    starts = [sentence.start for sentence in sentences]
    texts = [sentence.text for sentence in sentences]
    nameless = _nameless(texts)
    around = _around(texts, found.top)
    proofs: dict[str, Script] = {}
    for hole in every:
        if _STATES.match(text, hole.statement[0]) and nameless.isdisjoint(hole.modules):
            stated, begin, end = (bisect.bisect_left(starts, at) for at in (hole.statement[0], hole.start, hole.end))
            name = ".".join([found.top, *hole.modules, hole.theorem])
            proofs.setdefault(name, Script(tuple(texts[begin:end]), around[stated], hole.line))
    # What a file declares itself is exported by modules of its own, so that their imports come behind its own.
    requires = [text for text in _outside(texts) if _requires(words(text))]
    opens = [text for text in _outside(texts) if _opens(words(text))]
    header = dict.fromkeys(
        " ".join(sentence.split()) for sentence in (*requires, f"Require Import {found.top}.", *opens)
    )
    arguments = tuple(word for word in found.arguments if word != "-noinit")
    return Ground(found.top, arguments, tuple(header), proofs)


def _nameless(texts: Sequence[str]) -> frozenset[str]:
    """Return the modules whose theorems have no names outside: module types and functors."""
    found = set()
    for text in texts:
        match [word for word in words(text) if word not in ("Import", "Export")]:
            case ["Module", "Type", name, *_] | ["Module", name, "(", *_]:
                found.add(name)
    return frozenset(found)


def _outside(texts: Sequence[str]) -> Iterator[str]:
    """Yield the sentences that stand in no section and no module."""
    depth = 0
    for text in texts:
        found = words(text)
        if found[:1] == ["End"]:
            depth -= 1
        elif not depth:
            yield text
        depth += _begins(found)


def _begins(found: Sequence[str]) -> bool:
    """Say whether a sentence begins a section or a module."""
    return found[:1] == ["Section"] or (found[:1] == ["Module"] and not commands.bodies(found))


def _around(texts: Sequence[str], top: str) -> list[tuple[str, ...]]:
    """Return for each sentence those above it that are in force there, and not for who imports the file."""
    blocks: list[tuple[str, ...]] = [()]
    path = [top]
    found: list[tuple[str, ...]] = []
    now: tuple[str, ...] = ()
    for text in texts:
        found.append(now)
        setting = _SETTING.match(text)
        if setting and (len(blocks) > 1 or "ocal" in setting["how"]):
            blocks[-1] = (*blocks[-1], " ".join(text.split()))
        elif text.startswith("End") and len(blocks) > 1 and words(text)[:1] == ["End"]:
            blocks.pop()
            path.pop()
        elif text.startswith(("Section", "Module")) and _begins(said := words(text)):
            path.append(commands.module_name(said[1:]) if said[0] == "Module" else "")
            blocks.append((f"Import {'.'.join(filter(None, path))}.",) if said[0] == "Module" else ())
        else:
            continue
        now = tuple(itertools.chain.from_iterable(blocks))
    return found


def _requires(found: Sequence[str]) -> bool:
    return found[:1] == ["Require"] or (found[:1] == ["From"] and "Require" in found)


def _opens(found: Sequence[str]) -> bool:
    """Say whether a sentence only changes how terms are written."""
    bare = found[1:] if found[:1] in (["Local"], ["Global"]) else found
    return bare[:2] == ["Open", "Scope"] or bare[:1] == ["Import"]
