"""`results.jsonl`: one line for each problem of a benchmark, written as it is decided, read back to go on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lemmata.errors import StoreError
from lemmata.verdict import Verdict
from lemmata.workflow import peers
from lemmata.workflow.results import Result
from lemmata.workflow.suite import Problem

Row = dict[str, Any]

# The worst of several obligations in one file is what the file is worth.
_WORST_FIRST = (Verdict.DISPROVED, Verdict.ERROR, Verdict.UNKNOWN, Verdict.PROVED)


def row(problem: Problem, results: Iterable[Result], settings: str) -> Row:
    """Return the line of a problem.

    Args:
        problem: what was to be proved.
        results: one for each of its obligations, at least one.
        settings: what the results depend on, as a short text.
    """
    found = list(results)
    worst = min(found, key=lambda result: _WORST_FIRST.index(result.verdict))
    return {
        "problem": problem.name,
        "expected": problem.expected,
        "verdict": worst.verdict.value,
        "reason": worst.reason,
        "seconds": round(sum(result.seconds for result in found), 3),
        "search_seconds": round(sum(_search_seconds(result) for result in found), 4),
        "certificate": worst.certificate,
        "peers": peers.together([result.peers for result in found]),
        "tags": dict(problem.tags),
        "stats": dict(worst.stats),
        "settings": settings,
    }


def _search_seconds(result: Result) -> float:
    """Return how long it took to find a proof, without starting what that needs, making it smaller and verifying it."""
    took = result.stats.get("found_seconds", result.stats.get("seconds"))
    return float(took) if isinstance(took, int | float) else result.seconds


class Journal:
    """The file, open for appending; a last line that was cut short is dropped.

    Args:
        path: the file; missing folders are made.

    Raises:
        StoreError: it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+b")
            self.rows = self._read()
        except OSError as error:
            raise self._trouble(error) from error

    def _trouble(self, error: OSError) -> StoreError:
        return StoreError(
            f"cannot write {self._path}: {error.strerror or error}", hint="free some space, or choose another --out"
        )

    def _read(self) -> list[Row]:
        self._file.seek(0)
        rows: list[Row] = []
        end = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                # A killed run leaves half a line behind: what follows must not be glued to it.
                self._file.truncate(end)
                break
            end += len(line)
            try:
                body = json.loads(line)
            except ValueError:
                continue
            if isinstance(body, dict) and {"problem", "verdict", "expected", "seconds"} <= body.keys():
                rows.append(body)
        return rows

    def done(self, settings: str) -> dict[str, Row]:
        """Return the lines that were made with these settings, by problem; errors and interruptions do not count."""
        return {
            line["problem"]: line
            for line in self.rows
            if line.get("settings") == settings and line["verdict"] != "error" and line.get("reason") != "interrupted"
        }

    def add(self, line: Row) -> None:
        """Append a line; once this returns it survives the process."""
        try:
            self._file.write(json.dumps(line, default=str).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._trouble(error) from error
        self.rows.append(line)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
