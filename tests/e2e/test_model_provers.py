"""A chat model behind an HTTP API as a prover of the real command: it may help, and it can do no harm."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer

pytest.importorskip("httpx", reason="httpx is not installed")

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")
PROGRAMS = Path(__file__).parents[2] / "examples" / "programs"
KEY = "sk-no-one-may-read-this-0123456789"
ALONE = ("--prover", "openai:chat")

COQ = """\
Require Import Arith Lia.

Theorem squares : forall a b : nat, (a + b) * (a + b) = a * a + 2 * a * b + b * b.
Proof.
Admitted.

Theorem bounded : forall a b c : nat, a <= b -> 2 * a + c <= b + b + c + a.
Proof.
Admitted.
"""
# By what the goal says: tactics that fail, that are none, that lead nowhere, and one that proves it.
TACTICS = {
    "(a + b) * (a + b)": ["omega_or_so", "apply Nat.le_trans", "admit", "auto. Abort All", "intros; ring"],
    "n * n = 1849": ["exists 42; reflexivity", "exists 43; reflexivity"],
    "2 * a + c <= b": ["reflexivity", "Qed", "rewrite nothing_at_all", "intros; ring", "intros; lia"],
}
PROOF = "```coq\nProof.\n  intros.\n  exact I.\nQed.\n```"

# The invariants that a careless reader finds plausible, what the refusal has to say, and the right ones.
INVARIANTS = {
    "counter": (["i < n"], ["L1: i < n", "establishes fails"], ["i > n", "i <= n"]),
    "parity": (
        ["x % 4 == 0", "x > 0"],
        ["x % 4 == 0", "preserves fails", "for example where x = ", "Last counterexample (preserves): x = "],
        ["x % 2 == 0"],
    ),
    "subtract": (["a > b"], ["L1: a > b", "establishes fails"], ["a >= 1", "b >= 1", "a == b"]),
}
FALSE = """\
#include <assert.h>
int unknown_int(void);
int main(void)
{
    int i = 0;
    while (unknown_int()) {
        i = i + 3;
    }
    assert(i != 7 * 3);
    return 0;
}
"""
LIES = ["loop L1 invariant i != 21;\nloop L1 invariant 0 == 1;\nloop L1 invariant i == 0;", "true; assume false", "i++"]


# It needs an idea that only the model has, however quick the others are.
ROOT = "\nTheorem root : exists n, n * n = 1849.\nProof.\nAdmitted.\n"


def tactics(prompt: str) -> str:
    """Answer from the table; where a whole proof is wanted, with a wrong one."""
    if "`Proof.` to `Qed.`" in prompt:
        return PROOF
    goal = prompt.rpartition("The goal:")[2]
    return json.dumps(next((known for part, known in TACTICS.items() if part in goal), ["auto", "split"]))


def clauses(found: list[str]) -> str:
    return "".join(f"loop L1 invariant {clause};\n" for clause in found)


@pytest.fixture
def serving(lemmata: Any) -> Callable[..., ChatServer]:
    """Make a server that the command knows of, and that wants the key."""

    def made(answer: Callable[[str], str], **settings: Any) -> ChatServer:
        server = ChatServer(answer, KEY, **settings)
        lemmata.environment |= {"LEMMATA_OPENAI_BASE_URL": server.url, "LEMMATA_OPENAI_API_KEY": KEY}
        return server

    return made


def results(answer: Any) -> dict[str, Any]:
    return {result["obligation"]: result for result in answer.document["results"]}


def nothing_leaked(lemmata: Any, answer: Any) -> None:
    """Read every file that was written, the store among them, and what was said."""
    assert KEY not in answer.out + answer.err
    files = [path for path in lemmata.folder.rglob("*") if path.is_file() and not path.is_symlink()]
    written = {path: path.read_bytes() for path in files}
    assert [path for path, content in written.items() if KEY.encode() in content] == []
    # The store is among them, and readable so: otherwise this would say nothing.
    assert [path for path, content in written.items() if content[:6] == b"SQLite" and b"openai:chat" in content]


@needs_coq
def test_a_model_proves_what_the_others_cannot(lemmata: Any, serving: Any) -> None:
    lemmata.write("A.v", COQ)
    with serving(tactics) as server:
        answer = lemmata("prove", "--json", "-t", "40", "--prover", "premises-bm25", *ALONE, "A.v", "--out", "proofs")
    found = results(answer)
    assert {name: result["verdict"] for name, result in found.items()} == {"squares": "proved", "bounded": "proved"}
    assert answer.code == 0
    assert set(server.keys) == {KEY}
    (step,) = found["squares"]["proof"]["steps"]
    assert (step["text"], step["prover"]) == ("intros; ring", "openai:chat")
    certificate = json.loads((lemmata.folder / found["squares"]["certificate"]).read_text())
    (node,) = certificate["graph"]["steps"]
    assert "openai:chat" in certificate["provenance"]["provers"]
    for told in (step, node):
        assert (told["provenance"]["model"], told["provenance"]["revision"]) == ("chat", "fp-1")
        assert told["provenance"]["prompt"].startswith("chat-coq/")
    assert lemmata("replay", found["squares"]["certificate"]).code == 0
    nothing_leaked(lemmata, answer)


@needs_coq
def test_three_kinds_of_provers_take_part(lemmata: Any, serving: Any) -> None:
    lemmata.write("A.v", COQ + ROOT)
    asked = ("--prover", "symbolic", "--prover", "premises-bm25", *ALONE)
    with serving(tactics) as server:
        answer = lemmata("prove", "--json", "-t", "40", *asked, "A.v")
    assert {result["verdict"] for result in results(answer).values()} == {"proved"}
    assert answer.code == 0
    assert server.prompts
    assert [step["prover"] for step in results(answer)["root"]["proof"]["steps"]] == ["openai:chat"]
    took_part = {name for result in results(answer).values() for name in result["stats"]["provers"]}
    assert took_part >= {"openai:chat", "premises-bm25", "coq-tactics"}
    nothing_leaked(lemmata, answer)


@needs_coq
@pytest.mark.parametrize("others", [("symbolic", "premises-bm25"), ("premises-bm25",), ()], ids=len)
def test_a_server_that_dies_takes_only_its_proposals_along(lemmata: Any, serving: Any, others: tuple[str, ...]) -> None:
    lemmata.write("A.v", COQ + ROOT * ("symbolic" in others))
    asked = [word for name in others for word in ("--prover", name)]
    with serving(lambda prompt: PROOF, dies_after=1) as server:
        answer = lemmata("prove", "--json", "-t", "9", *asked, *ALONE, "A.v")
    assert len(server.prompts) == 1
    assert server.refused
    verdicts = [result["verdict"] for result in results(answer).values()]
    expected = ["proved", "proved", "unknown"] if "symbolic" in others else ["unknown", "unknown"]
    assert (answer.code, verdicts) == (3, expected)
    nothing_leaked(lemmata, answer)


@pytest.mark.parametrize("name", sorted(INVARIANTS))
def test_wrong_invariants_are_repaired_from_what_was_wrong(lemmata: Any, serving: Any, name: str) -> None:
    wrong, told, right = INVARIANTS[name]
    source = lemmata.write(f"{name}.c", (PROGRAMS / f"{name}.c").read_bytes())

    def model(prompt: str) -> str:
        return clauses(right if all(part in prompt for part in told) else wrong)

    with serving(model) as server:
        answer = lemmata("prove", "--json", "-t", "30", *ALONE, source)
    (result,) = results(answer).values()
    assert (answer.code, result["verdict"]) == (0, "proved"), server.prompts[-1]
    assert len(server.prompts) > 1
    assert "refused" not in server.prompts[0]
    kept = [part for step in result["proof"]["steps"] for part in step["parts"]]
    assert {part["prover"] for part in kept} == {"openai:chat"}
    assert {part["text"] for part in kept} <= set(right)
    origin = json.loads((lemmata.folder / result["certificate"]).read_text())["provenance"]
    assert (origin["provers"], origin["model"]) == (["openai:chat"], "chat")
    assert lemmata("replay", result["certificate"]).code == 0
    nothing_leaked(lemmata, answer)


def test_no_lie_proves_a_false_assertion(lemmata: Any, serving: Any) -> None:
    lemmata.write("false.c", FALSE)
    with serving(lambda prompt: LIES[len(prompt) % len(LIES)]) as server:
        answer = lemmata("prove", "--json", "-t", "8", *ALONE, "false.c")
    (result,) = results(answer).values()
    assert server.prompts
    assert (answer.code, result["verdict"]) in ((1, "disproved"), (3, "unknown"))
    assert result["proof"] is None
    nothing_leaked(lemmata, answer)


def test_a_key_that_the_server_repeats_stays_hidden(lemmata: Any, serving: Any) -> None:
    source = lemmata.write("counter.c", (PROGRAMS / "counter.c").read_bytes())
    with serving(lambda prompt: "") as server:
        # It says what it was sent.
        server.key = "another"
        answer = lemmata("prove", "-t", "8", *ALONE, source)
    assert server.keys[0] == KEY
    assert answer.code == 3
    nothing_leaked(lemmata, answer)


def test_a_key_in_a_model_s_answer_stays_hidden(lemmata: Any, serving: Any) -> None:
    source = lemmata.write("counter.c", (PROGRAMS / "counter.c").read_bytes())
    with serving(lambda prompt: f"loop L1 invariant i <= n; /* {KEY} */\nloop {KEY} invariant 1;"):
        answer = lemmata("prove", "--json", "-t", "20", *ALONE, source)
    assert [result["verdict"] for result in results(answer).values()] == ["proved"]
    nothing_leaked(lemmata, answer)


@needs_coq
def test_a_key_in_a_tactic_stays_hidden(lemmata: Any, serving: Any) -> None:
    source = lemmata.write("squares.v", COQ)
    steps = [f'idtac "{KEY}"', f"exact {KEY[:-2].replace('-', '_')}", f'assert ("{KEY.upper()}" = "a")', "intros; ring"]
    with serving(lambda prompt: json.dumps(steps)):
        answer = lemmata("prove", "--json", "-t", "10", *ALONE, f"{source}:squares")
    assert results(answer)["squares"]["verdict"] == "proved"
    assert KEY[:-2].replace("-", "_") not in answer.out + answer.err
    nothing_leaked(lemmata, answer)


@pytest.mark.parametrize(
    ("prover", "url", "message"),
    [
        ("openai:chat", "", "LEMMATA_OPENAI_BASE_URL is not set"),
        ("openai:chat", "ftp://somewhere", "LEMMATA_OPENAI_BASE_URL is no URL"),
        ("openai:chat#nothing", "http://127.0.0.1:1/v1", "there is no prompt format"),
        ("transformers:/no/such/folder", "", "there is no model in /no/such/folder"),
        ("transformers:.", "", "there is no model in"),
    ],
)
def test_a_model_that_cannot_be_meant_is_told_of_before_any_work(
    lemmata: Any, prover: str, url: str, message: str
) -> None:
    source = lemmata.write("counter.c", (PROGRAMS / "counter.c").read_bytes())
    lemmata.environment |= {"LEMMATA_OPENAI_BASE_URL": url}
    answer = lemmata("prove", "-t", "60", "--prover", prover, source)
    assert (answer.code, answer.out) in ((2, ""), (4, ""))
    assert message in answer.err or "not installed here" in answer.err


def test_a_model_that_does_not_answer_is_told_of(lemmata: Any) -> None:
    program = lemmata.write("counter.c", (PROGRAMS / "counter.c").read_bytes())
    lemmata.environment |= {"LEMMATA_OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    answer = lemmata("prove", "--json", "-t", "9", *ALONE, program)
    assert answer.code == 3
    assert "prover openai:chat" in answer.err
    assert "127.0.0.1:9: ConnectError" in answer.err
    said = results(answer)["main"]["stats"]["provers"]["openai:chat"]
    assert said["failures"] >= 1
    assert "ConnectError" in said["message"]
