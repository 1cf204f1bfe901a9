from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lemmata.errors import StoreError, UsageError
from lemmata.events import Event, Log, SearchFinished, StatusChanged, StepChecked
from lemmata.store import Process, RunRecord, RunStatus, Store
from lemmata.store.records import _start_time
from lemmata.store.store import run_fingerprint


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db") as opened:
        yield opened


@pytest.fixture
def task(store: Store) -> int:
    return store.add_task(store.start_run(["prove"], {}), "a.c", "key", "main", "programs")


def message(number: int) -> Event:
    return Log(level="info", message=str(number))


def dead(process: Process) -> Process:
    return Process(process.host, process.pid, "another start time")


def test_the_package_is_cheap_to_import() -> None:
    code = "import sys, lemmata.store; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_opening_again_does_not_need_alembic(tmp_path: Path) -> None:
    Store.open(tmp_path / "store.db").close()
    code = (
        "import sys, pathlib; from lemmata.store import Store; Store.open(pathlib.Path(sys.argv[1])).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "store.db")], check=False)
    assert done.returncode == 0


def test_runs_are_listed_newest_first(store: Store) -> None:
    first = store.start_run(["prove", "a.c"], {"timeout": 1.5})
    second = store.start_run(["prove", "b.c"], {"store": Path("x")})
    store.finish_run(first, RunStatus.FINISHED)
    assert [run.id for run in store.runs()] == [second, first]
    done = store.runs()[1]
    assert done.command == ("prove", "a.c")
    assert done.settings == {"timeout": 1.5}
    assert done.status is RunStatus.FINISHED
    assert done.finished is not None
    assert done.finished >= done.started
    assert not done.alive
    assert store.runs()[0].alive


def test_a_task_is_one_for_run_obligation_and_target(store: Store) -> None:
    one, two = store.start_run([], {}), store.start_run([], {})
    task = store.add_task(one, "a.c", "key", "main", "programs")
    assert store.add_task(one, "a.c", "key", "main", "programs") == task
    others = {
        store.add_task(one, "a.c:main", "key", "main", "programs"),
        store.add_task(one, "a.c", "other", "f", "programs"),
        store.add_task(two, "a.c", "key", "main", "programs"),
    }
    assert len(others | {task}) == 4
    assert store.finished(one) == {}
    store.finish_task(task, "unknown", "timeout", 2.5, '{"x": 1}')
    assert store.finished(one) == {("a.c", "key"): '{"x": 1}'}
    record = store.tasks(one)[0]
    assert (record.verdict, record.reason, record.seconds, record.result) == ("unknown", "timeout", 2.5, '{"x": 1}')
    assert [entry.verdict for entry in store.tasks(one)] == ["unknown", None, None]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.text(st.characters()), st.binary(max_size=20))
def test_any_name_is_kept_exactly(store: Store, text: str, raw: bytes) -> None:
    target = text + raw.decode("utf-8", "surrogateescape")
    run = store.start_run([target], {target: target})
    task = store.add_task(run, target, "key", text, "programs")
    store.finish_task(task, "error", target, 0.0, text)
    assert store.finished(run) == {(target, "key"): text}
    assert store.runs()[0].command == (target,)
    number = store.add_certificate(task, "key", Path("x" + target.replace("\0", "")), text)
    assert store.certificate_json(number) == text


def test_an_unfinished_run_is_found_when_its_process_is_gone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = run_fingerprint(["a.c", "b.c"], {"timeout": 1})
    assert mark == run_fingerprint(["b.c", "a.c"], {"timeout": 1})
    assert mark != run_fingerprint(["a.c", "b.c"], {"timeout": 2})
    run = store.start_run(["prove"], {}, fingerprint=mark)
    assert store.latest_unfinished_run() is None
    current = Process.current()
    monkeypatch.setattr(Process, "current", lambda: dead(current))
    killed = store.start_run(["prove"], {}, fingerprint=mark)
    monkeypatch.undo()
    found = store.latest_unfinished_run(mark)
    assert found is not None
    assert found.id == killed
    assert not found.alive
    assert store.latest_unfinished_run("something else") is None
    store.resume_run(killed)
    assert store.latest_unfinished_run() is None
    assert store.runs()[0].process == current
    store.finish_run(killed, RunStatus.FINISHED)
    store.finish_run(run, RunStatus.INTERRUPTED)
    interrupted = store.latest_unfinished_run(mark)
    assert isinstance(interrupted, RunRecord)
    assert interrupted.id == run


def test_what_cannot_be_resumed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="no run 7"):
        store.resume_run(7)
    run = store.start_run([], {})
    store.finish_run(run, RunStatus.FINISHED)
    with pytest.raises(UsageError, match="already finished"):
        store.resume_run(run)
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = _start_time(other.pid)
    monkeypatch.setattr(Process, "current", lambda: Process(socket.gethostname(), other.pid, started))
    busy = store.start_run([], {})
    monkeypatch.undo()
    assert store.latest_unfinished_run() is None
    with pytest.raises(UsageError, match="still going on"):
        store.resume_run(busy)
    other.communicate(b"\n")
    store.resume_run(busy)


def test_a_run_of_another_machine_is_resumed_only_by_its_number(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Process, "current", lambda: Process("another machine", 1, ""))
    run = store.start_run([], {})
    monkeypatch.undo()
    assert store.latest_unfinished_run() is None
    store.resume_run(run)
    assert store.runs()[0].process == Process.current()


def test_a_process_is_known_by_more_than_its_number() -> None:
    current = Process.current()
    assert current.alive()
    assert not dead(current).alive()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert child.stdin is not None
    other = Process(current.host, child.pid, Process.current().started)
    assert not other.alive() or current.started == ""
    child.communicate(b"\n")
    assert not Process(current.host, child.pid, "").alive()


def test_events_come_back_in_order(store: Store, task: int) -> None:
    other = store.add_task(store.runs()[0].id, "b.c", "key", "main", "programs")
    sink, second = store.sink(task), store.sink(other)
    sent: list[Event] = []
    for number in range(2500):
        event = message(number)
        sent.append(event)
        sink.emit(event)
        second.emit(StatusChanged(node=number, status="open"))
    sink.close()
    received = list(store.events(task))
    assert [event for _, event in received] == sent
    numbers = [number for number, _ in received]
    assert numbers == sorted(set(numbers))
    assert [number for number, _ in store.events(task, after=numbers[2000])] == numbers[2001:]
    assert len(list(store.events(other))) == 2500
    assert list(store.events(99)) == []


def test_rich_events_survive(store: Store, task: int) -> None:
    event = StepChecked(
        goal=1, node=2, prover="atoms", key="k", step="x", step_kind="clauses", parts=[("l", "t\udc80", "c")],
        log_probability=-0.5, outcome="open", message="", seconds=0.1, subgoals=[3], notes=[{"part": 0}],
    )  # fmt: skip
    sink = store.sink(task)
    sink.emit(event)
    sink.flush()
    [(_, back)] = store.events(task)
    assert back.to_json() == event.to_json()


def test_a_reader_follows_while_events_are_written(store: Store, task: int) -> None:
    sink = store.sink(task)
    seen, last = [], 0
    for number in range(5):
        sink.emit(message(number))
        sink.flush()
        for sequence, event in store.events(task, last):
            seen.append(event)
            last = sequence
    assert [event.message for event in seen if isinstance(event, Log)] == ["0", "1", "2", "3", "4"]


def test_events_are_stored_without_being_asked(store: Store, task: int, tmp_path: Path) -> None:
    store.sink(task).emit(message(1))
    # A flush of an empty queue still waits for what the thread has in hand.
    store.finish_task(task, "proved", None, 1.0, "{}")
    with Store.open(tmp_path / "store.db") as second:
        assert len(list(second.events(task))) == 1


def test_closing_writes_what_is_left(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.db") as store:
        task = store.add_task(store.start_run([], {}), "a", "k", "n", "s")
        store.sink(task).emit(SearchFinished(verdict="proved", reason="", seconds=1.0, certificate=None))
    with Store.open(tmp_path / "s.db") as store:
        assert len(list(store.events(task))) == 1
    store.sink(task).emit(message(1))


def test_an_event_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "s.db")
    task = store.add_task(store.start_run([], {}), "a.c", "key", "main", "programs")
    circle: list[Any] = []
    circle.append(circle)
    sink = store.sink(task)
    sink.emit(Log(level="info", message=circle))  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="Circular"):
        sink.flush()
    sink.emit(message(1))
    with pytest.raises(StoreError):
        sink.close()
    with pytest.raises(StoreError):
        store.close()


def test_an_event_of_an_unknown_task_is_told(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "s.db")
    store.sink(42).emit(message(1))
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.close()


def test_an_event_of_a_later_version_is_told(store: Store, task: int) -> None:
    class Strange:
        def to_json(self) -> str:
            return '{"kind": "not yet invented"}'

    sink = store.sink(task)
    sink.emit(Strange())  # type: ignore[arg-type]
    sink.flush()
    with pytest.raises(StoreError, match="unknown event kind"):
        list(store.events(task))


def test_certificates_are_found_by_obligation(store: Store, task: int) -> None:
    first = store.add_certificate(task, "k", Path("a.json"), "{1}")
    second = store.add_certificate(None, "other", Path("b.json"), "{2}")
    assert [record.id for record in store.certificates()] == [second, first]
    [record] = store.certificates("k")
    assert (record.task, record.path) == (task, "a.json")
    assert store.certificate_json(second) == "{2}"
    with pytest.raises(StoreError, match="no certificate 9"):
        store.certificate_json(9)
