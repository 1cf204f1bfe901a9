"""The built page: files in memory, so that no path of a request ever reaches the file system."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lemmata.errors import BackendMissing

FOLDER = Path(__file__).parent / "static"
_TYPES = {
    "index.html": "text/html; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "layout.js": "text/javascript; charset=utf-8",
    "app.css": "text/css; charset=utf-8",
    "favicon.svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the page."""

    content: bytes
    media_type: str


def load() -> dict[str, Asset]:
    """Return the files of the page by their names.

    Raises:
        BackendMissing: the page was not built.
    """
    try:
        return {name: Asset((FOLDER / name).read_bytes(), kind) for name, kind in _TYPES.items()}
    except OSError as error:
        raise BackendMissing(
            f"the viewer's page is not there: {error.filename}",
            hint="build it with `make web`, which needs Node.js, or install Lemmata from a wheel",
        ) from error
