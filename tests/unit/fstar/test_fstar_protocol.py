"""The client of `fstar.exe --ide` over real pipes, against what the real one answered."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pipe_peer import FAULTS, Fault
from recorded_fstar import (
    CONVERSATIONS,
    GREETING_2,
    GREETING_3,
    POP,
    answered,
    conversation,
    error,
    exchange,
    fstar,
    needs_fixtures,
    push,
    requests,
)

from checkers.fstar.protocol import Answer, Ide, Overran, issue, understand
from checkers.process import Supervisor
from lemmata.errors import BackendCrashed, BackendError, BackendMissing
from lemmata.verdict import Limits


def talk(program: Path, work: Callable[[Ide], Awaitable[Any]], seconds: float | None = 20.0) -> Any:
    async def run() -> Any:
        async with Supervisor() as supervisor:
            command = [str(program), "--ide", "It.fst"]
            ide = await Ide.start(supervisor, command, program.parent, Limits(), seconds)
            try:
                return await work(ide)
            finally:
                await ide.close()
                assert not supervisor.live

    return asyncio.run(run())


def ask_all(name: str) -> Callable[[Ide], Awaitable[dict[str, Answer]]]:
    async def work(ide: Ide) -> dict[str, Answer]:
        return {r["query-id"]: await ide.query(r["query"], r["args"], 20.0) for r in requests(name)}

    return work


@needs_fixtures
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_recorded_conversations_are_understood(tmp_path, name):
    answers = talk(fstar(tmp_path, conversation(name), unknown=False), ask_all(name))
    recorded = answered(name)
    assert list(answers) == [request["query-id"] for request in requests(name)]
    for request in requests(name):
        answer, real = answers[request["query-id"]], recorded[request["query-id"]]
        assert answer.status == real["status"]
        assert answer.response == real["response"]
        issues = [i for i in real["response"] or () if isinstance(i, dict) and "level" in i]
        assert [(i.level, i.message) for i in answer.issues] == [(i["level"], i["message"]) for i in issues]
        wrong = any(i["level"] == "error" for i in issues)
        assert answer.accepted == (real["status"] == "success" and not wrong)
        assert answer.pushed == (real["status"] == "success")
        assert bool(answer.error) == (not answer.accepted)


@needs_fixtures
def test_a_peek_that_succeeds_with_errors_inside_is_not_accepted(tmp_path):
    answers = talk(fstar(tmp_path, conversation("backtracking.refinements")), ask_all("backtracking.refinements"))
    assert answers["3"].status == "success"
    assert not answers["3"].accepted
    assert answers["3"].error == "Syntax error: Parsing.Parse_error"
    assert (answers["3"].issues[0].line, answers["3"].issues[0].column) == (3, 6)


@needs_fixtures
@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("at", range(-1, 4))
def test_every_fault_is_an_error_or_the_right_answer(tmp_path, kind, at):
    program = fstar(tmp_path, conversation("number.interface-violation"), fault=Fault(at, kind, always=True))

    async def work(ide: Ide) -> list[Answer]:
        return [await ide.query(r["query"], r["args"], 0.5) for r in requests("number.interface-violation")]

    if kind == "flood" or at == 3:
        answers = talk(program, work)
        assert [a.status for a in answers] == ["success", "success", "failure"]
        return
    with pytest.raises((BackendError, Overran)) as failure:
        talk(program, work, 0.5)
    assert (failure.type is Overran) == (kind == "hang")


@pytest.mark.parametrize("greeting", [GREETING_2, GREETING_3])
def test_what_it_can_is_told_by_its_features(tmp_path, greeting):
    async def work(ide: Ide) -> tuple[bool, bool]:
        return ide.can("push"), ide.can("push-partial-checked-file")

    assert talk(fstar(tmp_path, [], greeting=greeting), work) == (True, greeting == GREETING_3)


def test_a_version_without_features_is_taken_to_push_and_pop(tmp_path):
    async def work(ide: Ide) -> Answer:
        assert not ide.can("vfs-add")
        return await ide.push("module M\n", 1, 0, 20.0)

    program = fstar(tmp_path, [push("module M\n", 1)], greeting='{"kind": "protocol-info", "rest": "[...]"}')
    assert talk(program, work).accepted


def test_one_that_cannot_push_is_refused(tmp_path):
    greeting = '{"kind": "protocol-info", "version": 9, "features": ["full-buffer"]}'
    with pytest.raises(BackendError, match="push and pop"):
        talk(fstar(tmp_path, [], greeting=greeting), lambda ide: asyncio.sleep(0))


@pytest.mark.parametrize("greeting", ['{"kind": "response"}', '{"version": 2}'])
def test_anything_else_than_a_greeting_is_refused(tmp_path, greeting):
    with pytest.raises(BackendCrashed, match="protocol-info"):
        talk(fstar(tmp_path, [], greeting=greeting), lambda ide: asyncio.sleep(0))


def test_lines_that_are_no_json_and_messages_are_passed_over(tmp_path):
    noise = [
        "TAC>> proof state",
        "{not json}",
        "[1, 2]",
        '{"kind": "message", "level": "progress", "contents": {}}',
        "",
    ]
    real = POP.replies[0]
    program = fstar(tmp_path, [type(POP)(POP.request, [*noise, real])])

    async def work(ide: Ide) -> Answer:
        return await ide.query("pop", {}, 20.0)

    assert talk(program, work).status == "success"


def test_an_answer_to_another_query_ends_it(tmp_path):
    program = fstar(tmp_path, [type(POP)(POP.request, ["[]", '{"kind":"response","status":"success"}'])])

    async def work(ide: Ide) -> Answer:
        return await ide.query("pop", {}, 20.0)

    with pytest.raises(BackendCrashed, match="not asked"):
        talk(program, work)


def test_a_program_that_is_missing(tmp_path):
    with pytest.raises(BackendMissing):
        talk(tmp_path / "fstar.exe", lambda ide: asyncio.sleep(0))


def test_issues_of_all_versions():
    found = issue({"level": "error", "number": 19, "message": "m", "ranges": []})
    assert found is not None
    assert (found.number, found.line, found.wrong) == (19, 0, True)
    old = issue({"level": "warning", "message": "m", "ranges": [{"fname": "f", "beg": [3, 4], "end": [3, 5]}]})
    assert old is not None
    assert (old.number, old.file, old.line, old.column, old.wrong) == (None, "f", 3, 4, False)
    assert issue(["completion"]) is None
    odd = issue({"level": "catastrophe", "message": ["not", "text"]})
    assert odd is not None
    assert odd.wrong


@pytest.mark.parametrize("number", [240, 272, 296, 335])
def test_warnings_of_what_is_taken_for_granted(number):
    warned = {"level": "warning", "number": number, "message": "", "ranges": []}
    answer = understand({"kind": "response", "status": "success", "response": [warned]})
    assert answer.accepted
    assert answer.granted
    assert not understand({"status": "success", "response": [{**warned, "number": 241}]}).granted


@pytest.mark.parametrize("status", ["", None, 1, "fine"])
def test_an_answer_needs_a_status(status):
    with pytest.raises(BackendCrashed):
        understand({"kind": "response", "status": status, "response": []})


def test_an_unusual_answer_is_no_success():
    assert not understand({"status": "failure", "response": "Current module unset"}).accepted
    assert understand({"status": "failure", "response": "Current module unset"}).error == "Current module unset"
    assert not understand({"status": "protocol-violation", "response": None}).accepted
    bad = understand({"status": "success", "response": [error("wrong inside")]})
    assert (bad.accepted, bad.pushed, bad.error) == (False, True, "wrong inside")
    assert not understand({"status": "success", "response": [{"level": "not-implemented", "message": "?"}]}).accepted


def test_large_fragments_and_answers_pass(tmp_path):
    code = "let x = " + "(1 + " * 40_000 + "1" + ")" * 40_000 + "\n"
    warnings = [{"level": "warning", "message": "w" * 1000, "ranges": []}] * 500
    program = fstar(tmp_path, [push(code, 1, *warnings)])

    async def work(ide: Ide) -> Answer:
        return await ide.push(code, 1, 0, 20.0)

    answer = talk(program, work)
    assert answer.accepted
    assert len(answer.issues) == 500
    assert json.loads(exchange("pop", {}, None).replies[0])["status"] == "success"


@pytest.mark.fstar
@pytest.mark.skipif(shutil.which("fstar.exe") is None, reason="fstar.exe is not installed")
@needs_fixtures
@pytest.mark.parametrize("name", ["backtracking.refinements", "integration.push-pop", "minimal.push-pop"])
def test_the_real_fstar_accepts_and_refuses_what_it_did(tmp_path, name):
    module = requests(name)[0]["args"]["code"].split()[1]
    (tmp_path / f"{module}.fst").write_text(f"module {module}\n")

    async def run() -> dict[str, Answer]:
        async with Supervisor() as supervisor:
            command = ["fstar.exe", "--ide", f"{module}.fst"]
            ide = await Ide.start(supervisor, command, tmp_path, Limits(None, None, 6 << 30), 120.0)
            try:
                return await ask_all(name)(ide)
            finally:
                await ide.close()

    answers, recorded = asyncio.run(run()), answered(name)
    for request in requests(name):
        if request["query"] in ("push", "pop"):
            assert answers[request["query-id"]].status == recorded[request["query-id"]]["status"], request
