"""A chat model writes a blueprint with a false lemma, is told so, and the search proves the lemma of the next one."""

from __future__ import annotations

import json
import shutil

import pytest
from chat_server import ChatServer

pytest.importorskip("httpx", reason="httpx is not installed")
pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")

SOURCE = """\
Require Import List Lia.
Import ListNotations.

Fixpoint total (l : list nat) : nat := match l with [] => 0 | x :: r => x + total r end.
Fixpoint running (l : list nat) (sum : nat) : nat := match l with [] => sum | x :: r => running r (x + sum) end.

Theorem running_total (l : list nat) : running l 0 = total l.
Proof.
Admitted.
"""
FALSE = """```coq
Lemma anyway (l : list nat) (sum : nat) : running l sum = total l.
Proof. (* uses: *) Admitted.

Theorem running_total (l : list nat) : running l 0 = total l.
Proof. (* uses: anyway *) apply anyway. Qed.
```"""
RIGHT = """```coq
Lemma shifted (l : list nat) (sum : nat) : running l sum = total l + sum.
Proof. (* uses: *)
  revert sum. induction l as [|x l again].
  - admit.
  - intros sum. simpl. rewrite again. admit.
Admitted.

Theorem running_total (l : list nat) : running l 0 = total l.
Proof. (* uses: shifted *)
  rewrite shifted.
  lia.
Qed.
```"""


def architect(prompt: str) -> str:
    """Write blueprints only; a better one where the first turned out to be wrong."""
    if "graph of lemmas" not in prompt:
        return "I do not know."
    return RIGHT if "anyway is false" in prompt else FALSE


def test_a_blueprint_is_repaired_and_its_lemma_proved_by_the_search(lemmata) -> None:
    lemmata.write("Running.v", SOURCE)
    with ChatServer(architect) as server:
        lemmata.environment |= {"LEMMATA_OPENAI_BASE_URL": server.url}
        asked = ("--prover", "symbolic", "--prover", "openai:chat")
        answer = lemmata("prove", "--json", "--timeout", "60", *asked, "Running.v", "--out", "proofs")
    (result,) = answer.document["results"]
    assert result["verdict"] == "proved", (result["reason"], server.prompts[-1])
    steps = {step["text"]: step["prover"] for step in result["proof"]["steps"]}
    (plan,) = [text for text in steps if text.startswith("assert (shifted : forall (l : list nat) (sum : nat), ")]
    assert steps[plan] == steps["rewrite shifted"] == "openai:chat"
    # Its holes were closed by others.
    assert {prover for prover in steps.values() if prover != "openai:chat"}
    repaired = [prompt for prompt in server.prompts if "anyway is false for l := nil, sum := 1" in prompt]
    assert repaired
    assert "anyway : forall (l : list nat) (sum : nat), running l sum = total l" in repaired[0]
    certificate = json.loads((lemmata.folder / result["certificate"]).read_text())
    assert certificate["provenance"]["model"] == "chat"
    assert lemmata("replay", result["certificate"]).code == 0
