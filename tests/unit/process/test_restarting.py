from __future__ import annotations

import asyncio

import pytest

from checkers.process import Restarting, RpcChild, Supervisor
from lemmata.errors import BackendCrashed, BackendMissing, LimitExceeded
from lemmata.verdict import Limits

# A backend with state: it adds up what it is given, and dies or hangs when told to.
ADDER = """
import os, signal
from lemmata.rpc import serve
total = 0
def add(params):
    global total
    if params["n"] == 666: os._exit(9)
    while params["n"] == 999: signal.pause()
    total += params["n"]
    return total
serve({"add": add})
"""


def add(n: int):
    return lambda child: child.request("add", {"n": n}, 5.0)


class Adder:
    """A session on the adder that keeps its own log."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.log: list[int] = []
        self.backend: Restarting[RpcChild] = Restarting(lambda: supervisor.start(["-c", ADDER], Limits()), self._replay)

    async def _replay(self, child: RpcChild) -> None:
        for n in self.log:
            await add(n)(child)

    async def add(self, n: int, timeout: float = 5.0) -> int:
        total = await self.backend.use(lambda child: child.request("add", {"n": n}, timeout))
        self.log.append(n)
        return total


def with_adder(work):
    async def main():
        async with Supervisor() as supervisor:
            return await work(Adder(supervisor))

    return asyncio.run(main())


def test_a_crash_loses_only_the_step_that_caused_it():
    async def work(adder):
        assert [await adder.add(n) for n in (1, 2, 3)] == [1, 3, 6]
        with pytest.raises(BackendCrashed, match="exited with code 9"):
            await adder.add(666)
        assert await adder.add(4) == 10
        with pytest.raises(LimitExceeded):
            await adder.add(999, 0.2)
        assert await adder.add(5) == 15
        assert adder.backend.starts == 3

    with_adder(work)


def test_a_backend_that_died_while_idle_is_replaced_unnoticed():
    async def work(adder):
        await adder.add(1)

        async def sabotage(child):
            await child.child.kill()

        await adder.backend.use(sabotage)
        assert await adder.add(2) == 3

    with_adder(work)


def test_cancelled_work_ends_the_backend_and_the_next_gets_a_fresh_one():
    async def work(adder):
        await adder.add(1)
        task = asyncio.create_task(adder.add(999))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await adder.add(1) == 2

    with_adder(work)


def test_a_replay_that_fails_is_tried_again_and_then_reported():
    async def work(adder):
        adder.log = [666]
        with pytest.raises(BackendCrashed, match=r"cannot be brought back: .*exited with code 9"):
            await adder.add(1)
        assert adder.backend.starts == 2
        adder.log = []
        assert await adder.add(1) == 1

    with_adder(work)


def test_a_missing_backend_is_not_tried_twice():
    tries = []

    async def start() -> RpcChild:
        tries.append(1)
        raise BackendMissing("not there")

    async def replay(child: RpcChild) -> None:
        raise AssertionError

    backend = Restarting(start, replay)
    with pytest.raises(BackendMissing):
        asyncio.run(backend.use(add(1)))
    assert len(tries) == 1


def test_closing_is_final():
    async def work(adder):
        await adder.add(1)
        await adder.backend.close()
        await adder.backend.close()
        with pytest.raises(BackendCrashed, match="closed"):
            await adder.add(1)

    with_adder(work)
