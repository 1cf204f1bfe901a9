"""Files that are at any moment absent, the old ones or complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lemmata.errors import StoreError, UsageError


def check(path: Path, option: str) -> None:
    """Find out, before any work is done for it, whether a file can be written.

    Args:
        path: the file; missing folders are made.
        option: the option that names it.

    Raises:
        UsageError: it cannot.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        with _beside(path):
            pass
    except OSError as error:
        why = error.strerror or error
        raise UsageError(f"cannot write {path}: {why}", hint=f"choose another {option}") from error


def write(path: Path, text: str, option: str) -> None:
    """Write a file.

    Args:
        path: the file; missing folders are made.
        text: what it is to hold; what UTF-8 has no bytes for is written as an escape.
        option: the option that says where it goes.

    Raises:
        StoreError: it cannot be written.
    """
    try:
        with _beside(path) as partial:
            partial.write_text(text, "utf-8", "backslashreplace")
            partial.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}", hint=f"choose another {option}") from error


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Make an empty file in the same folder, and see to it that it does not stay there."""
    partial = path.with_name(f".{path.name[:200]}.{os.getpid()}.{os.urandom(4).hex()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial.touch(exist_ok=False)
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)
