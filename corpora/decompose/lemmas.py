"""Lemmas that a proof is cut into: stated by Coq, judged, and proved by the steps that proved them before."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass

from checkers.coq import goals
from checkers.coq.goals import Printed
from corpora.decompose.context import forgetting
from corpora.decompose.cuts import Cut, cuts
from corpora.decompose.replaying import Replayed
from corpora.mutate.bench import STEP_SECONDS, Bench, Forms
from corpora.mutate.judging import fault, written
from corpora.mutate.known import Known
from corpora.mutate.theorem import Theorem

RULE = "cut"


@dataclass(frozen=True, slots=True)
class _Piece:
    cut: Cut
    forms: Forms
    """Of the goal with what is needed of its context reverted into it."""
    names: tuple[str, ...]
    """What that context is called."""


async def lemmas(
    bench: Bench, proof: Replayed, local: tuple[str, ...], least: int, known: Known, counts: Counter[str]
) -> list[Theorem]:
    """Return the lemmas that a proof is cut into.

    Args:
        bench: where the proof was taken again.
        proof: the proof.
        local: sentences below which it was taken again.
        least: steps that the proof of a lemma has at least.
        known: what is there already; added to.
        counts: what was cut, dropped and kept; added to.
    """
    pieces: list[_Piece] = []
    # All goals are looked at before anything is stated, so that the process need not come back to the proof.
    for cut in cuts(proof.nodes, least):
        counts[f"goals: {cut.place.value}"] += 1
        if _open(proof.goals[cut.start]):
            counts["dropped: has existential variables"] += 1
        elif not await bench.proposition(proof.before(cut.start)):
            counts["dropped: is no proposition"] += 1
        elif (piece := await _piece(bench, proof, cut)) is None:
            counts["dropped: cannot be closed"] += 1
        else:
            pieces.append(piece)
    made = [await _kept(bench, proof, piece, known, counts) for piece in pieces]
    return [dataclasses.replace(theorem, local=local) for theorem in made if theorem is not None]


def _open(goal: Printed) -> bool:
    return any(goals.existentials(text) for text in (goal.conclusion, *(given.text for given in goal.hypotheses)))


async def _piece(bench: Bench, proof: Replayed, cut: Cut) -> _Piece | None:
    names = [given.name for given in proof.goals[cut.start].hypotheses]
    path = (*proof.before(cut.start), "1: {")
    path = await forgetting(bench, path, names, proof.steps[cut.start : cut.end])
    seen = await bench.attempt(path, "1: idtac.")
    forms = await bench.closed(path)
    if seen is None or seen.first is None or forms is None:
        return None
    return _Piece(cut, forms, tuple(given.name for given in seen.first.hypotheses))


async def _kept(bench: Bench, proof: Replayed, piece: _Piece, known: Known, counts: Counter[str]) -> Theorem | None:
    statement = await written(bench, piece.forms)
    if statement is None:
        counts["dropped: cannot be written down"] += 1
        return None
    key = known.add(statement.plain)
    if not key:
        counts["dropped: known"] += 1
        return None
    if found := await fault(bench, statement, (proof.name,)):
        counts[f"dropped: {found.value}"] += 1
        return None
    cut = piece.cut
    steps = proof.steps[cut.start : cut.end]
    if piece.names:
        steps = (f"intros {' '.join(piece.names)}", *steps)
    if not await bench.proves(statement.text, steps, len(steps) * STEP_SECONDS):
        counts["dropped: not proved"] += 1
        return None
    counts[f"new: {cut.place.value}"] += 1
    number = proof.numbers[cut.start]
    name = known.name(f"{proof.full.rpartition('.')[2]}_step_{number}")
    details = {"step": number, "of": proof.numbers[-1] + 1, "place": cut.place.value}
    return Theorem(name, statement.text, steps, RULE, (proof.full,), key, False, details)
