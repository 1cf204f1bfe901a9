"""A session on one Lean goal: tactics on any goal of its proof tree, in any order."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkers.lean import goals, splitting, suggestions
from checkers.lean.installation import Installation
from checkers.lean.loading import Loaded, launch
from checkers.lean.repl import OutOfTime
from checkers.lean.replies import Refusal, StepReply
from checkers.lean.splitting import Branch
from checkers.lean.tactics import NotATactic, plain, searches
from checkers.lean.worker import LoadFailed, Part, Spent, Spot, Worker, sorries_at
from checkers.process import Supervisor
from lemmata.errors import BackendCrashed, BackendError, InputError, LimitExceeded
from lemmata.goal import Goal, GoalRef, digest
from lemmata.outcome import Closed, Crashed, Open, Outcome, Rejected, TimedOut
from lemmata.step import Step
from lemmata.verdict import Limits

_MOST_SUBGOALS = 64
_LEAST_SECONDS = 0.1
"""Whatever happened before, a step gets so long."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A goal, or several that must be worked on together, and how to get there."""

    spot: Spot
    path: tuple[str, ...]
    """Tactics from the spot on."""
    texts: tuple[str, ...]
    """What Lean printed, to see whether a step changed anything."""
    branches: tuple[Branch, ...] | None = ()
    """What leads to the spot; None where nobody can say, so that goals cannot be told apart below it."""
    shared: bool = False
    """Whether goals were worked on together on the way: whether this one is proved depends on them."""


class LeanSession:
    """One obligation; made by `LeanSession.start`.

    It does not look for counterexamples: a proof of the negated statement would be another theorem than the one in the
    file, and there is no verification that could show what it says about the file.
    """

    sequential = True
    """There is one process, and it does one thing at a time."""

    def __init__(self, worker: Worker, key: str) -> None:
        self._worker = worker
        self._key = key
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._loaded: Loaded | None = None
        self._nodes: dict[str, _Node] = {}
        self._overran: Counter[str] = Counter()
        self._native = False
        """Whether proofs may use compiled programs."""
        self._others = 0
        """How many other goals of the same declaration are left to `sorry`."""
        self.context: Mapping[str, Any] = {}
        self.recovery_seconds = 1.0
        """How much longer than its limit a step may take when a process has to be started and loaded first."""
        self.root: GoalRef

    @classmethod
    async def start(
        cls, supervisor: Supervisor, installation: Installation, loaded: Loaded, limits: Limits
    ) -> LeanSession:
        """Load everything above the goal.

        Raises:
            InputError: with a location, where Lean refuses something of the file.
            BackendError: the REPL cannot be run.
        """
        how = launch(installation, loaded)
        folder = tempfile.TemporaryDirectory(prefix="lemmata-lean-")
        worker = Worker(supervisor, how, loaded.base, limits, Path(folder.name))
        session = cls(worker, loaded.key)
        session._folder = folder
        try:
            await session._begin(loaded)
        except BaseException:
            await session.close()
            raise
        return session

    @classmethod
    def over(cls, worker: Worker, key: str) -> LeanSession:
        """Make a session without a root on a worker that is live; its goals come from `adopt`."""
        return cls(worker, key)

    def adopt(self, number: int, texts: Sequence[str]) -> GoalRef:
        """Return the goal of a proof state that the worker's process already has.

        Args:
            number: of the proof state.
            texts: its goals as Lean printed them.
        """
        spot = self._worker.adopt(number)
        node = _Node(spot, (), tuple(texts), None)
        return self._ref(f"state {number} of {self._worker.pid}", node, None)

    async def _begin(self, loaded: Loaded) -> None:
        began = time.monotonic()
        self._loaded = loaded
        self._native = loaded.native
        try:
            await self._worker.start()
            try:
                reply = await self._worker.elaborate(loaded.place.declaration, self._worker.load_seconds)
            except OutOfTime:
                raise
            except BackendError:
                # Somebody else may have killed it; a declaration that kills Lean every time does so twice.
                reply = await self._worker.elaborate(loaded.place.declaration, self._worker.load_seconds)
        except LoadFailed as error:
            raise loaded.refused(error) from None
        if reply.error is not None:
            raise loaded.refused(LoadFailed(reply.error.data, Part.DECLARATION, reply.error.start))
        here = sorries_at(reply, loaded.place.position)
        if not here or len(set(here)) > 1:
            what = "Lean reports no goal here" if not here else "several goals share this place"
            raise InputError(what, location=loaded.location)
        self.recovery_seconds = 1.0 + 3 * (time.monotonic() - began)
        self._others = len(reply.sorries) - len(here)
        # One place can be elaborated more than once; what was elaborated last is what is kept.
        spot = Spot(loaded.place.declaration, loaded.place.position, len(here) - 1, len(here))
        self.root = self._ref("root", _Node(spot, (), (here[-1],)), None)
        self.context = loaded.context()

    async def apply(self, goal: GoalRef, step: Step, limits: Limits) -> Outcome:
        """Try a tactic on a goal."""
        began = time.monotonic()
        if step.kind != "tactic" or step.parts:
            return Rejected(f"a Lean goal takes tactics, not a {step.kind}")
        try:
            text = plain(step.text, native=self._native)
        except NotATactic as error:
            return Rejected(error.message)
        if self._loaded is not None and (name := self._loaded.unproved_in(text)):
            return Rejected(f"{name} is open itself; prove it first, or accept it with --allow-axioms {name}")
        node = self._nodes.get(goal.handle)
        if node is None:
            return Crashed(f"the session knows no goal {goal.handle!r}")
        for again in (False, True):
            try:
                return await self._try(goal.handle, node, text, self._limit(text, limits.wall_seconds), began)
            except OutOfTime:
                self._overran[text] += 1
                return TimedOut(time.monotonic() - began, "the Lean REPL was killed")
            except (LimitExceeded, LoadFailed) as error:
                return Crashed(error.message, time.monotonic() - began)
            except InputError as error:
                return Rejected(error.message, time.monotonic() - began)
            except BackendError as error:
                # Somebody else may have killed it; a step that kills Lean every time does so twice.
                if again:
                    return Crashed(error.message, time.monotonic() - began)
        return Crashed("the Lean REPL died twice", time.monotonic() - began)

    def _limit(self, text: str, seconds: float | None) -> float | None:
        """Return the limit of a step, halved for each time that the very same one ran out of time elsewhere."""
        return None if seconds is None else max(seconds * 0.5 ** self._overran[text], min(seconds, _LEAST_SECONDS))

    async def _try(self, handle: str, node: _Node, text: str, seconds: float | None, began: float) -> Outcome:
        reply = await self._worker.step(node.spot, node.path, text, seconds)
        if isinstance(reply, StepReply) and searches(text):
            found = await self._replaced(handle, node, reply, seconds, began)
            if found is not None:
                return found
            if self._others:
                # It could not be told what the proof rests on: a search may find what is left open beside it.
                return Rejected("nothing that it finds can be written down", time.monotonic() - began)
        why = _refused(node, reply)
        if isinstance(reply, Refusal) or why:
            return Rejected(why, time.monotonic() - began)
        if reply.completed:
            return Closed(time.monotonic() - began)
        left = None if seconds is None else max(seconds - (time.monotonic() - began), seconds / 2)
        refs = await self._opened(handle, node, text, reply.goals, left)
        return Open(refs, time.monotonic() - began)

    async def _replaced(
        self, handle: str, node: _Node, reply: StepReply, seconds: float | None, began: float
    ) -> Outcome | None:
        """Try what a searching tactic suggests in its place; None where nothing of it works.

        Its suggestions are texts for people: what they are worth is for the REPL to say, as of any other step.
        """
        for suggestion in suggestions.found(reply.messages):
            try:
                instead = plain(suggestion, native=self._native)
            except NotATactic:
                continue
            if searches(instead):
                continue
            left = None if seconds is None else max(seconds - (time.monotonic() - began), seconds / 4)
            try:
                outcome = await self._try(handle, node, instead, left, began)
            except OutOfTime:
                # What the searching tactic itself did still counts.
                return None
            if isinstance(outcome, Closed):
                return Closed(time.monotonic() - began, replacement=Step(instead))
            if isinstance(outcome, Open):
                return Open(outcome.subgoals, time.monotonic() - began, replacement=Step(instead))
        return None

    async def _opened(
        self, handle: str, node: _Node, text: str, texts: tuple[str, ...], seconds: float | None
    ) -> tuple[GoalRef, ...]:
        path = (*node.path, text)
        # The handle is the place in the tree: the same step on the same goal leads to the same one.
        if len(texts) > 1 and not goals.together(texts):
            spots = await self._split(node, path, texts, seconds)
            if spots is not None:
                return tuple(
                    self._ref(digest(handle, text, str(i)), self._below(node, path, texts, i, spot), text)
                    for i, spot in enumerate(spots)
                )
        shared = node.shared or len(texts) > 1 or goals.together(texts)
        joint = _Node(node.spot, path, texts, node.branches, shared)
        return (self._ref(digest(handle, text), joint, text),)

    async def _split(
        self, node: _Node, path: tuple[str, ...], texts: tuple[str, ...], seconds: float | None
    ) -> list[Spot] | None:
        """Give each goal a proof state of its own; None where that fails, and they stay together."""
        if self._loaded is None or node.branches is None or node.shared:
            return None
        whole, position = splitting.opened(self._loaded.place, node.branches, path)
        try:
            reply = await self._worker.elaborate(whole, seconds)
        except (BackendError, InputError):
            return None
        if reply.error is not None or tuple(sorries_at(reply, position)) != texts:
            return None
        return [Spot(whole, position, i, len(texts)) for i in range(len(texts))]

    def _below(self, node: _Node, path: tuple[str, ...], texts: tuple[str, ...], i: int, spot: Spot) -> _Node:
        branches = (*(node.branches or ()), Branch(path, len(texts), i))
        return _Node(spot, (), (texts[i],), branches)

    def _ref(self, handle: str, node: _Node, after: str | None) -> GoalRef:
        """Make the goal for a node; `after` is the step that left it."""
        first, *others = (goals.printed(text) for text in node.texts)
        apart = node.shared or len(node.texts) > 1 or any(map(goals.elided, node.texts)) or goals.together(node.texts)
        # Goals that depend on others, or were not printed in full, are only equal at the same place.
        key = (self._key, handle) if apart else (self._key,)
        goal = Goal(
            "lean",
            "\n\n".join([first.conclusion, *(other.conclusion for other in others)]),
            first.hypotheses,
            digest(*key),
            {
                "case": first.case,
                "goals": len(node.texts),
                "after": after,
                "metavariables": goals.together(node.texts),
                "state": "\n\n".join(node.texts),
            },
        )
        self._nodes[handle] = node
        return GoalRef(handle, goal)

    async def accepts(self, steps: Sequence[Step], limits: Limits) -> bool:
        """Say whether the declaration with these steps as its proof goes through, with nothing more left open."""
        if self._loaded is None:
            return False
        try:
            whole, start, end = self._loaded.proved(steps)
            reply = await self._worker.elaborate(whole, limits.wall_seconds)
        except (NotATactic, InputError, BackendCrashed, LimitExceeded):
            return False
        ours = any(s.start is None or start <= s.start < end for s in reply.sorries)
        return reply.error is None and not ours and len(reply.sorries) == self._others

    async def needed(self, steps: Sequence[Step], limits: Limits) -> list[Step]:
        """Return all of the steps: Lean keeps no account of which ones a proof needs."""
        return list(steps)

    @property
    def spent(self) -> Spent:
        """What the processes of this session spent so far."""
        return self._worker.spent

    async def close(self) -> None:
        """End the process; safe to call twice."""
        await self._worker.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _refused(node: _Node, reply: StepReply | Refusal) -> str:
    """Say why what a step left is no use, empty where it is."""
    if isinstance(reply, Refusal):
        return _line(reply.message.removeprefix("Lean error:\n"))
    if reply.error is not None:
        return _line(reply.error.data)
    if reply.sorries:
        return "it leaves a goal to sorry"
    if not reply.goals:
        if reply.completed:
            return ""
        return _line(reply.status or "this REPL is too old to say whether the proof is complete")
    if len(reply.goals) > _MOST_SUBGOALS:
        return f"it leaves {len(reply.goals)} goals"
    return "it changes nothing" if reply.goals == node.texts else ""


def _line(text: str) -> str:
    return " ".join(text.split()) or "refused"
