"""`lemmata corpus` from end to end: a library becomes records, whatever happens in between, and they are checked."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
from pathlib import Path
from typing import IO

import pytest

from tests.e2e.conftest import Lemmata

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="Coq is not installed: apt-get install coq")

ARRIVED = "1 of 3 done"


@pytest.fixture
def library(lemmata: Lemmata) -> Path:
    """Three files, the first of which is the largest and so the first in work."""
    (lemmata.folder / "library").mkdir()
    proof = "Proof. intros a b H. split. - symmetry. exact H. - trivial. Qed."
    for name, count in (("A", 20), ("B", 10), ("C", 10)):
        text = "".join(f"Lemma l{n} : forall a b : nat, a = b -> b = a /\\ True.\n{proof}\n" for n in range(count))
        lemmata.write(f"library/{name}.v", text)
    return lemmata.folder / "library"


def until(stream: IO[str] | None, wanted: str) -> None:
    assert stream is not None
    for line in stream:
        if wanted in line:
            return
    raise AssertionError(f"it never said {wanted!r}")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in (".lock", "journal.jsonl")}


def test_a_library_becomes_records_that_are_valid(lemmata: Lemmata, library: Path) -> None:
    answer = lemmata("corpus", "extract", "coq", library, "--out", "out", "--jobs", "2", "--json")
    assert answer.code == 0
    document = answer.document
    assert (document["schema"], document["stage"], document["finished"]) == ("lemmata.corpus/1", "extract coq", True)
    assert document["records"] == document["counts"]["steps recorded"] == 5 * 40
    assert document["counts"]["proofs"] == document["counts"]["proofs replayed"] == 40
    assert document["tasks"] == {"all": 3, "already": 0, "failed": 0}
    again = lemmata("corpus", "extract", "coq", library, "--out", "out")
    assert (again.code, again.err) == (0, "")
    assert "200 records, finished before" in again.out
    checked = lemmata("corpus", "validate", "out", "--root", library, "--sample", "30", "--seed", "3", "--json")
    assert checked.code == 0
    assert (checked.document["records"], checked.document["valid"]) == (30, 30)


def test_a_record_that_was_changed_is_found(lemmata: Lemmata, library: Path) -> None:
    assert lemmata("corpus", "extract", "coq", library / "C.v", "--out", "out", "--quiet").code == 0
    lines = (lemmata.folder / "out" / "data.jsonl").read_text().splitlines()
    record = json.loads(lines[7])
    lemmata.write("changed.jsonl", "\n".join([*lines[:7], json.dumps({**record, "goal": "⊢ True"}), *lines[8:20]]))
    answer = lemmata("corpus", "validate", "changed.jsonl", "--root", library)
    assert answer.code == 1
    assert "19 of 20 records valid, 1 invalid" in answer.out
    assert "changed.jsonl:8: C.l1: not what the file and Coq say: goal" in answer.out
    missing = lemmata("corpus", "validate", "changed.jsonl", "--quiet")
    assert (missing.code, missing.out) == (3, "")


def test_a_killed_run_goes_on_to_the_same_data(lemmata: Lemmata, library: Path) -> None:
    command = ("corpus", "extract", "coq", library, "--out")
    assert lemmata(*command, "calm/out").code == 0
    for number in (signal.SIGKILL, signal.SIGINT):
        out = f"{number.name}/out"
        process = lemmata.start(*command, out, "--json")
        until(process.stderr, ARRIVED)
        process.send_signal(number)
        said, _ = process.communicate(timeout=30)
        if number is signal.SIGKILL:
            assert process.returncode == -signal.SIGKILL
        else:
            assert process.returncode == 130
            assert json.loads(said)["interrupted"] is True
        done = lemmata(*command, out)
        assert done.code == 0
        assert "tasks were done by an earlier run" in done.err
        assert files(lemmata.folder / out) == files(lemmata.folder / "calm/out")


def test_one_run_at_a_time_has_a_folder(lemmata: Lemmata, library: Path) -> None:
    (lemmata.folder / "out").mkdir()
    lock = os.open(lemmata.folder / "out" / ".lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    answer = lemmata("corpus", "extract", "coq", library, "--out", "out", "--json")
    os.close(lock)
    assert answer.code == 2
    assert "another run is at work" in answer.document["error"]["message"]
    assert lemmata("corpus", "extract", "coq", library, "--out", "out", "-q").code == 0
    other = lemmata("corpus", "extract", "coq", library, "--out", "out", "--timeout", "7")
    assert other.code == 2
    assert "another timeout" in other.err


def test_what_cannot_begin_says_why(lemmata: Lemmata, library: Path) -> None:
    answer = lemmata("corpus", "extract", "coq", "NoSuchLibrary", "--out", "out")
    assert answer.code == 2
    assert "stdlib" in answer.err
    assert not (lemmata.folder / "out").exists()
    lemmata.environment["COQBIN"] = str(lemmata.folder)
    assert lemmata("corpus", "extract", "coq", library, "--out", "out").code == 4
    assert lemmata("corpus", "validate", "nothing").code == 2


def test_a_file_that_fails_is_told(lemmata: Lemmata, library: Path) -> None:
    lemmata.write("library/D.v", "Lemma fine : True. exact I. Qed.\nRequire Nothing.\n")
    answer = lemmata("corpus", "extract", "coq", library / "D.v", "--out", "out")
    assert answer.code == 0
    assert "D.v:2:1: Coq refuses a sentence" in answer.err
    assert "failures.jsonl" in answer.out
    (failure,) = (lemmata.folder / "out" / "failures.jsonl").read_text().splitlines()
    assert json.loads(failure)["item"] == "D.v:2:1"


def test_searches_on_programs_become_candidates(lemmata: Lemmata) -> None:
    program = (
        "int unknown_int(void);\nint main(void)\n{\n  int n = unknown_int(), i = 0, j = 0;\n  if (n < 0) return 0;\n"
    )
    program += "  while (i < n) { i++; j = j + 2; }\n  assert(j == 2 * n);\n}\n"
    path = lemmata.write("count.c", program)
    assert lemmata("prove", path, "--store", "store.db", "--timeout", "20", "-q").code == 0
    command = ("corpus", "extract", "programs", "--store", "store.db", "--out", "out")
    answer = lemmata(*command, "--json")
    assert answer.code == 0
    lines = (lemmata.folder / "out" / "data.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    assert answer.document["records"] == len(records) > 0
    assert all(record["problem"] == program for record in records)
    held = [record for record in records if record["label"]]
    broken = [record for record in records if not record["label"]]
    assert any("i <= n" in record["candidate"] or "n >= i" in record["candidate"] for record in held)
    assert broken
    assert all(record["message"] for record in broken)
    assert lemmata(*command).code == 0
