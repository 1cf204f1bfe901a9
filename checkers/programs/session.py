"""A session on one program: clauses are checked in a child process that can be killed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

from lemmata.errors import BackendError, LimitExceeded
from lemmata.goal import Goal, GoalRef, Hypothesis, Obligation
from lemmata.outcome import Closed, Crashed, Note, Open, Outcome, Rejected, TimedOut
from lemmata.protocols import Launcher, RpcClient
from lemmata.step import Part, Step
from lemmata.verdict import Limits

BACKEND = "checkers.programs.backend"
"""Module of the child process."""
_OPEN_SECONDS = 60.0
_GRACE_SECONDS = 2.0
_LINGER_SECONDS = 0.3


class ProgramSession:
    """One obligation's live backend; made by `ProgramSession.start`."""

    def __init__(self, launcher: Launcher, obligation: Obligation, params: Mapping[str, Any], limits: Limits) -> None:
        self._launcher = launcher
        self._obligation = obligation
        self._params = params
        # A session's child lives longer than one request: only memory and files are limited for its whole life.
        self._limits = Limits(None, None, limits.memory_bytes, limits.file_bytes)
        self._child: RpcClient | None = None
        self._refuter: RpcClient | None = None
        self._lock = asyncio.Lock()
        self._unwanted: asyncio.Future[Any] | None = None
        self._handles: dict[str, str] = {}
        self._steps: dict[str, tuple[str, tuple[Part, ...]]] = {}
        self._count = 0
        self.context: dict[str, Any] = {}
        self.root = GoalRef("root", Goal("programs", ""))

    @classmethod
    async def start(
        cls,
        launcher: Launcher,
        obligation: Obligation,
        params: Mapping[str, Any],
        limits: Limits,
        child: RpcClient | None = None,
    ) -> ProgramSession:
        """Start the backend and load the obligation.

        Args:
            launcher: starts child processes.
            obligation: the function to verify.
            params: what a child is told about it.
            limits: memory and file size of the children.
            child: a backend that is already running and not used by anybody.

        Raises:
            InputError: the program cannot be translated.
            BackendError: the backend cannot be started.
        """
        session = cls(launcher, obligation, params, limits)
        session._child = child
        try:
            opened = await session._backend()
        except BaseException:
            await session.close()
            raise
        session.context = {
            "system": opened["system"],
            "int_width": obligation.option("int_width"),
            "errors": opened["errors"],
            "notes": opened["notes"],
        }
        session.root = GoalRef("root", session._goal(opened["errors"], opened["hypotheses"]))
        return session

    def _goal(self, errors: Sequence[str], hypotheses: Sequence[Sequence[str]]) -> Goal:
        conclusion = "unreachable: " + "; ".join(errors) if errors else "nothing can fail"
        return Goal("programs", conclusion, tuple(Hypothesis(n, text) for n, text in hypotheses), self._obligation.key)

    async def _backend(self) -> dict[str, Any]:
        child = self._child or await self._launcher.start(["-m", BACKEND], self._limits)
        self._child = child
        self._handles = {"root": "root"}
        opened: dict[str, Any] = await child.request("open", self._params, _OPEN_SECONDS)
        return opened

    async def _ready(self, handle: str, seconds: float) -> RpcClient:
        """Return a live child that knows a goal, replaying the steps that lead to it where it does not."""
        if self._child is None or not self._handles:
            await self._backend()
        assert self._child is not None
        missing: list[str] = []
        at = handle
        while at not in self._handles:
            missing.append(at)
            at = self._steps[at][0]
        for name in reversed(missing):
            before, parts = self._steps[name]
            params = {"goal": self._handles[before], "parts": _plain(parts), "seconds": seconds}
            answer = await self._child.request("apply", params, seconds + _GRACE_SECONDS)
            if answer["outcome"] != "open":
                raise BackendError(f"a step that led to the goal now is {answer['outcome']}")
            self._handles[name] = answer["goal"]
        return self._child

    async def _drop(self) -> None:
        child, self._child = self._child, None
        self._handles = {}
        if child is not None:
            with contextlib.suppress(BackendError):
                await child.close()

    async def _ask(self, handle: str, method: str, params: Mapping[str, Any], seconds: float) -> Any:
        async with self._lock:
            await self._settle()
            try:
                child = await self._ready(handle, seconds)
                body = {**params, "goal": self._handles[handle], "seconds": seconds}
                asked = asyncio.ensure_future(child.request(method, body, seconds + _GRACE_SECONDS))
            except BaseException:
                await self._drop()
                raise
            try:
                return await asyncio.shield(asked)
            except asyncio.CancelledError:
                # Nobody wants this answer any more, but it may come soon: that is cheaper than a new child.
                self._unwanted = asked
                raise
            except BaseException:
                await self._drop()
                raise

    async def _settle(self) -> None:
        """Wait a little for the answer to a cancelled request; drop the child where it does not come."""
        asked, self._unwanted = self._unwanted, None
        if asked is None:
            return
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                await asked
        except (TimeoutError, BackendError):
            asked.cancel()
            with contextlib.suppress(asyncio.CancelledError, BackendError):
                await asked
            await self._drop()

    async def apply(self, goal: GoalRef, step: Step, limits: Limits) -> Outcome:
        """Check a set of clauses on a goal."""
        began = time.monotonic()
        if step.kind != "clauses":
            return Rejected(f"a program goal takes clauses, not a {step.kind}")
        seconds = limits.wall_seconds or 10.0
        try:
            answer = await self._ask(goal.handle, "apply", {"parts": _plain(step.parts)}, seconds)
        except LimitExceeded as error:
            return TimedOut(time.monotonic() - began, error.message)
        except BackendError as error:
            return Crashed(error.message, time.monotonic() - began)
        took = time.monotonic() - began
        notes = tuple(Note(n["part"], n["accepted"], n["message"], n["model"]) for n in answer["notes"])
        match answer["outcome"]:
            case "closed":
                return Closed(took, notes)
            case "open":
                self._count += 1
                handle = f"goal{self._count}"
                self._steps[handle] = (goal.handle, step.parts)
                self._handles[handle] = answer["goal"]
                subgoal = self._goal(self.context["errors"], answer["hypotheses"])
                return Open((GoalRef(handle, subgoal),), took, notes)
            case "timed-out":
                return TimedOut(took, answer["message"])
            case _:
                return Rejected(answer["message"], took, notes, answer["model"])

    async def accepts(self, steps: Sequence[Step], limits: Limits) -> bool:
        """Say whether these steps' clauses alone are inductive and make the program safe."""
        parts = [p for s in steps for p in s.parts]
        try:
            return bool(await self._ask("root", "accepts", {"parts": _plain(parts)}, limits.wall_seconds or 10.0))
        except BackendError:
            return False

    async def needed(self, steps: Sequence[Step], limits: Limits) -> list[Step]:
        """Return the steps with only the clauses of an unsatisfiable core."""
        parts = [p for s in steps for p in s.parts]
        try:
            kept = set(await self._ask("root", "needed", {"parts": _plain(parts)}, limits.wall_seconds or 10.0))
        except BackendError:
            return list(steps)
        found, position = [], 0
        for step in steps:
            mine = tuple(p for i, p in enumerate(step.parts, position) if i in kept)
            position += len(step.parts)
            if mine or not step.parts:
                found.append(step.keeping(mine))
        return found or [steps[-1].keeping(())]

    async def refute(self, limits: Limits) -> Mapping[str, Any] | None:
        """Look for a counterexample in a child of its own."""
        seconds = limits.wall_seconds or 60.0
        try:
            self._refuter = await self._launcher.start(["-m", BACKEND], self._limits)
            found = await self._refuter.request(
                "refute", {**self._params, "seconds": seconds}, seconds + _GRACE_SECONDS
            )
        except BackendError:
            return None
        return found if isinstance(found, dict) else None

    async def close(self) -> None:
        """End the children."""
        refuter, self._refuter = self._refuter, None
        if refuter is not None:
            with contextlib.suppress(BackendError):
                await refuter.close()
        asked, self._unwanted = self._unwanted, None
        if asked is not None:
            asked.cancel()
            with contextlib.suppress(asyncio.CancelledError, BackendError):
                await asked
        await self._drop()


def _plain(parts: Sequence[Part]) -> list[list[str]]:
    return [[p.label, p.text, p.language] for p in parts]
