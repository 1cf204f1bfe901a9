"""The axioms that somebody allows a proof to rest on: the option `allow_axioms` of the proof assistants."""

from __future__ import annotations

from lemmata import strict_json
from lemmata.errors import UsageError

_ANY = "*"


def allowed_axioms(text: str) -> tuple[str, ...]:
    """Read the option `allow_axioms`: a JSON list of names, or `"*"` for all, in the order in which they are named.

    Raises:
        UsageError: it is neither.
    """
    if text in ("", _ANY):
        return (text,) if text else ()
    try:
        value = strict_json.parse(text)
    except ValueError:
        value = None
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise UsageError("allow_axioms is not a JSON list of names", hint='write it like ["Classical_Prop.classic"]')
    return tuple(value)
