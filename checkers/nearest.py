"""What a selector that names nothing may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def nearest(selector: str, names: Sequence[str], nothing: str = "the file states no theorem") -> str:
    """Return the hint for a selector that names none of some names; `nothing` is said where there are none."""
    if not names:
        return nothing
    near = difflib.get_close_matches(selector, names, n=5, cutoff=0.5) or list(names[:10])
    return f"there is {', '.join(dict.fromkeys(near))}"
