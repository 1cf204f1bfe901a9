"""Rows that trainers read, made of the records of a data set, one after the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from corpora.curate.lots import lot
from corpora.curate.proofs import text
from corpora.split.assigning import premises
from corpora.stages.task import Record

Row = dict[str, Any]
_SYSTEMS = {"coq": "Coq", "lean": "Lean 4", "fstar": "F*", "isabelle": "Isabelle/HOL"}
_DISCOUNT = math.log(0.95)
"""What a step that is still to be found costs, in nats: a goal that one step proves is provable for certain."""
_NEGATIVES = 3


def steps(record: Record) -> Iterator[Row]:
    """Yield a step record as it is, without its split; of theorems, which have other members, none."""
    if text(record, "goal") and text(record, "step"):
        yield {name: value for name, value in record.items() if name != "split"}


def messages(system: str, goal: str) -> list[dict[str, str]]:
    """Return the turns in which a model is asked for the next step at a goal."""
    name = _SYSTEMS.get(system, system)
    told = f"You prove theorems in {name}. Given a goal, answer with the next step of its proof and nothing else."
    return [{"role": "system", "content": told}, {"role": "user", "content": goal}]


def answer(step: str) -> list[dict[str, str]]:
    """Return the turn in which a model says a step."""
    return [{"role": "assistant", "content": step}]


def chat(record: Record) -> Iterator[Row]:
    """Yield a chat that ends with the step ("conversational" in TRL's "Dataset formats")."""
    goal, step = text(record, "goal"), text(record, "step")
    if goal and step:
        yield {"messages": messages(text(record, "system"), goal) + answer(step), "theorem": text(record, "theorem")}


def values(record: Record) -> Iterator[Row]:
    """Yield a goal with how likely it is proved: the less, the more steps of its proof are left.

    As the critic of MPS-Prover learns it from distances, and as a probability, which `lemmata train critic` reads.
    """
    index, count = record.get("index"), record.get("steps")
    if text(record, "goal") and isinstance(index, int) and isinstance(count, int):
        value = max(count - index - 1, 0) * _DISCOUNT
        yield {"system": text(record, "system"), "goal": text(record, "goal"), "value": round(value, 6)}


def pairs(statements: Mapping[str, str], seed: int) -> Callable[[Record], Iterator[Row]]:
    """Return what yields goals with premises that their step uses, and with ones that it does not use.

    Args:
        statements: what may be a premise, by its name; half of those not used are drawn from the same file.
        seed: of the lots.
    """
    names = sorted(statements)
    near: dict[str, list[str]] = {}
    for name in names:
        near.setdefault(name.rpartition(".")[0], []).append(name)

    def of(record: Record) -> Iterator[Row]:
        used = [name for name in dict.fromkeys(premises(record)) if name in statements]
        for name in used:
            yield _pair(record, name, True)
            pools = [near[name.rpartition(".")[0]], names]
            for number in range(_NEGATIVES):
                pool = pools[number % 2]
                drawn = pool[
                    lot(seed, text(record, "theorem"), str(record.get("index")), name, str(number)) % len(pool)
                ]
                if drawn not in used and drawn != text(record, "theorem"):
                    yield _pair(record, drawn, False)

    def _pair(record: Record, name: str, label: bool) -> Row:
        said = f"{name} : {statements[name]}" if statements[name] else name
        return {"system": text(record, "system"), "problem": text(record, "goal"), "candidate": said, "label": label}

    return of


def statements(records: Sequence[Record] | Iterator[Record]) -> dict[str, str]:
    """Return what the theorems of a data set say, and the names of all other premises."""
    found: dict[str, str] = {}
    for record in records:
        if name := text(record, "theorem"):
            found[name] = text(record, "statement")
        for premise in premises(record):
            found.setdefault(premise, "")
    return found
