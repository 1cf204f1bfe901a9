"""The commands on a proof system that offers everything a checker may: scripts, patching, peers, tools."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

OPEN = """Theorem easy. Admitted.
a remark
Theorem b. Proof. admit. admit. Admitted.
Theorem top1. Admitted.
Theorem top2. Admitted.
Theorem done. Proof. long. Qed.
Theorem hard. Admitted.
"""
PATCHED = """Import Top.
Theorem easy. Proof. solve. Qed.
a remark
Theorem b. Proof. solve. solve. Qed.
Theorem top1. Proof. solve. Qed.
Theorem top2. Proof. solve. Qed.
Theorem done. Proof. long. Qed.
Theorem hard. Admitted.
"""


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_proof_is_shown_as_its_script_with_its_axioms(lemmata: Any) -> None:
    lemmata.write("a.script", "Theorem classical. Admitted.\n")
    answer = lemmata("prove", "a.script")
    assert answer.out.splitlines()[1:3] == ["    solve.", "    axioms  classic"]
    (result,) = lemmata("prove", "--json", "a.script").document["results"]
    assert result["proof"]["text"] == "  solve.\n"
    assert result["audit"]["axioms"] == ["classic"]


def test_a_theorem_that_has_a_proof_can_be_named(lemmata: Any) -> None:
    lemmata.write("a.script", OPEN)
    (result,) = lemmata("prove", "--json", "a.script:done").document["results"]
    assert (result["obligation"], result["verdict"]) == ("done", "proved")
    assert lemmata("prove", "a.script:missing").code == 2


def test_a_file_without_holes_says_how_to_go_on(lemmata: Any) -> None:
    lemmata.write("a.script", "Theorem done. Proof. long. Qed.\n")
    answer = lemmata("prove", "a.script")
    assert answer.code == 2
    assert "lemmata list --all" in answer.err


def test_the_list_shows_holes_and_on_demand_all_theorems(lemmata: Any) -> None:
    lemmata.write("a.script", OPEN)
    found = {row["obligation"]: row["state"] for row in lemmata("list", "--json", "a.script").document["results"]}
    assert found == dict.fromkeys(["easy", "b#1", "b#2", "top1", "top2", "hard"], "open")
    lemmata("prove", "a.script:easy")
    answer = lemmata("list", "--json", "--all", "a.script")
    found = {row["obligation"]: row["state"] for row in answer.document["results"]}
    assert list(found) == ["easy", "b", "b#1", "b#2", "top1", "top2", "done", "hard"]
    assert (found["easy"], found["b"], found["done"]) == ("proved", "open", "written")
    (row,) = lemmata("list", "--json", "a.script:done").document["results"]
    assert row["state"] == "written"


def test_proofs_are_written_into_the_file(lemmata: Any) -> None:
    path = lemmata.write("a.script", OPEN)
    path.chmod(0o640)
    answer = lemmata("prove", "--json", "--write", "--timeout", "2", "--jobs", "3", "a.script")
    assert answer.code == 3
    assert path.read_text() == PATCHED
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert files(lemmata.folder) == ["a.script"]
    (written,) = answer.document["written"]
    assert written == {"file": "a.script", "obligations": ["easy", "b#1", "b#2", "top1", "top2"], "error": None}


def test_nothing_is_written_without_being_asked(lemmata: Any) -> None:
    path = lemmata.write("a.script", OPEN)
    assert "written" not in lemmata("prove", "--json", "a.script:easy").document
    assert path.read_text() == OPEN


def test_proofs_are_written_where_nothing_else_is_kept(lemmata: Any) -> None:
    path = lemmata.write("a.script", "Theorem easy. Admitted.\n")
    answer = lemmata("prove", "--write", "--no-store", "a.script")
    assert "a.script  written  easy" in answer.out
    assert path.read_text() == "Theorem easy. Proof. solve. Qed.\n"


def test_a_file_that_does_not_compile_is_put_back(lemmata: Any) -> None:
    text = "Theorem clash1. Admitted.\nTheorem clash2. Admitted.\n"
    path = lemmata.write("a.script", text)
    lemmata.write("a.script.orig", "older")
    answer = lemmata("prove", "--write", "a.script")
    assert answer.code == 4
    assert path.read_text() == text
    assert (
        "a.script: error: the file does not compile with the proofs, and is left as it was: line 2: clash" in answer.err
    )
    assert files(lemmata.folder) == ["a.script", "a.script.orig"]
    assert (lemmata.folder / "a.script.orig").read_text() == "older"


def test_what_somebody_else_writes_meanwhile_is_not_lost(lemmata: Any) -> None:
    text = "Theorem vandal. Admitted.\n"
    path = lemmata.write("a.script", text)
    lemmata.write("a.script.orig", "older")
    answer = lemmata("prove", "--write", "a.script")
    assert answer.code == 2
    assert path.read_text() == "somebody else's\n"
    assert "a.script.orig1" in answer.err
    assert (lemmata.folder / "a.script.orig1").read_text() == text


def test_a_system_whose_proofs_are_no_source_cannot_be_patched(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\n")
    lemmata.write("a.script", OPEN)
    answer = lemmata("prove", "--write", "a.script", "a.fake")
    assert answer.code == 2
    assert "a.fake" in answer.err
    assert "script" in answer.err
    assert (lemmata.folder / "a.script").read_text() == OPEN


@pytest.fixture
def listed(lemmata: Any) -> Path:
    lemmata.write("a.script", OPEN)
    lines = [
        {"file": "a.script", "name": "easy", "line": 1, "id": 7, "dup": True, "statement": "x" * 500},
        {"file": "a.script", "name": "top1", "line": 4, "dup": False},
        {"file": "a.script", "selector": "hard"},
    ]
    return Path(lemmata.write("list.jsonl", "".join(json.dumps(line) + "\n" for line in lines)))


def test_a_list_of_theorems_with_peers(lemmata: Any, listed: Path) -> None:
    answer = lemmata(
        *["bench", listed, "--out", "r", "--timeout", "1", "--jobs", "1", "--json"],
        *["--peer", "auto.", "--peer", "search", "--peer", "nonsense", "--peer", "loop", "--peer", "crash"],
    )
    assert answer.code == 0
    easy, top1, hard = answer.document["results"]
    assert [row["problem"] for row in (easy, top1, hard)] == ["a.script:easy", "a.script:top1", "a.script:hard"]
    assert easy["tags"] == {"id": 7, "dup": True}
    assert easy["peers"]["auto."] == {"verdict": "proved", "seconds": 0.125}
    assert easy["peers"]["search"]["verdict"] == "proved"
    assert {name: said["verdict"] for name, said in hard["peers"].items()} == dict.fromkeys(hard["peers"], "unknown")
    assert top1["peers"]["nonsense"]["reason"] == "No such tactic: nonsense"
    assert "out of cheese" in top1["peers"]["crash"]["reason"]
    page = (lemmata.folder / "r" / "table.md").read_text()
    assert "| all peers together | 2 | 3 |" in page
    assert "### With `dup`: 1 problems" in page


def test_peers_are_not_asked_twice(lemmata: Any, listed: Path) -> None:
    lemmata("bench", listed, "--out", "r", "--peer", "auto")
    lemmata("bench", listed, "--out", "r", "--peer", "auto")
    assert len(rows(lemmata.folder / "r")) == 3
    lemmata("bench", listed, "--out", "r", "--peer", "search")
    assert len(rows(lemmata.folder / "r")) == 6


def test_a_list_finds_its_files(lemmata: Any, listed: Path) -> None:
    (lemmata.folder / "a.script").rename(lemmata.folder / "b.script")
    answer = lemmata("bench", listed, "--out", "r")
    assert answer.code == 2
    assert "none of its 1 files, such as a.script, is in" in answer.err
    assert "--root" in answer.err
    for folder, arguments in (("library", []), ("elsewhere", ["--root", "elsewhere"])):
        (lemmata.folder / folder).mkdir()
        (lemmata.folder / folder / "a.script").write_text(OPEN)
        answer = lemmata("bench", listed, "--out", folder, "--json", *arguments)
        assert [row["verdict"] for row in answer.document["results"]] == ["proved", "proved", "unknown"]


def test_a_name_that_stands_twice_has_its_line(lemmata: Any) -> None:
    lemmata.write("a.script", "Theorem easy. Admitted.\nTheorem easy. Admitted.\n")
    entry = '{"file": "a.script", "name": "easy", "line": %d}\n'
    path = lemmata.write("list.jsonl", entry % 1 + entry % 2 + '{"file": "gone.script", "name": "x"}\n')
    answer = lemmata("bench", path, "--out", "r", "--json")
    assert [row["problem"] for row in answer.document["results"]] == [
        "a.script:easy@1",
        "a.script:easy@2",
        "gone.script:x",
    ]
    assert answer.err.count("1 files are missing") == 1


@pytest.mark.parametrize(
    "line", ['{"file": "a.script", "name": 3}', '{"file": "a.script", "name": "x", "line": 0}', '{"file": 3}']
)
def test_a_bad_line_of_a_list_says_where(lemmata: Any, line: str) -> None:
    path = lemmata.write("list.jsonl", line + "\n")
    answer = lemmata("bench", path)
    assert answer.code == 2
    assert "list.jsonl:1:1: error: " in answer.err


def test_the_doctor_knows_a_checkers_tools(lemmata: Any) -> None:
    found = {entry["name"]: entry for entry in lemmata("doctor", "--json").document["results"]}
    assert found["script: scriptc"]["ok"] is True
    assert found["script: hammer"]["install"] == "apt install hammer"
    assert found["script: hammer"]["required"] is False


@pytest.mark.parametrize("arguments", [["-Q", "x"], ["-Q", "x", "a b"], ["--allow-axioms", ""]])
def test_bad_flags_are_one_clear_line(lemmata: Any, arguments: list[str]) -> None:
    lemmata.write("a.script", OPEN)
    answer = lemmata("prove", "a.script", *arguments)
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 1
