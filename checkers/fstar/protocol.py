"""One `fstar.exe --ide` process: queries in, answers and issues out, one JSON object a line.

The protocol is that of FStarLang/FStar, `src/interactive/FStarC.Interactive.Ide.fst` and the wiki page "Editor support
for F*": the first object is `protocol-info` with the features; an answer carries the `query-id` of its query; messages
come in between, and so does other output, which is no JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkers.process import Confinement, Supervisor
from lemmata.errors import BackendCrashed, BackendError, LimitExceeded
from lemmata.verdict import Limits

_OUTPUT_CAP = 64 << 20
_MOST_NOISE = 64 << 20
"""Most bytes of messages and other output before an answer."""
_FAREWELL_SECONDS = 1.0
_WRONG = frozenset({"error", "not-implemented"})
_KNOWN_LEVELS = _WRONG | {"warning", "info"}
_GRANTED = frozenset({240, 272, 296, 335})
"""Numbers of warnings for what is taken for granted: a `val` without definition, an effect at top level, a tactic that
gave up, an escape hatch."""


class Overran(Exception):
    """A query ran out of time; the process was killed."""


@dataclass(frozen=True, slots=True)
class Issue:
    """An error or warning."""

    level: str
    """`error`, `warning`, `info` or `not-implemented`."""
    number: int | None
    message: str
    file: str
    """Empty where it has no place."""
    line: int
    """From 1; 0 where it has no place."""
    column: int
    """From 0, as F* counts."""

    @property
    def wrong(self) -> bool:
        """Whether what was checked is refused; what is not known counts as that."""
        return self.level in _WRONG or self.level not in _KNOWN_LEVELS


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one query."""

    status: str
    """`success`, `failure` or `protocol-violation`."""
    response: Any
    issues: tuple[Issue, ...]
    """Of a `push` or `peek`."""

    @property
    def pushed(self) -> bool:
        """Whether a `push` has to be popped again."""
        return self.status == "success"

    @property
    def accepted(self) -> bool:
        """Whether what was pushed holds: a success may have errors inside."""
        return self.status == "success" and not any(issue.wrong for issue in self.issues)

    @property
    def granted(self) -> bool:
        """Whether something was taken for granted, as far as warnings tell."""
        return any(issue.number in _GRANTED for issue in self.issues)

    @property
    def error(self) -> str:
        """The first error in one line, empty where there is none."""
        for issue in self.issues:
            if issue.wrong:
                return " ".join(issue.message.split()) or "error"
        if self.status == "success":
            return ""
        return " ".join(self.response.split()) if isinstance(self.response, str) else f"{self.status} without a reason"


class Ide:
    """A live process; one task at a time may use it. Made by `Ide.start`."""

    def __init__(self, supervisor: Supervisor, command: Sequence[str], folder: Path, limits: Limits) -> None:
        self._child = supervisor.spawn(
            command,
            Limits(None, None, limits.memory_bytes, limits.file_bytes),
            Confinement(directory=folder, network=False),
            output_cap=_OUTPUT_CAP,
        )
        self._last = 0
        self.features: frozenset[str] = frozenset()
        """What it says it can do; empty where it does not say."""

    @classmethod
    async def start(
        cls, supervisor: Supervisor, command: Sequence[str], folder: Path, limits: Limits, seconds: float | None
    ) -> Ide:
        """Start a process in a folder and wait for its greeting, `seconds` at most.

        Raises:
            Overran: it did not come.
            BackendError: it cannot be started, died, or speaks something else.
        """
        ide = cls(supervisor, command, folder, limits)
        try:
            async with asyncio.timeout(seconds):
                greeting = await ide._object()
        except TimeoutError:
            await ide.close()
            raise Overran from None
        except BaseException:
            await ide.close()
            raise
        if greeting.get("kind") != "protocol-info":
            await ide.close()
            raise BackendCrashed("fstar.exe does not begin with protocol-info")
        features = greeting.get("features")
        if isinstance(features, list):
            ide.features = frozenset(text for text in features if isinstance(text, str))
        if ide.features and not {"push", "pop"} <= ide.features:
            await ide.close()
            raise BackendError("this fstar.exe has no push and pop", hint="install a newer F*")
        return ide

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._child.alive

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    def can(self, feature: str) -> bool:
        """Say whether it has a feature; what it does not speak of is not relied on."""
        return feature in self.features

    async def query(self, query: str, args: Mapping[str, Any], seconds: float | None) -> Answer:
        """Send a query and return its answer.

        Raises:
            Overran: `seconds` were over; the process is gone.
            BackendError: it died, or broke the protocol; it is gone.
        """
        self._last += 1
        ident = str(self._last)
        request = {"query-id": ident, "query": query, "args": dict(args)}
        data = (json.dumps(request) + "\n").encode("utf-8", "surrogateescape")
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(data, ident)
        except TimeoutError:
            await self.close()
            raise Overran from None
        except BaseException:
            # What comes late could be taken for the next answer.
            await self.close()
            raise

    async def push(self, code: str, line: int, column: int, seconds: float | None, kind: str = "full") -> Answer:
        """Check a fragment and keep it where it is accepted; arguments and errors as of `query`.

        Args:
            code: the fragment.
            line: of its first character in the file, from 1.
            column: of the same, from 0.
            seconds: wall-clock limit.
            kind: `full` or `lax`.
        """
        return await self.query("push", {"kind": kind, "code": code, "line": line, "column": column}, seconds)

    async def _exchange(self, data: bytes, ident: str) -> Answer:
        if not self._child.alive:
            raise self._death(partial=False)
        writing = asyncio.create_task(self._child.write(data))
        try:
            while True:
                answer = await self._object()
                if answer.get("kind") != "response":
                    continue
                if answer.get("query-id") != ident:
                    raise BackendCrashed("fstar.exe answered a query that was not asked")
                return understand(answer)
        finally:
            writing.cancel()
            await asyncio.wait({writing})

    async def _object(self) -> dict[str, Any]:
        """Return the next line that is a JSON object."""
        size = 0
        while size <= _MOST_NOISE:
            line = await self._child.read_line()
            if not line.endswith(b"\n"):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._child.wait(), _FAREWELL_SECONDS)
                await self._child.kill()
                raise self._death(partial=bool(line))
            size += len(line)
            try:
                value = json.loads(line.decode()) if line.lstrip().startswith(b"{") else None
            except UnicodeDecodeError:
                raise BackendCrashed("fstar.exe writes bytes that are no text") from None
            except (ValueError, RecursionError):
                value = None
            if isinstance(value, dict):
                return value
            if b"\0" in line:
                raise BackendCrashed("fstar.exe writes bytes that are no text")
        raise BackendCrashed("fstar.exe writes too much before its answer")

    def _death(self, *, partial: bool) -> BackendError:
        ended = self._child.exit
        cause = (ended.cause or f"exited with code {ended.code}") if ended else "ended"
        where = " in the middle of an answer" if partial else ""
        if ended is not None and ended.limit:
            return LimitExceeded(f"fstar.exe: {cause}{where}", hint="raise the limit or simplify the input")
        return BackendCrashed(f"fstar.exe: {cause}{where}")

    async def close(self) -> None:
        """End the process with its solver; safe to call twice."""
        await self._child.kill()


def understand(answer: Mapping[str, Any]) -> Answer:
    """Read an answer.

    Raises:
        BackendCrashed: it is not in the protocol.
    """
    status = answer.get("status")
    if status not in ("success", "failure", "protocol-violation"):
        raise BackendCrashed("fstar.exe gave an answer without a status")
    response = answer.get("response")
    issues: list[Issue] = []
    if isinstance(response, list):
        issues = [found for item in response if (found := issue(item)) is not None]
    return Answer(status, response, tuple(issues))


def issue(value: Any) -> Issue | None:
    """Read one issue, None where the value is something else, such as a completion."""
    if not isinstance(value, dict) or not isinstance(value.get("level"), str):
        return None
    number, message = value.get("number"), value.get("message")
    file, line, column = "", 0, 0
    match value.get("ranges"):
        case [{"fname": str(file), "beg": [int(line), int(column)]}, *_]:
            pass
        case _:
            file, line, column = "", 0, 0
    return Issue(
        value["level"],
        number if isinstance(number, int) else None,
        message if isinstance(message, str) else json.dumps(message),
        file,
        line,
        column,
    )
