"""What the messages of a checked theory say of a step."""

from __future__ import annotations

import time

from checkers.isabelle import goals
from checkers.isabelle.goals import Display
from checkers.isabelle.results import Node
from lemmata.outcome import Crashed, Outcome, Rejected, TimedOut


def last_state(node: Node | None, before: int, since: int = 0) -> Display | None:
    """Return the last proof state that was printed at a place from `since` up to, but without, `before`."""
    if node is None:
        return None
    states = sorted((m for m in node.messages if since <= m.offset < before), key=lambda m: m.offset)
    shown = [goals.display(message.text) for message in states]
    return next((one for one in reversed(shown) if one is not None), None)


def failure(node: Node | None, began: float) -> Outcome:
    """Return the outcome of a step whose theory was not processed to its end without an error.

    Args:
        node: the theory, None where the server says nothing of it.
        began: when the step began, as `time.monotonic` tells it.
    """
    seconds = time.monotonic() - began
    if node is None:
        return Crashed("the Isabelle server does not say what came of the theory", seconds)
    if node.errors:
        return Rejected(node.errors[0].text[:2000], seconds)
    if node.stopped:
        return TimedOut(seconds, "Isabelle stopped before the end of the theory")
    return Rejected("refused", seconds)
