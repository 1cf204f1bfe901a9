"""Proofs of one file, replayed, teach the k-NN prover to prove those of another; never its own."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy", reason="numpy is not installed")

from checkers.coq import installation
from checkers.process import Supervisor
from corpora.coq import replay

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")

DEFINED = """\
Fixpoint {name} (n : nat) : nat := match n with O => O | S m => {step} end.
"""
KNOWN = (
    DEFINED.format(name="pairs", step="S (S (pairs m))")
    + """\
Lemma pairs_spec : forall k, pairs k = k + k.
Proof.
  intros k. induction k as [|k IHk].
  - reflexivity.
  - simpl. rewrite IHk. rewrite <- plus_n_Sm. reflexivity.
Qed.
"""
)
WANTED = (
    DEFINED.format(name="twice", step="S (S (twice m))")
    + """\
Lemma twice_spec : forall n, twice n = n + n.
Proof.
Admitted.
"""
)
OWN = """exact (fun n => nat_ind (fun n => twice n = n + n) eq_refl
    (fun n H => eq_trans (f_equal S (f_equal S H)) (f_equal S (plus_n_Sm n n))) n).
Qed.
"""


def records(path: Path) -> list[dict[str, Any]]:
    """Replay a file and write its steps down as `lemmata corpus extract` does."""

    async def work() -> list[dict[str, Any]]:
        async with Supervisor() as supervisor:
            return await replay.proofs(supervisor, installation.find(), path, path.parent)

    found = []
    for proof in asyncio.run(work()):
        name = proof["text"].split()[1]
        for index, (step, conclusion, hypotheses) in enumerate(proof["steps"]):
            place = {"file": path.name, "theorem": f"{path.stem}.{name}", "statement": proof["text"], "index": index}
            goal = {"goal": conclusion, "conclusion": conclusion, "hypotheses": hypotheses}
            found.append({"schema": "lemmata.step/1", "system": "coq", "step": step, **place, **goal})
    return found


def data_set(lemmata: Any, name: str, text: str) -> Path:
    lines = [json.dumps(record) for record in records(lemmata.write(name, text))]
    return lemmata.write(f"{name}.jsonl", "\n".join(lines))


def test_a_proof_is_carried_over_to_a_similar_theorem(lemmata: Any) -> None:
    taught = data_set(lemmata, "Known.v", KNOWN)
    lemmata.write("Wanted.v", WANTED)
    # A relative name is one of the folder in which the command was called.
    answer = lemmata("prove", "--prover", f"knn:{taught.name}", "--timeout", "30", "--json", "Wanted.v")
    (result,) = answer.document["results"]
    assert (answer.code, result["verdict"]) == (0, "proved"), answer.err
    assert set(result["stats"]["provers"]) == {f"knn:{taught.name}"}
    assert lemmata("replay", result["certificate"]).code == 0


def test_nothing_is_learnt_from_the_theorem_itself(lemmata: Any) -> None:
    taught = data_set(lemmata, "Own.v", WANTED.replace("Admitted.\n", OWN))
    renamed = taught.read_text().replace("Own.", "Other.").replace("twice_spec", "another")
    for name, text in (("a.jsonl", taught.read_text()), ("b.jsonl", renamed)):
        place = lemmata.write(name, text)
        lemmata.write("Own.v", WANTED)
        answer = lemmata("prove", "--prover", f"knn:{place}", "--timeout", "5", "--json", "Own.v")
        (result,) = answer.document["results"]
        assert (answer.code, result["verdict"]) == (3, "unknown")


def test_a_broken_data_set_is_told_before_any_work(lemmata: Any) -> None:
    lemmata.write("Wanted.v", WANTED)
    lemmata.write("broken.jsonl", '{"system": "coq", "step": "auto"}\n')
    answer = lemmata("prove", "--prover", "knn:broken.jsonl", "Wanted.v")
    assert answer.code == 2
    assert "broken.jsonl:1" in answer.err
    absent = lemmata("prove", "--prover", "knn:none.jsonl", "Wanted.v")
    assert (absent.code, "none.jsonl" in absent.err) == (2, True)
