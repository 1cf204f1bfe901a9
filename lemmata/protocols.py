"""The seams between the core, provers, checkers and the search: everything pluggable is one of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from lemmata.goal import GoalRef, GoalView, Obligation
from lemmata.outcome import Outcome
from lemmata.step import Proposal, Step
from lemmata.verdict import Availability, Limits, Verification


@runtime_checkable
class Session(Protocol):
    """One live backend on one obligation; it survives crashes of its backend by replaying."""

    root: GoalRef
    context: Mapping[str, Any]
    """Obligation-wide facts for provers; JSON values only."""

    async def apply(self, goal: GoalRef, step: Step, limits: Limits) -> Outcome:
        """Check one step on any goal this session has returned, in any order."""
        ...

    async def close(self) -> None:
        """End the backend process and whatever it started; safe to call twice."""
        ...


class Checker(Protocol):
    """One proof system; a stateless description."""

    name: str
    suffixes: tuple[str, ...]
    """File name endings that this checker is responsible for, for example `.c`."""

    async def probe(self) -> Availability:
        """Say whether the backend is installed, in which version, and how to install it."""
        ...

    async def obligations(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        """Read a file; raise `InputError` with a location where it cannot be read."""
        ...

    async def open(self, obligation: Obligation, limits: Limits) -> Session:
        """Start a session on an obligation."""
        ...

    def artefact(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the final artefact's text from the steps of a proof, root first; pure and deterministic."""
        ...

    async def verify(
        self, obligation: Obligation, artefact: str, claim: str, limits: Limits, options: Mapping[str, str]
    ) -> Verification:
        """Check an artefact from scratch in fresh processes; `claim` is `proved` or `disproved`."""
        ...


@runtime_checkable
class Refuter(Protocol):
    """A session that can also look for counterexamples."""

    async def refute(self, limits: Limits) -> Mapping[str, Any] | None:
        """Search for a counterexample; return it, already confirmed by execution, or None."""
        ...


@runtime_checkable
class Shrinker(Protocol):
    """A session that can check whole proofs quickly, so that the minimiser can drop parts."""

    async def accepts(self, steps: Sequence[Step], limits: Limits) -> bool:
        """Say whether these steps alone, root first, still close the root goal."""
        ...

    async def needed(self, steps: Sequence[Step], limits: Limits) -> list[Step]:
        """Return a subset that closes the root by the backend's own account (an unsat core); may be all."""
        ...


class Prover(Protocol):
    """Proposes steps; nothing it says is believed."""

    name: str
    systems: tuple[str, ...]

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose at most `n` steps for each goal, best first."""
        ...

    async def close(self) -> None:
        """Release models and child processes; safe to call twice."""
        ...


class Critic(Protocol):
    """Estimates how likely goals are to be provable."""

    name: str

    async def score(self, goals: Sequence[GoalView]) -> list[float]:
        """Return an estimated log-probability (at most 0) for each goal."""
        ...


class EventSink(Protocol):
    """Takes events as they happen; the store is one, a progress display another."""

    def emit(self, event: Any) -> None:
        """Accept one `lemmata.events.Event`; must return quickly and not raise on a slow consumer."""
        ...


class OutcomeCache(Protocol):
    """Remembers outcomes of (environment, goal, step) across runs; never a source of verdicts."""

    def lookup(self, goal_key: str, step_key: str) -> str | None:
        """Return the remembered JSON text, or None."""
        ...

    def remember(self, goal_key: str, step_key: str, outcome: str) -> None:
        """Store the JSON text of an outcome."""
        ...


class RpcClient(Protocol):
    """A child process that answers requests, one JSON document a line (see `lemmata.rpc`)."""

    async def request(self, method: str, params: Mapping[str, Any], timeout: float | None) -> Any:
        """Send one request and return its result; a `LemmataError` says why there is none.

        `timeout` is in seconds; a request that runs out of time or is cancelled ends the child.
        """
        ...

    async def close(self) -> None:
        """End the child with everything it started; safe to call twice."""
        ...


class Launcher(Protocol):
    """Starts Python children under supervision."""

    async def start(self, arguments: Sequence[str], limits: Limits) -> RpcClient:
        """Start a child; `arguments` is what follows `python`, `limits` holds for the child's whole life."""
        ...
