"""From a graph whose root counts as proved to a proof that was verified from scratch."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lemmata.errors import GraphError
from lemmata.graph import Proof
from lemmata.protocols import Session, Shrinker
from lemmata.step import Step
from lemmata.verdict import Limits, Verdict, Verification
from search.minimise import minimise
from search.state import SearchState

T = TypeVar("T")

PLAUSIBLE_SECONDS = 30.0
"""How long a session may take to say whether it accepts a whole proof."""
SHORTEST_SECONDS = 2.0
"""With less time left no further verification is begun."""
MINIMISE_SHARE = 0.5
"""Share of the remaining time that minimising the parts of a proof may take."""
TACTIC_SHARE, TACTIC_SECONDS = 0.25, 3.0
"""Share of the remaining time, and greatest time, for dropping whole steps: a shorter script is only nicer to read."""


class Interrupted(Exception):
    """Something that was waited for was given up, because of an interruption or for lack of time; says why."""


class _TooSlow(Exception):
    """A verification did not end in time."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A proof that was verified, or why the search must end without one."""

    verification: Verification
    steps: tuple[Step, ...]


class Conclusions:
    """Extracts, minimises and verifies proofs; withdraws from the graph what does not verify.

    Args:
        state: the search.
        session: may be able to shrink proofs.
        verify: checks a proof in a fresh process; None where nothing can.
        limits: limits of one question to the session while minimising.
        shrink: whether to minimise.
        verify_seconds: wall-clock limit of one verification, and half of that of all together; None for none. It does
            not come out of the search's budget, so that a proof found at the last moment can be verified, too.
    """

    def __init__(
        self,
        state: SearchState,
        session: Session,
        verify: Callable[[list[Step]], Awaitable[Verification]] | None,
        limits: Limits,
        shrink: bool,
        verify_seconds: float | None = None,
    ) -> None:
        self._state = state
        self._session = session
        self._verify = verify
        self._limits = limits
        self._shrink = shrink
        self._verify_seconds = verify_seconds
        self._refused: set[tuple[int, ...]] = set()
        self._slow = False
        """Whether one was not verified in time."""
        self._stop = asyncio.Event()
        self.last_refusal = ""
        """Why the last proof did not verify."""

    @property
    def can_verify(self) -> bool:
        """Whether a proof can be verified at all."""
        return self._verify is not None

    def interrupt(self) -> None:
        """End whatever is waited for."""
        self._stop.set()

    async def conclude(self) -> Conclusion | None:
        """Verify the cheapest proof of the root.

        Returns:
            The verified proof; or the `error` of a verification, which ends the search; or None where the proof was
            refused and the graph changed accordingly.

        Raises:
            Interrupted: stopped, or out of time for verifying; the message says which.
        """
        proof = self._state.graph.cheapest_proof()
        if proof is None:
            return None
        try:
            order = proof.order()
        except GraphError as error:
            self._refuse(proof, (), error.message)
            return None
        if tuple(order) in self._refused:
            self._refuse(proof, tuple(order), self.last_refusal)
            return None
        reason = ""
        async for steps in self._candidates(order):
            if not await self._plausible(steps):
                reason = "the session does not accept it as a whole"
                continue
            try:
                verification = await self._verified(steps)
            except _TooSlow as slow:
                # Its other forms are hardly faster.
                reason, self._slow = str(slow), True
                break
            if verification.verdict in (Verdict.PROVED, Verdict.ERROR):
                return Conclusion(verification, steps)
            reason = verification.reason or verification.verdict.value
        self._refuse(proof, tuple(order), reason)
        return None

    async def _candidates(self, order: Sequence[int]) -> Any:
        """Yield the forms in which a proof can be verified, the smallest first, none twice."""
        nodes = [self._state.graph.step(number) for number in order]
        effective = tuple(node.effective for node in nodes)
        smallest = await self._minimised(effective)
        for steps in dict.fromkeys((smallest, effective, tuple(node.forms[-1] for node in nodes))):
            yield steps

    async def _minimised(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        if not self._shrink or not isinstance(self._session, Shrinker):
            return steps
        share = self._minimising_seconds(steps)
        smallest = list(steps)

        def found(smaller: list[Step]) -> None:
            nonlocal smallest
            smallest = smaller

        try:
            await self.waiting(minimise(self._session, steps, self._limits, share, found), share)
        except Interrupted:
            if self._stop.is_set():
                raise
        except Exception as error:  # noqa: BLE001 - a proof that cannot be minimised is a proof all the same
            self._state.log("warning", f"minimising the proof failed: {error!r}")
        return tuple(smallest)

    def _minimising_seconds(self, steps: tuple[Step, ...]) -> float | None:
        left = self._state.meter.seconds_left
        if any(step.parts for step in steps):
            return None if left is None else MINIMISE_SHARE * left
        return TACTIC_SECONDS if left is None else min(TACTIC_SHARE * left, TACTIC_SECONDS)

    async def _plausible(self, steps: tuple[Step, ...]) -> bool:
        """Ask a session that can tell cheaply whether it accepts a proof; verifying it costs much more."""
        session = self._session
        if not getattr(session, "sequential", False) or not isinstance(session, Shrinker):
            return True
        limits = dataclasses.replace(self._limits, wall_seconds=PLAUSIBLE_SECONDS)
        try:
            with self._state.meter.paused():
                return await self.waiting(session.accepts(list(steps), limits), PLAUSIBLE_SECONDS) is True
        except Interrupted:
            if self._stop.is_set():
                raise
        except Exception as error:  # noqa: BLE001 - only the verification decides
            self._state.log("warning", f"asking the session about a whole proof failed: {error!r}")
        return True

    async def _verified(self, steps: tuple[Step, ...]) -> Verification:
        if self._verify is None:
            return Verification(Verdict.ERROR, "not verified")
        meter, limit = self._state.meter, self._seconds()
        try:
            with meter.paused():
                verification: object = await self.waiting(_ensure(self._verify(list(steps))), limit)
        except Interrupted:
            if self._stop.is_set():
                raise
            raise _TooSlow(f"it was not verified within {limit:.3g} s") from None
        except Exception as error:  # noqa: BLE001 - a broken verification is a result, not a crash
            return Verification(Verdict.ERROR, f"the verification failed: {error}")
        if not isinstance(verification, Verification):
            return Verification(Verdict.ERROR, f"the verification returned a {type(verification).__name__}")
        return verification

    def _seconds(self) -> float | None:
        """Return how long the next verification may take.

        One that hangs must not be the end of all others: it takes half of the time, and others after it half of what
        is left.

        Raises:
            Interrupted: there is no time left.
        """
        limit = self._verify_seconds
        if limit is None:
            return None
        left = 2 * limit - self._state.meter.verify_seconds
        if left < min(SHORTEST_SECONDS, limit / 8):
            raise Interrupted(f"time for verifying proofs spent ({2 * limit:g} s)")
        return min(limit, left / 2 if self._slow else left)

    def _refuse(self, proof: Proof, order: tuple[int, ...], reason: str) -> None:
        """Withdraw a proof that did not verify.

        Goals that only looked alike are the first suspects; after them, the step that was checked last.
        """
        state, graph = self._state, self._state.graph
        self._refused.add(order)
        self.last_refusal = reason
        state.log("warning", f"a proof of {len(proof.choice)} goals did not verify: {reason}")
        shared = {graph.goal(n).key for n in proof.choice if graph.network.in_degree(n) > 1}
        for key in sorted(shared - graph.split_keys):
            state.log("info", f"goals of key {key} are not shared any more")
            graph.unmerge(key)
        again = graph.cheapest_proof()
        if again is not None and set(again.choice.values()) == set(proof.choice.values()):
            graph.reject(max(proof.choice.values()), f"a proof with this step did not verify: {reason}")
        state.follow()

    async def waiting(self, work: Coroutine[Any, Any, T], seconds: float | None) -> T:
        """Wait for something, but not beyond `seconds` nor beyond an interruption; raise `Interrupted` then."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({task, stop}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise Interrupted("cancelled")
            return task.result()
        finally:
            stop.cancel()
            if not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=1.0)


async def _ensure(work: Awaitable[T]) -> T:
    return await work
