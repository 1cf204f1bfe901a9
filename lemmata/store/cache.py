"""The cache of step outcomes, shared by all runs and processes that use a store."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, Engine, PoolProxiedConnection, delete, func, insert, select

from lemmata.errors import StoreError
from lemmata.store.database import plain_errors
from lemmata.store.models import OutcomeRow
from lemmata.store.writer import Write, Writer

MAX_ROWS = 100_000
MAX_OUTCOME_CHARACTERS = 1 << 16
"""A longer outcome is not remembered."""
_RECENT = 4096

_SELECT = "SELECT outcome FROM outcomes WHERE environment = ? AND goal = ? AND step = ?"
_Key = tuple[str, str, str]


class OutcomeTable:
    """All remembered outcomes of a store, of all environments.

    It never raises: what goes wrong is raised by the next `flush` or `close` of the store's sinks.
    """

    def __init__(self, engine: Engine, path: Path, writer: Writer) -> None:
        self._engine = engine
        self._path = path
        self._writer = writer
        self._recent: dict[_Key, str] = {}
        # The driver's own connection, one for all: a look-up is on the search's hot path.
        self._connection: PoolProxiedConnection | None = None
        self._lock = threading.Lock()

    def lookup(self, key: _Key) -> str | None:
        """Return the remembered JSON text, or None."""
        with self._lock:
            recent = self._recent.get(key)
            if recent is not None:
                return recent
            try:
                with plain_errors(self._path):
                    if self._connection is None:
                        self._connection = self._engine.raw_connection()
                    cursor = self._connection.cursor()
                    cursor.execute(_SELECT, key)
                    found = cursor.fetchone()
                    cursor.close()
            except StoreError as error:
                self._writer.fail(error)
                return None
            return None if found is None else str(found[0])

    def remember(self, key: _Key, outcome: str, write: Write) -> None:
        """Store an outcome with the next batch; a look-up finds it at once."""
        with self._lock:
            self._recent.setdefault(key, outcome)
            if len(self._recent) > _RECENT:
                del self._recent[next(iter(self._recent))]
        self._writer.put(write, (*key, outcome))

    def close(self) -> None:
        """Give the connection back; safe to call twice."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class StoredOutcomes:
    """The outcomes of one environment: a `lemmata.protocols.OutcomeCache` that never raises."""

    def __init__(self, table: OutcomeTable, environment: str, max_rows: int) -> None:
        self._table = table
        self._environment = environment
        self._max_rows = max_rows

    def lookup(self, goal_key: str, step_key: str) -> str | None:
        """Return the remembered JSON text, or None."""
        return self._table.lookup((self._environment, goal_key, step_key))

    def remember(self, goal_key: str, step_key: str, outcome: str) -> None:
        """Store the JSON text of an outcome; the first one for a goal and step stays."""
        if len(outcome) <= MAX_OUTCOME_CHARACTERS:
            self._table.remember((self._environment, goal_key, step_key), outcome, self._write)

    def _write(self, connection: Connection, rows: Sequence[tuple[str, str, str, str]]) -> None:
        names = ("environment", "goal", "step", "outcome")
        # Another process may have remembered the same outcome in the meantime.
        connection.execute(
            insert(OutcomeRow).prefix_with("OR IGNORE"), [dict(zip(names, row, strict=True)) for row in rows]
        )
        newest = connection.execute(select(func.max(OutcomeRow.id))).scalar() or 0
        # The oldest go first; ids are never used twice, so their distance bounds the number of rows.
        connection.execute(delete(OutcomeRow).where(OutcomeRow.id <= newest - self._max_rows))
