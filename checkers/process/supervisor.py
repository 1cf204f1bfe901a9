"""Keeps account of child processes, so that none outlives its purpose, and runs one-shot ones."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from checkers.process.causes import Exit
from checkers.process.child import OUTPUT_CAP, Child, spawn
from checkers.process.limits import Confinement
from checkers.process.rpc import RpcChild
from lemmata.errors import LimitExceeded
from lemmata.verdict import Limits

_DEFAULT_LIMITS = Limits()
_UNCONFINED = Confinement()


@dataclass(frozen=True, slots=True)
class Finished:
    """What a one-shot command did."""

    stdout: bytes
    stderr: str
    """The last 64 KiB."""
    exit: Exit

    @property
    def seconds(self) -> float:
        """Wall time from start to end."""
        return self.exit.seconds


class Supervisor:
    """Starts children and ends all that are left when it is closed; a context manager, asynchronous or not.

    It is also a `lemmata.protocols.Launcher`. Children left over when the program ends are ended then.

    Args:
        confinement: for every child that is not given another.
    """

    def __init__(self, confinement: Confinement = _UNCONFINED) -> None:
        self._confinement = confinement
        self._children: set[Child] = set()

    @property
    def live(self) -> tuple[Child, ...]:
        """The children that still run, in the process that started them: a forked copy of it has none."""
        self._children = {child for child in self._children if child.alive and child.owned}
        return tuple(self._children)

    def spawn(
        self,
        command: Sequence[str],
        limits: Limits = _DEFAULT_LIMITS,
        confinement: Confinement | None = None,
        *,
        output_cap: int = OUTPUT_CAP,
    ) -> Child:
        """Start a command; arguments and errors as of `checkers.process.spawn`."""
        child = spawn(command, limits, confinement or self._confinement, output_cap=output_cap)
        self._children = {other for other in self._children if other.alive} | {child}
        return child

    async def start(self, arguments: Sequence[str], limits: Limits, variables: Sequence[str] = ()) -> RpcChild:
        """Start a Python child that speaks `lemmata.rpc`.

        Args:
            arguments: what follows `python`, for example `["-m", "lemmata.host", "package.module:Class"]`.
            limits: resource limits for its whole life; `wall_seconds` is left to each request.
            variables: names of environment variables of ours that it gets too, where they are set.

        Raises:
            BackendError: it cannot be started.
        """
        passed = {name: os.environ[name] for name in variables if name in os.environ}
        environment = {**self._confinement.environment, **passed}
        confinement = dataclasses.replace(self._confinement, environment=environment)
        # -P: a module in the directory the child works in must not stand in for one of ours.
        child = self.spawn([sys.executable, "-P", *arguments], limits, confinement)
        return RpcChild(child, name="python" if "-c" in arguments else arguments[-1])

    async def close(self) -> None:
        """End every child that is left, with its group; safe to call twice."""
        left = self.live
        for child in left:
            child.kill_now()
        loop = asyncio.get_running_loop()
        for child in left:
            if child.loop is loop:
                await child.wait()
            else:
                child.end_now()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self.live:
            child.end_now()


async def run_once(
    command: Sequence[str],
    input: bytes = b"",  # noqa: A002 - the word of `subprocess.run`
    limits: Limits = _DEFAULT_LIMITS,
    *,
    confinement: Confinement = _UNCONFINED,
    output_cap: int = OUTPUT_CAP,
) -> Finished:
    """Run a command to its end and return what it wrote and how it ended; hitting a limit is an end, not an error.

    Args:
        command: program and arguments; never given to a shell.
        input: all of its standard input.
        limits: all of them count, `wall_seconds` from its start.
        confinement: directory, environment, network, process count.
        output_cap: most bytes of standard output; more kills it.

    Raises:
        BackendMissing: there is no such program.
        BackendError: it cannot be started for another reason.
    """
    child = spawn(command, limits, confinement, output_cap=output_cap)
    stdout = b""
    try:
        if limits.wall_seconds is not None:
            child.kill_after(limits.wall_seconds)
        async with asyncio.TaskGroup() as group:
            group.create_task(_feed(child, input))
            with contextlib.suppress(LimitExceeded):  # it is in the exit's cause too
                stdout = await child.read_all()
            ended = await child.wait()
    finally:
        if child.alive:
            await child.kill()
    return Finished(stdout, child.stderr_tail, ended)


async def _feed(child: Child, data: bytes) -> None:
    await child.write(data)
    child.close_stdin()


async def call_once(
    module: str,
    method: str,
    params: Mapping[str, Any],
    limits: Limits = _DEFAULT_LIMITS,
    *,
    confinement: Confinement = _UNCONFINED,
) -> Any:
    """Start `python -m module`, send it one request, end it, and return the result.

    Args:
        module: a module that calls `lemmata.rpc.serve`.
        method: name of the handler in the child.
        params: JSON values.
        limits: all of them count; `wall_seconds` covers start-up and answer together.
        confinement: directory, environment, network, process count.

    Raises:
        LemmataError: as of `RpcChild.request`.
    """
    async with Supervisor(confinement) as supervisor:
        child = await supervisor.start(["-m", module], limits)
        return await child.request(method, params, limits.wall_seconds)
