"""The store's SQLite file: opening it, bringing its schema up to date, and errors in plain words."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from lemmata.errors import StoreError

REVISIONS = ("0001", "0002", "0003")
"""All versions of the schema, oldest first; the last one is what this code works with."""
APPLICATION_ID = 0x4C454D4D
"""Marks the file as ours (`LEMM`), see https://www.sqlite.org/pragma.html#pragma_application_id."""
BUSY_SECONDS = 30.0
"""How long to wait for another process that is writing."""

_ELSEWHERE = "give another file with --store"
_CAUSES = {
    "SQLITE_FULL": ("the disk is full", "free some disk space, or " + _ELSEWHERE),
    "SQLITE_IOERR": (
        "reading or writing failed",
        "check the disk and its limits for space and file size, or " + _ELSEWHERE,
    ),
    "SQLITE_NOTADB": ("it is not a database", _ELSEWHERE),
    "SQLITE_CORRUPT": ("the file is damaged", "move it away and run again, or " + _ELSEWHERE),
    "SQLITE_READONLY": ("it is read-only", "make it writable, or " + _ELSEWHERE),
    "SQLITE_CANTOPEN": ("it cannot be opened", "check the path and its permissions, or " + _ELSEWHERE),
    "SQLITE_PERM": ("access is not permitted", "check its permissions, or " + _ELSEWHERE),
    "SQLITE_BUSY": (
        f"another process kept it locked for over {BUSY_SECONDS:.0f} s",
        "wait for that process to finish, or " + _ELSEWHERE,
    ),
}


def open_database(path: Path) -> Engine:
    """Open the store's file, making it or bringing its schema up to date where needed.

    Args:
        path: the file; missing folders are made.

    Raises:
        StoreError: it cannot be opened, is something else, or was written by a newer Lemmata.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise _failure(path, f"its folder cannot be made: {why}", "check the path, or " + _ELSEWHERE) from error
    engine = _engine(path)
    try:
        with plain_errors(path):
            with engine.connect() as connection:
                ready = _revision(connection, path) == REVISIONS[-1] and _is_wal(connection)
            if not ready:
                _set_up(engine, path)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextlib.contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn the database's exceptions into a `StoreError` that says what happened to the store at `path`."""
    try:
        yield
    except DBAPIError as error:
        raise _explained(path, error.orig) from error
    except sqlite3.Error as error:
        # Raised as it is by what runs on a new connection, before SQLAlchemy sees it.
        raise _explained(path, error) from error
    except (SQLAlchemyError, OSError) as error:
        raise _failure(path, str(error).partition("\n")[0], _ELSEWHERE) from error
    except (ValueError, RecursionError) as error:
        # A path or a value that no database could take, such as an event that refers to itself.
        raise _failure(path, str(error), "") from error


def _failure(path: Path, why: str, hint: str) -> StoreError:
    shown = str(path).encode("utf-8", "backslashreplace").decode("utf-8")
    return StoreError(f"store {shown}: {why}", hint=hint)


def _explained(path: Path, error: BaseException | None) -> StoreError:
    name = getattr(error, "sqlite_errorname", "")
    for prefix, (why, hint) in _CAUSES.items():
        if name.startswith(prefix):
            return _failure(path, f"{why} ({error})", hint)
    return _failure(path, str(error), _ELSEWHERE)


def _engine(path: Path) -> Engine:
    url = URL.create("sqlite", database=os.path.abspath(path))
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: Any) -> None:
    # The driver would begin transactions late and as readers; a reader that turns writer fails at once
    # when another process wrote in between, however long the busy timeout is. `_on_begin` does better.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # In WAL mode this survives a killed process without loss, and a power cut without damage.
    connection.execute("PRAGMA synchronous = NORMAL")


def _on_begin(connection: Connection) -> None:
    mode = connection.get_execution_options().get("lemmata_transaction", "BEGIN")
    if mode:
        connection.exec_driver_sql(mode)


def writing(engine: Engine) -> Engine:
    """Return the engine with transactions that are writers from their first moment."""
    return engine.execution_options(lemmata_transaction="BEGIN IMMEDIATE")


def without_transactions(engine: Engine) -> Engine:
    """Return the engine with every statement on its own."""
    return engine.execution_options(lemmata_transaction="")


def _is_wal(connection: Connection) -> bool:
    return bool(connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal")


def _revision(connection: Connection, path: Path) -> str | None:
    tables = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())
    if not tables:
        return None
    ours = connection.exec_driver_sql("PRAGMA application_id").scalar() == APPLICATION_ID
    if not ours or "alembic_version" not in tables:
        raise _failure(path, "it is a database, but not a Lemmata store", _ELSEWHERE)
    revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if revision not in REVISIONS:
        raise _failure(
            path,
            f"its schema {revision!r} is newer than this Lemmata knows ({REVISIONS[-1]!r})",
            "upgrade lemmata, or " + _ELSEWHERE,
        )
    return str(revision)


def _set_up(engine: Engine, path: Path) -> None:
    with _alone(path.parent):
        with without_transactions(engine).connect() as connection:
            # Where the file system cannot do WAL the mode stays as it was, and everything works, slower.
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        with writing(engine).begin() as connection:
            # Another process may have been here while this one waited.
            if _revision(connection, path) != REVISIONS[-1]:
                connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
                _migrate(connection)


def _migrate(connection: Connection) -> None:
    # Imported here: only the first opening of a store, and the first after an upgrade, come this way.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "lemmata.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    # A switch to WAL does not wait for its lock as other statements do, hence a lock of our own.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
