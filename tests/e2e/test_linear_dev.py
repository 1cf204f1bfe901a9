"""A sample of the published linear programs: no verdict contradicts what is known, and certificates replay."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = Path(__file__).parents[3] / "shared" / "benchmarks" / "invariants" / "linear-dev"
LEMMATA = Path(sys.executable).parent / "lemmata"
STRIDE = 7

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SUITE.is_dir(), reason=f"the benchmark programs are not at {SUITE}"),
]


def test_a_sample_is_decided_rightly_and_replays(tmp_path: Path) -> None:
    with (SUITE / "expected.csv").open() as stream:
        expected = {row["file"]: row["expected"] for row in csv.DictReader(stream)}
    files = sorted(SUITE.glob("*.c"))[::STRIDE]
    command = [LEMMATA, "prove", "--json", "--timeout", "10", "--jobs", "2", "--no-store", "--out", tmp_path, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    results = json.loads(done.stdout)["results"]
    decided = 0
    for result in results:
        known = expected[Path(result["target"]).name]
        assert (result["verdict"], known) not in {("proved", "false"), ("disproved", "true")}, result["target"]
        decided += result["verdict"] in ("proved", "disproved")
    assert decided >= 0.82 * len(files)
    certificates = [r["certificate"] for r in results if r["certificate"]]
    assert len(certificates) == decided
    replayed = subprocess.run([LEMMATA, "replay", "--quiet", *certificates], check=False, timeout=280)
    assert replayed.returncode == 0
