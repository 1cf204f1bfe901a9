"""Whole repositories traced by LeanDojo (extra `lean`).

LeanDojo is deprecated since January 2026 and fails with new versions of Lean; `corpora.lean.tracing` is what is used by
default. It builds a repository and all that it depends on, downloads what it needs and writes to its own cache; nothing
of it is imported before `trace` is called. Positions count from 1 in both directions (`lean_dojo`, `Pos`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checkers.lean.setup import INSTALL
from corpora.lean.records import TacticRecord
from lemmata.errors import BackendError, BackendMissing


def trace(url: str, commit: str, *, dependencies: bool = False) -> list[TacticRecord]:
    """Return the tactics of a repository's proofs, by file and position.

    Args:
        url: of the repository, or its folder.
        commit: which commit.
        dependencies: whether to trace what it depends on as well.

    Raises:
        BackendMissing: LeanDojo is not installed.
        BackendError: it failed.
    """
    try:
        import lean_dojo  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise BackendMissing("lean-dojo is not installed", hint=INSTALL) from None
    try:
        traced = lean_dojo.trace(lean_dojo.LeanGitRepo(url, commit), build_deps=dependencies)
        found = [record for theorem in traced.get_traced_theorems() for record in _records(theorem)]
    except Exception as error:
        # Whatever git, Lean or its version did to it.
        raise BackendError(f"LeanDojo cannot trace {url}: {error}", hint="trace its files by the REPL") from error
    return sorted(found, key=lambda record: (record.file, record.line, record.column))


def _records(theorem: Any) -> Iterator[TacticRecord]:
    for tactic in theorem.get_traced_tactics():
        _, provenances = tactic.get_annotated_tactic()
        yield TacticRecord(
            str(theorem.theorem.file_path),
            theorem.theorem.full_name,
            tactic.start.line_nb,
            tactic.start.column_nb,
            tactic.tactic,
            tuple(goal for goal in tactic.state_before.split("\n\n") if goal not in ("", "no goals")),
            tuple(dict.fromkeys(premise["full_name"] for premise in provenances)),
        )
