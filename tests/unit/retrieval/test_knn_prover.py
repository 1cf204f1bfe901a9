"""The k-NN prover: what it proposes, in which order, and what it learns on the way."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy", reason="numpy is not installed")

from lemmata.errors import UsageError
from lemmata.goal import Goal, GoalView, Location, Obligation
from lemmata.step import Proposal, Step
from provers.retrieval.cache import Cache
from provers.retrieval.knn.prover import KnnProver

Steps = list[tuple[str, str, list[list[str]]]]


def records(theorem: str, steps: Steps, file: str = "Lib/Other.v") -> list[dict[str, Any]]:
    module = "Lib." + file.removesuffix(".v").replace("/", ".")
    return [
        {
            "schema": "lemmata.step/1",
            "system": "coq",
            "file": file,
            "theorem": f"{module}.{theorem}",
            "statement": f"Lemma {theorem} : {steps[0][1]}.",
            "index": number,
            "step": step,
            "goal": conclusion,
            "conclusion": conclusion,
            "hypotheses": hypotheses,
        }
        for number, (step, conclusion, hypotheses) in enumerate(steps)
    ]


DATA = [
    *records("double", [("induction n", "eq (twice n) (plus n n)", [["n", "nat"]]), ("simpl", "eq (twice O) O", [])]),
    *records("triple", [("induction k", "eq (thrice k) (plus k k)", [["k", "nat"]])]),
    *records("order", [("lia", "le n (S n)", [["n", "nat"]])]),
    *records(
        "steps",
        [
            ("apply strange_lemma", "even (half n)", [["n", "nat"]]),
            ("exact unlikely_finish", "wholly (unlike (anything else))", []),
        ],
    ),
]


def prover(folder: Path, data: list[dict[str, Any]] = DATA) -> KnnProver:
    place = folder / "steps.jsonl"
    place.write_text("".join(json.dumps(record) + "\n" for record in data))
    return KnnProver(str(place), Cache(folder / "cache"))


def view(
    conclusion: str,
    hypotheses: tuple[tuple[str, str], ...] = (),
    *,
    file: str = "My.v",
    context: dict[str, Any] | None = None,
    after: str | None = None,
    depth: int = 0,
    tried: tuple[str, ...] = (),
    system: str = "coq",
    says: str = "what it says",
) -> GoalView:
    details = {"plain": conclusion, "hypotheses": [list(pair) for pair in hypotheses], "after": after}
    obligation = Obligation(system, "it", f"Lemma it : {says}.\nProof. Admitted.\n", Location(file, 1, 1))
    return GoalView(Goal(system, conclusion, details=details), obligation, depth, tried, context or {})


def propose(of: KnnProver, goal: GoalView, n: int = 50) -> list[Proposal]:
    return asyncio.run(of.propose([goal], n))[0]


def texts(of: KnnProver, goal: GoalView) -> list[str]:
    return [proposal.step.text for proposal in propose(of, goal)]


def test_what_was_done_at_a_similar_goal_is_proposed_with_the_names_of_this_one(tmp_path: Path) -> None:
    found = texts(prover(tmp_path), view("eq (twice m) (plus m m)", (("m", "nat"),)))
    assert found[0] == "induction m"


def test_equal_steps_of_several_neighbours_count_together(tmp_path: Path) -> None:
    goal = view("eq (fourfold m) (plus m m)", (("m", "nat"),))
    found = propose(prover(tmp_path), goal)
    assert [one.step.text for one in found].count("induction m") == 1
    alone = propose(prover(tmp_path, DATA[:2]), goal)
    assert found[0].step.text == alone[0].step.text == "induction m"
    assert all(one.log_probability <= 0 for one in found)
    assert [one.log_probability for one in found] == sorted((one.log_probability for one in found), reverse=True)


def test_what_was_tried_is_not_proposed_again(tmp_path: Path) -> None:
    goal = view("le m (S m)", (("m", "nat"),), tried=(Step("lia").key,))
    assert "lia" not in texts(prover(tmp_path), goal)


def test_at_most_so_many_as_wanted(tmp_path: Path) -> None:
    assert len(propose(prover(tmp_path), view("le m (S m)", (("m", "nat"),)), 1)) == 1


def test_other_systems_get_nothing(tmp_path: Path) -> None:
    assert texts(prover(tmp_path), view("le m (S m)", system="lean")) == []


def test_a_proof_that_is_followed_goes_on(tmp_path: Path) -> None:
    known = prover(tmp_path)
    goal = view("nothing like that", depth=1, after="apply strange_lemma")
    assert "exact unlikely_finish" not in texts(known, goal)
    assert texts(known, view("even (half m)", (("m", "nat"),)))[0] == "apply strange_lemma"
    assert texts(known, goal)[0] == "exact unlikely_finish"


def test_a_proof_above_in_the_file_is_learnt(tmp_path: Path) -> None:
    proof = {"statement": "", "text": "Lemma near : odd.", "steps": [["apply odd_S", "odd (S n)", [["n", "nat"]]]]}
    context = {"proofs": [proof], "premises": []}
    assert texts(prover(tmp_path), view("odd (S m)", (("m", "nat"),), context=context))[0] == "apply odd_S"


def test_the_own_proof_is_never_proposed(tmp_path: Path) -> None:
    own = records("it", [("exact the_answer", "P n", []), ("exact the_rest", "P n", [])], "Lib/My.v")
    known = prover(tmp_path, own)
    there = {"exact the_answer", "exact the_rest"}
    assert there <= set(texts(known, view("P m", file="/somewhere/Lib/Your.v", depth=1)))
    assert not there & set(texts(known, view("P m", file="/somewhere/Lib/My.v", depth=1)))
    assert not there & set(texts(known, view("P m", file="/home/My.v", depth=1)))
    assert not there & set(texts(known, view("P m", file="/somewhere/Lib/Your.v", depth=1, says="P n")))
    assert not there & set(texts(known, view("P n", file="/somewhere/Lib/Her.v")))


def test_a_data_set_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file"):
        KnnProver.check_model(str(tmp_path / "none.jsonl"))
