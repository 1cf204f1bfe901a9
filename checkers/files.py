"""Reading source files that somebody names on the command line."""

from __future__ import annotations

import re
from pathlib import Path

from lemmata.errors import InputError, Location


def read(path: Path, limit: int) -> str:
    """Read a source file.

    Args:
        path: the file.
        limit: largest size in bytes.

    Raises:
        InputError: it is missing, unreadable, too big or not text.
    """
    place = Location(str(path))
    try:
        if path.is_dir():
            raise InputError("is a directory", location=place, hint="name a file")
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise InputError(f"cannot read the file: {error.strerror or error}", location=place) from None
    if len(data) > limit:
        raise InputError(
            f"the file is larger than {limit >> 20} MiB", location=place, hint="raise the limit max_source_bytes"
        )
    try:
        return data.decode()
    except UnicodeDecodeError:
        # Not Latin-1: the digest of the text has to stay the digest of the file.
        text = data.decode("utf-8", "surrogateescape")
        if re.search(r"[\0-\x08\x0e-\x1f]", text):
            raise InputError("not a text file (it holds binary data)", location=place) from None
        return text
