"""Proposals in a ranker's order: it changes nothing else, and one that is slow or wrong changes nothing at all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemmata.goal import Goal, GoalView, Location, Obligation
from lemmata.step import Part, Proposal, Step, clauses
from search.ranking import Ranked, Ranking, dealt
from search.scoring import MAX_FAILURES

VIEW = GoalView(Goal("programs", "unreachable"), Obligation("programs", "main", "int main;", Location("x.c")))
GIVEN = [
    Proposal(clauses(()), 0.0, "p"),
    *(Proposal(clauses((Part("L1", f"x == {i}"),)), -0.5 * (i + 1), "p") for i in range(4)),
    Proposal(Step("split"), -1.2, "p"),
]
Rate = Callable[[Sequence[Step]], Coroutine[Any, Any, Any]]


class By:
    """Answers as a function says."""

    name = "by"

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self.asked = 0

    async def rate(self, view: GoalView, steps: Sequence[Step]) -> list[float]:
        self.asked += 1
        found: list[float] = await self._rate(steps)
        return found


class Guesses:
    name, systems, batch = "p", ("programs",), 7

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        return [list(GIVEN) for _ in goals]

    async def close(self) -> None:
        pass


async def backwards(steps: Sequence[Step]) -> list[float]:
    return [float(i) for i in range(len(steps))]


def texts(found: Sequence[Proposal]) -> list[str]:
    return [p.step.text for p in found]


@given(st.lists(st.tuples(st.floats(-9, 0), st.one_of(st.none(), st.floats(-9, 9))), max_size=8))
@settings(deadline=None)
def test_a_ranking_is_a_permutation_of_steps_and_of_estimates(rows: list[tuple[float, float | None]]) -> None:
    proposals = [Proposal(Step(f"t{i}"), estimate, "p") for i, (estimate, _) in enumerate(rows)]
    ratings = {i: rating for i, (_, rating) in enumerate(rows) if rating is not None}
    found = dealt(proposals, ratings)
    assert sorted(texts(found)) == sorted(texts(proposals))
    assert Counter(p.log_probability for p in found) == Counter(p.log_probability for p in proposals)
    estimates = [p.log_probability for p in found]
    assert estimates == sorted(estimates, reverse=True)
    untouched = {p.step.text: p.log_probability for i, p in enumerate(proposals) if i not in ratings}
    assert all(p.log_probability == untouched[p.step.text] for p in found if p.step.text in untouched)
    rated = [ratings[int(p.step.text[1:])] for p in found if p.step.text not in untouched]
    assert rated == sorted(rated, reverse=True)


def test_a_prover_s_clauses_come_in_the_ranker_s_order_and_all_else_stays() -> None:
    async def work() -> None:
        ranking = Ranking(By(backwards))
        prover = Ranked(Guesses(), ranking)
        assert (prover.name, prover.systems, prover.batch) == ("p", ("programs",), 7)
        (found,) = await prover.propose([VIEW], 9)
        # No clause at all, and what is no clause, have their own estimates.
        assert texts(found) == ["", "L1: x == 3", "L1: x == 2", "split", "L1: x == 1", "L1: x == 0"]
        assert [p.log_probability for p in found] == [0.0, -0.5, -1.0, -1.2, -1.5, -2.0]
        assert ranking.stats.judged == 4
        assert await ranking.order(VIEW, GIVEN[:2]) == GIVEN[:2]
        await prover.close()

    asyncio.run(work())


async def raises(steps: Sequence[Step]) -> Any:
    raise RuntimeError("no weights")


async def short(steps: Sequence[Step]) -> Any:
    return [0.0]


@pytest.mark.parametrize("wrong", [raises, short])
def test_a_ranker_that_fails_changes_nothing_and_is_dropped(wrong: Rate) -> None:
    async def work() -> None:
        ranker = By(wrong)
        ranking = Ranking(ranker)
        for _ in range(MAX_FAILURES + 2):
            assert await ranking.order(VIEW, GIVEN) == GIVEN
        assert ranker.asked == ranking.stats.failures == MAX_FAILURES
        assert ranking.stats.message
        assert ranking.stats.judged == 0

    asyncio.run(work())


def test_nobody_waits_for_a_ranker_that_is_overdue_and_it_comes_back() -> None:
    async def work() -> None:
        ready = asyncio.Event()

        async def loading(steps: Sequence[Step]) -> Any:
            await ready.wait()
            return await backwards(steps)

        ranker = By(loading)
        ranking = Ranking(ranker, patience=0.05)
        assert await ranking.order(VIEW, GIVEN) == GIVEN
        ranking._patience = 60.0
        async with asyncio.timeout(10):
            assert await ranking.order(VIEW, GIVEN) == GIVEN
        assert ranker.asked == 1
        ready.set()
        async with asyncio.timeout(10):
            while await ranking.order(VIEW, GIVEN) == GIVEN:
                await asyncio.sleep(0)
        assert ranking.stats.failures == 0
        ready.clear()
        waiting = asyncio.create_task(ranking.order(VIEW, GIVEN))
        while ranker.asked < 3:
            await asyncio.sleep(0)
        waiting.cancel()
        await ranking.close()
        assert asyncio.all_tasks() == {asyncio.current_task(), *([] if waiting.done() else [waiting])}

    asyncio.run(work())
