"""Lots that are drawn by hashing, so that what is drawn depends on a record and the seed alone."""

from __future__ import annotations

from hashlib import blake2b

_RANGE = 1 << 64


def lot(seed: int, *what: str) -> int:
    """Return a number below 2^64 that belongs to some texts."""
    text = "\0".join((str(seed), *what)).encode("utf-8", "replace")
    return int.from_bytes(blake2b(text, digest_size=8).digest())


def share(seed: int, *what: str) -> float:
    """Return a number from 0 to less than 1 that belongs to some texts."""
    # In 53 bits, as a float would round the largest numbers up to 1.
    return (lot(seed, *what) >> 11) / (_RANGE >> 11)
