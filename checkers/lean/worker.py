"""One REPL process at a time, brought to the place of a theorem, and brought back there when it has died.

A process holds every environment and proof state that it ever returned, under numbers of its own. They are lost with
it; here a proof state is known by where its text has a `sorry` and by the tactics that lead on from there, so that a
fresh process can be sent the same again. The imports are elaborated once and pickled for the processes that follow.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from checkers.lean.repl import Launch, OutOfTime, Repl
from checkers.lean.replies import CommandReply, Position, Refusal, Reply, StepReply
from checkers.process import Supervisor
from lemmata.errors import BackendCrashed, BackendError, BackendMissing, InputError
from lemmata.verdict import Limits

LOAD_SECONDS = 300.0
"""How long the imports, or what stands above a theorem, may take: a large library is read from the disk first."""
_LEAST_LOAD_SECONDS = 60.0
"""However short the search is to be, they may take so long."""
_REPLAY_SECONDS = 5.0
"""A step that is taken again may take at least so long."""
_REPLAY_FACTOR = 4.0
"""And this many times what it took at first."""
_GROWTH_BYTES = 1 << 30
"""How much a process may grow over its size after loading before it is replaced."""


class Part(enum.Enum):
    """What of a file is loaded."""

    HEADER = "header"
    BEFORE = "before"
    DECLARATION = "declaration"


class LoadFailed(InputError):
    """Lean refuses a part of the file; `position` is within that part, None where it is not known."""

    def __init__(self, message: str, part: Part, position: Position | None) -> None:
        super().__init__(message)
        self.part = part
        self.position = position


@dataclass(frozen=True, slots=True)
class Base:
    """What every process is brought to first."""

    header: str
    """The import lines."""
    before: str
    """The commands between them and the theorem."""
    settings: str = ""
    """Commands that set what the compiler is given as options; what Lean refuses of them is overlooked."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A goal that Lean reports at a `sorry`."""

    text: str
    """Commands for the environment above the theorem, empty for a proof state that a process was given directly."""
    position: Position
    index: int = 0
    """Which of the goals at that place."""
    count: int = 1
    """How many there are."""


@dataclass(slots=True)
class Spent:
    """Where the time went; seconds of wall time."""

    checking: float = 0.0
    replaying: float = 0.0
    loading: float = 0.0
    checks: int = 0
    replayed: int = 0
    """Tactics sent again."""
    starts: int = 0
    unpickled: int = 0
    """How many processes read the imports from a pickle."""


Place = tuple[Spot, tuple[str, ...]]


class Worker:
    """Keeps one process alive; one task at a time may use it.

    Args:
        supervisor: starts the process.
        launch: how.
        base: what to bring a fresh process to.
        limits: memory and file size of the process.
        folder: a private folder for pickles.
    """

    def __init__(self, supervisor: Supervisor, launch: Launch, base: Base, limits: Limits, folder: Path) -> None:
        self._supervisor = supervisor
        self._launch = launch
        self._base = base
        self._limits = limits
        self._pickle = folder / "header.olean"
        self._pickled = False
        self._may_pickle = True
        self._repl: Repl | None = None
        self._above: int | None = None
        self._base_bytes = 0
        self._texts: dict[str, CommandReply] = {}
        self._states: dict[Place, int] = {}
        self._took: dict[Place, float] = {}
        """Seconds that the accepted steps took at first; kept over the ends of processes."""
        self._loading: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._closed = False
        self.spent = Spent()

    @property
    def load_seconds(self) -> float:
        """How long loading may take: no longer than a search that the user waits for seems to allow."""
        wall = self._limits.wall_seconds
        return LOAD_SECONDS if wall is None else min(LOAD_SECONDS, max(_LEAST_LOAD_SECONDS, 2 * wall))

    async def start(self) -> None:
        """Start a process and load what stands above the theorem, if there is none.

        Raises:
            LoadFailed: Lean refuses it.
            BackendError: the process cannot be started, or died.
        """
        if self._closed:
            raise BackendCrashed("the session is closed")
        if self._repl is not None and self._repl.alive:
            return
        if self._loading is None:
            self._loading = asyncio.create_task(self._load())
        task = self._loading
        try:
            # A step that is given up while Lean loads must not make the loading begin again.
            await asyncio.shield(task)
        finally:
            if task.done():
                self._loading = None

    async def _load(self) -> None:
        began = time.monotonic()
        await self._drop()
        try:
            await self._fresh()
        except BackendMissing:
            raise
        except OutOfTime as error:
            raise BackendCrashed(f"loading takes over {self.load_seconds:g} s: {error.message}") from None
        except BackendError:
            # Somebody else may have killed it, or the pickle did; what kills Lean every time does so twice.
            await self._fresh()
        finally:
            self.spent.loading += time.monotonic() - began

    async def _fresh(self) -> None:
        repl = Repl(self._supervisor, self._launch, self._limits)
        self.spent.starts += 1
        try:
            above = await self._header(repl)
            if self._base.settings:
                above = await _set(repl, self._base.settings, above, self.load_seconds)
            if self._base.before.strip():
                above = await _elaborated(repl, Part.BEFORE, self._base.before, above, self.load_seconds)
        except BaseException:
            await repl.close()
            raise
        self._repl, self._above = repl, above
        self._base_bytes = repl.own_bytes

    async def _header(self, repl: Repl) -> int | None:
        """Load the imports; return their environment, None where there are none."""
        if not self._base.header.strip():
            return None
        if self._pickled:
            self._pickled = False
            with contextlib.suppress(OutOfTime):
                reply = await repl.ask({"unpickleEnvFrom": str(self._pickle)}, self.load_seconds)
                if isinstance(reply, CommandReply):
                    self._pickled = True
                    self.spent.unpickled += 1
                    return reply.env
            if not repl.alive:
                raise BackendCrashed("the Lean REPL was killed: it does not read its own pickle in time")
        env = await _elaborated(repl, Part.HEADER, self._base.header, None, self.load_seconds)
        if self._may_pickle:
            self._may_pickle = False
            reply = await repl.ask({"pickleTo": str(self._pickle), "env": env}, self.load_seconds)
            self._pickled = isinstance(reply, CommandReply)
        return env

    async def elaborate(self, text: str, seconds: float | None) -> CommandReply:
        """Run commands in the environment above the theorem; the same text is run once in a process.

        Raises:
            LoadFailed: the REPL refuses the request.
            OutOfTime: the time ran out; the process was killed.
            BackendError: it died; the next call starts a fresh one.
        """
        async with self._turn:
            await self._recycle()
            await self.start()
            return await self._run(text, seconds)

    async def _run(self, text: str, seconds: float | None) -> CommandReply:
        known = self._texts.get(text)
        if known is None:
            request: dict[str, object] = {"cmd": text} if self._above is None else {"cmd": text, "env": self._above}
            reply = await self.ask(request, seconds)
            if not isinstance(reply, CommandReply):
                raise LoadFailed(_refusal(reply), Part.DECLARATION, None)
            known = self._texts[text] = reply
        return known

    async def step(self, spot: Spot, path: tuple[str, ...], tactic: str, seconds: float | None) -> StepReply | Refusal:
        """Try a tactic on the goals at the end of a path.

        Args:
            spot: where the path begins.
            path: tactics, all of which were accepted before.
            tactic: what to try.
            seconds: wall-clock limit of the step alone.

        Raises:
            OutOfTime: the time ran out; the process was killed.
            BackendError: it died; the next call starts a fresh one.
        """
        async with self._turn:
            await self._recycle()
            await self.start()
            began = time.monotonic()
            state = await self._state(spot, path)
            there = time.monotonic()
            self.spent.replaying += there - began
            self.spent.checks += 1
            try:
                reply = await self.ask({"tactic": tactic, "proofState": state}, seconds)
            finally:
                self.spent.checking += time.monotonic() - there
            if isinstance(reply, CommandReply):
                raise BackendCrashed("the Lean REPL: it answers a tactic as if it were a command")
            if isinstance(reply, StepReply) and reply.error is None:
                place = (spot, (*path, tactic))
                self._states[place] = reply.state
                self._took[place] = time.monotonic() - there
            return reply

    async def _state(self, spot: Spot, path: tuple[str, ...]) -> int:
        """Return the number of a proof state in this process, going there again where need be."""
        done = len(path)
        while done and (spot, path[:done]) not in self._states:
            done -= 1
        state = self._states[spot, path[:done]] if done else await self._origin(spot)
        for at in range(done, len(path)):
            place = (spot, path[: at + 1])
            seconds = max(_REPLAY_SECONDS, _REPLAY_FACTOR * self._took.get(place, 0.0))
            try:
                reply = await self.ask({"tactic": path[at], "proofState": state}, seconds)
            except OutOfTime:
                raise BackendCrashed("a step that was accepted before takes too long now") from None
            self.spent.replayed += 1
            if not isinstance(reply, StepReply) or reply.error is not None:
                raise BackendCrashed("a step that was accepted before is refused now")
            state = self._states[place] = reply.state
        return state

    async def _origin(self, spot: Spot) -> int:
        known = self._states.get((spot, ()))
        if known is not None:
            return known
        if not spot.text:
            raise BackendCrashed("this proof state was lost with its process")
        try:
            reply = await self._run(spot.text, self.load_seconds)
        except OutOfTime:
            raise BackendCrashed(f"the theorem takes over {self.load_seconds:g} s") from None
        states = [s.state for s in reply.sorries if s.start == spot.position and s.state is not None]
        state = states[spot.index] if len(states) == spot.count else None
        if state is None:
            raise BackendCrashed("a goal that was there before is gone")
        self._states[spot, ()] = state
        return state

    def adopt(self, number: int) -> Spot:
        """Return a place for a proof state of the live process that the caller got by a request of its own."""
        spot = Spot("", Position(0, number))
        self._states[spot, ()] = number
        return spot

    async def ask(self, request: dict[str, object], seconds: float | None) -> Reply:
        """Send a request as it is to the live process; errors as of `Repl.ask`."""
        if self._repl is None:
            raise BackendCrashed("the Lean REPL is gone")
        try:
            return await self._repl.ask(request, seconds)
        except (BackendError, asyncio.CancelledError):
            await self._drop()
            raise

    async def _recycle(self) -> None:
        """Replace a process that has grown too much: it keeps every proof state for ever."""
        repl = self._repl
        if repl is None:
            return
        growth, bound = _GROWTH_BYTES, self._limits.memory_bytes
        if bound is not None:
            growth = min(growth, max(bound - self._base_bytes, 0) // 2)
        if repl.own_bytes > self._base_bytes + growth:
            await self._drop()

    async def _drop(self) -> None:
        repl, self._repl = self._repl, None
        self._texts, self._states = {}, {}
        if repl is not None:
            await repl.close()

    async def close(self) -> None:
        """End the process for good; safe to call twice."""
        self._closed = True
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.wait({self._loading})
        await self._drop()

    @property
    def pid(self) -> int | None:
        """The process id, None while there is no process."""
        return self._repl.pid if self._repl is not None and self._repl.alive else None


async def _elaborated(repl: Repl, part: Part, text: str, above: int | None, seconds: float) -> int:
    """Run a part of the file; return the environment after it."""
    request: dict[str, object] = {"cmd": text} if above is None else {"cmd": text, "env": above}
    reply = await repl.ask(request, seconds)
    if not isinstance(reply, CommandReply):
        raise LoadFailed(_refusal(reply), part, None)
    if reply.error is not None:
        raise LoadFailed(reply.error.data, part, reply.error.start)
    return reply.env


async def _set(repl: Repl, text: str, above: int | None, seconds: float) -> int | None:
    request: dict[str, object] = {"cmd": text} if above is None else {"cmd": text, "env": above}
    reply = await repl.ask(request, seconds)
    return reply.env if isinstance(reply, CommandReply) else above


def _refusal(reply: Reply) -> str:
    return reply.message if isinstance(reply, Refusal) else "it answers a command as if it were a tactic"


def sorries_at(reply: CommandReply, position: Position) -> Sequence[str]:
    """Return the goals that Lean reports at a place of a text, in its order."""
    return [sorry.goal for sorry in reply.sorries if sorry.start == position and sorry.state is not None]
