"""Of wrong variants of programs none is proved that fails when it is compiled and run."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from confirm import PROGRAMS, failing_runs, header
from variants import variant

from checkers.programs.refute import refute
from checkers.programs.unit import load

LEMMATA = Path(sys.executable).parent / "lemmata"
SUITE = Path(__file__).parents[3] / "shared" / "benchmarks" / "invariants" / "linear-dev"
EXAMPLES = Path(__file__).parents[2] / "examples" / "programs"
COUNT, SEED = 200, 20_261_121
IGNORED = 99
"""Exit code of runs that overflow: the integers of the proofs are mathematical ones."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def originals() -> list[Path]:
    plain = [p for p in sorted(PROGRAMS.glob("*.right.c")) if not header(p, "options") and not header(p, "confirm")]
    return [*plain, *sorted(EXAMPLES.glob("*.c")), *(sorted(SUITE.glob("*.c")) if SUITE.is_dir() else [])]


def runs_that_fail(path: Path) -> int:
    """Return how many random runs of the compiled program fail."""
    try:
        return failing_runs(path, "undefined", IGNORED)
    except RuntimeError:
        # What gcc does not accept cannot be run; nothing is claimed of it here.
        return 0


def inputs_that_fail(path: Path) -> bool:
    """Say whether a solver finds inputs that make the program fail."""
    params = {"text": path.read_text(), "file": str(path), "name": "main", "int_width": ""}
    return refute(load(params), 1.0) is not None


def test_no_variant_that_fails_is_proved(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    sources = originals()
    files = []
    while len(files) < COUNT:
        chosen = rng.choice(sources)
        text = variant(chosen.read_text(), rng.randrange(1 << 30))
        if text is not None and "main" in text:
            file = tmp_path / f"v{len(files):03}-{chosen.stem}.c"
            file.write_text(text)
            files.append(file)
    command = [
        LEMMATA,
        "prove",
        "--json",
        "--timeout",
        "3",
        "--jobs",
        "2",
        "--no-store",
        "--out",
        tmp_path / "o",
        *files,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1700)
    assert "Traceback" not in done.stderr
    verdicts: dict[str, set[str]] = {}
    for result in json.loads(done.stdout)["results"]:
        verdicts.setdefault(Path(result["target"]).name, set()).add(result["verdict"])
    proved = [file for file in files if verdicts[file.name] == {"proved"}]
    assert sum("disproved" in v for v in verdicts.values()) >= COUNT // 4, "the variants are hardly ever wrong"
    assert proved, "some variants are right after all"
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(runs_that_fail, proved))
    # The solver's library must not be used by two threads.
    assert [f.name for f, count in zip(proved, counts, strict=True) if count or inputs_that_fail(f)] == []
