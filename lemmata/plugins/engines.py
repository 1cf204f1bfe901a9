"""Engines that others wrote, in processes that are warm before they are asked: peers of a benchmark."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from lemmata.errors import BackendError, LimitExceeded, UsageError
from lemmata.protocols import Launcher, RpcClient
from lemmata.verdict import Limits

_MODULES: Mapping[str, str] = MappingProxyType({"programs": "provers.symbolic.engines"})
"""By proof system: what serves the engines that work for it."""
_WARM_SECONDS = 30.0
_GRACE_SECONDS = 1.0
"""How much longer than its limit an engine may take until its process is ended."""


def serves(system: str) -> bool:
    """Say whether peers for a proof system are engines, rather than tactics of its assistant."""
    return system in _MODULES


class Engines:
    """A pool of warm processes; a process answers one question at a time and is kept for the next.

    Args:
        launcher: starts the processes.
        memory_bytes: limit of each.
    """

    def __init__(self, launcher: Launcher, memory_bytes: int | None) -> None:
        self._launcher = launcher
        self._limits = Limits(None, None, memory_bytes)
        self._idle: dict[str, list[RpcClient]] = {}
        self._names: dict[str, tuple[str, ...]] = {}

    async def check(self, system: str, names: tuple[str, ...]) -> None:
        """Make sure that a proof system has all of these engines.

        Raises:
            UsageError: it has not.
            BackendError: they cannot be started.
        """
        child = await self._take(system)
        self._idle[system].append(child)
        unknown = [name for name in names if name not in self._names[system]]
        if unknown:
            raise UsageError(
                f"--peer {unknown[0]}: there is no such engine", hint=f"known are {', '.join(self._names[system])}"
            )

    async def ask(self, system: str, name: str, problem: Any, seconds: float) -> dict[str, Any]:
        """Ask one engine.

        Args:
            system: the proof system.
            name: of the engine.
            problem: as the engines take it; for programs an encoded transition system.
            seconds: the engine's time limit.

        Returns:
            `verdict`, `seconds` that the engine took, and where it decided nothing the `reason`.
        """
        try:
            child = await self._take(system)
        except BackendError as error:
            return {"verdict": "unknown", "seconds": 0.0, "reason": error.message}
        try:
            body = {"engine": name, "system": problem, "seconds": seconds}
            said = await child.request("solve", body, seconds + _GRACE_SECONDS)
        except LimitExceeded:
            await _end(child)
            return {"verdict": "unknown", "seconds": seconds, "reason": "time is up"}
        except BackendError as error:
            await _end(child)
            return {"verdict": "unknown", "seconds": 0.0, "reason": " ".join(error.message.split())[:300]}
        except BaseException:
            await _end(child)
            raise
        self._idle[system].append(child)
        took = round(float(said["seconds"]), 4)
        verdict = {"safe": "proved", "unsafe": "disproved"}.get(said["answer"], "unknown")
        if verdict != "unknown" and took > seconds:
            return {"verdict": "unknown", "seconds": took, "reason": f"answered after {took:.1f} s"}
        return {"verdict": verdict, "seconds": took, **({"reason": said["reason"]} if verdict == "unknown" else {})}

    async def _take(self, system: str) -> RpcClient:
        idle = self._idle.setdefault(system, [])
        if idle:
            return idle.pop()
        child = await self._launcher.start(["-m", _MODULES[system]], self._limits)
        try:
            self._names[system] = tuple(await child.request("warm", {}, _WARM_SECONDS))
        except BaseException:
            await _end(child)
            raise
        return child

    async def close(self) -> None:
        """End every process."""
        for idle in self._idle.values():
            while idle:
                await _end(idle.pop())


async def _end(child: RpcClient) -> None:
    with contextlib.suppress(BackendError):
        await child.close()
