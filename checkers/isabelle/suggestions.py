"""What searches like sledgehammer and try0 say they found; only ever taken as text to try."""

from __future__ import annotations

import re
from collections.abc import Iterable

_FOUND = re.compile(r"(?:Try this|Found proof): (?P<text>.+?)(?:\s*\((?P<time>[^()]*?)\b(?P<unit>ms|s)[^()]*\))?\s*$")
_UNKNOWN = 1e9


def found(messages: Iterable[str]) -> list[str]:
    """Return the proofs that messages propose, the quickest first, each once."""
    proposals: dict[str, float] = {}
    for message in messages:
        for line in message.splitlines():
            if hit := _FOUND.search(line.strip()):
                text = re.sub(r"^\|\d+\|:\s*", "", hit["text"]).strip()
                proposals[text] = min(_seconds(hit["time"], hit["unit"]), proposals.get(text, _UNKNOWN))
    return sorted(proposals, key=lambda text: proposals[text])


def _seconds(number: str | None, unit: str | None) -> float:
    digits = re.search(r"\d+(?:\.\d+)?", number or "")
    if digits is None or unit is None:
        return _UNKNOWN
    return float(digits.group()) * (0.001 if unit == "ms" else 1.0)
