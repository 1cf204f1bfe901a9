"""The cache of indexes: whatever is done to its files, and whoever builds at the same time, the answers are right."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("bm25s", reason="bm25s is not installed")

from provers.retrieval import bm25
from provers.retrieval.bm25 import Bm25Index
from provers.retrieval.cache import Cache
from provers.retrieval.premise import Premise
from provers.retrieval.tokens import weighted

PREMISES = [Premise(f"l{i}", f"add_{i % 7} mul_{i % 5} rev_{i}") for i in range(60)]
QUERY = weighted([("rev_17 add_3", 1.0)])


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bm25, "SMALLEST", 1)


def entries(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()]


def test_what_is_loaded_is_what_was_made(tmp_path: Path) -> None:
    fresh = Bm25Index.build(PREMISES).search(QUERY, 9)
    assert Bm25Index.build(PREMISES, Cache(tmp_path)).search(QUERY, 9) == fresh
    assert len(entries(tmp_path)) == 1
    index = Bm25Index.build(PREMISES, Cache(tmp_path))
    assert index.search(QUERY, 9) == fresh
    assert type(index._searched.scores["data"]).__name__ == "memmap"
    Bm25Index.build(PREMISES[1:], Cache(tmp_path))
    assert len(entries(tmp_path)) == 2


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_entries_are_made_again(tmp_path: Path, data: st.DataObject) -> None:
    fresh = Bm25Index.build(PREMISES).search(QUERY, 9)
    Bm25Index.build(PREMISES, Cache(tmp_path))
    (entry,) = entries(tmp_path)
    victim = data.draw(st.sampled_from(sorted(path.name for path in entry.iterdir())))
    how = data.draw(st.sampled_from(["cut", "flip", "empty", "gone", "garbage"]))
    path = entry / victim
    body = path.read_bytes()
    place = data.draw(st.integers(0, max(len(body) - 1, 0)))
    # Somebody may still have the old file mapped: never write into it.
    path.unlink()
    if how == "cut":
        path.write_bytes(body[:place])
    elif how == "flip":
        path.write_bytes(body[:place] + bytes([body[place] ^ 0x55]) + body[place + 1 :])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "garbage":
        path.write_bytes(os.urandom(64))
    assert Bm25Index.build(PREMISES, Cache(tmp_path)).search(QUERY, 9) == fresh
    (entry,) = entries(tmp_path)
    assert Cache(tmp_path).load(entry.name, lambda place: True)


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    found = Bm25Index.build(PREMISES, Cache(tmp_path / "file" / "cache")).search(QUERY, 9)
    assert found == Bm25Index.build(PREMISES).search(QUERY, 9)


def test_entries_not_used_for_longest_are_dropped(tmp_path: Path) -> None:
    def write(place: Path) -> None:
        (place / "body").write_bytes(b"x" * 1000)

    cache = Cache(tmp_path, most_bytes=3500)
    for i in range(5):
        assert cache.store(f"key{i}", write)
        os.utime(tmp_path / f"key{i}", (i, i))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key2", "key3", "key4"]


def test_what_killed_builders_left_is_swept_away(tmp_path: Path) -> None:
    left, fresh = tmp_path / ".making-old", tmp_path / ".making-new"
    left.mkdir()
    fresh.mkdir()
    os.utime(left, (1, 1))
    assert Cache(tmp_path).store("key", lambda place: None)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".making-new", "key"]


def _build(folder: str, barrier: object, answers: object) -> None:
    bm25.SMALLEST = 1
    barrier.wait(60)  # type: ignore[attr-defined]
    answers.put(Bm25Index.build(PREMISES, Cache(Path(folder))).search(QUERY, 9))  # type: ignore[attr-defined]


@pytest.mark.parametrize("damaged", [False, True])
def test_builders_at_the_same_time_do_not_disturb_each_other(tmp_path: Path, damaged: bool) -> None:
    fresh = Bm25Index.build(PREMISES).search(QUERY, 9)
    if damaged:
        Bm25Index.build(PREMISES, Cache(tmp_path))
        (entry,) = entries(tmp_path)
        (entry / "params.index.json").write_text("{")
    spawn = multiprocessing.get_context("spawn")
    barrier, answers = spawn.Barrier(4), spawn.Queue()
    builders = [spawn.Process(target=_build, args=(str(tmp_path), barrier, answers)) for _ in range(4)]
    for builder in builders:
        builder.start()
    found = [answers.get(timeout=120) for _ in builders]
    for builder in builders:
        builder.join(60)
    assert found == [fresh] * 4
    assert len(entries(tmp_path)) == 1
