"""The protocol of the Isabelle server over a real socket: recorded answers, odd pieces, and all that can break."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import isabelle_peer as peer
import pytest

from checkers.isabelle.protocol import Address, CommandRefused, Connection, _message
from checkers.isabelle.results import read
from lemmata.errors import BackendCrashed, BackendError, LimitExceeded

pytestmark = pytest.mark.skipif(not peer.FIXTURES.is_dir(), reason=f"no recorded conversations at {peer.FIXTURES}")

TEXT = 'theory Example\nimports Main\nbegin\nlemma "\\<forall>x. \\<exists>y. x = y"\n  by auto\nend\n'
START = {"session": "HOL", "options": [], "dirs": []}


def talk(folder: Path, work: Callable[[Connection, dict[str, Any]], Awaitable[Any]], password: str = "") -> Any:
    """Do something on a connection to a server in this process."""

    async def run() -> Any:
        server = peer.Peer(folder)
        listening = await asyncio.start_server(server._client, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        theories = {"theories": ["Example"], "master_dir": str(folder)}
        try:
            connection = await Connection.open(Address("127.0.0.1", port, password or peer.PASSWORD), 0.5)
            try:
                return await work(connection, theories)
            finally:
                await connection.close()
        finally:
            listening.close()

    (folder / "Example.thy").write_text(TEXT, encoding="utf-8")
    return asyncio.run(run())


async def session(connection: Connection) -> str:
    said = await connection.task("session_start", START, 0.5, grace=0.2)
    return str(said["session_id"])


async def conversation(connection: Connection, theories: dict[str, Any]) -> Any:
    """Have a whole conversation: start, use, purge, stop, shutdown."""
    identifier = await session(connection)
    said = await connection.task("use_theories", {"session_id": identifier, **theories}, 0.5, grace=0.2)
    await connection.command("purge_theories", {"session_id": identifier, **theories}, 0.5)
    await connection.task("session_stop", {"session_id": identifier}, 0.5, grace=0.2)
    await connection.command("shutdown", None, 0.5)
    return said


@pytest.mark.parametrize("chunk", [0, 1, 2, 7, 64, 4096])
def test_messages_come_in_any_pieces(tmp_path: Path, chunk: int) -> None:
    peer.write(tmp_path, [peer.Rule("by auto", answer="use_theories")], chunk=chunk)
    result = read(talk(tmp_path, conversation))
    assert result.proves("Example")
    assert peer.wrong(tmp_path) == []
    assert peer.commands(tmp_path) == ["session_start", "use_theories", "purge_theories", "session_stop", "shutdown"]


def test_the_recorded_messages_are_framed_as_the_server_frames_them() -> None:
    for file in peer.FIXTURES.iterdir():
        for message, frame in peer.frames(file.name):
            if frame[0:1].isdigit():
                assert frame == b"%d\n%s\n" % (len(message) + 1, message)
            else:
                assert frame == peer.framed(message)


@pytest.mark.parametrize("name", sorted(p.name for p in peer.FIXTURES.glob("*")) if peer.FIXTURES.is_dir() else [])
def test_every_recorded_answer_is_understood(tmp_path: Path, name: str) -> None:
    command = name.partition(".")[0]
    peer.write(tmp_path, [peer.Rule("", answer=name)] if command == "use_theories" else [])

    async def work(connection: Connection, theories: dict[str, Any]) -> Any:
        if command == "unknown":
            with pytest.raises(CommandRefused, match="Bad command"):
                await connection.command(command, None, 1.0)
            return None
        if command in ("help", "shutdown"):
            return await connection.command(command, None, 1.0)
        if command in ("session_start", "session_build"):
            return await connection.task(command, START, 1.0)
        if command == "cancel":
            return await connection.command(command, {"task": "c1e202d5"}, 1.0)
        identifier = {"session_id": await session(connection)}
        match command:
            case "use_theories":
                return read(await connection.task(command, {**identifier, **theories}, 1.0))
            case "session_stop":
                return await connection.task(command, identifier, 1.0)
        return await connection.command(command, {**identifier, **theories}, 1.0)

    said = talk(tmp_path, work)
    assert peer.wrong(tmp_path) == ([] if command != "unknown" else ["Bad command 'unknown'"])
    if command == "use_theories":
        good = peer.recorded(name)[-1].startswith(b'FINISHED {"ok":true')
        assert said.ok is said.proves("Example") is good
    if command == "help":
        assert "use_theories" in said


def test_a_wrong_password_is_one_error(tmp_path: Path) -> None:
    peer.write(tmp_path)
    with pytest.raises(BackendCrashed, match="closed the connection"):
        talk(tmp_path, conversation, password="wrong")


def test_nobody_there_is_one_error() -> None:
    async def work() -> None:
        listening = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        listening.close()
        await listening.wait_closed()
        await Connection.open(Address("127.0.0.1", port, "x"), 1.0)

    with pytest.raises(BackendCrashed, match="cannot be reached"):
        asyncio.run(work())


def messages() -> int:
    names = ("session_start", "use_theories", "purge_theories", "session_stop", "shutdown")
    return 1 + sum(len(peer.recorded(name)) for name in names) if peer.FIXTURES.is_dir() else 0


@pytest.mark.parametrize("kind", peer.FAULTS)
def test_a_fault_at_any_message_is_one_error_or_none(tmp_path: Path, kind: str) -> None:
    for at in range(messages()) if kind not in ("hang", "long_count") else (0, 1, 19, 20, 22, 23, 24, 26):
        folder = tmp_path / str(at)
        folder.mkdir()
        peer.write(folder, [peer.Rule("by auto", answer="use_theories")], fault=peer.Fault(at, kind))
        began = time.monotonic()
        try:
            result = read(talk(folder, conversation))
        except (BackendError, TimeoutError) as error:
            assert kind not in ("huge", "flood", "blank"), error
        else:
            assert result.proves("Example")
            assert kind not in ("garbage", "half"), at
        assert time.monotonic() - began < 8.0


@pytest.mark.parametrize(
    "line", [b"99999999999999999999\n", b"70000000\n", b"OK {\n", b"HELLO\n", b"OK 1 2\n", b"5\nOK\xff\xff\xff\n"]
)
def test_announcements_and_answers_that_are_none(line: bytes) -> None:
    async def work() -> None:
        async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.write(line)
            await writer.drain()

        listening = await asyncio.start_server(client, "127.0.0.1", 0)
        await Connection.open(Address("127.0.0.1", listening.sockets[0].getsockname()[1], "x"), 1.0)

    with pytest.raises((BackendCrashed, LimitExceeded)):
        asyncio.run(work())


def test_a_task_that_takes_too_long_is_cancelled_and_the_connection_is_good(tmp_path: Path) -> None:
    peer.write(tmp_path, [peer.Rule("by auto", never=True), peer.Rule("by simp", answer="use_theories")])

    async def work(connection: Connection, theories: dict[str, Any]) -> Any:
        identifier = {"session_id": await session(connection)}
        with pytest.raises((TimeoutError, LimitExceeded)):
            await connection.task("use_theories", {**identifier, **theories}, 0.2, grace=0.3)

    talk(tmp_path, work)
    assert peer.commands(tmp_path)[-1] == "cancel"


GOOD = {
    "ok": True,
    "errors": [],
    "nodes": [
        {
            "theory_name": "Draft.Example",
            "node_name": "Example.thy",
            "messages": [],
            "exports": [],
            "status": {
                **{"percentage": 100, "unprocessed": 0, "running": 0, "finished": 7, "failed": 0, "total": 7},
                **{"consolidated": True, "canceled": False, "ok": True, "warned": 0},
            },
        }
    ],
}
TRAPS = [
    {"percentage": 99},
    {"unprocessed": 1},
    {"running": 1},
    {"finished": 6},
    {"failed": 1},
    {"total": 8},
    {"total": 0, "finished": 0},
    {"consolidated": False},
    {"canceled": True},
    {"ok": False},
]


@pytest.mark.parametrize("trap", TRAPS, ids=str)
def test_a_theory_that_is_not_wholly_processed_proves_nothing(trap: dict[str, Any]) -> None:
    assert read(GOOD).proves("Example")
    (node,) = GOOD["nodes"]  # type: ignore[misc]
    bad = {**GOOD, "nodes": [{**node, "status": {**node["status"], **trap}}]}
    assert not read(bad).proves("Example")


def test_errors_and_other_theories_prove_nothing() -> None:
    (node,) = GOOD["nodes"]  # type: ignore[misc]
    error = {"kind": "error", "message": "x", "pos": {"offset": 3, "line": 1}}
    assert not read({**GOOD, "ok": False}).proves("Example")
    assert not read({**GOOD, "errors": [error]}).proves("Example")
    assert not read({**GOOD, "nodes": [{**node, "messages": [error]}]}).proves("Example")
    assert not read(GOOD).proves("Other")
    assert not read({**GOOD, "nodes": []}).proves("Example")
    assert not read({**GOOD, "nodes": [node, node]}).proves("Example")


@pytest.mark.parametrize(
    "said",
    [None, [], "x", {}, {"ok": 1, "errors": [], "nodes": []}, {"ok": True, "errors": [], "nodes": [3]},
     {"ok": True, "errors": [], "nodes": [{"theory_name": "x", "messages": [], "status": {}}]}],
)  # fmt: skip
def test_results_that_are_none(said: Any) -> None:
    with pytest.raises(BackendCrashed):
        read(said)


def test_an_independent_client_understands_the_stand_in(tmp_path: Path) -> None:
    client = pytest.importorskip("isabelle_client", reason="isabelle-client is not installed")
    peer.write(tmp_path, [peer.Rule("by auto", answer="use_theories")])
    (tmp_path / "Example.thy").write_text(TEXT, encoding="utf-8")

    async def run() -> Any:
        server = peer.Peer(tmp_path)
        listening = await asyncio.start_server(server._client, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        theirs = client.IsabelleClient("127.0.0.1", port, peer.PASSWORD)
        try:
            return await theirs.execute_command('session_start {"session": "HOL"}')
        finally:
            listening.close()

    assert str(asyncio.run(run())[-1].response_type.value) == "FINISHED"


@pytest.mark.parametrize("kind", ["fatal", "ERROR", "errors", "", "bad"])
def test_a_message_of_an_unknown_kind_is_no_proof(kind: str) -> None:
    (node,) = GOOD["nodes"]
    said = {"kind": kind, "message": "x", "pos": {}}
    assert not read({**GOOD, "nodes": [{**node, "messages": [said]}]}).proves("Example")


@pytest.mark.parametrize("name", ["Evil.Example", "Draft.Evil.Example", "DraftExample"])
def test_a_theory_of_another_session_is_another_theory(name: str) -> None:
    (node,) = GOOD["nodes"]
    assert not read({**GOOD, "nodes": [{**node, "theory_name": name}]}).proves("Example")


def test_a_key_that_comes_twice_is_no_answer() -> None:
    with pytest.raises(BackendCrashed):
        _message(b'FINISHED {"ok":false,"ok":true}')
