"""Theorems that stages made, checked again: what they wrote is valid, and nothing that was changed is."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from coq_library import compiled

from checkers.coq.artefact import HAMMER_LINE
from corpora.stages import lines
from corpora.validate import Report, validate
from lemmata.cli import corpus_decomposition, corpus_mutation

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="needs Coq")
Records = list[dict[str, Any]]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def mutated(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "mutated"
    assert corpus_mutation.mutate_coq([str(source)], out, most=6, tries=60, quiet=True) == 0
    return out


LONG = """\
Definition pairs (n : nat) := n + n.
Axiom magic : forall n, pairs n = n * 2.
Section Vars.
  Variable A : Type.
  Ltac back E := rewrite <- E.
  Theorem by_magic : forall n m : nat, n = m -> pairs n = m * 2 /\\ pairs m = 2 * n.
  Proof.
    intros n m E.
    split.
    - rewrite E.
      rewrite magic.
      reflexivity.
    - back E.
      unfold pairs. simpl.
      rewrite <- plus_n_O.
      reflexivity.
  Qed.
End Vars.
"""


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    (folder / "_CoqProject").write_text("-Q . Long\n")
    (folder / "Long.v").write_text(LONG)
    subprocess.run(["coqc", "-Q", ".", "Long", "Long.v"], cwd=folder, check=True, capture_output=True, timeout=120)
    out = folder / "out"
    assert corpus_decomposition.decompose_coq([str(folder)], out, at_least=5, lemma_steps=2, quiet=True) == 0
    return out


@pytest.fixture(scope="module")
def records(mutated: Path) -> Records:
    return [json.loads(line) for line in (mutated / "data.jsonl").read_text().splitlines()]


def check(records: Records, source: Path, folder: Path) -> Report:
    lines.write(folder / "some.jsonl", records)
    return validate(folder / "some.jsonl", root=source.parent)


def test_what_was_made_is_valid(mutated: Path, records: Records, source: Path) -> None:
    report = validate(mutated, root=source.parent)
    assert (report.valid, report.invalid, report.unchecked) == (len(records), [], [])
    sample = validate(mutated, 4, 1, root=source.parent)
    assert (sample.records, sample.valid) == (4, 4)


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another statement": lambda r: {"statement": f"Lemma {r['name']} : 0 = 1."},
    "a second sentence": lambda r: {"statement": f"{r['statement']} Admitted. Lemma x : True."},
    "an axiom above": lambda r: {"header": f"{r['header']}Axiom oops : False.\n"},
    "a setting above": lambda r: {"header": f"{r['header']}Unset Universe Checking.\n"},
    "given up": lambda r: {"proof": "Proof.\n  admit.\nAdmitted.", "steps": ["admit"]},
    "given up within": lambda r: {"proof": "Proof.\n  admit.\nQed.", "steps": ["admit"]},
    "a command within": lambda r: {"proof": r["proof"].replace("Qed.", "Admitted. Lemma x : True. exact I. Qed.")},
    "other steps than the proof": lambda r: {"steps": [*r["steps"], "idtac"]},
    "no proof": lambda r: {"proof": ""},
    "another name": lambda r: {"name": "other"},
    "an axiom not told of": lambda r: {"axioms": ["magic"] if not r["axioms"] else []},
    "made from nothing": lambda r: {"origin": {**r["origin"], "from": []}},
    "made from a command": lambda r: {"origin": {**r["origin"], "from": ["A.b. Quit"]}},
    "another licence": lambda r: {"licence": "MIT"},
    "made from what is no theorem of the file": lambda r: {"origin": {**r["origin"], "from": ["Small.Twice.magic"]}},
    "disproved something else": lambda r: {"label": "disproved", "origin": {**r["origin"], "conjecture": "0 = 0"}},
    "a comment without end": lambda r: {"statement": r["statement"].replace(" : ", " : (* ")},
    "a string without end": lambda r: {"proof": 'Proof.\n  idtac ".\nQed.', "steps": ['idtac "']},
    "other blanks": lambda r: {"header": r["header"].replace("Require Import", "Require\u00a0Import")},
    "a line within a sentence": lambda r: {"header": r["header"].replace("PeanoNat", f"Peano{HAMMER_LINE}Nat")},
    "a tactic that is not loaded": lambda r: {"steps": ["sauto"], "proof": "Proof.\n  sauto.\nQed."},
    "a way round": lambda r: {"file": f"../{Path(r['file']).name}"},
    "no text": lambda r: {"proof": None},
    "no list": lambda r: {"steps": "auto"},
    "no file": lambda r: {"file": 3},
}


def test_cut_lemmas_are_valid_with_what_they_rest_on(cut: Path, tmp_path: Path) -> None:
    records = [json.loads(line) for line in (cut / "data.jsonl").read_text().splitlines()]
    report = validate(cut, root=cut.parent)
    assert (report.valid, report.invalid, report.unchecked) == (len(records), [], [])
    assert all("Ltac back" in one["header"] for one in records)
    (resting,) = (one for one in records if one["axioms"])
    assert resting["axioms"] == ["Long.Long.magic"]
    lines.write(tmp_path / "some.jsonl", [{**resting, "axioms": []}, {**resting, "axioms": ["Long.Long.other"]}])
    report = validate(tmp_path / "some.jsonl", root=cut.parent)
    assert [one.why for one in report.invalid] == ["it rests on Long.Long.magic"] * 2


def test_nothing_that_was_changed_is_valid(records: Records, source: Path, tmp_path: Path) -> None:
    first = next(one for one in records if not one["axioms"])
    changed = [{**first, **change(first)} for change in CHANGES.values()]
    report = check([first, *changed, first], source, tmp_path)
    assert report.valid == 2
    # Of what names no file here nothing can be said.
    assert [list(CHANGES)[one.place.line - 2] for one in report.unchecked] == ["a way round"]
    wrong = [list(CHANGES)[one.place.line - 2] for one in report.invalid]
    assert wrong == [name for name in CHANGES if name != "a way round"]


def made(first: dict[str, Any], name: str, statement: str, *steps: str) -> dict[str, Any]:
    proof = "\n".join(["Proof.", *(f"  {step}." for step in steps), "Qed."])
    return {**first, "name": name, "statement": f"Lemma {name} : {statement}.", "proof": proof, "steps": list(steps)}


def test_records_do_not_see_each_other(records: Records, source: Path, tmp_path: Path) -> None:
    first = next(one for one in records if not one["axioms"])
    shadow = made(first, "S", "forall n : nat, True", "intros; exact I")
    false = made(
        first, "b", "forall n m : nat, S n = S m", "intros n m", "destruct (S n)", "destruct (S m)", "reflexivity"
    )
    uses = made(first, "u", "True", "exact t")
    true = made(first, "t", "True", "exact I")
    long = made(first, "n" * 300, "True", "exact I")
    report = check([shadow, false, true, uses, long, false, shadow], source, tmp_path)
    assert [one.place.line for one in report.invalid] == [2, 4, 6]
    assert (report.valid, report.unchecked) == (4, [])


def test_what_takes_too_long_is_not_called_invalid(records: Records, source: Path, tmp_path: Path) -> None:
    lines.write(tmp_path / "some.jsonl", records[:1])
    report = validate(tmp_path / "some.jsonl", root=source.parent, seconds=0.05)
    assert (report.valid, report.invalid, len(report.unchecked)) == (0, [], 1)


def test_an_axiom_is_not_hidden_by_where_it_was_made_from(records: Records, source: Path, tmp_path: Path) -> None:
    first = next(one for one in records if not one["axioms"])
    steps = ["rewrite magic", "reflexivity"]
    false = {
        **first,
        "statement": f"Lemma {first['name']} : Twice.twice 1 = 1 + (1 + 0).",
        "proof": "Proof.\n  rewrite magic.\n  reflexivity.\nQed.",
        "steps": steps,
    }
    for made_from, axioms in (("Small.Twice.twice_mul", []), ("Small.Twice.magic", []), ("Small.Twice.gone", [])):
        forged = {**false, "origin": {"rule": "x", "from": [made_from]}, "axioms": axioms}
        report = check([forged, first], source, tmp_path)
        assert report.valid == 1, made_from
        assert report.invalid[0].place.line == 1


def test_what_cannot_be_checked_is_not_called_valid(records: Records, source: Path, tmp_path: Path) -> None:
    elsewhere = [{"file": "Gone.v"}, {"system": "lean"}, {"file": "a" * 5000}, {"file": "/etc/passwd"}]
    report = check([{**records[0], **change} for change in elsewhere], source, tmp_path)
    assert (report.valid, report.invalid, len(report.unchecked)) == (0, [], 4)
