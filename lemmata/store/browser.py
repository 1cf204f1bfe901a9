"""Reading a store in pages, as somebody does who looks around in it; nothing here writes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, Engine, Select, func, select

from lemmata import codec
from lemmata.errors import StoreError
from lemmata.goal import Obligation
from lemmata.store.database import plain_errors
from lemmata.store.models import CertificateRow, EventRow, ObligationRow, Run, SourceRow, Task
from lemmata.store.records import CertificateRecord, RunRecord, TaskRecord, run_record


class Browser:
    """Pages of runs, tasks, events and certificates.

    Every method raises `StoreError` when the file cannot be read. Safe to use from several threads.

    Args:
        engine: of an open store.
        path: its file, for messages.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._file = _identity(path)

    def runs(self, before: int | None, limit: int) -> list[RunRecord]:
        """Return at most `limit` runs, newest first, only those with numbers below `before` where it is given."""
        wanted = select(Run.__table__).order_by(Run.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(Run.id < before)
        with self._read() as connection:
            return [run_record(row) for row in connection.execute(wanted)]

    def run(self, run: int) -> RunRecord | None:
        """Return a run, None where there is none of this number."""
        with self._read() as connection:
            row = connection.execute(select(Run.__table__).where(Run.id == run)).one_or_none()
        return None if row is None else run_record(row)

    def counts(self, runs: Sequence[int]) -> dict[int, dict[str, int]]:
        """Return how many tasks of each run have which verdict, `pending` for none yet."""
        wanted = (
            select(Task.run, Task.verdict, func.count())
            .where(Task.run.in_(list(runs)))
            .group_by(Task.run, Task.verdict)
        )
        found: dict[int, dict[str, int]] = {run: {} for run in runs}
        with self._read() as connection:
            for run, verdict, count in connection.execute(wanted):
                found[run][verdict or "pending"] = count
        return found

    def tasks(self, run: int, after: int, limit: int) -> list[TaskRecord]:
        """Return at most `limit` tasks of a run with numbers over `after`, in order; without their results."""
        return self._tasks(_TASKS.where(Task.run == run, Task.id > after).order_by(Task.id).limit(limit))

    def tasks_on(self, obligation: str, limit: int) -> list[TaskRecord]:
        """Return the newest tasks on the obligation with this key; without their results."""
        return self._tasks(_TASKS.where(Task.obligation == obligation).order_by(Task.id.desc()).limit(limit))

    def task(self, task: int) -> TaskRecord | None:
        """Return a task with its result, None where there is none of this number."""
        with self._read() as connection:
            row = connection.execute(select(Task.__table__).where(Task.id == task)).one_or_none()
        return None if row is None else TaskRecord(**row._mapping)

    def obligation(self, key: str) -> Obligation | None:
        """Return an obligation by its key, None where this store has not kept it."""
        wanted = (
            select(ObligationRow.body, SourceRow.text)
            .join(SourceRow, SourceRow.digest == ObligationRow.source)
            .where(ObligationRow.key == key)
        )
        with self._read() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            return None
        try:
            return replace(codec.obligation_from_json(json.loads(row.body)), source=row.text)
        except ValueError as error:
            raise StoreError(f"store {self._path}: obligation {key} cannot be read: {error}") from error

    def events(self, task: int, after: int, limit: int) -> list[tuple[int, str]]:
        """Return at most `limit` events of a task behind a sequence number, in order, as JSON texts."""
        wanted = select(EventRow.id, EventRow.body).where(EventRow.task == task, EventRow.id > after)
        with self._read() as connection:
            return [(row.id, row.body) for row in connection.execute(wanted.order_by(EventRow.id).limit(limit))]

    def bodies(self, events: Sequence[int]) -> dict[int, str]:
        """Return events by their sequence numbers, as JSON texts; those that are not there are left out."""
        found: dict[int, str] = {}
        with self._read() as connection:
            for start in range(0, len(events), _MOST_VARIABLES):
                some = list(events[start : start + _MOST_VARIABLES])
                wanted = select(EventRow.id, EventRow.body).where(EventRow.id.in_(some))
                found.update((row.id, row.body) for row in connection.execute(wanted))
        return found

    def certificate(self, certificate: int) -> str | None:
        """Return a certificate's text, None where there is none of this number."""
        wanted = select(CertificateRow.body).where(CertificateRow.id == certificate)
        with self._read() as connection:
            return connection.execute(wanted).scalar_one_or_none()

    def certificates_of(self, tasks: Sequence[int]) -> dict[int, CertificateRecord]:
        """Return the newest certificate of each task that has one, by the task's number."""
        row = CertificateRow
        wanted = select(row.id, row.task, row.key, row.path, row.created)
        wanted = wanted.where(row.task.in_(list(tasks))).order_by(row.id)
        with self._read() as connection:
            return {found.task: CertificateRecord(**found._mapping) for found in connection.execute(wanted)}

    def _tasks(self, wanted: Select[tuple[object, ...]]) -> list[TaskRecord]:
        with self._read() as connection:
            return [TaskRecord(**row._mapping, result=None) for row in connection.execute(wanted)]

    @contextlib.contextmanager
    def _read(self) -> Iterator[Connection]:
        # An open database is read on after its file was deleted, and tells of nothing that comes later.
        if _identity(self._path) != self._file:
            raise StoreError(f"store {self._path}: the file was moved, deleted or replaced", hint="start again")
        with plain_errors(self._path), self._engine.connect() as connection:
            yield connection


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


_MOST_VARIABLES = 500
_TASKS = select(*(column for column in Task.__table__.columns if column.name != "result"))
"""A result may be long, and a list of tasks does not need it."""
