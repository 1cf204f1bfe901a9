"""The thread that writes in batches what must not wait for the disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from lemmata.errors import StoreError
from lemmata.store.database import plain_errors, writing

BATCH_ROWS = 512
BATCH_SECONDS = 0.1

Write = Callable[[Connection, Sequence[Any]], None]
"""Writes rows of one kind in the transaction that is given."""


class Writer:
    """Takes rows from any thread at once, commits them within 100 ms or 512 rows, in order.

    A failure to write is final: it is kept, later rows are dropped, and `flush` and `close` raise it.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = writing(engine)
        self._path = path
        self._rows: list[tuple[Write, Any]] = []
        self._accepted = 0
        self._written = 0
        self._failure: StoreError | None = None
        self._closing = False
        self._hurry = False
        self._thread: threading.Thread | None = None
        lock = threading.Lock()
        self._wake = threading.Condition(lock)
        self._done = threading.Condition(lock)

    def put(self, write: Write, row: Any) -> None:
        """Accept one row; never waits for the disk and never raises."""
        with self._wake:
            if self._failure is not None or self._closing:
                return
            self._rows.append((write, row))
            self._accepted += 1
            waiting = len(self._rows)
            # Two wake-ups for a batch, not one for every row: at its first row and when it is full.
            if waiting in (1, BATCH_ROWS):
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="lemmata-store", daemon=True)
                    self._thread.start()
                self._wake.notify()

    def fail(self, failure: StoreError) -> None:
        """Keep a failure that happened elsewhere, so that `flush` and `close` raise it."""
        with self._wake:
            self._failure = self._failure or failure

    def flush(self) -> None:
        """Wait until all rows accepted so far are committed; raise `StoreError` when any was lost."""
        with self._wake:
            wanted = self._accepted
            self._hurry = True
            self._wake.notify()
            self._done.wait_for(lambda: self._written >= wanted or self._failure is not None)
            if self._failure is not None:
                raise StoreError(self._failure.message, hint=self._failure.hint) from self._failure

    def close(self) -> None:
        """Commit what is left and end the thread; raise `StoreError` when anything was lost."""
        try:
            self.flush()
        finally:
            with self._wake:
                self._closing = True
                self._wake.notify()
            if self._thread is not None:
                self._thread.join()

    def _work(self) -> None:
        try:
            while True:
                batch = self._next_batch()
                if not batch:
                    return
                self._commit(batch)
                with self._done:
                    self._written += len(batch)
                    self._done.notify_all()
        except StoreError as error:
            self.fail(error)
        finally:
            with self._done:
                if not self._closing and self._failure is None:
                    self._failure = StoreError(f"store {self._path}: writing stopped unexpectedly")
                self._rows.clear()
                self._done.notify_all()

    def _next_batch(self) -> list[tuple[Write, Any]]:
        """Wait for rows and a reason to write them; empty when closing."""
        with self._wake:
            self._wake.wait_for(lambda: bool(self._rows) or self._closing)
            self._wake.wait_for(
                lambda: len(self._rows) >= BATCH_ROWS or self._hurry or self._closing, timeout=BATCH_SECONDS
            )
            self._hurry = False
            batch, self._rows = self._rows, []
            return batch

    def _commit(self, batch: list[tuple[Write, Any]]) -> None:
        kinds: dict[Write, list[Any]] = {}
        for write, row in batch:
            kinds.setdefault(write, []).append(row)
        with plain_errors(self._path), self._engine.begin() as connection:
            for write, rows in kinds.items():
                write(connection, rows)
