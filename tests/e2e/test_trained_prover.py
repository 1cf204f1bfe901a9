"""A model that was trained a moment ago proves lemmas in Coq all by itself, and the certificates name it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import tiny

from lemmata.certificate import load
from provers.neural.local_loading import weights_digest

for _name in ("torch", "transformers", "accelerate"):
    pytest.importorskip(_name, reason=f"{_name} is not installed")

pytestmark = [
    pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed"),
    pytest.mark.slow,
    pytest.mark.timeout(900),
]
WANTED = 20


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A byte-level model, trained from scratch on goals as a Coq session shows them."""
    from provers.neural.training.prover import train_prover
    from provers.neural.training.settings import Settings

    folder = tmp_path_factory.mktemp("trained")
    data = tiny.write_records(folder / "steps.jsonl", tiny.coq_records(folder))
    made = train_prover([data], folder / "model", settings=Settings(epochs=80, held_out=0.0))
    assert made.training["train"]["exact_match"] > 0.5
    return folder / "model"


def test_it_proves_lemmas_with_no_other_prover(lemmata, model: Path) -> None:
    file = tiny.write_lemmas(lemmata.folder / "Lemmas.v")
    process = lemmata.start(
        *("prove", "--prover", f"transformers:{model}", file, "--json", "--out", "proofs"),
        *("--timeout", "40", "--jobs", "2", "--no-store"),
    )
    out, told = process.communicate(timeout=800)
    results = json.loads(out)["results"]
    assert len(results) == len(tiny.LEMMAS), told
    proved = [result for result in results if result["verdict"] == "proved"]
    assert len(proved) >= WANTED, [(r["obligation"], r["reason"]) for r in results]
    revision = weights_digest(model)
    for result in proved:
        path = lemmata.folder / result["certificate"]
        load(path)
        text = path.read_text(encoding="utf-8")
        for said in (str(model), revision, "reprover/1"):
            assert said in text
        provers = {step["prover"] for step in result["proof"]["steps"]}
        assert provers == {f"transformers:{model}"}
