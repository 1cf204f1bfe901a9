"""Critics are asked each at its own pace, and one that never answers holds up nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from lemmata.goal import Goal, GoalRef, GoalView, Location, Obligation
from lemmata.graph import GoalNode, ProofGraph
from lemmata.outcome import Open
from lemmata.step import Proposal, Step
from search.budget import Budget, Meter
from search.scoring import MAX_FAILURES, Scorer
from search.state import SearchState

OBLIGATION = Obligation("coq", "it", "Theorem it.", Location("It.v"))


class Says:
    def __init__(self, score: float) -> None:
        self.name = f"says {score}"
        self._score = score

    async def score(self, goals: Sequence[GoalView]) -> list[float]:
        return [self._score] * len(goals)


class Hangs:
    name = "hangs"

    async def score(self, goals: Sequence[GoalView]) -> list[float]:
        await asyncio.Event().wait()
        return []


class Fails:
    name = "fails"
    asked = 0

    async def score(self, goals: Sequence[GoalView]) -> list[float]:
        self.asked += 1
        raise RuntimeError("no weights")


class Forgets:
    """A sink that keeps no events."""

    def emit(self, event: object) -> None:
        pass


def ref(text: str) -> GoalRef:
    return GoalRef(text, Goal("coq", text))


def test_each_critic_answers_in_its_own_time() -> None:
    async def work() -> None:
        state = SearchState(ProofGraph(ref("root")), Meter(Budget()), Forgets())
        fails = Fails()
        scorer = Scorer(state, OBLIGATION, {}, [Hangs(), Says(-1.0), fails, Says(-2.0)])
        told: list[GoalNode] = []
        scorer.scored = told.append
        root = state.graph.goal(state.graph.root)
        assert scorer.score(root) == (None, None, None, None)
        scorer.dispatch()
        async with asyncio.timeout(10):
            while len(told) < 2:
                await asyncio.sleep(0)
        assert scorer.score(root) == (None, -1.0, None, -2.0)
        # A goal that was not judged yet has its parent's estimates.
        proposal = Proposal(Step("split"), -0.5, "p")
        step = state.add_step(root.node, proposal, Open((ref("left"), ref("right")), 0.1))
        left = state.graph.goal(state.graph.step(step).subgoals[0])
        assert scorer.score(left) == (None, -1.0, None, -2.0)
        for _ in range(MAX_FAILURES + 2):
            scorer.score(root)
            scorer.dispatch()
            for _ in range(5):
                await asyncio.sleep(0)
        assert fails.asked == MAX_FAILURES
        await scorer.stop(10.0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(work())
