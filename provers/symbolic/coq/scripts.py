"""Proof scripts that may be carried over: of theorems above the goal and in the libraries it imports.

A theorem often has a namesake in a library that its file imports, or a sibling above it, whose proof is the same but
for names. Its script is followed step by step: whoever took one of its steps is offered the next ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provers.symbolic.coq import trees

_MOST_SCRIPTS = 12
_LEAST_KINSHIP = 0.6
_LARGEST_SOURCE = 1 << 20
_MOST_SOURCES = 400
_LONGEST_SCRIPT = 60
_THEOREM = r"\b(?:Theorem|Lemma|Fact|Remark|Corollary|Proposition|Property|Instance)\s+"
_NAME = re.compile(_THEOREM + r"([^\W\d][\w']*)")
_END = re.compile(r"\b(?:Qed|Defined|Admitted|Abort)\s*\.")
_COMMENT = re.compile(r"\(\*(?:[^*(]|\*(?!\))|\((?!\*))*\*\)")
_SENTENCE = re.compile(r"(?:[^.\"]|\"[^\"]*\"|\.(?!\s|$))+(?:\.(?=\s|$))")
_BULLET = re.compile(r"^(?:[-+*{}]+\s*|\d+\s*:\s*\{?\s*)+")


@dataclass(frozen=True, slots=True)
class Script:
    """The steps of a proof, in order, without bullets."""

    name: str
    kinship: float
    """How much of its theorem's name is in ours, from 0 to 1."""
    steps: tuple[str, ...]


def kinship(theirs: str, ours: str) -> float:
    """Return how alike two names are: the share of words that they have in common."""
    a, b = set(theirs.split("_")), set(ours.split("_"))
    return len(a & b) / len(a | b)


def related(context: Mapping[str, Any], names: Iterable[tuple[str, tuple[str, ...]]]) -> list[Script]:
    """Return the scripts of theorems that are called like ours, the closest first.

    Args:
        context: the session's, with the `theorem`'s name and the `sources` of the libraries it imports.
        names: theorems above with their steps, in order.
    """
    ours = str(context.get("theorem", ""))
    found: list[Script] = []
    for name, steps in names:
        alike = kinship(name, ours)
        if alike >= _LEAST_KINSHIP and steps:
            found.append(Script(name, alike, steps[:_LONGEST_SCRIPT]))
    found.reverse()
    for source in reversed(list(context.get("sources", ()))[-_MOST_SOURCES:]):
        found += _in_source(Path(str(source)), ours)
    # Equal names count alike; what stands nearer comes first, which is the order they were found in.
    found.sort(key=lambda script: -script.kinship)
    return found[:_MOST_SCRIPTS]


def _in_source(path: Path, ours: str) -> Iterator[Script]:
    """Read the scripts of the namesakes of a theorem, and of its close relatives, from a library's source."""
    try:
        if path.stat().st_size > _LARGEST_SOURCE:
            return
        text = path.read_text("utf-8", "replace")
    except OSError:
        return
    for theorem in _NAME.finditer(text):
        alike = 1.0 if theorem[1] == ours else kinship(theorem[1], ours)
        if alike < max(_LEAST_KINSHIP, 0.75):
            continue
        end = _END.search(text, theorem.end())
        if end is not None:
            steps = tuple(_steps(text[theorem.end() : end.start()]))
            if steps:
                yield Script(theorem[1], alike, steps[:_LONGEST_SCRIPT])


def _steps(body: str) -> Iterator[str]:
    """Cut what stands between a theorem's name and the end of its proof into steps; its statement is left out."""
    plain = _COMMENT.sub(" ", body)
    for number, sentence in enumerate(_SENTENCE.findall(plain)):
        text = _BULLET.sub("", " ".join(sentence.split())).strip()
        text = text.removesuffix(".").strip()
        if number and text and text.split()[0] not in ("Proof", "Next") and (text[0].islower() or text[0] == "("):
            yield text


class Followed:
    """Which steps of scripts were offered under which text, so that the next ones can be offered after them."""

    def __init__(self, scripts: list[Script]) -> None:
        self.scripts = scripts
        self._offered: dict[str, set[tuple[int, int]]] = {}

    def offer(self, text: str, script: int, place: int) -> None:
        """Remember that a text stands for a step of a script."""
        self._offered.setdefault(text, set()).add((script, place))

    def next(self, after: str | None, depth: int) -> Iterator[tuple[int, int, float]]:
        """Return the steps to offer, as script, place and price, at a goal that was left by `after`."""
        if after is None or depth == 0:
            for number, script in enumerate(self.scripts):
                for place in range(min(2, len(script.steps))):
                    yield number, place, 0.8 * place + 2.0 * (1 - script.kinship)
            return
        for number, place in sorted(self._offered.get(after, ())):
            script = self.scripts[number]
            for ahead in range(1, 5):
                if place + ahead < len(script.steps):
                    yield number, place + ahead, 0.1 + 0.6 * (ahead - 1) + 1.5 * (1 - script.kinship)


def names_of(text: str) -> str:
    """Return the name of the theorem that a sentence states, empty where there is none."""
    found = _NAME.search(text)
    return trees.last(found[1]) if found else ""
