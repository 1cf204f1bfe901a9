"""New theorems made of a small library by a real Coq."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from coq_library import compiled as small_library

from checkers.coq import installation
from checkers.process import Supervisor
from corpora.coq import library
from corpora.mutate.bench import Bench
from corpora.mutate.compiling import compiled
from corpora.mutate.ground import Ground, ground
from corpora.mutate.judging import Fault, fault, written
from corpora.mutate.rules import Index, Rule
from corpora.mutate.stage import Mutator, distinct, stage, tasks
from corpora.mutate.theorem import Theorem
from corpora.mutate.theorems import Bounds
from corpora.stages import run as stages
from lemmata.cli import corpus_mutation

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="needs Coq")
BOUNDS = Bounds(theorems=6, tries=60)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_library(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def records(source: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    out = tmp_path_factory.mktemp("out") / "mutated"
    assert corpus_mutation.mutate_coq([str(source)], out, most=6, tries=60, quiet=True) == 0
    return [json.loads(line) for line in (out / "data.jsonl").read_text().splitlines()]


def _ground(source: Path) -> Ground:
    coq = installation.find()
    return ground(library.sources([str(source)], coq)[0], coq)


def _coqc(text: str, source: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "alone.v"
    file.write_text(text)
    command = ["coqc", "-Q", str(source.parent), "Small", str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_only_theorems_with_names_outside_are_taken(source: Path) -> None:
    found = _ground(source)
    assert "Small.Twice.good_add" in found.proofs
    assert not [name for name in found.proofs if name.endswith("twice_t")]
    assert found.header == ("Require Import PeanoNat.", "Require Import Small.Twice.")


def test_every_rule_gives_theorems_that_compile_alone(
    records: list[dict[str, Any]], source: Path, tmp_path: Path
) -> None:
    assert len(records) > 10
    assert {one["origin"]["rule"] for one in records} == {rule.value for rule in Rule}
    for rule in Rule:
        one = next(one for one in records if one["origin"]["rule"] == rule.value)
        made = _coqc("".join([one["header"], one["statement"], "\n", one["proof"], "\n"]), source, tmp_path)
        assert made.returncode == 0, (one["statement"], made.stderr)


def test_a_hypothesis_gives_way_to_what_it_follows_from(records: list[dict[str, Any]]) -> None:
    origin = ["Small.Twice.even_sum", "Small.Twice.good_add"]
    (found,) = [one for one in records if one["origin"]["from"] == origin]
    assert found["statement"].endswith(" : forall n m : nat, good m -> good n -> Nat.Even (n + m).")


def test_nothing_rests_on_axioms_that_its_origin_does_not_need(records: list[dict[str, Any]], source: Path) -> None:
    assert not [one for one in records if one["axioms"]]
    coq = installation.find()
    base = _ground(source)
    cheat = Theorem(
        "cheat",
        "forall n : nat, good (n + (n + 0))",
        ("intros n", "rewrite <- magic", "apply good_twice"),
        "rewrite",
        ("Small.Twice.good_twice", "Small.Twice.magic"),
        "",
        rests=True,
    )
    fine = Theorem("fine", "good (twice 7)", ("apply good_twice",), "", ("Small.Twice.good_twice",), "", rests=True)
    broken = Theorem("broken", "good 7", ("apply good_twice",), "", ("Small.Twice.good_twice",), "", rests=True)

    async def work() -> Any:
        async with Supervisor() as supervisor:
            return await compiled(supervisor, coq, base.flags("Lemmata.Made"), base.header, [cheat, broken, fine])

    result = asyncio.run(work())
    assert [(theorem.name, axioms) for theorem, axioms in result.accepted] == [("fine", ())]
    reasons = {theorem.name: (reason, detail) for theorem, reason, detail in result.refused}
    assert reasons["cheat"] == ("rests on further axioms", "Small.Twice.magic")
    assert reasons["broken"][0] == "is not compiled"


def test_what_is_new_is_distinct_and_deterministic(records: list[dict[str, Any]], source: Path, tmp_path: Path) -> None:
    assert len({one["key"] for one in records}) == len({one["name"] for one in records}) == len(records)
    coq = installation.find()
    chosen = tasks(library.sources([str(source)], coq), coq, 2, seed=3)
    assert [len(task.payload.theorems) for task in chosen] == [2]
    whole = []
    for name in ("one", "two"):
        made = stage([str(source)], chosen, coq, 2, BOUNDS, 3, "jsonl")
        stages.run(made, tmp_path / name, chosen, Mutator(coq, BOUNDS, 3), finish=distinct)
        whole.append((tmp_path / name / "data.jsonl").read_bytes())
    assert whole[0] == whole[1] != b""


def test_the_same_theorem_from_two_files_is_kept_once() -> None:
    counts: Counter[str] = Counter()
    kept = list(distinct(iter([{"key": "a", "n": 1}, {"key": "b", "n": 2}, {"key": "a", "n": 3}]), counts))
    assert [one["n"] for one in kept] == [1, 2]
    assert sum(counts.values()) == 1


@pytest.mark.parametrize(
    ("statement", "made_from", "expected"),
    [
        ("forall n, twice n = twice n", (), Fault.TRIVIAL),
        ("forall n, True -> n = n + 0 -> True", (), Fault.TRIVIAL),
        ("forall k, good (twice k)", ("good_twice",), Fault.RESTATES),
        ("forall k, 2 * k = twice k", ("twice_mul",), Fault.RESTATES),
        ("forall n, n = 0 -> n = 1 -> good (twice (n + 1))", ("good_add",), Fault.ABSURD),
        ("forall n, good (2 * n)", ("good_twice",), None),
    ],
)
def test_statements_are_judged(
    source: Path, statement: str, made_from: tuple[str, ...], expected: Fault | None
) -> None:
    async def work() -> Fault | None:
        coq = installation.find()
        base = _ground(source)
        async with Supervisor() as supervisor, Bench(supervisor, coq, base.header, base.flags("Lemmata.Made")) as bench:
            made = await bench.stated(statement)
            assert made is not None
            text = await written(bench, made[1])
            assert text is not None
            return await fault(bench, text, made_from)

    assert asyncio.run(work()) is expected


def test_the_index_offers_what_fits_and_not_the_theorem_itself(source: Path) -> None:
    async def work() -> tuple[list[Any], list[Any], int]:
        coq = installation.find()
        base = _ground(source)
        async with Supervisor() as supervisor, Bench(supervisor, coq, base.header, base.flags("Lemmata.Made")) as bench:
            index = Index(bench.premises)
            target = await bench.target("Small.Twice.even_sum")
            assert target is not None
            assert await bench.target("Small.Twice.good") is None
            assert await bench.target("Small.Twice.nothing") is None
            return index.candidates(target, 0), index.candidates(target, 1), len(bench.premises)

    found, shuffled, premises = asyncio.run(work())
    assert 0 < len(found) < premises / 4
    assert set(found) == set(shuffled)
    assert found != shuffled
    lemmas = {(candidate.rule, candidate.lemma) for candidate in found}
    assert (Rule.APPLY, "good_add") in lemmas
    assert (Rule.APPLY, "good_twice") not in lemmas
    assert not [lemma for _, lemma in lemmas if lemma == "even_sum"]
