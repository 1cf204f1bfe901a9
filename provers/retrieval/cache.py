"""A folder of indexes that are made once and then mapped into memory by everybody.

An entry is a folder of files named after the digest of what it was made from. It is written beside its place and
renamed into it, so nobody ever sees half of one; of several builders the first wins, and the others use its entry or
their own. A manifest holds each file's digest: an entry that was cut short or altered counts as none and is replaced.
A cache that cannot be written is no reason to fail: the index is then made again next time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

MANIFEST = "manifest.json"
MOST_BYTES = 4 << 30
"""Entries that were not used for longest are dropped when there is more than this."""
_BLOCK = 1 << 20
_STALE_SECONDS = 86_400.0


def default_folder() -> Path:
    """Return the user's folder for indexes."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("lemmata")) / "retrieval"


class Cache:
    """Entries by key.

    Args:
        folder: where they are kept; None is the user's folder. Made when it is needed.
        most_bytes: size that the cache is kept under.
    """

    def __init__(self, folder: Path | None = None, most_bytes: int = MOST_BYTES) -> None:
        self.folder = default_folder() if folder is None else folder
        self._most_bytes = most_bytes

    def load(self, key: str, read: Callable[[Path], T]) -> T | None:
        """Return an entry as `read` makes it from its folder, None where there is none that is whole."""
        place = self.folder / key
        try:
            if not _whole(place):
                return None
            found = read(place)
            # What was used last is dropped last.
            os.utime(place)
        except (OSError, ValueError, KeyError, TypeError, EOFError):
            return None
        return found

    def store(self, key: str, write: Callable[[Path], None]) -> bool:
        """Make an entry from what `write` puts into a folder; say whether a whole one is there now."""
        place = self.folder / key
        made: Path | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            made = Path(tempfile.mkdtemp(prefix=".making-", dir=self.folder))
            write(made)
            (made / MANIFEST).write_text(json.dumps(_digests(made)), "utf-8")
            self._move_in(made, place)
        except OSError:
            return False
        finally:
            if made is not None:
                shutil.rmtree(made, ignore_errors=True)
        self._trim(place)
        return True

    def _move_in(self, made: Path, place: Path) -> None:
        for _ in range(8):
            try:
                made.rename(place)
            except OSError:
                if _whole(place):
                    return
                self._discard(place)
            else:
                return
        raise OSError(f"{place} cannot be replaced")

    def _discard(self, place: Path) -> None:
        """Take an entry away in one move, so that nobody reads what is half deleted."""
        away = Path(tempfile.mkdtemp(prefix=".gone-", dir=self.folder))
        with contextlib.suppress(OSError):
            place.rename(away / "entry")
        shutil.rmtree(away, ignore_errors=True)

    def _trim(self, newest: Path) -> None:
        with contextlib.suppress(OSError):
            # What a builder that was killed has left behind.
            for path in self.folder.glob(".*-*"):
                if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)
        with contextlib.suppress(OSError):
            used = sorted((p.stat().st_mtime, _size(p), p) for p in self.folder.iterdir() if p.name[:1] != ".")
            total = sum(size for _, size, _ in used)
            for _, size, place in used:
                if total <= self._most_bytes:
                    break
                if place != newest:
                    self._discard(place)
                    total -= size


def _whole(place: Path) -> bool:
    """Say whether an entry's files are those that were written."""
    try:
        wanted = json.loads((place / MANIFEST).read_text("utf-8"))
        return isinstance(wanted, dict) and wanted == _digests(place)
    except (OSError, ValueError):
        return False


def _digests(place: Path) -> dict[str, str]:
    found = {}
    for path in sorted(place.iterdir()):
        if path.name == MANIFEST:
            continue
        hashed = hashlib.blake2b(digest_size=16)
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                hashed.update(block)
        found[path.name] = hashed.hexdigest()
    return found


def _size(place: Path) -> int:
    return sum(path.stat().st_size for path in place.iterdir())
