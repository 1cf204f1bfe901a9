"""The store: runs, events, certificates and the outcome cache in one database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lemmata.store.records import CertificateRecord, Process, RunRecord, RunStatus, TaskRecord

if TYPE_CHECKING:
    from lemmata.store.store import Store

__all__ = ["CertificateRecord", "Process", "RunRecord", "RunStatus", "Store", "TaskRecord"]


def __getattr__(name: str) -> Any:
    # SQLAlchemy takes longer to import than `lemmata --help` may take: only who opens a store pays for it.
    if name == "Store":
        from lemmata.store.store import Store

        return Store
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
