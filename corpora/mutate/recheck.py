"""Records of made theorems checked again: written as they were made, compiled in a fresh process, asked about."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from checkers.coq.artefact import HAMMER_LINE
from checkers.coq.installation import Installation
from checkers.coq.sentences import split
from checkers.process import Supervisor
from corpora.coq import script
from corpora.coq.library import Source
from corpora.coq.recheck import Checked
from corpora.coq.script import Kind
from corpora.mutate.compiling import LIMITS, TOP, compiled
from corpora.mutate.ground import Ground, ground
from corpora.mutate.stage import origin
from corpora.mutate.theorem import Theorem
from lemmata.errors import LemmataError

_IDENT = r"[^\W\d][\w']*"
_STATEMENT = re.compile(rf"Lemma ({_IDENT}) : (.+)\.", re.S)
_QUALIFIED = re.compile(rf"{_IDENT}(?:\.{_IDENT})+")


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
        answers: list[Checked | None] = [None] * len(values)
        # Equal headers are loaded once, and no two theorems of one file have the same name.
        groups: dict[tuple[tuple[str, ...], int], dict[int, Theorem]] = defaultdict(dict)
        sentences = _sentences(base)
        seen: dict[tuple[tuple[str, ...], str], int] = defaultdict(int)
        for place, value in enumerate(values):
            try:
                theorem = _read(value, source, sentences)
            except ValueError as error:
                answers[place] = Checked(False, str(error))
                continue
            groups[theorem.local, seen[theorem.local, theorem.name]][place] = theorem
            seen[theorem.local, theorem.name] += 1
        async with Supervisor() as supervisor:
            for group in groups.values():
                for place, answer in (await _compiled(supervisor, coq, base, group, values, seconds)).items():
                    answers[place] = answer
    except LemmataError as error:
        if error.exit_code == 4:
            raise
        return [Checked(None, error.message)] * len(values)
    return [answer or Checked(None, "it was not compiled") for answer in answers]


async def _compiled(
    supervisor: Supervisor,
    coq: Installation,
    base: Ground,
    group: Mapping[int, Theorem],
    values: Sequence[Mapping[str, Any]],
    seconds: float,
) -> dict[int, Checked]:
    limits = dataclasses.replace(LIMITS, wall_seconds=seconds)
    result = await compiled(supervisor, coq, base.flags(TOP), (), list(group.values()), limits)
    found: dict[str, Checked] = {}
    places = {theorem.name: place for place, theorem in group.items()}
    for theorem, axioms in result.accepted:
        same = sorted(axioms) == values[places[theorem.name]]["axioms"]
        found[theorem.name] = Checked(same, "" if same else f"it rests on {', '.join(axioms) or 'no axioms'}")
    for theorem, reason, detail in result.refused:
        found[theorem.name] = Checked(False, f"{reason}: {detail}")
    return {places[name]: answer for name, answer in found.items()}


def _sentences(base: Ground) -> frozenset[str]:
    """Return the sentences that may stand above a theorem: those that the file itself gives."""
    around = {sentence for proof in base.proofs.values() for sentence in proof.around}
    return frozenset({*base.header, *base.least, *around})


def _read(value: Mapping[str, Any], source: Source, allowed: Collection[str]) -> Theorem:
    """Read a record of which nothing is believed.

    Raises:
        ValueError: it is not one that a stage writes; one line says why.
    """
    texts = {name: value.get(name) for name in ("name", "header", "statement", "proof", "key")}
    for name, text in texts.items():
        if not isinstance(text, str):
            raise ValueError(f"{name!r} is no text")
    told = value.get("origin")
    made_from = told.get("from") if isinstance(told, dict) else None
    for name, found in (("steps", value.get("steps")), ("axioms", value.get("axioms")), ("origin", made_from)):
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise ValueError(f"{name!r} is no list of texts")
    if not made_from or not all(_QUALIFIED.fullmatch(name) for name in made_from):
        raise ValueError("it does not say which theorem it was made from")
    for name, known in origin(source).items():
        if value.get(name) != known:
            raise ValueError(f"not what the library says: {name}")
    name, statement = _stated(value["statement"])
    if name != value["name"]:
        raise ValueError("the statement is one of another name")
    rule = told.get("rule") if isinstance(told, dict) else None
    return Theorem(
        name,
        statement,
        tuple(value["steps"]),
        rule if isinstance(rule, str) else "",
        tuple(made_from),
        value["key"],
        rests=False,
        structured=_proof(value["proof"], value["steps"]),
        local=_header(value["header"], allowed),
    )


def _stated(text: str) -> tuple[str, str]:
    found = _STATEMENT.fullmatch(text)
    if found is None or len(split(text)) != 1:
        raise ValueError("the statement is not one sentence that states a lemma")
    return found[1], found[2]


def _header(text: str, allowed: Collection[str]) -> tuple[str, ...]:
    # The line that loads the hammer is written again where a step needs it.
    found = [" ".join(sentence.text.split()) for sentence in split(text.replace(HAMMER_LINE, ""))]
    for sentence in found:
        if sentence not in allowed:
            raise ValueError(f"what stands above it is not from the file: {sentence[:80]!r}")
    return tuple(found)


def _proof(text: str, steps: Sequence[str]) -> str:
    """Return a proof without its first and last sentences."""
    sentences = split(text)
    first, *middle, last = [sentence.text for sentence in sentences] if len(sentences) > 1 else ["", ""]
    if (first, last) != ("Proof.", "Qed."):
        raise ValueError("the proof does not go from `Proof.` to `Qed.`")
    taken: list[str] = []
    for sentence in middle:
        said = script.read(sentence, "", False)
        if said.kind is Kind.STEP and said.step:
            taken.append(said.text)
        elif said.kind is not Kind.STRUCTURE:
            raise ValueError(f"the proof has what is no plain step: {sentence[:80]!r}")
    if taken != [script.bare(f"{step}.") for step in steps]:
        raise ValueError("the proof has other steps than the record")
    return text[sentences[1].start : sentences[-1].start].rstrip() if middle else "idtac."
