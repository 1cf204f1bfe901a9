"""Provers that search on their own beside the others, and steps that are checked beside others."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from synthetic import Move, SyntheticProver, SyntheticSession, World
from test_engine import search

from lemmata.outcome import Closed, Outcome, Rejected
from lemmata.step import Step
from lemmata.verdict import Verdict
from search.budget import Budget


class Endless(SyntheticProver):
    """Always has one more goal to go on with, below whatever it is asked about."""

    def __init__(self, session: SyntheticSession, name: str) -> None:
        super().__init__(session.world, name, lambda move: "known" not in move.text)
        self._session = session
        self._numbers = itertools.count()

    def _proposals(self, view: Any, n: int) -> Any:
        here, number = view.goal.conclusion, next(self._numbers)
        move = Move(f"on {number}", -0.1, (f"next {number}",))
        self.world.setdefault(here, []).append(move)
        self._session._moves[here, move.text] = move
        return super()._proposals(view, n)


def sides(world: World, **options: Any) -> tuple[Any, SyntheticSession]:
    """Search with a prover that never ends and one apart that knows how to go on behind what both propose."""
    session = SyntheticSession(world)
    provers = [Endless(session, "endless"), SyntheticProver(world, "knowing", lambda move: "on" not in move.text)]
    found, _, _ = search(world, session=session, provers=provers, budget=Budget(5.0), apart=["knowing"], **options)
    return found, session


def both(price: float) -> World:
    return {"root": [Move("both", -price, ("behind",))], "behind": [Move("known", -1.0, ())]}


def test_a_step_that_others_had_tried_before_leads_both_sides_on() -> None:
    # By then the others have tried it, and what it leads to was theirs alone.
    found, session = sides(both(0.01), delays={"knowing": 0.05})
    assert found.verdict is Verdict.PROVED
    assert session.calls.count(("root", "both")) == 1


def test_a_step_that_waits_among_the_worst_of_others_is_checked_in_turn() -> None:
    found, session = sides(both(9.0))
    assert found.verdict is Verdict.PROVED
    assert session.calls.count(("root", "both")) == 1


def test_a_step_beside_holds_up_no_other() -> None:
    quick = asyncio.Event()
    long = {"running": 0, "most": 0}

    async def waits() -> Outcome:
        long["running"] += 1
        long["most"] = max(long["most"], long["running"])
        await asyncio.wait_for(quick.wait(), 20)
        await asyncio.sleep(0)
        long["running"] -= 1
        return Rejected("no")

    async def sets() -> Outcome:
        quick.set()
        return Rejected("no")

    async def closes() -> Outcome:
        return Closed(0.0)

    class Beside(SyntheticSession):
        sequential = True

        def beside(self, step: Step) -> bool:
            return step.text.startswith("long")

    world: World = {"root": [Move(f"long {i}", -0.1 * i, None) for i in range(4)]}
    world["root"] += [Move("quick", -2.0, None), Move("last", -9.0, ())]
    faults = {**{f"long {i}": waits for i in range(4)}, "quick": sets, "last": closes}
    session = Beside(world, faults)
    found, _, _ = search(world, session=session, budget=Budget(30.0))
    assert found.verdict is Verdict.PROVED
    assert long["most"] == 1
    assert session.most_running == 2


def test_all_that_waited_for_a_step_beside_is_checked() -> None:
    class Beside(SyntheticSession):
        sequential = True

        def beside(self, step: Step) -> bool:
            if step.text == "odd":
                raise ValueError("no idea")
            return True

    world: World = {"root": [*(Move(f"m{i}", -1.0, None) for i in range(9)), Move("odd", -5.0, None)]}
    session = Beside(world)
    found, _, _ = search(world, session=session, budget=Budget(30.0))
    assert found.verdict is Verdict.UNKNOWN
    assert sorted(text for _, text in session.calls) == sorted(move.text for move in world["root"])
