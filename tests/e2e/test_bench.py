from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    folder = tmp_path / "suite"
    folder.mkdir()
    for i in range(6):
        (folder / f"p{i}.fake").write_text(f"m{i} {'prove' if i % 2 else 'refute'}\n")
    table = "".join(f"p{i}.fake,{'true' if i % 2 else 'false'}\n" for i in range(6))
    (folder / "expected.csv").write_text(f"file,expected\n{table}")
    return folder


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]


def test_a_suite_makes_results_and_a_table(lemmata: Any, suite: Path) -> None:
    answer = lemmata("bench", suite, "--out", "r", "--timeout", "5")
    assert answer.code == 0
    found = rows(lemmata.folder / "r")
    assert {row["problem"]: row["verdict"] for row in found} == {
        f"p{i}.fake": "proved" if i % 2 else "disproved" for i in range(6)
    }
    assert {"problem", "expected", "verdict", "reason", "seconds", "certificate", "peers", "stats"} <= set(found[0])
    assert "6 of 6 decided, 0 wrong" in (lemmata.folder / "r" / "table.md").read_text()


def test_a_contradiction_is_loud(lemmata: Any, suite: Path) -> None:
    (suite / "expected.csv").write_text("file,expected\np1.fake,false\n")
    answer = lemmata("bench", suite, "--out", "r")
    assert answer.code == 1
    assert "WRONG: p1.fake is proved" in answer.err
    assert "contradict" in (lemmata.folder / "r" / "table.md").read_text()


def test_a_run_goes_on_where_it_stopped(lemmata: Any, suite: Path) -> None:
    lemmata("bench", suite, "--out", "r", "--timeout", "5")
    journal = lemmata.folder / "r" / "results.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:3]) + lines[3][:20])
    answer = lemmata("bench", suite, "--out", "r", "--timeout", "5", "--json")
    assert answer.code == 0
    assert len(answer.document["results"]) == 6
    assert len(rows(lemmata.folder / "r")) == 6
    logs = [len(log.read_text().splitlines()) for log in sorted(suite.glob("*.log"))]
    assert sorted(logs) == [1, 1, 1, 2, 2, 2]


def test_other_settings_are_another_run(lemmata: Any, suite: Path) -> None:
    lemmata("bench", suite, "--out", "r", "--timeout", "5")
    lemmata("bench", suite, "--out", "r", "--timeout", "6")
    assert len(rows(lemmata.folder / "r")) == 12


def test_a_sample_is_always_the_same(lemmata: Any, suite: Path) -> None:
    found = []
    for out in ("r", "s"):
        answer = lemmata("bench", suite, "--out", out, "--sample", "3", "--seed", "7", "--json")
        found.append([row["problem"] for row in answer.document["results"]])
    assert found[0] == found[1]
    assert len(found[0]) == 3


def test_a_list_is_a_suite(lemmata: Any, suite: Path) -> None:
    (suite / "list.jsonl").write_text(
        '{"file": "p1.fake", "selector": "m1"}\n\n{"file": "p0.fake", "expected": "false"}\n{"file": "gone.fake"}\n'
    )
    answer = lemmata("bench", suite / "list.jsonl", "--out", "r", "--json")
    assert [(row["problem"], row["verdict"]) for row in answer.document["results"]] == [
        ("p1.fake:m1", "proved"),
        ("p0.fake", "disproved"),
        ("gone.fake", "error"),
    ]


def test_a_list_that_is_not_well_formed_says_where(lemmata: Any, suite: Path) -> None:
    (suite / "list.jsonl").write_text('{"file": "p1.fake"}\n[]\n')
    answer = lemmata("bench", suite / "list.jsonl", "--out", "r")
    assert answer.code == 2
    assert "list.jsonl:2:1: error: " in answer.err
