"""The processes of a verification: `isabelle build` of a session of its own, in a private folder, each one fresh.

"The Isabelle build tool" in the Isabelle system manual; its exit code says whether every proof of the session was
checked. What the theories say of themselves goes to files that only the process knows.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from checkers.isabelle.distribution import check_session, check_theory
from checkers.isabelle.installation import Installation
from checkers.isabelle.project import Project, folders
from checkers.isabelle.symbols import encoded
from checkers.process import Confinement, Supervisor
from checkers.runs import Run, completed
from lemmata.verdict import Limits

_OUTPUT_CAP = 16 << 20
_ERROR = re.compile(r"^\*\*\* ?(.*)$", re.M)


class Workspace:
    """Builds theories, each in a folder and a session of its own.

    Args:
        folder: private; whoever makes it removes it.
        supervisor: starts the processes.
        installation: which Isabelle.
        project: the session that they start from.
        copies: the theories that are imported from files, by name.
        limits: `wall_seconds` of each process; neither memory nor file size can be bounded, as images that are missing
            are built on the way.
    """

    def __init__(
        self,
        folder: Path,
        supervisor: Supervisor,
        installation: Installation,
        project: Project,
        copies: Mapping[str, str],
        limits: Limits,
    ) -> None:
        self.folder = folder
        self._supervisor = supervisor
        self._installation = installation
        self._project = project
        self._copies = copies
        self._limits = limits

    def answer(self, purpose: str) -> Path:
        """Return a name for a file in which a build tells something."""
        return self.folder / f"{purpose}-{secrets.token_hex(16)}"

    async def build(self, purpose: str, theories: Mapping[str, str], main: str, *, lenient: bool = False) -> Run:
        """Build theories.

        Args:
            purpose: names the folder.
            theories: texts by name, beside those that are imported from files.
            main: the one that is asked for.
            lenient: whether `sorry` is accepted where the text does not say otherwise.

        Raises:
            InputError: the name of a theory or session makes no sense.
        """
        folder = self.folder / purpose
        folder.mkdir()
        for name, text in {**self._copies, **theories}.items():
            check_theory(name, name)
            # The server reads Unicode, the build takes it for signs without a meaning.
            (folder / f"{name}.thy").write_bytes(encoded(text).encode("utf-8", "surrogateescape"))
        session = f"Lemmata_{secrets.token_hex(8)}"
        sorry = f"quick_and_dirty={'true' if lenient else 'false'}"
        (folder / "ROOT").write_text(self._root(session, main, sorry.replace("=", " = ")), encoding="utf-8")
        defining = [argument for one in folders(self._project) for argument in ("-d", one)]
        command = [
            self._installation.program,
            "build",
            "-c",
            "-o",
            "document=false",
            "-o",
            sorry,
            "-o",
            "skip_proofs=false",
        ]
        return await self._run([*command, *defining, "-d", str(folder), session], folder)

    def _root(self, session: str, main: str, sorry: str) -> str:
        for name in (self._project.logic, *self._project.sessions):
            check_session(name)
        further = "".join(f' "{name}"' for name in self._project.sessions)
        lines = [
            f'session {session} = "{self._project.logic}" +',
            f"  options [document = false, {sorry}, skip_proofs = false]",
            *([f"  sessions{further}"] if further else []),
            f'  theories "{main}"',
        ]
        return "\n".join(lines) + "\n"

    async def _run(self, command: list[str], folder: Path) -> Run:
        confinement = Confinement(directory=folder, environment={"TMPDIR": str(folder)})
        bounded = Limits(self._limits.wall_seconds, None, None, None)
        child = self._supervisor.spawn(command, bounded, confinement, output_cap=_OUTPUT_CAP)
        ended, output, stderr = await completed(child, bounded.wall_seconds)
        text = output + stderr
        error = ""
        if not ended.ok:
            error = f"isabelle build: {ended.cause or f'exit code {ended.code}'}"
            if not ended.limit:
                error = " ".join(" ".join(_ERROR.findall(text)).split())[:500] or error
        return Run(ended.ok, error, bool(ended.limit), text, ended.seconds)
