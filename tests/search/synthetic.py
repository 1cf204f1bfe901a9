"""Worlds of goals with known proofs: a checker, provers and a sink that need no backend.

A world is an AND/OR graph drawn from a seed. Its session knows every step's outcome, its provers propose steps from
it, and its cheapest proof is computed here by value iteration, independently of the graph's own extraction.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemmata.errors import Location
from lemmata.goal import Goal, GoalRef, GoalView, Obligation
from lemmata.outcome import Closed, Crashed, Note, Open, Outcome, Rejected, TimedOut
from lemmata.step import Part, Proposal, Step
from lemmata.verdict import Limits, Verdict, Verification

OBLIGATION = Obligation("synthetic", "world", "", Location("world.txt"))


@dataclass(frozen=True)
class Move:
    """A step of a world: what it is called, what the prover thinks of it, and what it leads to."""

    text: str
    log_probability: float
    subgoals: tuple[str, ...] | None
    """Names of the subgoals; None where the step is not valid."""
    parts: tuple[Part, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def step(self) -> Step:
        return Step(self.text, "tactic", self.parts)


World = dict[str, list[Move]]
UNTOUCHED = object()


def goal(name: str) -> Goal:
    return Goal("synthetic", name)


def ref(name: str) -> GoalRef:
    return GoalRef(f"handle-{name}", goal(name))


def tree(seed: int, depth: int = 4, moves: int = 3, fan: int = 2, share: float = 0.0) -> World:
    """Draw a world; with probability `share` a subgoal is one that there is already, so that loops occur too."""
    rng = random.Random(seed)
    world: World = {"root": []}
    work = [("root", 0)]
    while work:
        name, level = work.pop(0)
        for index in range(moves):
            kind = rng.random()
            log_probability = -rng.uniform(0.05, 3.0)
            if kind < 0.3:
                subgoals = None
            elif level == depth or kind < 0.4:
                subgoals = () if rng.random() < 0.5 else None
            else:
                names = []
                for position in range(rng.randint(1, fan)):
                    if rng.random() < share:
                        names.append(rng.choice(sorted(world)))
                        continue
                    child = f"{name}.{index}{position}"
                    world[child] = []
                    work.append((child, level + 1))
                    names.append(child)
                subgoals = tuple(names)
            world[name].append(Move(f"{name}/{index}", log_probability, subgoals))
    return world


def cheapest(world: World, cost: Callable[[Move], float] = lambda move: 1.0) -> float:
    """Return the cost of the root's cheapest proof, infinity where there is none, by value iteration."""
    best = dict.fromkeys(world, math.inf)
    changed = True
    while changed:
        changed = False
        for name, moves in world.items():
            for move in moves:
                if move.subgoals is not None:
                    total = cost(move) + sum(best[s] for s in move.subgoals)
                    if total < best[name]:
                        best[name], changed = total, True
    return best["root"]


def valid_proof(world: World, steps: Sequence[Step], root: str = "root") -> bool:
    """Whether the steps, root first and depth first, prove the root of a world."""
    remaining = list(steps)
    work = [root]
    while work:
        name = work.pop()
        if not remaining:
            return False
        step = remaining.pop(0)
        move = next((m for m in world[name] if m.text == step.text), None)
        if move is None or move.subgoals is None:
            return False
        work.extend(reversed(move.subgoals))
    return not remaining


class SyntheticSession:
    """Applies a world's moves; counts what it was asked.

    `faults` maps a step's text to an outcome, an exception to raise, or a coroutine function to await instead.
    """

    def __init__(self, world: World, faults: Mapping[str, Any] | None = None, root: str = "root") -> None:
        self.world = world
        self.root = ref(root)
        self.context: dict[str, Any] = {"world": len(world)}
        self.faults = dict(faults or {})
        self.calls: list[tuple[str, str]] = []
        self.running = 0
        self.most_running = 0
        self._moves = {(name, m.text): m for name, moves in world.items() for m in moves}

    async def apply(self, goal: GoalRef, step: Step, limits: Limits) -> Outcome:
        self.calls.append((goal.goal.conclusion, step.text))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            return await self._answer(goal, step)
        finally:
            self.running -= 1

    async def _answer(self, goal: GoalRef, step: Step) -> Outcome:
        fault = self.faults.get(step.text, UNTOUCHED)
        if isinstance(fault, BaseException):
            raise fault
        if callable(fault):
            return await fault()
        if fault is not UNTOUCHED:
            return fault
        move = self._moves.get((goal.goal.conclusion, step.text))
        if move is None or move.subgoals is None:
            return Rejected(f"{step.text} does not apply", 0.001)
        if not move.subgoals:
            return Closed(0.001, move.notes)
        return Open(tuple(map(ref, move.subgoals)), 0.001, move.notes)

    async def close(self) -> None:
        pass


class SyntheticProver:
    """Proposes a world's moves for each goal, those not tried yet."""

    systems = ("synthetic",)

    def __init__(self, world: World, name: str = "synthetic", only: Callable[[Move], bool] = lambda move: True) -> None:
        self.world = world
        self.name = name
        self.only = only
        self.asked: list[str] = []
        self.contexts: list[Mapping[str, Any]] = []

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        self.asked.extend(view.goal.conclusion for view in goals)
        self.contexts.extend(view.context for view in goals)
        return [self._proposals(view, n) for view in goals]

    def _proposals(self, view: GoalView, n: int) -> list[Proposal]:
        moves = [m for m in self.world.get(view.goal.conclusion, []) if self.only(m) and m.step.key not in view.tried]
        moves.sort(key=lambda m: -m.log_probability)
        return [Proposal(m.step, m.log_probability, self.name, 0.0, 1) for m in moves[:n]]

    async def close(self) -> None:
        pass


@dataclass
class MemorySink:
    """Keeps every event, as text too, so that each is known to survive its round trip."""

    events: list[Any] = field(default_factory=list)

    def emit(self, event: Any) -> None:
        from lemmata.events import from_json

        self.events.append(from_json(event.to_json()))

    def of(self, kind: str) -> list[Any]:
        return [event for event in self.events if event.kind == kind]


class MemoryCache:
    """An outcome cache in memory."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}

    def lookup(self, goal_key: str, step_key: str) -> str | None:
        return self.entries.get((goal_key, step_key))

    def remember(self, goal_key: str, step_key: str, outcome: str) -> None:
        self.entries[goal_key, step_key] = outcome


def verifier(world: World, root: str = "root") -> Callable[[list[Step]], Any]:
    """Return a verification that replays a proof in the world."""

    async def verify(steps: list[Step]) -> Verification:
        if valid_proof(world, steps, root):
            return Verification(Verdict.PROVED)
        return Verification(Verdict.UNKNOWN, "the steps do not prove the root")

    return verify


async def forever() -> Outcome:
    """Answer never; for sessions and provers that hang."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


GARBAGE: list[Any] = [
    None,
    42,
    "closed",
    Open((None,)),  # type: ignore[arg-type]
    Open("ab"),  # type: ignore[arg-type]
    Closed(math.nan, None),  # type: ignore[arg-type]
    Rejected(None, -1.0, (1, 2), 3),  # type: ignore[arg-type]
    TimedOut(math.inf),
    Crashed(b"bytes", "x"),  # type: ignore[arg-type]
    ValueError("from the session"),
    asyncio.CancelledError(),
]
"""What a broken session may answer; none of it may end a search."""
