from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, inspect
from sqlalchemy import event as sqlalchemy_event

from lemmata.errors import StoreError
from lemmata.events import Log
from lemmata.store import RunStatus, Store, database
from lemmata.store.database import APPLICATION_ID, REVISIONS
from lemmata.store.models import Base

LOCKED = "another process kept it locked"


def child(code: str, *arguments: object, **options: object) -> subprocess.Popen[str]:
    program = "import sys\nfrom pathlib import Path\nfrom lemmata.store import Store, RunStatus\n"
    program += "from lemmata.events import Log\n" + code
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload, no-any-return]


@contextlib.contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        yield connection


def outputs(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    results = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return results


def refused(path: Path) -> str:
    with pytest.raises(StoreError) as caught:
        Store.open(path)
    text = str(caught.value)
    assert "\n" not in text
    assert caught.value.hint
    return text


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("int main(void) { return 0; }\n" * 100)
    (tmp_path / "short").write_text("hello")
    with raw(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE addresses (name)")
    assert "cannot be opened" in refused(tmp_path / "folder")
    assert "not a database" in refused(tmp_path / "text")
    assert "not a database" in refused(tmp_path / "short")
    assert "not a Lemmata store" in refused(tmp_path / "other.db")
    assert "folder cannot be made" in refused(tmp_path / "text" / "store.db")
    assert "cannot be opened" in refused(Path("/proc/store.db"))
    refused(Path("/dev/full"))
    with pytest.raises(StoreError, match="null"):
        Store.open(Path("a\0b"))
    with raw(tmp_path / "other.db") as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("addresses",)]


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.touch()
    with Store.open(path) as store:
        assert store.runs() == []


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store.open(path).close()
    with raw(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer" in refused(path)


def test_a_damaged_store_is_told(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store.open(path) as store:
        run = store.start_run([], {})
        for number in range(200):
            store.add_task(run, f"{number}.c" * 50, "key", "main", "programs")
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(StoreError, match="damaged"), Store.open(path) as store:
        store.tasks(run)


def test_a_truncated_store_is_told(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store.open(path).close()
    os.truncate(path, 5000)
    refused(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_somebody_elses_store_is_read_only(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store.open(path).close()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            # The folders above are closed to others: go there first.
            os.chdir(tmp_path)
            tmp_path.chmod(0o755)
            os.setuid(65534)
            try:
                with Store.open(Path(os.curdir) / "store.db") as store:
                    store.start_run([], {})
            except StoreError as error:
                code = 0 if str(error).count("\n") == 0 and error.hint else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_full_disk_is_raised_by_flush_and_not_by_emit(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.db")
    task = store.add_task(store.start_run([], {}), "a.c", "key", "main", "programs")

    def limit(connection: sqlite3.Connection, *_rest: object) -> None:
        connection.execute("PRAGMA max_page_count = 30")

    store._engine.dispose()
    sqlalchemy_event.listen(store._engine, "connect", limit)
    sink = store.sink(task)
    for _ in range(3000):
        sink.emit(Log(level="info", message="x" * 100))
    with pytest.raises(StoreError, match="the disk is full"):
        sink.flush()
    sink.emit(Log(level="info", message="dropped"))
    with pytest.raises(StoreError, match="the disk is full"):
        store.finish_task(task, "proved", None, 1.0, "{}")
    with pytest.raises(StoreError, match="the disk is full"):
        store.close()
    with Store.open(tmp_path / "store.db") as again:
        assert [entry.verdict for entry in again.tasks(1)] == [None]


def test_a_file_size_limit_is_told_in_one_line(tmp_path: Path) -> None:
    code = """
import resource, signal
from lemmata.errors import StoreError
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    with Store.open(Path(sys.argv[1])) as store:
        task = store.add_task(store.start_run([], {}), "a.c", "key", "main", "programs")
        for number in range(20000):
            store.sink(task).emit(Log(level="info", message="x" * 100))
except StoreError as error:
    print(error)
"""
    sizes = (0, 10_000, 1_000_000)
    for text in outputs([child(code, tmp_path / f"{size}.db", size) for size in sizes]):
        assert "limits for space" in text
        assert text.count("\n") == 1


def test_a_lock_that_stays_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    store = Store.open(tmp_path / "store.db")
    task = store.add_task(store.start_run([], {}), "a.c", "key", "main", "programs")
    holder = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert len(store.runs()) == 1
    with pytest.raises(StoreError, match=LOCKED):
        store.start_run([], {})
    store.sink(task).emit(Log(level="info", message="x"))
    with pytest.raises(StoreError, match=LOCKED):
        store.sink(task).flush()
    holder.close()
    with pytest.raises(StoreError, match=LOCKED):
        store.close()


def test_a_killed_writer_loses_nothing_that_was_finished(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    code = """
store = Store.open(Path(sys.argv[1]))
run = store.start_run(["prove"], {}, fingerprint="f")
for number in range(3):
    task = store.add_task(run, f"{number}.c", "key", "main", "programs")
    for _ in range(700):
        store.sink(task).emit(Log(level="info", message=str(number)))
    store.finish_task(task, "proved", None, 1.0, str(number))
task = store.add_task(run, "3.c", "key", "main", "programs")
print(run, flush=True)
while True:
    store.sink(task).emit(Log(level="info", message="3"))
"""
    process = child(code, path)
    assert process.stdout is not None
    run = int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()
    with Store.open(path) as store:
        found = store.latest_unfinished_run("f")
        assert found is not None
        assert found.id == run
        assert found.status is RunStatus.RUNNING
        assert not found.alive
        store.resume_run(run)
        assert store.finished(run) == {(f"{number}.c", "key"): str(number) for number in range(3)}
        assert [len(list(store.events(task.id))) for task in store.tasks(run)[:3]] == [700] * 3
        again = store.add_task(run, "3.c", "key", "main", "programs")
        store.finish_task(again, "proved", None, 1.0, "3")
        assert len(store.finished(run)) == 4
        store.finish_run(run, RunStatus.FINISHED)
        assert store.latest_unfinished_run() is None


WORKER = """
sys.stdin.readline()
with Store.open(Path(sys.argv[1])) as store:
    run = store.start_run(["prove", sys.argv[2]], {})
    cache = store.outcome_cache("e", max_rows=500)
    for number in range(5):
        task = store.add_task(run, f"{number}.c", "key", "main", "programs")
        sink = store.sink(task)
        for count in range(400):
            sink.emit(Log(level="info", message=f"{sys.argv[2]} {count}"))
            cache.remember(str(number), str(count), sys.argv[2])
            cache.lookup(str(number), str(count + 1))
        store.add_certificate(task, "key", Path("c"), "{}")
        store.finish_task(task, "proved", None, 1.0, "{}")
    store.finish_run(run, RunStatus.FINISHED)
print("done")
"""


def test_processes_that_make_and_write_one_store_at_once_all_succeed(tmp_path: Path) -> None:
    path = tmp_path / "new" / "store.db"
    workers = [child(WORKER, path, name, stdin=subprocess.PIPE) for name in "abcd"]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    assert outputs(workers) == ["done\n"] * 4
    with Store.open(path) as store:
        assert [run.status for run in store.runs()] == [RunStatus.FINISHED] * 4
        for run in store.runs():
            assert len(store.finished(run.id)) == 5
            for task in store.tasks(run.id):
                texts = [event.message for _, event in store.events(task.id) if isinstance(event, Log)]
                assert texts == [f"{run.command[1]} {count}" for count in range(400)]
        assert len(store.certificates()) == 20
    assert [entry.name for entry in path.parent.iterdir()] == ["store.db"]
    with raw(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM outcomes").fetchone()[0] <= 500


def test_the_revisions_are_those_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", "lemmata.store:migrations")
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == REVISIONS


def test_the_migrations_make_what_the_models_say(tmp_path: Path) -> None:
    def shape(path: Path) -> dict[str, object]:
        found = inspect(create_engine(f"sqlite:///{path}"))
        return {
            table: (
                [(column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(table)],
                sorted((tuple(key["constrained_columns"]), key["referred_table"], str(key["options"]))
                       for key in found.get_foreign_keys(table)),
                sorted((index["name"], tuple(index["column_names"])) for index in found.get_indexes(table)),
                sorted(tuple(unique["column_names"]) for unique in found.get_unique_constraints(table)),
            )
            for table in found.get_table_names()
            if table != "alembic_version"
        }  # fmt: skip

    Store.open(tmp_path / "migrated.db").close()
    Base.metadata.create_all(create_engine(f"sqlite:///{tmp_path / 'modelled.db'}"))
    assert shape(tmp_path / "migrated.db") == shape(tmp_path / "modelled.db")


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_older_store_is_brought_up_to_date_with_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    from alembic import command

    path = tmp_path / "store.db"
    upgrade = command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", lambda config, _head: upgrade(config, revision))
        database.open_database(path).dispose()
    with raw(path) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (revision,)
        connection.execute("INSERT INTO runs VALUES (1, '[\"old\"]', '{}', 'f', 'finished', 'h', 1, '', 1.0, 2.0)")
    with Store.open(path) as store:
        assert store.runs()[0].command == ("old",)
        store.outcome_cache("e").remember("g", "s", "x")
    with raw(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (REVISIONS[-1],)


def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import command

    path = tmp_path / "store.db"
    upgrade = command.upgrade

    def fail(config: Config, _head: str) -> None:
        upgrade(config, "0001")
        raise sqlite3.OperationalError("no more")

    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", fail)
        assert "no more" in refused(path)
    with raw(path) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    with Store.open(path) as store:
        assert store.runs() == []


def test_a_store_moves_with_its_folder(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a" / "s.db") as store:
        store.start_run(["x"], {})
    shutil.move(tmp_path / "a", tmp_path / "b % c?d#e")
    with Store.open(tmp_path / "b % c?d#e" / "s.db") as store:
        assert store.runs()[0].command == ("x",)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=12)), min_size=1, max_size=6))
def test_a_store_with_damaged_bytes_works_or_says_so(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[float, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "store.db"
    with Store.open(path) as store:
        task = store.add_task(store.start_run(["prove"], {"a": 1}), "a.c", "key", "main", "programs")
        store.sink(task).emit(Log(level="info", message="x"))
        store.finish_task(task, "proved", None, 1.0, "{}")
    data = bytearray(path.read_bytes())
    for place, text in damage:
        # Most of the file is empty; the square finds the header and the schema more often.
        start = int(place * place * (len(data) - len(text)))
        data[start : start + len(text)] = text
    path.write_bytes(data)
    with contextlib.suppress(StoreError), Store.open(path) as store:
        for run in store.runs():
            store.tasks(run.id)
            store.finished(run.id)
        list(store.events(task))
        store.certificates()
        store.start_run([], {})
