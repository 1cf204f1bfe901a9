"""What a proved theorem rests on: Coq's answer to `Print Assumptions`, read strictly, and judged.

What cannot be read, or whose origin cannot be told, is not allowed. The format is that of `Printer.pr_assumptionset`
in Coq's sources; names are those that `About` gives, which begin with the library that declares them, or with the
parameter of a functor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from checkers.coq.scan import Hole
from checkers.coq.sentences import split

_CLOSED = "Closed under the global context"
_NOISE = re.compile(r"Fetching opaque proofs from disk for [\w'.]+")
_NAME = re.compile(r"[^\W\d][\w'.]*")
_EXPANDS = re.compile(r"^Expands to: (?:Constant|Inductive|Constructor) (\S+)$", re.M)


@dataclass(frozen=True, slots=True)
class Assumption:
    """One item of the answer."""

    kind: str
    """`axiom`, `variable` (of an enclosing section), or `unsafe` for everything else."""
    name: str
    """As Coq prints it."""
    text: str
    """The whole item, on one line."""


def parse(answer: str) -> list[Assumption]:
    """Read the answer; whatever is not the declaration of an axiom or a variable counts as unsafe."""
    lines = [line for line in answer.splitlines() if not _NOISE.fullmatch(line)]
    if [line.strip() for line in lines if line.strip()] == [_CLOSED]:
        return []
    found: list[Assumption] = []
    section = ""
    items: list[tuple[str, str]] = []
    for line in lines:
        if re.fullmatch(r"[A-Z][A-Za-z ]*:", line):
            section = line
        elif line[:1] in (" ", ":") and items:
            items[-1] = (items[-1][0], f"{items[-1][1]} {line.strip()}")
        elif line.strip():
            items.append((section, line.strip()))
    for section, text in items:
        name = _NAME.match(text)
        declares = name is not None and text[name.end() :].lstrip().startswith(":")
        kind = {"Axioms:": "axiom", "Section Variables:": "variable"}.get(section, "unsafe") if declares else "unsafe"
        found.append(Assumption(kind, name.group() if name else "", text[:300]))
    return found or [Assumption("unsafe", "", "no answer")]


def full_name(about: str) -> str:
    """Return the full name in the answer to `About`, empty where it has none."""
    found = _EXPANDS.findall(about)
    return found[-1] if found else ""


def libraries(answer: str) -> frozenset[str]:
    """Return the names of the loaded libraries, from the answer to `Print Libraries`."""
    return frozenset(re.findall(r"^ +([^\W\d][\w'.]*)$", answer, re.M))


def library_of(name: str, loaded: Iterable[str]) -> str:
    """Return the library that declares a name, empty where none does."""
    return max((lib for lib in loaded if name.startswith(lib + ".")), key=len, default="")


class Surroundings:
    """Where a theorem stands: whose parameters it may use.

    Args:
        source: the file's text.
        hole: the theorem.
        top: the file's logical name.
    """

    def __init__(self, source: str, hole: Hole, top: str) -> None:
        self.top = top
        sentences = [s.text for s in split(source[: hole.statement[0]])]
        modules = [s for s in sentences if s.startswith("Module")]
        self._parameters = _parameters(modules)
        self._interfaces = tuple(_interfaces(sentences, hole.modules, top))

    def own(self, name: str) -> bool:
        """Say whether the file itself declares a name."""
        return name.startswith(self.top + ".")

    def interface(self, name: str) -> bool:
        """Say whether a name is a field of a module type around the theorem."""
        return any(name.startswith(prefix + ".") for prefix in self._interfaces)

    def parameter(self, name: str) -> bool:
        """Say whether a name that no library declares is one of a functor's parameter."""
        return not self.own(name) and name.partition(".")[0] in self._parameters


def _parameters(modules: Sequence[str]) -> frozenset[str]:
    """Return the words that may name parameters of functors: those between a parenthesis and a colon."""
    groups = (group for text in modules for group in re.findall(r"\(([^():]*):", text))
    return frozenset(word for group in groups for word in re.findall(r"[^\W\d][\w']*", group))


def _interfaces(sentences: Sequence[str], around: Sequence[str], top: str) -> Iterable[str]:
    """Yield the full names of the module types among the modules around a theorem."""
    opened: list[tuple[str, bool]] = []
    for text in sentences:
        if found := re.match(r"Module\s+Type\s+([^\W\d][\w']*)", text):
            opened.append((found[1], True))
        elif found := re.match(r"Module\s+(?:(?:Import|Export)\s+)?([^\W\d][\w']*)", text):
            opened.append((found[1], False))
    for index, name in enumerate(around):
        kinds = {kind for opened_name, kind in opened if opened_name == name}
        if kinds == {True}:
            yield ".".join([top, *around[: index + 1]])
