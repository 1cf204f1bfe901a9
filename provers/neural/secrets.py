"""Keeps a key out of everything that comes back: some servers repeat it in errors, fingerprints and answers."""

from __future__ import annotations

import base64
import re
import urllib.parse

MASK = "***"
_SHORTEST = 4
"""Characters of a key that is a secret at all: `x` would make `***` of half of all proofs."""
_WINDOW = 8
"""Characters of a key in a row that give it away."""
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_APART = re.compile(r"[^0-9a-z]+")


class Secret:
    """A key, and the forms in which it can be recognised.

    A part of it is masked, too, and letter case and what stands between letters and digits do not matter: quoted,
    escaped, wrapped or with dashes for underscores it is the same key. Known are also base64, hexadecimal digits and
    the letters from back to front.

    Args:
        key: what nobody may read; empty for none.
    """

    def __init__(self, key: str) -> None:
        self._key = key if len(key) >= _SHORTEST else ""
        whole = _folded(self._key)
        self._window = min(_WINDOW, len(whole))
        self._parts = frozenset(_parts(self._key, self._window)) if len(whole) >= _WINDOW else frozenset()
        # A short one may be part of an honest word.
        around = r"(?<!\w)%s(?!\w)" if len(self._key) < _WINDOW else "%s"
        self._literal = re.compile(around % re.escape(self._key), re.IGNORECASE)

    def masked(self, text: str) -> str:
        """Return a text in which the key does not stand.

        Args:
            text: anything, megabytes at most; what is masked becomes `***`.
        """
        if not self._key:
            return text
        text = self._literal.sub(MASK, text)
        if not self._parts:
            return text
        if _ESCAPE.search(text):
            text = self._without(text, _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text))
        return self._without(text, text)

    def _without(self, text: str, read: str) -> str:
        """Mask the key in a text as it is read; the text itself where it is not in there."""
        lowered = read.lower()
        folded = _folded(lowered)
        if not any(folded[i : i + self._window] in self._parts for i in range(len(folded) - self._window + 1)):
            return text
        # Some letters are longer in lower case; their places are those of the whole.
        places = [i for i, char in enumerate(read) for low in char.lower() if _folded(low)]
        out: list[str] = []
        shown = hidden = 0
        for i in range(len(folded) - self._window + 1):
            if folded[i : i + self._window] not in self._parts:
                continue
            start, end = places[i], places[i + self._window - 1] + 1
            if start >= hidden:
                out += [read[shown:start], MASK]
            shown = hidden = max(end, hidden)
        return "".join([*out, read[shown:]])


def _folded(text: str) -> str:
    """Return the letters and digits of a text in lower case."""
    return _APART.sub("", text.lower())


def _parts(key: str, size: int) -> set[str]:
    """Return whatever of a key, in any of its forms, is so long."""
    raw = key.encode("utf-8", "replace")
    forms = [key, key[::-1], raw.hex(), urllib.parse.quote(key, safe="")]
    # Within a longer text base64 depends on where the key begins in it; the letters at its ends on what is around.
    for before in (b"", b"-", b"--", b"Bearer "):
        forms.append(base64.b64encode(before + raw).decode())
    parts = {folded[i : i + size] for folded in map(_folded, forms) for i in range(len(folded) - size + 1)}
    # Said by many and secret to none.
    return {part for part in parts if part not in _folded("Bearer " * 2 + "sk-proj-sk-ant-api03-") and part.strip("0")}
