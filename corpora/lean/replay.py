"""Lean files replayed by the REPL: each tactic of each proof, taken again on its own at the goals that Lean had there.

The REPL tells of each tactic the goals before it, and keeps the state (`allTactics`); what the tactic leaves is found
out by taking it again in that state, as a session would (`README.md`, `REPL/Main.lean` of leanprover-community/repl).
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from checkers.lean import scan
from checkers.lean.lexer import Lines
from checkers.lean.pieces import header_end
from checkers.lean.repl import Launch, OutOfTime, Repl
from checkers.lean.replies import CommandReply, Position, Refusal, StepReply, Traced
from checkers.lean.scan import Hole
from checkers.process import Supervisor
from corpora.lean.steps import Proof, Tactic, states, usable
from corpora.stages.task import Failure
from lemmata.errors import BackendCrashed, BackendError, BackendMissing, InputError, Location
from lemmata.verdict import Limits

_UNPRINTED = "<failed to pretty print>"


@dataclass(slots=True)
class Found:
    """What a replay has given so far."""

    proofs: list[Proof] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    unproved: int = 0
    """Proofs that their authors have given up."""
    outside: int = 0
    """Tactics that are in no theorem."""
    complete: bool = False


def read(path: Path, label: str) -> str:
    """Return the text of a source.

    Raises:
        InputError: it is none.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read it: {error}", location=Location(label)) from None
    return text.replace("\r\n", "\n")


class Replay:
    """One file, replayed.

    Args:
        text: of the file.
        label: its name in records and messages.
        options: what its project gives `lean`, each as `-Dname=value`.

    Raises:
        InputError: the text is not Lean.
    """

    def __init__(self, text: str, label: str, options: Sequence[str] = ()) -> None:
        self._label = label
        self._theorems = sorted(scan.theorems(text, label), key=lambda hole: hole.declaration)
        self._starts = [hole.declaration[0] for hole in self._theorems]
        self._text = text
        self._rows = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
        # On the line of what follows, so that all lines keep their numbers.
        self._added = "".join(f" set_option {name} {value} " for name, value in map(_setting, options) if name)
        self._header = header_end(text)
        self._lines = Lines(text)
        self.found = Found()

    async def run(self, supervisor: Supervisor, launch: Launch, limits: Limits) -> None:
        """Replay the file; what is found before anything goes wrong is kept.

        Args:
            supervisor: starts the REPL.
            launch: how.
            limits: of the process; its wall time is for the whole file.

        Raises:
            InputError: Lean cannot read the file at all.
            BackendMissing: there is no REPL.
        """
        deadline = time.monotonic() + (limits.wall_seconds or float("inf"))
        repl = Repl(supervisor, launch, limits)
        at = self._place(0)
        try:
            reply = await self._ask(repl, {"cmd": self._request(), "allTactics": True}, deadline)
            if isinstance(reply, Refusal):
                raise InputError(f"Lean cannot read this file: {reply.message}", location=Location(self._label))
            if not isinstance(reply, CommandReply):
                raise BackendCrashed("the Lean REPL: it answers a file as if it were a tactic")
            for hole, tactics in self._sorted(reply):
                at = self._place(hole.statement[0])
                taken = [await self._taken(repl, tactic, deadline) for tactic in tactics]
                statement = " ".join(self._text[slice(*hole.statement)].split())
                self.found.proofs.append(Proof(hole.full or hole.name, statement, tuple(taken)))
            self.found.complete = True
        except OutOfTime:
            self._failed(at, "timeout", f"the replay takes over {limits.wall_seconds:g} s")
        except BackendMissing:
            raise
        except BackendError as error:
            self._failed(at, "the Lean REPL died", error.message)
        finally:
            await repl.close()

    def _request(self) -> str:
        return self._text[: self._header] + self._added + self._text[self._header :]

    async def _ask(self, repl: Repl, request: dict[str, object], deadline: float) -> CommandReply | StepReply | Refusal:
        left = deadline - time.monotonic()
        return await repl.ask(request, None if left == float("inf") else max(left, 0.001))

    def _sorted(self, reply: CommandReply) -> list[tuple[Hole, list[Traced]]]:
        """Return the theorems that are proved, each with its tactics in order."""
        spoilt = self._spoilt(reply)
        given_up = {index for sorry in reply.sorries if sorry.start and (index := self._at(sorry.start)) is not None}
        found: dict[int, list[Traced]] = {}
        for tactic in map(self._moved, reply.tactics):
            # The steps of a `calc`, for example, are reported beside it, where nothing is left to prove.
            if not states(tactic.goals) or tactic.tactic in ("", _UNPRINTED) or tactic.tactic[0].isspace():
                continue
            index = self._at(tactic.start)
            if index is None:
                self.found.outside += 1
            elif index not in spoilt and index not in given_up:
                found.setdefault(index, []).append(tactic)
        self.found.unproved = len(given_up - spoilt)
        return [(self._theorems[at], sorted(found[at], key=lambda tactic: tactic.start)) for at in sorted(found)]

    def _spoilt(self, reply: CommandReply) -> set[int]:
        """Return the theorems in which Lean finds errors, and note all errors."""
        found = set()
        for message in reply.messages:
            if message.failed:
                start = self._back(message.start)
                self._failed(Location(self._label, start.line, start.column + 1), "Lean refuses this", message.data)
                if (index := self._at(start)) is not None:
                    found.add(index)
        return found

    async def _taken(self, repl: Repl, tactic: Traced, deadline: float) -> Tactic:
        """Take a tactic again, to see what it leaves."""
        after: tuple[str, ...] | None = None
        text = usable(tactic.tactic)
        if text and tactic.state is not None:
            reply = await self._ask(repl, {"tactic": text, "proofState": tactic.state}, deadline)
            if isinstance(reply, StepReply) and reply.error is None and not reply.sorries:
                after = tuple(goal for text in reply.goals for goal in states(text))
        line, column = tactic.start.line, tactic.start.column + 1
        return Tactic(line, column, tactic.tactic, states(tactic.goals), after, tactic.constants)

    def _at(self, position: Position) -> int | None:
        """Return which theorem a place is in."""
        offset = self._rows[min(max(position.line, 1), len(self._rows)) - 1] + position.column
        index = bisect_right(self._starts, offset) - 1
        return index if index >= 0 and offset < self._theorems[index].declaration[1] else None

    def _moved(self, tactic: Traced) -> Traced:
        return replace(tactic, start=self._back(tactic.start), end=self._back(tactic.end))

    def _back(self, position: Position) -> Position:
        """Return a place of what Lean was given as a place of the file."""
        line = self._text.count("\n", 0, self._header) + 1
        first = self._header - self._rows[line - 1]
        if position.line != line or position.column < first:
            return position
        return Position(line, max(position.column - len(self._added), first))

    def _place(self, offset: int) -> Location:
        return Location(self._label, *self._lines.place(offset))

    def _failed(self, at: Location, reason: str, message: str) -> None:
        self.found.failures.append(Failure(str(at), reason, message[:2000]))


def _setting(option: str) -> tuple[str, str]:
    """Return the name and value of an option for `lean`; no name where it does not matter to proofs."""
    name, _, value = option.removeprefix("-D").removeprefix("weak.").partition("=")
    # An open goal is a warning, and would be an error with the option that is left out.
    if name == "warningAsError" or not value:
        return "", ""
    return name, value if value in ("true", "false") or value.isdigit() else f'"{value}"'
