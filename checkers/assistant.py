"""What the checkers of proof assistants share: the obligations of a source file are found in its text."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from checkers.files import read
from checkers.process import Supervisor
from lemmata.errors import Location
from lemmata.goal import Obligation
from lemmata.verdict import Tool

_SIZE_LIMIT = 16 << 20


class Place(Protocol):
    """A theorem or a hole of a source."""

    @property
    def name(self) -> str:
        """What selects it."""
        ...

    @property
    def line(self) -> int:
        """Where it is shown to be, from 1."""
        ...

    @property
    def column(self) -> int:
        """The column there, from 1."""
        ...


HoleT = TypeVar("HoleT", bound=Place)


class AssistantChecker(ABC, Generic[HoleT]):
    """Reads source files; what a system's own checker adds is how to prove in them, and what the methods below ask.

    Args:
        supervisor: starts the processes.
    """

    name: str

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    @abstractmethod
    def _holes(self, text: str, file: str, *, every: bool) -> Iterable[HoleT]:
        """Return what a text leaves open, or every theorem of it, proved or not, and its holes."""

    @abstractmethod
    def _find(self, text: str, selector: str, file: str) -> HoleT:
        """Return the theorem or hole that a selector names; raise `InputError` where it names none, or several."""

    @abstractmethod
    def _settings(self, text: str, path: Path, options: Mapping[str, str]) -> Mapping[str, str]:
        """Return how a file is compiled, as options of its obligations."""

    async def obligations(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        """List what a file leaves open."""
        return await asyncio.to_thread(self._list, path, options, every=False)

    async def catalogue(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        """List every theorem of a file, proved or not, and its holes."""
        return await asyncio.to_thread(self._list, path, options, every=True)

    async def select(self, path: Path, selector: str, options: Mapping[str, str]) -> Obligation:
        """Return the theorem or hole with this name, also when it has a proof: that is then to be found again."""
        return await asyncio.to_thread(self._select, path, selector, options)

    def _list(self, path: Path, options: Mapping[str, str], *, every: bool) -> list[Obligation]:
        text = read_source(path, options)
        return self._obligations(text, path, self._holes(text, str(path), every=every), options)

    def _select(self, path: Path, selector: str, options: Mapping[str, str]) -> Obligation:
        text = read_source(path, options)
        (found,) = self._obligations(text, path, [self._find(text, selector, str(path))], options)
        return found

    def _obligations(
        self, text: str, path: Path, holes: Iterable[HoleT], options: Mapping[str, str]
    ) -> list[Obligation]:
        chosen = dict(self._settings(text, path, options))
        if options.get("allow_axioms"):
            chosen["allow_axioms"] = options["allow_axioms"]
        settings = tuple(sorted(chosen.items()))
        return [Obligation(self.name, h.name, text, Location(str(path), h.line, h.column), settings) for h in holes]

    def _hole(self, obligation: Obligation) -> HoleT:
        return self._find(obligation.source, obligation.name, obligation.location.file)


def read_source(path: Path, options: Mapping[str, str]) -> str:
    """Return a source's text; raise `InputError` where it is too long for the options, or is no text."""
    return read(path, int(options.get("max_source_bytes") or _SIZE_LIMIT))


def tool(name: str, found: str, use: str, install: str) -> Tool:
    """Say of a program or library where it was found; where it was not, what it is good for and what installs it."""
    return Tool(name, bool(found), found or f"not found; it {use}", "" if found else install)
