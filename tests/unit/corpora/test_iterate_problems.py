"""Problems of an expert iteration: which there are, and how they are called."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from corpora.iterate import problems
from corpora.iterate.problems import Named
from corpora.stages.task import Task
from lemmata.config import Settings
from lemmata.errors import InputError
from lemmata.plugins.wiring import Workbench

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="Coq is not installed: apt-get install coq")

OPEN = "Lemma one : True.\nProof.\nAdmitted.\n\nLemma two : 1 = 1.\nProof.\nAdmitted.\n"
DONE = "Lemma three : True.\nProof. exact I. Qed.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "here" / "Below").mkdir(parents=True)
    (tmp_path / "here" / "A.v").write_text(OPEN)
    (tmp_path / "here" / "Below" / "A.v").write_text(DONE)
    return tmp_path / "here"


def read(*given: str | Path) -> tuple[list[Named], list[Task]]:
    async def work() -> tuple[list[Named], list[Task]]:
        async with Workbench(Settings()) as bench:
            found = problems.named([str(one) for one in given], bench)
            return found, await problems.tasks(found, bench)

    return asyncio.run(work())


def test_they_are_called_the_same_wherever_they_lie(folder: Path) -> None:
    found, tasks = read(folder)
    # The second file has nothing open: it is told of when its turn comes.
    assert [task.key for task in tasks] == ["A.v:one", "A.v:two", "Below/A.v"]
    shutil.copytree(folder, folder.parent / "there")
    other, again = read(folder.parent / "there")
    assert [task.key for task in again] == [task.key for task in tasks]
    assert problems.inputs(other) == problems.inputs(found)
    (folder.parent / "there" / "A.v").write_text(OPEN + "\n")
    assert problems.inputs(other) != problems.inputs(found)


def test_a_problem_that_is_named_twice_counts_once(folder: Path) -> None:
    _, tasks = read(f"{folder}/A.v:two", folder / "A.v", f"{folder}/A.v:two")
    assert [task.key for task in tasks] == ["A.v:two", "A.v:one"]


def test_a_list_names_theorems_that_have_a_proof(folder: Path) -> None:
    wanted = [{"file": "Below/A.v", "name": "three", "line": 1}, {"file": "A.v", "selector": "one"}]
    (folder / "dev.jsonl").write_text("".join(json.dumps(one) + "\n" for one in wanted))
    _, tasks = read(folder / "dev.jsonl")
    assert [task.key for task in tasks] == ["Below/A.v:three@1", "A.v:one"]


def test_what_is_not_there_is_told_at_once(folder: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read(folder / "A.v", folder / "B.v")
    (folder / "dev.jsonl").write_text('{"file": "A.v", "name": "one"}\n{"file": "Gone.v", "name": "two"}\n')
    with pytest.raises(InputError, match="are missing"):
        read(folder / "dev.jsonl")
