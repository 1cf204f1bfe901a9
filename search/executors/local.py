"""Runs provers in child processes of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from lemmata import codec
from lemmata.errors import BackendCrashed, BackendError, LemmataError
from lemmata.goal import GoalView
from lemmata.protocols import Launcher, RpcClient
from lemmata.step import Proposal
from lemmata.verdict import Limits

_DEFAULT_LIMITS = Limits()


class HostedProver:
    """A prover in child processes of its own, each started when needed and replaced after it failed.

    A call that finds every child busy starts another, up to `processes`; then calls wait for their turn. A call that
    crashes, times out or is cancelled ends its child, and with it whatever the prover was still computing.

    Args:
        name: the prover's name.
        target: `package.module:ClassName` of the prover; imported only in the child.
        systems: proof systems it works for.
        launcher: starts the children.
        limits: `wall_seconds` is for one call, start-up included; the others are for a child's whole life.
        processes: most children at a time.
    """

    def __init__(
        self,
        name: str,
        target: str,
        systems: Sequence[str],
        launcher: Launcher,
        limits: Limits = _DEFAULT_LIMITS,
        processes: int = 2,
    ) -> None:
        self.name = name
        self.systems = tuple(systems)
        self._target = target
        self._launcher = launcher
        self._limits = limits
        self._turns = asyncio.Semaphore(processes)
        self._idle: list[RpcClient] = []
        self._busy: set[RpcClient] = set()
        self._closed = False

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose at most `n` steps for each goal, best first.

        Raises:
            LimitExceeded: the prover ran over a limit.
            BackendCrashed: its process died or answered nonsense.
            BackendError: it cannot be loaded, or raised an error of its own.
        """
        if not goals:
            return []
        params = {"goals": [codec.goal_view_to_json(goal) for goal in goals], "n": n}
        async with self._turns:
            client = await self._client()
            sound = False
            try:
                answer = await client.request("propose", params, self._limits.wall_seconds)
                proposals = self._decoded(answer, len(goals), n)
                sound = True
            except LemmataError as error:
                # An answer such as "unsupported input" says nothing against the child that gave it.
                sound = not isinstance(error, BackendError)
                raise
            finally:
                self._busy.discard(client)
                if sound and not self._closed:
                    self._idle.append(client)
                else:
                    await client.close()
        return proposals

    async def _client(self) -> RpcClient:
        if self._closed:
            raise BackendCrashed(f"prover {self.name} is closed")
        if self._idle:
            client = self._idle.pop()
        else:
            client = await self._launcher.start(["-m", "lemmata.host", self._target], self._limits)
        self._busy.add(client)
        return client

    def _decoded(self, answer: Any, goals: int, n: int) -> list[list[Proposal]]:
        if not isinstance(answer, list) or len(answer) != goals or not all(isinstance(g, list) for g in answer):
            raise BackendCrashed(f"prover {self.name} did not answer with a list for each of {goals} goals")
        try:
            return [[codec.proposal_from_json(value) for value in group[:n]] for group in answer]
        except ValueError as error:
            raise BackendCrashed(f"prover {self.name} answered a malformed proposal: {error}") from error

    async def close(self) -> None:
        """End all child processes; calls in progress fail; safe to call twice."""
        self._closed = True
        clients, self._idle = [*self._idle, *self._busy], []
        for client in clients:
            await client.close()


class LocalExecutor:
    """Runs the provers of one search in child processes of this machine.

    Args:
        launcher: starts the children; `checkers.process.Supervisor` is one.
        limits: for each prover's children, as of `HostedProver`.
        processes: most children of one prover at a time.
    """

    def __init__(self, launcher: Launcher, *, limits: Limits = _DEFAULT_LIMITS, processes: int = 2) -> None:
        self._launcher = launcher
        self._limits = limits
        self._processes = processes
        self._hosted: list[HostedProver] = []

    def host(self, name: str, target: str, systems: Sequence[str]) -> HostedProver:
        """Return a prover that runs in child processes; none is started before its first call.

        Args:
            name: entry point name of the prover.
            target: `package.module:ClassName`.
            systems: proof systems it works for.
        """
        prover = HostedProver(name, target, systems, self._launcher, self._limits, self._processes)
        self._hosted.append(prover)
        return prover

    async def close(self) -> None:
        """End the child processes of all provers; safe to call twice."""
        for prover in self._hosted:
            await prover.close()
