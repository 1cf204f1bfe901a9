"""The provers, critics and rankers that the settings ask for, each in child processes of its own."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from lemmata.plugins.choosing import Chosen, choose, choose_critics
from lemmata.verdict import Limits

if TYPE_CHECKING:
    from lemmata.config import Settings
    from lemmata.protocols import Critic, Launcher, Prover
    from search.executors.hosting import Hosting
    from search.executors.local import LocalExecutor
    from search.ranking import Ranker

_CALL_SECONDS = 20.0
"""Longest single call of a plugin; the search's budget usually ends it sooner."""


class Hosts:
    """Finds out who is asked for when it is first needed; all are shared by the obligations of a run.

    Args:
        settings: what the user has set.
        launcher: starts the children.
    """

    def __init__(self, settings: Settings, launcher: Launcher) -> None:
        self._settings = settings
        self._launcher = launcher
        self._chosen: list[Chosen] | None = None
        self._judging: list[Chosen] | None = None
        self._provers: dict[str, list[Prover]] = {}
        self._critics: dict[str, Critic] = {}
        self._rankers: dict[str, Ranker] = {}
        self._executor: LocalExecutor | None = None

    def chosen(self) -> list[Chosen]:
        """The provers that the settings name; raises as `choose` does."""
        if self._chosen is None:
            self._chosen = choose(self._settings.provers)
        return self._chosen

    def judging(self) -> list[Chosen]:
        """The critics and rankers that the settings name; raises as `choose_critics` does."""
        if self._judging is None:
            self._judging = choose_critics(self._settings.critics)
        return self._judging

    def check(self) -> None:
        """Raise where somebody who is asked for is not there, as `choose` and `choose_critics` do."""
        self.chosen()
        self.judging()

    def provers(self, system: str) -> list[Prover]:
        """Return the provers for a system, in the order in which they are to be asked."""
        if system not in self._provers:
            self._provers[system] = [
                self._hosted().host(chosen.name, chosen.target, chosen.systems, self._hosting(chosen))
                for chosen in self.chosen()
                if chosen.serves(system)
            ]
        return self._provers[system]

    def critics(self, system: str) -> list[Critic]:
        """Return the critics for a system; what they learn of one search counts in the next, whatever its system."""
        wanted = [chosen for chosen in self.judging() if chosen.serves(system) and not chosen.ranks]
        for chosen in wanted:
            if chosen.name not in self._critics:
                hosted = self._hosted().critic(chosen.name, chosen.target, self._hosting(chosen))
                self._critics[chosen.name] = hosted
        return [self._critics[chosen.name] for chosen in wanted]

    def ranker(self, system: str) -> Ranker | None:
        """Return what orders the proposals for a system; None where nothing does."""
        for chosen in self.judging():
            if chosen.serves(system) and chosen.ranks:
                if chosen.name not in self._rankers:
                    hosted = self._hosted().ranker(chosen.name, chosen.target, self._hosting(chosen))
                    self._rankers[chosen.name] = hosted
                return self._rankers[chosen.name]
        return None

    async def close(self) -> None:
        """End every process that was started; safe to call twice."""
        if self._executor is not None:
            await self._executor.close()

    def _hosting(self, chosen: Chosen) -> Hosting:
        """Return how a plugin's processes run: as its class says, otherwise like all others."""
        from search.executors.hosting import Hosting

        kind = chosen.kind
        limits = Limits(
            wall_seconds=float(getattr(kind, "call_seconds", _CALL_SECONDS)),
            memory_bytes=getattr(kind, "memory_bytes", self._settings.memory_limit),
        )
        return Hosting(
            limits,
            int(getattr(kind, "processes", max(self._settings.jobs, 1))),
            {"model": chosen.model, **self._seed(kind)} if chosen.model else {},
            tuple(getattr(kind, "variables", ())),
            int(getattr(kind, "batch", 1)),
            int(getattr(kind, "patience", 1)),
            bool(getattr(kind, "interruptible", False)),
        )

    def _seed(self, kind: Any) -> dict[str, Any]:
        """Return the seed as an argument for a plugin's class, where it takes one."""
        return {"seed": self._settings.seed} if "seed" in inspect.signature(kind).parameters else {}

    def _hosted(self) -> LocalExecutor:
        if self._executor is None:
            from search.executors.local import LocalExecutor

            self._executor = LocalExecutor(self._launcher)
        return self._executor
