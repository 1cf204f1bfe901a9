"""What provers, critics and rankers have in common in child processes; `lemmata.host` is the other side."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from lemmata import codec
from lemmata.errors import BackendCrashed, BackendError, LemmataError
from lemmata.goal import GoalView, Obligation
from lemmata.protocols import Launcher, RpcClient
from lemmata.verdict import Limits

T = TypeVar("T")

_REMEMBERED = 8
"""For how many obligations a plugin remembers under which key its children know them."""


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
    """How a plugin runs in its child processes."""

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
    patience: int = 1
    """So often in a row it may have nothing new for a goal before it is asked about it no more."""
    interruptible: bool = False
    """Whether it answers soon once it is told that nobody waits any more; then it keeps its child, and its model."""


@dataclass(slots=True, eq=False)
class _Child:
    """A child process, and the keys of what it was sent."""

    client: RpcClient
    sent: set[str] = field(default_factory=set)

    async def ask(
        self,
        method: str,
        goals: Sequence[GoalView],
        keys: Sequence[str],
        more: Mapping[str, Any],
        seconds: float | None,
    ) -> Any:
        """Ask about goals; sends only what the child does not have yet."""
        views = [{**codec.bare_view_to_json(goal), "shared": key} for goal, key in zip(goals, keys, strict=True)]
        by_key = dict(zip(keys, goals, strict=True))
        missing = [key for key in by_key if key not in self.sent]
        answer: Any = None
        for _ in range(2):
            shared = {key: codec.surroundings_to_json(by_key[key]) for key in missing}
            answer = await self.client.request(method, {"goals": views, **more, "shared": shared}, seconds)
            if not isinstance(answer, dict):
                break
            # It keeps only the last few, and none after it was replaced: once more with everything.
            missing = list(by_key)
        self.sent.update(by_key)
        return answer


class Hosted:
    """A plugin in child processes of its own, each started when needed and replaced after it failed.

    A call that finds every child busy starts another, as many as are allowed; then calls wait for their turn. One that
    crashes, times out or answers nonsense ends its child.

    Args:
        name: the plugin's name.
        target: `package.module:ClassName` of the plugin; imported only in the child.
        launcher: starts the children.
        hosting: limits, number and configuration of the children.
    """

    what = "plugin"
    """How messages call its kind."""
    lasting = False
    """Whether a question that nobody waits for any more is still answered, instead of ending the child.

    To compute a few numbers takes less than to load a model again.
    """

    def __init__(self, name: str, target: str, launcher: Launcher, hosting: Hosting) -> None:
        self.name = name
        self._target = target
        self._launcher = launcher
        self._hosting = hosting
        self._turns = asyncio.Semaphore(hosting.processes)
        self._keys = _Keys()
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._asked: dict[asyncio.Task[Any], _Child] = {}
        """Which child computes the answer of a task."""
        self._closed = False

    async def _ask(
        self, method: str, goals: Sequence[GoalView], more: Mapping[str, Any], read: Callable[[Any], T]
    ) -> T:
        """Ask a child about goals.

        An obligation and a context are sent to each child once: they must not change after their first use here.

        Args:
            method: of `lemmata.host`.
            goals: what about.
            more: further params.
            read: makes sense of the answer, or raises a `ValueError` that goes on from the plugin's name.

        Raises:
            LimitExceeded: the plugin ran over a limit.
            BackendCrashed: its process died or answered nonsense.
            BackendError: it cannot be loaded, or raised an error of its own.
        """
        await self._turns.acquire()
        task = asyncio.create_task(self._exchange(method, goals, more, read))
        self._tasks.add(task)
        # Not in the task itself: one that is cancelled before its first step would never get there.
        task.add_done_callback(self._over)
        try:
            return await (asyncio.shield(task) if self.lasting or self._hosting.interruptible else task)
        except asyncio.CancelledError:
            if self._hosting.interruptible and task in self._asked:
                self._asked[task].client.interrupt()
            raise

    def _over(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._asked.pop(task, None)
        self._turns.release()
        if not task.cancelled():
            # It may be that nobody waits for it any more.
            task.exception()

    async def _exchange(
        self, method: str, goals: Sequence[GoalView], more: Mapping[str, Any], read: Callable[[Any], T]
    ) -> T:
        keys = [self._keys.of(goal) for goal in goals]
        child = await self._child()
        if (task := asyncio.current_task()) is not None:
            self._asked[task] = child
        sound = False
        try:
            found = read(await child.ask(method, goals, keys, more, self._hosting.limits.wall_seconds))
            sound = True
        except ValueError as error:
            raise BackendCrashed(f"{self.what} {self.name} {error}") from error
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
        return found

    async def _child(self) -> _Child:
        if self._closed:
            raise BackendCrashed(f"{self.what} {self.name} is closed")
        if self._idle:
            child = self._idle.pop()
        else:
            arguments = ["-m", "lemmata.host", self._target]
            if self._hosting.configuration:
                arguments.append(json.dumps(dict(self._hosting.configuration)))
            child = _Child(await self._launcher.start(arguments, self._hosting.limits, self._hosting.variables))
            if self._closed:
                await child.client.close()
                raise BackendCrashed(f"{self.what} {self.name} is closed")
        self._busy.add(child)
        return child

    async def close(self) -> None:
        """End all child processes; calls in progress fail; safe to call twice."""
        self._closed = True
        children, self._idle = [*self._idle, *self._busy], []
        for child in children:
            await child.client.close()
        if self._tasks:
            await asyncio.wait(self._tasks)
