"""The conditions of a proof as SMT-LIB files in a folder that the user names."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from lemmata import certificate as certificates
from lemmata.certificate import Certificate
from lemmata.errors import Location, StoreError, UsageError
from lemmata.workflow import pages

OPTION = "--emit-smt2"
_ENDING = ".smt2"


def prepare(folder: Path) -> None:
    """Make the folder, and find out before any work is done whether files can be written there.

    Raises:
        UsageError: they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pages.check(folder / f"conditions{_ENDING}", OPTION)
    except (OSError, UsageError) as error:
        why = error.message if isinstance(error, UsageError) else f"cannot be made a folder: {error.strerror or error}"
        raise UsageError(why, hint=f"choose another {OPTION}", location=Location(str(folder))) from error


def write(folder: Path, certificate: Certificate, attachments: Mapping[str, str]) -> tuple[str, ...]:
    """Write the conditions of a proof, all of them or none.

    Args:
        folder: where to.
        certificate: the proof's.
        attachments: its native files, the conditions among them.

    Returns:
        The paths, in the order of the conditions.

    Raises:
        StoreError: a file cannot be written; those written before are gone again.
    """
    obligation = certificate.obligation
    stem = certificates.file_name(obligation).removesuffix(certificates.SUFFIX)
    chosen = sorted(name for name in attachments if name.endswith(_ENDING) and "/" not in name)
    written: list[Path] = []
    try:
        for position, name in enumerate(chosen, start=1):
            # A file name may hold anything, also what would end a comment.
            head = [
                f"condition {position} of {len(chosen)}: {obligation.name} of {ascii(obligation.location.file)[1:-1]}",
                f"SHA-256 of that source: {obligation.source_digest}",
            ]
            path = folder / f"{stem}.{name}"
            pages.write(path, "".join(f"; {line}\n" for line in head) + attachments[name], OPTION)
            written.append(path)
    except StoreError:
        for path in written:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        raise
    return tuple(map(str, written))
