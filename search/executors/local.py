"""Runs provers in child processes of this machine."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemmata import codec
from lemmata.errors import BackendCrashed, BackendError, LemmataError
from lemmata.goal import GoalView, Obligation
from lemmata.protocols import Launcher, RpcClient
from lemmata.step import Proposal
from lemmata.verdict import Limits

_REMEMBERED = 8
"""For how many obligations a prover remembers under which key its children know them."""


class _Keys:
    """Names for what all goals of an obligation share, given by identity: to hash megabytes takes too long.

    What is named is kept alive, so that its identity is its own; only the last few are.
    """

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._named: dict[tuple[int, int], tuple[str, Obligation, Mapping[str, Any]]] = {}

    def of(self, view: GoalView) -> str:
        """Return the key of a view's obligation and context, always the same for the same objects."""
        identity = id(view.obligation), id(view.context)
        named = self._named.pop(identity, None) or (str(next(self._numbers)), view.obligation, view.context)
        self._named[identity] = named
        if len(self._named) > _REMEMBERED:
            del self._named[next(iter(self._named))]
        return named[0]


@dataclass(frozen=True, slots=True)
class Hosting:
    """How a prover runs in its child processes."""

    limits: Limits
    """`wall_seconds` is for one call, start-up included; the others are for a child's whole life."""
    processes: int = 2
    """Most children at a time."""
    configuration: Mapping[str, Any] = field(default_factory=dict)
    """The arguments that its class is called with, by name."""
    variables: tuple[str, ...] = ()
    """Names of environment variables that its children get."""
    batch: int = 1
    """Most goals that it wants in one question."""


@dataclass(slots=True, eq=False)
class _Child:
    """A child process, and the keys of what it was sent."""

    client: RpcClient
    sent: set[str] = field(default_factory=set)

    async def propose(self, goals: Sequence[GoalView], keys: Sequence[str], n: int, seconds: float | None) -> Any:
        """Ask for proposals; sends only what the child does not have yet."""
        views = [{**codec.bare_view_to_json(goal), "shared": key} for goal, key in zip(goals, keys, strict=True)]
        by_key = dict(zip(keys, goals, strict=True))
        missing = [key for key in by_key if key not in self.sent]
        answer: Any = None
        for _ in range(2):
            shared = {key: codec.surroundings_to_json(by_key[key]) for key in missing}
            answer = await self.client.request("propose", {"goals": views, "n": n, "shared": shared}, seconds)
            if not isinstance(answer, dict):
                break
            # It keeps only the last few, and none after it was replaced: once more with everything.
            missing = list(by_key)
        self.sent.update(by_key)
        return answer


_DEFAULT_HOSTING = Hosting(Limits())


class HostedProver:
    """A prover in child processes of its own, each started when needed and replaced after it failed.

    A call that finds every child busy starts another, as many as are allowed; then calls wait for their turn. One that
    crashes, times out or is cancelled ends its child, and with it whatever the prover was still computing.

    Args:
        name: the prover's name.
        target: `package.module:ClassName` of the prover; imported only in the child.
        systems: proof systems it works for.
        launcher: starts the children.
        hosting: limits, number and configuration of the children.
    """

    def __init__(
        self,
        name: str,
        target: str,
        systems: Sequence[str],
        launcher: Launcher,
        hosting: Hosting = _DEFAULT_HOSTING,
    ) -> None:
        self.name = name
        self.systems = tuple(systems)
        self.batch = hosting.batch
        self._target = target
        self._launcher = launcher
        self._hosting = hosting
        self._limits = hosting.limits
        self._turns = asyncio.Semaphore(hosting.processes)
        self._keys = _Keys()
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = False

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose at most `n` steps for each goal, best first.

        An obligation and a context are sent to each child once: they must not change after their first use here.

        Raises:
            LimitExceeded: the prover ran over a limit.
            BackendCrashed: its process died or answered nonsense.
            BackendError: it cannot be loaded, or raised an error of its own.
        """
        if not goals:
            return []
        keys = [self._keys.of(goal) for goal in goals]
        async with self._turns:
            child = await self._child()
            sound = False
            try:
                answer = await child.propose(goals, keys, n, self._limits.wall_seconds)
                proposals = self._decoded(answer, len(goals), n)
                sound = True
            except LemmataError as error:
                # An answer such as "unsupported input" says nothing against the child that gave it.
                sound = not isinstance(error, BackendError)
                raise
            finally:
                self._busy.discard(child)
                if sound and not self._closed:
                    self._idle.append(child)
                else:
                    await child.client.close()
        return proposals

    async def _child(self) -> _Child:
        if self._closed:
            raise BackendCrashed(f"prover {self.name} is closed")
        if self._idle:
            child = self._idle.pop()
        else:
            arguments = ["-m", "lemmata.host", self._target]
            if self._hosting.configuration:
                arguments.append(json.dumps(dict(self._hosting.configuration)))
            variables = self._hosting.variables
            child = _Child(await self._launcher.start(arguments, self._limits, variables))
        self._busy.add(child)
        return child

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
        children, self._idle = [*self._idle, *self._busy], []
        for child in children:
            await child.client.close()


class LocalExecutor:
    """Runs the provers of one search in child processes of this machine.

    Args:
        launcher: starts the children; `checkers.process.Supervisor` is one.
        hosting: of provers that are given none of their own.
    """

    def __init__(self, launcher: Launcher, hosting: Hosting = _DEFAULT_HOSTING) -> None:
        self._launcher = launcher
        self._hosting = hosting
        self._hosted: list[HostedProver] = []

    def host(self, name: str, target: str, systems: Sequence[str], hosting: Hosting | None = None) -> HostedProver:
        """Return a prover that runs in child processes; none is started before its first call.

        Args:
            name: entry point name of the prover.
            target: `package.module:ClassName`.
            systems: proof systems it works for.
            hosting: limits, number and configuration of its children.
        """
        prover = HostedProver(name, target, systems, self._launcher, hosting or self._hosting)
        self._hosted.append(prover)
        return prover

    async def close(self) -> None:
        """End the child processes of all provers; safe to call twice."""
        for prover in self._hosted:
            await prover.close()
