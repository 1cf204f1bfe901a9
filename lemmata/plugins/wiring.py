"""The composition root: the one place that knows which concrete parts make up a workbench."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import difflib
import json
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
from lemmata.plugins.engines import Engines
from lemmata.plugins.hosting import Hosts
from lemmata.plugins.tuning import tuning
from lemmata.protocols import Checker, Equipped, EventSink, Library, OutcomeCache, Prover, Session
from lemmata.step import Step
from lemmata.verdict import Availability, Limits, Tool, Verification

if TYPE_CHECKING:
    from search.engine import SearchResult
    from search.priorities import Policy

_APART_DELAY = 0.15
"""Part of the time after which a prover that searches on its own begins: what others prove is mostly proved by then."""
_ASSISTANTS = ("coq", "fstar", "isabelle", "lean")
"""Systems in which a proof can rest on axioms."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whether a plugin can be used."""

    name: str
    kind: str
    """`checker`, `prover` or `critic`."""
    availability: Availability
    required: bool
    """Whether it comes with Lemmata and needs nothing else: then it has to work."""
    tools: tuple[Tool, ...] = ()
    """What a checker uses that is installed separately."""


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
        self._responsible: dict[str, Checker] = {}
        """By the ending of a file's name; looking through what is installed takes time."""
        self._environments: dict[str, str] = {}
        self._hosts = Hosts(settings, self._supervisor)
        self.engines = Engines(self._supervisor, settings.memory_limit)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End every process that was started; safe to call twice."""
        await self._hosts.close()
        await self.engines.close()
        await self._supervisor.close()

    def limits(self, seconds: float) -> Limits:
        """Return the limits of a backend process: the memory that is set, and this wall time."""
        return Limits(wall_seconds=seconds, memory_bytes=self.settings.memory_limit)

    def options(self, system: str) -> dict[str, str]:
        """Return the options that the settings imply for reading a file of a proof system."""
        options = {"max_source_bytes": str(self.settings.max_source_bytes)}
        if system == "programs" and self.settings.int_width is not None:
            options["int_width"] = str(self.settings.int_width)
        if system in _ASSISTANTS and self.settings.allow_axioms:
            options["allow_axioms"] = json.dumps(self.settings.allow_axioms)
        if system == "coq":
            if self.settings.coq_flags:
                options["coq_flags"] = json.dumps(self.settings.coq_flags)
            if self.settings.root is not None:
                options["root"] = str(self.settings.root)
        return options

    def checking(self, system: str) -> dict[str, str]:
        """Return the options for checking an artefact of a proof system: those for reading, and how strict to be."""
        options = self.options(system)
        if self.settings.require_both:
            options["require_both"] = "1"
        if system == "programs" and self.settings.emit:
            options["emit"] = ",".join(self.settings.emit)
        if system == "programs" and self.settings.recheck:
            options["recheck"] = self.settings.recheck
        return options

    async def require(self, system: str) -> None:
        """Make sure, before any work is done, that what checking a system's artefacts is to use can be used.

        Raises:
            UsageError: the settings contradict each other.
            BackendMissing: something is not installed.
        """
        checking = self.checking(system)
        if ("emit" in checking or "recheck" in checking) and self.settings.int_width is not None:
            raise UsageError("machine integers cannot be written as theorems", hint="leave out --int-width")
        if "recheck" in checking:
            said = await self.checker(checking["recheck"]).probe()
            if not said.available:
                raise BackendMissing(said.detail, hint=said.install)

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
        suffix = path.suffix.lower()
        if suffix in self._responsible:
            return self._responsible[suffix]
        known: list[str] = []
        broken: BackendError | None = None
        for name in discovery.available(discovery.CHECKERS):
            try:
                checker = self.checker(name)
            except BackendError as error:
                broken = error
                continue
            if suffix in checker.suffixes:
                self._responsible[suffix] = checker
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
        """Make sure, before any work is done, that there is every prover, critic and policy that the settings name.

        Raises:
            LemmataError: there is not, or it cannot be used.
        """
        self._hosts.check()
        self._policy()

    def suffixes(self) -> list[str]:
        """Return the endings of the files that some usable checker is responsible for, sorted."""
        found: set[str] = set()
        for name in discovery.available(discovery.CHECKERS):
            with contextlib.suppress(BackendError):
                found.update(self.checker(name).suffixes)
        return sorted(found)

    def libraries(self) -> list[Path]:
        """Return the folders of the sources of the proof systems' own libraries, as far as they are installed."""
        found: list[Path] = []
        for name in discovery.available(discovery.CHECKERS):
            with contextlib.suppress(BackendError):
                checker = self.checker(name)
                folder = checker.library() if isinstance(checker, Library) else None
                found += [folder] if folder is not None else []
        return found

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
        return self._hosts.provers(system)

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
        verify_seconds: float | None = None,
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
            verify_seconds: wall time of verifying proofs, beside that of the search; None leaves it to the engine.
        """
        from search.budget import Budget
        from search.engine import Engine
        from search.ranking import Ranked, Ranking
        from search.scoring import Counted

        system = obligation.system
        tuned = tuning(system)
        provers = [p for p in self.provers(system) if seconds >= tuned.least.get(p.name, 0.0)]
        critics = [Counted(critic) for critic in self._hosts.critics(system)]
        ranker = self._hosts.ranker(system)
        ranking = None if ranker is None else Ranking(ranker)
        apart = [chosen.name for chosen in self._hosts.chosen() if getattr(chosen.kind, "apart", False)]
        engine = Engine(
            obligation,
            session,
            provers if ranking is None else [Ranked(prover, ranking) for prover in provers],
            budget=Budget(seconds=seconds),
            sink=sink,
            policy=self._policy(tuned.policy),
            critics=critics,
            cache=cache,
            step_limits=self.limits(tuned.step_seconds(seconds)),
            verify=verify,
            verify_refutation=verify_refutation,
            minimise=self._minimise,
            history=history,
            verify_seconds=verify_seconds,
            batch=tuned.batch,
            width=tuned.width,
            concurrency=tuned.concurrency,
            stagger=tuned.stagger,
            delays={**tuned.delays, **dict.fromkeys(apart, _APART_DELAY)},
            refuter_delay=tuned.refuter_delay,
            stickiness=tuned.stickiness,
            goal_weight=tuned.goal_weight,
            # What models say of themselves cannot be compared with the estimates that others were given by hand.
            sharing=1.0 if any(chosen.model and not chosen.calibrated for chosen in self._hosts.chosen()) else 0.0,
            apart=apart,
        )
        try:
            found = await engine.run()
        finally:
            if ranking is not None:
                await ranking.close()
        judges: list[Counted | Ranking] = [*critics, *([] if ranking is None else [ranking])]
        told = {judge.name: dataclasses.asdict(judge.stats) for judge in judges}
        return dataclasses.replace(found, stats={**found.stats, "critics": told}) if told else found

    def _policy(self, default: str = "best-first") -> Policy:
        from search.priorities import Ageing, Cumulative, LengthNormalised, MultiQueue

        policies: tuple[Policy, ...] = (LengthNormalised(), Cumulative(), Ageing(), MultiQueue())
        named = {policy.name: policy for policy in policies}
        known = {"default": named[default], **named}
        name = self.settings.policy
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            raise UsageError(f"there is no policy {name!r}", hint=hint)
        return known[name]

    async def probe(self) -> list[Found]:
        """Find out which plugins can be used."""
        checkers = discovery.available(discovery.CHECKERS)
        found = await asyncio.gather(*(self._probe_checker(point) for point in checkers.values()))
        for group in (discovery.PROVERS, discovery.CRITICS):
            found += [_probe_plugin(group, point) for point in discovery.available(group).values()]
        return found

    async def _probe_checker(self, point: EntryPoint) -> Found:
        tools: tuple[Tool, ...] = ()
        required = _required(point)
        try:
            checker = self.checker(point.name)
            if isinstance(checker, Equipped):
                tools = tuple(await checker.tools())
                required = False
            said = await checker.probe()
        except BackendError as error:
            said = Availability(False, detail=error.message, install=error.hint)
        return Found(point.name, "checker", said, required, tools)


def _probe_plugin(group: str, point: EntryPoint) -> Found:
    try:
        kind = discovery.load(group, point.name)
        systems = ", ".join(getattr(kind, "systems", ())) or "every system"
        setting = f"; {kind.setting()}" if hasattr(kind, "setting") else ""
        said = Availability(True, detail=f"for {systems}{setting}")
        required = _required(point)
    except BackendError as error:
        said = Availability(False, detail=error.message, install=error.hint)
        # What comes with Lemmata has to work, but some of it only where libraries of an extra are installed.
        required = _required(point) and not isinstance(error, BackendMissing)
    return Found(point.name, discovery.singular(group), said, required)


def _required(point: EntryPoint) -> bool:
    return point.dist is not None and point.dist.name == "lemmata" and not point.extras


def proof_graph(found: SearchResult) -> dict[str, Any]:
    """Return the proved part of a search's graph as JSON values, for a certificate."""
    proof = found.graph.cheapest_proof()
    return found.graph.to_json(only=proof)
