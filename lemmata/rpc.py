"""The child's side of our own pipe protocol: one JSON document a line, requests in, answers out.

A request is `{"id": n, "method": "...", "params": {...}}`; its answer is `{"id": n, "result": ...}` or
`{"id": n, "error": {"type": "...", "message": "...", "hint": "...", "location": [file, line, column]}}`.
The parent's side is `checkers.process`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from lemmata.errors import LemmataError

Handler = Callable[[Mapping[str, Any]], Any]


def serve(handlers: Mapping[str, Handler]) -> None:
    """Answer requests on standard input until it ends.

    Standard output is kept for the protocol: whatever a library prints goes to standard error.

    Args:
        handlers: by method name; each takes the request's params and returns a JSON value.
    """
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        out.write(json.dumps({"id": request["id"], **_answer(handlers, request)}) + "\n")
        out.flush()


def _answer(handlers: Mapping[str, Handler], request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {"result": handlers[request["method"]](request.get("params", {}))}
    except LemmataError as error:
        where = error.location
        return {
            "error": {
                # Whoever asked knows no subclasses of plugins.
                "type": next(c.__name__ for c in type(error).__mro__ if c.__module__ == LemmataError.__module__),
                "message": error.message,
                "hint": error.hint,
                "location": [where.file, where.line, where.column] if where else None,
            }
        }
    except RecursionError:
        return {"error": {"type": "InputError", "message": "nested too deeply", "hint": "simplify the input"}}
    except MemoryError:
        return {"error": {"type": "LimitExceeded", "message": "out of memory", "hint": "raise the memory limit"}}
    except Exception as error:  # noqa: BLE001 - whatever went wrong must reach the parent as an answer
        return {"error": {"type": "BackendCrashed", "message": f"{type(error).__name__}: {error}", "hint": ""}}
