"""Recorded conversations with `fstar.exe --ide`, for tests that replay them."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pipe_peer
import pytest
from pipe_peer import Exchange, Fault

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "fixtures" / "fstar-ide"
_OTHERS = ("full-buffer", "cancel", "format", "exit")
"""Queries that are answered several times, or not at all, and that we never send."""


def requests(name: str) -> list[dict[str, Any]]:
    """Return what was asked in a recorded conversation."""
    lines = (FOLDER / f"{name}.in").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def _conversations() -> list[str]:
    found = [path.name.removesuffix(".in") for path in sorted(FOLDER.glob("*.in"))] if FOLDER.is_dir() else []
    return [
        name
        for name in found
        if (FOLDER / f"{name}.out.expected").is_file() and not any(r["query"] in _OTHERS for r in requests(name))
    ]


CONVERSATIONS = _conversations()

GREETING_2 = json.dumps(
    {"kind": "protocol-info", "version": 2, "features": ["lookup", "peek", "pop", "push", "search", "vfs-add"]}
)
GREETING_3 = json.dumps(
    {
        "kind": "protocol-info",
        "version": 3,
        "features": ["peek", "pop", "push", "push-partial-checked-file", "vfs-add", "restart-solver", "cancel"],
    }
)

needs_fixtures = pytest.mark.skipif(not CONVERSATIONS, reason=f"there are no recorded conversations in {FOLDER}")


def conversation(name: str) -> list[Exchange]:
    """Return a recorded conversation: each query with the messages before its answer, and the answer."""
    replies: dict[str, list[str]] = {}
    for text in (FOLDER / f"{name}.out.expected").read_text("utf-8").splitlines():
        with contextlib.suppress(ValueError):
            line = json.loads(text)
            if isinstance(line, dict) and isinstance(line.get("query-id"), str):
                replies.setdefault(line["query-id"], []).append(text)
    return [Exchange(request, replies.get(request["query-id"], [])) for request in requests(name)]


def answered(name: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the recorded answers by the ids of their queries."""
    found = [json.loads(reply) for exchange in conversation(name) for reply in exchange.replies]
    return {reply["query-id"]: reply for reply in found if reply["kind"] == "response"}


def exchange(query: str, args: Mapping[str, Any], response: Any, status: str = "success") -> Exchange:
    """Make an exchange that was not recorded."""
    answer = {"kind": "response", "query-id": "?", "status": status, "response": response}
    return Exchange({"query-id": "?", "query": query, "args": dict(args)}, [json.dumps(answer)])


def push(code: str, line: int, *issues: Mapping[str, Any], status: str = "") -> Exchange:
    """Make a push that was not recorded."""
    args = {"kind": "full", "code": code, "line": line, "column": 0}
    wrong = any(issue["level"] == "error" for issue in issues)
    return exchange("push", args, list(issues), status or ("failure" if wrong else "success"))


POP = exchange("pop", {}, None)


def error(message: str, line: int = 1, column: int = 0, **more: Any) -> dict[str, Any]:
    """Make an issue."""
    place = {"fname": "<input>", "beg": [line, column], "end": [line, column]}
    return {"level": "error", "message": message, "ranges": [place], **more}


def fstar(
    folder: Path,
    exchanges: Sequence[Exchange],
    *,
    greeting: str = GREETING_2,
    fault: Fault | None = None,
    unknown: bool = True,
) -> Path:
    """Put an `fstar.exe` that replays a conversation into a folder; what was not recorded it refuses."""
    answer = {"kind": "response", "query-id": "?", "status": "failure", "response": [error("this was not recorded")]}
    return pipe_peer.write(
        folder,
        "fstar.exe",
        exchanges,
        framing="line",
        greeting=[greeting],
        fault=fault,
        ident="query-id",
        unknown=json.dumps(answer) if unknown else "",
        version="F* 2025.10.06\nplatform=Linux_x86_64\n",
    )


def use(monkeypatch: pytest.MonkeyPatch, program: Path) -> None:
    """Have a program found as `fstar.exe`."""
    monkeypatch.setenv("FSTAR_EXE", str(program))
    monkeypatch.delenv("FSTAR_HOME", raising=False)
    assert os.access(program, os.X_OK)
