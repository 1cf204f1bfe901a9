"""Wrong programs are never proved and right ones never disproved.

``programs/`` holds pairs ``NAME.wrong.c`` and ``NAME.right.c``, each aimed at one way in which a verifier is fooled.
All programs with the same options go through the command in one run; every file is then a test of its own.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from confirm import PROGRAMS, confirm_all, header

LEMMATA = Path(sys.executable).parent / "lemmata"
FILES = sorted(PROGRAMS.glob("*.c"))
WRONG = [path for path in FILES if path.name.endswith(".wrong.c")]
RIGHT = [path for path in FILES if path.name.endswith(".right.c")]
EXPLAINED = re.compile(r":\d+:\d+|not supported|unsupported|refused", re.IGNORECASE)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def run_batch(files: list[Path], options: list[str], out: Path) -> dict[str, list[dict]]:
    """Return the results of one run of the command, by file name."""
    fixed = ["--json", "--timeout", "10", "--jobs", "2", "--no-store", "--out", str(out)]
    command = [str(LEMMATA), "prove", *fixed, *options, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1700)
    assert done.returncode in {0, 1, 2, 3}, done.stderr[-2000:]
    assert "Traceback" not in done.stderr, done.stderr[-4000:]
    document = json.loads(done.stdout)
    assert document["schema"] == "lemmata.result/1"
    found: dict[str, list[dict]] = defaultdict(list)
    for result in document["results"]:
        name = re.split(r"\.c(?::|$)", Path(result["target"]).name)[0] + ".c"
        found[name].append(result)
    return found


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict]]:
    batches: dict[str, list[Path]] = defaultdict(list)
    for path in FILES:
        batches[" ".join(header(path, "options"))].append(path)
    found: dict[str, list[dict]] = {}
    for number, (options, files) in enumerate(batches.items()):
        found |= run_batch(files, options.split(), tmp_path_factory.mktemp(f"out{number}"))
    return found


def verdict(results: dict[str, list[dict]], path: Path) -> str:
    """Return the verdict of a whole file: proved only if everything in it is."""
    verdicts = {result["verdict"] for result in results.get(path.name, [])}
    assert verdicts, f"{path.name} has no result"
    assert verdicts <= {"proved", "disproved", "unknown", "error"}
    for one in ("disproved", "error", "unknown"):
        if one in verdicts:
            return one
    return "proved"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_program(path: Path, results: dict[str, list[dict]]) -> None:
    aim = path.read_text().splitlines()[0]
    found = verdict(results, path)
    if path in WRONG:
        assert found != "proved", aim
    else:
        assert found != "disproved", aim
    for result in results[path.name]:
        if result["verdict"] == "error":
            reason = result["reason"] or ""
            assert "internal error" not in reason, reason
            assert result.get("location") or EXPLAINED.search(reason), reason


def test_most_right_programs_are_proved(results: dict[str, list[dict]]) -> None:
    missed = [path.stem for path in RIGHT if verdict(results, path) != "proved"]
    assert len(missed) <= 0.3 * len(RIGHT), missed


def test_most_wrong_programs_are_disproved(results: dict[str, list[dict]]) -> None:
    missed = [path.stem for path in WRONG if verdict(results, path) != "disproved"]
    assert len(missed) <= 0.4 * len(WRONG), missed


def test_programs_come_in_pairs() -> None:
    assert len(WRONG) >= 80
    assert {path.name.replace(".wrong.", ".right.") for path in WRONG} == {path.name for path in RIGHT}
    for path in FILES:
        assert path.read_text().startswith("// aim: "), path.name


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_running_the_programs_confirms_them() -> None:
    problems = [f"{done.path.name}: {done.problem}" for done in confirm_all(FILES) if done.problem]
    assert not problems
