"""Which package brought a file, and under which licence; `unknown` where nothing on this machine says so."""

from __future__ import annotations

import functools
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from checkers.coq.installation import Installation

UNKNOWN = "unknown"
_DOCUMENTS = Path("/usr/share/doc")
_SPDX = {
    "apache-2": "Apache-2.0",
    "apache-2.0": "Apache-2.0",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "cecill-b": "CECILL-B",
    "cecill-c": "CECILL-C",
    "expat": "MIT",
    "mit": "MIT",
}
_GNU = re.compile(r"(A?GPL|LGPL)-(\d)(?:\.(\d))?(\+?)\Z", re.I)
_STANZA = re.compile(r"^Files: \*[ \t]*\n(?:^(?!Files:|License:).*\n)*?^License: *(\S+)", re.M)


@dataclass(frozen=True, slots=True)
class Package:
    """Where a library comes from."""

    name: str
    version: str
    licence: str


def standard(coq: Installation) -> Package:
    """Return the package that is the standard library."""
    return Package("coq-stdlib", coq.version, "LGPL-2.1-only")


def package(file: Path) -> Package:
    """Return the package of the system (Debian's, as `dpkg` tells) that a file belongs to."""
    name = _asked("dpkg-query", "--search", str(file)).partition(":")[0]
    return _known(name) if name else Package(UNKNOWN, UNKNOWN, UNKNOWN)


@functools.cache
def _known(name: str) -> Package:
    version = _asked("dpkg-query", "--show", "--showformat=${source:Upstream-Version}", name)
    return Package(name, version or UNKNOWN, licence(name))


def licence(name: str) -> str:
    """Return the licence of most of a package's files, from its machine-readable copyright file (DEP-5)."""
    try:
        text = (_DOCUMENTS / name / "copyright").read_text("utf-8", "replace")
    except OSError:
        return UNKNOWN
    found = _STANZA.search(text)
    return spdx(found[1]) if found else UNKNOWN


def spdx(name: str) -> str:
    """Return the SPDX name of a licence that Debian names; `unknown` for one that is not in the table."""
    if found := _GNU.match(name):
        minor = found[3] or "0"
        return f"{found[1].upper()}-{found[2]}.{minor}-{'or-later' if found[4] else 'only'}"
    return _SPDX.get(name.lower(), UNKNOWN)


def _asked(*command: str) -> str:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
