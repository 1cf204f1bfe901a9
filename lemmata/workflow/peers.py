"""Peers: what a tactic or an engine achieves alone, to compare a benchmark's results with."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any

from lemmata.errors import LemmataError
from lemmata.goal import Obligation
from lemmata.outcome import Closed, Crashed, Open, Outcome, Rejected, TimedOut
from lemmata.plugins import engines
from lemmata.plugins.wiring import Workbench
from lemmata.protocols import Session, Shrinker
from lemmata.step import Step
from lemmata.verdict import Verdict

_GRACE_SECONDS = 30.0
"""What starting a backend and checking its answer may take beside the tactic's own time."""
_WORST_FIRST = ("disproved", "unknown", "proved")


async def compare(bench: Workbench, obligation: Obligation, peers: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Try each peer on an obligation, one after the other, each alone at the root goal.

    A tactic's proof counts when the session accepts it as a whole, the end of the proof included; what takes ours to a
    certificate, compiling the file and auditing it, is not asked of peers. An engine is given what our own search is
    given, in a process that has its libraries loaded, and is taken at its word.

    Args:
        bench: checkers and settings; `timeout` is what each peer gets, in seconds.
        obligation: what to prove.
        peers: tactics; names of engines for a program.

    Returns:
        For each peer its `verdict`, `seconds` of the peer alone and, where it decided nothing, the `reason`.
    """
    if not peers:
        return {}
    try:
        session = await bench.checker(obligation.system).open(obligation, bench.limits(bench.settings.timeout))
    except LemmataError as error:
        return {peer: _unknown(0.0, error.message) for peer in peers}
    try:
        if engines.serves(obligation.system):
            given = session.context["system"]
            seconds = bench.settings.timeout
            return {peer: await bench.engines.ask(obligation.system, peer, given, seconds) for peer in peers}
        return {peer: await _attempt(bench, session, obligation, peer) for peer in peers}
    finally:
        await session.close()


async def _attempt(bench: Workbench, session: Session, obligation: Obligation, peer: str) -> dict[str, Any]:
    seconds = bench.settings.timeout
    # A tactic is written without the dot that ends its sentence.
    step = Step(peer.strip().removesuffix("."))
    began = time.monotonic()
    try:
        async with asyncio.timeout(2 * seconds + 2 * _GRACE_SECONDS):
            outcome = await session.apply(session.root, step, bench.limits(seconds))
            took = outcome.seconds or time.monotonic() - began
            reason = _failure(outcome)
            if not reason:
                reason = await _unconfirmed(bench, session, obligation, getattr(outcome, "replacement", None) or step)
    except TimeoutError:
        return _unknown(seconds, "the backend did not answer")
    except LemmataError as error:
        return _unknown(0.0, error.message)
    except Exception as error:  # noqa: BLE001 - a peer that goes wrong says nothing about the others, nor about us
        return _unknown(0.0, f"{type(error).__name__}: {error}")
    return _unknown(took, reason) if reason else {"verdict": "proved", "seconds": round(took, 3)}


def _unknown(seconds: float, reason: str) -> dict[str, Any]:
    return {"verdict": "unknown", "seconds": round(seconds, 3), "reason": " ".join(reason.split())[:300]}


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


async def _unconfirmed(bench: Workbench, session: Session, obligation: Obligation, step: Step) -> str:
    """Return why the proof that a step alone makes is not accepted, the empty text where it is."""
    limits = bench.limits(max(bench.settings.timeout, _GRACE_SECONDS))
    steps = [dataclasses.replace(step, subgoals=0)]
    if isinstance(session, Shrinker):
        return "" if await session.accepts(steps, limits) else "the proof is not accepted as a whole"
    checker = bench.checker(obligation.system)
    artefact = checker.artefact(obligation, steps)
    said = await checker.verify(obligation, artefact, "proved", limits, bench.checking(obligation.system))
    return "" if said.verdict is Verdict.PROVED else said.reason or f"the checker says {said.verdict.value}"


def together(parts: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Return what each peer made of a problem of several obligations: the worst of what it made of them."""
    found: dict[str, dict[str, Any]] = {}
    for part in parts:
        for peer, said in part.items():
            before = found.get(peer)
            if before is None:
                found[peer] = dict(said)
                continue
            before["seconds"] = round(before["seconds"] + said["seconds"], 4)
            if _WORST_FIRST.index(said["verdict"]) < _WORST_FIRST.index(before["verdict"]):
                before.pop("reason", None)
                before |= {name: value for name, value in said.items() if name != "seconds"}
    return found
