from __future__ import annotations

import asyncio
import contextlib
import os
import time
from pathlib import Path

import pytest

from checkers.process import Supervisor
from lemmata.errors import BackendCrashed, BackendError, BackendMissing, LimitExceeded, Location, UnsupportedError
from lemmata.goal import Goal, GoalView, Obligation
from lemmata.host import KEPT
from lemmata.step import Part, clauses
from lemmata.verdict import Limits
from search.executors.hosting import Hosting
from search.executors.local import LocalExecutor

PROVERS = '''
import os, sys, time
from pathlib import Path
from lemmata.errors import UnsupportedError
from lemmata.step import Part, Proposal, Step, clauses

HERE = Path(__file__).parent

def proposal(text, log_probability=-1.0):
    return Proposal(Step(text), log_probability, "test")

class Good:
    name, systems = "good", ("toy",)
    calls = 0
    async def propose(self, goals, n):
        self.calls += 1
        print("provers may print")
        return [[Proposal(clauses((Part("loop", g.goal.conclusion),)), -1.0, "good", 0.5, self.calls),
                 proposal(f"{os.getpid()} {'asyncio' in sys.modules}"), *map(proposal, "abcdefgh")] for g in goals]
    async def close(self):
        pass

class Late(Good):
    """Imports asyncio only on the way."""
    async def propose(self, goals, n):
        import asyncio
        await asyncio.sleep(0)
        return [[proposal(str(id(asyncio.get_running_loop())))]]

class Bad(Good):
    async def propose(self, goals, n):
        match goals[0].goal.conclusion:
            case "exit": os._exit(7)
            case "hang":
                (HERE / "hanging").write_text(f"{os.getpid()}.")
                while True: time.sleep(60)
            case "memory": return bytearray(1 << 34)
            case "raise": raise UnsupportedError("no", hint="yes")
            case "positive": return [[proposal("x", 1.0)]]
            case "short": return []
            case "flat": return ["text"]
            case "none": return None
            case "busy":
                name = goals[0].obligation.name
                (HERE / name).write_text("")
                while not (HERE / "go").exists(): time.sleep(0.002)
                return [[proposal(str(os.getpid()))]]
        return [[proposal(str(os.getpid()))]]

class Judge:
    name = "judge"
    calls = 0

    def say(self, word, count):
        self.calls += 1
        match word:
            case "exit": os._exit(7)
            case "hang":
                (HERE / "hanging").write_text(f"{os.getpid()}.")
                while not (HERE / "go").exists(): time.sleep(0.002)
            case "raise": raise RuntimeError("no weights")
            case "nan": return [float("nan")] * count
            case "inf": return [-float("inf")] * count
            case "positive": return [0.5] * count
            case "short": return [-1.0] * (count - 1)
            case "texts": return ["high"] * count
            case "none": return None
            case "number": return -1.0
        return [-float(self.calls)] * count

    async def score(self, goals):
        print("critics may print")
        return self.say(goals[0].goal.conclusion, len(goals))

    async def rate(self, view, steps):
        assert view.context == {"k": [1]}, view
        return [value + len(step.parts) for value, step in zip(self.say(view.goal.conclusion, len(steps)), steps)]

class Broken:
    def __init__(self):
        raise ValueError("no weights")
'''


def view(conclusion: str = "x >= 0", name: str = "main") -> GoalView:
    return GoalView(Goal("toy", conclusion), Obligation("toy", name, "source", Location("a.toy")), context={"k": [1]})


@pytest.fixture(autouse=True)
def provers(tmp_path, monkeypatch) -> Path:
    (tmp_path / "sample_provers.py").write_text(PROVERS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def with_prover(target, work, processes=2, limits=None):
    return with_executor(
        lambda executor: executor.host("p", f"sample_provers:{target}", ("toy",)), work, processes, limits
    )


def with_critic(work, limits=None):
    return with_executor(lambda executor: executor.critic("c", "sample_provers:Judge"), work, 1, limits)


def children() -> set[str]:
    """Return the processes whose parent this one is, also those that have ended and were not waited for."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name in brackets may have anything in it; the state and the parent follow.
            if stat.read_text().rpartition(")")[2].split()[1] == str(os.getpid()):
                found.add(stat.parent.name)
    return found


def with_executor(host, work, processes=2, limits=None):
    async def main():
        async with Supervisor() as supervisor:
            executor = LocalExecutor(supervisor, Hosting(limits or Limits(wall_seconds=30), processes))
            hosted = host(executor)
            try:
                assert supervisor.live == ()  # lazily
                return await work(hosted, supervisor)
            finally:
                await executor.close()
                assert supervisor.live == ()

    # Those of other tests in this process.
    others = children()
    before = len(os.listdir("/proc/self/fd"))
    result = asyncio.run(main())
    assert len(os.listdir("/proc/self/fd")) == before
    assert children() <= others
    return result


async def until(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


def text(proposals) -> str:
    return proposals[0][0].step.text


def test_proposals_come_back_from_a_process_that_stays():
    async def work(prover, supervisor):
        assert (prover.name, prover.systems) == ("p", ("toy",))
        assert await prover.propose([], 4) == []
        first = await prover.propose([view("a"), view("b")], 4)
        second = await prover.propose([view("c")], 4)
        assert [len(group) for group in first] == [4, 4]
        assert first[1][0].step == clauses((Part("loop", "b"),))
        assert first[1][0].tokens == 1
        assert second[0][0].tokens == 2
        assert second[0][1] == first[0][1]
        pid, asyncio_loaded = first[0][1].step.text.split()
        assert int(pid) != os.getpid()
        assert asyncio_loaded == "False"  # it costs more than starting Python

    with_prover("Good", work)


def sent(monkeypatch) -> list[list[str]]:
    """Return a list that gets the keys of what each question brings along."""
    from lemmata import codec

    seen: list[list[str]] = []
    original = codec.surroundings_to_json

    def noted(view):
        seen.append([view.obligation.name])
        return original(view)

    monkeypatch.setattr(codec, "surroundings_to_json", noted)
    return seen


def test_what_goals_share_is_sent_once_to_each_child(monkeypatch):
    seen = sent(monkeypatch)
    context = {"k": list(range(1000))}
    first, second = (Obligation("toy", name, "source", Location("a.toy")) for name in ("one", "two"))

    def of(obligation, conclusion):
        return GoalView(Goal("toy", conclusion), obligation, context=context)

    async def work(prover, supervisor):
        for i in range(5):
            await prover.propose([of(first, f"a{i}"), of(first, f"b{i}")], 4)
        mixed = await prover.propose([of(first, "x"), of(second, "y"), of(first, "z")], 4)
        assert [group[0].step for group in mixed] == [clauses((Part("loop", text),)) for text in "xyz"]
        await prover.propose([of(second, "w")], 4)

    with_prover("Good", work)
    assert seen == [["one"], ["two"]]


def test_a_child_that_forgot_is_told_again(monkeypatch):
    seen = sent(monkeypatch)
    views = [view(f"g{i}", f"o{i}") for i in range(KEPT + 1)]

    async def work(prover, supervisor):
        for one in views:
            await prover.propose([one], 1)
        again = await prover.propose([views[0]], 1)
        assert again[0][0].step == clauses((Part("loop", "g0"),))
        # More at once than are kept.
        assert len(await prover.propose([*views, *views], 1)) == 2 * len(views)

    with_prover("Good", work)
    assert seen[: KEPT + 2] == [[f"o{i}"] for i in [*range(KEPT + 1), 0]]


def test_a_replaced_child_is_told_everything(monkeypatch):
    seen = sent(monkeypatch)
    fine = view("fine")

    async def work(prover, supervisor):
        await prover.propose([fine], 1)
        with pytest.raises(BackendCrashed):
            await prover.propose([view("exit")], 1)
        await prover.propose([fine], 1)

    with_prover("Bad", work)
    assert len(seen) == 3


def test_a_large_context_costs_little_after_the_first_question():
    context = {"facts": ["x" * 100] * 50_000}
    obligation = Obligation("toy", "main", "source", Location("a.toy"))

    async def work(prover, supervisor):
        await prover.propose([GoalView(Goal("toy", "first"), obligation, context=context)], 1)
        started = time.monotonic()
        for i in range(50):
            await prover.propose([GoalView(Goal("toy", f"g{i}"), obligation, context=context)], 1)
        return (time.monotonic() - started) / 50

    assert min(with_prover("Good", work) for _ in range(3)) < 0.005


def test_a_prover_that_awaits_gets_one_event_loop():
    async def work(prover, supervisor):
        return text(await prover.propose([view()], 1)), text(await prover.propose([view()], 1))

    first, second = with_prover("Late", work)
    assert first == second


@pytest.mark.parametrize(
    ("conclusion", "error", "message"),
    [
        ("exit", BackendCrashed, "exited with code 7"),
        ("memory", LimitExceeded, "memory limit 512 MiB"),
        ("positive", BackendCrashed, "malformed proposal: a log-probability is at most 0"),
        ("short", BackendCrashed, "a list for each of 1 goals"),
        ("flat", BackendCrashed, "AttributeError"),
        ("none", BackendCrashed, "TypeError"),
    ],
)
def test_a_failure_is_an_error_and_the_next_call_works(conclusion, error, message):
    async def work(prover, supervisor):
        before = text(await prover.propose([view("fine")], 1))
        with pytest.raises(error, match=message):
            await prover.propose([view(conclusion)], 1)
        assert supervisor.live == ()
        assert text(await prover.propose([view("fine")], 1)) != before

    with_prover("Bad", work, limits=Limits(wall_seconds=30, memory_bytes=512 << 20))


def test_an_error_that_is_not_about_the_process_leaves_it_running():
    async def work(prover, supervisor):
        before = text(await prover.propose([view("fine")], 1))
        with pytest.raises(UnsupportedError, match="no; yes"):
            await prover.propose([view("raise")], 1)
        assert text(await prover.propose([view("fine")], 1)) == before

    with_prover("Bad", work)


def test_a_hanging_prover_is_killed_and_replaced():
    async def work(prover, supervisor):
        with pytest.raises(LimitExceeded, match="wall-time limit 1 s"):
            await prover.propose([view("hang")], 1)
        assert supervisor.live == ()
        await prover.propose([view("fine")], 1)

    with_prover("Bad", work, limits=Limits(wall_seconds=1))


def test_a_cancelled_call_ends_the_computation(provers):
    async def work(prover, supervisor):
        task = asyncio.create_task(prover.propose([view("hang")], 1))
        note = provers / "hanging"
        await until(lambda: note.exists() and note.read_text().endswith("."))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not Path(f"/proc/{note.read_text()[:-1]}").exists()
        await prover.propose([view("fine")], 1)

    with_prover("Bad", work)


def test_closing_ends_calls_in_progress_and_is_final(provers):
    async def work(prover, supervisor):
        task = asyncio.create_task(prover.propose([view("hang")], 1))
        await until((provers / "hanging").exists)
        await prover.close()
        await prover.close()
        with pytest.raises(BackendCrashed):
            await task
        with pytest.raises(BackendCrashed, match="prover p is closed"):
            await prover.propose([view("fine")], 1)

    with_prover("Bad", work)


def test_busy_children_get_company_up_to_the_limit(provers):
    async def work(prover, supervisor):
        calls = [asyncio.create_task(prover.propose([view("busy", f"busy{i}")], 1)) for i in range(3)]
        await until(lambda: len(list(provers.glob("busy*"))) == 2)
        assert len(supervisor.live) == 2
        (provers / "go").write_text("")
        return {text(done) for done in await asyncio.gather(*calls)}

    assert len(with_prover("Bad", work)) == 2


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        ("sample_provers:Broken", BackendError, "cannot be loaded: ValueError: no weights"),
        ("sample_provers:Nothing", BackendError, "cannot be loaded: AttributeError"),
        ("sample_provers", BackendError, "cannot be loaded"),
        ("no_such_module:X", BackendMissing, "No module named 'no_such_module'"),
    ],
)
def test_provers_that_cannot_be_loaded(target, error, message):
    async def work(prover, supervisor):
        with pytest.raises(error, match=message):
            await LocalExecutor(supervisor).host("q", target, ()).propose([view()], 1)

    with_prover("Good", work)


def test_starting_a_hosted_prover_is_quick():
    async def work(prover, supervisor):
        started = time.monotonic()
        await prover.propose([view()], 1)
        return time.monotonic() - started

    assert min(with_prover("Good", work) for _ in range(5)) < 1.0


def test_a_critic_answers_from_a_process_that_stays(monkeypatch):
    seen = sent(monkeypatch)

    async def work(critic, supervisor):
        assert await critic.score([]) == []
        shared = view("a")
        assert await critic.score([shared, shared]) == [-1.0, -1.0]
        assert await critic.score([shared]) == [-2.0]

    with_critic(work)
    assert seen == [["main"]]


def test_a_ranker_rates_steps_of_a_goal():
    async def work(ranker, supervisor):
        assert await ranker.rate(view(), []) == []
        return await ranker.rate(view(), [clauses(()), clauses((Part("L1", "a"), Part("L1", "b")))])

    assert with_executor(lambda executor: executor.ranker("r", "sample_provers:Judge"), work) == [-1.0, 1.0]


NONSENSE = {
    "exit": "exited with code 7",
    "raise": "RuntimeError: no weights",
    "nan": "answered 'nan' instead of a number",
    "inf": "answered '-inf' instead of a number",
    "positive": "answered 0.5, but a log-probability is at most 0",
    "short": "critic c did not answer with 2 numbers",
    "texts": "could not convert string to float",
    "none": "TypeError",
    "number": "TypeError",
}


@pytest.mark.parametrize("word", NONSENSE)
def test_a_critic_s_nonsense_is_an_error_and_the_next_call_works(word):
    async def work(critic, supervisor):
        with pytest.raises(BackendCrashed, match=NONSENSE[word]):
            await critic.score([view(word), view(word)])
        assert supervisor.live == ()
        assert await critic.score([view("fine")]) == [-1.0]

    with_critic(work)


def test_a_critic_that_hangs_is_killed_and_replaced():
    async def work(critic, supervisor):
        with pytest.raises(LimitExceeded, match="wall-time limit 1 s"):
            await critic.score([view("hang")])
        assert await critic.score([view("fine")]) == [-1.0]

    with_critic(work, Limits(wall_seconds=1))


def test_a_critic_that_nobody_waits_for_finishes_and_keeps_what_it_has_loaded(provers):
    async def work(critic, supervisor):
        asked = asyncio.create_task(critic.score([view("hang")]))
        await until((provers / "hanging").exists)
        # Only what is under way is finished; who waits for a turn can still go.
        behind = asyncio.create_task(critic.score([view("behind")]))
        await asyncio.sleep(0)
        for task in (asked, behind):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        (provers / "go").write_text("")
        assert await critic.score([view("fine")]) == [-2.0]

    with_critic(work)


def test_closing_ends_what_a_critic_computes(provers):
    async def work(critic, supervisor):
        asked = asyncio.create_task(critic.score([view("hang")]))
        await until((provers / "hanging").exists)
        asked.cancel()
        await critic.close()
        assert supervisor.live == ()
        with pytest.raises(BackendCrashed, match="critic c is closed"):
            await critic.score([view("fine")])

    with_critic(work)
