"""Licences by their texts, as SPDX names them (spdx.org/licenses); `unknown` for whatever is not recognised."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

UNKNOWN = "unknown"
_NAMES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "LICENCE.md", "LICENCE.txt", "COPYING", "COPYING.md")
_LONGEST = 1 << 17
_DECLARED = re.compile(r"SPDX-License-Identifier:\s*([A-Za-z0-9.+-]+)\s*$", re.M)
_WORDS: Sequence[tuple[str, Sequence[str]]] = (
    ("Apache-2.0", ("apache license version 2.0",)),
    ("AGPL-3.0-only", ("gnu affero general public license version 3",)),
    ("LGPL-3.0-only", ("gnu lesser general public license version 3",)),
    ("LGPL-2.1-only", ("gnu lesser general public license version 2.1",)),
    ("GPL-3.0-only", ("gnu general public license version 3",)),
    ("GPL-2.0-only", ("gnu general public license version 2",)),
    ("MPL-2.0", ("mozilla public license version 2.0",)),
    ("CC0-1.0", ("cc0 1.0 universal",)),
    ("CC-BY-4.0", ("creative commons attribution 4.0 international",)),
    ("Unlicense", ("this is free and unencumbered software released into the public domain",)),
    ("MIT", ("permission is hereby granted free of charge", "the software is provided as is")),
    (
        "BSD-3-Clause",
        ("redistribution and use in source and binary forms", "neither the name", "endorse or promote products"),
    ),
    ("BSD-2-Clause", ("redistribution and use in source and binary forms", "this list of conditions")),
)
"""What each licence says, without punctuation; of those whose words are found, the one whose words come first."""


def of_text(text: str) -> str:
    """Return the licence that a licence file, or the head of a source, is or names."""
    known = {name for name, _ in _WORDS}
    if (declared := _DECLARED.search(text)) and declared[1] in known:
        return declared[1]
    plain = " ".join(re.sub(r"[^a-z0-9.]+", " ", text[:_LONGEST].lower()).split())
    found: list[tuple[int, int, str]] = []
    for rank, (name, words) in enumerate(_WORDS):
        places = [plain.find(word) for word in words]
        if min(places) >= 0:
            found.append((places[0], rank, name))
    return min(found)[2] if found else UNKNOWN


def of_folder(folder: Path) -> str:
    """Return the licence that a folder's licence file names."""
    for name in _NAMES:
        text = _head(folder / name)
        if text:
            return of_text(text)
    return UNKNOWN


def of_file(path: Path) -> str:
    """Return the licence that a file is the text of."""
    return of_text(_head(path))


def _head(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""
