"""A session on one F* goal: bodies for any hole of its proof tree, in any order."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkers.fstar import artefact, fragments, scope, signature
from checkers.fstar.fragments import Cut, Fragment
from checkers.fstar.line import Line, Load, LoadFailed, vfs
from checkers.fstar.protocol import Answer, Overran
from checkers.fstar.scan import Hole, HoleKind, Scanned
from checkers.fstar.steps import HOLE, Body, NotABody, fill, understand, written
from checkers.process import Supervisor
from lemmata.errors import BackendCrashed, BackendError, InputError, LimitExceeded, Location
from lemmata.goal import Goal, GoalRef, Hypothesis, Obligation, digest
from lemmata.outcome import Closed, Crashed, Open, Outcome, Rejected, TimedOut
from lemmata.step import Step
from lemmata.verdict import Limits

KIND = "definition"
"""The kind of the steps that F* goals take: the text of a body."""
_MARK = "(_ (* here *))"
_MOST_HOLES = 32


@dataclass(frozen=True, slots=True)
class Target:
    """What a session works on."""

    obligation: Obligation
    scanned: Scanned
    hole: Hole
    command: tuple[str, ...]
    """`fstar.exe` with its options and the file's name."""

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return Path(self.obligation.location.file).absolute()


@dataclass(frozen=True, slots=True)
class _Node:
    body: Body
    """The proof so far; the goal is one of its holes, the others stay admitted."""
    number: int
    """Which hole, from 0."""


class FstarSession:
    """One obligation; made by `FstarSession.start`."""

    sequential = True
    """F* holds one state at a time."""

    def __init__(self, supervisor: Supervisor, target: Target, limits: Limits) -> None:
        self._target = target
        self._cut: Cut = fragments.cut(target.scanned, target.hole)
        self._line = Line(supervisor, _load(target, self._cut), limits)
        interface = target.obligation.option("interface")
        self._signature = signature.of_hole(target.scanned, target.hole, interface)
        self._statement = signature.statement(target.scanned, target.hole, interface)
        above = target.scanned.source.text[: self._cut.target.start]
        options = target.obligation.option("flags")
        self._environment = digest("fstar", above, options, interface)
        self._recursive = scope.recursive(target.scanned, target.hole)
        self._present = scope.present(target.scanned, target.hole)
        self._nodes: dict[str, _Node] = {}
        self._complete: set[str] = set()
        """Bodies without holes that F* has accepted."""
        self.context: Mapping[str, Any] = scope.context(target.scanned, target.hole)
        self.root: GoalRef = self._ref("root", understand(HOLE), 0, "")

    @classmethod
    async def start(cls, supervisor: Supervisor, target: Target, limits: Limits) -> FstarSession:
        """Load everything above the goal, and check that F* accepts it with the goal taken for granted.

        Raises:
            InputError: with a location, where F* refuses a declaration of the file.
            BackendError: F* cannot be run.
        """
        session = cls(supervisor, target, limits)
        try:
            await session._begin(limits)
        except BaseException:
            await session.close()
            raise
        return session

    async def _begin(self, limits: Limits) -> None:
        for again in (False, True):
            try:
                answer = await self._line.check(self._fragment(understand(HOLE)), limits.wall_seconds)
            except LoadFailed as error:
                raise self._refused(error.fragment, error.answer) from None
            except Overran:
                if again:
                    raise LimitExceeded(
                        "fstar.exe does not load what stands above the goal in time", hint="raise the time limit"
                    ) from None
            except BackendCrashed:
                if again:
                    raise
            else:
                if not answer.accepted:
                    raise self._refused(self._cut.target, answer)
                return

    def _refused(self, fragment: Fragment, answer: Answer) -> InputError:
        wrong = next((issue for issue in answer.issues if issue.wrong), None)
        line, column = fragment.line, fragment.column + 1
        if wrong is not None and wrong.line:
            line, column = wrong.line, wrong.column + 1
        return InputError(
            f"F* refuses it: {answer.error[:500]}",
            hint="mend the file first",
            location=Location(self._target.obligation.location.file, line, column),
        )

    @property
    def recovery_seconds(self) -> float:
        """How much longer than its limit a step may take when a process has to be started and loaded first."""
        return 1.0 + 3 * self._line.loading_seconds

    async def apply(self, goal: GoalRef, step: Step, limits: Limits) -> Outcome:
        """Try a body in a hole."""
        began = time.monotonic()
        if step.kind not in (KIND, "tactic") or step.parts:
            return Rejected(f"an F* goal takes the text of a body, not a {step.kind}")
        node = self._nodes.get(goal.handle)
        if node is None:
            return Crashed(f"the session knows no goal {goal.handle!r}")
        try:
            given = understand(step.text)
            whole = self._filled(node, given)
        except NotABody as error:
            return Rejected(error.message)
        if given.text == HOLE:
            return Rejected("it changes nothing")
        if len(given.holes) > _MOST_HOLES:
            return Rejected(f"it leaves {len(given.holes)} holes")
        if given.holes and not self._target.hole.tail:
            return Rejected("something follows this hole, so a body for it can leave none")
        try:
            answer = await self._check(whole, limits.wall_seconds)
        except Overran:
            return TimedOut(time.monotonic() - began, "killed: it took too long")
        except (BackendError, LoadFailed) as error:
            return Crashed(str(error) or "F* refuses what stands above", time.monotonic() - began)
        return self._outcome(goal, node, given, whole, answer, time.monotonic() - began)

    async def _check(self, whole: Body, seconds: float | None) -> Answer:
        """Have a body checked, on a fresh process when the first one dies; raises as `Line.check`."""
        fragment = self._fragment(whole)
        try:
            return await self._line.check(fragment, seconds)
        except LimitExceeded:
            raise
        except BackendCrashed:
            # Somebody else may have killed it; a step that kills F* every time does so twice.
            return await self._line.check(fragment, seconds)

    def _filled(self, node: _Node, given: Body) -> Body:
        return fill(node.body, node.number, given) if node.body.text != HOLE else given

    def _outcome(self, goal: GoalRef, node: _Node, given: Body, whole: Body, answer: Answer, seconds: float) -> Outcome:
        if not answer.accepted:
            return Rejected(answer.error or "refused", seconds)
        if not whole.holes:
            if not self._holds(answer):
                return Rejected("it takes something for granted", seconds)
            self._complete.add(written(whole))
        if not given.holes:
            return Closed(seconds)
        first = node.number
        refs = [
            self._ref(digest(goal.handle, given.text, str(k)), whole, first + k, given.text)
            for k in range(len(given.holes))
        ]
        return Open(tuple(refs), seconds)

    def _fragment(self, body: Body) -> Fragment:
        target, source = self._cut.target, self._target.scanned.source.text
        text = artefact.put(self._target.scanned, self._target.hole, body)
        text = text[target.start : len(text) - (len(source) - target.end)]
        return Fragment(
            target.start, target.end, text if text.endswith("\n") else text + "\n", target.line, target.column
        )

    def _ref(self, handle: str, body: Body, number: int, after: str) -> GoalRef:
        """Make the goal for one hole of a proof."""
        start, end = body.holes[number]
        shown = f"{body.text[:start]}{_MARK}{body.text[end:]}"
        conclusion = f"{self._statement}\n= {shown}" if body.text != HOLE else self._statement
        hole = self._target.hole
        if hole.kind in (HoleKind.ADMIT, HoleKind.ASSUME):
            # Where in the definition it is belongs to the goal.
            conclusion += f"\n(* in *) {self._cut.target.text.strip()}"
        goal = Goal(
            "fstar",
            conclusion,
            tuple(Hypothesis(p.name, p.type or "_") for p in self._signature.parameters),
            digest(self._environment, hole.name),
            {
                "name": hole.definition,
                "kind": hole.kind.value,
                "type": self._statement,
                "result": self._signature.result,
                "parameters": [[p.name, p.type, p.implicit] for p in self._signature.parameters],
                "scope": scope.bound(body, number),
                "body": shown if body.text != HOLE else "",
                "tail": hole.tail,
                "recursive": self._recursive,
                "present": self._present if body.text == HOLE else "",
                "after": after,
            },
        )
        self._nodes[handle] = _Node(body, number)
        return GoalRef(handle, goal)

    def _holds(self, answer: Answer) -> bool:
        """Say whether a body without holes was accepted, and nothing in it taken for granted."""
        return answer.accepted and (bool(self._target.hole.siblings) or not answer.granted)

    async def accepts(self, steps: Sequence[Step], limits: Limits) -> bool:
        """Say whether these steps in this order are a body without holes that F* accepts."""
        try:
            body = artefact.whole(steps)
            if written(body) in self._complete:
                return True
            answer = await self._check(body, limits.wall_seconds)
        except (NotABody, Overran, LoadFailed, BackendError):
            return False
        return self._holds(answer)

    async def needed(self, steps: Sequence[Step], limits: Limits) -> list[Step]:
        """Return all of the steps: each fills a hole of the others."""
        return list(steps)

    async def close(self) -> None:
        """End the process; safe to call twice."""
        await self._line.close()


def _load(target: Target, cut: Cut) -> Load:
    source = target.scanned.source
    module = fragments.module_name(source)
    interface = target.obligation.option("interface")
    return Load(
        target.command,
        target.path.parent,
        tuple(vfs(target.path, source.text, interface)),
        cut.above,
        # Only a file that is as it was when it was compiled can be loaded from its compiled form.
        f"{module}.{target.hole.definition}" if module else "",
        fragments.header(source, cut.target.start),
    )
