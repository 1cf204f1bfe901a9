"""A stand-in for `isabelle`: `version`, `server` over a real TCP socket with recorded answers, and `build` as told.

The server frames messages as the real one does, checks that what it is sent is what the real one understands (names
and types of arguments as in the Isabelle system manual, chapter "The Isabelle server"), and breaks where a test wants
it to.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parents[4] / "shared" / "fixtures" / "isabelle-server"
FAULTS = ("die", "hang", "garbage", "half", "short_count", "long_count", "huge", "flood", "blank")
PASSWORD = "3e9b4b5c-0000-4000-8000-0123456789ab"
GREETING = 'OK {"isabelle_id":"mock","isabelle_name":"Isabelle2025-2"}'

_TASK = "6f0c0000-0000-4000-8000-0123456789ab"
_BUILD = {
    "session": (str, True),
    "preferences": (str, False),
    "options": (list, False),
    "dirs": (list, False),
    "include_sessions": (list, False),
    "verbose": (bool, False),
}
COMMANDS: dict[str, dict[str, tuple[type | tuple[type, ...], bool]]] = {
    "session_build": _BUILD,
    "session_start": {**_BUILD, "print_mode": (list, False)},
    "session_stop": {"session_id": (str, True)},
    "cancel": {"task": (str, True)},
    "use_theories": {
        "session_id": (str, True),
        "theories": (list, True),
        "master_dir": (str, False),
        "pretty_margin": ((int, float), False),
        "unicode_symbols": (bool, False),
        "export_pattern": (str, False),
        "check_delay": ((int, float), False),
        "check_limit": (int, False),
        "watchdog_timeout": ((int, float), False),
        "nodes_status_delay": ((int, float), False),
        "commit_cleanup_delay": ((int, float), False),
    },
    "purge_theories": {
        "session_id": (str, True),
        "theories": (list, False),
        "master_dir": (str, False),
        "all": (bool, False),
    },
}
"""Commands with an argument: its fields, their types, and whether each must be there."""


@dataclass(frozen=True)
class Rule:
    """How a theory is answered: the first rule whose text stands in it counts.

    `answer` names a recorded file; without one the answer is made: `ok`, the goals printed behind the last `needle`
    in the theory, an error there, or `never` for no answer until the task is cancelled.
    """

    contains: str
    answer: str = ""
    ok: bool = True
    goals: tuple[str, ...] | None = None
    needle: str = ""
    error: str = ""
    says: str = ""
    """Printed there."""
    never: bool = False
    status: dict[str, Any] = field(default_factory=dict)
    """Fields of the node's status that are not as they should be."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong at which message of the server, counted over its life; once, unless `always`."""

    at: int
    kind: str
    always: bool = False


@dataclass(frozen=True)
class Built:
    """How a build in a folder of this name ends, and what its theory says when it is asked about a theorem."""

    code: int = 0
    oracles: int = 0
    skipped: bool = False
    propositions: tuple[str, ...] = ('Const ("Trueprop", dummyT)',)
    hypotheses: tuple[str, ...] = ()
    silent: bool = False
    nonce: str = ""
    """Written instead of the one that was asked for."""
    raw: str = ""
    """Written instead of everything."""


def write(
    folder: Path,
    rules: Sequence[Rule] = (),
    *,
    fault: Fault | None = None,
    builds: Mapping[str, Built] | None = None,
    chunk: int = 0,
    version: str = "Isabelle2025",
    password: str = PASSWORD,
    first_line: str = "",
    unknown_options: Sequence[str] = (),
) -> Path:
    """Make the program `isabelle` in a folder; what it is asked is in `isabelle.log` beside it."""
    plan = {
        "rules": [dataclasses.asdict(rule) for rule in rules],
        "fault": dataclasses.asdict(fault) if fault else None,
        "builds": {name: dataclasses.asdict(built) for name, built in (builds or {}).items()},
        "chunk": chunk,
        "version": version,
        "password": password,
        "first_line": first_line,
        "unknown_options": list(unknown_options),
    }
    (folder / "isabelle.json").write_text(json.dumps(plan), encoding="utf-8")
    program = folder / "isabelle"
    program.write_text(
        f'#!/bin/sh\nexec {sys.executable} -P {Path(__file__).resolve()} {folder.resolve()} "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    return program


def log(folder: Path) -> list[dict[str, Any]]:
    """Return what the program was asked so far, one entry each."""
    file = folder / "isabelle.log"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.is_file() else []


def commands(folder: Path) -> list[str]:
    """Return the names of the commands that the server was given."""
    return [entry["command"] for entry in log(folder) if "command" in entry]


def wrong(folder: Path) -> list[str]:
    """Return what the real server would not have understood."""
    return [entry["wrong"] for entry in log(folder) if "wrong" in entry]


def frames(name: str) -> list[tuple[bytes, bytes]]:
    """Return the messages of a recorded answer, each with the very bytes that were sent for it."""
    data = (FIXTURES / name).read_bytes()
    found = []
    while data:
        line, end, rest = data.partition(b"\n")
        if line.isdigit():
            # Some files lack the very last line end of what was recorded.
            block, data = rest[: int(line)].ljust(int(line), b"\n"), rest[int(line) :]
            found.append((block.rstrip(b"\n"), line + end + block))
        else:
            data = rest
            if line:
                found.append((line, line + b"\n"))
    return found


def recorded(name: str) -> list[bytes]:
    """Return the messages of a recorded answer."""
    return [message for message, _ in frames(name)]


def _theory(name: str) -> str:
    """Return the name of the theory that a recorded answer is about."""
    found = re.search(rb'"theory_name":"[^".]*\.?([^".]+)"', (FIXTURES / name).read_bytes())
    return found[1].decode() if found else "Example"


def framed(message: bytes) -> bytes:
    """Frame a message as the real server does: long ones behind a line with their length, the line end included."""
    if len(message) > 100 or b"\n" in message or message.isdigit():
        return b"%d\n%s\n" % (len(message) + 1, message)
    return message + b"\n"


class Died(Exception):
    """The process ends here."""


class Peer:
    """The server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._plan = json.loads((folder / "isabelle.json").read_text("utf-8"))
        self._rules = [Rule(**rule) for rule in self._plan["rules"]]
        self._fault = Fault(**self._plan["fault"]) if self._plan["fault"] else None
        self._sent = 0
        self._session = ""
        self._ended = asyncio.Event()

    def note(self, **entry: Any) -> None:
        with (self._folder / "isabelle.log").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")

    async def serve(self, name: str) -> None:
        server = await asyncio.start_server(self._client, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        line = f'server "{name}" = 127.0.0.1:{port} (password "{self._plan["password"]}")'
        print(self._plan["first_line"] or line, flush=True)
        async with server:
            await self._ended.wait()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if (await reader.readline()).rstrip(b"\r\n") != PASSWORD.encode():
                self.note(wrong="password")
                return
            await self._send(writer, GREETING.encode())
            while line := await reader.readline():
                await self._request(writer, line.rstrip(b"\r\n").decode())
        except Died:
            self._ended.set()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _request(self, writer: asyncio.StreamWriter, line: str) -> None:
        name, _, argument = line.partition(" ")
        try:
            value = json.loads(argument) if argument else None
            problem = self._problem(name, value)
        except ValueError:
            value, problem = None, f"{name}: not JSON"
        self.note(command=name, argument=value)
        if problem:
            self.note(wrong=problem)
            await self._send(writer, f"ERROR {json.dumps(problem)}".encode())
        elif name == "use_theories":
            await self._theories(writer, value)
        elif name == "session_start" and set(self._plan["unknown_options"]) & set(value.get("options", ())):
            await self._send(writer, f'OK {{"task":"{_TASK}"}}'.encode())
            failed = {"kind": "error", "message": "Unknown option", "task": _TASK}
            await self._send(writer, f"FAILED {json.dumps(failed)}".encode())
        elif name == "echo":
            await self._send(writer, f"OK {argument}".encode())
        else:
            await self._replay(writer, name)
            if name == "cancel" and value["task"] == _TASK:
                failed = {"kind": "error", "message": "Interrupt", "task": _TASK}
                await self._send(writer, f"FAILED {json.dumps(failed)}".encode())
            if name == "shutdown":
                raise Died

    def _problem(self, name: str, value: Any) -> str:
        if name in ("help", "shutdown"):
            return "" if value is None else f"{name} takes nothing"
        if name == "echo":
            return ""
        fields = COMMANDS.get(name)
        if fields is None:
            return f"Bad command '{name}'"
        if not isinstance(value, dict):
            return f"{name}: no object"
        for key, entry in value.items():
            if key not in fields:
                return f"{name}: no field {key}"
            if not isinstance(entry, fields[key][0]) or (isinstance(entry, bool) and fields[key][0] is not bool):
                return f"{name}: {key} of another type"
            if isinstance(entry, list) and not all(isinstance(item, str) for item in entry):
                return f"{name}: {key} holds something else than strings"
        if missing := [key for key, (_, must) in fields.items() if must and key not in value]:
            return f"{name}: {missing[0]} is missing"
        if name in ("use_theories", "purge_theories", "session_stop") and value["session_id"] != self._session:
            return f"{name}: No session {value['session_id']}"
        return ""

    async def _replay(self, writer: asyncio.StreamWriter, name: str) -> None:
        for message, frame in frames(name):
            if started := re.search(rb'FINISHED \{"session_id":"([^"]+)"', message):
                self._session = started[1].decode()
            await self._send(writer, message, frame)

    async def _theories(self, writer: asyncio.StreamWriter, value: dict[str, Any]) -> None:
        (name,) = value["theories"]
        file = Path(value["master_dir"], f"{name}.thy")
        text = file.read_text("utf-8", "surrogateescape") if file.is_file() else ""
        self.note(theory=name, text=text)
        if not file.is_absolute() or not re.search(rf"\btheory\s+{name}\s", text):
            self.note(wrong=f"no theory {name}")
            await self._send(writer, b'ERROR "no such theory"')
            return
        rule = next((rule for rule in self._rules if rule.contains in text), Rule("", answer="use_theories.Fail"))
        if rule.answer:
            known = _theory(rule.answer)
            for message, frame in frames(rule.answer):
                renamed = message.replace(b"Draft.%s" % known.encode(), b"Draft.%s" % name.encode())
                renamed = renamed.replace(b"%s.thy" % known.encode(), b"%s.thy" % name.encode())
                await self._send(writer, renamed, frame if renamed == message else b"")
            return
        await self._send(writer, f'OK {{"task":"{_TASK}"}}'.encode())
        if rule.never:
            return
        await self._send(writer, f"FINISHED {json.dumps(_made(rule, name, text))}".encode())

    async def _send(self, writer: asyncio.StreamWriter, message: bytes, frame: bytes = b"") -> None:
        kind, self._sent = self._broken(self._sent), self._sent + 1
        data = frame or framed(message)
        match kind:
            case "die":
                raise Died
            case "hang":
                await asyncio.Event().wait()
            case "garbage":
                data = b"\x00\xff this is no message ]]\n"
            case "half":
                writer.write(data[: len(data) // 2])
                await writer.drain()
                raise Died
            case "short_count":
                data = b"%d\n%s\n" % (max(len(message) - 5, 1), message)
            case "long_count":
                data = b"%d\n%s\n" % (len(message) + 4096, message)
            case "huge":
                data = framed(b'NOTE {"kind":"writeln","message":"%s"}' % (b"x" * (10 << 20))) + data
            case "flood":
                data = framed(b'NOTE {"kind":"writeln","message":"x"}') * 5000 + data
            case "blank":
                data = b"\n\n\r\n" + data
        size = self._plan["chunk"] or len(data)
        for start in range(0, len(data), size):
            writer.write(data[start : start + size])
            await writer.drain()

    def _broken(self, number: int) -> str:
        fault = self._fault
        fired = self._folder / "fault-fired"
        if fault is None or fault.at != number or (fired.exists() and not fault.always):
            return ""
        fired.touch()
        return fault.kind


def _made(rule: Rule, name: str, text: str) -> dict[str, Any]:
    at = _offset(text, text.rindex(rule.needle)) if rule.needle else 0
    place = {"line": 1, "offset": at, "end_offset": at + 5, "file": f"{name}.thy"}
    messages = []
    if rule.goals is not None:
        plural = "" if len(rule.goals) == 1 else "s"
        shown = "\n".join(f" {i}. {goal}" for i, goal in enumerate(rule.goals, 1))
        state = f"goal ({len(rule.goals)} subgoal{plural}):\n{shown}" if rule.goals else "goal:\nNo subgoals!"
        messages.append({"kind": "state", "message": f"proof (prove)\n{state}", "pos": place})
    if rule.says:
        messages.append({"kind": "writeln", "message": rule.says, "pos": place})
    errors = [{"kind": "error", "message": rule.error, "pos": place}] if rule.error else []
    ok = rule.ok and not errors
    status = {
        **{"percentage": 100, "unprocessed": 0, "running": 0, "finished": 9 if ok else 8, "failed": 0 if ok else 1},
        **{"total": 9, "consolidated": True, "canceled": False, "ok": ok, "warned": 0},
        **rule.status,
    }
    node = {"messages": messages + errors, "exports": [], "status": status}
    node |= {"theory_name": f"Draft.{name}", "node_name": f"{name}.thy"}
    return {"ok": ok, "errors": errors, "nodes": [node], "task": _TASK}


def _offset(text: str, index: int) -> int:
    return len(re.findall(r"\\<\^?\w+>|\r\n|.", text[:index], re.S)) + 1


def _build(folder: Path, arguments: Sequence[str]) -> int:
    plan = json.loads((folder / "isabelle.json").read_text("utf-8"))
    place = Path(arguments[len(arguments) - 2])
    with (folder / "isabelle.log").open("a", encoding="utf-8") as stream:
        theories = {file.stem: file.read_text("utf-8", "surrogateescape") for file in sorted(place.glob("*.thy"))}
        root = (place / "ROOT").read_text("utf-8")
        entry = {"build": list(arguments), "purpose": place.name, "root": root, "theories": theories}
        stream.write(json.dumps(entry) + "\n")
    built = Built(**plan["builds"].get(place.name, {}))
    for text in theories.values():
        asked = re.search(r'field "([0-9a-f]{32})".*Path\.explode "([^"]+)"', text, re.S)
        if asked and not built.silent:
            Path(asked[2]).write_text(built.raw or _answer(built, asked[1]), encoding="utf-8")
    if built.code:
        print('*** Failed to finish proof\n*** At command "by"')
    return built.code


def _answer(built: Built, nonce: str) -> str:
    fields = [built.nonce or nonce, str(built.oracles), str(int(built.skipped)), str(len(built.propositions))]
    for proposition in built.propositions:
        fields += ["1", proposition, str(len(built.hypotheses)), *built.hypotheses]
    return "".join(f"{len(text.encode())}\n{text}\n" for text in fields)


def main(folder: Path, arguments: Sequence[str]) -> int:
    match arguments:
        case ["version"]:
            print(json.loads((folder / "isabelle.json").read_text("utf-8"))["version"])
            return 0
        case ["server", "-n", name]:
            asyncio.run(Peer(folder).serve(name))
            return 0
        case ["build", *rest]:
            return _build(folder, rest)
    print(f"unknown arguments: {arguments}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
