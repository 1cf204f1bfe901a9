"""Blueprints: steps that leave named lemmas, each a goal of its own in the proof graph.

A lemma is doubted at once, where the session can do that. A blueprint of which a lemma fails, is refuted, or is not
proved for long goes back to its prover, which is told what became of the others (after the refinement of proof sketches
in H. Wang et al., "LEGO-Prover", ICLR 2024, and of lemma graphs in later provers). Its goals stay where they are: a new
blueprint that states a lemma again finds it as far as it was proved.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lemmata.goal import Failure
from lemmata.graph import GoalNode, GoalStatus
from lemmata.protocols import Disprover, Session
from lemmata.step import Proposal
from lemmata.verdict import Limits
from search.continuing import fits
from search.state import SearchState

PATIENCE_SECONDS = 5.0
"""How long the lemmas of a blueprint have before it is sent back; as long as writing it took, where that is longer."""
DOUBT_SECONDS = 2.0
"""How long one lemma is doubted."""
_MOST_DOUBTED = 16
_NAMED = 60


@dataclass(slots=True, eq=False)
class _Blueprint:
    """One that the checker accepted."""

    goal: int
    step: int
    proposal: Proposal
    due: float
    """When it is sent back, by `time.monotonic`."""
    refuted: dict[int, str] = field(default_factory=dict)
    """Why lemmas are false, by their position."""
    returned: bool = False


class Blueprints:
    """Follows what becomes of the lemmas.

    Args:
        state: the search.
        session: doubts lemmas, where it can.
        memory_bytes: most memory of a process that does.
    """

    def __init__(self, state: SearchState, session: Session, memory_bytes: int | None) -> None:
        self._state = state
        self._disprover = session if isinstance(session, Disprover) else None
        self._limits = Limits(wall_seconds=DOUBT_SECONDS, memory_bytes=memory_bytes)
        self._known: list[_Blueprint] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.again: Callable[[int, str], None] = lambda goal, prover: None
        """Told a goal, and the name of the prover that is to look at it once more."""

    def added(self, goal: int, proposal: Proposal, number: int) -> None:
        """Take note of a step that was checked; nothing happens where it is no blueprint."""
        node = self._state.graph.step(number)
        if not fits(node, proposal) or any(known.step == number for known in self._known):
            return
        patience = max(PATIENCE_SECONDS, proposal.seconds)
        blueprint = _Blueprint(goal, number, proposal, time.monotonic() + patience)
        self._known.append(blueprint)
        if self._disprover is not None:
            task = asyncio.create_task(self._doubt(blueprint, self._disprover))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def goal_changed(self, node: GoalNode) -> None:
        """Send a blueprint back of which a lemma has failed."""
        if node.status is not GoalStatus.FAILED:
            return
        for blueprint in self._known:
            if node.node in self._state.graph.step(blueprint.step).subgoals:
                self._return(blueprint)

    def next_deadline(self) -> float | None:
        """Return when, by `time.monotonic`, `reap` has to look after a blueprint; None for never."""
        return min((blueprint.due for blueprint in self._known if not blueprint.returned), default=None)

    def reap(self) -> None:
        """Send blueprints back whose lemmas had their time."""
        now = time.monotonic()
        for blueprint in self._known:
            if blueprint.due <= now:
                self._return(blueprint)

    def reports(self, goal: int) -> list[Failure]:
        """Return what became of the blueprints of a goal, the latest first, for whoever is to write another."""
        if not self._known:
            return []
        return [self._report(known) for known in reversed(self._known) if known.goal == goal]

    async def stop(self, seconds: float) -> None:
        """End all doubting and wait for it, but no longer than `seconds`."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    def _return(self, blueprint: _Blueprint) -> None:
        if not blueprint.returned:
            blueprint.returned = True
            self.again(blueprint.goal, blueprint.proposal.prover)
            self._state.wake.set()

    async def _doubt(self, blueprint: _Blueprint, disprover: Disprover) -> None:
        subgoals = self._state.graph.step(blueprint.step).subgoals
        for position, branch in enumerate(blueprint.proposal.branches[:_MOST_DOUBTED]):
            if not branch.statement or self._status(subgoals[position]) is not GoalStatus.OPEN:
                continue
            try:
                why = await disprover.disprove(branch.statement, self._limits)
            except Exception as error:  # noqa: BLE001 - whoever doubts in vain must not end the search
                self._state.log("warning", f"lemma {branch.name[:_NAMED]} could not be doubted: {error!r}")
                return
            if why and self._status(subgoals[position]) is GoalStatus.OPEN:
                blueprint.refuted[position] = why
                self._state.log("info", f"lemma {branch.name[:_NAMED]} of a blueprint is false {why}")
                # Proving it is not worth anybody's time.
                self._state.graph.mark_exhausted(subgoals[position])
                self._state.follow()
                self._return(blueprint)

    def _status(self, goal: int) -> GoalStatus:
        return self._state.graph.goal(goal).status

    def _report(self, blueprint: _Blueprint) -> Failure:
        subgoals = self._state.graph.step(blueprint.step).subgoals
        told = []
        for position, (goal, branch) in enumerate(zip(subgoals, blueprint.proposal.branches, strict=True)):
            name = branch.name or "the goal itself from them"
            if self._status(goal) is GoalStatus.PROVED:
                told.append(f"{name} is proved")
            elif position in blueprint.refuted:
                told.append(f"{name} is false {blueprint.refuted[position]}")
            else:
                told.append(f"{name} is not proved")
        lines = [f"{branch.name} : {branch.statement}" for branch in blueprint.proposal.branches if branch.name]
        return Failure("\n".join(lines), "; ".join(told), accepted=True)
