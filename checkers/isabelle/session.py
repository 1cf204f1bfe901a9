"""A session on one Isabelle goal: steps on any goal of its proof tree, in any order.

Each check is a theory of its own with the steps that lead to the goal, the step, and `sorry` for what is open; so there
is nothing to bring back when the server dies. A step is valid when Isabelle processed that theory to its end without an
error, and it closes its goal when the same holds with `done`, or a proof, in place of the goal's `sorry`.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkers.isabelle import artefact, facts, goals, project, refutation, scan, suggestions, theory
from checkers.isabelle.goals import Display
from checkers.isabelle.installation import Installation
from checkers.isabelle.outcomes import failure, last_state
from checkers.isabelle.protocol import CommandRefused
from checkers.isabelle.results import Result
from checkers.isabelle.server import Server
from checkers.isabelle.steps import NotAStep, Parsed, StepKind, parse
from checkers.isabelle.theory import Written
from checkers.process import Supervisor
from lemmata.errors import BackendError, BackendMissing, InputError, LemmataError, Location
from lemmata.goal import Goal, GoalRef, Hypothesis, Obligation, digest
from lemmata.outcome import Closed, Crashed, Open, Outcome, Rejected, TimedOut
from lemmata.step import Step
from lemmata.verdict import Limits

_MOST_SUBGOALS = 64
_MOST_SUGGESTIONS = 4
_ROOT_SECONDS = 600.0
"""For everything above the theorem."""
_TOOLS = ("quickcheck [timeout = 5, expect = counterexample]", "nitpick [timeout = 5, expect = genuine]")
_TOOL_SECONDS = 10.0
_MOST_REFUTING = 60.0
_WORD = re.compile(r"[^\W\d][\w']*")


@dataclass(frozen=True, slots=True)
class _Node:
    """A goal, or several that share schematic variables, and the way there."""

    script: tuple[str, ...]
    """Commands after which the goal comes first."""
    behind: int
    """How many other goals there are then."""
    focused: bool
    """Whether steps are kept to the first goal."""
    texts: tuple[str, ...]
    """What Isabelle printed, to see whether a step changed anything; empty where that is not known."""
    goals: int = 0
    """How many goals it is; 0 where that is not known."""


class IsabelleSession:
    """One obligation; made by `IsabelleSession.start`."""

    sequential = True
    """One check at a time: theories of one session share its processors."""

    def __init__(
        self, supervisor: Supervisor, installation: Installation, obligation: Obligation, limits: Limits, folder: Path
    ) -> None:
        self._supervisor = supervisor
        self._installation = installation
        self._limits = limits
        self._folder = folder
        self._file = obligation.location.file
        self._obligation = obligation
        self._project = project.of_options(dict(obligation.options))
        self._hole = scan.find(obligation.source, obligation.name, self._file)
        self._plan = theory.plan(obligation.source, self._hole, self._project, folder, self._file)
        self._unproved = frozenset[str]()
        if not obligation.option("allow_axioms"):
            self._unproved = theory.unproved(obligation.source, self._hole, self._file)
        self._server: Server | None = None
        self._numbers = itertools.count(1)
        self._turn = asyncio.Lock()
        self._closed = False
        self._checked_in = 1.0
        self._nodes: dict[str, _Node] = {}
        self._key = digest(
            self._plan.above, self._plan.below, *(self._plan.base or ()), str(sorted(obligation.options))
        )
        self.context: dict[str, Any] = facts.survey(obligation.source, self._hole, self._file)
        self.context["logic"] = self._project.logic
        self.recovery_seconds = 30.0
        """How much longer than its limit a step may take when a server has to be started first."""
        self.root: GoalRef

    @classmethod
    async def start(
        cls, supervisor: Supervisor, installation: Installation, obligation: Obligation, limits: Limits
    ) -> IsabelleSession:
        """Start a server, and have it process everything above the goal.

        Raises:
            InputError: with a location, where Isabelle refuses the text above the goal.
            BackendError: Isabelle cannot be run.
        """
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="lemmata-isabelle-")).resolve()
        try:
            session = await asyncio.to_thread(cls, supervisor, installation, obligation, limits, folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        try:
            await session._begin()
        except BaseException:
            await session.close()
            raise
        return session

    async def _begin(self) -> None:
        await asyncio.to_thread(self._plan.write, self._folder)
        began = time.monotonic()
        await self._ready()
        self.recovery_seconds = 5.0 + 2 * (time.monotonic() - began)
        began = time.monotonic()
        written = self._plan.theory(["sorry"])
        try:
            result = await self._use(written, max(self._limits.wall_seconds or 0.0, _ROOT_SECONDS))
        except TimeoutError:
            raise BackendError("Isabelle does not get through what stands above the goal in time") from None
        except CommandRefused as error:
            raise InputError(error.message, location=self._place()) from None
        self._checked_in = time.monotonic() - began
        if not result.proves(written.name):
            raise self._refused(result)
        shown = last_state(result.node(written.name), written.places[0])
        statement = " ".join(scan.statement(self._obligation.source, self._hole).split())
        texts = shown.goals if shown else ()
        node = _Node((), 0, False, (*shown.facts, *texts) if shown else (), len(texts))
        self.root = self._ref("root", node, texts or (statement,), shown.facts if shown else (), "")

    def _place(self) -> Location:
        return Location.at(self._file, self._obligation.source, self._hole.command)

    def _refused(self, result: Result) -> InputError:
        """Say where Isabelle refuses the file."""
        for node in result.nodes:
            for error in node.errors[:1]:
                name = node.theory.rpartition(".")[2]
                if name in self._plan.copies:
                    place = Location(f"{name}.thy", error.line)
                else:
                    own = self._plan.base is None or name == self._plan.base[0]
                    place = Location(self._file, error.line + (0 if own else self._plan.line))
                return InputError(" ".join(error.text.split())[:500], location=place)
        return InputError("Isabelle does not get to the end of the theory", location=self._place())

    async def _ready(self) -> Server:
        if self._closed:
            raise BackendError("the session is closed")
        if self._server is not None and self._server.alive:
            return self._server
        await self._drop()
        self._server = await Server.start(
            self._supervisor, self._installation, self._project, self._folder, self._limits
        )
        return self._server

    async def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await server.abandon()

    async def _use(self, written: Written, seconds: float | None) -> Result:
        """Have a theory processed in a folder of its own."""
        async with self._turn:
            server = await self._ready()
            folder = self._folder / f"check{next(self._numbers)}"
            folder.mkdir()
            try:
                (folder / f"{written.name}.thy").write_bytes(written.text.encode("utf-8", "surrogateescape"))
                return await server.use(folder, [written.name], seconds)
            except (CommandRefused, TimeoutError):
                raise
            except BackendError:
                await self._drop()
                raise
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    async def apply(self, goal: GoalRef, step: Step, limits: Limits) -> Outcome:
        """Try a step on a goal."""
        began = time.monotonic()
        if step.kind != "tactic" or step.parts:
            return Rejected(f"an Isabelle goal takes proof commands, not a {step.kind}")
        node = self._nodes.get(goal.handle)
        if node is None:
            return Crashed(f"the session knows no goal {goal.handle!r}")
        try:
            parsed = parse(step.text)
            if resting := self._unproved.intersection(_WORD.findall(parsed.text)):
                name = min(resting)
                raise NotAStep(f"{name} is not proved itself; prove it first, or accept it with --allow-axioms {name}")
            text = parsed.text if not node.focused or parsed.kind is StepKind.SEARCH else parsed.focused
        except NotAStep as error:
            return Rejected(error.message)
        for again in (False, True):
            try:
                return await self._try(goal.handle, node, parsed, text, limits.wall_seconds, began)
            except TimeoutError:
                return TimedOut(time.monotonic() - began, "interrupted")
            except CommandRefused as error:
                return Rejected(error.message, time.monotonic() - began)
            except BackendMissing as error:
                return Crashed(error.message, time.monotonic() - began)
            except LemmataError as error:
                # Somebody else may have killed it; a step that kills Isabelle every time does so twice.
                if again:
                    return Crashed(error.message, time.monotonic() - began)
        return Crashed("the Isabelle server died twice", time.monotonic() - began)

    def _limit(self, seconds: float | None) -> float | None:
        """Return the limit of a check: what stands above the step takes its time too."""
        return None if seconds is None else seconds + 1.5 * self._checked_in

    async def _try(
        self, handle: str, node: _Node, parsed: Parsed, text: str, seconds: float | None, began: float
    ) -> Outcome:
        if parsed.kind is StepKind.SEARCH:
            return await self._search(node, text, seconds, began)
        closing = parsed.kind is StepKind.CLOSING
        if closing:
            outcome = await self._closes(node, text, "", seconds, began)
            if not node.focused or node.goals == 1 or not isinstance(outcome, Rejected):
                return outcome
        written = self._plan.theory([*node.script, text, "sorry"])
        result = await self._use(written, self._limit(seconds))
        found = result.node(written.name)
        if not result.proves(written.name):
            return failure(found, began)
        shown = last_state(found, written.places[-1], written.places[-2])
        left = shown.count - node.behind if shown else None
        if parsed.kind is StepKind.METHOD and (left is None or left <= 0):
            outcome = await self._closes(node, text, "done", seconds, began)
            if left is not None or isinstance(outcome, Closed):
                return outcome
        return self._opened(handle, node, text, shown, began)

    async def _closes(self, node: _Node, text: str, ending: str, seconds: float | None, began: float) -> Outcome:
        """Check that a step proves its goal: nothing is left but the goals that stood behind it.

        Args:
            node: the goal.
            text: the step.
            ending: ends the proof where no goals stand behind it.
            seconds: limit.
            began: when the step began.
        """
        behind = [*["subgoal sorry"] * node.behind, "done"] if node.focused else [ending]
        written = self._plan.theory([*node.script, text, *filter(None, behind)])
        result = await self._use(written, self._limit(seconds))
        if result.proves(written.name):
            return Closed(time.monotonic() - began)
        return failure(result.node(written.name), began)

    async def _search(self, node: _Node, text: str, seconds: float | None, began: float) -> Outcome:
        """Run a search; the step counts as the first of what it found that proves the goal by itself."""
        command = text
        if text == "sledgehammer" and seconds is not None:
            command = f"{text} [timeout = {max(1, int(0.8 * seconds))}]"
        written = self._plan.theory([*node.script, command, "sorry"])
        result = await self._use(written, self._limit(seconds))
        found = result.node(written.name)
        if not result.proves(written.name) or found is None:
            return failure(found, began)
        proposed = suggestions.found([said.text for said in found.at(written.places[-2])])
        for proposal in proposed[:_MOST_SUGGESTIONS]:
            try:
                instead = parse(proposal)
            except NotAStep:
                continue
            if instead.kind is StepKind.CLOSING and not self._unproved.intersection(_WORD.findall(instead.text)):
                again = instead.focused if node.focused else instead.text
                with contextlib.suppress(TimeoutError):
                    if isinstance(await self._closes(node, again, "", seconds, began), Closed):
                        return Closed(time.monotonic() - began, replacement=Step(instead.text))
        return Rejected("it found no proof that holds", time.monotonic() - began)

    def _opened(self, handle: str, node: _Node, text: str, shown: Display | None, began: float) -> Outcome:
        seconds = time.monotonic() - began
        script = (*node.script, text)
        if shown is None:
            unknown = _Node(script, node.behind, node.focused, ())
            return Open((self._ref(digest(handle, text), unknown, ("?",), (), text),), seconds)
        left = shown.count - node.behind
        if left <= 0 or len(shown.goals) < left:
            return Rejected("it leaves goals that cannot be shown", seconds)
        if left > _MOST_SUBGOALS:
            return Rejected(f"it leaves {left} goals", seconds)
        texts = shown.goals[:left]
        if node.texts == (*shown.facts, *texts):
            return Rejected("it changes nothing", seconds)
        if left == 1 or any(map(goals.schematic, texts)):
            same = _Node(script, node.behind, node.focused, (*shown.facts, *texts), left)
            return Open((self._ref(digest(handle, text), same, texts, shown.facts, text),), seconds)
        refs = []
        for i, one in enumerate(texts):
            way = (*script, f"prefer {i + 1}") if i else script
            child = _Node(way, node.behind + left - 1, True, (one,), 1)
            refs.append(self._ref(digest(handle, text, str(i)), child, (one,), (), text))
        return Open(tuple(refs), seconds)

    def _ref(self, handle: str, node: _Node, texts: Sequence[str], given: Sequence[str], after: str) -> GoalRef:
        """Make the goal for some of the goals shown; `after` is the step that left it."""
        shared = len(texts) > 1 or any(map(goals.schematic, texts)) or texts == ("?",)
        # Goals with schematic variables are only equal at the same place.
        key = (self._key, handle) if shared else (self._key, "focused" if node.focused else "whole")
        parts = goals.parts(texts[0])
        goal = Goal(
            "isabelle",
            "\n\n".join(texts),
            tuple(Hypothesis(f"this({i})", text) for i, text in enumerate(given, 1)),
            digest(*key),
            {
                "variables": list(parts.variables),
                "premises": list(parts.premises),
                "conclusion": parts.conclusion,
                "goals": len(texts),
                "focused": node.focused,
                "after": after,
                "schematic": shared,
            },
        )
        self._nodes[handle] = node
        return GoalRef(handle, goal)

    async def accepts(self, steps: Sequence[Step], limits: Limits) -> bool:
        """Say whether these steps in this order prove the goal."""
        try:
            script = artefact.script(steps, 0)
            for again in (False, True):
                try:
                    written = self._plan.theory([script])
                    result = await self._use(written, self._limit(limits.wall_seconds))
                    return result.proves(written.name) and not self._unproved.intersection(_WORD.findall(script))
                except (CommandRefused, TimeoutError):
                    return False
                except BackendError:
                    if again:
                        return False
        except NotAStep:
            return False
        return False

    async def needed(self, steps: Sequence[Step], limits: Limits) -> list[Step]:
        """Return all of the steps: Isabelle keeps no account of which ones a proof needs."""
        return list(steps)

    async def refute(self, limits: Limits) -> Mapping[str, Any] | None:
        """Look for a proof that the statement leads to `False`, where quickcheck or nitpick report a counterexample."""
        try:
            statement = refutation.proposition(self._obligation.source, self._hole)
        except InputError:
            return None
        left = limits.wall_seconds if limits.wall_seconds is not None else _MOST_REFUTING
        try:
            async with asyncio.timeout(min(left, _MOST_REFUTING)):
                return await self._refute(statement)
        except (TimeoutError, LemmataError):
            return None

    async def _refute(self, statement: str) -> Mapping[str, Any] | None:
        for tool in _TOOLS:
            written = self._plan.theory([tool, "sorry"])
            result = await self._use(written, self._limit(_TOOL_SECONDS))
            node = result.node(written.name)
            # With `expect`, the tool itself fails where it finds no counterexample.
            if node is None or not result.proves(written.name):
                continue
            values = refutation.variables([said.text for said in node.at(written.places[0])])
            denied = refutation.deny(statement, list(values))
            for proof in refutation.proofs(values):
                found = refutation.Refutation(statement, denied, proof)
                tried = self._plan.instead(found.lemma("lemmata_denial"))
                if (await self._use(tried, self._limit(_TOOL_SECONDS))).proves(tried.name):
                    return found.values()
        return None

    async def close(self) -> None:
        """End the session and its server; safe to call twice."""
        self._closed = True
        server, self._server = self._server, None
        if server is not None:
            await server.close()
        await asyncio.to_thread(shutil.rmtree, self._folder, True)
