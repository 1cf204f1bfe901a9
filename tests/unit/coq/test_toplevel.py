"""One `coqtop`: answers belong to their sentences, whatever a sentence prints, however long it runs."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from checkers.coq import installation
from checkers.coq.project import Flags
from checkers.coq.toplevel import Interrupted, Reply, Toplevel
from checkers.process import Supervisor
from lemmata.errors import BackendCrashed, BackendError, LimitExceeded
from lemmata.verdict import Limits

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")

ROOMY = Limits(None, None, 4 << 30, 64 << 20)
FOREVER = "1: do 2000000000 idtac."


def with_coq(work: Callable[[Toplevel], Awaitable[None]], limits: Limits = ROOMY) -> None:
    async def run() -> None:
        async with Supervisor() as supervisor:
            coq = await Toplevel.start(supervisor, installation.find(), Flags((), "Top"), limits, 60)
            try:
                await work(coq)
            finally:
                await coq.close()

    asyncio.run(run())


async def answers(coq: Toplevel) -> None:
    """Check that Coq answers what it is asked now, not something older."""
    for number in (17, 23):
        (reply,) = await coq.run([f"Eval compute in {number} + 1000."], 10)
        assert f"= {number + 1000}" in reply.text
        assert not reply.failed


def test_states_grow_and_failures_keep_them() -> None:
    async def work(coq: Toplevel) -> None:
        start = coq.state
        goal, bad, intro = await coq.run(["Goal forall n : nat, n = n.", "1: fail.", "1: intro."], 10)
        assert start < goal.state == bad.state < intro.state
        assert [goal.failed, bad.failed, intro.failed] == [False, True, False]
        assert bad.error == "Tactic failure."
        (back,) = await coq.run([f"BackTo {goal.state}."], 10)
        assert (back.state, back.failed, coq.state) == (goal.state, False, goal.state)

    with_coq(work)


@pytest.mark.parametrize(
    "printed",
    [
        "<prompt>x < 5 |x| 0 < </prompt>",
        "<prompt>Coq < 1 || 0 < </prompt>",
        "</prompt>",
        "<prompt>",
        "Error: forged",
        "</prompt></prompt><infomsg>",
        "é ∀ \u0085 \ufeff",
    ],
)
def test_what_a_sentence_prints_is_no_prompt(printed: str) -> None:
    async def work(coq: Toplevel) -> None:
        _, said = await coq.run(["Goal True.", f'1: idtac "{printed}".'], 10)
        assert printed.replace("<infomsg>", "") in said.text
        assert not said.failed
        await answers(coq)
        (refused,) = await coq.run([f'1: fail "{printed}".'], 10)
        assert refused.failed
        assert refused.state == said.state + 2
        # An error quotes the sentence.
        (refused,) = await coq.run([f'1: exact (fun "{printed}" => 0).'], 10)
        assert refused.failed
        await answers(coq)

    with_coq(work)


def test_a_lot_of_output() -> None:
    async def work(coq: Toplevel) -> None:
        line = "x" * 1000
        _, much = await coq.run(["Goal True.", f'1: do 5000 idtac "{line}".'], 60)
        assert much.text.count(line) == 5000
        await answers(coq)

    with_coq(work)


def test_too_much_output_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checkers.coq.toplevel._OUTPUT_CAP", 1 << 20)

    async def work(coq: Toplevel) -> None:
        with pytest.raises(BackendCrashed, match="too much"):
            await coq.run(["Goal True.", f'1: do 5000 idtac "{"x" * 1000}".'], 60)
        assert not coq.alive

    with_coq(work)


def test_many_sentences_at_once() -> None:
    """More than both pipes hold: writing and reading must go on at the same time."""

    async def work(coq: Toplevel) -> None:
        sentences = ["Goal True.", *[f'1: idtac "{"y" * 500} {i}".' for i in range(1000)]]
        replies = await coq.run(sentences, 60)
        assert len(replies) == 1001
        assert all(f" {i}<" in f"{reply.text.rstrip()}<" for i, reply in enumerate(replies[1:]))
        await answers(coq)

    with_coq(work)


ENDLESS = ["do 2000000000 idtac", "repeat (idtac; pose 0)", "let rec f x := idtac; f x in f 0"]


@pytest.mark.parametrize("endless", ENDLESS)
def test_an_endless_sentence_is_interrupted(endless: str) -> None:
    async def work(coq: Toplevel) -> None:
        await coq.run(["Goal True."], 10)
        began = time.monotonic()
        try:
            await coq.run([f"1: {endless}."], 0.3)
        except Interrupted:
            await answers(coq)
        except LimitExceeded:
            assert not coq.alive
        else:
            pytest.fail("it ended")
        assert time.monotonic() - began < 10

    with_coq(work)


def test_sentences_behind_an_interrupted_one_are_not_mistaken_for_later_ones() -> None:
    async def work(coq: Toplevel) -> None:
        await coq.run(["Goal True."], 10)
        with pytest.raises(Interrupted):
            await coq.run([FOREVER, "Eval compute in 1 + 1.", "Eval compute in 2 + 2."], 0.3)
        await answers(coq)

    with_coq(work)


def test_an_ignored_interrupt_is_answered_with_a_kill() -> None:
    async def work(coq: Toplevel) -> None:
        await coq.run(["Goal True."], 10)
        os.kill(coq.pid, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(LimitExceeded, match="ignored the interrupt"):
            await coq.run(["1: idtac."], 0.2)
        assert time.monotonic() - began < 10
        assert not coq.alive

    with_coq(work)


def test_whoever_is_cancelled_leaves_nothing_behind() -> None:
    async def work(coq: Toplevel) -> None:
        await coq.run(["Goal True."], 10)
        for sentences in ([FOREVER], ["Eval compute in 3 + 3."] * 20, ["1: idtac."]):
            for yields in (1, 2, 3, 5):
                task = asyncio.create_task(coq.run(sentences, None))
                for _ in range(yields):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait({task})
                await answers(coq)

    with_coq(work)


def test_half_a_sentence_costs_the_process_and_no_answer() -> None:
    async def work(coq: Toplevel) -> None:
        await coq.run(["Goal True."], 10)
        task = asyncio.create_task(coq.run(['1: idtac "' + "z" * 1_000_000 + '".'], None))
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        try:
            await answers(coq)
        except BackendCrashed:
            assert not coq.alive

    with_coq(work)


def test_one_who_is_cancelled_while_interrupting() -> None:
    async def work(coq: Toplevel) -> None:
        await coq.run(["Goal True."], 10)
        for _ in range(2):
            task = asyncio.create_task(coq.run([FOREVER], None))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
        await answers(coq)

    with_coq(work)


def test_a_process_that_is_gone() -> None:
    async def work(coq: Toplevel) -> None:
        os.kill(coq.pid, signal.SIGKILL)
        with pytest.raises(BackendError):
            await coq.run(["Check 0."], 10)
        assert not coq.alive
        assert coq.resident_bytes == 0
        await coq.close()
        await coq.close()

    with_coq(work)


def test_one_killed_while_it_works() -> None:
    async def work(coq: Toplevel) -> None:
        await coq.run(["Goal True."], 10)
        task = asyncio.create_task(coq.run([FOREVER], 30))
        await asyncio.sleep(0)
        os.kill(coq.pid, signal.SIGKILL)
        with pytest.raises(BackendError):
            await task

    with_coq(work)


def test_one_that_eats_memory() -> None:
    async def work(coq: Toplevel) -> None:
        await coq.run(["Goal True."], 10)
        eater = "1: let rec f x := f (x, x, x) in let y := eval compute in (Nat.pow 2 40) in idtac."
        gone = False
        try:
            (reply,) = await coq.run([eater], 30)
        except BackendError:
            gone = True
        assert gone != (coq.alive and reply.failed)

    with_coq(work, Limits(None, None, 700 << 20, 64 << 20))


def test_what_does_not_start_is_told() -> None:
    async def run() -> None:
        found: Any = installation.find()
        broken = type(found)(("false",), ("/bin/false",), (), found.version, found.where, "")
        async with Supervisor() as supervisor:
            with pytest.raises(BackendCrashed, match="coqtop ended"):
                await Toplevel.start(supervisor, broken, Flags((), "Top"), ROOMY, 10)
            silent = type(found)(("false",), ("/bin/sh", "-c", "exec sleep 60"), (), found.version, found.where, "")
            with pytest.raises(LimitExceeded, match="does not start"):
                await Toplevel.start(supervisor, silent, Flags((), "Top"), ROOMY, 0.2)

    asyncio.run(run())


def test_the_error_is_one_line() -> None:
    text = "Toplevel input, characters 3-4:\n> 1: x.\n>    ^\nError:\nThe variable x\nwas not found.\n"
    assert Reply(text, 1, True, 0.0).error == "The variable x was not found."
    assert Reply("1 goal", 1, False, 0.0).error == ""


@pytest.mark.parametrize("before", [[], ["Goal True."], ["Goal True.", "1: exact I."], ["Goal True.", "1: shelve."]])
def test_an_interrupt_in_any_state(before: list[str]) -> None:
    async def work(coq: Toplevel) -> None:
        await coq.run(before, 10)
        for yields in (1, 2, 4, 8):
            task = asyncio.create_task(coq.run(["Check 1."] * 5, None))
            for _ in range(yields):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
            await answers(coq)

    with_coq(work)
