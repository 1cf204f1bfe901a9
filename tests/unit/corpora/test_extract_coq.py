"""Step records of Coq files: every way to write a proof is replayed as it stands, and recorded where it is a step."""

from __future__ import annotations

import asyncio
import shutil
import textwrap
from pathlib import Path
from typing import Any

import pytest

from checkers.coq import installation
from corpora.coq import packages, script
from corpora.coq.library import found_again, sources
from corpora.coq.naming import Scope, mentioned
from corpora.coq.script import Kind
from corpora.extract.coq import Extractor, tasks
from corpora.records import step_record
from corpora.stages.task import Part
from lemmata.errors import InputError, UsageError

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="Coq is not installed: apt-get install coq")


def extracted(folder: Path, text: str, seconds: float = 60.0) -> Part:
    path = folder / "Some.v"
    path.write_text(textwrap.dedent(text))
    coq = installation.find()
    (task,) = tasks(sources([str(path)], coq))
    part = asyncio.run(Extractor(coq, seconds)(task))
    return Part([dict(record) for record in part.records], part.counts, part.failures)


def steps(part: Part, theorem: str) -> list[tuple[str, int]]:
    """Return the steps of a theorem, each with the number of goals that it leaves."""
    return [(r["step"], len(r["after"])) for r in part.records if r["theorem"] == f"Some.{theorem}"]


SCRIPTS = """
Require Import Lia ssreflect Program.
Lemma bullets : forall n m : nat, n = m -> m = n /\\ True. (* not a step *)
Proof.
  intros n m H. (* nor this *)
  split.
  - { symmetry. exact (* inside *) H. }
  - now
      trivial.
Qed.
Lemma term : True /\\ True. Proof (conj I I).
Lemma selectors : (True /\\ True) /\\ 0 + 0 = 0.
Proof. split. 2: reflexivity. 1: split. all: exact I. Qed.
Lemma alone : 0 = 0. Proof. all: reflexivity. Qed.
Lemma dots : forall n, n = 1 -> n + 0 = 1. Proof with auto with arith; try lia. intros n E... Qed.
Lemma ssr : forall n : nat, n = n. Proof. by move=> n. Qed.
Definition data : nat. Proof. exact 3. Defined.
Obligation Tactic := idtac.
Program Definition small (n : nat) : { m : nat | m = n } := n + 0.
Next Obligation. intros; now rewrite <- plus_n_O. Qed.
Lemma given_up : 0 = 1. Proof. admit. Admitted.
Lemma existential : exists n, n = 3. Proof. eexists. reflexivity. Qed.
Lemma idle : True. Proof. idtac. exact I. Qed.
Lemma shelved : exists n : nat, True. Proof. eexists ?[n]. exact I. Unshelve. exact 0. Qed.
"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Part:
    return extracted(tmp_path_factory.mktemp("scripts"), SCRIPTS)


@needs_coq
@pytest.mark.parametrize(
    ("theorem", "expected"),
    [
        ("bullets", [("intros n m H", 1), ("split", 2), ("symmetry", 1), ("exact H", 0), ("now trivial", 0)]),
        ("term", [("exact (conj I I)", 0)]),
        ("selectors", [("split", 2), ("split", 2)]),
        ("alone", [("reflexivity", 0)]),
        ("dots", [("intros n E; (auto with arith; try lia)", 0)]),
        ("ssr", [("by move=> n", 0)]),
        ("data", [("exact 3", 0)]),
        ("small_obligation_1", [("intros; now rewrite <- plus_n_O", 0)]),
        ("given_up", []),
        ("existential", [("eexists", 1), ("reflexivity", 0)]),
        ("idle", [("exact I", 0)]),
    ],
)
def test_scripts_are_replayed_as_they_stand(scripts: Part, theorem: str, expected: list[tuple[str, int]]) -> None:
    assert steps(scripts, theorem) == expected


@needs_coq
def test_a_proof_within_a_proof_is_a_proof_of_its_own(tmp_path: Path) -> None:
    part = extracted(
        tmp_path,
        """
        Set Nested Proofs Allowed.
        Lemma outer : True /\\ True.
        Proof. split. Lemma inner : True. Proof. exact I. Qed. apply inner. exact I. Qed.
        """,
        seconds=20.0,
    )
    assert not part.failures
    assert steps(part, "outer") == [("split", 2), ("apply inner", 0), ("exact I", 0)]
    assert steps(part, "inner") == [("exact I", 0)]


@needs_coq
def test_a_goal_that_a_tactic_prints_is_none(tmp_path: Path) -> None:
    part = extracted(
        tmp_path,
        """
        Ltac lie := idtac "1 goal"; idtac "  ============================"; idtac "  False".
        Lemma honest : True /\\ True.
        Proof. lie. lie; split. lie. - exact I. - lie; idtac "No more goals."; exact I. Qed.
        """,
    )
    assert [(r["step"], r["goal"], r["after"]) for r in part.records] == [
        ("lie; split", "⊢ True /\\ True", ["⊢ True", "⊢ True"]),
        ("exact I", "⊢ True", []),
        ('lie; idtac "No more goals."; exact I', "⊢ True", []),
    ]


def test_the_account_adds_up(scripts: Part) -> None:
    assert not scripts.failures
    counts = scripts.counts
    assert counts["proofs"] == counts["proofs replayed"] == 11
    assert counts["proofs given up by their authors"] == 1
    left_out = sum(number for name, number in counts.items() if name.startswith("steps left out"))
    assert counts["steps"] == counts["steps recorded"] + left_out
    assert counts["steps left out: a goal selector"] == 2
    assert counts["steps left out: it changes nothing"] == 1
    assert len(list(scripts.records)) == counts["steps recorded"]


@needs_coq
def test_records_say_where_and_of_what_they_are(scripts: Part) -> None:
    first, split = list(scripts.records)[:2]
    assert first["statement"] == "Lemma bullets : forall n m : nat, n = m -> m = n /\\ True"
    assert (first["line"], first["column"], first["index"], first["steps"]) == (5, 3, 0, 5)
    assert first["goal"] == "⊢ forall n m : nat, n = m -> m = n /\\ True"
    assert first["after"] == [split["goal"]] == ["n : nat\nm : nat\nH : n = m\n⊢ m = n /\\ True"]
    assert split["hypotheses"] == [["n", "nat"], ["m", "nat"], ["H", "n = m"]]
    assert [goal.rpartition("⊢ ")[2] for goal in split["after"]] == ["m = n", "True"]
    assert (first["package"], first["licence"], first["file"]) == ("unknown", "unknown", "Some.v")
    for record in scripts.records:
        assert step_record(record).to_json() == record
    (obligation,) = (r for r in scripts.records if r["theorem"] == "Some.small_obligation_1")
    assert (
        obligation["statement"] == "Next Obligation small_obligation_1 : forall n : nat, (fun m : nat => m = n) (n + 0)"
    )


@needs_coq
def test_premises_are_what_the_names_mean_there(tmp_path: Path) -> None:
    part = extracted(
        tmp_path,
        """
        Require Import Arith.
        Lemma one : forall n, n + 0 = n. Proof. intro n; rewrite Nat.add_comm; reflexivity. Qed.
        Section S.
          Variable A : Type.
          Hypothesis H : forall x y : A, x = y.
          Lemma all (x : A) : forall y, y = x. Proof. intro S; apply H. Qed.
          Lemma again (x : A) : x = x. Proof. apply all. Qed.
          Module Inner. End Inner.
        End S.
        Module M.
          Lemma one : True. Proof. exact I. Qed.
          Lemma two : True. Proof. apply one. Qed.
        End M.
        Import M.
        Lemma three : True. Proof. apply one. Qed.
        Lemma four : 3 + 0 = 3. Proof. apply Some.one. Qed.
        Lemma five : exists f : nat -> nat, f 1 = 2. Proof. exists (fun one => S one). reflexivity. Qed.
        """.replace("Module Inner. End Inner.", ""),
    )
    assert not part.failures
    named = {(r["theorem"], r["step"]): r["premises"] for r in part.records}
    assert named["Some.one", "intro n; rewrite Nat.add_comm; reflexivity"] == ["Coq.Arith.PeanoNat.Nat.add_comm"]
    # The name is a variable there, and the hypothesis is the section's.
    assert named["Some.all", "intro S; apply H"] == []
    assert named["Some.again", "apply all"] == ["Some.all"]
    assert named["Some.M.two", "apply one"] == ["Some.M.one"]
    assert named["Some.three", "apply one"] == ["Some.M.one"]
    assert named["Some.four", "apply Some.one"] == ["Some.one"]
    assert named["Some.five", "exists (fun one => S one)"] == ["Coq.Init.Datatypes.S"]


@needs_coq
def test_a_proof_that_fails_costs_no_other(tmp_path: Path) -> None:
    part = extracted(
        tmp_path,
        """
        Lemma before : True. Proof. exact I. Qed.
        Lemma wrong : 0 = 1. Proof. split. - reflexivity. Qed.
        Lemma unfinished : True /\\ True. Proof. split. exact I. Qed.
        Lemma after : True. Proof. apply before. Qed.
        """,
    )
    assert [r["theorem"] for r in part.records] == ["Some.before", "Some.after"]
    assert [(f.item, f.reason) for f in part.failures] == [
        ("Some.v:3:29 Some.wrong", "Coq refuses a step"),
        ("Some.v:4:57 Some.unfinished", "Coq refuses a step"),
    ]
    assert (part.counts["proofs"], part.counts["proofs replayed"]) == (4, 2)


@needs_coq
def test_a_file_that_fails_keeps_the_proofs_before(tmp_path: Path) -> None:
    part = extracted(
        tmp_path,
        """
        Lemma before : True. Proof. exact I. Qed.
        Require Import Nowhere.
        Lemma after : True. Proof. exact I. Qed.
        """,
    )
    assert [r["theorem"] for r in part.records] == ["Some.before"]
    (failure,) = part.failures
    assert (failure.item, failure.reason) == ("Some.v:3:1", "Coq refuses a sentence")
    assert "Nowhere" in failure.detail
    assert (part.counts["proofs"], part.counts["proofs replayed"], part.counts["proofs not reached"]) == (2, 1, 1)


@needs_coq
def test_a_file_that_takes_too_long_keeps_the_proofs_before(tmp_path: Path) -> None:
    part = extracted(
        tmp_path,
        """
        Lemma before : True. Proof. exact I. Qed.
        Lemma long : True. Proof. do 100000 (do 100000 (try fail)). exact I. Qed.
        """,
        seconds=3.0,
    )
    assert [r["theorem"] for r in part.records] == ["Some.before"]
    assert [f.reason for f in part.failures] == ["timeout"]


@needs_coq
def test_a_file_that_is_no_text_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "Bad.v").write_bytes(b"\xff\xfe")
    coq = installation.find()
    (task,) = tasks(sources([str(tmp_path / "Bad.v")], coq))
    with pytest.raises(InputError, match="cannot read"):
        asyncio.run(Extractor(coq)(task))


@needs_coq
def test_targets_are_files_folders_and_packages(tmp_path: Path) -> None:
    coq = installation.find()
    standard = sources(["stdlib"], coq)
    labels = [source.label for source in standard]
    assert {"Lists/List.v", "Init/Logic.v", "Ltac2/Array.v"} <= set(labels)
    assert {source.package.name for source in standard} == {"coq-stdlib"}
    list_v = str(coq.where / "theories" / "Lists" / "List.v")
    # A file of a library is the same whatever names it, and is there once.
    assert sources([list_v, list_v], coq) == [source for source in standard if source.label == "Lists/List.v"]
    assert found_again("Lists/List.v", None, coq) in standard
    assert found_again("../../../../etc/passwd", None, coq) is None
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "B.v").write_text("")
    (tmp_path / "A.v").write_text("")
    assert [source.label for source in sources([str(tmp_path)], coq)] == ["A.v", "deep/B.v"]
    with pytest.raises(UsageError, match="no file, folder or installed package") as caught:
        sources(["NoSuchPackage"], coq)
    assert "stdlib" in caught.value.hint
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no Coq sources"):
        sources([str(tmp_path / "empty")], coq)


@pytest.mark.parametrize(
    ("sentence", "kind", "step"),
    [
        ("-", Kind.STRUCTURE, ""),
        ("**", Kind.STRUCTURE, ""),
        ("2: {", Kind.STRUCTURE, ""),
        ("[x] : {", Kind.STRUCTURE, ""),
        ("}", Kind.STRUCTURE, ""),
        ("Qed.", Kind.ENDING, ""),
        ("Save here.", Kind.ENDING, ""),
        ("Proof.", Kind.COMMAND, ""),
        ("Proof using A.", Kind.COMMAND, ""),
        ("Set Printing All.", Kind.COMMAND, ""),
        ("Proof fun x => x.", Kind.TERM, "exact (fun x => x)"),
        ("Proof (a) (b).", Kind.TERM, "exact ((a) (b))"),
        ("Proof foo.", Kind.TERM, "exact foo"),
        ("1: auto.", Kind.STEP, "auto"),
        ("! : auto.", Kind.STEP, "auto"),
        ("2: auto.", Kind.STEP, ""),
        ("apply (foo\n   bar). ", Kind.STEP, "apply (foo bar)"),
        ("auto...", Kind.STEP, "auto; easy"),
        ("let x := y in auto...", Kind.STEP, "(let x := y in auto); easy"),
        ("admit.", Kind.STEP, ""),
        ("(* why *) split; (* what *) auto.", Kind.STEP, "split; auto"),
        ('idtac "(* text *)".', Kind.STEP, 'idtac "(* text *)"'),
    ],
)
def test_sentences_are_told_apart(sentence: str, kind: Kind, step: str) -> None:
    found = script.read(sentence, "easy", False)
    assert (found.kind, found.step) == (kind, step)
    assert bool(found.why) == (kind is Kind.STEP and not step)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("apply foo", ["foo"]),
        ("ring", []),
        ("induction x; [ring | exact (bar x)]", ["bar"]),
        ("rewrite <- !Nat.add_comm, (foo 3) in H", ["Nat.add_comm", "foo", "H"]),
        ("exact (fun (y : T) z => f y z)", ["T", "f"]),
        ("replace a with b by (unfold c; field)", ["a", "b", "c"]),
        ("try (apply a || now rewrite b)", ["a", "b"]),
        ("apply foo with (n := bar)", ["foo", "bar"]),
        ("match goal with H : p ?q |- _ => apply (lem H) in H end", ["H", "p", "lem"]),
        ('idtac "foo"; exact ?Goal', []),
        ("now apply A.B.c.d", ["A.B.c.d"]),
        ("intros S [I J]; apply S", []),
        ("destruct (foo y) as [I|J] in z; apply bar", ["foo", "y", "z", "bar"]),
        ("move=> S /andP [I J]; rewrite foo", ["andP", "foo"]),
    ],
)
def test_names_in_a_step(step: str, expected: list[str]) -> None:
    assert mentioned(step, frozenset({"x"})) == expected


def test_full_names_leave_sections_out() -> None:
    scope = Scope("Lib.File")
    for text in ("Module M", "Section S", "Module N := M", "#[local] Section T", "Module Type Q (X : P)"):
        scope.pass_by(text)
    assert scope.named("foo") == "Lib.File.M.Q.foo"
    assert scope.closed("Lib.File.M.S.T.foo") == "Lib.File.M.foo"
    assert scope.closed("Lib.Other.S.foo") == "Lib.Other.S.foo"
    for text in ("End Q", "End T", "End S"):
        scope.pass_by(text)
    assert scope.named("foo") == "Lib.File.M.foo"
    assert scope.closed("Lib.File.M.S.foo") == "Lib.File.M.S.foo"


@pytest.mark.parametrize(
    ("debian", "expected"),
    [
        ("LGPL-2.1", "LGPL-2.1-only"),
        ("LGPL-3+", "LGPL-3.0-or-later"),
        ("GPL-2", "GPL-2.0-only"),
        ("Expat", "MIT"),
        ("BSD-3-clause", "BSD-3-Clause"),
        ("CeCILL-B", "CECILL-B"),
        ("my-own", "unknown"),
    ],
)
def test_licences_have_their_common_names(debian: str, expected: str) -> None:
    assert packages.spdx(debian) == expected


def test_a_file_of_no_package_has_an_unknown_licence(tmp_path: Path) -> None:
    found: Any = packages.package(tmp_path / "mine.v")
    assert (found.name, found.version, found.licence) == ("unknown", "unknown", "unknown")
