"""Published programs with products, arrays and several loops: as many decided as there were, none wrongly."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

SETS = Path(__file__).parents[3] / "shared" / "benchmarks" / "invariants"
LEMMATA = Path(sys.executable).parent / "lemmata"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not SETS.is_dir(), reason=f"the benchmark programs are not at {SETS}"),
]


@pytest.mark.parametrize(
    ("folder", "pattern", "stride", "share"),
    [
        ("nonlinear-dev", "*.c", 1, 0.75),
        ("loopy-dev", "arrays__*.c", 9, 0.6),
        ("loopy-dev", "loop_invariants__*.c", 16, 0.8),
        ("loopy-dev", "recursive_functions__*.c", 1, 0.6),
    ],
)
def test_most_are_decided_and_none_wrongly(
    tmp_path: Path, folder: str, pattern: str, stride: int, share: float
) -> None:
    with (SETS / folder / "expected.csv").open() as stream:
        expected = {row["file"]: row["expected"] for row in csv.DictReader(stream)}
    files = sorted((SETS / folder).glob(pattern))[::stride]
    command = [LEMMATA, "prove", "--json", "--timeout", "10", "--jobs", "2", "--no-store", "--out", tmp_path, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=890)
    decided = 0
    for result in json.loads(done.stdout)["results"]:
        known = expected[Path(result["target"]).name]
        assert (result["verdict"], known) not in {("proved", "false"), ("disproved", "true")}, result["target"]
        decided += result["verdict"] in ("proved", "disproved")
    assert decided >= share * len(files)
