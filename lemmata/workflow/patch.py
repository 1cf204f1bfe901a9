"""Writing proofs into the files they were found for, so that the file compiles afterwards or is what it was."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemmata import certificate as certificates
from lemmata.certificate import Certificate
from lemmata.errors import BackendError, InputError, LemmataError, Location, StoreError, UsageError
from lemmata.plugins import discovery
from lemmata.plugins.wiring import Workbench
from lemmata.protocols import Patcher
from lemmata.verdict import Verdict
from lemmata.workflow import edits, targets
from lemmata.workflow.edits import Edit
from lemmata.workflow.results import Result, error_json

_COMPILE_SECONDS = 300.0
"""A whole file gets at least this long; it may hold much more than was proved."""


@dataclass(frozen=True, slots=True)
class Patched:
    """What became of one source file."""

    file: str
    obligations: tuple[str, ...]
    """Those whose proofs stand in the file now."""
    error: LemmataError | None = None
    """Why some, or all, are not there."""

    def to_json(self) -> dict[str, Any]:
        """Return the entry of this file in the `written` member of a `lemmata.result/1` document."""
        error = None if self.error is None else error_json(self.error)
        return {"file": self.file, "obligations": list(self.obligations), "error": error}


def check(bench: Workbench, names: Iterable[str]) -> None:
    """Raise `UsageError` where a target's system has no source files that a proof could be written into."""
    for name in names:
        try:
            checker = bench.checker_for(targets.parse(name).path)
        except LemmataError:
            continue  # The run itself tells what is wrong with this target.
        if not isinstance(checker, Patcher):
            can = ", ".join(_systems(bench))
            raise UsageError(
                f"--write: a proof of {name} is not text that belongs in the file",
                hint=f"it is for {can}" if can else "no checker that is installed can do it",
            )


def _systems(bench: Workbench) -> Iterator[str]:
    for name in discovery.available(discovery.CHECKERS):
        with contextlib.suppress(BackendError):
            if isinstance(bench.checker(name), Patcher):
                yield name


class Patches:
    """Collects proofs while a run goes on and writes them at its end.

    Args:
        bench: checkers and settings.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._proofs: dict[tuple[str, str], Certificate] = {}
        self._unread: list[Patched] = []

    def add(self, result: Result, certificate: Certificate | None) -> None:
        """Take a result; one of an earlier run comes without its certificate, which is read again."""
        if result.verdict is not Verdict.PROVED:
            return
        try:
            if certificate is None and result.certificate:
                certificate = certificates.load(Path(result.certificate))
        except LemmataError as error:
            self._unread.append(Patched(result.target, (), error))
        if certificate is not None:
            # One theorem may be the target twice; its first proof does.
            self._proofs.setdefault((certificate.absolute_path, certificate.obligation.key), certificate)

    async def write(self) -> list[Patched]:
        """Write the proofs into their files and have each file compiled; return what became of each."""
        files: dict[Path, list[Certificate]] = {}
        for proof in self._proofs.values():
            files.setdefault(Path(os.path.realpath(proof.absolute_path)), []).append(proof)
        found = []
        for path, proofs in files.items():
            proofs.sort(key=lambda proof: proof.obligation.location)
            shown = proofs[0].obligation.location.file
            try:
                found.append(await _File(self._bench, path, shown).write(proofs))
            except OSError as error:
                why = StoreError(
                    f"the proofs cannot be written: {error.strerror or error}",
                    hint="check the permissions and the space on the disk",
                    location=Location(shown),
                )
                found.append(Patched(shown, (), why))
            except LemmataError as error:
                found.append(Patched(shown, (), error))
        return [*self._unread, *found]


class _File:
    """One source file while proofs are written into it."""

    def __init__(self, bench: Workbench, path: Path, shown: str) -> None:
        self._bench = bench
        self._path = path
        self._shown = shown

    async def write(self, proofs: Sequence[Certificate]) -> Patched:
        """Write those proofs that have a place; raise `LemmataError` where the file had to be left as it was."""
        original = text = _read(self._path)
        backup: Path | None = None
        written: list[str] = []
        homeless: list[str] = []
        history: list[Sequence[Edit]] = []
        try:
            for proof in proofs:
                since = [edits.difference(proof.obligation.source, original), *history]
                new = await self._placed(proof, text, since)
                if new is None or _read(self._path) != text:
                    homeless.append(proof.obligation.name)
                    continue
                if new != text:
                    backup = backup or _back_up(self._path)
                    _replace(self._path, new)
                    history.append(edits.difference(text, new))
                    text = new
                written.append(proof.obligation.name)
            if backup is not None:
                await self._confirm(text, proofs[0].obligation.system, backup)
        except BaseException:
            # Whoever changed the file in the meantime keeps that change, and has the backup for the rest.
            if backup is not None and _read(self._path) == text:
                os.replace(backup, self._path)
            raise
        if backup is not None:
            backup.unlink()
        return Patched(self._shown, tuple(written), self._changed(homeless) if homeless else None)

    async def _placed(self, proof: Certificate, text: str, since: Sequence[Sequence[Edit]]) -> str | None:
        """Return the file's text with one more proof, None where its place is not what it was."""
        source = proof.obligation.source
        moved = edits.carry(edits.difference(source, proof.artefact), since)
        if moved is None:
            return None
        if text == source:
            return proof.artefact
        return await self._again(proof, text, since) or edits.apply(text, moved)

    async def _again(self, proof: Certificate, text: str, since: Sequence[Sequence[Edit]]) -> str | None:
        """Return the artefact that the checker makes of a proof in the file as it is now.

        It may differ from the merged text: the last hole of a theorem to be filled also closes the theorem.
        """
        where = proof.obligation.location
        start = edits.offset(proof.obligation.source, where.line, where.column)
        point = None if start is None else edits.carry([Edit(start, start, "")], since)
        if not point:
            return None
        here = edits.place(text, point[0].start)
        checker = self._bench.checker(proof.obligation.system)
        try:
            still_open = await checker.obligations(self._path, self._bench.options(checker.name))
            same = [o for o in still_open if (o.location.line, o.location.column) == here and o.source == text]
            new = checker.artefact(same[0], proof.steps) if len(same) == 1 else None
        except LemmataError:
            return None
        # What an artefact has at its top may be there already, from the proof before.
        top = text[: text.find("\n") + 1]
        twice = new is not None and bool(top) and new.startswith(2 * top) and not text.startswith(2 * top)
        return new[len(top) :] if new is not None and twice else new

    async def _confirm(self, text: str, system: str, backup: Path) -> None:
        """Raise `LemmataError` where the file does not compile as a whole."""
        checker = self._bench.checker(system)
        if not isinstance(checker, Patcher):
            raise UsageError(f"--write is not for {system}")
        limits = self._bench.limits(max(self._bench.settings.timeout, _COMPILE_SECONDS))
        problem = await checker.compiles(text, self._path, self._bench.options(system), limits)
        if _read(self._path) != text:
            raise InputError(
                "somebody else wrote the file while the proofs were put into it",
                hint=f"it is left as it is; {backup.name} is what it was before",
                location=Location(self._shown),
            )
        if problem:
            raise BackendError(
                f"the file does not compile with the proofs, and is left as it was: {' '.join(problem.split())[:500]}",
                hint="each certificate holds its proof by itself",
                location=Location(self._shown),
            )

    def _changed(self, names: Sequence[str]) -> InputError:
        return InputError(
            f"no place for the proof of {', '.join(names)}: the file changed since it was read",
            hint="prove it again",
            location=Location(self._shown),
        )


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")


def _back_up(path: Path) -> Path:
    """Copy a file beside itself, never over another."""
    number = 0
    while True:
        backup = path.with_name(f"{path.name}.orig{number or ''}")
        try:
            backup.open("xb").close()
        except FileExistsError:
            number += 1
            continue
        shutil.copy2(path, backup)
        return backup


def _replace(path: Path, text: str) -> None:
    """Put a text in a file's place, at once and with the file's permissions."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, name)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
