"""The JSON documents that the server answers with."""

from __future__ import annotations

import json
import math
from typing import Any

from starlette.responses import Response


class Answer(Response):
    """A JSON document; numbers that JSON lacks become null, halves of surrogate pairs stay escaped."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return the document's text."""
        return dumps(content).encode("ascii")


def dumps(content: Any) -> str:
    """Return JSON text in ASCII."""
    try:
        return json.dumps(content, allow_nan=False, separators=(",", ":"))
    except ValueError:
        return json.dumps(_finite(content), separators=(",", ":"))


def refuse(status: int, message: str, hint: str = "") -> Answer:
    """Return a `Refusal`."""
    return Answer({"error": {"message": message, "hint": hint or None}}, status)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
