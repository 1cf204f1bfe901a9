"""One theorem varied by one lemma: what Coq makes of the statement, and how the new one follows from the old one."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from checkers.coq.samples import binders
from corpora.mutate.bench import Bench, Forms, Path, Target
from corpora.mutate.rules import Candidate, Rule
from provers.symbolic.coq import trees

_WORD = re.compile(r"[^\W\d][\w']*")
_CLAIM = "lemmata_claim"
_MOST_PREMISES = 3
"""Most premises of an equation that become hypotheses of the new statement."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A new statement, and ways to prove it of which one may do; nothing is proved yet."""

    candidate: Candidate
    forms: Forms
    """Of the closed statement."""
    proofs: tuple[tuple[str, ...], ...]
    """Steps, the most natural ones first."""
    forgets: bool = False
    """Whether it mentions fewer of its variables than the theorem that it was made from."""


async def mutant(bench: Bench, target: Target, candidate: Candidate, statement: str) -> Mutant | None:
    """Use a lemma on a theorem.

    Args:
        bench: where the theorem was taken up.
        target: the theorem.
        candidate: the lemma.
        statement: the lemma's own statement, without notations.

    Returns:
        None where Coq refuses it, or cannot say what comes of it.
    """
    if candidate.rule is Rule.APPLY:
        return await _applied(bench, target, candidate, statement)
    return await _rewritten(bench, target, candidate)


async def _rewritten(bench: Bench, target: Target, candidate: Candidate) -> Mutant | None:
    forth, back = ("<- ", "") if candidate.backwards else ("", "<- ")
    lemma, place = candidate.lemma, candidate.place
    tactic = f"rewrite {forth}{lemma}{f' in {place}' if place else ''}"
    seen = await bench.attempt(target.path, f"1: {tactic}.")
    if seen is None or seen.shelved or seen.first is None:
        return None
    path: Path = (*target.path, f"1: {tactic}.")
    by, assumed = "", 0
    if seen.count > 1:
        # The premises of an equation: settled at once, or else assumed.
        by, path = " by auto", (*target.path, f"1: {tactic} by auto.")
        alone = await bench.attempt(target.path, path[-1])
        if alone is None or alone.count > 1:
            assumed = seen.count - 1
            if assumed > _MOST_PREMISES:
                return None
            by, path = " by assumption", _assuming(target, tactic, assumed)
            alone = await bench.attempt(path[:-1], path[-1])
        if alone is None or alone.shelved or alone.first is None or alone.count > 1:
            return None
        seen = alone
    names = [h.name for h in seen.first.hypotheses] if seen.first else []
    forms = await bench.closed(path)
    if forms is None:
        return None
    begin = [f"intros {' '.join(names)}"] if names else []
    if place:
        proofs: tuple[tuple[str, ...], ...] = (
            (*begin, f"rewrite {back}{lemma} in {place}{by}", f"exact ({target.applied()})"),
            (*begin, f"refine ({target.applied(**{place: '_'})})", f"rewrite {forth}{lemma}{by}", f"exact {place}"),
        )
    else:
        new = _fresh("E", {*names, *trees.tokens(target.conclusion)})
        proofs = (
            (*begin, f"rewrite {back}{lemma}{by}", f"apply {target.name}"),
            (*begin, f"rewrite {back}{lemma}{by}", f"apply {target.name}; assumption"),
            (
                *begin,
                f"pose proof ({target.applied()}) as {new}",
                f"rewrite {forth}{lemma} in {new}{by}",
                f"exact {new}",
            ),
        )
    forgets = _nameless(forms.plain.conclusion) - assumed > _nameless(target.closed)
    return Mutant(candidate, forms, proofs, forgets)


def _assuming(target: Target, tactic: str, premises: int) -> Path:
    """Return the way to where a tactic has taken its premises from new hypotheses, whatever they say."""
    path = [*target.path]
    names: list[str] = []
    for _ in range(premises):
        name = _fresh("H", {*names, *(name for name, _ in target.hypotheses)})
        path += [f"1: evar ({_CLAIM} : Prop); cut {_CLAIM}; subst {_CLAIM}.", "1: {", f"1: intro {name}."]
        names.append(name)
    return (*path, f"1: {tactic}; [ | {' | '.join(f'exact {name}' for name in names)} ].")


async def _applied(bench: Bench, target: Target, candidate: Candidate, statement: str) -> Mutant | None:
    """Replace a hypothesis by the premises of a lemma: as a function of them, whose type is the new statement."""
    quantified, conclusion = binders(statement)
    settled = set(_WORD.findall(conclusion))
    taken = {name for name, _ in target.hypotheses}
    given: list[str] = []
    arguments: list[str] = []
    for name, _ in quantified:
        if name in settled:
            arguments.append("_")
            continue
        arguments.append(_fresh("H" if name == "_" else name, {*taken, *given}))
        given.append(arguments[-1])
    call = f"@{candidate.lemma}{''.join(f' {argument}' for argument in arguments)}"
    if candidate.half:
        given.append(_fresh("H", {*taken, *given}))
        call = f"@{candidate.half} _ _ ({call}) {given[-1]}"
    names: list[str] = []
    for name, _ in target.hypotheses:
        names += given if name == candidate.place else [name]
    if not names:
        return None
    whole = target.applied(**{candidate.place: f"({call})"})
    function = f"fun {' '.join(names)} => {whole}"
    made = await bench.stated(f"ltac:(let x := constr:({function}) in let t := type of x in exact t)")
    if made is None:
        return None
    begin = f"intros {' '.join(names)}"
    proofs = (
        (begin, f"apply {target.name}; try assumption", f"apply {candidate.lemma}; assumption"),
        (begin, f"refine ({target.applied(**{candidate.place: '_'})})", f"eapply {candidate.lemma}; eassumption"),
        (begin, f"exact ({whole})"),
    )
    return Mutant(candidate, made[1], proofs)


def _fresh(wanted: str, taken: Collection[str]) -> str:
    """Return a name that is not taken, as Coq would make it."""
    number = 0
    while (name := f"{wanted}{number}" if number else wanted) in taken:
        number += 1
    return name


def _nameless(statement: str) -> int:
    return sum(name == "_" for name, _ in binders(statement)[0])
