"""The processes of a verification: compile a text, audit compiled modules, check them again; each one fresh.

Lean's messages are read as JSON, one a line (`lean --json`); their `severity` counts, never their text. What an audit
finds comes in a file whose name no compiled program could know.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from checkers.lean.audit_program import program
from checkers.lean.installation import Installation
from checkers.lean.project import Project
from checkers.process import Confinement, Exit, Supervisor
from checkers.runs import Run, RunFailed, completed
from lemmata.verdict import Limits

MODULE = "LemmataModule"
"""The name of every module that a verification compiles."""

_OUTPUT_CAP = 16 << 20


class Workspace:
    """Runs Lean on texts of one file, each in a folder of its own.

    Args:
        folder: private; whoever makes it removes it.
        supervisor: starts the processes.
        installation: which Lean.
        project: how the file is compiled.
        limits: of each process.
        shown: how messages call the file.
    """

    def __init__(
        self,
        folder: Path,
        supervisor: Supervisor,
        installation: Installation,
        project: Project,
        limits: Limits,
        shown: str,
    ) -> None:
        self.folder = folder
        self._supervisor = supervisor
        self._installation = installation
        self._project = project
        self._limits = limits
        self._shown = shown
        self._paths = os.environ.get("LEAN_PATH", "")

    async def prepare(self) -> None:
        """Ask Lake where the project's compiled modules are; nothing is asked for a file outside of any project.

        Raises:
            RunFailed: Lake is missing or says nothing.
        """
        root = self._project.root
        if not root:
            return
        if not self._installation.lake:
            raise RunFailed("the file belongs to a Lake project, and there is no lake")
        if not Path(root).is_dir():
            raise RunFailed(f"the project's folder is gone: {root}")
        run = await self._complete([self._installation.lake, "env", "printenv", "LEAN_PATH"], Path(root), {})
        if not run.ok or not run.output.strip():
            raise RunFailed(run.error or "lake env does not tell LEAN_PATH", limited=run.limited)
        self._paths = run.output.strip().splitlines()[-1]

    async def compile(self, text: str, purpose: str) -> tuple[Run, Path]:
        """Compile a text; the compiled module is at the path where the run is `ok`."""
        folder = self.folder / purpose
        folder.mkdir()
        file = folder / f"{MODULE}.lean"
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
        compiled = file.with_suffix(".olean")
        command = [self._installation.lean, "--json", *self._project.arguments, "-o", str(compiled), str(file)]
        run = self._judged(await self._complete(command, folder, self._environment(self._paths)))
        if run.ok and not compiled.is_file():
            run = dataclasses.replace(run, ok=False, error="lean wrote no compiled module")
        return run, compiled

    async def audit(self, request: Mapping[str, Any], purpose: str, *, parts: bool) -> tuple[Run, Mapping[str, Any]]:
        """Have a program of ours read compiled modules.

        Args:
            request: see `checkers.lean.audit_program`.
            purpose: names the folder.
            parts: whether the modules come in several files, as those that begin with `module` do.

        Returns:
            How it ended, and what it wrote; nothing where it is not what was asked for.
        """
        folder = self.folder / purpose
        folder.mkdir()
        (folder / "Audit.lean").write_text(program(parts=parts), encoding="utf-8")
        nonce = secrets.token_hex(16)
        answer = folder / f"answer-{secrets.token_hex(16)}"
        asked = {**request, "nonce": nonce, "answer": str(answer), "paths": self._search_path()}
        (folder / "request.json").write_text(json.dumps(asked), encoding="utf-8")
        command = [self._installation.lean, "--run", str(folder / "Audit.lean"), str(folder / "request.json")]
        # Without the project's own modules, none of which can then stand in for one of Lean's.
        run = await self._complete(command, folder, self._environment(""))
        if not run.ok:
            return run, {}
        try:
            told = json.loads(answer.read_bytes())
        except (OSError, ValueError, RecursionError):
            return dataclasses.replace(run, ok=False, error="the audit program gave no answer"), {}
        if not isinstance(told, dict) or told.get("nonce") != nonce:
            return dataclasses.replace(run, ok=False, error="the audit program answered something else"), {}
        return dataclasses.replace(run, output=json.dumps(told, sort_keys=True)), told

    async def recheck(self, compiled: Path) -> Run | None:
        """Have the independent checker replay a compiled module in the kernel; None where there is none."""
        if not self._installation.checker:
            return None
        paths = os.pathsep.join(filter(None, [str(compiled.parent), self._paths]))
        return await self._complete([*self._installation.checker, MODULE], compiled.parent, self._environment(paths))

    def _search_path(self) -> list[str]:
        return [part for part in self._paths.split(os.pathsep) if part]

    def _environment(self, paths: str) -> dict[str, str]:
        return {"LEAN_PATH": paths}

    async def _complete(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Run:
        limits = self._limits
        confinement = Confinement(
            network=False, directory=folder, environment={"TMPDIR": str(self.folder), **environment}
        )
        child = self._supervisor.spawn(command, limits, confinement, output_cap=_OUTPUT_CAP)
        return _run(command, *await completed(child, limits.wall_seconds))

    def _judged(self, run: Run) -> Run:
        """Return how a compilation ended: well only where Lean exits with 0 and writes messages only, none an error."""
        sorries: list[int] = []
        for line in run.output.splitlines():
            if not line.strip():
                continue
            message = _message(line)
            if message is None:
                if run.ok:
                    run = dataclasses.replace(run, ok=False, error="lean wrote something that is no message")
                continue
            at = message.get("pos")
            position = at if isinstance(at, dict) else {}
            if message["severity"] == "error":
                return dataclasses.replace(run, ok=False, error=run.error if run.limited else self._shown_as(message))
            if message.get("kind") == "hasSorry" and isinstance(position.get("line"), int):
                sorries.append(position["line"])
        return dataclasses.replace(run, sorries=tuple(sorries))

    def _shown_as(self, message: Mapping[str, Any]) -> str:
        text = " ".join(str(message.get("data", "")).split())[:500]
        match message.get("pos"):
            case {"line": int() as line, "column": int() as column}:
                return f"{self._shown}:{line}:{column + 1}: {text}"
        return f"{self._shown}: {text}"


def module_files(compiled: Path) -> list[str]:
    """Return the files of a compiled module: sources that begin with `module` give three, all others one."""
    rest = [compiled.with_suffix(f".olean.{part}") for part in ("server", "private")]
    return [str(compiled), *(str(file) for file in rest if file.is_file())]


def _message(line: str) -> dict[str, Any] | None:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    known = isinstance(message, dict) and message.get("severity") in (
        "error",
        "warning",
        "information",
        "info",
        "trace",
    )
    return message if known else None


def _run(command: Sequence[str], ended: Exit, output: str, stderr: str) -> Run:
    error = ""
    if not ended.ok:
        error = f"{Path(command[0]).name}: {ended.cause or f'exit code {ended.code}'}"
        said = " ".join((stderr or output).split())[-300:]
        if said and not ended.limit:
            error += f": {said}"
    return Run(ended.ok, error, bool(ended.limit), output, ended.seconds)
