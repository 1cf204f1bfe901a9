"""One Coq process that walks over a proof tree: it goes back to ancestors, and forward again by replaying steps.

Coq keeps a stack of states: an ancestor is reached at once, a state on an abandoned branch only by its steps again.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from checkers.coq import goals
from checkers.coq.installation import Installation
from checkers.coq.project import Flags
from checkers.coq.toplevel import Interrupted, Reply, Toplevel
from checkers.process import Supervisor
from lemmata.errors import BackendCrashed, BackendError, BackendMissing, InputError
from lemmata.verdict import Limits

LOAD_SECONDS = 60.0
"""How long loading everything above a theorem may take."""
_SLOW_SECONDS = 0.02
_RECYCLE_EVERY = 256
"""After how many checks the resident size is looked at."""
_GROWTH_BYTES = 1 << 30
"""How much a process may grow over its size after loading before it is replaced."""


After = Callable[[Sequence[Reply]], Sequence[str]]


def unshown(replies: Sequence[Reply]) -> Sequence[str]:
    """Ask for the goals after a step; what the step itself printed may be what a tactic wanted to be read there."""
    return ("Show.",) if len(replies) == 1 else ()


@dataclass(frozen=True, slots=True)
class Load:
    """What a process is brought to before the search starts."""

    sentences: tuple[str, ...]
    """Everything above the goal, then whatever sets up the session."""
    own: int
    """How many of them, at the start, are set-up of ours rather than the file's."""
    needed: str = ""
    """A sentence of ours that must not fail."""


class LoadFailed(InputError):
    """A sentence above the goal was refused; `index` says which."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


@dataclass(slots=True)
class Spent:
    """Where the process's time went; seconds of wall time."""

    checking: float = 0.0
    replaying: float = 0.0
    """Going back, and sending accepted steps again."""
    loading: float = 0.0
    checks: int = 0
    replayed: int = 0
    """Sentences sent again."""
    starts: int = 0


class Line:
    """Keeps one process alive and at the wanted place; one task at a time may use it.

    Args:
        supervisor: starts the process.
        installation: which Coq.
        flags: how the file is compiled.
        load: what to bring a fresh process to.
        limits: memory and file size of the process.
    """

    def __init__(
        self, supervisor: Supervisor, installation: Installation, flags: Flags, load: Load, limits: Limits
    ) -> None:
        self._supervisor = supervisor
        self._installation = installation
        self._flags = flags
        self._load = load
        self._limits = limits
        self._coq: Toplevel | None = None
        self._loading: asyncio.Task[list[Reply]] | None = None
        self._base = 0
        self._base_bytes = 0
        self._stack: list[tuple[str, int]] = []
        """Sentences below the base that lead to where the process is, with the states after them."""
        self._at = 0
        self._closed = False
        self._turn = asyncio.Lock()
        self._slow: dict[str, float] = {}
        """Seconds that the slow ones among the accepted steps took."""
        self.spent = Spent()

    async def start(self) -> list[Reply]:
        """Start and load a process if there is none; return what loading printed, empty where it was loaded before.

        Raises:
            LoadFailed: a sentence of the file was refused.
            BackendError: the process cannot be started or died.
        """
        if self._closed:
            raise BackendCrashed("the session is closed")
        if self._coq is not None and self._coq.alive:
            return []
        if self._loading is None:
            self._loading = asyncio.create_task(self._fresh())
        task = self._loading
        try:
            # A step that is given up while Coq loads must not make the loading begin again.
            return await asyncio.shield(task)
        finally:
            if task.done():
                self._loading = None

    async def _fresh(self) -> list[Reply]:
        began = time.monotonic()
        if self._coq is not None:
            await self._coq.close()
        self._stack = []
        self.spent.starts += 1
        coq = await Toplevel.start(self._supervisor, self._installation, self._flags, self._limits, LOAD_SECONDS)
        try:
            replies = await coq.run(self._load.sentences, LOAD_SECONDS)
            for index, (sentence, reply) in enumerate(zip(self._load.sentences, replies, strict=True)):
                if reply.failed and sentence == self._load.needed:
                    raise BackendMissing(f"coqtop refuses {sentence!r}: {reply.error}")
                if reply.failed and index >= self._load.own:
                    raise LoadFailed(reply.error, index - self._load.own)
        except Interrupted:
            await coq.close()
            raise BackendCrashed(f"loading what stands above the goal takes over {LOAD_SECONDS:g} s") from None
        except BaseException:
            await coq.close()
            raise
        self._coq, self._base, self._at = coq, coq.state, coq.state
        self._base_bytes = coq.resident_bytes
        self.spent.loading += time.monotonic() - began
        return replies

    async def check(self, path: Sequence[str], step: str, after: After, seconds: float | None) -> list[Reply]:
        """Go to the goal at the end of a path and try a step there.

        Args:
            path: sentences from the base to the goal.
            step: the sentence to try.
            after: given the answers so far, returns sentences that only print; asked until it returns none.
            seconds: wall-clock limit of the step; steps that are taken again may add what they took at first.

        Returns:
            The answers to the step and, where it succeeded, to `after`.

        Raises:
            Interrupted: the step ran out of time.
            BackendError: the process died; the next call starts a fresh one.
        """
        async with self._turn:
            await self._recycle()
            await self.start()
            return await self._check(path, step, after, seconds)

    async def _check(self, path: Sequence[str], step: str, after: After, seconds: float | None) -> list[Reply]:
        way, common = self._way(path)
        again = sum(self._slow.get(sentence, 0.0) for sentence in way)
        began = time.monotonic()
        there = began
        try:
            replies = await self._run([*way, step], None if seconds is None else seconds + 2 * again)
            there = replies[len(way) - 1].at if way else began
        finally:
            self.spent.checks += 1
            self.spent.replayed += len(path) - common
            self.spent.replaying += there - began
            self.spent.checking += time.monotonic() - there
        self._arrived(path, common, replies[: len(way)])
        reply = replies[-1]
        if reply.failed:
            return [reply]
        if reply.at - there > _SLOW_SECONDS:
            self._slow[step] = reply.at - there
        self._stack.append((step, reply.state))
        self._at = reply.state
        answers = [reply]
        while sentences := after(answers):
            answers += await self._show(sentences, seconds)
        return answers

    async def closes(
        self,
        sentences: Sequence[str],
        ending: str,
        seconds: float | None,
        given_up: int = 0,
        question: str = "",
    ) -> str | None:
        """Say whether sentences from the base prove everything in focus, and `ending` is then accepted.

        Args:
            sentences: the proof, and what puts the goal in focus.
            ending: the sentence that ends the proof, or nothing.
            seconds: wall-clock limit for all of it.
            given_up: how many goals were given up before.
            question: a sentence to ask after that.

        Returns:
            The answer to the question, the empty text without one; None where the proof is not accepted.
        """
        async with self._turn:
            await self.start()
            way, _ = self._way(())
            del self._stack[:]
            # Coq shows goals only where they differ from those that it showed last.
            replies = await self._show([*way, *sentences, "Show.", *([ending] if ending else [])], seconds)
            done = replies[-2 if ending else -1]
            seen = goals.display(done.text)
            if any(r.failed for r in replies) or seen is None or not seen.done(given_up):
                return None
            return (await self._show([question], seconds))[0].text if question else ""

    async def show(self, sentences: Sequence[str], seconds: float | None) -> list[Reply]:
        """Send sentences that only print, where the process is; raises as `check`."""
        async with self._turn:
            return await self._show(sentences, seconds)

    async def _show(self, sentences: Sequence[str], seconds: float | None) -> list[Reply]:
        began = time.monotonic()
        replies = await self._run(sentences, seconds)
        self.spent.checking += time.monotonic() - began
        self._at = replies[-1].state
        return replies

    async def _run(self, sentences: Sequence[str], seconds: float | None) -> list[Reply]:
        """Send sentences; where they are not all answered, nobody knows any more where the process is."""
        if self._coq is None:
            raise BackendCrashed("coqtop is gone")
        try:
            return await self._coq.run(sentences, seconds)
        except (Interrupted, asyncio.CancelledError):
            self._lost()
            raise
        except BackendError:
            self._coq = None
            raise

    def _way(self, path: Sequence[str]) -> tuple[list[str], int]:
        """Return the sentences that lead from here to the end of a path, and how much both have in common."""
        common = 0
        for (sentence, _), wanted in zip(self._stack, path, strict=False):
            if sentence != wanted:
                break
            common += 1
        state = self._stack[common - 1][1] if common else self._base
        way = [] if self._at == state else [f"BackTo {state}."]
        return [*way, *path[common:]], common

    def _arrived(self, path: Sequence[str], common: int, replies: Sequence[Reply]) -> None:
        del self._stack[common:]
        fresh = replies[len(replies) - (len(path) - common) :] if len(path) > common else []
        for sentence, reply in zip(path[common:], fresh, strict=True):
            if reply.failed:
                # What came after it was run all the same.
                self._lost()
                raise BackendCrashed(f"a step that was accepted before is refused now: {reply.error}")
            self._stack.append((sentence, reply.state))
        self._at = self._stack[-1][1] if self._stack else self._base

    def _lost(self) -> None:
        """Take note that the process is in order, but nobody knows where."""
        self._stack = []
        self._at = -1

    async def _recycle(self) -> None:
        """Replace a process that has grown too much."""
        coq = self._coq
        if coq is None or self.spent.checks % _RECYCLE_EVERY:
            return
        if coq.resident_bytes > self._base_bytes + _GROWTH_BYTES:
            await coq.close()
            self._coq = None

    async def close(self) -> None:
        """End the process for good; safe to call twice."""
        self._closed = True
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.wait({self._loading})
        if self._coq is not None:
            await self._coq.close()

    def add(self, spent: Spent) -> Spent:
        """Return what this line spent together with another's."""
        names = [field.name for field in dataclasses.fields(Spent)]
        return Spent(**{name: getattr(self.spent, name) + getattr(spent, name) for name in names})
