"""The processes of a verification: compile a text, ask about it, check the compiled file again; each one fresh.

Answers to questions never come from standard output, to which a proof's own tactics can print: Coq writes each one to a
file whose name was drawn after the proof was loaded (`Redirect`, "Vernacular commands" in the reference manual).
"""

from __future__ import annotations

import contextlib
import re
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from checkers.coq.installation import Installation
from checkers.coq.project import Flags
from checkers.process import Child, Confinement, Exit, Supervisor
from checkers.runs import Run, RunFailed, completed
from lemmata.errors import LimitExceeded
from lemmata.verdict import Limits

_OUTPUT_CAP = 8 << 20
_ERROR = re.compile(r'^File "[^"\n]*", line (\d+), characters (\d+)-\d+:\n(Error:.*)', re.M | re.S)
_CHECKER_FLAGS = {"-Q": 2, "-R": 2, "-impredicative-set": 0, "-indices-matter": 0}


class Workspace:
    """Runs Coq on texts of one file, each in a folder of its own.

    Args:
        folder: private; whoever makes it removes it.
        supervisor: starts the processes.
        installation: which Coq.
        flags: how the file is compiled.
        limits: of each process.
        shown: how messages call the file.
    """

    def __init__(
        self,
        folder: Path,
        supervisor: Supervisor,
        installation: Installation,
        flags: Flags,
        limits: Limits,
        shown: str,
    ) -> None:
        self.folder = folder
        self._supervisor = supervisor
        self._installation = installation
        self.flags = flags
        self._limits = limits
        self._shown = shown
        self._prefix, _, self._stem = flags.top.rpartition(".")

    def _file(self, text: str, purpose: str) -> Path:
        folder = self.folder / purpose
        folder.mkdir()
        file = folder / f"{self._stem}.v"
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
        return file

    def _spawn(self, command: Sequence[str], folder: Path) -> Child:
        limits = self._limits
        confinement = Confinement(network=False, directory=folder, environment={"TMPDIR": str(folder)})
        return self._supervisor.spawn(command, limits, confinement, output_cap=_OUTPUT_CAP)

    async def _complete(self, command: Sequence[str], folder: Path) -> Run:
        child = self._spawn(command, folder)
        ended, output, stderr = await completed(child, self._limits.wall_seconds)
        return self._run(command, ended, output, stderr)

    def _run(self, command: Sequence[str], ended: Exit, output: str, stderr: str) -> Run:
        error = ""
        if not ended.ok:
            error = f"{Path(command[0]).name}: {ended.cause or f'exit code {ended.code}'}"
            if not ended.limit:
                error = self._message(stderr) or error
        return Run(ended.ok, error, bool(ended.limit), output + stderr, ended.seconds)

    def _message(self, stderr: str) -> str:
        """Return the last error that Coq wrote, on one line."""
        start = stderr.rfind("\nError:")
        start = stderr.rfind("File ", 0, max(start, 0) + 1)
        found = _ERROR.search(stderr, max(start, 0))
        if found is None:
            return " ".join(stderr[stderr.rfind("Error:") :].split())[:500] if "Error:" in stderr else ""
        text = " ".join(found[3].split())[:500]
        return f"{self._shown}:{found[1]}:{int(found[2]) + 1}: {text}"

    async def compile(self, text: str, purpose: str) -> tuple[Run, Path]:
        """Compile a text; the compiled file is at the path where the run is `ok`."""
        file = self._file(text, purpose)
        command = [*self._installation.compiler, "-q", *self.flags.arguments, *self._mapping(file.parent), str(file)]
        run = await self._complete(command, file.parent)
        compiled = file.with_suffix(".vo")
        if run.ok and not compiled.is_file():
            run = replace(run, ok=False, error="coqc wrote no compiled file")
        return run, compiled

    def _mapping(self, folder: Path) -> list[str]:
        # This, not `-top`, is what gives the compiled file its logical name.
        return ["-Q", str(folder), self._prefix]

    async def recheck(self, compiled: Path) -> Run | None:
        """Have the independent checker read a compiled file; None where there is none."""
        if not self._installation.checker:
            return None
        arguments: list[str] = []
        words = list(self.flags.arguments)
        while words:
            word = words.pop(0)
            if word in _CHECKER_FLAGS:
                arguments += [word, *words[: _CHECKER_FLAGS[word]]]
        mapping = self._mapping(compiled.parent)
        command = [*self._installation.checker, "-silent", "-o", *arguments, *mapping, "-norec", self.flags.top]
        return await self._complete(command, compiled.parent)

    @asynccontextmanager
    async def loaded(self, text: str, purpose: str, compiled: Path | None = None) -> AsyncIterator[Questions]:
        """Load a text, which may leave modules and sections open, and take questions about what it left.

        Args:
            text: what is loaded.
            purpose: names the folder it is loaded from.
            compiled: a compiled file that the text can load in its turn, None where the text is the file's own.

        Raises:
            RunFailed: Coq refuses the text, or a limit was hit.
        """
        file = self._file(text, purpose)
        command = [
            *self._installation.toplevel,
            *("-q", "-color", "no", "-top", "Lemmata_questions" if compiled else self.flags.top),
            *self.flags.arguments,
            *(self._mapping(compiled.parent) if compiled else ()),
            *("-l", str(file)),
        ]
        began = time.monotonic()
        child = self._spawn(command, file.parent)
        if self._limits.wall_seconds is not None:
            child.kill_after(self._limits.wall_seconds)
        questions = Questions(child, self.folder)
        try:
            if not await questions.settle():
                run = self._run(command, await child.wait(), "", child.stderr_tail)
                raise RunFailed(run.error or "coqtop ended before its first answer", limited=run.limited)
            questions.loading_seconds = time.monotonic() - began
            yield questions
        finally:
            await child.kill()


class Questions:
    """A loaded toplevel that answers queries."""

    def __init__(self, child: Child, folder: Path) -> None:
        self._child = child
        self._folder = folder
        self.loading_seconds = 0.0
        """Seconds until it was ready."""

    async def ask(self, query: str) -> str:
        """Return what a query prints, nothing where Coq refuses it.

        Raises:
            RunFailed: the process ends before its answer.
        """
        name = self._folder / f"answer-{secrets.token_hex(16)}"
        await self._child.write(f'Redirect "{name}" {query}\n'.encode("utf-8", "surrogateescape"))
        if not await self.settle():
            ended = await self._child.wait()
            raise RunFailed(f"coqtop ended before its answer: {ended.cause or ended.code}", limited=bool(ended.limit))
        file = name.with_name(name.name + ".out")
        return file.read_text("utf-8", "surrogateescape") if file.is_file() else ""

    async def tell(self, command: str) -> None:
        """Give a command that prints nothing."""
        await self._child.write(f"{command}\n".encode())

    async def settle(self) -> bool:
        """Wait until everything given so far is done; False where the process ends first."""
        mark = f"lemmata_{secrets.token_hex(16)}"
        await self._child.write(f"Locate {mark}.\n".encode())
        with contextlib.suppress(LimitExceeded):
            return (await self._child.read_until(mark.encode())).endswith(mark.encode())
        return False
