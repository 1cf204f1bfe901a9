"""`lemmata train`: records and their faults, runs that are killed and go on, and what the trained models can do."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny

from lemmata.cli import main
from lemmata.errors import InputError, UsageError
from provers.neural import local_manifest
from provers.neural.training import records
from provers.neural.training.records import candidate_record, step_record, value_record
from provers.neural.training.settings import Progress, Settings

STEP = {"system": "coq", "goal": "⊢ True", "step": "exact I"}
SMALL = Settings(epochs=4, batch=8, learning_rate=3e-3, held_out=0.2, save_every=3)


def lines(path: Path, *values: Any) -> Path:
    path.write_text("".join(f"{value if isinstance(value, str) else json.dumps(value)}\n" for value in values))
    return path


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ("{", "JSON"),
        ("[1]", "object"),
        ('"text"', "object"),
        ({"system": "coq", "goal": "⊢ True"}, "step"),
        ({**STEP, "step": " "}, "step.*empty"),
        ({**STEP, "goal": 3}, "goal.*int"),
        ({**STEP, "premises": "lemma"}, "premises"),
        ({**STEP, "theorem": ["t"]}, "theorem"),
        ('{"system": "coq", "goal": "\\ud800", "step": "x"}', "Unicode"),
        ("[" * 100_000, "JSON"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_wrong_record_is_told_with_file_and_line(tmp_path: Path, wrong: Any, what: str) -> None:
    data = lines(tmp_path / "steps.jsonl", STEP, "", STEP, wrong)
    with pytest.raises(InputError, match=f"steps.jsonl:4: error: .*{what}"):
        records.read([data], step_record, 0.1, 0)


@pytest.mark.parametrize("value", [None, "x", True, 0.5, float("nan"), float("-inf")])
def test_values_are_logarithms_of_probabilities(tmp_path: Path, value: Any) -> None:
    data = lines(tmp_path / "values.jsonl", {"goal": "g", "value": -1}, {"goal": "g", "value": value})
    with pytest.raises(InputError, match=r"values.jsonl:2: error: .*value"):
        records.read([data], value_record, 0.1, 0)


def test_labels_are_true_or_false(tmp_path: Path) -> None:
    data = lines(tmp_path / "c.jsonl", {"problem": "p", "candidate": "c", "label": "yes"})
    with pytest.raises(InputError, match=r"c.jsonl:1: error: .*label"):
        records.read([data], candidate_record, 0.1, 0)


def test_files_that_are_not_there_or_empty(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.jsonl"):
        records.read([tmp_path / "nothing.jsonl"], step_record, 0.1, 0)
    with pytest.raises(InputError, match="no records"):
        records.read([lines(tmp_path / "empty.jsonl", "")], step_record, 0.1, 0)
    (tmp_path / "bytes.jsonl").write_bytes(b'{"system": "\xff\xfe"}\n')
    with pytest.raises(InputError, match=r"bytes.jsonl:1"):
        records.read([tmp_path / "bytes.jsonl"], step_record, 0.1, 0)


def test_a_theorem_is_on_one_side_of_the_split(tmp_path: Path) -> None:
    data = lines(
        tmp_path / "s.jsonl",
        *({**STEP, "goal": f"g{i}", "theorem": f"t{i % 20}", "file": "a.v"} for i in range(200)),
    )
    split = records.read([data], step_record, 0.25, 3)
    assert {r.theorem for r in split.train}.isdisjoint(r.theorem for r in split.held_out)
    assert len({r.theorem for r in split.held_out}) == 5
    assert records.read([data], step_record, 0.25, 3) == split
    assert records.read([data], step_record, 0.25, 4).held_out != split.held_out
    assert records.read([data], step_record, 0.0, 3).held_out == []


def test_parquet_is_read_like_json_lines(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    from pyarrow import parquet

    rows = [{**STEP, "goal": f"g{i}", "premises": ["p"]} for i in range(10)]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "s.parquet")
    data = records.read([tmp_path / "s.parquet"], step_record, 0.0, 0)
    assert [r.goal for r in data.train] == [row["goal"] for row in rows]
    parquet.write_table(pa.Table.from_pylist([*rows, {"system": "coq"}]), tmp_path / "w.parquet")
    with pytest.raises(InputError, match=r"w.parquet:11: error: .*goal"):
        records.read([tmp_path / "w.parquet"], step_record, 0.0, 0)


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_records(tmp_path_factory.mktemp("data") / "steps.jsonl", tiny.made_up_records())


def torch_is_here() -> None:
    for name in ("torch", "transformers", "accelerate"):
        pytest.importorskip(name, reason=f"{name} is not installed")


def run(folder: Path, steps: Path, *, until: int | None = None) -> str:
    """Train in a process of its own, killed once it has written so many checkpoints."""
    code = (
        "import sys; from pathlib import Path\n"
        "from provers.neural.training.prover import train_prover\n"
        "from provers.neural.training.settings import Settings\n"
        "def report(at): at.saved and print('saved', at.step, flush=True)\n"
        f"train_prover([Path(sys.argv[1])], Path(sys.argv[2]), settings={SMALL!r}, resume=True, report=report)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(steps), str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    said = ""
    assert child.stdout is not None
    for line in child.stdout:
        said += line
        if until is not None and said.count("saved") >= until:
            child.send_signal(signal.SIGKILL)
            break
    rest, errors = child.communicate(timeout=120)
    assert child.returncode == (0 if until is None else -signal.SIGKILL), errors
    return said + rest


def test_a_killed_run_reaches_the_same_result(tmp_path: Path, steps: Path) -> None:
    torch_is_here()
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    run(whole, steps)
    run(cut, steps, until=2)
    assert not (cut / local_manifest.NAME).exists()
    # What was being written when it was killed counts for nothing.
    (cut / "checkpoints" / "checkpoint-9").mkdir(exist_ok=True)
    (cut / "checkpoints" / "checkpoint-9" / "complete").unlink(missing_ok=True)
    said = run(cut, steps)
    assert "saved 3\n" not in said
    first, second = local_manifest.read(whole), local_manifest.read(cut)
    assert first is not None
    assert second is not None
    assert second.training["held_out"] == pytest.approx(first.training["held_out"], abs=1e-4)
    assert second.training["steps"] == first.training["steps"] == 12
    assert (whole / "model.safetensors").stat().st_size == (cut / "model.safetensors").stat().st_size
    assert second.training["weights"] == first.training["weights"]


def test_a_prover_comes_with_its_card_and_results(tmp_path: Path, steps: Path) -> None:
    torch_is_here()
    from provers.neural.training.prover import train_prover

    out, told = tmp_path / "model", list[Progress]()
    made = train_prover([steps], out, settings=SMALL, report=told.append)
    body = json.loads((out / "lemmata.json").read_text(encoding="utf-8"))
    assert made == local_manifest.read(out)
    assert (body["kind"], body["format"], body["systems"]) == ("prover", "reprover/1", ["coq"])
    training = body["training"]
    assert training["records"] == {"train": 24, "held_out": 6}
    assert 0 < training["train"]["loss"] < 20
    assert 0 <= training["held_out"]["exact_match"] <= 1
    card = (out / "README.md").read_text(encoding="utf-8")
    for text in (training["run"]["data"], "24 trained on, 6 held out", "| seed | 0 |", "exact match", "`tiny`"):
        assert text in card
    assert told[-1].step == told[-1].steps == training["steps"]
    assert any(at.loss is not None for at in told)
    assert any(at.saved for at in told)
    names = {path.name for path in out.rglob("*")}
    assert "model.safetensors" in names
    assert not [name for name in names if name.endswith((".bin", ".pt", ".pth", ".pkl"))]
    assert "checkpoints" not in names

    # The same command again finds its result; another one does not take the folder over.
    assert train_prover([steps], out, settings=SMALL, resume=True) == made
    with pytest.raises(UsageError, match="--resume"):
        train_prover([steps], out, settings=SMALL)
    with pytest.raises(UsageError, match="differs in seed"):
        train_prover([steps], out, settings=replace(SMALL, seed=5), resume=True)

    more = train_prover([steps], tmp_path / "more", out, Settings(epochs=1, held_out=0.2))
    assert more.training["run"]["base"] == training["weights"]
    assert more.training["train"]["loss"] < training["train"]["loss"]


def test_folders_that_are_in_use_are_left_alone(tmp_path: Path, steps: Path) -> None:
    torch_is_here()
    from provers.neural.training.prover import train_prover

    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("work of years")
    for resume in (False, True):
        with pytest.raises(UsageError, match="not empty"):
            train_prover([steps], tmp_path / "full", settings=SMALL, resume=resume)
    with pytest.raises(UsageError, match="not a folder"):
        train_prover([steps], steps, settings=SMALL)
    with pytest.raises(UsageError, match="no model"):
        train_prover([steps], tmp_path / "new", tmp_path / "full.bin", settings=SMALL)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.tex"]


def test_a_decoder_only_checkpoint_learns(tmp_path: Path, steps: Path) -> None:
    torch_is_here()
    from provers.neural.training.prover import train_prover

    base = tiny.decoder_only(tmp_path / "base")
    made = train_prover([steps], tmp_path / "out", base, Settings(epochs=24, held_out=0.0, learning_rate=3e-3))
    assert made.format == "bfs-prover/1"
    assert made.training["train"]["loss"] < 2.5
    assert made.training["held_out"]["loss"] is None


def test_a_critic_tells_easy_goals_from_hard_ones(tmp_path: Path) -> None:
    torch_is_here()
    from provers.neural.training.critic import TrainedCritic, train_critic

    lots = random.Random(1)
    names = [f"{lots.choice('abcdef')}{i}" for i in range(48)]
    goals = [{"goal": f"⊢ {n} = {n}", "value": -0.1} for n in names[::2]]
    goals += [{"goal": f"⊢ forall x, hard {n} x", "value": -6.0} for n in names[1::2]]
    data = tiny.write_records(tmp_path / "values.jsonl", goals)
    settings = Settings(epochs=8, batch=8, learning_rate=2e-3, held_out=0.2)
    made = train_critic([data], tmp_path / "critic", settings=settings)
    assert made.training["held_out"]["mean_absolute_error"] < 1.5
    critic = TrainedCritic.load(tmp_path / "critic")
    easy, hard, again = critic.score(["⊢ a9 = a9", "⊢ forall x, hard a9 x", "⊢ a9 = a9"])
    assert hard < easy - 2
    assert easy == pytest.approx(again, abs=1e-4)
    assert max(easy, hard) <= 0
    assert critic.score([]) == []
    from provers.neural.training.ranker import TrainedRanker

    with pytest.raises(UsageError, match="no ranker"):
        TrainedRanker.load(tmp_path / "critic")


def test_a_ranker_finds_the_right_candidate(tmp_path: Path) -> None:
    torch_is_here()
    from provers.neural.training.ranker import TrainedRanker, train_ranker

    rows = []
    for i, bound in enumerate("nmkpqrst" * 3):
        problem = f"int i{i} = 0; while (i{i} < {bound}) i{i}++;"
        for sign, label in (("<=", True), (">", False), ("!=", False), ("==", False)):
            rows.append({"problem": problem, "candidate": f"i{i} {sign} {bound}", "label": label})
    data = tiny.write_records(tmp_path / "candidates.jsonl", rows)
    settings = Settings(epochs=10, batch=8, learning_rate=2e-3, held_out=0.2)
    made = train_ranker([data], tmp_path / "ranker", settings=settings)
    assert made.training["held_out"]["ordered_pairs"] > 0.8
    assert made.training["held_out"]["mean_reciprocal_rank"] > 0.6
    ranker = TrainedRanker.load(tmp_path / "ranker")
    scores = ranker.score("int i3 = 0; while (i3 < n) i3++;", ["i3 > n", "i3 <= n", "i3 == n"])
    assert max(range(3), key=scores.__getitem__) == 1
    assert ranker.score("p", []) == []
    only = tiny.write_records(tmp_path / "only.jsonl", rows[:1])
    with pytest.raises(InputError, match="right and wrong"):
        train_ranker([only], tmp_path / "other", settings=settings)


def test_a_ranker_goes_on_from_a_provers_encoder(tmp_path: Path, steps: Path) -> None:
    torch_is_here()
    from provers.neural.training.critic import train_critic
    from provers.neural.training.prover import train_prover

    prover = tmp_path / "prover"
    train_prover([steps], prover, settings=Settings(epochs=1, held_out=0.0))
    data = tiny.write_records(tmp_path / "v.jsonl", [{"goal": f"g{i}", "value": -i / 4} for i in range(16)])
    made = train_critic([data], tmp_path / "critic", prover, Settings(epochs=1))
    assert made.training["run"]["base"]
    with pytest.raises(UsageError, match="llama"):
        train_critic([data], tmp_path / "other", tiny.decoder_only(tmp_path / "base"), Settings(epochs=1))


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main.run(["train", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_command(tmp_path: Path, steps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch_is_here()
    out = str(tmp_path / "model")
    code, said, told = command(capsys, "prover", str(steps), "--out", out, "--epochs", "1", "--json")
    assert code == 0, told
    body = json.loads(said)
    assert (body["schema"], body["kind"], body["model"], body["exit_code"]) == ("lemmata.training/1", "prover", out, 0)
    assert body["training"]["records"]["train"] == 27
    assert "step 2/2" in told
    code, said, told = command(capsys, "prover", str(steps), "--out", out, "--epochs", "1", "--resume")
    assert code == 0, told
    assert "exact match" in said
    code, said, told = command(capsys, "prover", str(steps), "--out", out, "--json")
    assert code == 2
    assert json.loads(said)["error"]["hint"] == "--resume goes on with it"


def test_the_commands_errors(tmp_path: Path, steps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = lines(tmp_path / "wrong.jsonl", STEP, {**STEP, "step": 1})
    code, _, told = command(capsys, "prover", str(wrong), "--out", str(tmp_path / "m"))
    assert code == 2
    assert f"{wrong}:2: error: 'step' is of type int, not text" in told
    for options in (["--epochs", "0"], ["--size", "huge"], ["--held-out", "1"], ["--batch", "0"]):
        code, _, told = command(capsys, "prover", str(steps), "--out", str(tmp_path / "m"), *options)
        assert code == 2, told
    assert not (tmp_path / "m").exists()
    assert command(capsys, "poet", str(steps), "--out", str(tmp_path / "m"))[0] == 2
