"""The protocol of the Isabelle server: messages over TCP, commands, and tasks that finish later.

Chapter "The Isabelle server" of the Isabelle system manual: a message is a line, or a line with a number of bytes and
then so many bytes; it is a name and a JSON value. A command is answered by `OK` or `ERROR`; some start a task, which
says `NOTE` from time to time and `FINISHED` or `FAILED` in the end, each with the task's identifier.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from lemmata import strict_json
from lemmata.errors import BackendCrashed, BackendError, LimitExceeded

LONGEST = 64 << 20
"""Most bytes of one message."""

_LINE = 1 << 20
"""Most bytes of a message that is one line."""
_BLANK_LINES = 64
_MOST_NOTES = 100_000
"""Most notifications of one task."""
_MESSAGE = re.compile(r"([A-Za-z0-9_.]+)[ \t]*(.*)", re.S)
_REPLIES = frozenset({"OK", "ERROR", "FINISHED", "FAILED", "NOTE"})


class CommandRefused(BackendError):
    """The server does not take a command, or a task of it failed; the message is the server's."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the server."""

    name: str
    argument: Any
    """A JSON value; None where there is none."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int
    password: str


class Connection:
    """An open connection, past the password.

    One command or task at a time; whoever shares it has to take turns. What goes wrong on the wire closes it.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.alive = True
        """Whether it can still be used."""

    @classmethod
    async def open(cls, address: Address, seconds: float) -> Connection:
        """Connect and give the password.

        Raises:
            BackendCrashed: nobody listens there, or the password is refused.
        """
        connection: Connection | None = None
        try:
            async with asyncio.timeout(seconds):
                reader, writer = await asyncio.open_connection(address.host, address.port, limit=_LINE)
                connection = cls(reader, writer)
                await connection._greet(address.password)
        except BaseException as error:
            if connection is not None:
                await connection.close()
            if isinstance(error, OSError):  # which a TimeoutError is too
                why = str(error) or "no answer"
                raise BackendCrashed(f"the Isabelle server cannot be reached: {why}") from None
            raise
        return connection

    async def _greet(self, password: str) -> None:
        await self._write(password)
        while (greeting := await self._receive()).name == "NOTE":
            pass
        if greeting.name != "OK":
            raise BackendCrashed("the Isabelle server refuses the password")

    async def command(self, name: str, arguments: Mapping[str, Any] | None, seconds: float) -> Any:
        """Give a command and return its immediate answer.

        Args:
            name: of the command.
            arguments: a JSON object, None where the command takes none.
            seconds: until the answer.

        Raises:
            CommandRefused: the server says `ERROR`.
            BackendCrashed: the connection is lost, or what comes is not in the protocol.
            LimitExceeded: no answer in time.
        """
        async with self._exchange(name, seconds):
            return await self._command(name, arguments)

    async def task(self, name: str, arguments: Mapping[str, Any], seconds: float | None, grace: float = 2.0) -> Any:
        """Give a command that starts a task, and return what the task finished with.

        Args:
            name: of the command.
            arguments: a JSON object.
            seconds: from the command to the task's end; None waits for ever.
            grace: seconds that a task which is cancelled because its time is over has for ending; after that the
                connection is closed.

        Raises:
            CommandRefused: the server refuses the command, or the task failed.
            TimeoutError: the time was over and the task was cancelled; the connection is good.
            BackendCrashed: the connection is lost, or what comes is not in the protocol.
            LimitExceeded: the task does not end though it was cancelled.
        """
        task = ""
        deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
        async with self._exchange(name, None):
            try:
                async with asyncio.timeout_at(deadline):
                    task = _identifier(await self._command(name, arguments))
                    return await self._finished(task)
            except TimeoutError:
                if not task:
                    raise _late(name, seconds or 0.0) from None
            await self._cancel(task, grace)
        raise TimeoutError

    async def _cancel(self, task: str, grace: float) -> None:
        """End a task."""
        try:
            async with asyncio.timeout(grace):
                await self._write("cancel " + json.dumps({"task": task}))
                with contextlib.suppress(CommandRefused):
                    await self._finished(task, answered=False)
        except TimeoutError:
            raise LimitExceeded("the Isabelle server does not end a task that was cancelled") from None

    async def _command(self, name: str, arguments: Mapping[str, Any] | None) -> Any:
        await self._write(name if arguments is None else f"{name} {json.dumps(arguments)}")
        for _ in range(_MOST_NOTES):
            message = await self._receive()
            match message.name:
                case "OK":
                    return message.argument
                case "ERROR":
                    raise CommandRefused(_said(message.argument))
            # What a task says that ended before may come late.
        raise BackendCrashed("the Isabelle server does not stop talking")

    async def _finished(self, task: str, *, answered: bool = True) -> Any:
        """Return what a task finishes with; the answer to a `cancel` on the way is passed over."""
        for _ in range(_MOST_NOTES):
            message = await self._receive()
            own = isinstance(message.argument, dict) and message.argument.get("task") == task
            match message.name:
                case "FINISHED" if own:
                    if not answered:
                        await self._answer()
                    return message.argument
                case "FAILED" if own:
                    if not answered:
                        await self._answer()
                    raise CommandRefused(_said(message.argument))
                case "OK" | "ERROR" if answered:
                    raise BackendCrashed("the Isabelle server answers what it was not asked")
                case "OK" | "ERROR":
                    answered = True
        raise BackendCrashed("the Isabelle server does not stop talking")

    async def _answer(self) -> None:
        while (await self._receive()).name not in ("OK", "ERROR"):
            pass

    @contextlib.asynccontextmanager
    async def _exchange(self, name: str, seconds: float | None) -> AsyncIterator[None]:
        """Close the connection where an exchange is not carried to its end."""
        if not self.alive:
            raise BackendCrashed("the connection to the Isabelle server is closed")
        try:
            async with asyncio.timeout(seconds):
                yield
        except (CommandRefused, TimeoutError) as error:
            if isinstance(error, TimeoutError) and seconds is not None:
                await self.close()
                raise _late(name, seconds) from None
            raise
        except BaseException:
            await self.close()
            raise

    async def _write(self, text: str) -> None:
        try:
            self._writer.write(text.encode("utf-8", "surrogateescape") + b"\n")
            await self._writer.drain()
        except OSError as error:
            raise BackendCrashed(f"the connection to the Isabelle server is lost: {error}") from None

    async def _receive(self) -> Message:
        """Read one message."""
        try:
            data = await self._read()
        except asyncio.IncompleteReadError as error:
            half = " in the middle of a message" if error.partial else ""
            raise BackendCrashed(f"the Isabelle server closed the connection{half}") from None
        except (asyncio.LimitOverrunError, ValueError):
            raise BackendCrashed("the Isabelle server sends a line that does not end") from None
        except OSError as error:
            raise BackendCrashed(f"the connection to the Isabelle server is lost: {error}") from None
        return _message(data)

    async def _read(self) -> bytes:
        for _ in range(_BLANK_LINES):
            line = (await self._reader.readuntil(b"\n")).rstrip(b"\r\n")
            if line.isdigit():
                if len(line) > 12 or int(line) > LONGEST:
                    raise LimitExceeded(f"the Isabelle server announces a message of {line[:20].decode()} bytes")
                return (await self._reader.readexactly(int(line))).rstrip(b"\r\n")
            if line:
                return line
        raise BackendCrashed("the Isabelle server sends blank lines only")

    async def close(self) -> None:
        """Close it; the server then cancels its tasks. Safe to call twice."""
        self.alive = False
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                await self._writer.wait_closed()


def _message(data: bytes) -> Message:
    shown = data[:80].decode("utf-8", "replace")
    try:
        found = _MESSAGE.fullmatch(data.decode())
        if found is None or found[1] not in _REPLIES:
            raise ValueError
        return Message(found[1], strict_json.parse(found[2]) if found[2].strip() else None)
    except (ValueError, RecursionError):
        raise BackendCrashed(f"the Isabelle server's answer is not in the protocol: {shown!r}") from None


def _identifier(argument: Any) -> str:
    match argument:
        case {"task": str(task)} if task:
            return task
    raise BackendCrashed("the Isabelle server starts a task without saying which")


def _said(argument: Any) -> str:
    match argument:
        case str(text) | {"message": str(text)}:
            return " ".join(text.split())[:500] or "refused"
    return "refused"


def _late(name: str, seconds: float) -> LimitExceeded:
    return LimitExceeded(f"the Isabelle server gave no answer to {name} within {seconds:.4g} s")
