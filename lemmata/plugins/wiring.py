"""The composition root: the one place that knows which concrete parts make up a workbench."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from lemmata.config import Settings
from lemmata.errors import BackendError, BackendMissing, InputError, Location, UsageError
from lemmata.events import Event
from lemmata.goal import Obligation
from lemmata.plugins import discovery
from lemmata.protocols import Checker, EventSink, OutcomeCache, Prover, Session
from lemmata.step import Step
from lemmata.verdict import Availability, Limits, Verification

if TYPE_CHECKING:
    from search.engine import SearchResult
    from search.executors.local import LocalExecutor
    from search.priorities import Policy

_ORDER = ("annotations", "atoms", "spacer", "smt-portfolio", "sampling")
"""Cheap provers go first; those not named here follow by name."""

_STAGGER_SECONDS = 0.15
"""Head start of each prover over the next."""

_STEP_SHARE = 0.2
"""Part of the time budget that the check of one step may take."""

_PROPOSAL_SECONDS = 20.0
"""Longest single call of a prover; the search's budget usually ends it sooner."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whether a plugin can be used."""

    name: str
    kind: str
    """`checker` or `prover`."""
    availability: Availability
    required: bool
    """Whether it comes with Lemmata and needs no extra: then it has to work."""


class Workbench:
    """Checkers, provers and the search, wired together; an asynchronous context manager.

    Everything is made when it is first needed and shared by all obligations of a run.

    Args:
        settings: what the user has set.
        minimise: whether proofs are reduced to what they need.
    """

    def __init__(self, settings: Settings, *, minimise: bool = True) -> None:
        # Imported here, as the supervisor needs asyncio's subprocess machinery, which takes time to load.
        from checkers.process import Supervisor

        self.settings = settings
        self._minimise = minimise
        self._supervisor = Supervisor()
        self._checkers: dict[str, Checker] = {}
        self._environments: dict[str, str] = {}
        self._provers: dict[str, list[Prover]] = {}
        self._executor: LocalExecutor | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End every process that was started; safe to call twice."""
        if self._executor is not None:
            await self._executor.close()
        await self._supervisor.close()

    def limits(self, seconds: float) -> Limits:
        """Return the limits of a backend process: the memory that is set, and this wall time."""
        return Limits(wall_seconds=seconds, memory_bytes=self.settings.memory_limit)

    def options(self, system: str) -> dict[str, str]:
        """Return the options that the settings imply for reading a file of a proof system."""
        options = {"max_source_bytes": str(self.settings.max_source_bytes)}
        if system == "programs" and self.settings.int_width is not None:
            options["int_width"] = str(self.settings.int_width)
        return options

    def checker(self, name: str) -> Checker:
        """Return the checker with this name; raise `LemmataError` where it cannot be had."""
        if name not in self._checkers:
            self._checkers[name] = discovery.load(discovery.CHECKERS, name)(self._supervisor)
        return self._checkers[name]

    def checker_for(self, path: Path) -> Checker:
        """Return the checker that is responsible for a file, by the ending of its name.

        Raises:
            InputError: no checker is.
            BackendError: one may be, but it cannot be loaded.
        """
        known: list[str] = []
        broken: BackendError | None = None
        for name in discovery.available(discovery.CHECKERS):
            try:
                checker = self.checker(name)
            except BackendError as error:
                broken = error
                continue
            if path.suffix.lower() in checker.suffixes:
                return checker
            known += checker.suffixes
        if broken is not None:
            raise broken
        raise InputError(
            f"no checker knows files that end in {path.suffix!r}" if path.suffix else "no checker knows this file",
            hint=f"known endings are {', '.join(sorted(known))}",
            location=Location(str(path)),
        )

    def check(self) -> None:
        """Raise `UsageError` where the settings name a prover or a policy that does not exist."""
        self._prover_names()
        self._policy()

    def suffixes(self) -> list[str]:
        """Return the endings of the files that some usable checker is responsible for, sorted."""
        found: set[str] = set()
        for name in discovery.available(discovery.CHECKERS):
            with contextlib.suppress(BackendError):
                found.update(self.checker(name).suffixes)
        return sorted(found)

    async def environment(self, system: str) -> str:
        """Return what outcomes of a system's steps depend on besides the goal: the checker and its version."""
        if system not in self._environments:
            found = await self.checker(system).probe()
            self._environments[system] = f"{system} {found.version}"
        return self._environments[system]

    def provers(self, system: str) -> list[Prover]:
        """Return the provers for a system that the settings ask for, each in processes of its own.

        Raises:
            UsageError: the settings name a prover that does not exist.
        """
        if system not in self._provers:
            self._provers[system] = [
                self._hosted().host(name, discovery.target(discovery.PROVERS, name), systems)
                for name, systems in self._prover_names().items()
                if system in systems
            ]
        return self._provers[system]

    def _prover_names(self) -> dict[str, tuple[str, ...]]:
        known = discovery.available(discovery.PROVERS)
        installed = sorted(known, key=lambda n: (_ORDER.index(n) if n in _ORDER else len(_ORDER), n))
        names = installed if self.settings.provers is None else list(self.settings.provers)
        for name in names:
            if name not in installed:
                near = difflib.get_close_matches(name, installed, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"installed are {', '.join(installed) or 'none'}"
                raise UsageError(f"there is no prover {name!r}", hint=hint)
        found: dict[str, tuple[str, ...]] = {}
        for name in names:
            try:
                found[name] = tuple(discovery.load(discovery.PROVERS, name).systems)
            except BackendMissing:
                # An optional prover that is not installed is nothing to stop for, unless it was asked for.
                if self.settings.provers is not None:
                    raise
        return found

    def _hosted(self) -> LocalExecutor:
        if self._executor is None:
            from search.executors.local import LocalExecutor

            self._executor = LocalExecutor(
                self._supervisor, limits=self.limits(_PROPOSAL_SECONDS), processes=max(self.settings.jobs, 1)
            )
        return self._executor

    async def search(
        self,
        obligation: Obligation,
        session: Session,
        *,
        seconds: float,
        sink: EventSink,
        cache: OutcomeCache | None,
        verify: Callable[[Sequence[Step]], Awaitable[Verification]],
        verify_refutation: Callable[[Mapping[str, Any]], Awaitable[Verification]],
        history: Sequence[Event] = (),
    ) -> SearchResult:
        """Run the search on an obligation.

        Args:
            obligation: what to prove.
            session: an open session on it; the caller closes it.
            seconds: wall time of the search.
            sink: gets the events.
            cache: outcomes of earlier searches.
            verify: has a complete proof checked.
            verify_refutation: has a counterexample checked.
            history: events of a search on the same obligation that was cut short.
        """
        from search.budget import Budget
        from search.engine import Engine

        engine = Engine(
            obligation,
            session,
            self.provers(obligation.system),
            budget=Budget(seconds=seconds),
            sink=sink,
            policy=self._policy(),
            cache=cache,
            # One large step must not use up the budget of all the others.
            step_limits=self.limits(min(max(seconds * _STEP_SHARE, 1.0), _PROPOSAL_SECONDS)),
            verify=verify,
            verify_refutation=verify_refutation,
            minimise=self._minimise,
            history=history,
            # One goal at a time: a slow prover's answer on the root is not to wait for its answers on others.
            batch=1,
            stagger=_STAGGER_SECONDS,
        )
        return await engine.run()

    def _policy(self) -> Policy:
        from search.priorities import Ageing, Cumulative, LengthNormalised, MultiQueue

        known: dict[str, Policy] = {
            "default": LengthNormalised(),
            **{policy.name: policy for policy in (LengthNormalised(), Cumulative(), Ageing(), MultiQueue())},
        }
        name = self.settings.policy
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            raise UsageError(f"there is no policy {name!r}", hint=hint)
        return known[name]

    async def probe(self) -> list[Found]:
        """Find out which plugins can be used."""
        checkers = discovery.available(discovery.CHECKERS)
        provers = discovery.available(discovery.PROVERS)
        found = await asyncio.gather(*(self._probe_checker(point) for point in checkers.values()))
        return [*found, *(_probe_prover(point) for point in provers.values())]

    async def _probe_checker(self, point: EntryPoint) -> Found:
        try:
            said = await self.checker(point.name).probe()
        except BackendError as error:
            said = Availability(False, detail=error.message, install=error.hint)
        return Found(point.name, "checker", said, _required(point))


def _probe_prover(point: EntryPoint) -> Found:
    try:
        systems = discovery.load(discovery.PROVERS, point.name).systems
        said = Availability(True, detail=f"for {', '.join(systems)}")
    except BackendError as error:
        said = Availability(False, detail=error.message, install=error.hint)
    return Found(point.name, "prover", said, _required(point))


def _required(point: EntryPoint) -> bool:
    return point.dist is not None and point.dist.name == "lemmata" and not point.extras


def proof_graph(found: SearchResult) -> dict[str, Any]:
    """Return the proved part of a search's graph as JSON values, for a certificate."""
    proof = found.graph.cheapest_proof()
    return found.graph.to_json(only=proof)
