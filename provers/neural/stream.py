"""Completions out of what a server sends: events of a stream, or one document. What is malformed is passed over."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

MOST_CHOICES = 1024
_LONGEST_NAME = 120
_LONGEST_PROBLEM = 4000


@dataclass(slots=True)
class Choice:
    """One answer, as far as it came."""

    text: list[str] = field(default_factory=list)
    sum: float = 0.0
    """Of its tokens' log-probabilities."""
    counted: int = 0
    """Tokens with a log-probability."""
    pieces: int = 0
    finish: str = ""
    """Why it ended, empty where it did not."""

    @property
    def complete(self) -> bool:
        """Whether it came to its own end."""
        return self.finish in ("stop", "eos", "eos_token", "stop_sequence", "end_turn")


@dataclass(slots=True)
class Collected:
    """What came of one answer of the server."""

    choices: dict[int, Choice] = field(default_factory=dict)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    model: str = ""
    fingerprint: str = ""
    ended: bool = False
    """Whether this was all."""
    problem: str = ""
    """What the server said went wrong in the middle of its answer."""

    @property
    def anything(self) -> bool:
        """Whether some text came."""
        return any(any(choice.text) for choice in self.choices.values())

    def closed(self) -> None:
        """Take it that a stream which just ends was all where every answer had come to its end: some never say so."""
        self.ended = bool(self.choices) and all(choice.finish for choice in self.choices.values())

    def mask(self, masked: Callable[[str], str]) -> None:
        """Replace each text by what `masked` makes of it."""
        self.model, self.fingerprint = masked(self.model), masked(self.fingerprint)
        self.problem = masked(self.problem)
        for choice in self.choices.values():
            choice.text = [masked("".join(choice.text))]

    def take_line(self, line: bytes) -> None:
        """Take one line of a stream."""
        name, _, value = line.partition(b":")
        if name != b"data":
            return
        value = value.strip()
        if value == b"[DONE]":
            self._end()
            return
        if value.startswith(b'{"error"'):
            # Not always JSON: some write what they caught between two quotes.
            self.problem = value[:_LONGEST_PROBLEM].decode("utf-8", "replace")
            return
        self._take(_parsed(value), "delta")

    def take_document(self, document: bytes) -> bool:
        """Take a whole answer; say whether it holds completions."""
        value = _parsed(document)
        self._take(value, "message")
        self._end()
        return isinstance(value, dict) and isinstance(value.get("choices"), list)

    def _end(self) -> None:
        """Take it that every answer came to its end, unless the server said otherwise."""
        self.ended = True
        for choice in self.choices.values():
            choice.finish = choice.finish or "stop"

    def _take(self, value: Any, inner: str) -> None:
        if not isinstance(value, dict):
            return
        self.model = self.model or _name(value.get("model"))
        self.fingerprint = self.fingerprint or _name(value.get("system_fingerprint"))
        usage = value.get("usage")
        if isinstance(usage, dict):
            self.prompt_tokens = _count(usage.get("prompt_tokens")) or self.prompt_tokens
            self.completion_tokens = _count(usage.get("completion_tokens")) or self.completion_tokens
        choices = value.get("choices")
        for position, one in enumerate(choices if isinstance(choices, list) else ()):
            if isinstance(one, dict):
                self._take_choice(one, position, inner)

    def _take_choice(self, one: dict[str, Any], position: int, inner: str) -> None:
        index = one.get("index")
        index = index if isinstance(index, int) and not isinstance(index, bool) else position
        if not 0 <= index < MOST_CHOICES:
            return
        choice = self.choices.setdefault(index, Choice())
        part = one.get(inner)
        text = part.get("content") if isinstance(part, dict) else one.get("text")
        if isinstance(text, str) and text:
            choice.text.append(text)
            choice.pieces += 1
        for likely in _log_probabilities(one.get("logprobs")):
            choice.sum += likely
            choice.counted += 1
        finish = one.get("finish_reason")
        if isinstance(finish, str) and finish:
            choice.finish = finish[:40]


def _log_probabilities(value: Any) -> list[float]:
    """Read the log-probabilities of tokens, in the form of chats or in that of completions."""
    if not isinstance(value, dict):
        return []
    content = value.get("content")
    if isinstance(content, list):
        found = [entry.get("logprob") for entry in content if isinstance(entry, dict)]
    else:
        given = value.get("token_logprobs")
        found = given if isinstance(given, list) else []
    # The first token of an echoed prompt has none.
    return [min(float(v), 0.0) for v in found if isinstance(v, int | float) and not isinstance(v, bool) and _sane(v)]


def _sane(value: float) -> bool:
    return math.isfinite(value) and value > -1e6


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 40 else 0


def _name(value: Any) -> str:
    """Read what a server calls its model: short and printable."""
    return value[:_LONGEST_NAME] if isinstance(value, str) and value.isprintable() else ""


async def lines(chunks: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    """Cut a stream into lines, up to so many bytes; what has no end of line is none.

    Args:
        chunks: the stream.
        most: bytes after which nothing more is read.
    """
    pending: list[bytes] = []
    read = 0
    async for chunk in chunks:
        read += len(chunk)
        if read > most:
            return
        *whole, rest = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            yield b"".join([*pending, line])
            pending.clear()
        pending.append(rest)
