"""Statistics: the numbers are right, the tables and pictures are well-formed."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from curation_records import library, proof

from corpora.stats import counting, pages
from lemmata.workflow.plots import bar_chart


def test_numbers_by_package_tactic_length_premise_and_rule() -> None:
    made = [
        proof(f"made{n}", f"m {n}", ["now apply K"], package="mutated", more={"origin": {"rule": rule, "from": ["x"]}})
        for n, rule in enumerate(("rewrite", "rewrite", "apply"))
    ]
    found = counting.count(record for records in (*library(4), *made) for record in records).to_json()
    assert (found["records"], found["theorems"]) == (15, 7)
    assert found["records_by"]["package"] == {"made-up": 12, "mutated": 3}
    assert found["records_by"]["tactic"] == {"apply": 7, "intros": 4, "rewrite": 4}
    assert sum(found["records_by"]["premise"].values()) == 9
    assert found["records_by"]["premise"]["Lib.Rare.r0"] == 1
    assert found["theorems_by"]["steps recorded"] == {"1": 3, "3 to 4": 4}
    assert list(found["theorems_by"]["rule of a mutation"].items()) == [("rewrite", 2), ("apply", 1)]
    assert "split" not in found["records_by"]


def test_pages_are_written_for_people_and_programs(tmp_path: Path) -> None:
    odd = proof("odd", "a | b", ["pipe|d <&> \x00step"], package="pack|age")
    found = counting.count(record for records in (*library(60), odd) for record in records).to_json()
    files = pages.files(found)
    assert set(files) >= {"stats.json", "stats.md", "tactics.svg", "packages.svg", "lengths.svg", "premises.svg"}
    assert json.loads(files["stats.json"]) == found
    assert "| made-up | 180 | 99.4% |" in files["stats.md"]
    assert "| pack\\|age | 1 | 0.6% |" in files["stats.md"]
    for name, text in files.items():
        if name.endswith(".svg"):
            assert ElementTree.fromstring(text).tag.endswith("svg")


def test_bars_are_as_long_as_their_numbers() -> None:
    root = ElementTree.fromstring(
        bar_chart([("a", 10.0), ("b", 5.0), ("c", 0.0), ("d", float("nan"))], title="T", label="n")
    )
    bars = [bar for bar in root.iter("{http://www.w3.org/2000/svg}rect") if bar.get("x")]
    widths = [float(bar.get("width", "")) for bar in bars]
    assert widths[0] == 2 * widths[1] > 0.0
    assert widths[2:] == [0.0, 0.0]
    assert "no bars" not in bar_chart([], title="T", label="n")
