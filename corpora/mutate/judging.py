"""What makes a new statement worth keeping: Coq can read it again, it is not trivial, and it assumes nothing absurd."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass

from corpora.mutate.bench import Bench, Forms, Path

LONGEST = 1500
"""Most characters of a statement."""
TRIVIAL = ("trivial", "auto", "intros; reflexivity")
"""What closes a trivial statement, in one step."""
_ABSURD = ("discriminate", "contradiction", "congruence", "auto", "lia")
"""What finds out that hypotheses contradict each other."""
_OPTIONAL = frozenset({"lia"})


class Fault(enum.Enum):
    """Why a statement is dropped; the value is what the counts call it."""

    TRIVIAL = "trivial"
    RESTATES = "says what a theorem says that it is made from"
    ABSURD = "hypotheses contradict each other"


@dataclass(frozen=True, slots=True)
class Statement:
    """A new statement as it is written down."""

    text: str
    """With notations where Coq reads them as what is meant."""
    plain: str
    """The same without notations."""
    path: Path
    """Leads to where it is stated."""


async def written(bench: Bench, forms: Forms) -> Statement | None:
    """Return how a closed goal is written down so that Coq reads it again; None where there is no way.

    With notations it may be read as another term that is convertible, such as one with `Init.Nat.add` in the place of
    `Nat.add`, which is the same under another name.
    """
    if len(forms.pretty.conclusion) > LONGEST:
        return None
    for text in (forms.pretty.conclusion, forms.full.conclusion):
        made = await bench.stated(text)
        if made is None:
            continue
        path, read = made
        same = read.full.conclusion == forms.full.conclusion
        if same or await bench.attempt(path, f"1: change ({forms.full.conclusion}).") is not None:
            return Statement(text, read.plain.conclusion, path)
    return None


async def fault(bench: Bench, statement: Statement, made_from: Collection[str]) -> Fault | None:
    """Return why a statement is dropped, None where it is worth keeping.

    Args:
        bench: has in scope what it speaks of.
        statement: the statement.
        made_from: names of the theorems that it was made from.
    """
    same = [step for name in made_from for step in (f"exact (@{name})", f"intros; symmetry; apply (@{name})")]
    if await bench.holds(statement.path, _one_of(same)):
        return Fault.RESTATES
    if await bench.holds(statement.path, _one_of(TRIVIAL)):
        return Fault.TRIVIAL
    usable = [tactic for tactic in _ABSURD if tactic not in _OPTIONAL or tactic in bench.tactics]
    if await bench.holds(statement.path, f"intros; exfalso; {_one_of(usable)}"):
        return Fault.ABSURD
    return None


def _one_of(tactics: Collection[str]) -> str:
    return f"first [ {' | '.join(f'solve [ {tactic} ]' for tactic in tactics)} ]"
