"""Peers: what a tactic achieves alone, to compare a benchmark's results with."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any

from lemmata.errors import LemmataError
from lemmata.goal import Obligation
from lemmata.outcome import Closed, Crashed, Open, Outcome, Rejected, TimedOut
from lemmata.plugins.wiring import Workbench
from lemmata.step import Step
from lemmata.verdict import Verdict

_GRACE_SECONDS = 30.0
"""What starting a backend and checking its answer may take beside the tactic's own time."""


async def compare(bench: Workbench, obligation: Obligation, peers: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Try each peer on an obligation, one after the other, each in a session of its own so that nothing is shared.

    Args:
        bench: checkers and settings; `timeout` is what each peer gets, in seconds.
        obligation: what to prove.
        peers: tactics.

    Returns:
        For each peer its `verdict`, `seconds` of the tactic alone and, where it did not prove it, the `reason`.
    """
    return {peer: await _attempt(bench, obligation, peer) for peer in peers}


async def _attempt(bench: Workbench, obligation: Obligation, peer: str) -> dict[str, Any]:
    seconds = bench.settings.timeout
    try:
        async with asyncio.timeout(2 * seconds + 2 * _GRACE_SECONDS):
            step, outcome, took = await _apply(bench, obligation, peer)
            reason = _failure(outcome)
            if not reason:
                reason = await _unconfirmed(bench, obligation, getattr(outcome, "replacement", None) or step)
    except TimeoutError:
        took, reason = seconds, "the backend did not answer"
    except LemmataError as error:
        took, reason = 0.0, error.message
    except Exception as error:  # noqa: BLE001 - a peer that goes wrong says nothing about the others, nor about us
        took, reason = 0.0, f"{type(error).__name__}: {error}"
    if reason:
        return {"verdict": "unknown", "seconds": round(took, 3), "reason": " ".join(reason.split())[:300]}
    return {"verdict": "proved", "seconds": round(took, 3)}


async def _apply(bench: Workbench, obligation: Obligation, peer: str) -> tuple[Step, Outcome, float]:
    limits = bench.limits(bench.settings.timeout)
    # A tactic is written without the dot that ends its sentence.
    step = Step(peer.strip().removesuffix("."))
    session = await bench.checker(obligation.system).open(obligation, limits)
    try:
        began = time.monotonic()
        outcome = await session.apply(session.root, step, limits)
        return step, outcome, outcome.seconds or time.monotonic() - began
    finally:
        await session.close()


def _failure(outcome: Outcome) -> str:
    """Return why an outcome is no proof, the empty text where it is one."""
    match outcome:
        case Closed():
            return ""
        case Open(subgoals):
            return f"leaves {len(subgoals)} goal{'s' * (len(subgoals) != 1)}"
        case TimedOut():
            return outcome.message or "time is up"
        case Rejected() | Crashed():
            return outcome.message or "rejected"


async def _unconfirmed(bench: Workbench, obligation: Obligation, step: Step) -> str:
    """Return why the checker does not confirm the proof that a step alone makes, the empty text where it does."""
    checker = bench.checker(obligation.system)
    artefact = checker.artefact(obligation, [dataclasses.replace(step, subgoals=0)])
    limits = bench.limits(max(bench.settings.timeout, _GRACE_SECONDS))
    said = await checker.verify(obligation, artefact, "proved", limits, bench.checking(obligation.system))
    return "" if said.verdict is Verdict.PROVED else said.reason or f"the checker says {said.verdict.value}"


def together(parts: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Return what each peer made of a problem of several obligations: it proved it where it proved them all."""
    found: dict[str, dict[str, Any]] = {}
    for part in parts:
        for peer, said in part.items():
            before = found.get(peer)
            if before is None:
                found[peer] = dict(said)
                continue
            before["seconds"] = round(before["seconds"] + said["seconds"], 3)
            if said["verdict"] != "proved" and before["verdict"] == "proved":
                before |= {"verdict": said["verdict"], "reason": said.get("reason")}
    return found
