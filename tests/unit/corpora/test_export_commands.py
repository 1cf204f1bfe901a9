"""The commands from records to a trained model, one after the other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from curation_records import dataset, library, proof, rows

from corpora.stages import lines
from lemmata.cli import corpus_curation as commands
from lemmata.cli.output import Output
from lemmata.errors import UsageError

pytest.importorskip("pyarrow", reason="pyarrow is not installed")


def said(capsys: pytest.CaptureFixture[str]) -> dict:
    # A process prints one document; here several commands are one process.
    Output.emitted = False
    return json.loads(capsys.readouterr().out)


def test_from_records_to_an_exported_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Output.emitted = False
    copy = proof("planted", "forall y : elm, grove y = y", ["intros y", "apply grove_id"])
    data = dataset(tmp_path / "data.jsonl", *library(40), copy)
    lines.write(tmp_path / "bench.jsonl", [{"name": "b", "statement": "Theorem b (x : elm) : grove x = x."}])
    curated, split, exported = tmp_path / "curated", tmp_path / "split", tmp_path / "exported"
    for again in (False, True):
        assert commands.curate([data], curated, benchmark=[tmp_path / "bench.jsonl"], as_json=True) == 0
        found = said(capsys)
        assert (found["schema"], found["stage"], found["records"]) == ("lemmata.corpus/1", "curate", 120)
        assert found["counts"] == {"removed: benchmark theorem": 2}
        assert found["tasks"]["already"] == int(again)
    assert commands.split([curated], split, by=commands.By.NOVEL_PREMISES, as_json=True) == 0
    assert said(capsys)["records"] == 120
    assert commands.export(exported, commands.To.STEPS, [split]) == 0
    assert "120 records" in capsys.readouterr().out
    assert commands.stats([split], tmp_path / "stats", as_json=True) == 0
    assert said(capsys)["stats"]["records"] == 120
    assert (tmp_path / "stats" / "tactics.svg").exists()
    assert commands.stats([split]) == 0
    assert "# Statistics" in capsys.readouterr().out
    with pytest.raises(UsageError, match="another"):
        commands.curate([data], curated, near=0.5)
    with pytest.raises(UsageError, match="of data sets or of a store"):
        commands.export(tmp_path / "neither", commands.To.STEPS)
    kept = {row["theorem"] for row in rows(curated / "data.jsonl")}
    assert not any(name.endswith("planted") for name in kept)


KILLED = """
import os, signal, sys
from pathlib import Path
from corpora.stages import lines
from lemmata.cli import corpus_curation as commands

left = int(sys.argv[1])
plain = lines.line

def line(record):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return plain(record)

lines.line = line
data, out = Path(sys.argv[3]), Path(sys.argv[4])
eval(sys.argv[2])
"""
COMMANDS = {
    "curate": "commands.curate([data], out)",
    "split": "commands.split([data], out, by=commands.By.NOVEL_PREMISES)",
    "export": "commands.export(out, commands.To.STEPS, [data])",
    "export reprover": "commands.export(out, commands.To.REPROVER, [data])",
}


@pytest.mark.parametrize("at", [1, 50, 90])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_killed_run_goes_on_to_the_same_result(tmp_path: Path, name: str, at: int) -> None:
    data = dataset(tmp_path / "data.jsonl", *library(20))
    space = {"commands": commands, "data": data}
    assert eval(COMMANDS[name], {**space, "out": tmp_path / "a" / "out"}) == 0
    # What ReProver reads is one line for each theorem.
    arguments = [
        str(at if name != "export reprover" else at // 4 + 1),
        COMMANDS[name],
        str(data),
        str(tmp_path / "b" / "out"),
    ]
    (tmp_path / "b").mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, *arguments], env=environment, check=False, capture_output=True
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert eval(COMMANDS[name], {**space, "out": tmp_path / "b" / "out"}) == 0
    whole, cut = ({f.name: f.read_bytes() for f in (tmp_path / side / "out").iterdir() if f.is_file()} for side in "ab")
    assert whole.pop("journal.jsonl")
    assert cut.pop("journal.jsonl")
    assert whole == cut


@pytest.mark.slow
def test_an_exported_folder_trains_a_model(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("transformers", reason="transformers is not installed")
    from provers.neural.training.prover import train_prover
    from provers.neural.training.settings import Settings

    data = dataset(tmp_path / "data.jsonl", *library(12))
    assert commands.split([data], tmp_path / "split") == 0
    assert commands.export(tmp_path / "exported", commands.To.STEPS, [tmp_path / "split"]) == 0
    manifest = train_prover(
        [tmp_path / "exported" / "train-00000.parquet"], tmp_path / "model", None, Settings(epochs=1)
    )
    assert manifest.systems == ("coq",)
    assert manifest.training["records"]["train"] > 20
