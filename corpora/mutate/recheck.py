"""Records of made theorems checked again: written as they were made, compiled in a fresh process, asked about."""

from __future__ import annotations

import dataclasses
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from checkers.coq.artefact import HAMMER_LINE
from checkers.coq.installation import Installation
from checkers.coq.sentences import split
from checkers.coq.tactics import uses_hammer
from checkers.process import Supervisor
from corpora.coq import script
from corpora.coq.library import Source
from corpora.coq.recheck import Checked
from corpora.coq.script import Kind
from corpora.mutate.compiling import LIMITED, LIMITS, TOP, compiled
from corpora.mutate.ground import Ground, ground
from corpora.mutate.stage import origin
from corpora.mutate.theorem import Theorem
from lemmata.errors import InputError, LemmataError

_IDENT = r"[^\W\d][\w']*"
_STATEMENT = re.compile(rf"Lemma ({_IDENT}) : (.+)\.", re.S)


async def recheck(
    values: Sequence[Mapping[str, Any]], source: Source | None, coq: Installation, seconds: float
) -> list[Checked]:
    """Check records of theorems that were made from those of one file.

    Args:
        values: of schema `lemmata.theorem/1`; they name the same file.
        source: the file, None where there is none.
        coq: compiles them.
        seconds: how long each process may take.

    Raises:
        BackendMissing: Coq cannot be run at all.
    """
    if source is None:
        return [Checked(None, "there is no such file; --root DIR names the folder that was extracted")] * len(values)
    try:
        base = ground(source, coq)
        answers: dict[int, Checked] = {}
        wanted: dict[int, Theorem] = {}
        sentences = _sentences(base)
        for place, value in enumerate(values):
            try:
                wanted[place] = _read(value, source, base, sentences)
            except ValueError as error:
                answers[place] = Checked(False, str(error))
            except InputError as error:
                answers[place] = Checked(False, error.message)
        async with Supervisor() as supervisor:
            limits = dataclasses.replace(LIMITS, wall_seconds=seconds)
            made = await compiled(supervisor, coq, base.flags(TOP), (), list(wanted.values()), limits)
    except LemmataError as error:
        if error.exit_code == 4:
            raise
        return [Checked(None, error.message)] * len(values)
    places = {theorem.module: place for place, theorem in wanted.items()}
    for theorem, axioms in made.accepted:
        place = places[theorem.module]
        same = sorted(axioms) == values[place]["axioms"]
        answers[place] = Checked(same, "" if same else f"it rests on {', '.join(axioms) or 'no axioms'}")
    for theorem, reason, detail in made.refused:
        answers[places[theorem.module]] = Checked(None if reason == LIMITED else False, f"{reason}: {detail}")
    return [answers.get(place, Checked(None, "it was not compiled")) for place in range(len(values))]


def _sentences(base: Ground) -> frozenset[str]:
    """Return the sentences that may stand above a theorem: those that the file itself gives."""
    around = {sentence for proof in base.proofs.values() for sentence in proof.around}
    return frozenset({*base.header, *base.least, *around})


def _read(value: Mapping[str, Any], source: Source, base: Ground, allowed: Collection[str]) -> Theorem:
    """Read a record of which nothing is believed.

    Raises:
        ValueError: it is not one that a stage writes; one line says why.
        InputError: a comment or a string in it does not end.
    """
    texts = {name: value.get(name) for name in ("name", "header", "statement", "proof")}
    for name, text in texts.items():
        if not isinstance(text, str):
            raise ValueError(f"{name!r} is no text")
    told = value.get("origin")
    made_from = told.get("from") if isinstance(told, dict) else None
    for name, found in (("steps", value.get("steps")), ("axioms", value.get("axioms")), ("origin", made_from)):
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise ValueError(f"{name!r} is no list of texts")
    if not made_from or made_from[0] not in base.proofs:
        # What that one rests on, this one may rest on.
        raise ValueError("it does not say which theorem of the file it was made from")
    for name, known in origin(source).items():
        if value.get(name) != known:
            raise ValueError(f"not what the library says: {name}")
    name, statement = _stated(value["statement"])
    if name != value["name"]:
        raise ValueError("the statement is one of another name")
    if value.get("label") == "disproved" and statement != f"~ ({(told or {}).get('conjecture')})":
        raise ValueError("it is not the negation of what it says is disproved")
    theorem = Theorem(
        name,
        statement,
        tuple(value["steps"]),
        rule="",
        made_from=tuple(made_from),
        key="",
        rests=False,
        structured=_proof(value["proof"], value["steps"]),
        local=_header(value["header"], value["steps"], allowed),
        # Nobody can have named it in another record.
        module=f"Lemmata_{secrets.token_hex(8)}",
    )
    if theorem.script() != value["proof"] or theorem.above(()) != value["header"]:
        raise ValueError("it is not written as a stage writes it")
    return theorem


def _stated(text: str) -> tuple[str, str]:
    found = _STATEMENT.fullmatch(text)
    if found is None or len(split(text)) != 1:
        raise ValueError("the statement is not one sentence that states a lemma")
    return found[1], found[2]


def _header(text: str, steps: Sequence[str], allowed: Collection[str]) -> tuple[str, ...]:
    # The line that loads the hammer is written again where a step needs it.
    needed = any(uses_hammer(step) for step in steps)
    found = text.removeprefix(HAMMER_LINE if needed else "").removesuffix("\n").split("\n")
    for sentence in found:
        if sentence not in allowed:
            raise ValueError(f"what stands above it is not from the file: {sentence[:80]!r}")
    return tuple(found)


def _proof(text: str, steps: Sequence[str]) -> str:
    """Return a proof without its first and last lines."""
    first, _, rest = text.partition("\n")
    inner, _, last = rest.rpartition("\n")
    if (first, last) != ("Proof.", "Qed.") or not inner:
        raise ValueError("the proof does not go from `Proof.` to `Qed.`")
    taken: list[str] = []
    for sentence in split(inner):
        said = script.read(sentence.text, "", False)
        if said.kind is Kind.STEP and said.step:
            taken.append(said.text)
        elif said.kind is not Kind.STRUCTURE:
            raise ValueError(f"the proof has what is no plain step: {sentence.text[:80]!r}")
    if taken != [script.bare(f"{step}.") for step in steps]:
        raise ValueError("the proof has other steps than the record")
    return inner
