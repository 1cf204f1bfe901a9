"""What a search may spend, and what it has spent."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

MAX_STEP_SHARE = 0.8
"""Part of the time budget that one step may take even where its prover wants more."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one search; None means no limit."""

    seconds: float | None = 60
    """Wall-clock time of the search; the clock stands still while a proof that was found is verified from scratch,
    which has a limit of its own (`Engine`'s `verify_seconds`)."""
    expansions: int | None = None
    """How often a goal is taken from the frontier."""
    checker_seconds: float | None = None
    """Time spent in the session, summed over concurrent steps."""
    checker_calls: int | None = None
    """Steps sent to the session."""
    tokens: int | None = None
    """Tokens that the provers say they generated."""

    def to_json(self) -> dict[str, Any]:
        """Return the limits as JSON values."""
        return asdict(self)


class Meter:
    """Counts what a search spends against its budget."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.expansions = 0
        self.checker_calls = 0
        self.checker_seconds = 0.0
        self.cached = 0
        self.tokens = 0
        self._verified = 0.0
        self._paused: float | None = None
        self._begin = time.monotonic()

    def begin(self) -> None:
        """Count the time from now on."""
        self._begin = time.monotonic()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Let the clock stand still: what happens meanwhile is verification and does not count against the search."""
        self._paused = time.monotonic()
        try:
            yield
        finally:
            self._verified, self._paused = self.verify_seconds, None

    @property
    def verify_seconds(self) -> float:
        """Wall-clock seconds spent on verifying proofs."""
        return self._verified + (0.0 if self._paused is None else time.monotonic() - self._paused)

    @property
    def seconds(self) -> float:
        """Wall-clock seconds since the search began, without those spent on verifying proofs."""
        now = time.monotonic() if self._paused is None else self._paused
        return now - self._begin - self._verified

    @property
    def seconds_left(self) -> float | None:
        """Wall-clock seconds until the budget ends, at least 0; None without a limit."""
        limit = self.budget.seconds
        return None if limit is None else max(limit - self.seconds, 0.0)

    @property
    def out_of_time(self) -> bool:
        """Whether the wall-clock time is over."""
        return self.seconds_left == 0.0

    @property
    def may_expand(self) -> bool:
        """Whether another goal may be taken from the frontier."""
        return not _over(self.expansions, self.budget.expansions) and not _over(self.tokens, self.budget.tokens)

    @property
    def may_check(self) -> bool:
        """Whether another step may be sent to the session."""
        budget = self.budget
        return not _over(self.checker_calls, budget.checker_calls) and not _over(
            self.checker_seconds, budget.checker_seconds
        )

    def step_seconds(self, limit: float | None, wanted: float | None = None) -> float | None:
        """Return how long one step may take.

        Args:
            limit: of any step.
            wanted: what this step is worth to its prover; it takes the place of `limit`, also where it is more, but
                is never most of the budget.

        Returns:
            Seconds, no more than is left of the budget; None for no limit.
        """
        if wanted is not None:
            whole = self.budget.seconds
            limit = wanted if whole is None else min(wanted, MAX_STEP_SHARE * whole)
        bounds = [limit, self.seconds_left]
        if self.budget.checker_seconds is not None:
            bounds.append(max(self.budget.checker_seconds - self.checker_seconds, 0.0))
        return min((bound for bound in bounds if bound is not None), default=None)

    def why_spent(self) -> str:
        """Name the budget that is spent, for a verdict's reason."""
        budget = self.budget
        if self.out_of_time:
            return f"time budget spent ({budget.seconds:g} s)"
        if _over(self.checker_calls, budget.checker_calls):
            return f"checker call budget spent ({budget.checker_calls})"
        if _over(self.checker_seconds, budget.checker_seconds):
            return f"checker time budget spent ({budget.checker_seconds:g} s)"
        if _over(self.tokens, budget.tokens):
            return f"token budget spent ({budget.tokens})"
        return f"expansion budget spent ({budget.expansions})"


def _over(spent: float, limit: float | None) -> bool:
    return limit is not None and spent >= limit
