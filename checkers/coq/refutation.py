"""A side search for a counterexample: small values for what a statement quantifies over, then simple tactics.

What it finds is a proof of the negation, which is verified elsewhere; nothing here is believed. Where QuickChick is
installed it could supply further instances, beside those of `Samples`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any

from checkers.coq import goals
from checkers.coq.counterexample import START, Counterexample, Denial, instantiate, printed
from checkers.coq.installation import Installation
from checkers.coq.line import Line, Load, unshown
from checkers.coq.loading import Loaded
from checkers.coq.negation import MONOMORPHIC
from checkers.coq.samples import Samples, binders
from checkers.coq.scan import find
from checkers.coq.sentences import split
from checkers.coq.toplevel import Interrupted
from checkers.process import Supervisor
from lemmata.errors import BackendError, InputError
from lemmata.verdict import Limits

SHARE = 0.15
"""Part of the time that the whole search has left which this one may take."""
LEAST_SECONDS, MOST_SECONDS = 1.5, 5.0
MOST_INSTANCES = 60
_DOUBTED = "lemmata_doubted"
_STEP_SECONDS = 0.3
_MOST_PREMISES = 6

_ROUNDS: tuple[tuple[tuple[str, ...], bool, int], ...] = (
    (("discriminate H", "contradiction", "vm_compute in H; discriminate H"), False, MOST_INSTANCES),
    (
        (
            "discriminate H",
            "contradiction",
            "vm_compute in H; discriminate H",
            "congruence",
            "inversion H",
            "lia",
        ),
        True,
        24,
    ),
    (
        (
            "vm_compute in H; intuition discriminate",
            "simpl in H; intuition congruence",
            "destruct H; congruence",
            "destruct H; lia",
            "firstorder discriminate",
            "firstorder congruence",
        ),
        True,
        12,
    ),
)
"""Tactics that end a refutation, whether premises are proved before, and how many instances get them.

Every instance gets the cheap tactics before any gets the expensive ones.
"""
_PREMISES = (
    "exact I",
    "reflexivity",
    "vm_compute; reflexivity",
    "discriminate",
    "vm_compute; discriminate",
    "repeat constructor",
    "auto",
    "vm_compute; intuition discriminate",
    "intros; congruence",
    "intros []; reflexivity",
    "intros [] []; reflexivity",
    "simpl; intuition congruence",
    "lia",
)


async def search(
    supervisor: Supervisor, installation: Installation, loaded: Loaded, limits: Limits
) -> Mapping[str, Any] | None:
    """Look for a refutation.

    Args:
        supervisor: starts a process of its own.
        installation: which Coq.
        loaded: the theorem.
        limits: of the whole search, of which this takes `SHARE`.

    Returns:
        The JSON values of a counterexample; None where there is none to be found.
    """
    left = limits.wall_seconds
    seconds = MOST_SECONDS if left is None else min(max(SHARE * left, LEAST_SECONDS), MOST_SECONDS, left)
    found = await _within(seconds, supervisor, installation, loaded, limits)
    return None if found is None else found.values()


async def doubt(
    supervisor: Supervisor, installation: Installation, loaded: Loaded, statement: str, limits: Limits
) -> str:
    """Look for a refutation of another statement that would stand in a theorem's place.

    Args:
        supervisor: starts a process of its own.
        installation: which Coq.
        loaded: the theorem.
        statement: what is doubted; closed, one sentence without its dot.
        limits: of the attempt.

    Returns:
        What shows that it is false, empty where nothing was found. Nobody has verified it.
    """
    lemma = f"Lemma {_DOUBTED} : {statement}."
    if len(split(lemma)) != 1:
        return ""
    source = f"{loaded.source[: loaded.hole.statement[0]]}{lemma}\nProof.\nAdmitted.\n"
    try:
        lone = dataclasses.replace(loaded, source=source, hole=find(source, _DOUBTED, loaded.file))
    except InputError:
        return ""
    seconds = MOST_SECONDS if limits.wall_seconds is None else limits.wall_seconds
    found = await _within(seconds, supervisor, installation, lone, limits)
    if found is None:
        return ""
    return f"for {found.values_text}" if found.instance else "its negation is proved"


async def _within(
    seconds: float, supervisor: Supervisor, installation: Installation, loaded: Loaded, limits: Limits
) -> Counterexample | None:
    denial = Denial(loaded.source, loaded.hole)
    if denial.unfit():
        return None
    work = _Search(supervisor, installation, loaded, denial, limits, time.monotonic() + seconds)
    try:
        async with asyncio.timeout(seconds):
            return await work.run()
    except (TimeoutError, BackendError, InputError, Interrupted):
        return None
    finally:
        await work.close()


class _Search:
    """One side search."""

    def __init__(
        self,
        supervisor: Supervisor,
        installation: Installation,
        loaded: Loaded,
        denial: Denial,
        limits: Limits,
        deadline: float,
    ) -> None:
        own = goals.SETTINGS
        above = [sentence.text for sentence in split(denial.above())]
        name = loaded.hole.theorem
        self._questions = (
            *goals.WIDE,
            f"Check @{name}.",
            "Unset Printing Notations.",
            f"Check @{name}.",
            "Check 0.",
            f"About {name}.",
        )
        load = Load((*own, *above, *self._questions, "Set Printing Notations.", denial.lemma(), "Proof."), len(own))
        self._line = Line(supervisor, installation, loaded.flags, load, Limits(None, None, limits.memory_bytes))
        self._deadline = deadline

    async def close(self) -> None:
        await self._line.close()

    async def run(self) -> Counterexample | None:
        replies = await self._line.start()
        told = [reply.text for reply in replies[-3 - len(self._questions) :]][len(goals.WIDE) :]
        statement, bare, zero = printed(told[0]), printed(told[2]), printed(told[3])
        if not statement or MONOMORPHIC not in told[4] or await self._try((), START) is None:
            return None
        arithmetic = not (await self._line.show(["Print Ltac lia."], self._left()))[0].failed
        premises = [step for step in _PREMISES if arithmetic or "lia" not in step]
        samples = Samples(self._print, naturals=zero == "nat")
        variables, _ = binders(bare)
        instances = [i async for i in samples.instances(variables, MOST_INSTANCES)]
        for closers, premised, most in _ROUNDS:
            usable = [step for step in closers if arithmetic or "lia" not in step]
            for instance in instances[:most]:
                steps = await self._refute(instance, usable, premises if premised else ())
                if steps is None:
                    continue
                if await self._line.closes([f"1: {s}." for s in steps], "Qed.", self._left()) is not None:
                    return Counterexample(statement, instance, tuple(steps))
        return None

    async def _print(self, query: str) -> str:
        replies = await self._line.show(["Unset Printing Notations.", query, "Set Printing Notations."], self._left())
        return "" if replies[1].failed else replies[1].text

    async def _refute(
        self, instance: Mapping[str, str], closers: Sequence[str], premises: Sequence[str]
    ) -> list[str] | None:
        """Return the steps of a refutation by one instance."""
        discharging = [f"specialize (H ltac:(solve [ {tactic} ]))" for tactic in premises]
        every = f"first [ {' | '.join(discharging)} ]"
        # Where there is no premise, these would look for a term of an unknown type.
        guarded = f"lazymatch type of H with _ -> _ => {every} | ~ _ => {every} end"
        steps = [START]
        if instance:
            step = instantiate(instance)
            if await self._try(steps, step) is not False:
                return None
            steps.append(step)
        for _ in range(_MOST_PREMISES):
            if await self._try(steps, f"first [ {' | '.join(f'solve [ {c} ]' for c in closers)} ]"):
                return [*steps, await self._first(steps, closers, True)]
            if not discharging or await self._try(steps, guarded) is not False:
                return None
            steps.append(await self._first(steps, discharging, False))
        return None

    async def _first(self, steps: Sequence[str], choices: Sequence[str], closed: bool) -> str:
        """Return the first of some steps that does what one of them does."""
        for choice in choices:
            if await self._try(steps, choice) is closed:
                return choice
        return f"first [ {' | '.join(choices)} ]"

    async def _try(self, steps: Sequence[str], step: str) -> bool | None:
        """Try a step: True where it ends the proof, False where it leaves one goal, None where it is no use."""
        path = [f"1: {s}." for s in steps]
        try:
            replies = await self._line.check(path, f"1: {step}.", unshown, min(_STEP_SECONDS, self._left()))
        except Interrupted:
            return None
        seen = None if replies[0].failed else goals.display(replies[-1].text)
        if seen is None:
            return None
        if seen.complete:
            return True
        return False if seen.count == 1 and not seen.shelved else None

    def _left(self) -> float:
        return max(self._deadline - time.monotonic(), 0.01)
