"""New theorems of one library file: varied, judged, proved, and compiled in the end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from corpora.mutate.bench import Bench, Target
from corpora.mutate.judging import fault, written
from corpora.mutate.known import Known
from corpora.mutate.mutant import Mutant, mutant
from corpora.mutate.rules import Index
from corpora.mutate.theorem import Theorem

_IDENTIFIER = re.compile(r"[^\w']")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is made of each theorem."""

    theorems: int = 10
    """Most new theorems."""
    tries: int = 120
    """Most lemmas that are tried on it."""


async def varied(
    bench: Bench, index: Index, target: Target, bounds: Bounds, seed: int, known: Known, counts: Counter[str]
) -> list[Theorem]:
    """Make new theorems from one.

    Args:
        bench: where the theorem was taken up.
        index: the lemmas in scope.
        target: the theorem.
        bounds: when it is enough.
        seed: decides which lemmas are tried first.
        known: what is there already; added to.
        counts: what was tried, dropped and kept; added to.
    """
    found: list[Theorem] = []
    for candidate in index.candidates(target, seed)[: bounds.tries]:
        if len(found) >= bounds.theorems:
            break
        counts[f"tried: {candidate.rule.value}"] += 1
        made = await mutant(bench, target, candidate, index.statements[candidate.lemma])
        if made is None:
            counts[f"refused: {candidate.rule.value}"] += 1
            continue
        theorem = await _kept(bench, target, made, known, counts)
        if theorem is not None:
            counts[f"new: {candidate.rule.value}"] += 1
            found.append(theorem)
    return found


async def _kept(bench: Bench, target: Target, made: Mutant, known: Known, counts: Counter[str]) -> Theorem | None:
    candidate = made.candidate
    if made.forgets:
        counts["dropped: forgets a variable"] += 1
        return None
    statement = await written(bench, made.forms)
    if statement is None:
        counts["dropped: cannot be written down"] += 1
        return None
    key = known.add(statement.plain)
    if not key:
        counts["dropped: known"] += 1
        return None
    if found := await fault(bench, statement, (target.name, candidate.lemma)):
        counts[f"dropped: {found.value}"] += 1
        return None
    for proof in made.proofs:
        if await bench.proves(statement.text, proof):
            break
    else:
        counts["dropped: not proved"] += 1
        return None
    lemma = await bench.full_name(candidate.lemma)
    name = known.name("_".join(_words(target.name, candidate.rule.value, candidate.lemma)))
    details = {"backwards": candidate.backwards, "hypothesis": candidate.place}
    made_from = (target.full, lemma or candidate.lemma)
    return Theorem(name, statement.text, proof, candidate.rule.value, made_from, key, True, details)


def _words(*names: str) -> Iterator[str]:
    for name in names:
        yield _IDENTIFIER.sub("_", name.rpartition(".")[2])
