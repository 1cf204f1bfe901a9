"""The `openai` prover over HTTP, against a server that behaves and one that does not."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import misbehaving_server as server
import pytest
from misbehaving_server import Exchange, Server
from neural_views import view

from checkers.process import Supervisor
from checkers.programs.checker import ProgramChecker
from lemmata.errors import LemmataError, UsageError
from lemmata.goal import GoalView
from lemmata.step import Proposal
from lemmata.verdict import Limits
from provers.neural.budget import Budget, Prices, Spent, from_environment, shared
from provers.neural.http import Endpoint
from provers.neural.openai import OpenaiProver

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
WRONG_AND_RIGHT = 'loop L1 invariant i > n;\nloop L1 invariant i <= n;\nloop L9 invariant i >= 0;\nsystem("rm -rf /");'
KEY = "sk-secret-0123456789"
TACTICS = '["intros n", "auto"]'


def prover(target: Server, model: str = "tiny#chat-coq", seconds: float = 20.0, **settings: Any) -> OpenaiProver:
    """Return a prover with little patience between attempts."""
    settings.setdefault("environment", {"LEMMATA_OPENAI_BASE_URL": target.url, "LEMMATA_OPENAI_API_KEY": KEY})
    made = OpenaiProver(model, **settings)
    made.call_seconds = seconds / 0.85
    made._endpoint._pause = 0.01
    return made


def ask(
    *manners: server.Manner, goals: Sequence[GoalView] = (), n: int = 8, times: int = 1, **settings: Any
) -> tuple[list[list[Proposal]], Server]:
    """Ask a server with these manners; return the last answer and the server."""

    async def go() -> tuple[list[list[Proposal]], Server]:
        async with Server(*manners) as target:
            asked = prover(target, **settings)
            try:
                for _ in range(times):
                    found = await asked.propose(goals or [view("coq")], n)
            finally:
                await asked.close()
            return found, target

    return asyncio.run(go())


def texts(found: list[Proposal]) -> list[str]:
    return [proposal.step.text for proposal in found]


def refused(*manners: server.Manner, **settings: Any) -> str:
    """Ask a server that gives nothing; return the message, after looking for secrets in all there is."""
    with pytest.raises(LemmataError) as caught:
        ask(*manners, **settings)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert KEY not in shown
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_model_is_asked_and_its_answers_are_proposed() -> None:
    (found,), target = ask(server.answers(TACTICS, '["auto", "lia"]'))
    assert set(texts(found)) == {"intros n", "auto", "lia"}
    (request,) = target.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body["model"] == "tiny"
    assert request.body["n"] == 2
    told = found[0].provenance
    assert told["model"] == "tiny"
    assert told["prompt"] == "chat-coq/1"
    assert told["sampling"]["temperature"] == 0.8
    assert told["prompt_tokens"] == 11
    assert told["log_probability_per_token"] == pytest.approx(-0.25)
    assert told["seed"] == 0
    assert all(proposal.log_probability <= 0 for proposal in found)


def test_a_base_model_completes_a_text_and_its_probabilities_count() -> None:
    (found,), target = ask(server.answers("simp", "ring_nf at h"), goals=[view("lean")], model="x#bfs-prover")
    assert target.requests[0].path == "/v1/completions"
    assert target.requests[0].body["prompt"] == "⊢ C:::"
    estimates = {proposal.step.text: proposal.log_probability for proposal in found}
    assert estimates == {"simp": pytest.approx(-0.25), "ring_nf at h": pytest.approx(-0.75)}


def test_a_server_without_completions_is_asked_by_chat() -> None:
    async def only_chat(exchange: Exchange) -> None:
        good = exchange.path.endswith("chat/completions")
        await (server.answers("simp") if good else server.fails(404))(exchange)

    (found,), target = ask(only_chat, goals=[view("lean")], model="x#reprover", times=2)
    assert texts(found) == ["simp"]
    assert [request.path for request in target.requests].count("/v1/completions") == 1


def test_a_server_that_gives_one_answer_is_asked_several_times() -> None:
    one = server.answers("simp", honours_n=False)
    (found,), target = ask(one, goals=[view("lean")], model="x#bfs-prover", n=5, times=2)
    assert texts(found) == ["simp"]
    assert len(target.requests) == 10
    assert len({request.body["seed"] for request in target.requests}) == 10
    assert [request.body.get("n", 1) for request in target.requests] == [5, *[1] * 9]


def test_a_stream_that_ends_with_its_answers_and_says_no_more_is_whole() -> None:
    """As `transformers serve` ends its streams; it also gives one answer only."""
    one = server.answers("simp", honours_n=False, done=False)
    (found,), target = ask(one, goals=[view("lean")], model="x#bfs-prover", n=5, times=2)
    assert texts(found) == ["simp"]
    assert [request.body.get("n", 1) for request in target.requests] == [5, *[1] * 9]


@pytest.mark.parametrize("problem", [{"message": f"no memory for {KEY}"}, None], ids=["json", "text"])
def test_an_error_within_a_stream_is_told(problem: dict[str, str] | None) -> None:
    count = 0

    async def breaks(exchange: Exchange) -> None:
        nonlocal count
        count += 1
        await exchange.head()
        caught = f'{{"error": "no "memory" for {KEY}"}}'.encode()
        await exchange.event({"error": problem} if problem else caught)

    told = refused(breaks)
    assert "failed at its answer" in told
    assert "memory" in told
    assert count == 3


def test_an_answer_that_is_no_stream_is_read_too() -> None:
    (found,), _ = ask(server.answers(TACTICS, stream=False))
    assert texts(found) == ["intros n", "auto"]


def test_settings_that_a_server_does_not_know_are_left_out() -> None:
    async def strict(exchange: Exchange) -> None:
        for name in ("stream_options", "logprobs", "seed"):
            if name in exchange.body:
                return await server.fails(400, f'{{"error": "unknown field {name}"}}')(exchange)
        if "max_tokens" in exchange.body:
            return await server.fails(400, "Use 'max_completion_tokens' instead.")(exchange)
        return await server.answers(TACTICS)(exchange)

    (found,), target = ask(strict, times=2)
    assert texts(found) == ["intros n", "auto"]
    assert target.requests[-1].body["max_completion_tokens"] == 1024
    assert len(target.requests) == 6


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_passing_errors_are_tried_again(status: int) -> None:
    (found,), target = ask(server.fails(status), server.fails(status), server.answers(TACTICS))
    assert texts(found) == ["intros n", "auto"]
    assert len(target.requests) == 3


def test_a_pause_that_the_server_asks_for_is_kept() -> None:
    times: list[float] = []

    async def timed(exchange: Exchange) -> None:
        times.append(asyncio.get_running_loop().time())
        again = server.fails(429, Retry_After="0.4") if len(times) == 1 else server.answers(TACTICS)
        await again(exchange)

    ask(timed)
    assert times[1] - times[0] >= 0.4


def test_a_pause_longer_than_the_call_is_not_waited_for() -> None:
    assert "429" in refused(server.fails(429, Retry_After="3600"))
    later = (datetime.now(UTC) + timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert "429" in refused(server.fails(429, Retry_After=later))
    (found,), _ = ask(server.fails(429, Retry_After="soon"), server.answers(TACTICS))
    assert found


@pytest.mark.parametrize("status", [401, 403, 418])
def test_other_errors_are_not_tried_again(status: int) -> None:
    async def counts(exchange: Exchange) -> None:
        assert len(exchange.server.requests) == 1
        await server.fails(status, f"bad key {KEY}\nX")(exchange)

    assert f"answered {status}: bad key *** X" in refused(counts)


def test_a_server_that_closes_without_an_answer() -> None:
    (found,), target = ask(server.closes, server.answers(TACTICS))
    assert found
    assert len(target.requests) == 2
    refused(server.closes)


def test_nobody_listens() -> None:
    async def go() -> None:
        async with Server(server.closes) as target:
            gone = prover(target)
        with pytest.raises(LemmataError, match=r"127\.0\.0\.1"):
            await gone.propose([view("coq")], 4)
        await gone.close()

    asyncio.run(go())


def test_of_a_stream_that_is_cut_off_what_is_whole_counts() -> None:
    (found,), _ = ask(server.cut(TACTICS, '["lia"'))
    assert texts(found) == ["intros n", "auto"]
    (found,), _ = ask(server.cut("simp", "rin"), goals=[view("lean")], model="x#leandojo-v2", n=2)
    assert texts(found) == ["simp"]


def test_garbage_gives_nothing_or_an_error() -> None:
    refused(server.garbage)


def test_of_a_slow_drip_what_is_whole_counts_in_time() -> None:
    (found,), target = ask(server.drips(TACTICS), seconds=0.6)
    assert texts(found) == ["intros n", "auto"]
    assert target.left.is_set() or target.requests
    assert "did not answer within" in refused(server.drips(""), seconds=0.4)


def test_an_answer_of_more_than_ten_megabytes_is_cut_off() -> None:
    (found,), _ = ask(server.endless(TACTICS), n=2)
    assert "intros n" in texts(found)
    assert "more than" in refused(server.endless("", events=False))


@pytest.mark.parametrize("kind", ["text/html", "", "application/octet-stream"])
def test_an_answer_of_another_type(kind: str) -> None:
    async def page(exchange: Exchange) -> None:
        await exchange.head(kind=kind)
        await exchange.send(b"<html>Log in here</html>")

    assert "did not answer with a completion" in refused(page)


@pytest.mark.parametrize(
    "value", ["[]", "{}", '{"choices": 3}', '{"choices": [{"message": null}]}', "[" * 100_000, "nul"]
)
def test_documents_that_are_no_completions(value: str) -> None:
    async def odd(exchange: Exchange) -> None:
        await exchange.head(kind="application/json")
        await exchange.send(value.encode())

    try:
        (found,), _ = ask(odd)
    except LemmataError:
        return
    assert found == []


def test_a_redirect_elsewhere_is_refused() -> None:
    async def go() -> None:
        async with Server(server.answers(TACTICS)) as elsewhere:
            for status in (301, 302, 307, 308):
                async with Server(server.fails(status, Location=f"{elsewhere.url}/chat/completions")) as target:
                    asked = prover(target)
                    with pytest.raises(LemmataError, match="redirects"):
                        await asked.propose([view("coq")], 2)
                    await asked.close()
            assert elsewhere.requests == []

    asyncio.run(go())


def test_a_compressed_answer_is_refused() -> None:
    async def bomb(exchange: Exchange) -> None:
        await exchange.head(Content_Encoding="gzip")
        await exchange.send(b"\x1f\x8b" + bytes(1000))

    assert "compressed" in refused(bomb)


def test_a_cancelled_call_closes_its_connection() -> None:
    async def go() -> None:
        async with Server(server.drips(TACTICS)) as target:
            asked = prover(target)
            call = asyncio.create_task(asked.propose([view("coq")], 2))
            await target.came.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await asyncio.wait_for(target.left.wait(), 10)
            await asked.close()

    asyncio.run(go())


def test_one_goal_without_an_answer_does_not_cost_the_others_theirs() -> None:
    async def picky(exchange: Exchange) -> None:
        bad = "unlucky" in str(exchange.body)
        await (server.fails(403) if bad else server.answers(TACTICS))(exchange)

    found, _ = ask(picky, goals=[view("coq", "unlucky"), view("coq", "lucky")])
    assert [len(group) for group in found] == [0, 2]


def test_goals_of_systems_without_a_format_are_not_asked_about() -> None:
    found, target = ask(server.answers(TACTICS), goals=[view("lean")])
    assert found == [[]]
    assert target.requests == []


def test_when_the_budget_is_spent_nothing_is_asked_and_that_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    budget = Budget(tokens=3000)
    found, target = ask(server.answers(TACTICS), budget=budget, times=100)
    assert found == [[]]
    assert 1 < len(target.requests) < 100
    assert budget.spent.tokens <= 3000
    assert [record.message for record in caplog.records if "budget" in record.message] == [
        "the budget for tiny is spent: it is not asked any more"
    ]


def test_money_is_counted(tmp_path: Path) -> None:
    account = tmp_path / "account"
    first = Budget(None, 0.01, Prices(1.0, 4.0), account)
    second = Budget(None, 0.01, Prices(1.0, 4.0), account)
    assert first.book(1000, 2000)
    assert not second.book(1000, 2000)
    first.correct((1000, 2000), (1000, 100))
    assert second.spent == Spent(1100, pytest.approx(0.0014))
    assert second.book(1000, 1500)
    account.write_text("nonsense", encoding="utf-8")
    assert not first.book(1, 0)
    endless = Budget()
    assert endless.book(1 << 40, 1 << 40)


def test_an_account_belongs_to_the_process_that_started_the_prover(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    file = shared("openai")
    assert file == shared("openai")
    assert Budget(10, None, None, file).book(4, 5)
    stale = file.with_name("999999999-1-openai.spent")
    stale.write_text("", encoding="utf-8")
    assert shared("openai") == file
    assert not stale.exists()
    assert not Budget(10, None, None, file).book(1, 1)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"LEMMATA_OPENAI_BASE_URL": "ftp://x"},
        {"LEMMATA_OPENAI_BASE_URL": "http://user:" + KEY + "@x/v1"},
        {"LEMMATA_OPENAI_BASE_URL": "http://x/v1?key=" + KEY},
        {"LEMMATA_OPENAI_BASE_URL": "http://[x/v1"},
        {"LEMMATA_OPENAI_BASE_URL": "http://x", "LEMMATA_OPENAI_API_KEY": KEY + "\n2"},
        {"LEMMATA_OPENAI_BASE_URL": "http://x", "LEMMATA_OPENAI_BUDGET_USD": "1"},
        {"LEMMATA_OPENAI_BASE_URL": "http://x", "LEMMATA_OPENAI_BUDGET_TOKENS": "many"},
    ],
)
def test_settings_that_make_no_sense_are_usage_errors(settings: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        OpenaiProver("tiny", environment=settings)
    assert KEY not in str(caught.value)


def test_the_model_is_needed_and_its_format_must_exist() -> None:
    for model in ("", "#chat-coq", "tiny#nothing"):
        with pytest.raises(UsageError):
            OpenaiProver(model, environment={"LEMMATA_OPENAI_BASE_URL": "http://x"})


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEMMATA_OPENAI_BASE_URL", "http://localhost:1/v1")
    monkeypatch.setenv("LEMMATA_OPENAI_API_KEY", KEY)
    made = OpenaiProver("tiny")
    assert KEY not in f"{made!r} {made} {made._endpoint!r}"
    assert set(made.variables) >= {"LEMMATA_OPENAI_BASE_URL", "LEMMATA_OPENAI_API_KEY"}
    assert made.configured


def test_proxies_are_not_used_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    (found,), _ = ask(server.answers(TACTICS))
    assert found


def test_budget_settings_are_read() -> None:
    given = {"X_BUDGET_TOKENS": "1e3", "X_BUDGET_USD": "0.5", "X_PRICE_PROMPT": "1", "X_PRICE_COMPLETION": "2"}
    assert from_environment("X", given).book(500, 500)
    assert not from_environment("X", given).book(500, 501)


def test_an_endpoint_says_where_it_is_and_no_more() -> None:
    assert repr(Endpoint("https://api.example.com/v1/", KEY)) == "Endpoint('api.example.com')"


def test_invariants_of_a_model_prove_a_program_and_wrong_ones_do_not() -> None:
    async def go() -> list[str]:
        async with Server(server.answers(WRONG_AND_RIGHT), server.answers("loop L1 invariant i > 7;")) as target:
            asked = prover(target, "some-chat-model")
            seen = []
            async with Supervisor() as supervisor:
                checker = ProgramChecker(supervisor)
                (obligation,) = await checker.obligations(EXAMPLES / "programs" / "counter.c", {})
                session = await checker.open(obligation, Limits())
                try:
                    for _ in range(2):
                        shown = GoalView(session.root.goal, obligation, context=session.context)
                        ((proposal, *_),) = await asked.propose([shown], 4)
                        outcome = await session.apply(session.root, proposal.step, Limits())
                        seen.append(type(outcome).__name__)
                finally:
                    await session.close()
            assert "/* loop L1 */ while" in target.requests[0].body["messages"][1]["content"]
            await asked.close()
            return seen

    assert asyncio.run(go()) == ["Closed", "Rejected"]


def test_a_key_that_the_server_repeats_goes_no_further() -> None:
    answer = f'["idtac \\"{KEY}\\"", "pose (k := {KEY[:-2]})", "intros n"]'
    found, _ = ask(server.answers(answer, system_fingerprint=KEY, model=KEY))
    assert "intros n" in [proposal.step.text for proposal in found[0]]
    assert "secret" not in repr(found)
