from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from checkers.process import Child, Confinement, Supervisor, run_once, spawn
from lemmata.errors import BackendError, BackendMissing, LimitExceeded
from lemmata.verdict import Limits

MIB = 1 << 20
LIMITS = Limits(wall_seconds=30)


def once(command, fed=b"", limits=LIMITS, **options):
    return asyncio.run(run_once(command, fed, limits, **options))


def test_a_well_behaved_command_gives_its_output_and_no_cause():
    done = once(["cat"], b"hello\n" * 100_000)
    assert done.stdout == b"hello\n" * 100_000
    assert done.exit.ok
    assert done.exit.code == 0
    assert done.exit.cause == ""
    assert 0 < done.seconds < 30


def test_a_child_that_never_reads_its_input_does_not_block_us(script):
    done = once(script("print('done')"), b"x" * (8 * MIB))
    assert done.stdout == b"done\n"
    assert done.exit.ok


def test_ten_megabytes_on_stderr_are_drained_and_the_end_is_kept(script):
    done = once(script("import sys; sys.stderr.write('e' * 10_000_000 + '\\nlast words'); print('out'); sys.exit(3)"))
    assert done.stdout == b"out\n"
    assert len(done.stderr) == 64 << 10
    assert done.exit.cause == "exited with code 3: last words"


def test_stderr_is_drained_while_nobody_waits_for_output(script):
    async def main():
        child = spawn(script("import sys; sys.stderr.write('e' * 1_000_000); sys.stderr.close(); print('ok')"))
        assert (await child.wait()).ok
        return await child.read_line()

    assert asyncio.run(main()) == b"ok\n"


def test_flooding_stdout_is_stopped_with_a_clear_cause(script):
    flood = "import os\nwhile True: os.write(1, b'x' * 65536)"
    done = once(script(flood), output_cap=4 * MIB)
    assert done.exit.cause == "killed: output over 4 MiB"
    assert done.exit.limit == "output"
    assert done.stdout == b""


def test_a_line_over_the_cap_ends_the_child(script, group_gone):
    async def main():
        child = spawn(script("import os\nwhile True: os.write(1, b'x' * 65536)"), output_cap=MIB)
        with pytest.raises(LimitExceeded, match="output over 1 MiB"):
            await child.read_line()
        return child

    assert group_gone(asyncio.run(main()).pid)


def test_long_lines_and_other_units_of_output(script):
    async def main():
        child = spawn(script("import sys; sys.stdout.write('x' * 3_000_000 + '\\nab\\0\\0cdefrest')"))
        line = await child.read_line()
        assert (len(line), line[-2:]) == (3_000_001, b"x\n")
        assert await child.read_until(b"\0\0") == b"ab\0\0"
        assert await child.read_exactly(4) == b"cdef"
        assert await child.read_line() == b"rest"
        assert await child.read_line() == b""
        assert (await child.wait()).ok

    asyncio.run(main())


def test_output_written_before_the_end_can_be_read_after_it(script):
    async def main():
        child = spawn(script("print('one'); print('two')"))
        await child.wait()
        return [await child.read_line() for _ in range(3)]

    assert asyncio.run(main()) == [b"one\n", b"two\n", b""]


GRANDCHILD = """
import os, signal, sys
if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(1, b'ready\\n')
    while True: signal.pause()
{parent}
"""


@pytest.mark.parametrize("grace", [0.0, 0.05])
def test_killing_takes_a_grandchild_that_ignores_sigterm_and_holds_the_pipes(script, group_gone, grace):
    async def main():
        child = spawn(script(GRANDCHILD.format(parent="signal.pause()")))
        assert await child.read_line() == b"ready\n"
        ended = await child.kill(grace=grace)
        assert ended.signal == (signal.SIGTERM if grace else signal.SIGKILL)
        assert ended.cause == "ended on request"
        assert await child.read_all() == b""
        return child.pid

    assert group_gone(asyncio.run(main()))


def test_a_grandchild_that_holds_the_pipes_does_not_outlive_its_parent(script, group_gone):
    async def main():
        child = spawn(script(GRANDCHILD.format(parent="sys.stdin.read(1); os._exit(5)")))
        assert await child.read_line() == b"ready\n"
        child.close_stdin()
        assert await child.read_all() == b""
        assert (await child.wait()).cause == "exited with code 5"
        return child.pid

    assert group_gone(asyncio.run(main()))


def test_a_process_that_left_the_group_and_holds_the_pipes_does_not_block_reading(script):
    escape = """
import os, signal, sys
reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    os.write(writer, b'x')
    print(os.getpid(), flush=True)
    signal.pause()
os.read(reader, 1)
sys.stdin.read(1)
os._exit(0)
"""

    async def main():
        child = spawn(script(escape))
        escaped = int(await child.read_line())
        child.close_stdin()
        try:
            assert await child.read_all() == b""
            assert (await child.wait()).code == 0
        finally:
            os.kill(escaped, signal.SIGKILL)

    asyncio.run(main())


def test_many_forks_all_die(script, group_gone):
    async def main():
        child = spawn(script("import os, signal\nfor _ in range(4): os.fork()\nos.write(1, b'.')\nsignal.pause()"))
        assert await child.read_exactly(16) == b"." * 16
        await child.kill()
        return child.pid

    assert group_gone(asyncio.run(main()))


def test_wall_time_limit_ends_a_hanging_child_and_its_group(script, group_gone):
    async def main():
        async with Supervisor() as supervisor:
            child = supervisor.spawn(script(GRANDCHILD.format(parent="signal.pause()")))
            child.kill_after(60)
            child.kill_after(0.2)
            return child.pid, await child.wait()

    pid, ended = asyncio.run(main())
    assert ended.cause == "killed: wall-time limit 0.2 s"
    assert ended.limit == "wall"
    assert 0.2 <= ended.seconds < 5
    assert group_gone(pid)


def test_run_once_keeps_its_wall_time_limit(script):
    done = once(script("import signal; signal.pause()"), limits=Limits(wall_seconds=0.2))
    assert done.exit.cause == "killed: wall-time limit 0.2 s"


def test_cancelling_run_once_kills(script, group_gone, tmp_path, poll):
    pid_file = tmp_path / "pid"
    code = "import os, signal, sys; open(sys.argv[1], 'w').write(f'{os.getpid()}.'); signal.pause()"

    async def main():
        task = asyncio.create_task(run_once(script(code, str(pid_file)), limits=Limits(wall_seconds=None)))
        while not (pid_file.exists() and pid_file.read_text().endswith(".")):
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(main(), 20))
    assert group_gone(int(pid_file.read_text()[:-1]))


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("import os; os.kill(os.getpid(), 11)", "killed by signal 11 (SIGSEGV)"),
        ("import os; os.abort()", "killed by signal 6 (SIGABRT)"),
        ("raise SystemExit(3)", "exited with code 3"),
        ("raise SystemExit('no such theory')", "exited with code 1: no such theory"),
        ("1 / 0", "exited with code 1: ZeroDivisionError: division by zero"),
    ],
)
def test_causes_of_death(script, code, cause):
    assert once(script(code)).exit.cause == cause


def test_a_program_that_is_missing_or_cannot_run(tmp_path):
    with pytest.raises(BackendMissing, match="no-such-prover is not installed"):
        once(["no-such-prover"])
    (tmp_path / "text").write_text("not a program")
    with pytest.raises(BackendError, match="cannot be started"):
        once([str(tmp_path / "text")])
    with pytest.raises(BackendError, match="no directory"):
        once(["true"], confinement=Confinement(directory=tmp_path / "none"))


def test_a_private_directory_is_where_the_child_works_and_is_removed(script):
    code = (
        "import os, tempfile; print(os.getcwd()); print(tempfile.gettempdir()); os.makedirs('a/b'); open('a/b/c', 'w')"
    )
    done = once(script(code), confinement=Confinement(private_directory=True))
    where, temporary = done.stdout.decode().split()
    assert where == temporary
    assert where != os.getcwd()
    assert not Path(where).exists()


def test_the_environment_is_cleaned(script, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "hush")
    done = once(
        [sys.executable, "-c", "import os; print(sorted(os.environ))"],
        confinement=Confinement(environment={"MINE": "1"}),
    )
    assert b"SECRET" not in done.stdout
    assert b"PATH" in done.stdout
    assert b"MINE" in done.stdout


def test_children_do_not_get_ctrl_c_of_the_terminal(script):
    done = once(script("import os; print(os.getsid(0) == os.getpid() == os.getpgid(0))"))
    assert done.stdout == b"True\n"


def test_children_inherit_no_descriptors(script):
    held, other = os.pipe()
    os.set_inheritable(held, True)
    try:
        done = once(script("import os; print(len(os.listdir('/proc/self/fd')))"))
    finally:
        os.close(held)
        os.close(other)
    assert done.stdout == b"4\n"  # the three streams, and the listing itself


def test_works_without_pidfd(script, monkeypatch, group_gone):
    monkeypatch.delattr(os, "pidfd_open")
    assert once(script("print('x')")).stdout == b"x\n"
    done = once(script("import signal; signal.pause()"), limits=Limits(wall_seconds=0.1))
    assert done.exit.limit == "wall"
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(5)


def test_a_child_reaped_by_somebody_else_is_not_taken_for_a_success(script):
    async def main():
        child = spawn(script("print('x')"))
        os.waitpid(child.pid, 0)
        return await child.wait()

    ended = asyncio.run(main())
    assert not ended.ok
    assert ended.cause == "ended, reaped elsewhere"


def test_writing_to_a_child_that_is_gone_is_harmless(script):
    async def main():
        child = spawn(script("pass"))
        await child.wait()
        await child.write(b"x")
        child.close_stdin()
        assert (await child.kill()).ok
        child.kill_after(0)
        closed = spawn(script("import os, signal; os.close(0); print('closed', flush=True); signal.pause()"))
        await closed.read_line()
        await closed.write(b"x")
        await closed.write(b"x")
        await closed.kill()

    asyncio.run(main())


def test_a_child_whose_loop_is_gone_is_still_ended(script, group_gone):
    supervisor = Supervisor()

    async def main() -> Child:
        child = supervisor.spawn(script(GRANDCHILD.format(parent="signal.pause()")))
        await child.read_line()
        return child

    child = asyncio.run(main())
    assert supervisor.live == (child,)
    asyncio.run(supervisor.close())
    assert supervisor.live == ()
    assert not child.alive
    assert group_gone(child.pid)


def test_a_supervisor_ends_what_is_left(script, group_gone):
    async def main():
        with Supervisor() as outer:
            async with Supervisor() as supervisor:
                children = [supervisor.spawn(script("import signal; signal.pause()")) for _ in range(3)]
                children.append(outer.spawn(["cat"]))
                assert len(supervisor.live) == 3
        return children

    for child in asyncio.run(main()):
        assert not child.alive
        assert group_gone(child.pid)


def test_many_children_at_once(script):
    async def main():
        return await asyncio.gather(*(run_once(["cat"], b"%d" % i) for i in range(40)))

    assert [done.stdout for done in asyncio.run(main())] == [b"%d" % i for i in range(40)]


PARENT = """
import asyncio, sys, os
from checkers.process import spawn, Confinement

async def main():
    child = spawn([sys.executable, "-c", "import signal; print(1, flush=True); signal.pause()"],
                  confinement=Confinement(network=sys.argv[1] == "network"))
    await child.read_line()
    print(child.pid, flush=True)
    if sys.argv[2] == "fork" and os.fork() == 0:
        sys.exit()  # a forked copy runs the exit handlers, too
    if sys.argv[2] == "hang":
        await child.wait()
    if sys.argv[2] == "fork":
        os.wait()
        print(child.alive and os.path.exists(f"/proc/{child.pid}"), flush=True)

asyncio.run(main())
"""


def parent(*arguments: str) -> subprocess.Popen[str]:
    root = Path(__file__).parents[3]
    return subprocess.Popen(
        [sys.executable, "-c", PARENT, *arguments], cwd=root, stdout=subprocess.PIPE, text=True, bufsize=1
    )


@pytest.mark.parametrize("network", ["network", "no-network"])
def test_children_die_with_a_parent_that_is_killed(network, poll):
    with parent(network, "hang") as process:
        child = int(process.stdout.readline())
        assert Path(f"/proc/{child}").exists()
        process.kill()
    assert poll(lambda: not _runs(child))


def test_children_die_with_a_parent_that_just_ends(poll):
    with parent("network", "end") as process:
        child = int(process.stdout.readline())
    assert process.returncode == 0
    assert poll(lambda: not _runs(child))


def test_a_forked_copy_of_the_parent_leaves_the_children_alone(poll):
    with parent("network", "fork") as process:
        child = int(process.stdout.readline())
        assert process.stdout.read().strip() == "True"
    assert poll(lambda: not _runs(child))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
