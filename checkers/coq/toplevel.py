"""One `coqtop -emacs` process: sentences in, what it printed and its state number out.

In this mode every sentence is answered by its output and a prompt `<prompt>name < STATE |...| DEPTH < </prompt>`; the
state number grows with each sentence that succeeds, and `BackTo STATE.` returns to an earlier one (reference manual,
"The Coq commands" and "Proof General" notes in the developers' documentation).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from checkers.coq.installation import Installation
from checkers.coq.project import Flags
from checkers.process import Confinement, Supervisor
from lemmata.errors import BackendCrashed, LimitExceeded
from lemmata.verdict import Limits

INTERRUPT_SECONDS = 1.0
"""How long Coq may take to react to an interrupt before it is killed."""

_GRACE_SECONDS = 0.05
"""How long an abandoned sentence may run to its end: an interrupt that comes between two sentences can end Coq."""
_AGAIN_SECONDS = 0.2
"""How long until the next interrupt is sent."""
_OUTPUT_CAP = 64 << 20
"""Most bytes that one sentence may print."""

_END = b"</prompt>"
_PROMPT = re.compile(r"(?:\A|\n)<prompt>[^<\n]*< (\d+) \|[^\n]*\| \d+ < </prompt>\Z")
"""A prompt begins a line; what a step prints, or an error quotes, may hold the same words elsewhere."""
_ERROR = re.compile(r"^(?:Error|Anomaly|User interrupt|Timeout!|Syntax error|Stack overflow|Out of memory)", re.M)
_INFO = re.compile(r"</?(?:infomsg|warning)>")


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one sentence."""

    text: str
    """What was printed before the prompt."""
    state: int
    """State number after it."""
    failed: bool
    """Whether the sentence was refused; the state is then what it was before."""
    at: float
    """When it came, by `time.monotonic`."""

    @property
    def error(self) -> str:
        """The error message in one line, empty where there is none."""
        found = _ERROR.search(self.text)
        return " ".join(self.text[found.start() :].removeprefix("Error:").split()) if found else ""


class Interrupted(Exception):
    """A sentence ran out of time and Coq was interrupted; the process is in order, in an unknown state."""


class Toplevel:
    """A live process; one task at a time may use it. Made by `Toplevel.start`."""

    def __init__(self, supervisor: Supervisor, installation: Installation, flags: Flags, limits: Limits) -> None:
        arguments = [*installation.toplevel, "-q", "-emacs", *flags.arguments, "-top", flags.top]
        # Prompts go to the standard error: one pipe keeps them in order with the rest.
        self._child = supervisor.spawn(
            ["/bin/sh", "-c", 'exec "$0" "$@" 2>&1', *arguments],
            Limits(None, None, limits.memory_bytes, limits.file_bytes),
            Confinement(private_directory=True, network=False),
            output_cap=_OUTPUT_CAP,
        )
        self.state = 0
        self._behind = False
        """Whether answers are still to come, because whoever waited for them was cancelled."""

    @classmethod
    async def start(
        cls, supervisor: Supervisor, installation: Installation, flags: Flags, limits: Limits, seconds: float | None
    ) -> Toplevel:
        """Start Coq and wait for its first prompt, `seconds` at most.

        Raises:
            BackendError: it cannot be started.
        """
        coq = cls(supervisor, installation, flags, limits)
        try:
            async with asyncio.timeout(seconds):
                await coq._reply()
        except TimeoutError:
            await coq.close()
            raise LimitExceeded(f"coqtop does not start within {seconds:g} s") from None
        except BaseException:
            await coq.close()
            raise
        return coq

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._child.alive

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    @property
    def resident_bytes(self) -> int:
        """Its resident size, 0 where that is not known."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    async def run(self, sentences: Sequence[str], seconds: float | None) -> list[Reply]:
        """Send sentences all at once and collect an answer for each; a refused one does not stop those after it.

        Args:
            sentences: complete sentences, each with its final dot.
            seconds: wall-clock limit for all of them.

        Raises:
            Interrupted: the time ran out; Coq goes on, in whatever state the sentences left.
            BackendError: the process is gone, or did not react to the interrupt and was killed.
        """
        if self._behind and not await self._interrupt():
            raise BackendCrashed("coqtop was killed: an abandoned step ignored the interrupt")
        self._behind = True
        try:
            async with asyncio.timeout(seconds):
                replies = await self._exchange(sentences)
        except TimeoutError:
            if await self._interrupt():
                raise Interrupted from None
            what = f"coqtop was killed: a step took over {seconds:g} s and ignored the interrupt"
            raise LimitExceeded(what) from None
        self._behind = False
        return replies

    async def _exchange(self, sentences: Sequence[str]) -> list[Reply]:
        data = "\n".join(sentences).encode("utf-8", "surrogateescape") + b"\n"
        if len(data) < 4096:
            await self._child.write(data)
            return [await self._reply() for _ in sentences]
        writing = asyncio.create_task(self._child.write(data))
        try:
            return [await self._reply() for _ in sentences]
        finally:
            writing.cancel()
            await asyncio.wait({writing})

    async def _reply(self) -> Reply:
        raw, found = bytearray(), None
        while found is None:
            if len(raw) > _OUTPUT_CAP:
                await self._child.kill()
                raise BackendCrashed("coqtop printed too much and was killed")
            try:
                more = await self._child.read_until(_END)
            except LimitExceeded:
                raise BackendCrashed("coqtop printed too much and was killed") from None
            if not more.endswith(_END):
                # Its output ends a little before it does, and its own end tells more than ours.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._child.wait(), INTERRUPT_SECONDS)
                ended = await self._child.kill()
                what = f"coqtop ended: {ended.cause or f'exit code {ended.code}'}"
                raise LimitExceeded(what) if ended.limit else BackendCrashed(what)
            raw += more
            tail = raw[max(raw.rfind(b"\n"), 0) :].decode("utf-8", "replace")
            found = _PROMPT.search(tail)
        text = raw.decode("utf-8", "replace")
        state = int(found[1])
        body = _INFO.sub("", text[: text.rfind("<prompt>")])
        failed = state == self.state and _ERROR.search(body) is not None
        self.state = state
        return Reply(body, state, failed, time.monotonic())

    async def _interrupt(self) -> bool:
        """Interrupt Coq until it answers a sentence again; False where it does not, and was killed."""
        try:
            async with asyncio.timeout(INTERRUPT_SECONDS):
                answers = await self._synchronise(_GRACE_SECONDS)
                while not answers:
                    os.kill(self.pid, signal.SIGINT)
                    answers = await self._synchronise(_AGAIN_SECONDS)
        except (TimeoutError, ProcessLookupError):
            await self._child.kill()
            return False
        self._behind = False
        return True

    async def _synchronise(self, seconds: float) -> bool:
        """Ask something and read up to its answer; False where that does not come in time."""
        mark = secrets.token_hex(8)
        # Whatever the state is, this is refused with its name in the message; a reader that is interrupted loses a
        # character, which is then one of the first.
        await self._child.write(f"\n Check lemmata_{mark}.\n".encode())
        try:
            async with asyncio.timeout(seconds):
                while mark not in (await self._reply()).text:
                    pass
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """End the process; safe to call twice."""
        await self._child.kill()
