"""Recorded conversations with the Lean REPL, and sessions over a stand-in that repeats them.

A conversation is two files: `NAME.in`, requests that blank lines separate, and `NAME.expected.out`, the answers. Those
of `../shared/fixtures/lean-repl` are driven, and those of any folder that `LEMMATA_LEAN_CONVERSATIONS` names.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pipe_peer
import pytest
from pipe_peer import Exchange, Fault

from checkers.lean import goals, loading
from checkers.lean.installation import Installation
from checkers.lean.repl import Launch
from checkers.lean.session import LeanSession
from checkers.lean.tactics import NotATactic, plain
from checkers.lean.worker import Base, Worker
from checkers.process import Supervisor
from lemmata.errors import Location
from lemmata.goal import GoalRef, Obligation
from lemmata.outcome import Closed, Open, Outcome, Rejected
from lemmata.step import Step
from lemmata.verdict import Limits

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT.parent / "shared" / "fixtures" / "lean-repl"
MORE = "LEMMATA_LEAN_CONVERSATIONS"
UNKNOWN = json.dumps({"message": "Lean error:\nnot recorded"})
SECONDS = Limits(wall_seconds=5.0)


@dataclass(frozen=True)
class Conversation:
    """One recorded conversation."""

    name: str
    exchanges: tuple[Exchange, ...]

    @property
    def tactics(self) -> int:
        """How many tactics were tried in it."""
        return sum("tactic" in exchange.request for exchange in self.exchanges)

    @property
    def proof(self) -> list[str]:
        """The tactics that were tried, in order."""
        return [exchange.request["tactic"] for exchange in self.exchanges if "tactic" in exchange.request]


def documents(text: str) -> list[str]:
    """Cut a file at its blank lines; the lines of one document are joined, as the REPL does."""
    found: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            found[-1].append(line.rstrip())
        elif found[-1]:
            found.append([])
    return ["".join(lines) for lines in found if lines]


def read(request_file: Path) -> Conversation | None:
    """Read a conversation; None where its answers are not there, or not one for each request."""
    answer_file = request_file.with_name(f"{request_file.stem}.expected.out")
    if not answer_file.is_file():
        return None
    requests = _requests(request_file.read_text("utf-8"))
    answers = [block for block in answer_file.read_text("utf-8").split("\n\n") if block.strip()]
    if len(requests) != len(answers):
        return None
    pairs = zip(requests, answers, strict=True)
    return Conversation(request_file.stem, tuple(Exchange(request, (answer.strip("\n"),)) for request, answer in pairs))


def _requests(text: str) -> list[dict[str, Any]]:
    return [json.loads(document) for document in documents(text)]


def folders() -> list[Path]:
    """Return the folders that hold conversations."""
    more = [Path(name) for name in os.environ.get(MORE, "").split(os.pathsep) if name]
    return [folder for folder in (FIXTURES, FIXTURES / "Mathlib" / "test", *more) if folder.is_dir()]


def conversations() -> Iterator[Conversation]:
    """Yield every conversation in which a tactic was tried."""
    for folder in folders():
        for file in sorted(folder.glob("*.in")):
            found = read(file)
            if found is not None and found.tactics:
                yield found


def recorded(name: str) -> Conversation:
    """Return the conversation with this name; skips the test where there are no fixtures."""
    for folder in folders():
        found = read(folder / f"{name}.in") if (folder / f"{name}.in").is_file() else None
        if found is not None:
            return found
    pytest.skip(f"no conversation {name}: {FIXTURES} is absent")


def cmd(text: str, reply: dict[str, Any], env: int | None = None) -> Exchange:
    """Make the exchange of a command."""
    return Exchange({"cmd": text} if env is None else {"cmd": text, "env": env}, (json.dumps(reply, indent=1),))


def tactic(text: str, state: int, reply: dict[str, Any]) -> Exchange:
    """Make the exchange of a tactic."""
    return Exchange({"tactic": text, "proofState": state}, (json.dumps(reply, indent=1),))


def left(state: int, *goals: str, **more: Any) -> dict[str, Any]:
    """Make the answer to a tactic that leaves goals, or none."""
    status = "Incomplete: open goals remain" if goals else "Completed"
    return {"proofStatus": status, "proofState": state, "goals": list(goals), **more}


def open_at(state: int, line: int, column: int, goal: str) -> dict[str, Any]:
    """Make the entry of a `sorry`."""
    pos, end = {"line": line, "column": column}, {"line": line, "column": column + 5}
    return {"proofState": state, "pos": pos, "goal": goal, "endPos": end}


def write(
    folder: Path, exchanges: Sequence[Exchange], fault: Fault | None = None, *, ident: str = "", unknown: str = UNKNOWN
) -> Path:
    """Make a REPL that repeats a conversation."""
    return pipe_peer.write(folder, "repl", exchanges, framing="blank", fault=fault, ident=ident, unknown=unknown)


def installation(program: Path, version: str = "4.33.0") -> Installation:
    """Return an installed Lean whose REPL is this program."""
    return Installation(
        lean=str(program.with_name("lean")), lake="", version=version, toolchain="", checker=(), repl=(str(program),)
    )


def obligation(source: str, name: str, options: tuple[tuple[str, str], ...] = ()) -> Obligation:
    """Return the obligation of a theorem in a file that is only this text."""
    return Obligation("lean", name, source, Location("It.lean", 1, 1), options)


@asynccontextmanager
async def session(program: Path, source: str, name: str, *, memory: int | None = 2 << 30) -> AsyncIterator[LeanSession]:
    """Open a session on a theorem over a REPL; afterwards, nothing that was started may be left."""
    async with Supervisor() as supervisor:
        found = installation(program)
        loaded = loading.load(obligation(source, name), found)
        opened = await LeanSession.start(supervisor, found, loaded, Limits(5.0, None, memory, 64 << 20))
        try:
            yield opened
        finally:
            await opened.close()
        assert not supervisor.live


class Driven:
    """A recorded conversation, with what a session says of its tactics.

    A session adopts the proof states that were recorded; where it made one itself, its own goal is used.
    """

    def __init__(self, conversation: Conversation, worker: Worker) -> None:
        self._conversation = conversation
        self._worker = worker
        self._session = LeanSession.over(worker, conversation.name)
        self._refs: dict[int, GoalRef] = {}
        self._texts: dict[int, tuple[str, ...]] = {}
        self.outcomes: list[tuple[str, Outcome]] = []
        """What the session said of each tactic, in order."""
        self.sent = 0
        """How many tactics reached the REPL."""

    async def run(self) -> None:
        """Take every exchange in turn."""
        for exchange in self._conversation.exchanges:
            answer = json.loads(exchange.replies[0])
            if "tactic" in exchange.request:
                await self._tactic(exchange.request, answer)
            else:
                await self._worker.ask(dict(exchange.request), 5.0)
                if "goals" in answer:
                    self._texts[answer["proofState"]] = tuple(answer["goals"])
            for entry in (*answer.get("sorries", ()), *answer.get("tactics", ())):
                if "proofState" in entry:
                    self._texts[entry["proofState"]] = (entry.get("goal") or entry["goals"],)

    async def _tactic(self, request: Any, answer: dict[str, Any]) -> None:
        state, text = request["proofState"], request["tactic"]
        before = self._texts.get(state, ("⊢ True",))
        ref = self._refs.get(state) or self._session.adopt(state, before)
        outcome = await self._session.apply(ref, Step(text), SECONDS)
        self.outcomes.append((text, outcome))
        if canonical(text) is None:
            assert isinstance(outcome, Rejected), (text, outcome)
        else:
            self.sent += 1
            _agrees(text, before, answer, outcome)
        number = answer.get("proofState")
        if number is not None:
            self._texts[number] = tuple(answer["goals"])
            if isinstance(outcome, Open):
                (self._refs[number],) = outcome.subgoals


def _agrees(text: str, before: tuple[str, ...], answer: dict[str, Any], outcome: Outcome) -> None:
    """Check an outcome against what the real REPL said."""
    errors = any(m["severity"] == "error" for m in answer.get("messages", ()))
    clean = not errors and "sorries" not in answer and "message" not in answer
    if answer.get("proofStatus") == "Completed" and clean:
        assert isinstance(outcome, Closed), (text, outcome)
    elif clean and answer.get("goals") and tuple(answer["goals"]) != before:
        assert isinstance(outcome, Open), (text, outcome)
        (ref,) = outcome.subgoals
        assert ref.goal.details["goals"] == len(answer["goals"])
        assert ref.goal.conclusion.split("\n\n")[0] == goals.printed(answer["goals"][0]).conclusion
    else:
        assert isinstance(outcome, Rejected), (text, outcome)
        assert outcome.message


def canonical(text: str) -> str | None:
    """Return a tactic as a session sends it, None where it is refused before."""
    try:
        return plain(text)
    except NotATactic:
        return None


def drive(conversation: Conversation, folder: Path, program: Path | None = None) -> Driven:
    """Drive a conversation through a session, and check every outcome; the REPL is a stand-in unless one is given."""
    asked = program or write(folder, [_canonical(exchange) for exchange in conversation.exchanges])

    async def run() -> Driven:
        async with Supervisor() as supervisor:
            worker = Worker(supervisor, Launch((str(asked),)), Base("", ""), Limits(), folder)
            await worker.start()
            driven = Driven(conversation, worker)
            await driven.run()
            await worker.close()
            assert not supervisor.live
            return driven

    return asyncio.run(run())


def _canonical(exchange: Exchange) -> Exchange:
    text = canonical(exchange.request.get("tactic", ""))
    return exchange if text is None else Exchange({**exchange.request, "tactic": text}, exchange.replies)
