"""`lemmata train` on what is meant to break it: data, checkpoints and folders that somebody else has prepared."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny

from lemmata.cli import main
from lemmata.errors import BackendCrashed, BackendError, InputError, LemmataError, StoreError
from provers.neural import local_manifest
from provers.neural.local import TransformersProver
from provers.neural.training import records
from provers.neural.training.critic import train_critic
from provers.neural.training.prover import train_prover
from provers.neural.training.settings import Progress, Settings

STEP = {"system": "coq", "goal": "⊢ True", "step": "exact I"}
QUICK = Settings(epochs=2, batch=16, held_out=0.0, save_every=2)


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_records(tmp_path_factory.mktemp("data") / "steps.jsonl", tiny.made_up_records())


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two sound checkpoints, `decoder` and `t5`."""
    for name in ("torch", "transformers", "accelerate"):
        pytest.importorskip(name, reason=f"{name} is not installed")
    import transformers

    folder = tmp_path_factory.mktemp("bases")
    tiny.decoder_only(folder / "decoder", width=32)
    tiny.encoder_decoder(folder / "t5", transformers.ByT5Tokenizer())
    return folder


class Bomb:
    """Something that does harm when it is unpickled: it makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return os.mkdir, (str(self.mark),)


def changed(path: Path, **values: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **values}), encoding="utf-8")


def pickled(folder: Path, mark: Path) -> None:
    """Leave only weights in the format that is a program."""
    import torch

    (folder / "model.safetensors").unlink()
    torch.save(Bomb(mark), folder / "pytorch_model.bin")


def pickled_behind_an_index(folder: Path, mark: Path) -> None:
    pickled(folder, mark)
    index = {"metadata": {}, "weight_map": {"lm_head.weight": "pytorch_model.bin"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")


def elsewhere(folder: Path, mark: Path) -> None:
    (folder / "model.safetensors").rename(folder.parent / "stolen.safetensors")
    index = {"metadata": {}, "weight_map": {"lm_head.weight": "../stolen.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")


def evil(folder: Path, mark: Path) -> None:
    (folder / "evil.py").write_text(f"import os\nos.mkdir({str(mark)!r})\n", encoding="utf-8")


def code_of_its_own(folder: Path, mark: Path) -> None:
    evil(folder, mark)
    kinds = ("AutoConfig", "AutoModel", "AutoModelForCausalLM", "AutoModelForSeq2SeqLM", "AutoModelForTextEncoding")
    own = dict.fromkeys(kinds, "evil.Evil")
    changed(folder / "config.json", auto_map=own, model_type="evil", trust_remote_code=True)


def tokenizer_of_its_own(folder: Path, mark: Path) -> None:
    evil(folder, mark)
    own = {"AutoTokenizer": ["evil.Evil", "evil.Evil"]}
    changed(folder / "tokenizer_config.json", auto_map=own, tokenizer_class="Evil", trust_remote_code=True)


def config_that_is_another_file(folder: Path, mark: Path) -> None:
    (folder / "config.json").unlink()
    (folder / "config.json").symlink_to("/etc/passwd")


HARMFUL = (
    pickled,
    pickled_behind_an_index,
    elsewhere,
    code_of_its_own,
    tokenizer_of_its_own,
    config_that_is_another_file,
)


@pytest.mark.parametrize("spoil", HARMFUL, ids=lambda spoil: str(spoil.__name__))
@pytest.mark.parametrize("kind", ["decoder", "t5"])
def test_a_harmful_checkpoint_is_refused_and_does_nothing(
    tmp_path: Path, bases: Path, steps: Path, kind: str, spoil: Callable[[Path, Path], None]
) -> None:
    base, mark, out = tmp_path / "base", tmp_path / "mark", tmp_path / "out"
    shutil.copytree(bases / kind, base)
    spoil(base, mark)
    told = []
    with pytest.raises(BackendError) as caught:
        train_prover([steps], out, base, QUICK)
    told.append(str(caught.value))
    if kind == "t5":
        values = tiny.write_records(tmp_path / "values.jsonl", [{"goal": f"g{i}", "value": -i} for i in range(8)])
        with pytest.raises(BackendError) as caught:
            train_critic([values], out, base, QUICK)
        told.append(str(caught.value))
    assert not mark.exists()
    assert not out.exists()
    for message in told:
        assert "\n" not in message
        assert "cannot be loaded" in message
        assert "root:" not in message


def test_code_that_a_known_architecture_brings_along_is_left_alone(tmp_path: Path, bases: Path, steps: Path) -> None:
    import asyncio

    base, mark = tmp_path / "base", tmp_path / "mark"
    shutil.copytree(bases / "decoder", base)
    evil(base, mark)
    changed(base / "config.json", auto_map={"AutoModelForCausalLM": "evil.Evil"}, trust_remote_code=True)
    (base / "custom_generate").mkdir()
    shutil.copy(base / "evil.py", base / "custom_generate" / "generate.py")
    changed(base / "generation_config.json", custom_generate=str(base), trust_remote_code=True)
    train_prover([steps], tmp_path / "out", base, QUICK)
    for folder in (base, tmp_path / "out"):
        prover = TransformersProver(str(folder), sampling={"max_tokens": 4})
        asyncio.run(prover.propose([tiny.view("True")], 1))
        asyncio.run(prover.close())
    assert not mark.exists()


@pytest.fixture(scope="module")
def cut_short(tmp_path_factory: pytest.TempPathFactory, bases: Path, steps: Path) -> Path:
    """Return the folder of a run that was cut short at its first checkpoint."""

    def stop(at: Progress) -> None:
        if at.saved:
            raise InterruptedError

    out = tmp_path_factory.mktemp("cut") / "out"
    with pytest.raises(LemmataError):
        train_prover([steps], out, bases / "decoder", QUICK, report=stop)
    return out


@pytest.mark.parametrize(
    "name", ["optimizer.pt", "scheduler.pt", "rng_state.pth", "training_args.bin", "pytorch_model.bin"]
)
def test_checkpoints_that_somebody_prepared_do_nothing(
    tmp_path: Path, steps: Path, bases: Path, cut_short: Path, name: str
) -> None:
    """A run goes on from what is in the folder, and that may be from anybody."""
    import torch

    out, mark = tmp_path / "out", tmp_path / "mark"
    shutil.copytree(cut_short, out)
    (checkpoint,) = (out / "checkpoints").glob("checkpoint-*")
    assert (checkpoint / "complete").exists()
    torch.save(Bomb(mark), checkpoint / name)
    if name == "pytorch_model.bin":
        (checkpoint / "model.safetensors").unlink()
    try:
        train_prover([steps], out, bases / "decoder", QUICK, resume=True)
    except BackendCrashed as error:
        assert "the training failed" in error.message
        assert "\n" not in str(error)
        assert not (out / local_manifest.NAME).exists()
    assert not mark.exists()


def test_a_disk_that_is_full_is_told_and_the_run_goes_on_later(tmp_path: Path, bases: Path, steps: Path) -> None:
    def small() -> None:
        # What it writes may not become larger, as on a disk that is full.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    command = [sys.executable, "-m", "lemmata", "train", "prover", str(steps), "--base", str(bases / "decoder")]
    command += ["--out", str(tmp_path / "out"), "--epochs", "1", "--quiet", "--resume"]
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "NO_COLOR": "1"}

    def run(**more: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=200, check=False, **more
        )

    full = run(preexec_fn=small)
    assert full.returncode == 4
    assert full.stderr.strip().count("\n") == 0, full.stderr
    assert "internal error" not in full.stderr
    assert "--resume" in full.stderr
    later = run()
    assert later.returncode == 0, later.stderr
    assert local_manifest.read(tmp_path / "out") is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("longest_answer", -1000),
        ("longest_answer", 10**30),
        ("run", {"longest_prompt": 2}),
        ("run", {"longest_prompt": 10**30}),
    ],
)
def test_a_manifest_with_impossible_numbers(tmp_path: Path, bases: Path, field: str, value: Any) -> None:
    import asyncio

    folder = tmp_path / "model"
    shutil.copytree(bases / "t5", folder)
    local_manifest.write(folder, local_manifest.Manifest("prover", "reprover/1", ("coq",), {field: value}))
    prover = TransformersProver(str(folder))
    prover.call_seconds = 2.0
    try:
        (found,) = asyncio.run(prover.propose([tiny.view("True")], 1))
    except LemmataError as error:
        assert "\n" not in str(error)
    else:
        assert len(found) <= 1
    asyncio.run(prover.close())


def test_a_folder_that_cannot_be_written(tmp_path: Path, bases: Path, steps: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        train_prover([steps], steps / "out", bases / "decoder", QUICK)


def command(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    code = main.run(["train", *map(str, arguments)])
    return code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (f'{{"goal": "g", "value": -1{"0" * 400}}}', "logarithm"),
        (f'{{"goal": "g", "value": -1{"0" * 5000}}}', "too long a number"),
        ('{"goal": "g", "value": NaN}', "logarithm"),
        ('{"goal": "g", "value": -1e999}', "logarithm"),
        ('{"goal": "g", "value": {"a": ' + "[" * 50_000, "no JSON"),
        ('{"goal": ["g"], "value": -1}', "'goal' is of type list"),
        ("\0", "no JSON"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_odd_values_are_told_with_their_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, what: str
) -> None:
    data = tmp_path / "values.jsonl"
    data.write_text(f'{{"goal": "g", "value": -1}}\n{line}\n', encoding="utf-8")
    code, told = command(capsys, "critic", data, "--out", tmp_path / "out")
    assert code == 2
    assert f"{data}:2: error: " in told
    assert what in told
    assert not (tmp_path / "out").exists()


def test_a_record_of_many_megabytes_and_repeated_ones_are_learnt(tmp_path: Path, bases: Path) -> None:
    long = {**STEP, "goal": "n " * 3_000_000, "step": "x" * 1_000_000}
    data = tiny.write_records(tmp_path / "long.jsonl", [long, STEP, STEP, STEP])
    made = train_prover([data], tmp_path / "out", bases / "decoder", QUICK)
    assert made.training["records"] == {"train": 4, "held_out": 0}


def parquet_file(path: Path, rows: list[dict[str, Any]]) -> Path:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    from pyarrow import parquet

    parquet.write_table(pa.Table.from_pylist(rows), path)
    return path


def test_a_prover_is_trained_from_parquet(
    tmp_path: Path, bases: Path, steps: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [json.loads(line) for line in steps.read_text(encoding="utf-8").splitlines()]
    data = parquet_file(tmp_path / "steps.parquet", rows)
    assert (
        records.read([data], records.step_record, 0.2, 0).train
        == records.read([steps], records.step_record, 0.2, 0).train
    )
    out = tmp_path / "out"
    code, told = command(capsys, "prover", data, "--base", bases / "decoder", "--out", out, "--epochs", "1")
    assert code == 0, told
    manifest = local_manifest.read(out)
    assert manifest is not None
    assert manifest.training["files"] == [str(data)]


def test_parquet_without_its_library_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    data = tmp_path / "steps.parquet"
    data.write_bytes(b"PAR1")
    code, told = command(capsys, "prover", data, "--out", tmp_path / "out")
    assert code == 4
    (line,) = told.strip().splitlines()
    assert f"{data} is a Parquet file, and pyarrow is not installed" in line
    assert "pip install pyarrow" in line


def test_parquet_files_that_are_none(tmp_path: Path) -> None:
    whole = parquet_file(tmp_path / "whole.parquet", [STEP] * 100).read_bytes()
    spoilt = {
        "empty": b"",
        "magic": b"PAR1PAR1",
        "text": json.dumps(STEP).encode() * 10,
        "cut": whole[: len(whole) // 2],
        "middle": whole[:40] + bytes(200) + whole[240:],
    }
    for name, content in spoilt.items():
        data = tmp_path / f"{name}.parquet"
        data.write_bytes(content)
        with pytest.raises(InputError, match=rf"{name}\.parquet") as caught:
            records.read([data], records.step_record, 0.0, 0)
        assert "\n" not in str(caught.value)
    bytes_for_text = parquet_file(tmp_path / "bytes.parquet", [{**STEP, "step": b"\xff\xfe"}])
    with pytest.raises(InputError, match=r"bytes\.parquet:1: error: 'step' is of type bytes"):
        records.read([bytes_for_text], records.step_record, 0.0, 0)
