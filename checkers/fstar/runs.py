"""Runs of `fstar.exe` on whole files, in a private folder, with nothing of the file's own from earlier runs."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from checkers.fstar.installation import Installation
from checkers.fstar.project import Flags, file_name
from checkers.process import Confinement, run_once
from checkers.process.causes import Exit
from checkers.runs import Run
from lemmata.errors import InputError
from lemmata.verdict import Limits

STRICT = ("--report_assumes", "error", "--warn_error", "@240@272@296@335")
"""What is taken for granted is an error: escape hatches (335), a `val` without definition (240), effects at top level
(272), goals that a tactic gives up (296). `--cache_off` does not go with it: F*'s own library would be refused."""
LENIENT = ("--report_assumes", "warn", "--warn_error", "+240@272@296")
"""For files in which something is granted that may be: a `val` without definition is then a warning."""
_MOST_FILES = 50_000
_OUTPUT_CAP = 16 << 20
_MODULE_FILE = re.compile(r"(?P<module>[\w.']+)\.fsti?(?:\.checked)?")


@dataclass(frozen=True, slots=True)
class FileRun(Run):
    """How a run on a whole file ended."""

    refused: bool = False
    """Whether F* itself refused the file: no limit was hit, and nothing killed it."""


@dataclass
class Workspace:
    """A private folder for the runs on one file.

    Args:
        folder: exists and is empty.
        installation: which F* runs.
        flags: the options that the file is compiled with.
        limits: of each run.
        path: where the file lies; its folder need not exist.
        interface: the text of its interface, empty where it has none.
    """

    folder: Path
    installation: Installation
    flags: Flags
    limits: Limits
    path: Path
    interface: str
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _mirrors: list[str] | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, text: str, *options: str) -> FileRun:
        """Have a text checked as if it stood in the file.

        Raises:
            BackendError: F* cannot be started.
        """
        async with self._turn:
            if self._mirrors is None:
                self._mirrors = await asyncio.to_thread(self._mirror)
        name = file_name(self.path)
        work = self.folder / f"run{next(self._numbers)}"
        work.mkdir()
        (work / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        if self.interface and self.path.suffix == ".fst":
            (work / f"{self.path.stem}.fsti").write_bytes(self.interface.encode("utf-8", "surrogateescape"))
        folders = [word for mirror in self._mirrors for word in ("--include", mirror)]
        command = [self.installation.program, *self.flags.arguments, *folders, *options, name]
        done = await run_once(
            command, limits=self.limits, confinement=Confinement(directory=work, network=False), output_cap=_OUTPUT_CAP
        )
        said = done.stdout.decode("utf-8", "replace") + done.stderr
        ended = done.exit
        limited = bool(ended.limit)
        return FileRun(
            ok=ended.ok,
            error="" if ended.ok else _first_error(said, ended),
            limited=limited,
            output=said,
            seconds=ended.seconds,
            refused=ended.code == 1 and not limited,
        )

    def sources(self) -> dict[str, list[Path]]:
        """Return the sources of the modules that the file can see, by module, without those that are its own."""
        found: dict[str, list[Path]] = {}
        for folder in _expanded([self.path.parent, *map(Path, self.flags.includes)]):
            for file in sorted(folder.iterdir()):
                parts = _MODULE_FILE.fullmatch(file.name)
                if parts and file.suffix != ".checked" and parts["module"].lower() != self.path.stem.lower():
                    found.setdefault(parts["module"], []).append(file)
        return found

    def _mirror(self) -> list[str]:
        """Make folders of links to the modules that the file can see, without any that is the file's own.

        A compiled form of the very text that is to be checked would be believed.
        """
        found: list[str] = []
        count = 0
        for number, folder in enumerate(_expanded([self.path.parent, *map(Path, self.flags.includes)])):
            mirror = self.folder / f"include{number}"
            mirror.mkdir()
            found.append(str(mirror))
            for file in sorted(folder.iterdir()):
                parts = _MODULE_FILE.fullmatch(file.name)
                if parts is None or parts["module"].lower() == self.path.stem.lower():
                    continue
                count += 1
                if count > _MOST_FILES:
                    raise InputError("the folders of the project hold too many modules", hint="name fewer of them")
                (mirror / file.name).symlink_to(file.resolve())
        return found


def _expanded(folders: list[Path]) -> Iterator[Path]:
    """Yield folders that exist, and those that an `fstar.include` in them names."""
    seen: set[Path] = set()
    rest = list(folders)
    while rest:
        folder = rest.pop(0)
        try:
            folder = folder.resolve()
            if folder in seen or not folder.is_dir():
                continue
            seen.add(folder)
            listing = folder / "fstar.include"
            lines = listing.read_text("utf-8").splitlines() if listing.is_file() else []
        except (OSError, UnicodeDecodeError):
            continue
        rest += [folder / line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
        yield folder


def _first_error(said: str, ended: Exit) -> str:
    """Return the first error for people to read; nothing is decided by it."""
    if ended.limit:
        return ended.cause
    lines = said.splitlines()
    for number, line in enumerate(lines):
        if "rror" in line:
            return " ".join(" ".join(lines[number : number + 4]).split())[:400]
    return ended.cause
