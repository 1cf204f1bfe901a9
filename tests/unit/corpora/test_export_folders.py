"""Exported folders: what `datasets` and the trainers of this project read."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from curation_records import carried_out, dataset, keep_search, library, proof, rows

from corpora.export.stage import Target, exporting, exporting_searches
from corpora.split.settings import Shares
from corpora.split.stage import splitting
from lemmata.errors import StoreError, UsageError
from lemmata.events import GoalExpanded, GoalOpened, StatusChanged, StepChecked
from provers.neural.training import records as training

parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set that is split."""
    folder = tmp_path_factory.mktemp("split")
    lone = proof("lone", "lone x", ["exact I"])
    data = dataset(folder / "data.jsonl", *library(40), lone)
    carried_out(splitting([data], shares=Shares(0.1, 0.1)), folder / "split")
    return folder / "split"


def table(path: Path) -> list[dict[str, Any]]:
    return parquet.read_table(path).to_pylist()


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Loads a folder with the library that people use."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    return lambda folder: datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))


@pytest.mark.parametrize("target", [Target.STEPS, Target.CHAT, Target.VALUES, Target.PAIRS])
def test_datasets_loads_the_folder(split: Path, tmp_path: Path, loaded: Any, target: Target) -> None:
    carried_out(exporting(target, [split]), tmp_path / "out")
    found = loaded(tmp_path / "out")
    assert set(found) == {"train", "validation", "test"}
    for name, rows_ in found.items():
        assert rows_.to_list() == table(tmp_path / "out" / f"{name}-00000.parquet")
    if target is Target.STEPS:
        counts = {name: sum(row["split"] == name for row in rows(split / "data.jsonl")) for name in found}
        assert {name: len(kept) for name, kept in found.items()} == counts


def test_steps_are_the_records(split: Path, tmp_path: Path) -> None:
    carried_out(exporting(Target.STEPS, [split]), tmp_path / "out")
    wanted = [
        {k: v for k, v in row.items() if k != "split"} for row in rows(split / "data.jsonl") if row["split"] == "train"
    ]
    assert table(tmp_path / "out" / "train-00000.parquet") == wanted


def test_the_trainers_read_what_is_exported(split: Path, tmp_path: Path) -> None:
    parsers = {
        Target.STEPS: training.step_record,
        Target.VALUES: training.value_record,
        Target.PAIRS: training.candidate_record,
    }
    for target, parse in parsers.items():
        carried_out(exporting(target, [split]), tmp_path / target.value)
        found = training.read([tmp_path / target.value / "train-00000.parquet"], parse, 0.1, 0)
        assert found.train
        assert found.held_out


def test_a_chat_ends_with_the_step(split: Path, tmp_path: Path) -> None:
    carried_out(exporting(Target.CHAT, [split]), tmp_path / "out")
    steps = [row for row in rows(split / "data.jsonl") if row["split"] == "test"]
    chats = [row["messages"] for row in table(tmp_path / "out" / "test-00000.parquet")]
    assert [[turn["role"] for turn in chat] for chat in chats] == [["system", "user", "assistant"]] * len(steps)
    assert [(chat[1]["content"], chat[2]["content"]) for chat in chats] == [(row["goal"], row["step"]) for row in steps]


def test_values_fall_with_the_steps_that_are_left(split: Path, tmp_path: Path) -> None:
    carried_out(exporting(Target.VALUES, [split]), tmp_path / "out")
    first, second, last = (row["value"] for row in table(tmp_path / "out" / "train-00000.parquet")[:3])
    assert first < second < last == 0.0


def test_pairs_hold_premises_that_were_used_and_others(split: Path, tmp_path: Path) -> None:
    carried_out(exporting(Target.PAIRS, [split]), tmp_path / "out")
    used = {(row["goal"], premise) for row in rows(split / "data.jsonl") for premise in row["premises"]}
    found = [
        row for name in ("train", "validation", "test") for row in table(tmp_path / "out" / f"{name}-00000.parquet")
    ]
    assert {(row["problem"], row["candidate"].partition(" : ")[0]) for row in found if row["label"]} == used
    wrong = [(row["problem"], row["candidate"].partition(" : ")[0]) for row in found if not row["label"]]
    assert len(wrong) > len(used)
    assert not set(wrong) & used


def test_reprover_reads_theorems_and_their_corpus(tmp_path: Path) -> None:
    base = proof("base", "forall x, f x = x", ["intro x", "exact I"], file="A.v")
    uses = proof(
        "uses",
        "f 1 = 1",
        ["rewrite base, A.base", "reflexivity"],
        file="B.v",
        premises={0: ["Lib.A.base", "Coq.Init.eq"]},
    )
    data = dataset(
        tmp_path / "data.jsonl", [{**r, "split": "test"} for r in uses], [{**r, "split": "train"} for r in base]
    )
    carried_out(exporting(Target.REPROVER, [data]), tmp_path / "out")
    (train,), val, (test,) = (
        json.loads((tmp_path / "out" / f"{name}.json").read_text()) for name in ("train", "val", "test")
    )
    assert (train["full_name"], val, test["full_name"]) == ("Lib.A.base", [], "Lib.B.uses")
    first, last = test["traced_tactics"]
    mark = {"full_name": "Lib.A.base", "def_path": "A.v", "def_pos": [10, 3], "def_end_pos": [10, 3]}
    assert first["annotated_tactic"] == ["rewrite <a>base</a>, <a>A.base</a>", [mark, mark]]
    assert (first["state_before"], first["state_after"]) == (uses[0]["goal"], uses[1]["goal"])
    assert last["state_after"] == "no goals"
    corpus = rows(tmp_path / "out" / "corpus.jsonl")
    assert [(entry["path"], entry["imports"]) for entry in corpus] == [("A.v", []), ("B.v", ["A.v"])]
    assert corpus[0]["premises"][0]["code"] == "Lemma base : forall x, f x = x"


def checked(node: int, goal: int, step: str, outcome: str) -> StepChecked:
    return StepChecked(
        goal=goal, node=node, prover="p", key=step, step=step, step_kind="tactic", parts=[], log_probability=-1.0,
        outcome=outcome, message="", seconds=0.1, subgoals=[], notes=[],
    )  # fmt: skip


def test_preferences_are_steps_of_one_goal_that_proved_it_and_that_were_refused(tmp_path: Path, loaded: Any) -> None:
    root = GoalOpened(node=0, key="k", conclusion="n + 0 = n", hypotheses=[("n", "nat")], parent=None, depth=0)
    other = GoalOpened(node=9, key="o", conclusion="never proved", hypotheses=[], parent=4, depth=1)
    events = [
        root, GoalExpanded(node=0, prover="p", proposals=4, seconds=0.1), checked(1, 0, "reflexivity", "rejected"),
        checked(2, 0, "lia", "closed"), checked(3, 0, "slow", "timedout"), checked(4, 0, "simpl", "open"), other,
        checked(5, 9, "bad", "rejected"), checked(6, 0, "broke", "crashed"), StatusChanged(node=2, status="proved"),
        StatusChanged(node=0, status="proved"),
    ]  # fmt: skip
    for number in range(8):
        keep_search(tmp_path / "store.db", f"thm{number}", events)
    plan = exporting_searches(Target.PREFERENCES, tmp_path / "store.db", Shares(0.2, 0.3))
    carried_out(plan, tmp_path / "out")
    found = loaded(tmp_path / "out")
    pairs = [row for side in found.values() for row in side]
    assert len(pairs) == 16
    assert {row["prompt"][-1]["content"] for row in pairs} == {"n : nat\n⊢ n + 0 = n"}
    said = {(row["chosen"][0]["content"], row["rejected"][0]["content"]) for row in pairs}
    assert said == {("lia", "reflexivity"), ("lia", "slow")}
    of = {name: {row["theorem"] for row in side} for name, side in found.items()}
    assert sum(map(len, of.values())) == 8, "a theorem is on one side"


def test_goals_of_searches_are_targets_of_critics(tmp_path: Path) -> None:
    proved = GoalOpened(node=0, key="k", conclusion="A", hypotheses=[], parent=None, depth=0)
    vain = GoalOpened(node=1, key="o", conclusion="B", hypotheses=[], parent=2, depth=1)
    asked = GoalExpanded(node=1, prover="p", proposals=1, seconds=0.1)
    keep_search(tmp_path / "store.db", "thm", [proved, vain, asked, StatusChanged(node=0, status="proved")])
    carried_out(exporting_searches(Target.VALUES, tmp_path / "store.db", Shares(0.0, 0.0)), tmp_path / "out")
    found = {row["goal"]: row["value"] for row in table(tmp_path / "out" / "train-00000.parquet")}
    assert -0.1 < found["⊢ A"] < 0.0
    assert found["⊢ B"] < -2.0


def test_what_cannot_be_exported_is_refused(split: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="what searches tried"):
        exporting(Target.PREFERENCES, [split])
    with pytest.raises(UsageError, match="not made of searches"):
        exporting_searches(Target.CHAT, tmp_path / "store.db")
    with pytest.raises(StoreError, match="there is no store"):
        carried_out(exporting_searches(Target.VALUES, tmp_path / "store.db"), tmp_path / "out")


MANY = """
import resource, sys
from pathlib import Path
from corpora.export import folder

def rows(count):
    for number in range(count):
        split = "train" if number % 10 else "test"
        yield {"split": split, "goal": f"goal {number} " * 20, "premises": [str(number)]}

out = Path(sys.argv[1])
out.mkdir()
folder.write(rows(2000), out)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
folder.write(rows(int(sys.argv[2])), out)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_does_not_grow_with_the_records(tmp_path: Path) -> None:
    # 40,000 rows of 250 bytes are 10 MB as text, and many times that as objects.
    arguments = [sys.executable, "-c", MANY, str(tmp_path / "out"), "40000"]
    ended = subprocess.run(
        arguments, env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True, text=True, check=True
    )
    assert int(ended.stdout) < 40_000
    assert parquet.ParquetFile(tmp_path / "out" / "train-00000.parquet").num_row_groups > 10
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 0
