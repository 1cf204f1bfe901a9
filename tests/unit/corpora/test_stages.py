"""Stages: the result is the same whatever was killed in between, and nobody writes into another one's folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from corpora.stages import inputs, lines
from corpora.stages.folder import Folder
from corpora.stages.run import Stage, run
from corpora.stages.task import Failure, Part, Record, Task
from lemmata.errors import BackendMissing, InputError, StoreError, UsageError

STAGE = Stage("squares", {"power": 2}, {"numbers": "sha256:0"}, seed=1, about="Squares.")
TASKS = [Task(f"block/{number}", number, weight=number) for number in range(5)]


def squares(task: Task) -> Part:
    records = [{"number": n, "square": n * n, "licence": "MIT"} for n in range(task.payload * 3, task.payload * 3 + 3)]
    return Part(records, {"numbers": 3})


def never(task: Task) -> Part:
    raise AssertionError(f"{task.key} is done already")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in (".lock", "journal.jsonl")}


def test_the_data_is_in_the_order_of_the_tasks_whatever_the_jobs(tmp_path: Path) -> None:
    one = run(STAGE, tmp_path / "one", TASKS, squares)
    four = run(STAGE, tmp_path / "two" / "one", TASKS, squares, jobs=4)
    assert one == four
    assert files(tmp_path / "one") == files(tmp_path / "two" / "one")
    assert [record["number"] for _, record in inputs.records(tmp_path / "one")] == list(range(15))
    assert (one.records, one.counts, one.licences, one.finished) == (15, {"numbers": 15}, {"MIT": 15}, True)
    assert one.digest == lines.digest(tmp_path / "one" / "data.jsonl")


def test_a_finished_stage_run_again_does_nothing(tmp_path: Path) -> None:
    first = run(STAGE, tmp_path, TASKS, squares)
    before = files(tmp_path)
    again = run(STAGE, tmp_path, TASKS, never)
    assert (again.already, again.records, again.digest) == (5, 15, first.digest)
    assert files(tmp_path) == before


def test_tasks_that_are_done_are_not_done_again(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stopping(task: Task) -> Part:
        if task.payload == 2:
            raise Stop
        return squares(task)

    with pytest.raises(Stop):
        run(STAGE, tmp_path / "cut", TASKS, stopping)
    done: list[int] = []

    def noting(task: Task) -> Part:
        done.append(task.payload)
        return squares(task)

    summary = run(STAGE, tmp_path / "cut", TASKS, noting)
    # The heaviest are begun first.
    assert (done, summary.already) == ([2, 1, 0], 2)
    run(STAGE, tmp_path / "whole" / "cut", TASKS, squares)
    assert files(tmp_path / "cut") == files(tmp_path / "whole" / "cut")


SCRIPT = """
import os, signal, sys
from pathlib import Path
from corpora.stages.run import Stage, run
from corpora.stages.task import Part, Task

def die():
    os.kill(os.getpid(), signal.SIGKILL)

where, folder = sys.argv[1:]

def work(task):
    if where == f"task {task.key}":
        die()
    def records():
        for number in range(3000):
            if where == f"part {task.key}" and number == 2500:
                die()
            yield {"number": number, "of": task.key, "text": "x" * 100}
    return Part(records(), {"numbers": 3000})

def finish(records, counts):
    for number, record in enumerate(records):
        if where == "data" and number == 5000:
            die()
        counts["kept"] += 1
        yield record
    if where == "end":
        die()

run(Stage("script"), Path(folder), [Task(str(n)) for n in range(3)], work, finish=finish)
"""


def script(where: str, folder: Path) -> int:
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT), where, str(folder)]
    return subprocess.run(command, check=False, timeout=60).returncode


def test_a_stage_that_is_killed_anywhere_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    assert script("nowhere", tmp_path / "calm" / "out") == 0
    for where in ("task 0", "part 0", "task 2", "part 2", "data", "end"):
        folder = tmp_path / where.replace(" ", "-") / "out"
        assert script(where, folder) == -signal.SIGKILL
        assert script("nowhere", folder) == 0
        assert files(folder) == files(tmp_path / "calm" / "out"), where


def test_a_line_of_the_journal_that_was_being_written_counts_for_nothing(tmp_path: Path) -> None:
    assert script("data", tmp_path / "out") == -signal.SIGKILL
    journal = tmp_path / "out" / "journal.jsonl"
    whole = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(whole[:-1]) + whole[-1][:-9])
    assert script("nowhere", tmp_path / "out") == 0
    assert script("nowhere", tmp_path / "calm" / "out") == 0
    assert files(tmp_path / "out") == files(tmp_path / "calm" / "out")


def test_a_part_that_was_changed_is_made_again(tmp_path: Path) -> None:
    assert script("data", tmp_path / "out") == -signal.SIGKILL
    part = tmp_path / "out" / "parts" / "1.jsonl"
    part.write_bytes(part.read_bytes()[:1000])
    assert script("nowhere", tmp_path / "out") == 0
    assert len(list(inputs.records(tmp_path / "out"))) == 9000


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Stage("squares", {"power": 3}, STAGE.inputs, seed=1), "power"),
        (Stage("squares", STAGE.settings, STAGE.inputs, seed=7), "seed \\(1, now 7\\)"),
        (Stage("squares", STAGE.settings, {"numbers": "sha256:1"}, seed=1), "numbers"),
        (Stage("cubes", STAGE.settings, STAGE.inputs, seed=1), "stage \\(squares, now cubes\\)"),
    ],
)
def test_a_folder_of_something_else_is_refused(tmp_path: Path, other: Stage, said: str) -> None:
    run(STAGE, tmp_path, TASKS, squares)
    before = files(tmp_path)
    with pytest.raises(UsageError, match=said):
        run(other, tmp_path, TASKS, squares)
    assert files(tmp_path) == before


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(UsageError, match="holds other files"):
        run(STAGE, tmp_path, TASKS, squares)


def test_a_folder_that_cannot_be_made_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        run(STAGE, tmp_path / "file" / "out", TASKS, squares)


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    with Folder.held(tmp_path, STAGE.identity()), pytest.raises(UsageError, match="another run is at work"):
        run(STAGE, tmp_path, TASKS, squares)
    assert run(STAGE, tmp_path, TASKS, squares).finished


def test_data_that_was_changed_is_not_taken_for_the_stages(tmp_path: Path) -> None:
    run(STAGE, tmp_path, TASKS, squares)
    with (tmp_path / "data.jsonl").open("a") as file:
        file.write('{"number": 99}\n')
    with pytest.raises(InputError, match="not what the stage wrote"):
        run(STAGE, tmp_path, TASKS, squares)


def test_a_task_that_fails_is_listed_and_the_others_go_on(tmp_path: Path) -> None:
    def failing(task: Task) -> Part:
        if task.payload == 1:
            raise InputError("no number")
        if task.payload == 3:
            return Part([{"number": 9}], {"numbers": 1}, [Failure("block/3:2", "odd", "it is 11")])
        return squares(task)

    summary = run(STAGE, tmp_path, TASKS, failing)
    assert (summary.failed, summary.records, summary.reasons) == (1, 10, {"InputError": 1, "odd": 1})
    listed = [json.loads(line) for line in (tmp_path / "failures.jsonl").read_text().splitlines()]
    assert listed == [
        {"item": "block/1", "reason": "InputError", "detail": "no number"},
        {"item": "block/3:2", "reason": "odd", "detail": "it is 11"},
    ]
    assert run(STAGE, tmp_path, TASKS, never).reasons == summary.reasons


def test_what_is_not_installed_ends_the_run(tmp_path: Path) -> None:
    def missing(task: Task) -> Part:
        raise BackendMissing("no prover", hint="install it")

    with pytest.raises(BackendMissing):
        run(STAGE, tmp_path, TASKS, missing)
    assert run(STAGE, tmp_path, TASKS, squares).already == 0


def test_the_card_tells_what_there_is(tmp_path: Path) -> None:
    def odd(records: Iterator[Record], counts: Counter[str]) -> Iterator[Record]:
        for record in records:
            if record["number"] % 2:
                yield record
            else:
                counts["removed: even"] += 1

    run(STAGE, tmp_path / "numbers", TASKS, squares, finish=odd)
    card = (tmp_path / "numbers" / "README.md").read_text()
    assert 'license: "mit"' in card
    assert "7 records, made by `lemmata corpus squares`" in card
    assert "| removed: even | 8 |" in card
    assert "| seed | 1 |" in card
    assert lines.digest(tmp_path / "numbers" / "data.jsonl") in card


def test_keys_of_any_text_have_parts_of_their_own(tmp_path: Path) -> None:
    keys = ["a/b", "a%2Fb", "..", "é" * 200, "é" * 200 + "x", ""]
    summary = run(STAGE, tmp_path, [Task(key) for key in keys], lambda task: Part([{"of": task.key}]))
    assert [record["of"] for _, record in inputs.records(tmp_path)] == keys
    assert summary.records == 6
    with pytest.raises(UsageError, match="twice"):
        run(STAGE, tmp_path, [Task("a"), Task("a")], squares)


def test_parquet_has_the_same_records(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet")

    def lists(task: Task) -> Part:
        first: dict[str, Any] = {"n": task.payload, "premises": [], "pairs": [], "empty": []}
        return Part([first, {"n": 1, "premises": ["a"], "pairs": [["x", "nat"]], "empty": [], "more": 0.5}])

    stage = Stage("lists", format="parquet")
    run(stage, tmp_path / "columns", TASKS, lists)
    found = [record for _, record in inputs.records(tmp_path / "columns")]
    run(Stage("lists"), tmp_path / "lines", TASKS, lists)
    assert found == [record for _, record in inputs.records(tmp_path / "lines")]
    columns = pyarrow.parquet.read_schema(tmp_path / "columns" / "data-00000.parquet")
    assert str(columns.field("empty").type) == "list<element: string>"
    assert (tmp_path / "columns" / "data-00000.parquet").exists()
    assert run(stage, tmp_path / "columns", TASKS, never).finished


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1]", "no JSON object"),
        ('{"a": 1, "a": 2}', "twice"),
        ("{", "not JSON"),
        (b'{"a": "\xff"}', "UTF-8"),
        ('{"a": NaN}', "not a JSON number"),
    ],
)
def test_a_line_that_is_no_record_is_named(tmp_path: Path, text: str | bytes, said: str) -> None:
    path = tmp_path / "some.jsonl"
    path.write_bytes(b'{"good": true}\n' + (text if isinstance(text, bytes) else text.encode()) + b"\n")
    with pytest.raises(InputError, match=said) as caught:
        list(inputs.records(path))
    assert str(caught.value.location) == f"{path}:2"


def test_shards_are_all_of_the_data_and_nothing_twice(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    lines.write(path, ({"n": n} for n in range(10)))
    shards = inputs.shards(path, 4)
    assert len(shards) == 3
    found = [record["n"] for task in shards for _, record in inputs.shard(path, task)]
    assert found == list(range(10))


def test_data_of_a_stage_that_was_cut_short_is_no_data(tmp_path: Path) -> None:
    assert script("task 1", tmp_path / "out") == -signal.SIGKILL
    with pytest.raises(InputError, match="there is no data") as caught:
        inputs.files(tmp_path / "out")
    assert "run the command" in caught.value.hint
    with pytest.raises(InputError, match="no such file"):
        inputs.files(tmp_path / "nowhere")


def test_a_signal_ends_a_run_in_good_order(tmp_path: Path) -> None:
    async def waiting(task: Task) -> Part:
        import asyncio

        if task.payload == 4:
            return squares(task)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(60)
        raise AssertionError("nobody stopped it")

    summary = run(STAGE, tmp_path / "cut", TASKS, waiting)
    assert (summary.finished, summary.records) == (False, 3)
    assert run(STAGE, tmp_path / "cut", TASKS, squares).already == 1
    run(STAGE, tmp_path / "whole" / "cut", TASKS, squares)
    assert files(tmp_path / "cut") == files(tmp_path / "whole" / "cut")


def test_a_listener_hears_of_everything(tmp_path: Path) -> None:
    heard: list[tuple[Any, ...]] = []

    class Hearing:
        def planned(self, tasks: int, already: int) -> None:
            heard.append((tasks, already))

        def started(self, key: str) -> None:
            heard.append((key,))

        def finished(self, key: str, records: int, failures: Mapping[str, Any]) -> None:
            heard.append((key, records, len(failures)))

    run(STAGE, tmp_path, TASKS[:1], squares, listener=Hearing())  # type: ignore[arg-type]
    assert heard == [(1, 0), ("block/0",), ("block/0", 3, 0)]
