from __future__ import annotations

import asyncio
import resource
import socket

import pytest

from checkers.process import Confinement, run_once, spawn
from checkers.process.limits import seconds_text, size_text
from lemmata.verdict import Limits

MIB = 1 << 20


def once(command, limits, **options):
    return asyncio.run(run_once(command, b"", limits, **options)).exit


def test_memory_over_the_limit_of_a_python_child(script):
    ended = once(script("x = bytearray(1 << 30)"), Limits(30, None, 256 * MIB))
    assert ended.cause == "killed: memory limit 256 MiB"
    assert ended.limit == "memory"


def test_a_parent_that_is_itself_over_the_limit_can_start_children(script):
    ballast = bytearray(256 * MIB)
    for _ in range(10):
        assert once(script("pass"), Limits(30, None, 64 * MIB)).ok
    assert len(ballast) == 256 * MIB


def test_memory_complaints_of_other_programs(script):
    complaint = "import sys; print('(error \"out of memory\")'); sys.exit(101)"
    assert once(script(complaint), Limits()).cause == "killed: memory limit 2 GiB"
    unlimited = Limits(30, None, None, None)
    assert once(script(complaint), unlimited).cause == "exited with code 101"


def test_cpu_time_over_the_limit(script):
    ended = once(script("while True: pass"), Limits(60, cpu_seconds=0.5))
    assert ended.cause == "killed: CPU limit 0.5 s"
    assert ended.limit == "cpu"
    assert ended.cpu_seconds >= 0.5


def test_cpu_time_of_a_child_that_ignores_the_signal(script):
    ignoring = "import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
    ended = once(script(ignoring), Limits(60, cpu_seconds=1))
    assert ended.cause == "killed: CPU limit 1 s"


def test_a_file_over_the_limit(script):
    limits = Limits(30, None, None, MIB)
    private = Confinement(private_directory=True)
    grow = "f = open('big', 'wb')\nfor _ in range(64): f.write(bytes(1 << 16))\nf.close()"
    assert once(script(grow), limits, confinement=private).cause == "killed: file-size limit 1 MiB"
    default_signal = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
    ended = once(script(default_signal + grow), limits, confinement=private)
    assert ended.cause == "killed: file-size limit 1 MiB"
    assert ended.limit == "file"


def test_no_core_dumps_and_the_wanted_limits(script):
    code = """
import resource as r
print(*r.getrlimit(r.RLIMIT_CORE), *r.getrlimit(r.RLIMIT_AS), *r.getrlimit(r.RLIMIT_FSIZE), *r.getrlimit(r.RLIMIT_CPU),
      *r.getrlimit(r.RLIMIT_NPROC))
"""
    limits = Limits(30, 2.5, 512 * MIB, 3 * MIB)
    done = asyncio.run(run_once(script(code), b"", limits, confinement=Confinement(processes=77)))
    assert [int(n) for n in done.stdout.split()] == [0, 0, *[512 * MIB] * 2, *[3 * MIB] * 2, 3, 4, 77, 77]


def test_a_limit_above_our_own_is_clamped(script, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda which: (MIB, MIB))
    monkeypatch.setattr(resource, "RLIMIT_AS", resource.RLIMIT_FSIZE)  # clamping memory would starve the child
    done = asyncio.run(
        run_once(
            script("import resource; print(resource.getrlimit(resource.RLIMIT_FSIZE))"),
            b"",
            Limits(30, None, 1 << 40, None),
        )
    )
    assert done.stdout.decode().strip() == str((MIB, MIB))


def test_no_network_where_the_kernel_allows_it(script):
    async def main(port: int, network: bool):
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5); print('reached')"
        child = spawn(script(code), confinement=Confinement(network=network))
        return child.network_isolated, await child.read_all(), await child.wait()

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert asyncio.run(main(port, True))[:2] == (False, b"reached\n")
        isolated, output, ended = asyncio.run(main(port, False))
        if not isolated:
            pytest.skip("this kernel does not let us make network namespaces")
        assert output == b""
        assert ended.code == 1


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (2 << 30, "2 GiB"), (3 << 19, "1.5 MiB"), (5 << 40, "5 TiB")],
)
def test_sizes_are_written_for_people(size, text):
    assert size_text(size) == text


def test_durations_are_written_for_people():
    assert [seconds_text(s) for s in (10, 10.0, 0.5, 1 / 3)] == ["10 s", "10 s", "0.5 s", "0.3333 s"]
