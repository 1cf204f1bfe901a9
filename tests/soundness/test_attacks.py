"""Programs that once fooled, or crashed, an early version; the first line of each says what is expected."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = sorted((Path(__file__).parent / "attacks").glob("*.c"))
LEMMATA = Path(sys.executable).parent / "lemmata"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    out = tmp_path_factory.mktemp("attacks")
    command = [LEMMATA, "prove", "--json", "--timeout", "5", "--jobs", "2", "--no-store", "--out", out, *PROGRAMS]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    return {Path(r["target"]).stem: r for r in json.loads(done.stdout)["results"]}


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_program(path: Path, results: dict[str, dict]) -> None:
    expected = path.read_text().partition("expect: ")[2].partition(";")[0]
    found = results[path.stem]
    match expected:
        case "proved":
            assert found["verdict"] == "proved", found["reason"]
        case "refused":
            assert found["verdict"] == "error"
            assert found["reason"]
        case "not proved":
            assert found["verdict"] != "proved"
        case "not disproved":
            assert found["verdict"] != "disproved"
        case other:
            pytest.fail(f"unknown expectation {other!r}")
