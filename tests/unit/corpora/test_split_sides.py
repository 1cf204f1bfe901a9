"""Splits: what is kept back, and what leaks."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from curation_records import carried_out, dataset, library, proof, rows

from corpora.split.settings import Shares, Strategy
from corpora.split.stage import splitting
from lemmata.errors import UsageError


def sides(out: Path, member: str = "theorem") -> dict[str, set[Any]]:
    found: dict[str, set[Any]] = defaultdict(set)
    for row in rows(out / "data.jsonl"):
        found[row["split"]].add(row[member])
    return found


@pytest.mark.parametrize("strategy", list(Strategy))
def test_a_seed_and_the_records_say_all(tmp_path: Path, strategy: Strategy) -> None:
    packages = [library(20, f"package{number}") for number in range(6)]
    for proofs, package in zip(packages, range(6), strict=True):
        for record in (record for records in proofs for record in records):
            record["theorem"] = f"P{package}.{record['theorem']}"
    proofs = [records for package in packages for records in package]
    found = []
    for name, seed, order in (("a", 1, proofs), ("b", 1, proofs[::-1]), ("c", 2, proofs)):
        data = dataset(tmp_path / f"{name}.jsonl", *order)
        carried_out(splitting([data], strategy, Shares(0.1, 0.2), seed), tmp_path / name)
        found.append(sides(tmp_path / name))
        assert sum(map(len, found[-1].values())) == len(proofs), "each theorem is on one side"
        assert set(found[-1]) == {"train", "validation", "test"}
    assert found[0] == found[1]
    assert found[0] != found[2]


@pytest.mark.parametrize(("strategy", "member"), [(Strategy.FILE, "file"), (Strategy.PACKAGE, "package")])
def test_files_and_packages_stay_whole(tmp_path: Path, strategy: Strategy, member: str) -> None:
    proofs = [records for number in range(5) for records in library(16, f"package{number}")]
    for records in proofs:
        for record in records:
            record["theorem"] = f"{record['package']}.{record['theorem']}"
            record["file"] = f"{record['package']}/{record['file']}"
    data = dataset(tmp_path / "data.jsonl", *proofs)
    carried_out(splitting([data], strategy, Shares(0.1, 0.1)), tmp_path / "out")
    found = sides(tmp_path / "out", member)
    assert not found["train"] & found["test"]
    assert not found["train"] & found["validation"]
    assert not found["validation"] & found["test"]


def test_novel_premises_are_never_trained_on(tmp_path: Path) -> None:
    data = dataset(tmp_path / "data.jsonl", *library(60))
    carried_out(splitting([data], Strategy.NOVEL_PREMISES, Shares(0.05, 0.1), seed=4), tmp_path / "out")
    used: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows(tmp_path / "out" / "data.jsonl"):
        used[row["split"]][row["theorem"]].update(row["premises"])
    trained = set().union(*used["train"].values())
    assert len(used["test"]) >= 6
    for split in ("validation", "test"):
        assert used[split]
        assert all(premises - trained for premises in used[split].values())
    found = json.loads((tmp_path / "out" / "leakage.json").read_text())
    assert found["test"]["proofs_with_a_novel_premise"] == found["test"]["theorems"] == len(used["test"])


def test_equal_statements_stay_together_at_random(tmp_path: Path) -> None:
    twins = [
        proof(f"twin{number}{one}", f"forall {name} : twin{number}, {name} = {name}", ["intro", f"apply {one}"])
        for number in range(30)
        for one, name in (("a", "x"), ("b", "y"))
    ]
    data = dataset(tmp_path / "data.jsonl", *twins)
    carried_out(splitting([data], Strategy.RANDOM, Shares(0.2, 0.2)), tmp_path / "out")
    of = {row["theorem"][-3:]: row["split"] for row in rows(tmp_path / "out" / "data.jsonl")}
    assert all(of[f"{name[:-1]}a"] == of[name] for name in of)
    found = json.loads((tmp_path / "out" / "leakage.json").read_text())
    assert found["test"]["leaks"]["statement"]["count"] == 0


def test_the_report_names_what_leaks(tmp_path: Path) -> None:
    kept = proof(
        "kept", "forall x : t, f x = x", ["induction x", "apply K", "exact L"], file="A.v", premises={1: ["Lib.K"]}
    )
    same = proof("same", "forall y : t, f y = y", ["destruct y", "auto"], file="B.v")
    steps = proof("steps", "g = 3", ["induction x", "apply K", "exact L"], file="B.v", premises={1: ["Lib.K"]})
    goal = proof("goal", "h = 4", ["apply M"], file="B.v")
    goal[0]["goal"] = kept[2]["goal"]
    made = proof(
        "made", "f 1 = 1", ["apply N"], file="B.v", more={"origin": {"rule": "rewrite", "from": ["Lib.A.kept"]}}
    )
    data = dataset(tmp_path / "data.jsonl", kept, same, steps, goal, made)
    # Of two files the lots keep one back; the seed is one that keeps the first.
    for seed in range(20):
        out = tmp_path / str(seed)
        carried_out(splitting([data], Strategy.FILE, Shares(0.0, 0.1), seed), out)
        if sides(out, "file")["test"] == {"A.v"}:
            break
    test = json.loads((out / "leakage.json").read_text())["test"]
    assert {kind: leak["count"] for kind, leak in test["leaks"].items()} == {
        "statement": 1,
        "origin": 1,
        "proof": 1,
        "goal": 1,
    }
    assert test["leaks"]["statement"]["examples"] == [
        {"kept": "made-up/A.v:Lib.A.kept", "trained": "made-up/B.v:Lib.B.same"}
    ]
    assert test["premises"] == {"used": 1, "also_trained": 1}
    text = (out / "leakage.md").read_text()
    assert "| theorems with the same statement, up to renaming, as one that is trained on | | 0 | 1 |" in text
    assert "| made-up/A.v:Lib.A.kept | made-up/B.v:Lib.B.made |" in text


def test_what_leaves_nothing_to_train_on_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        Shares(0.5, 0.5)
    with pytest.raises(UsageError):
        Shares(-0.1, 0.5)
    data = dataset(tmp_path / "data.jsonl", *library(4))
    with pytest.raises(UsageError, match="nothing would be left to train on"):
        carried_out(splitting([data], Strategy.PACKAGE), tmp_path / "package")
    bare = dataset(tmp_path / "bare.jsonl", proof("a", "x = 1", ["auto"]), proof("b", "x = 2", ["auto"]))
    with pytest.raises(UsageError, match="no record names a premise"):
        carried_out(splitting([bare], Strategy.NOVEL_PREMISES), tmp_path / "novel")
