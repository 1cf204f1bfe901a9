"""A session on one Coq goal: steps on any goal of its proof tree, in any order."""

from __future__ import annotations

import dataclasses
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checkers.coq import goals, hammer, refutation
from checkers.coq.environment import Surroundings, survey
from checkers.coq.goals import Display, Printed
from checkers.coq.installation import Installation
from checkers.coq.line import After, Line, LoadFailed, Spent, unshown
from checkers.coq.loading import Loaded
from checkers.coq.scan import HoleKind
from checkers.coq.tactics import NotATactic, plain
from checkers.coq.toplevel import Interrupted, Reply
from checkers.process import Supervisor
from lemmata.errors import BackendCrashed, BackendError, BackendMissing, InputError, LimitExceeded, Location
from lemmata.goal import Goal, GoalRef, digest
from lemmata.outcome import Closed, Crashed, Open, Outcome, Rejected, TimedOut
from lemmata.step import Step
from lemmata.verdict import Limits

_PLAIN_ON, _PLAIN_OFF = "Unset Printing Notations.", "Set Printing Notations."
_MOST_SUBGOALS = 64
_WORD = re.compile(r"[^\W\d][\w']*")
_RECURSIVE = re.compile(r"\b(?:co)?fix\b|\bcoinduction\b")
"""What begins a recursive proof; that its calls are on something smaller is checked at the end, or by asking."""
_UNFINISHED = "Not enough abstractions"
"""What Coq also says where the recursive definition only begins."""
_LEAST_SECONDS = 0.1
"""Whatever happened before, a step gets so long."""


@dataclass(slots=True)
class _Node:
    """A goal, or several that share existential variables, and the sentences that lead to it."""

    path: tuple[str, ...]
    texts: tuple[str, ...]
    """What Coq printed, to see whether a step changed anything."""


@dataclass(slots=True)
class _Shown:
    """The goals that a step left, with notations and without."""

    shelved: int
    goals: list[Printed | None]
    plain: list[Printed | None]


class CoqSession:
    """One obligation; made by `CoqSession.start`."""

    sequential = True
    """Coq is a stack: the steps of one goal are cheapest when they are checked one after the other."""

    def __init__(self, supervisor: Supervisor, installation: Installation, loaded: Loaded, limits: Limits) -> None:
        self._loaded = loaded
        self._supervisor = supervisor
        self._installation = installation
        self._limits = limits
        self._main = Line(supervisor, installation, loaded.flags, loaded.plain, limits)
        self._hammer: Line | None = None
        self._nodes: dict[str, _Node] = {}
        self._focus: tuple[str, ...] = ()
        """Sentences that put the goal in focus, where others stand beside it."""
        self._shelved = 0
        self._overran: Counter[str] = Counter()
        self.context: dict[str, Any] = {}
        self.recovery_seconds = 1.0
        """How much longer than its limit a step may take when a process has to be started and loaded first."""
        self.root: GoalRef

    @classmethod
    async def start(
        cls, supervisor: Supervisor, installation: Installation, loaded: Loaded, limits: Limits
    ) -> CoqSession:
        """Load everything above the goal.

        Raises:
            InputError: with a location, where Coq refuses a sentence of the file.
            BackendError: Coq cannot be run.
        """
        for again in (False, True):
            session = cls(supervisor, installation, loaded, limits)
            try:
                await session._begin()
            except BackendCrashed:
                # Somebody else may have killed it; a file that kills Coq every time does so twice.
                await session.close()
                if again:
                    raise
            except BaseException:
                await session.close()
                raise
            else:
                break
        return session

    async def _begin(self) -> None:
        try:
            replies = await self._main.start()
        except LoadFailed as error:
            raise self._loaded.refused(error) from None
        self.recovery_seconds = 1.0 + 3 * self._main.spent.loading
        around = Surroundings(self._loaded, replies)
        answers = replies[-1:]
        while asks := _showing(answers):
            answers += await self._main.show(asks, None)
        seen, rest = _seen(answers)
        shown = _shown(seen, rest) if seen else None
        if shown is None:
            hole = self._loaded.hole
            raise InputError("there is no goal here", location=Location(self._loaded.file, hole.line, hole.column))
        self._shelved = shown.shelved
        count = len(shown.goals)
        if self._loaded.hole.kind is HoleKind.ADMIT and count > 1:
            # An `admit.` gives up the first goal only.
            self._focus, count = ("1: {",), 1
        self.root = self._ref("root", self._focus, shown, range(count), cluster=count > 1)
        self.context, libraries = await survey(self._main, around, self._installation.where)
        self.context["hammer"] = await self._prepare(libraries)

    async def _prepare(self, libraries: frozenset[str]) -> bool:
        """Make ready for steps of CoqHammer; say whether proofs may use them.

        Where CoqHammer itself loads the very library that the file is, it can be tried under another name, but a
        proof with it could not be compiled.
        """
        theirs = await hammer.libraries(self._supervisor, self._installation, self._limits)
        if not theirs:
            return False
        compiled_with = self._loaded.flags
        apart = compiled_with.top not in theirs
        if not apart:
            compiled_with = dataclasses.replace(compiled_with, top=f"Lemmata.{compiled_with.top}")
        above = self._loaded.own + len(self._loaded.sentences)
        load = hammer.beside(self._loaded.plain, above, theirs - libraries)
        self._hammer = Line(self._supervisor, self._installation, compiled_with, load, self._limits)
        return apart

    def beside(self, step: Step) -> bool:
        """Say whether a step is tried in another process than most, which is that of CoqHammer."""
        return self._hammer is not None and hammer.needs(step.text)

    async def apply(self, goal: GoalRef, step: Step, limits: Limits) -> Outcome:
        """Try a tactic on a goal."""
        began = time.monotonic()
        if step.kind != "tactic" or step.parts:
            return Rejected(f"a Coq goal takes tactics, not a {step.kind}")
        try:
            text = plain(step.text)
        except NotATactic as error:
            return Rejected(error.message)
        if resting := self._loaded.unproved.intersection(_WORD.findall(text)):
            name = min(resting)
            return Rejected(f"{name} is admitted itself; prove it first, or accept it with --allow-axioms {name}")
        node = self._nodes.get(goal.handle)
        if node is None:
            return Crashed(f"the session knows no goal {goal.handle!r}")
        for again in (False, True):
            try:
                outcome = await self._try(goal.handle, node, text, self._limit(text, limits.wall_seconds), began)
            except Interrupted:
                self._overran[text] += 1
                return TimedOut(time.monotonic() - began, "interrupted")
            except LimitExceeded as error:
                return Crashed(error.message, time.monotonic() - began)
            except (BackendMissing, LoadFailed) as error:
                # Only CoqHammer is looked for this late: its libraries may be in the way of this very file.
                self._hammer = None
                return Rejected(f"{hammer.WHY_NOT}: {error.message}", time.monotonic() - began)
            except (BackendError, InputError) as error:
                # Somebody else may have killed it; a step that kills Coq every time does so twice.
                if again:
                    return Crashed(error.message, time.monotonic() - began)
            else:
                return outcome
        return Crashed("coqtop died twice", time.monotonic() - began)

    def _limit(self, text: str, seconds: float | None) -> float | None:
        """Return the limit of a step, halved for each time that the very same one ran out of time elsewhere."""
        return None if seconds is None else max(seconds * 0.5 ** self._overran[text], min(seconds, _LEAST_SECONDS))

    async def _try(self, handle: str, node: _Node, text: str, seconds: float | None, began: float) -> Outcome:
        line = self._main
        if hammer.needs(text):
            if self._hammer is None:
                return Rejected(hammer.WHY_NOT)
            line = self._hammer
        searching = hammer.searches(text)
        after = unshown if searching else _showing
        recursive = any(_RECURSIVE.search(sentence) for sentence in (*node.path, text))
        replies = await line.check(node.path, f"1: {text}.", _guarded(after) if recursive else after, seconds)
        reply = replies[0]
        # Otherwise any goal would be closed by the very hypothesis that stands for it, until `Qed` says no.
        guard = replies.pop(1) if recursive and not reply.failed else reply
        seen, rest = _seen(replies)
        closed = seen is not None and seen.done(self._loaded.given_up)
        if reply.failed or (guard.failed and (closed or _UNFINISHED not in guard.error)):
            return Rejected(guard.error or "refused", time.monotonic() - began)
        if searching:
            return await self._replaced(line, handle, node, reply, seen, seconds, began)
        if seen is None:
            return Rejected("it leaves no goal and no proof", time.monotonic() - began)
        if closed:
            return Closed(time.monotonic() - began)
        shown = _shown(seen, rest)
        if shown is None:
            return Rejected(_unfit(seen), time.monotonic() - began)
        return self._opened(handle, node, text, shown, time.monotonic() - began)

    async def _replaced(
        self,
        line: Line,
        handle: str,
        node: _Node,
        reply: Reply,
        seen: Display | None,
        seconds: float | None,
        began: float,
    ) -> Outcome:
        """Take what a searching tactic found: the step counts as that, and only when that closes the goal by itself."""
        found = hammer.found(reply.text)
        if seen is None or not seen.done(self._loaded.given_up) or not found:
            return Rejected("it found no proof that can be written down", time.monotonic() - began)
        try:
            instead = plain(found)
        except NotATactic as error:
            return Rejected(f"what it found is no step: {error.message}", time.monotonic() - began)
        outcome = await self._try(handle, node, instead, seconds, began)
        if isinstance(outcome, Closed):
            return Closed(time.monotonic() - began, replacement=Step(instead))
        return Rejected(f"what it found does not prove the goal: {instead}", time.monotonic() - began)

    def _opened(self, handle: str, node: _Node, text: str, shown: _Shown, seconds: float) -> Outcome:
        texts = [_text(goal) for goal in shown.goals]
        if node.texts == tuple(texts):
            return Rejected("it changes nothing", seconds)
        shared = shown.shelved > self._shelved or any(goals.existentials(text) for text in texts)
        path = (*node.path, f"1: {text}.")
        # The handle is the place in the tree: the same step on the same goal leads to the same one.
        if shared or len(texts) == 1:
            ref = self._ref(digest(handle, text), path, shown, range(len(texts)), cluster=shared, after=text)
            return Open((ref,), seconds)
        refs = []
        for i in range(len(texts)):
            focused = (*path, f"{i + 1}: {{")
            name = digest(handle, text, str(i))
            refs.append(self._ref(name, focused, shown, range(i, i + 1), cluster=False, after=text))
        return Open(tuple(refs), seconds)

    def _ref(
        self,
        handle: str,
        path: tuple[str, ...],
        shown: _Shown,
        which: range,
        *,
        cluster: bool,
        after: str | None = None,
    ) -> GoalRef:
        """Make the goal for some of the goals shown; `after` is the step that left it."""
        chosen = [shown.goals[i] for i in which]
        first = chosen[0] or Printed((), "")
        simple = shown.plain[which[0]] or first
        others = [goal.conclusion for goal in chosen[1:] if goal]
        # Goals with existential variables are only equal at the same place.
        key = (self._loaded.key, handle) if cluster else (self._loaded.key,)
        goal = Goal(
            "coq",
            "\n\n".join([first.conclusion, *others]),
            first.hypotheses,
            digest(*key),
            {
                "plain": simple.conclusion,
                "hypotheses": [[h.name, h.text] for h in simple.hypotheses],
                "goals": len(chosen),
                "after": after,
                "existentials": cluster,
            },
        )
        self._nodes[handle] = _Node(path, tuple(_text(g) for g in chosen))
        return GoalRef(handle, goal)

    async def accepts(self, steps: Sequence[Step], limits: Limits) -> bool:
        """Say whether these steps in this order prove the goal, `Qed` included where the whole theorem is proved.

        A proof that rests on a theorem of the file that is admitted itself, through a hint perhaps, is none.
        """
        line, loaded = self._main, self._loaded
        if any(hammer.needs(step.text) for step in steps):
            if self._hammer is None:
                return False
            line = self._hammer
        question = f"Print Assumptions {loaded.hole.theorem}." if loaded.ending and loaded.unproved else ""
        try:
            sentences = [*self._focus, *(f"1: {plain(step.text)}." for step in steps)]
            said = await line.closes(sentences, loaded.ending, limits.wall_seconds, loaded.given_up, question)
        except (NotATactic, Interrupted, BackendCrashed, LimitExceeded):
            return False
        return said is not None and not loaded.unproved.intersection(_WORD.findall(said))

    async def needed(self, steps: Sequence[Step], limits: Limits) -> list[Step]:
        """Return all of the steps: Coq keeps no account of which ones a proof needs."""
        return list(steps)

    async def refute(self, limits: Limits) -> Mapping[str, Any] | None:
        """Look for a proof of the statement's negation, in a process of its own."""
        roomy = dataclasses.replace(self._limits, wall_seconds=limits.wall_seconds)
        return await refutation.search(self._supervisor, self._installation, self._loaded, roomy)

    async def disprove(self, statement: str, limits: Limits) -> str:
        """Say why a closed statement is false where the theorem stands; empty where no small instance shows it."""
        return await refutation.doubt(self._supervisor, self._installation, self._loaded, statement, limits)

    @property
    def spent(self) -> Spent:
        """What the processes of this session spent so far."""
        return self._main.add(self._hammer.spent) if self._hammer else self._main.spent

    async def close(self) -> None:
        """End the processes; safe to call twice."""
        await self._main.close()
        if self._hammer is not None:
            await self._hammer.close()


def _text(goal: Printed | None) -> str:
    if goal is None:
        return ""
    return "\n".join([*(f"{h.name} : {h.text}" for h in goal.hypotheses), "|- " + goal.conclusion])


def _seen(replies: Sequence[Reply]) -> tuple[Display | None, Sequence[Reply]]:
    """Return the goals after a step, and the answers that show them in full.

    Only what Coq answers when it is asked for them is believed: a step may print what it likes.
    """
    return (goals.display(replies[1].text), replies[2:]) if len(replies) > 1 else (None, ())


def _showing(replies: Sequence[Reply]) -> Sequence[str]:
    """Return the sentences that show the goals left by a step: those but the first, then all without notations."""
    seen, rest = _seen(replies)
    if asked := unshown(replies):
        return asked
    if rest or seen is None or seen.first is None or seen.count > _MOST_SUBGOALS:
        return ()
    others = [f"Show {i}." for i in range(2, seen.count + 1)]
    return [*others, _PLAIN_ON, "Show 1.", *others, _PLAIN_OFF]


def _guarded(after: After) -> After:
    """Ask, before anything else, whether the recursive calls so far are on something smaller."""

    def asking(replies: Sequence[Reply]) -> Sequence[str]:
        if len(replies) == 1:
            return ("Guarded.",)
        return after([replies[0], *replies[2:]])

    return asking


def _shown(seen: Display, replies: Sequence[Reply]) -> _Shown | None:
    """Put together what a step left from the answers to `_showing`; None where it is no use."""
    if not replies or seen.first is None:
        return None
    more = [goals.printed(reply.text) for reply in replies]
    ours = [seen.first, *more[: seen.count - 1]]
    if any(goal is None for goal in ours):
        return None
    return _Shown(seen.shelved, ours, more[seen.count : -1])


def _unfit(seen: Display) -> str:
    """Say why what a step left is no use."""
    if seen.count == 0:
        return "it leaves goals on the shelf or given up"
    if seen.first is None:
        return "it leaves goals on the shelf only"
    if seen.count > _MOST_SUBGOALS:
        return f"it leaves {seen.count} goals"
    return "it leaves goals that cannot be shown"
