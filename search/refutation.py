"""Looks for a counterexample while the search looks for a proof."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lemmata.protocols import Refuter
from lemmata.verdict import Limits, Verdict, Verification


@dataclass(frozen=True, slots=True)
class Refutation:
    """A counterexample that stood up to verification."""

    counterexample: Mapping[str, Any]
    verification: Verification


async def refute(
    session: Refuter,
    verify: Callable[[Mapping[str, Any]], Awaitable[Verification]] | None,
    limits: Limits,
    log: Callable[[str, str], None],
) -> Refutation | None:
    """Ask a session for a counterexample and have it verified.

    Args:
        session: the session that can refute.
        verify: checks a counterexample from scratch; without it none counts.
        limits: limits of the whole attempt.
        log: takes a level and a message about whatever went wrong; a fault is never worse than no counterexample.
    """
    try:
        counterexample = await session.refute(limits)
    except Exception as error:  # noqa: BLE001 - a faulty refuter must not end the search for a proof
        log("warning", f"the refuter failed: {error!r}")
        return None
    if counterexample is None:
        return None
    if not isinstance(counterexample, Mapping):
        log("warning", f"the refuter returned a {type(counterexample).__name__} instead of a counterexample")
        return None
    if verify is None:
        log("warning", "a counterexample was found, but nothing here can verify it")
        return None
    try:
        verification = await verify(counterexample)
    except Exception as error:  # noqa: BLE001 - as above
        log("error", f"the verification of a counterexample failed: {error!r}")
        return None
    if getattr(verification, "verdict", None) is not Verdict.DISPROVED:
        log("warning", f"a counterexample was not confirmed: {getattr(verification, 'reason', verification)}")
        return None
    return Refutation(counterexample, verification)
