"""The store itself: what the commands, the engine and the viewer use."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from lemmata import codec
from lemmata.errors import StoreError, UsageError
from lemmata.events import Event, from_json
from lemmata.goal import Obligation, digest
from lemmata.protocols import OutcomeCache
from lemmata.store.browser import Browser
from lemmata.store.cache import MAX_ROWS, OutcomeTable, StoredOutcomes
from lemmata.store.database import open_database, plain_errors, writing
from lemmata.store.models import CertificateRow, EventRow, ObligationRow, Run, SourceRow, Task
from lemmata.store.records import CertificateRecord, Process, RunRecord, RunStatus, TaskRecord, run_record
from lemmata.store.writer import Writer

_PAGE = 1000


def run_fingerprint(targets: Sequence[str], settings: Mapping[str, Any]) -> str:
    """Return what two invocations have in common when one can resume the other."""
    return digest(json.dumps(sorted(targets)), json.dumps(settings, sort_keys=True, default=str))


class StoreSink:
    """Appends the events of one task to the store; a `lemmata.protocols.EventSink`."""

    def __init__(self, task: int, writer: Writer) -> None:
        self._task = task
        self._writer = writer

    def emit(self, event: Event) -> None:
        """Accept an event; never waits for the disk and never raises."""
        self._writer.put(_write_events, (self._task, event))

    def flush(self) -> None:
        """Wait until all events so far are stored; raise `StoreError` when any was lost."""
        self._writer.flush()

    def close(self) -> None:
        """Do as `flush`; the thread behind the sink ends with the store."""
        self._writer.flush()


class Store:
    """One store, open; safe to use from several threads and beside other processes.

    Every method raises `StoreError` when the file cannot be read or written.
    """

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self._engine = engine
        self._writer = Writer(engine, path)
        self._outcomes = OutcomeTable(engine, path, self._writer)

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open a store, making it where there is none and bringing an older one up to date.

        Raises:
            StoreError: it cannot be opened, is something else, or was written by a newer Lemmata.
        """
        path = Path(os.path.expanduser(path))
        return cls(path, open_database(path))

    def close(self) -> None:
        """Write what is left and close the file; raise `StoreError` when an event was lost."""
        try:
            self._writer.close()
        finally:
            self._outcomes.close()
            self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Runs

    def start_run(self, command: Sequence[str], settings: Mapping[str, Any], *, fingerprint: str = "") -> int:
        """Note that this process starts a run.

        Args:
            command: the command line.
            settings: JSON values.
            fingerprint: see `run_fingerprint`; by default that of the command and the settings.

        Returns:
            The run's number.
        """
        values = {
            "command": json.dumps(list(command)),
            "settings": json.dumps(dict(settings), default=str),
            "fingerprint": fingerprint or run_fingerprint(command, settings),
            "started": time.time(),
            **_ours(),
        }
        with self._write() as connection:
            return _new_id(connection, Run, values)

    def finish_run(self, run: int, status: RunStatus) -> None:
        """Note how a run ended; `INTERRUPTED` and `FAILED` ones can be resumed."""
        with self._write() as connection:
            connection.execute(update(Run).where(Run.id == run).values(status=status.value, finished=time.time()))

    def resume_run(self, run: int) -> None:
        """Make this process the one that works on an unfinished run.

        A run of another machine, or of a container that is gone, can be taken over: only who asks knows its state.

        Raises:
            UsageError: there is no such run, it is finished, or a process here is still at work on it.
        """
        with self._write() as connection:
            row = connection.execute(select(Run.__table__).where(Run.id == run)).one_or_none()
            if row is None:
                raise UsageError(f"there is no run {run} in {self.path}", hint="start a new run without --resume")
            record = run_record(row)
            if record.status is RunStatus.FINISHED:
                raise UsageError(f"run {run} is already finished", hint="start a new run without --resume")
            if record.alive and record.process.local and record.process != Process.current():
                raise UsageError(
                    f"run {run} is still going on (process {record.process.pid})",
                    hint="wait for it to end, or start a new run without --resume",
                )
            connection.execute(update(Run).where(Run.id == run).values(finished=None, **_ours()))

    def runs(self) -> list[RunRecord]:
        """Return all runs, newest first."""
        with self._read() as connection:
            return [run_record(row) for row in connection.execute(select(Run.__table__).order_by(Run.id.desc()))]

    def latest_unfinished_run(self, fingerprint: str | None = None) -> RunRecord | None:
        """Return the newest run that did not finish and that no process is at work on.

        Args:
            fingerprint: consider only runs that have it; None considers all.
        """
        wanted = select(Run.__table__).where(Run.status != RunStatus.FINISHED.value).order_by(Run.id.desc())
        if fingerprint is not None:
            wanted = wanted.where(Run.fingerprint == fingerprint)
        with self._read() as connection:
            records = [run_record(row) for row in connection.execute(wanted)]
        return next((record for record in records if not record.alive), None)

    # Tasks

    def add_task(self, run: int, target: str, obligation_key: str, name: str, system: str) -> int:
        """Return the number of a run's task on an obligation, making it when it is not there yet.

        A task that was cut short keeps the events of that attempt; each attempt begins with a `SearchStarted`.

        Args:
            run: the run's number.
            target: FILE[:SELECTOR] as it was given.
            obligation_key: the obligation's canonical key.
            name: the obligation's name.
            system: name of the checker that decides it.
        """
        same = (Task.run == run, Task.target == target, Task.obligation == obligation_key)
        with self._write() as connection:
            there = connection.execute(select(Task.id).where(*same)).scalar_one_or_none()
            if there is not None:
                # What went wrong in an earlier attempt is tried again.
                again = update(Task).where(Task.id == there, Task.result.is_(None))
                connection.execute(again.values(finished=None, verdict=None, reason=None, seconds=None))
                return there
            values = {"run": run, "target": target, "obligation": obligation_key, "name": name, "system": system}
            return _new_id(connection, Task, {**values, "started": time.time()})

    def finish_task(self, task: int, verdict: str, reason: str | None, seconds: float, result_json: str) -> None:
        """Note a task's result, after all its events; once this returns it survives the process.

        Args:
            task: the task's number.
            verdict: `proved`, `disproved`, `unknown` or `error`.
            reason: why, when the verdict needs one.
            seconds: wall time.
            result_json: what `finished` gives back.
        """
        self._writer.flush()
        values = {"verdict": verdict, "reason": reason, "seconds": seconds, "result": result_json}
        with self._write() as connection:
            connection.execute(update(Task).where(Task.id == task).values(finished=time.time(), **values))

    def fail_task(self, task: int, reason: str | None, seconds: float) -> None:
        """Note that a task went wrong; it has no result, so that a resumed run tries again."""
        self._writer.flush()
        values = {"verdict": "error", "reason": reason, "seconds": seconds, "finished": time.time()}
        with self._write() as connection:
            connection.execute(update(Task).where(Task.id == task).values(**values))

    def tasks(self, run: int) -> list[TaskRecord]:
        """Return a run's tasks in the order they were added."""
        with self._read() as connection:
            rows = connection.execute(select(Task.__table__).where(Task.run == run).order_by(Task.id))
            return [TaskRecord(**row._mapping) for row in rows]

    def finished(self, run: int) -> dict[tuple[str, str], str]:
        """Return the results of a run's finished tasks by (target, obligation key)."""
        wanted = select(Task.target, Task.obligation, Task.result).where(Task.run == run, Task.result.is_not(None))
        with self._read() as connection:
            return {(row.target, row.obligation): row.result for row in connection.execute(wanted)}

    def keep_obligation(self, obligation: Obligation) -> None:
        """Keep an obligation with its source, so that a search can be read without the file it was about."""
        body = {**codec.obligation_to_json(obligation), "source": ""}
        row = {"key": obligation.key, "source": obligation.source_digest, "body": json.dumps(body)}
        with self._write() as connection:
            # What is there already is the same: both keys are digests.
            text = {"digest": obligation.source_digest, "text": obligation.source}
            connection.execute(insert(SourceRow).prefix_with("OR IGNORE"), [text])
            connection.execute(insert(ObligationRow).prefix_with("OR IGNORE"), [row])

    # Events

    def sink(self, task: int) -> StoreSink:
        """Return the sink for a task's events; they are stored within 100 ms."""
        return StoreSink(task, self._writer)

    def events(self, task: int, after: int = 0) -> Iterator[tuple[int, Event]]:
        """Yield a task's events in order, each with its sequence number.

        Args:
            task: the task's number.
            after: skip events up to this sequence number, to follow a search as it goes on.
        """
        while True:
            wanted = select(EventRow.id, EventRow.body).where(EventRow.task == task, EventRow.id > after)
            with self._read() as connection:
                page = connection.execute(wanted.order_by(EventRow.id).limit(_PAGE)).all()
            for row in page:
                try:
                    yield row.id, from_json(row.body)
                except ValueError as error:
                    raise StoreError(f"store {self.path}: event {row.id} cannot be read: {error}") from error
                after = row.id
            if len(page) < _PAGE:
                return

    # Certificates and outcomes

    def add_certificate(self, task: int | None, key: str, path: Path, json: str) -> int:
        """Keep a copy of a certificate and return its number.

        Args:
            task: the task it is the result of, if any.
            key: the obligation's key.
            path: the file it was written to.
            json: the file's text.
        """
        values = {"task": task, "key": key, "path": str(path), "created": time.time(), "body": json}
        with self._write() as connection:
            return _new_id(connection, CertificateRow, values)

    def certificates(self, key: str | None = None) -> list[CertificateRecord]:
        """Return all certificates, or those about one obligation, newest first."""
        table = CertificateRow
        wanted = select(table.id, table.task, table.key, table.path, table.created).order_by(table.id.desc())
        if key is not None:
            wanted = wanted.where(table.key == key)
        with self._read() as connection:
            return [CertificateRecord(**row._mapping) for row in connection.execute(wanted)]

    def certificate_json(self, certificate: int) -> str:
        """Return a certificate's text; raise `StoreError` when there is none with this number."""
        with self._read() as connection:
            wanted = select(CertificateRow.body).where(CertificateRow.id == certificate)
            body = connection.execute(wanted).scalar_one_or_none()
        if body is None:
            raise StoreError(f"store {self.path}: there is no certificate {certificate}")
        return body

    def outcome_cache(self, environment: str, max_rows: int = MAX_ROWS) -> OutcomeCache:
        """Return the cache of step outcomes for one checker environment.

        Args:
            environment: what outcomes depend on besides goal and step: checker, versions, flags.
            max_rows: when the store holds more outcomes than this, of all environments, the oldest go.
        """
        return StoredOutcomes(self._outcomes, environment, max_rows)

    def browser(self) -> Browser:
        """Return a reader for pages of the store, for people who look around in it."""
        return Browser(self._engine, self.path)

    @contextlib.contextmanager
    def _read(self) -> Iterator[Connection]:
        with plain_errors(self.path), self._engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _write(self) -> Iterator[Connection]:
        with plain_errors(self.path), writing(self._engine).begin() as connection:
            yield connection


def _write_events(connection: Connection, rows: Sequence[tuple[int, Event]]) -> None:
    connection.execute(insert(EventRow), [{"task": task, "body": event.to_json()} for task, event in rows])


def _new_id(connection: Connection, table: type[Run | Task | CertificateRow], values: Mapping[str, Any]) -> int:
    key = connection.execute(insert(table).values(**values)).inserted_primary_key
    if key is None:
        raise StoreError(f"the database gave no number to a new row of {table.__tablename__}")
    return int(key[0])


def _ours() -> dict[str, Any]:
    process = Process.current()
    return {
        "status": RunStatus.RUNNING.value,
        "host": process.host,
        "pid": process.pid,
        "process_started": process.started,
    }
