"""`lemmata corpus iterate` from end to end: rounds of search and training, and runs that are killed in between."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import IO, Any

import pytest

from corpora.records import step_record
from lemmata.certificate import load
from provers.neural.local_loading import weights_digest
from tests.e2e.conftest import Lemmata

for _name in ("torch", "transformers", "accelerate", "pyarrow"):
    pytest.importorskip(_name, reason=f"{_name} is not installed")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

STATEMENTS = {
    "turn": "forall n m : nat, n + m = m + n",
    "planted": "forall n : nat, n + 0 = n",
}
STEP = "intros; lia"
BENCHMARK = {"name": "other", "statement": "Theorem other (m : nat) : m + 0 = m", "system": "coq"}
COUNT = 16
LEARNT = ("steps.jsonl", "rejected.jsonl", "values.jsonl", "proofs.jsonl", "curate/data.jsonl")


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def until(stream: IO[str] | None, wanted: str) -> None:
    assert stream is not None
    for line in stream:
        if wanted in line:
            return
    raise AssertionError(f"it never said {wanted!r}")


@pytest.mark.skipif(shutil.which("coqc") is None, reason="Coq is not installed: apt-get install coq")
def test_a_second_round_proves_what_the_first_has_learnt(lemmata: Lemmata) -> None:
    theorems = [f"Lemma {name} : {said}.\nProof.\nAdmitted.\n" for name, said in STATEMENTS.items()]
    lemmata.write("Sums.v", "Require Import Lia.\n" + "".join(theorems))
    lemmata.write("dev.jsonl", json.dumps(BENCHMARK) + "\n")
    known = [
        {"system": "coq", "theorem": name, "statement": f"Lemma {name} : {said}", "goal": f"⊢ {said}", "step": STEP}
        for name, said in STATEMENTS.items()
    ]
    lemmata.write("known.jsonl", "".join(json.dumps(record) + "\n" for record in known))
    # The prover is for another system: what is proved, the model proves.
    command = ("corpus", "iterate", "Sums.v", "--out", "out", "--prover", "script", "--with", "known.jsonl")
    command += ("--benchmark", "dev.jsonl", "--epochs", "15", "--held-out", "0", "--jobs", "1", "--timeout")
    answer = lemmata(*command, "40", "--json")
    assert answer.code == 0, answer.err
    first, second = answer.document["rounds"]
    assert (first["problems"], first["proved"], first["records"]) == (2, 0, 1)
    assert (second["problems"], second["proved"], second["newly proved"], second["held back"]) == (2, 2, 2, 1)
    out = lemmata.folder / "out"
    harvested = [step_record(step) for step in records(out / "round-2/steps.jsonl")]
    assert {step.theorem for step in harvested} == {"Sums.turn"}, "the planted one is held back"
    assert {step.more["prover"] for step in harvested} == {"round-1/model"}
    for problem in records(out / "round-2/search/data.jsonl"):
        certificate = load(out / "round-2/search" / problem["certificate"])
        assert [step["step"] for step in problem["steps"]] == [step.text for step in certificate.steps]
    stage = json.loads((out / "round-2/search/stage.json").read_text())
    assert stage["settings"]["models"] == {"round-1/model": first["model"]}
    card = (out / "README.md").read_text()
    for entry in (first, second):
        assert entry["model"] == weights_digest(out / f"round-{entry['round']}" / "model")
        assert entry["model"] in card

    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    again = lemmata(*command, "40")
    assert again.code == 0
    assert "2 of 2 rounds, finished" in again.out
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()} == before
    other = lemmata(*command, "7")
    assert other.code == 2
    assert "another timeout" in other.err


def test_a_killed_run_goes_on_to_the_same_records(lemmata: Lemmata) -> None:
    names = [f"easy{number}" if number % 2 else f"hard{number}" for number in range(COUNT)]
    lemmata.write("All.script", "".join(f"Theorem {name}. Admitted.\n" for name in names))
    command = ("corpus", "iterate", "All.script", "--prover", "script", "--timeout", "2", "--epochs", "5", "--out")
    assert lemmata(*command, "calm/out").code == 0
    for number, wanted in (
        (signal.SIGKILL, f" of {COUNT} done"),
        (signal.SIGTERM, "round 2: train: step"),
    ):
        process = lemmata.start(*command, "killed/out", "--json")
        until(process.stderr, wanted)
        process.send_signal(number)
        said, _ = process.communicate(timeout=60)
        if number is signal.SIGKILL:
            assert process.returncode == -signal.SIGKILL
        else:
            assert process.returncode == 130
            assert json.loads(said)["interrupted"] is True
    done = lemmata(*command, "killed/out", "--json")
    assert done.code == 0
    calm, killed = (lemmata.folder / name / "out" for name in ("calm", "killed"))
    for entry in done.document["rounds"]:
        assert (entry["problems"], entry["proved"], entry["steps"]) == (COUNT, COUNT // 2, COUNT // 2)
        for name in LEARNT:
            place = f"round-{entry['round']}/{name}"
            assert (killed / place).read_bytes() == (calm / place).read_bytes(), place


def test_where_nothing_can_be_learnt_it_ends(lemmata: Lemmata) -> None:
    lemmata.write("hard.script", "Theorem hard1. Admitted.\n")
    lemmata.write("program.fake", "over overclaim\ngood prove\nbroken crash\n")
    command = ("corpus", "iterate", "program.fake", "hard.script", "--provers", "script,fake", "--timeout", "1")
    answer = lemmata(*command, "--rounds", "3", "--out", "out", "--json")
    assert answer.code == 3
    (only,) = answer.document["rounds"]
    # The checker of these programs refuses one proof in the end, and breaks on another problem.
    assert (only["problems"], only["proved"], only["failed"]) == (4, 1, 1)
    assert (only["steps"], only["rejected"], only["records"], only["model"]) == (0, 0, 0, None)
    (failure,) = records(lemmata.folder / "out/round-1/search/failures.jsonl")
    assert failure["item"] == "program.fake:broken"
    assert "out of cheese" in failure["detail"]


def test_what_cannot_be_learnt_is_told_before_any_search(lemmata: Lemmata) -> None:
    lemmata.write("All.script", "Theorem easy1. Admitted.\n")
    lemmata.write("wrong.jsonl", '{"system": "coq", "goal": "⊢ True", "step": "exact I"}\n{"system": "coq"}\n')
    command = ("corpus", "iterate", "All.script", "--prover", "script", "--out", "out")
    for more, said in (
        (("--with", "wrong.jsonl"), "wrong.jsonl:2"),
        (("--base", "nowhere"), "no model"),
        (("Gone.script",), "no such file"),
    ):
        answer = lemmata(*command, *more)
        assert answer.code == 2
        assert said in answer.err
    assert not (lemmata.folder / "out").exists()


def test_without_its_libraries_nothing_is_begun(lemmata: Lemmata) -> None:
    lemmata.write("All.script", "Theorem easy1. Admitted.\n")
    (lemmata.folder / "gone").mkdir()
    lemmata.write("gone/torch.py", "raise ImportError('there is none')\n")
    lemmata.environment["PYTHONPATH"] += f":{lemmata.folder / 'gone'}"
    answer = lemmata("corpus", "iterate", "All.script", "--prover", "script", "--out", "out")
    assert answer.code == 4
    assert "pip install" in answer.err
    assert not (lemmata.folder / "out" / "round-1").exists()
