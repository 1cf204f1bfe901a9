"""The tables of the store; `lemmata.store.migrations` brings a database to this shape."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class AnyText(TypeDecorator[str]):
    """Text that may hold halves of surrogate pairs, as Python's file names do; SQLite refuses those."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> Any:
        """Return bytes for what is not Unicode; SQLite keeps them beside texts in one column."""
        if value is None or value.isascii():
            return value
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogatepass")
        return value

    def process_result_value(self, value: Any, dialect: Any) -> str | None:
        """Undo `process_bind_param`."""
        return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value


class Base(DeclarativeBase):
    """What all tables have in common."""

    type_annotation_map = {str: AnyText, float: Float}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Run(Base):
    """One invocation of a command that proves things."""

    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    command: Mapped[str]
    settings: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(index=True)
    status: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    process_started: Mapped[str]
    started: Mapped[float]
    finished: Mapped[float | None]


class Task(Base):
    """One obligation of a run."""

    __tablename__ = "tasks"
    __table_args__ = (UniqueConstraint("run", "target", "obligation"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    target: Mapped[str]
    obligation: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    system: Mapped[str]
    started: Mapped[float]
    finished: Mapped[float | None]
    verdict: Mapped[str | None]
    reason: Mapped[str | None]
    seconds: Mapped[float | None]
    result: Mapped[str | None]


class SourceRow(Base):
    """The text of a source file, shared by the obligations in it."""

    __tablename__ = "sources"

    digest: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]


class ObligationRow(Base):
    """An obligation, in the notation of `lemmata.codec` without its source."""

    __tablename__ = "obligations"

    key: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(ForeignKey("sources.digest"))
    body: Mapped[str]


class EventRow(Base):
    """One event of a task, as JSON; ids grow in the order of commits, so a reader can follow them."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_task", "task", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[int] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    body: Mapped[str]


class CertificateRow(Base):
    """A certificate, beside the file it was written to."""

    __tablename__ = "certificates"

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[int | None] = mapped_column(ForeignKey("tasks.id", ondelete="SET NULL"))
    key: Mapped[str] = mapped_column(index=True)
    path: Mapped[str]
    created: Mapped[float]
    body: Mapped[str]


class OutcomeRow(Base):
    """A remembered outcome of (environment, goal, step)."""

    __tablename__ = "outcomes"
    __table_args__ = (UniqueConstraint("environment", "goal", "step"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str]
    goal: Mapped[str]
    step: Mapped[str]
    outcome: Mapped[str]
