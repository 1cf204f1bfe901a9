"""Lean, F* and Isabelle files where these are not installed: they are listed, and one line says what to install."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from conftest import Lemmata

EXAMPLES = Path(__file__).parents[2] / "examples"
MINIF2F = Path(__file__).parents[3] / "shared" / "benchmarks" / "minif2f-lean4" / "MiniF2F"
TOOLS = {
    "lean": ("lean", "lean", "elan"),
    "fstar": ("fst", "fstar.exe", "opam install fstar"),
    "isabelle": ("thy", "isabelle", "isabelle.in.tum.de"),
}


@pytest.mark.parametrize("system", TOOLS)
def test_one_line_says_what_to_install(lemmata: Lemmata, system: str) -> None:
    suffix, _, install = TOOLS[system]
    lemmata.environment["PATH"] = "/nowhere"
    file = next(path for path in sorted((EXAMPLES / system).iterdir()) if path.suffix == f".{suffix}")
    listed = lemmata("list", "--json", file)
    assert listed.code == 0
    assert len(listed.document["results"]) > 1
    assert all(row["statement"] for row in listed.document["results"])
    answer = lemmata("prove", file)
    assert answer.code == 4
    (line,) = answer.err.strip().splitlines()
    assert install in line
    assert "not installed" in line


@pytest.mark.parametrize("system", TOOLS)
def test_doctor_tells_what_is_wanted_and_how_to_get_it(lemmata: Lemmata, system: str) -> None:
    _, tool, install = TOOLS[system]
    lemmata.environment["PATH"] = "/nowhere"
    answer = lemmata("doctor", "--json")
    found = {entry["name"]: entry for entry in answer.document["results"]}
    for name in (f"checker {system}", f"{system}: {tool}"):
        assert not found[name]["ok"]
        assert not found[name]["required"]
        assert install in found[name]["install"]
    assert "newer" in found[f"{system}: {tool}"]["detail"], "the version that is wanted"


@pytest.mark.skipif(not MINIF2F.is_dir(), reason=f"the theorem files are not at {MINIF2F}")
def test_all_of_minif2f_is_listed_in_time(lemmata: Lemmata) -> None:
    files = [*sorted(MINIF2F.glob("Test/*.lean")), *sorted(MINIF2F.glob("Valid/*.lean"))]
    assert len(files) == 488
    began = time.monotonic()
    answer = lemmata("list", "--json", *files)
    assert time.monotonic() - began < 5
    assert answer.code == 0
    rows = answer.document["results"]
    assert len(rows) == 488
    for row, file in zip(rows, files, strict=True):
        text = file.read_text()
        place, line, column = row["location"].rsplit(":", 2)
        assert place == str(file)
        at = sum(len(one) + 1 for one in text.split("\n")[: int(line) - 1]) + int(column) - 1
        statement = row["statement"]
        assert text.startswith(statement, at)
        assert statement.startswith(f"theorem {row['obligation']}")
        assert text[at + len(statement) :].split() in ([":=", "by", "sorry"], [":=", "sorry"], [":=by", "sorry"])
        assert row["state"] == "open"
