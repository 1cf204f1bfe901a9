"""`--emit` and `--recheck`: programs proved once more by Coq, and their conditions for other proof assistants."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Lemmata

EXAMPLES = Path(__file__).parents[2] / "examples" / "programs"
SUITE = Path(__file__).parents[3] / "shared" / "benchmarks" / "invariants" / "linear-dev"
STRIDE, LEAST = 7, 20
needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="needs Coq: apt-get install coq")


@needs_coq
def test_a_program_is_proved_by_coq_too_and_replays(lemmata: Lemmata) -> None:
    answer = lemmata("prove", "--json", "--recheck", "coq", "--out", "out", EXAMPLES / "parity.c")
    assert answer.code == 0
    (result,) = answer.document["results"]
    audits = {check["command"].split()[0]: check["result"] for check in result["audit"]["checks"]}
    assert audits["coqc"] == audits["Print"] == audits["coqchk"] == "passed"
    theorems = Path(result["theorems"]["coq"])
    # Anybody can compile it again.
    shutil.copy(theorems, lemmata.folder / "Conditions.v")
    subprocess.run(["coqc", "Conditions.v"], cwd=lemmata.folder, check=True, timeout=60)
    replayed = lemmata("replay", "--json", result["certificate"])
    assert replayed.code == 0
    (again,) = replayed.document["results"]
    assert any(check["command"].startswith("coqc") for check in again["audit"]["checks"])


def test_theorems_are_written_for_every_system(lemmata: Lemmata) -> None:
    systems = ("coq", "lean", "isabelle", "fstar")
    options = [word for system in systems for word in ("--emit", system)]
    answer = lemmata("prove", "--json", *options, "--out", "out", EXAMPLES / "counter.c")
    assert answer.code == 0
    (result,) = answer.document["results"]
    assert set(result["theorems"]) == set(systems)
    for file in result["theorems"].values():
        assert "invariant_" in Path(file).read_text()


def test_machine_integers_cannot_be_emitted(lemmata: Lemmata) -> None:
    answer = lemmata("prove", "--emit", "coq", "--int-width", "32", EXAMPLES / "counter.c")
    assert answer.code == 2
    assert "machine integers cannot be written as theorems" in answer.err
    assert "--int-width" in answer.err


def test_an_unknown_system_is_a_usage_error(lemmata: Lemmata) -> None:
    for option in (("--emit", "hol"), ("--recheck", "lean")):
        answer = lemmata("prove", *option, EXAMPLES / "counter.c")
        assert answer.code == 2
        assert len(answer.err.strip().splitlines()) == 1


def test_without_coq_one_line_says_what_to_install(lemmata: Lemmata, monkeypatch: pytest.MonkeyPatch) -> None:
    lemmata.environment["PATH"] = "/nowhere"
    answer = lemmata("prove", "--recheck", "coq", EXAMPLES / "counter.c")
    assert answer.code == 4
    assert len(answer.err.strip().splitlines()) == 1
    assert "apt-get install coq" in answer.err


@needs_coq
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not SUITE.is_dir(), reason=f"the benchmark programs are not at {SUITE}")
def test_published_programs_are_proved_by_coq_too(lemmata: Lemmata) -> None:
    files = sorted(SUITE.glob("*.c"))[::STRIDE]
    options = ("--json", "--recheck", "coq", "--timeout", "15", "--jobs", "2", "--no-store", "--out", "out")
    process = lemmata.start("prove", *options, *files)
    out, _ = process.communicate(timeout=580)
    proved = [r for r in json.loads(out)["results"] if r["verdict"] == "proved"]
    assert len(proved) >= LEAST
    for result in proved:
        (said,) = [c for c in result["audit"]["checks"] if c["command"].startswith("Print Assumptions")]
        assert said["result"] == "passed"
        assert said["detail"] == "no assumptions"
