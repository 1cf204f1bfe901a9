"""Runs provers, critics and rankers in child processes of this machine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lemmata import codec
from lemmata.goal import GoalView
from lemmata.protocols import Launcher
from lemmata.step import Proposal, Step
from lemmata.verdict import Limits
from search.executors.hosting import Hosted, Hosting

_DEFAULT_HOSTING = Hosting(Limits())


class HostedProver(Hosted):
    """A prover in child processes of its own; a call that is cancelled ends what it was computing.

    Args:
        name: the prover's name.
        target: `package.module:ClassName` of the prover; imported only in the child.
        systems: proof systems it works for.
        launcher: starts the children.
        hosting: limits, number and configuration of the children.
    """

    what = "prover"

    def __init__(
        self,
        name: str,
        target: str,
        systems: Sequence[str],
        launcher: Launcher,
        hosting: Hosting = _DEFAULT_HOSTING,
    ) -> None:
        super().__init__(name, target, launcher, hosting)
        self.systems = tuple(systems)
        self.batch = hosting.batch
        self.patience = hosting.patience

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose at most `n` steps for each goal, best first; raises as `Hosted` says."""
        if not goals:
            return []
        return await self._ask("propose", goals, {"n": n}, lambda answer: _proposals(answer, len(goals), n))


class HostedCritic(Hosted):
    """A critic in a child process of its own."""

    what = "critic"
    lasting = True

    async def score(self, goals: Sequence[GoalView]) -> list[float]:
        """Return an estimated log-probability, finite and at most 0, for each goal; raises as `Hosted` says."""
        if not goals:
            return []
        return await self._ask("score", goals, {}, lambda answer: _scores(answer, len(goals)))


class HostedRanker(Hosted):
    """A ranker in a child process of its own."""

    what = "ranker"
    lasting = True

    async def rate(self, view: GoalView, steps: Sequence[Step]) -> list[float]:
        """Return how well each step fits, finite, greater is better; raises as `Hosted` says."""
        if not steps:
            return []
        values = [codec.step_to_json(step) for step in steps]
        return await self._ask("rate", [view], {"steps": values}, lambda answer: _numbers(answer, len(steps)))


def _proposals(answer: Any, goals: int, n: int) -> list[list[Proposal]]:
    if not isinstance(answer, list) or len(answer) != goals or not all(isinstance(g, list) for g in answer):
        raise ValueError(f"did not answer with a list for each of {goals} goals")
    try:
        return [[codec.proposal_from_json(value) for value in group[:n]] for group in answer]
    except ValueError as error:
        raise ValueError(f"answered a malformed proposal: {error}") from error


def _scores(answer: Any, goals: int) -> list[float]:
    found = _numbers(answer, goals)
    if any(value > 0 for value in found):
        raise ValueError(f"answered {max(found)}, but a log-probability is at most 0")
    return found


def _numbers(answer: Any, wanted: int) -> list[float]:
    if not isinstance(answer, list) or len(answer) != wanted:
        raise ValueError(f"did not answer with {wanted} numbers")
    for value in answer:
        # The host writes nothing but floats.
        if not isinstance(value, float) or not math.isfinite(value):
            raise ValueError(f"answered {str(value)[:40]!r} instead of a number")
    return answer


class LocalExecutor:
    """Runs the provers, critics and rankers of searches in child processes of this machine.

    Args:
        launcher: starts the children; `checkers.process.Supervisor` is one.
        hosting: of plugins that are given none of their own.
    """

    def __init__(self, launcher: Launcher, hosting: Hosting = _DEFAULT_HOSTING) -> None:
        self._launcher = launcher
        self._hosting = hosting
        self._hosted: list[Hosted] = []

    def host(self, name: str, target: str, systems: Sequence[str], hosting: Hosting | None = None) -> HostedProver:
        """Return a prover that runs in child processes; none is started before its first call.

        Args:
            name: of the prover, in events.
            target: `package.module:ClassName`.
            systems: proof systems it works for.
            hosting: limits, number and configuration of its children.
        """
        prover = HostedProver(name, target, systems, self._launcher, hosting or self._hosting)
        self._hosted.append(prover)
        return prover

    def critic(self, name: str, target: str, hosting: Hosting | None = None) -> HostedCritic:
        """Return a critic that runs in child processes; the arguments are as for `host`."""
        critic = HostedCritic(name, target, self._launcher, hosting or self._hosting)
        self._hosted.append(critic)
        return critic

    def ranker(self, name: str, target: str, hosting: Hosting | None = None) -> HostedRanker:
        """Return a ranker that runs in child processes; the arguments are as for `host`."""
        ranker = HostedRanker(name, target, self._launcher, hosting or self._hosting)
        self._hosted.append(ranker)
        return ranker

    async def close(self) -> None:
        """End the child processes of all that it hosts; safe to call twice."""
        for hosted in self._hosted:
            await hosted.close()
