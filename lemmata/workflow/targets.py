"""Targets: what `FILE[:SELECTOR]` on the command line means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lemmata.errors import InputError, Location, UsageError
from lemmata.goal import Obligation
from lemmata.protocols import Catalogue, Checker, Selector


@dataclass(frozen=True, slots=True)
class Target:
    """A file and, where only one of its obligations is wanted, the selector."""

    text: str
    """The target as the user wrote it."""
    path: Path
    selector: str | None = None

    @property
    def suffix(self) -> str:
        """Ending of the file's name in lower case, `.c` for example; it decides which checker is asked."""
        return self.path.suffix.lower()


def parse(text: str) -> Target:
    """Split `FILE[:SELECTOR]`; the longest prefix that exists as a file wins, so file names may contain colons.

    Args:
        text: the target as written.

    Raises:
        UsageError: the target is empty.
        InputError: no such file, or it is a folder or a device.
    """
    if not text or "\0" in text:
        raise UsageError("a target is empty or contains a null character", hint="name a file: FILE[:SELECTOR]")
    cut = len(text)
    while cut > 0:
        path = Path(text[:cut])
        if _is_file(path, text):
            return Target(text, path, text[cut + 1 :] or None)
        cut = text.rfind(":", 0, cut)
    raise _missing(text)


def _is_file(path: Path, text: str) -> bool:
    try:
        if path.is_file():
            return True
        if str(path) == str(Path(text)) and path.is_dir():
            raise InputError(
                "is a folder", hint=f"name the files in it, for example {path}/*.c", location=Location(str(path))
            )
        if path.exists() and not path.is_dir():
            raise InputError("not a regular file", hint="name a file", location=Location(str(path)))
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"cannot be read: {reason}", hint="check the path", location=Location(str(path))) from error
    return False


def _missing(text: str) -> InputError:
    head, _, tail = text.rpartition(":")
    # `name.c:main` reads as a selector only when the tail could be one.
    path = head if head and "/" not in tail else text
    return InputError("no such file", hint="check the spelling", location=Location(path))


async def read(checker: Checker, target: Target, options: Mapping[str, str]) -> list[Obligation]:
    """Return the obligations that a target names.

    Args:
        checker: the one that is responsible for the file.
        target: without a selector, it stands for all open obligations of its file.
        options: for reading the file.

    Raises:
        InputError: the file cannot be read, has nothing to prove, or nothing with that name.
    """
    if target.selector is not None and isinstance(checker, Selector):
        return [await checker.select(target.path, target.selector, options)]
    found = await checker.obligations(target.path, options)
    if not found and isinstance(checker, Catalogue):
        raise InputError(
            "nothing is open in this file",
            hint=f"FILE:NAME names a theorem to prove again; `lemmata list --all {target.path}` shows them",
            location=Location(str(target.path)),
        )
    return select(target, found)


def select(target: Target, obligations: Iterable[Obligation]) -> list[Obligation]:
    """Return the obligations that the target's selector names, all of them where it has none.

    A selector is an obligation's name, or `NAME@LINE` with the line it stands on.

    Raises:
        InputError: the file has nothing to prove, or nothing with that name.
    """
    found = list(obligations)
    if not found:
        raise InputError("nothing to prove in this file", hint="add an assertion", location=Location(str(target.path)))
    if target.selector is None:
        return found
    name, _, line = target.selector.rpartition("@")
    chosen = [obligation for obligation in found if obligation.name == target.selector] or [
        obligation for obligation in found if (obligation.name, str(obligation.location.line)) == (name, line)
    ]
    if not chosen:
        names = ", ".join(obligation.name for obligation in found[:8])
        raise InputError(
            f"no obligation is called {target.selector!r}",
            hint=f"this file has: {names}{', ...' if len(found) > 8 else ''}",
            location=Location(str(target.path)),
        )
    return chosen
