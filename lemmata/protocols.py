"""The seams between the core, provers, checkers and the search: everything pluggable is one of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from lemmata.errors import Location
from lemmata.explanation import Explanation
from lemmata.goal import GoalRef, GoalView, Obligation
from lemmata.outcome import Outcome
from lemmata.step import Proposal, Step
from lemmata.verdict import Audit, Availability, Limits, Tool, Verification


@runtime_checkable
class Session(Protocol):
    """One live backend on one obligation; it survives crashes of its backend by replaying.

    A session may have an attribute `sequential` that is True: its backend holds one state at a time, like a stack, so
    that steps on one goal after another are cheapest, and a second step at the same time only waits for the first.
    Where some steps go to a backend of their own it may have a method `beside` that says of a step whether it does: one
    such step is tried while the search goes on with others. It may have a number `recovery_seconds`, the time that
    starting its backend again can add to a step.
    """

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


# What a checker may offer beside that; whoever wants it asks with `isinstance`.


@runtime_checkable
class Selector(Protocol):
    """A checker that finds an obligation by its selector, also one that is no open obligation of its file."""

    async def select(self, path: Path, selector: str, options: Mapping[str, str]) -> Obligation:
        """Return the obligation that a selector names; raise `InputError` where it names none, or several.

        A theorem that already has a proof is one: it is proved again, and the new proof would replace the old one.
        """
        ...


@runtime_checkable
class Catalogue(Protocol):
    """A checker that can list all theorems of a file, also those that have a proof."""

    async def catalogue(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        """Return every theorem of a file in the order of the file, each with the name that selects it."""
        ...


@runtime_checkable
class Scripted(Protocol):
    """A checker whose proofs are scripts that people read."""

    def script(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Return the proof as it stands in the artefact, without the rest of the file; pure and deterministic."""
        ...


@runtime_checkable
class Reaching(Protocol):
    """A checker that can say whether what it proved is about anything that ever happens."""

    async def reachability(
        self, obligation: Obligation, artefact: str, limits: Limits
    ) -> Sequence[tuple[Location, Audit]]:
        """Return an audit of each assertion of a proved obligation: `passed` where some run reaches it.

        Raises:
            BackendError: it cannot be found out.
        """
        ...


@runtime_checkable
class Stated(Protocol):
    """A checker whose obligations are statements written in their files."""

    def statement(self, obligation: Obligation) -> str:
        """Return what is to be proved as it stands in the file, name and binders included; pure and deterministic."""
        ...


@runtime_checkable
class Patcher(Protocol):
    """A checker whose artefact is the source file with the proof filled in, so that it can take the file's place.

    An artefact differs from its obligation's source in one stretch, where the proof stands, and perhaps in lines added
    at the top.
    """

    async def compiles(self, text: str, path: Path, options: Mapping[str, str], limits: Limits) -> str:
        """Say whether a whole file compiles in a fresh process; proofs may be left open where the language allows it.

        Args:
            text: the file's new text.
            path: where the file lies; what it imports is found from there.
            options: as for `Checker.obligations`.
            limits: of the process.

        Returns:
            The empty text where it does, otherwise the first error.
        """
        ...


@runtime_checkable
class Explainer(Protocol):
    """A checker that can say what it asks solvers about the steps of a proof, for people to read."""

    async def explain(self, obligation: Obligation, steps: Sequence[Step], limits: Limits) -> Explanation:
        """Explain steps, root first, which need not prove anything; nothing is solved."""
        ...


@runtime_checkable
class Library(Protocol):
    """A checker whose system has a library that comes with its sources."""

    def library(self) -> Path | None:
        """Return the folder of the library's sources; None where the system or the sources are not installed."""
        ...


@runtime_checkable
class Equipped(Protocol):
    """A checker that works with programs which are installed separately."""

    async def tools(self) -> Sequence[Tool]:
        """Say of each program and library whether it is there, and what installs it."""
        ...


@runtime_checkable
class Refuter(Protocol):
    """A session that can also look for counterexamples."""

    async def refute(self, limits: Limits) -> Mapping[str, Any] | None:
        """Search for a counterexample; return it, already confirmed by execution, or None."""
        ...


@runtime_checkable
class Disprover(Protocol):
    """A session that can doubt the lemmas of a blueprint."""

    async def disprove(self, statement: str, limits: Limits) -> str:
        """Say where a closed statement fails, such as "for n := 0"; empty where that is not known.

        This guides the search and is never a verdict.
        """
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

    def interrupt(self) -> None:
        """Tell the child that nobody waits for the answer to its request any more."""
        ...

    async def close(self) -> None:
        """End the child with everything it started; safe to call twice."""
        ...


class Launcher(Protocol):
    """Starts Python children under supervision."""

    async def start(self, arguments: Sequence[str], limits: Limits, variables: Sequence[str] = ()) -> RpcClient:
        """Start a child; `arguments` is what follows `python`, `limits` holds for the child's whole life.

        `variables` are names of environment variables of ours that it gets besides harmless ones, where they are set.
        """
        ...
