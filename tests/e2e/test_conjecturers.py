"""A chat model that makes conjectures for the real command: what it says is decided, never believed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer

pytest.importorskip("httpx", reason="httpx is not installed")
pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")

KEY = "sk-no-one-may-read-this-0123456789"
LIBRARY = """\
Require Import PeanoNat Lia.

(* Everything is about this. *)
Definition twice (n : nat) := n + n.

Lemma twice_mul : forall n, twice n = 2 * n.
Proof. unfold twice. intros n. lia. Qed.
"""
MORE = """
Section Sums.
  Variable k : nat.

  Lemma twice_le : forall n, n <= k -> twice n <= twice k.
  Proof. unfold twice. intros n L. lia. Qed.
End Sums.

Lemma twice_pos : forall n, 0 < n -> 0 < twice n.
Proof. unfold twice. intros n L. lia. Qed.

Lemma twice_lt : forall n, 0 < n -> n < twice n.
Proof. unfold twice. intros n L. lia. Qed.
"""
TRUE = "forall n m, twice (n + m) = twice n + twice m"
FALSE = "forall n : nat, twice n = S n"
RESTATED = ("forall k : nat, twice k = 2 * k", "forall k, 2 * k = twice k")
NO_TERMS = (
    "True. Axiom oops : False. Lemma x : True",
    "True. Admitted. Lemma x : False",
    "True) (True",
    "(True",
    'forall s, s = "never closed',
    "ltac:(repeat idtac)",
    "forall n, n \u200b= n",
    "(" * 5000,
    "forall n, " + "twice (" * 2000 + "n" + ")" * 2000 + " = 0",
)
NONSENSE = (
    "Axiom oops : False",
    "True := I",
    "forall n, thrice n = 3 * n",
    "3",
    "nat",
    "twice",
    "* n",
    "forall n, _ = ?m",
    "Here are some more that I like",
    "exists ∃ ∀ λ, 😀",
)


@pytest.fixture
def serving(lemmata: Any) -> Callable[..., ChatServer]:
    """Make a server that the command knows of, and that wants the key."""

    def made(answer: Callable[[str], str], **settings: Any) -> ChatServer:
        server = ChatServer(answer, KEY, **settings)
        lemmata.environment |= {"LEMMATA_OPENAI_BASE_URL": server.url, "LEMMATA_OPENAI_API_KEY": KEY}
        return server

    return made


def library(lemmata: Any, text: str = LIBRARY) -> Path:
    lemmata.write("_CoqProject", "-Q . Own\n")
    path: Path = lemmata.write("Twice.v", text)
    command = ["coqc", "-Q", str(path.parent), "Own", str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return path


def conjectures(lemmata: Any, path: Path, *more: str) -> Any:
    asked = ("--provers", "symbolic", "--json", "-t", "6", "--out", "out", *more)
    answer = lemmata("corpus", "conjecture", "coq", path, *asked)
    files = [found for found in lemmata.folder.rglob("*") if found.is_file() and not found.is_symlink()]
    assert KEY not in answer.out + answer.err
    assert [found for found in files if KEY.encode() in found.read_bytes()] == []
    return answer


def records(lemmata: Any, name: str = "data.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (lemmata.folder / "out" / name).read_text().splitlines()]


def test_what_a_model_states_is_decided(lemmata: Any, serving: Any) -> None:
    path = library(lemmata)
    said = json.dumps([*NO_TERMS, *RESTATED, *NONSENSE, FALSE, TRUE])
    # There is nothing else to do once two conjectures are decided.
    with serving(lambda prompt: f"Sure.\n```json\n{said}\n```") as server:
        answer = conjectures(lemmata, path, "--conjecturer", "openai:chat", "--most", "2")
    assert answer.code == 0, answer.err
    (prompt,) = server.prompts
    assert "Definition twice (n : nat) := n + n." in prompt
    assert "Lemma twice_mul : forall n, twice n = 2 * n." in prompt
    assert "⊢ forall n : nat, twice n = 2 * n" in prompt
    assert "unfold twice" not in prompt

    counts = answer.document["counts"]
    assert counts["statements of openai:chat"] == len([*NO_TERMS, *RESTATED, *NONSENSE, FALSE, TRUE])
    assert counts["dropped: not one term"] == len(NO_TERMS)
    assert counts["dropped: makes no sense"] == len(NONSENSE)
    assert counts["dropped: known"] == 1
    assert counts["dropped: says what a theorem says that it is made from"] == 1
    assert (counts["proved: model"], counts["disproved: model"]) == (1, 1)
    found = {one["label"]: one for one in records(lemmata)}
    assert found["proved"]["statement"].endswith("forall n m : nat, twice (n + m) = twice n + twice m.")
    assert found["disproved"]["statement"].endswith("~ (forall n : nat, twice n = S n).")
    for one in found.values():
        origin = one["origin"]
        assert (origin["rule"], origin["from"]) == ("model", ["Own.Twice.twice_mul"])
        assert (origin["conjecturer"], origin["revision"]) == ("openai:chat", "fp-1")
        assert origin["prompt"].startswith("chat-coq-conjectures/")
        lone = lemmata.write("lone.v", "".join([one["header"], one["statement"], "\n", one["proof"], "\n"]))
        command = ["coqc", "-Q", str(path.parent), "Own", str(lone)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert "with a model" in (lemmata.folder / "out" / "README.md").read_text()

    # It is finished: nobody is asked again, and without the model it would be another stage.
    again = conjectures(lemmata, path, "--conjecturer", "openai:chat", "--most", "2")
    assert (again.code, again.document["digest"]) == (0, answer.document["digest"])
    other = conjectures(lemmata, path, "--most", "2")
    assert other.code == 2
    assert "conjecturers" in other.err
    assert len(server.prompts) == 1


def test_a_model_that_fails_costs_only_its_own_guesses(lemmata: Any, serving: Any) -> None:
    path = library(lemmata, LIBRARY + MORE)
    with serving(lambda prompt: "") as server:
        # It says what key it was sent.
        server.key = "another"
        answer = conjectures(lemmata, path, "--conjecturer", "openai:chat", "--most", "1")
    assert answer.code == 0
    # Four theorems, and after three questions in vain there is no fourth.
    assert len(server.prompts) == 3
    (failure,) = records(lemmata, "failures.jsonl")
    assert (failure["item"], failure["reason"]) == ("openai:chat", "a conjecturer did not answer")
    assert "401" in failure["detail"]
    assert answer.document["counts"]["theorems about which openai:chat said nothing"] == 3
    assert answer.document["counts"]["theorems"] == 4
    assert records(lemmata)
    assert all("conjecturer" not in one["origin"] for one in records(lemmata))


def test_a_server_that_dies_takes_only_its_own_guesses_along(lemmata: Any, serving: Any) -> None:
    path = library(lemmata, LIBRARY + MORE)

    def answer_and_die(prompt: str) -> str:
        server.close()
        return f"```coq\nLemma twice_add : {TRUE}.\n```"

    with serving(answer_and_die) as server:
        answer = conjectures(lemmata, path, "--conjecturer", "openai:chat", "--most", "1")
    assert answer.code == 0
    assert len(server.prompts) == 1
    (failure,) = records(lemmata, "failures.jsonl")
    assert (failure["item"], failure["reason"]) == ("openai:chat", "a conjecturer did not answer")
    assert "ConnectError" in failure["detail"]
    kept = [(one["origin"]["rule"], one["label"]) for one in records(lemmata)]
    assert kept.count(("model", "proved")) == 1
    assert len(kept) > 1


def test_garbage_costs_only_itself(lemmata: Any, serving: Any) -> None:
    path = library(lemmata)
    garbage = ["```coq\nQed.\n", "\n".join(f"Lemma l{i} : False /\\ {i}. Admitted." for i in range(500)), "```"]
    with serving(lambda prompt: "".join(garbage)):
        answer = conjectures(lemmata, path, "--conjecturer", "openai:chat", "--most", "1")
    assert answer.code == 0
    assert answer.document["counts"]["statements of openai:chat"] == 64
    assert answer.document["counts"]["dropped: makes no sense"] >= 64
    assert records(lemmata)
    assert all("conjecturer" not in one["origin"] for one in records(lemmata))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("openai:chat", "LEMMATA_OPENAI_BASE_URL is not set"),
        ("openai:chat#chat-coq", "does not ask for conjectures"),
        ("coq-tactics", "makes no conjectures"),
        ("local:models", "there is no prover 'local'"),
        ("transformers:/no/such/folder", "there is no model in /no/such/folder"),
    ],
)
def test_who_makes_no_conjectures_is_told_of_before_any_work(lemmata: Any, name: str, message: str) -> None:
    path = library(lemmata)
    url = "" if "not set" in message else "http://127.0.0.1:9/v1"
    lemmata.environment |= {"LEMMATA_OPENAI_BASE_URL": url}
    answer = lemmata("corpus", "conjecture", "coq", path, "--out", "out", "--conjecturer", name)
    assert answer.code in (2, 4)
    assert message in answer.err or "not installed here" in answer.err
    assert not (lemmata.folder / "out").exists()
