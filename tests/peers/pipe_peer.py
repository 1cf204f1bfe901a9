"""A stand-in for a tool that talks over its pipes: it repeats a recorded conversation, and breaks it where told to.

`write` makes an executable that a test puts on the PATH, or hands to a backend, in place of the real tool.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FAULTS = ("die", "hang", "garbage", "half", "flood")
_ANYTHING = b"\x00\xff{ this is no answer ]]\n"


@dataclass(frozen=True)
class Exchange:
    """One request and what the real tool answered, documents as it wrote them, without what ends them."""

    request: Mapping[str, Any]
    replies: Sequence[str]


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and at which request of a process: 0 is the first, -1 the greeting.

    `die` ends the process instead of the answer, `hang` never answers again, `garbage` answers with something else,
    `half` sends half of the answer and ends, `flood` writes 1 MB to the standard error before the right answer. It
    happens once: the next process is healthy, unless `always` is true.
    """

    at: int
    kind: str
    always: bool = False


def write(
    folder: Path,
    name: str,
    conversation: Sequence[Exchange],
    *,
    framing: str,
    greeting: Sequence[str] = (),
    fault: Fault | None = None,
    ident: str = "",
    unknown: str = "",
    version: str = "",
) -> Path:
    """Make an executable that repeats a conversation.

    A request is answered as the first equal one in the conversation that this process has not answered yet, or, when
    all were, as the last equal one. What comes is written to `NAME.log` beside it, one JSON document a line: `{"start":
    arguments}`, `{"request": document, "known": bool}`, or `{"bad": text}` for what is no JSON, which ends the process
    with a message on the standard error.

    Args:
        folder: where to put it.
        name: of the executable.
        conversation: what was recorded.
        framing: `blank` for documents that a blank line ends, `line` for one document a line.
        greeting: documents that it writes when it starts.
        fault: what goes wrong.
        ident: key of a request that tells it from others; it does not count when requests are compared, and answers
            carry that of the request they answer.
        unknown: the document that answers a request that was not recorded; empty ends the process.
        version: printed, and nothing else done, when the arguments are `--version`.
    """
    plan = {
        "exchanges": [dataclasses.asdict(exchange) for exchange in conversation],
        "framing": framing,
        "greeting": list(greeting),
        "fault": dataclasses.asdict(fault) if fault else None,
        "ident": ident,
        "unknown": unknown,
        "version": version,
    }
    (folder / f"{name}.json").write_text(json.dumps(plan), encoding="utf-8")
    program = folder / name
    program.write_text(
        f'#!/bin/sh\nexec {sys.executable} {Path(__file__).resolve()} {(folder / name).resolve()} "$@"\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program


def received(program: Path) -> list[dict[str, Any]]:
    """Return what the processes of a program were sent so far, in order."""
    log = program.with_name(f"{program.name}.log")
    if not log.is_file():
        return []
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()]


def requests(program: Path) -> list[dict[str, Any]]:
    """Return the requests among what a program was sent."""
    return [entry["request"] for entry in received(program) if "request" in entry]


class _Peer:
    """The process itself."""

    def __init__(self, program: Path, arguments: Sequence[str]) -> None:
        self._program = program
        self._plan = json.loads(program.with_name(f"{program.name}.json").read_text("utf-8"))
        self._arguments = arguments
        self._used: set[int] = set()
        self._count = 0

    def run(self) -> int:
        if self._plan["version"] and list(self._arguments) == ["--version"]:
            print(self._plan["version"])
            return 0
        self._log({"start": list(self._arguments)})
        if self._plan["greeting"] or self._fires(-1):
            self._answer(-1, self._plan["greeting"])
        while (text := self._next()) is not None:
            try:
                request = json.loads(text)
            except ValueError:
                self._log({"bad": text})
                print(f"cannot parse {text[:80]!r}", file=sys.stderr)
                return 1
            replies = self._replies(request)
            self._log({"request": request, "known": replies is not None})
            if replies is None:
                if not self._plan["unknown"]:
                    print(f"not recorded: {text[:400]}", file=sys.stderr)
                    return 3
                replies = [self._plan["unknown"]]
            self._answer(self._count, [self._addressed(reply, request) for reply in replies])
            self._count += 1
        return 0

    def _next(self) -> str | None:
        if self._plan["framing"] == "line":
            while line := sys.stdin.readline():
                if line.strip():
                    return line
            return None
        lines: list[str] = []
        while line := sys.stdin.readline():
            if line.strip():
                lines.append(line.rstrip("\n"))
            elif lines:
                break
        return "".join(lines) if lines else None

    def _replies(self, request: dict[str, Any]) -> list[str] | None:
        wanted = self._bare(request)
        same = [i for i, e in enumerate(self._plan["exchanges"]) if self._bare(e["request"]) == wanted]
        if not same:
            return None
        chosen = next((i for i in same if i not in self._used), same[-1])
        self._used.add(chosen)
        replies: list[str] = self._plan["exchanges"][chosen]["replies"]
        return replies

    def _bare(self, request: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in request.items() if key != self._plan["ident"]}

    def _addressed(self, reply: str, request: dict[str, Any]) -> str:
        ident = self._plan["ident"]
        if not ident or ident not in request:
            return reply
        try:
            document = json.loads(reply)
        except ValueError:
            return reply
        if not isinstance(document, dict) or ident not in document:
            return reply
        return json.dumps({**document, ident: request[ident]}, ensure_ascii=False)

    def _answer(self, at: int, replies: Sequence[str]) -> None:
        end = "\n" if self._plan["framing"] == "line" else "\n\n"
        data = "".join(reply + end for reply in replies).encode()
        match self._plan["fault"]["kind"] if self._fires(at) else "":
            case "die":
                os._exit(1)
            case "hang":
                while True:
                    signal.pause()
            case "garbage":
                data = _ANYTHING + end.encode()
            case "half":
                self._write(data[: len(data) // 2])
                os._exit(0)
            case "flood":
                sys.stderr.write("x" * (1 << 20))
                sys.stderr.flush()
        self._write(data)

    def _fires(self, at: int) -> bool:
        fault = self._plan["fault"]
        if fault is None or fault["at"] != at:
            return False
        mark = self._program.with_name(f"{self._program.name}.fired")
        if fault["always"] or not mark.exists():
            mark.touch()
            return True
        return False

    def _write(self, data: bytes) -> None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def _log(self, entry: Mapping[str, Any]) -> None:
        with self._program.with_name(f"{self._program.name}.log").open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    sys.exit(_Peer(Path(sys.argv[1]), sys.argv[2:]).run())
