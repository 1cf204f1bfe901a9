"""What a search leaves for learning: the steps of a proof that was verified, and those that the checker refused."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from corpora.export import searches
from corpora.iterate.problems import Named
from corpora.records import StepRecord
from lemmata.events import Event
from lemmata.goal import Goal, GoalView, Obligation
from lemmata.outcome import Closed, Open
from lemmata.protocols import Session
from lemmata.step import Step
from lemmata.verdict import Limits
from provers.neural.render import goal_text

_TACTIC = "tactic"
_EVEN = math.log(0.5)
"""A goal with a higher value was proved."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """A step of a proof, as a session has just taken it."""

    before: Goal
    step: Step
    after: tuple[Goal, ...]


def told(steps: Sequence[Step]) -> bool:
    """Say whether a proof is made of steps that there are records of: tactics."""
    return bool(steps) and all(step.kind == _TACTIC for step in steps)


async def replay(session: Session, steps: Sequence[Step], limits: Limits) -> list[Move] | None:
    """Take the steps of a proof one after the other, each on the first goal that is left.

    Args:
        session: a fresh one.
        steps: root first.
        limits: of each.

    Returns:
        The moves; None where a step is refused, or goals are left, as the proof is none of single steps then.
    """
    waiting = [session.root]
    moves = []
    for step in steps:
        if not waiting:
            return None
        goal = waiting.pop(0)
        match await session.apply(goal, step, limits):
            case Closed():
                left = []
            case Open(subgoals=subgoals):
                left = list(subgoals)
            case _:
                return None
        moves.append(Move(goal.goal, step, tuple(ref.goal for ref in left)))
        waiting = [*left, *waiting]
    return None if waiting else moves


def theorem(named: Named, obligation: Obligation) -> str:
    """Return a name of a theorem that says in which file it is, as libraries name their modules."""
    return ".".join([*PurePosixPath(named.file).with_suffix("").parts, obligation.name])


def records(
    named: Named,
    obligation: Obligation,
    statement: str,
    session: Session,
    moves: Sequence[Move],
    provers: Sequence[str],
) -> Iterator[StepRecord]:
    """Yield the records of a proof.

    Args:
        named: where its theorem is.
        obligation: what was proved.
        statement: in one line.
        session: the one that took the steps.
        moves: the steps.
        provers: who proposed each.
    """

    def shown(goal: Goal) -> str:
        return goal_text(GoalView(goal, obligation, context=session.context))

    for index, (move, prover) in enumerate(zip(moves, provers, strict=True)):
        yield StepRecord(
            system=obligation.system,
            package=named.package.name,
            version=named.package.version,
            licence=named.package.licence,
            file=named.file,
            theorem=theorem(named, obligation),
            statement=statement,
            index=index,
            steps=len(moves),
            line=max(obligation.location.line, 1),
            column=max(obligation.location.column, 1),
            step=move.step.text,
            goal=shown(move.before),
            conclusion=move.before.conclusion,
            hypotheses=tuple((given.name, given.text) for given in move.before.hypotheses),
            after=tuple(map(shown, move.after)),
            premises=(),
            more={"prover": prover},
        )


def rejected(system: str, events: Sequence[Event], proof: Sequence[Row], seed: int) -> list[Row]:
    """Return pairs of a step of a verified proof and one that the checker refused on the same goal.

    Args:
        system: whose steps they are.
        events: of the search, which has perhaps gone other ways, too, that nobody has verified.
        proof: the records of the proof.
        seed: of the lots that choose among many refused steps.
    """
    verified = {step["step"] for step in proof}
    pairs = searches.preferences((system, "", events), seed)
    return [row for row in pairs if row["chosen"][0]["content"] in verified]


def values(system: str, events: Sequence[Event], proof: Sequence[Row]) -> list[Row]:
    """Return goals with how likely they are provable: those of the proof, and those that were worked on in vain."""
    verified = {step["goal"] for step in proof}
    rows = searches.values((system, "", events))
    return [row for row in rows if row["value"] < _EVEN or row["goal"] in verified]
