"""Records checked again: those that Coq gave are valid, and none that was changed is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checkers.coq import installation
from corpora.coq.library import sources
from corpora.extract import coq as extract
from corpora.stages import inputs, lines
from corpora.stages.run import run
from corpora.validate import validate
from lemmata.errors import InputError

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="Coq is not installed: apt-get install coq")

FILES = {
    "One.v": """
        Require Import Arith.
        Lemma comm : forall a b c : nat, a = b -> a + c = c + b /\\ c = c.
        Proof.
          intros a b c H. split.
          - subst. apply Nat.add_comm.
          - reflexivity.
        Qed.
        Lemma term : 1 = 1. Proof eq_refl.
    """,
    "deep/Two.v": """
        Lemma two : True /\\ True. Proof. split; exact I. Qed.
        Goal 2 = 2. reflexivity. Qed.
        Goal 3 = 3. easy. Qed.
    """,
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def data(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("data") / "out"
    coq = installation.find()
    found = sources([str(library)], coq)
    stage = extract.stage([str(library)], found, coq, 60.0, "jsonl")
    summary = run(stage, out, extract.tasks(found), extract.Extractor(coq, 60.0))
    assert (summary.records, summary.reasons) == (9, {})
    return out


def test_what_coq_gave_is_valid(library: Path, data: Path) -> None:
    report = validate(data, root=library, jobs=2)
    assert (report.records, report.valid, report.invalid, report.unchecked) == (9, 9, [], [])


def test_a_sample_is_the_same_for_the_same_seed(library: Path, data: Path, tmp_path: Path) -> None:
    # Without the files nothing can be checked, which tells which records were chosen.
    chosen = [[str(one.place) for one in validate(data, 4, seed, root=tmp_path).unchecked] for seed in (0, 0, 1, 2)]
    assert chosen[0] == chosen[1]
    assert len({tuple(found) for found in chosen}) > 1
    assert all(len(set(found)) == 4 for found in chosen)
    assert validate(data, 100, root=library).valid == 9


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "step": lambda r: {"step": "intros a b c G"},
    "step with the same effect": lambda r: {"step": "intros a b c; intros H"},
    "step in brackets": lambda r: {"step": f"({r['step']})"},
    "no step at all": lambda r: {"step": "Admitted. Lemma x : True"},
    "goal": lambda r: {"goal": r["goal"].replace("a = b", "b = a")},
    "conclusion": lambda r: {"conclusion": "False"},
    "hypotheses": lambda r: {"hypotheses": [["a", "nat"]]},
    "after": lambda r: {"after": []},
    "after, a hypothesis": lambda r: {"after": [goal.replace("H : a = b", "H : b = a") for goal in r["after"]]},
    "premise": lambda r: {"premises": ["Coq.Arith.PeanoNat.Nat.add_comm"]},
    "theorem": lambda r: {"theorem": "One.other"},
    "theorem of the same file": lambda r: {"theorem": "One.term"},
    "statement": lambda r: {"statement": r["statement"].replace("c = c", "c = a")},
    "line": lambda r: {"line": r["line"] + 1},
    "line far behind": lambda r: {"line": 10**9},
    "column": lambda r: {"column": r["column"] + 1},
    "index": lambda r: {"index": 1},
    "index behind the end": lambda r: {"index": 70},
    "steps": lambda r: {"steps": r["steps"] + 1},
    "licence": lambda r: {"licence": "MIT"},
    "package": lambda r: {"package": "other"},
    "schema": lambda r: {"schema": "lemmata.step/9"},
    "type": lambda r: {"after": None},
}


def test_no_record_that_was_changed_is_valid(library: Path, data: Path, tmp_path: Path) -> None:
    first = next(record for _, record in inputs.records(data) if record["theorem"] == "One.comm")
    assert first["index"] == 0
    changed = tmp_path / "changed.jsonl"
    lines.write(changed, [first, *({**first, **change(first)} for change in CHANGES.values()), first])
    report = validate(changed, root=library)
    assert (report.records, report.valid, report.unchecked) == (len(CHANGES) + 2, 2, [])
    assert [one.place.line for one in report.invalid] == list(range(2, len(CHANGES) + 2))
    said = dict(zip(CHANGES, (one.why for one in report.invalid), strict=True))
    assert said["line"] == "not what the file and Coq say: line"
    assert said["premise"] == "not what the file and Coq say: premises"
    assert said["theorem"] == "the file proves no One.other"
    assert "step" in said["step with the same effect"]
    assert "no plain step" in said["no step at all"]


def test_a_premise_that_is_taken_away_is_missed(library: Path, data: Path, tmp_path: Path) -> None:
    (apply,) = (record for _, record in inputs.records(data) if record["step"] == "apply Nat.add_comm")
    changed = tmp_path / "changed.jsonl"
    lines.write(changed, [{**apply, "premises": []}, {**apply, "premises": ["Coq.Arith.PeanoNat.Nat.add_assoc"]}])
    assert len(validate(changed, root=library).invalid) == 2


def test_what_cannot_be_checked_is_not_called_valid(library: Path, data: Path, tmp_path: Path) -> None:
    first = next(record for _, record in inputs.records(data))
    some = tmp_path / "some.jsonl"
    lines.write(some, [{**first, "file": "Gone.v"}, {**first, "system": "lean"}, {**first, "file": "../../etc/passwd"}])
    report = validate(some, root=library)
    assert (report.valid, report.invalid) == (0, [])
    assert ["no such file" in one.why or "'lean'" in one.why for one in report.unchecked] == [True] * 3


def test_a_file_that_changed_makes_its_records_invalid(library: Path, data: Path, tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(library / name, tmp_path / name)
    path = tmp_path / "deep" / "Two.v"
    path.write_text(path.read_text().replace("split; exact I", "split; [exact I | exact I]"))
    report = validate(data, root=tmp_path)
    assert report.valid == 8
    assert [one.what for one in report.invalid] == ["Two.two"]


def test_an_empty_data_set_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text("")
    with pytest.raises(InputError, match="no records"):
        validate(tmp_path / "none.jsonl")


def test_proofs_above_the_record_matter_where_they_say_what_a_theorem_is(tmp_path: Path) -> None:
    # Whether `uses` is about H is decided by its proof, and so is what `Defined` leaves to compute with.
    path = tmp_path / "Above.v"
    path.write_text("""
        Section S.
          Variable H : 1 = 2.
          Lemma uses : 2 = 1. Proof. symmetry. exact H. Qed.
        End S.
        Lemma plain : 1 = 1. Proof. reflexivity. Qed.
        Lemma number : nat. Proof. exact 3. Defined.
        Lemma last : (1 = 2 -> 2 = 1) /\\ number = 3.
        Proof. split. apply uses. generalize plain. intros _. reflexivity. Qed.
    """)
    coq = installation.find()
    found = sources([str(path)], coq)
    stage = extract.stage([str(path)], found, coq, 60.0, "jsonl")
    run(stage, tmp_path / "out", extract.tasks(found), extract.Extractor(coq, 60.0))
    some = tmp_path / "some.jsonl"
    lines.write(some, (record for _, record in inputs.records(tmp_path / "out") if record["theorem"] == "Above.last"))
    report = validate(some, root=tmp_path)
    assert (report.records, report.valid) == (5, 5)
