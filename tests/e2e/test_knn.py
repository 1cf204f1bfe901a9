"""Proofs of one file, replayed, teach the k-NN prover to prove those of another; never its own."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy", reason="numpy is not installed")

from lemmata.api import load_settings
from lemmata.plugins.wiring import Workbench
from provers.retrieval.knn import examples
from provers.retrieval.knn.features import features

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


def data_set(lemmata: Any, name: str, text: str) -> Path:
    lemmata.write(name, text)
    out = f"{name}.data"
    assert lemmata("corpus", "extract", "coq", name, "--out", out, "--quiet").code == 0
    (lemmata.folder / name).unlink()
    return Path(lemmata.folder / out / "data.jsonl")


def session_goal(path: Path) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the root of a search on the only theorem of a file, as the k-NN prover is told of it."""

    async def work() -> Any:
        async with Workbench(load_settings({"provers": "symbolic"})) as bench:
            checker = bench.checker("coq")
            (obligation,) = await checker.obligations(path, {})
            session = await checker.open(obligation, bench.limits(60.0))
            try:
                return session.root.goal.details
            finally:
                await session.close()

    details = asyncio.run(work())
    return details["plain"], examples.hypotheses_of(details["hypotheses"])


def test_a_proof_is_carried_over_to_a_similar_theorem(lemmata: Any) -> None:
    taught = data_set(lemmata, "Known.v", KNOWN)
    lemmata.write("Wanted.v", WANTED)
    # A relative name is one of the folder in which the command was called.
    answer = lemmata(
        "prove", "--prover", f"knn:{taught.relative_to(lemmata.folder)}", "--timeout", "30", "--json", "Wanted.v"
    )
    (result,) = answer.document["results"]
    assert (answer.code, result["verdict"]) == (0, "proved"), answer.err
    assert set(result["stats"]["provers"]) == {f"knn:{taught.relative_to(lemmata.folder)}"}
    assert lemmata("replay", result["certificate"]).code == 0


def test_a_recorded_goal_has_the_features_of_the_same_goal_in_a_search(lemmata: Any) -> None:
    """What is recorded and what is searched for is compared in one form, whatever notations there are."""
    (first, *_) = examples.examples(data_set(lemmata, "Known.v", KNOWN))
    assert first.theorem == "Known.pairs_spec"
    same = KNOWN.partition("Proof.")[0] + "Proof.\nAdmitted.\n"
    seen = session_goal(lemmata.write("Known.v", same))
    assert features(first.conclusion, first.hypotheses) == features(*seen)
    assert {"eq", "add", "pairs"} <= features(*seen)


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
