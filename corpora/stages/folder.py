"""A stage's folder: who may write to it, what it is for, and which tasks are done."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from corpora.stages import lines
from lemmata.errors import InputError, StoreError, UsageError
from lemmata.goal import digest

SCHEMA = "lemmata.stage/1"
_LONGEST_NAME = 120


class Folder:
    """The folder of one stage, while a run has it for itself; made by `Folder.held`.

    Args:
        path: of the folder, which exists.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts = path / "parts"
        self.journal = path / "journal.jsonl"
        self.done: dict[str, Mapping[str, Any]] = {}
        """What the journal says of each task."""
        self.end: Mapping[str, Any] | None = None
        """What the journal says of the whole, where the stage is finished."""

    @classmethod
    @contextlib.contextmanager
    def held(cls, path: Path, identity: Mapping[str, Any]) -> Iterator[Folder]:
        """Take a folder for as long as the block runs.

        Args:
            path: a new or empty folder, or that of an earlier run of the same stage.
            identity: all that the result depends on; JSON values only.

        Raises:
            UsageError: it belongs to another stage, another run is at work in it, or it holds something else.
            StoreError: it cannot be written to.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
            lock = os.open(path / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError(f"cannot write to {path}: {error.strerror}", hint="name another folder") from None
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                hint = "wait for it, or name another folder"
                raise UsageError(f"another run is at work in {path}", hint=hint) from None
            folder = cls(path)
            folder._claim(identity)
            folder._read()
            yield folder
        finally:
            os.close(lock)

    def _claim(self, identity: Mapping[str, Any]) -> None:
        """Write down what the folder is for, or see that it is for the same."""
        place = self.path / "stage.json"
        wanted = json.loads(json.dumps({"schema": SCHEMA, **identity}))
        if not place.exists():
            if any(found.name not in (".lock", ".stage.json.part") for found in self.path.iterdir()):
                raise UsageError(f"{self.path} holds other files", hint="name a new or empty folder")
            lines.text(place, json.dumps(wanted, indent=1, ensure_ascii=False) + "\n")
            return
        try:
            known = json.loads(place.read_text("utf-8"))
        except (OSError, ValueError):
            known = None
        if known == wanted:
            return
        if not isinstance(known, dict):
            raise UsageError(f"{place} is no description of a stage", hint="name a new or empty folder")
        names = sorted(key for key in {*known, *wanted} if known.get(key) != wanted.get(key))
        raise UsageError(
            f"{self.path} is from a run with another {_difference(known, wanted, names)}",
            hint="name another folder, or remove this one",
        )

    def _read(self) -> None:
        """Read the journal; a line that was being written when the run was killed is cut off."""
        self.parts.mkdir(exist_ok=True)
        try:
            raw = self.journal.read_bytes() if self.journal.exists() else b""
            whole = raw[: raw.rfind(b"\n") + 1]
            if len(whole) < len(raw):
                os.truncate(self.journal, len(whole))
        except OSError as error:
            raise StoreError(f"cannot read {self.journal}: {error.strerror}") from None
        if not raw:
            return
        for _, entry in lines.read(self.journal):
            key = entry.get("task")
            if entry.get("outcome") == "finished":
                self.end = entry
            elif isinstance(key, str) and entry.get("digest") == lines.digest(self.part(key)):
                self.done[key] = entry
        if self.end is not None:
            for name, expected in self.end["files"].items():
                if lines.digest(self.path / name) != expected:
                    raise InputError(
                        f"{self.path / name} is not what the stage wrote", hint="remove the folder and run again"
                    )

    def part(self, key: str) -> Path:
        """Return where the part of a task lies."""
        name = quote(key, safe=" +=,()")
        if len(name) > _LONGEST_NAME:
            name = f"{name[:_LONGEST_NAME]}~{digest(key)}"
        return self.parts / f"{name}.jsonl"

    def note(self, entry: Mapping[str, Any]) -> None:
        """Add a line to the journal.

        Raises:
            StoreError: it cannot be written.
        """
        try:
            with self.journal.open("ab", buffering=0) as file:
                file.write(lines.line(entry))
        except OSError as error:
            raise StoreError(f"cannot write {self.journal}: {error.strerror}", hint="free some space") from None
        if "task" in entry:
            self.done[entry["task"]] = entry

    def finish(self, entry: Mapping[str, Any]) -> None:
        """Write down that the stage is finished; its parts are needed no more."""
        self.note({"outcome": "finished", **entry})
        self.end = entry
        self.tidy()

    def tidy(self) -> None:
        """Remove the parts of a finished stage."""
        shutil.rmtree(self.parts, ignore_errors=True)


def _difference(known: Mapping[str, Any], wanted: Mapping[str, Any], names: list[str]) -> str:
    """Say what differs, for a message: `seed (0, now 1)`, or names of settings."""
    found = []
    for name in names:
        before, now = known.get(name), wanted.get(name)
        if isinstance(before, dict) and isinstance(now, dict):
            found += [f"{key}" for key in sorted({*before, *now}) if before.get(key) != now.get(key)]
        else:
            found.append(f"{name} ({before}, now {now})")
    return ", ".join(found[:4]) or "description"
