"""What the searches of several rounds teach together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from corpora.curate.benchmarks import Benchmarks, Theorem
from corpora.iterate.gathering import PROOFS, REJECTED, STEPS, VALUES, gather
from corpora.stages import lines

SAID = {"one": "Lemma one : forall n, n + 0 = n", "two": "Lemma two : forall b, negb (negb b) = b"}


def problem(name: str, *steps: str) -> dict[str, Any]:
    return {
        "problem": f"A.v:{name}",
        "system": "coq",
        "theorem": f"A.{name}",
        "statement": SAID[name],
        "verdict": "proved" if steps else "unknown",
        "steps": [{"step": step, "theorem": f"A.{name}"} for step in steps],
        "rejected": [{"chosen": step, "theorem": name} for step in steps],
        "values": [{"goal": name, "value": -3.0}],
    }


def rounds(folder: Path, *found: list[dict[str, Any]]) -> list[Path]:
    places = [folder / f"round-{number}" / "search" for number in range(1, len(found) + 1)]
    for place, records in zip(places, found, strict=True):
        place.mkdir(parents=True)
        lines.write(place / "data.jsonl", records)
    return places


def read(path: Path, member: str) -> list[str]:
    return [json.loads(line)[member] for line in path.read_text().splitlines()]


def test_of_several_proofs_the_shortest_is_learnt(tmp_path: Path) -> None:
    places = rounds(
        tmp_path,
        [problem("one", "intros", "simpl", "auto"), problem("two", "destruct b; auto")],
        [problem("one", "intros", "lia"), problem("two", "intro b", "case b; auto")],
        [problem("one"), problem("two", "now destruct b")],
    )
    wanted = [["intros", "simpl", "auto", "destruct b; auto"], *[["intros", "lia", "destruct b; auto"]] * 2]
    for number, steps in enumerate(wanted, 1):
        gather(places[:number], None, tmp_path)
        assert read(tmp_path / PROOFS, "step") == steps
    assert read(tmp_path / STEPS, "step") == ["now destruct b"], "of the last round alone"
    assert read(tmp_path / REJECTED, "theorem") == ["A.two"]


def test_what_is_new_is_counted(tmp_path: Path) -> None:
    places = rounds(
        tmp_path,
        [problem("one", "lia"), problem("two")],
        [problem("one"), problem("two", "now destruct b")],
    )
    assert gather(places[:1], None, tmp_path).counts["newly proved"] == 1
    second = gather(places, None, tmp_path)
    assert (second.verdicts["proved"], second.counts["newly proved"], second.counts["proved so far"]) == (1, 1, 2)


def test_nothing_of_a_held_back_theorem_is_learnt(tmp_path: Path) -> None:
    places = rounds(tmp_path, [problem("one", "lia"), problem("two", "now destruct b")])
    renamed = Theorem("dev.jsonl", "other", "", "Theorem other (m : nat) : m + 0 = m", "coq")
    found = gather(places, Benchmarks([renamed], 0.6, 0), tmp_path)
    assert found.counts["problems held back"] == 1
    assert found.verdicts["proved"] == 2
    for file in (STEPS, PROOFS, REJECTED):
        assert read(tmp_path / file, "theorem") == ["A.two"]
    assert read(tmp_path / VALUES, "goal") == ["two"]
