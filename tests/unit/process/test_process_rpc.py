from __future__ import annotations

import asyncio
import json

import pytest

from checkers.process import RpcChild, Supervisor, call_once, spawn
from lemmata.errors import BackendCrashed, InputError, LimitExceeded, Location, UnsupportedError
from lemmata.verdict import Limits

LIMITS = Limits()

SERVER = """
import os, signal, sys, time
from lemmata.errors import *
from lemmata.rpc import serve

def fail(params):
    raise UnsupportedError("goto is not modelled", hint="rewrite it", location=Location("a.c", 3, 7))

def exits(params):
    print("bye", file=sys.stderr)
    sys.stderr.flush()
    os._exit(3)

def memory(params):
    return len(bytearray(1 << 33))

def told(params):
    raise RuntimeError("Z3Exception: out of memory")

def hang(params):
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True: signal.pause()

serve({"echo": lambda params: params, "fail": fail, "exit": exits, "memory": memory, "told": told, "hang": hang,
       "bug": lambda params: 1 // 0, "deep": lambda params: (lambda f: f(f))(lambda f: f(f)),
       "print": lambda params: print("x")})
"""

# A child that answers whatever it is told to, protocol or not.
RAW = """
import os, sys
for line in sys.stdin:
    os.write(1, sys.argv[1].encode())
    if len(sys.argv) > 2:
        sys.stderr.write("the end\\n"); sys.stderr.flush(); os._exit(int(sys.argv[2]))
"""


def with_server(work, limits=LIMITS):
    async def main():
        async with Supervisor() as supervisor:
            return await work(await supervisor.start(["-c", SERVER], limits))

    return asyncio.run(main())


def request(method, params=None, timeout=30.0, limits=LIMITS):
    return with_server(lambda child: child.request(method, params or {}, timeout), limits)


@pytest.mark.parametrize("value", [{}, {"a": [1, None, "é\n\ud800"]}, {"long": "x" * 3_000_000}])
def test_results_come_back(value):
    assert request("echo", value) == value


def test_errors_keep_class_hint_and_location():
    with pytest.raises(UnsupportedError) as caught:
        request("fail")
    error = caught.value
    assert type(error) is UnsupportedError
    assert (error.message, error.hint, error.location) == ("goto is not modelled", "rewrite it", Location("a.c", 3, 7))


def test_unexpected_failures_in_a_handler_leave_the_child_alive():
    async def work(child):
        with pytest.raises(BackendCrashed, match="ZeroDivisionError"):
            await child.request("bug", {})
        with pytest.raises(InputError, match="nested too deeply"):
            await child.request("deep", {})
        with pytest.raises(BackendCrashed, match="KeyError"):
            await child.request("unknown", {})
        assert await child.request("print", {}) is None
        return await child.request("echo", {"still": "here"})

    assert with_server(work) == {"still": "here"}


def test_concurrent_requests_get_their_own_answers():
    async def work(child):
        return await asyncio.gather(*(child.request("echo", {"i": i}) for i in range(50)))

    assert with_server(work) == [{"i": i} for i in range(50)]


def test_a_time_out_kills_the_whole_group(group_gone):
    async def work(child):
        assert await child.request("echo", {}) == {}
        with pytest.raises(LimitExceeded, match=r"killed: wall-time limit 0\.2 s"):
            await child.request("hang", {}, 0.2)
        assert not child.alive
        with pytest.raises(LimitExceeded, match="wall-time"):
            await child.request("echo", {})
        return child.child.pid

    assert group_gone(with_server(work))


def test_a_cancelled_request_kills_the_child(group_gone):
    async def work(child):
        await child.request("echo", {})
        task = asyncio.create_task(child.request("hang", {}))
        waiting = asyncio.create_task(child.request("echo", {}))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(BackendCrashed, match="cancelled"):
            await waiting
        return child.child.pid

    assert group_gone(with_server(work))


def test_cancelling_a_request_that_waits_for_its_turn_leaves_the_child_alone():
    async def work(child):
        first = asyncio.create_task(child.request("echo", {"i": 1}))
        second = asyncio.create_task(child.request("echo", {"i": 2}))
        await asyncio.sleep(0)
        second.cancel()
        assert await first == {"i": 1}
        return await child.request("echo", {"i": 3})

    assert with_server(work) == {"i": 3}


def test_death_during_a_request_names_the_cause():
    with pytest.raises(BackendCrashed, match="exited with code 3: bye"):
        request("exit")


@pytest.mark.parametrize("method", ["memory", "told"])
def test_running_out_of_memory_is_the_memory_limit(method):
    with pytest.raises(LimitExceeded, match="killed: memory limit 512 MiB"):
        request(method, limits=Limits(memory_bytes=512 << 20))


def test_running_out_of_memory_without_a_limit_of_ours():
    with pytest.raises(LimitExceeded, match="killed: out of memory"):
        request("told", limits=Limits(memory_bytes=None))


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["garbage\n"], "killed: its answer is not in the protocol: 'garbage'"),
        (["\n"], "not in the protocol"),
        (["[1]\n"], "not in the protocol"),
        (['{"id": 99, "result": 1}\n'], "not in the protocol"),
        (['{"id": 1}\n'], "not in the protocol"),
        (['{"id": 1, "error": {"type": 3}}\n'], "not in the protocol"),
        (["[" * 100_000 + "\n"], "not in the protocol"),
        (['{"id": 1, "res', "0"], r"exited with code 0 before its answer \(in the middle of an answer\)"),
        (['{"id": 1, "res', "4"], r"exited with code 4: the end \(in the middle of an answer\)"),
        (["", "0"], "exited with code 0 before its answer"),
    ],
)
def test_broken_answers(script, arguments, cause):
    async def main():
        async with RpcChild(spawn(script(RAW, *arguments)), "raw") as child:
            with pytest.raises(BackendCrashed, match=cause):
                await child.request("anything", {}, 30)
            assert not child.alive

    asyncio.run(main())


def test_half_a_line_and_then_silence_is_a_time_out(script):
    async def main():
        async with RpcChild(spawn(script(RAW, '{"id": 1, "res')), "raw") as child:
            await child.request("anything", {}, 0.3)

    with pytest.raises(LimitExceeded, match="wall-time"):
        asyncio.run(main())


def test_a_child_that_closes_its_output_and_lives_on_is_ended(script):
    async def main():
        code = "import os, signal; os.close(1); signal.pause()"
        async with RpcChild(spawn(script(code)), "raw") as child:
            await child.request("anything", {}, 30)

    with pytest.raises(BackendCrashed, match="closed its output"):
        asyncio.run(main())


def test_an_error_of_an_unknown_class_is_a_crash(script):
    answer = json.dumps({"id": 1, "error": {"type": "Exception", "message": "odd"}}) + "\n"

    async def main():
        async with RpcChild(spawn(script(RAW, answer)), "raw") as child:
            await child.request("anything", {}, 30)

    with pytest.raises(BackendCrashed, match="Exception: odd"):
        asyncio.run(main())


def test_a_child_that_never_reads_a_large_request(script):
    async def main():
        async with RpcChild(spawn(script("import signal; signal.pause()")), "deaf") as child:
            await child.request("anything", {"x": "x" * 1_000_000}, 0.3)

    with pytest.raises(LimitExceeded, match="wall-time"):
        asyncio.run(main())


def test_call_once():
    with pytest.raises(BackendCrashed, match="No module named no_such_module"):
        asyncio.run(call_once("no_such_module", "echo", {}))
    with pytest.raises(BackendCrashed, match=r"lemmata\.host: exited with code 1: usage"):
        asyncio.run(call_once("lemmata.host", "propose", {}))


def test_call_once_gives_the_result(tmp_path, monkeypatch):
    (tmp_path / "echoing.py").write_text("from lemmata.rpc import serve\nserve({'echo': lambda params: params})\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert asyncio.run(call_once("echoing", "echo", {"a": 1})) == {"a": 1}
