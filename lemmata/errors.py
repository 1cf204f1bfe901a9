"""The one exception hierarchy of Lemmata.

Every error a user can meet is a `LemmataError`: it knows its exit code (see the CLI contract in
`docs/design.md`), where it happened and what the user can do about it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a source file; lines and columns count from 1, column 0 means unknown."""

    file: str
    line: int = 0
    column: int = 0

    @classmethod
    def at(cls, file: str, text: str, offset: int) -> Location:
        """Return the place of an offset in a file's text."""
        return cls(file, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))

    def __str__(self) -> str:
        if not self.line:
            return self.file
        if not self.column:
            return f"{self.file}:{self.line}"
        return f"{self.file}:{self.line}:{self.column}"


class LemmataError(Exception):
    """Something a user can act on went wrong.

    Args:
        message: what happened, without a trailing period.
        hint: what to do about it, empty when there is nothing to do.
        location: where in a source file, when it is about one.
    """

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "", location: Location | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.location = location

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{place}error: {self.message}{hint}"


class UsageError(LemmataError):
    """The command line or a setting does not make sense; `lemmata COMMAND --help` shows what does."""


class InputError(LemmataError):
    """An input file cannot be read or parsed; the message says where and the hint what to change."""


class UnsupportedError(InputError):
    """The input uses a construct Lemmata does not model; it refuses rather than guess its meaning."""


class CertificateError(LemmataError):
    """A certificate is not well-formed or was altered; prove the obligation again to get a new one."""

    exit_code = 1


class StoreError(LemmataError):
    """The store cannot be read or written: a full disk, wrong permissions, or not a Lemmata store."""

    exit_code = 4


class BackendError(LemmataError):
    """A checker or prover is missing or broken; `lemmata doctor` says which and how to mend it."""

    exit_code = 4


class BackendMissing(BackendError):
    """A backend is not installed; the hint is the command that installs it."""


class BackendCrashed(BackendError):
    """A backend process died or broke its protocol; its step is lost, the search goes on."""


class LimitExceeded(BackendError):
    """A child process was killed because it went over a limit; raise the limit or simplify the input."""


class GraphError(LemmataError):
    """A proof graph is inconsistent: a bug in Lemmata; please report it with the certificate or run."""

    exit_code = 4
