"""The theorems and holes of Coq sources, told from the text."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.coq import installation
from checkers.coq.scan import Hole, HoleKind, find, holes
from lemmata.errors import InputError

LIST = Path(__file__).parents[3].parent / "shared" / "benchmarks" / "coq-stdlib" / "dev.jsonl"


def names(source: str) -> list[str]:
    return [hole.name for hole in holes(source, "f.v") if hole.kind is HoleKind.THEOREM]


def the(source: str, kind: HoleKind = HoleKind.THEOREM) -> Hole:
    (hole,) = [hole for hole in holes(source, "f.v") if hole.kind is kind]
    return hole


@pytest.mark.parametrize(
    "statement",
    [
        *(f"{word} a : P." for word in "Theorem Lemma Fact Remark Corollary Proposition Property".split()),
        *(f"{word} a : P." for word in "Definition Example Let Instance Fixpoint CoFixpoint".split()),
        "Lemma a (x : nat) : let y := 1 in x = y.",
        "Lemma a : let fix f n := n in f 0 = 0.",
        "Lemma a : (fix f n := n) 0 = 0.",
        "Lemma a : [x:=v] t = u.",
        "Lemma a : [x, y[ = u.",
        "Lemma a : {| l := 1 |} = u.",
        "Lemma a : f (x := 1) = u.",
        "Lemma a : match x with 0 => let y := 1 in True | _ => False end.",
        'Lemma a : "x := y" = z.',
        "Lemma a (* := *) : P.",
        "Lemma a@{u v} : P.",
        "Theorem a : A with b : B.",
        "Local Lemma a : P.",
        "Global Program Instance a : C.\nAdmitted. Lemma a : P.",
        "Polymorphic Lemma a : P.",
        "Program Lemma a : P.",
        "Program Definition a : P.",
        "Time Timeout 5 Lemma a : P.",
        "#[local] Lemma a : P.",
        '#[deprecated(note="[", since="]")] #[global] Instance a : P.',
        "Global Instance a `{B} : C x | 3.",
        "#[refine] Instance a : C := {}.",
        "#[local, refine] Instance a : C := {| b := 1 |}.",
        "Let Fixpoint a (n : nat) : nat.",
        "Fixpoint a (n : nat) : nat := b n with b (n : nat) : nat.",
        "Function a (n : nat) {measure f n} : nat := n.",
        "Equations? a (n : nat) : nat by wf n := a n := 0.",
        "Add Parametric Morphism x : (f x) with signature eq ==> eq as a.",
        "Add Morphism f with signature eq ==> eq as a.",
        "Derive p SuchThat (p = 1) As a.",
    ],
)
def test_what_opens_a_proof(statement: str) -> None:
    source = f"{statement}\nProof. auto. Qed.\nDefinition b := 1.\n"
    assert names(source) == ["a"]
    hole = find(source, "a", "f.v")
    assert source[: hole.prefix].endswith("Proof.")
    assert source[hole.start : hole.end] == " auto. Qed."


@pytest.mark.parametrize(
    "command",
    [
        "Definition a : nat := 1.",
        "Definition a := let x := 1 in x.",
        "Definition a := fix f n := n.",
        "Definition a : [x, y[ := 1.",
        "Definition a : match x with 0 => nat | _ => nat end := 1.",
        "Instance a : C := {}.",
        "Program Instance a : C.",
        "#[program] Instance a : C.",
        "Let a := 1.",
        "Fixpoint a (n : nat) : nat := match n with 0 => 0 | S n => b n end with b (n : nat) : nat := a n.",
        "Fail Lemma a : P.",
        "Declare Instance a : C.",
        "Existing Instance a.",
        "Obligation Tactic := auto.",
        "Solve Obligations with auto.",
        "Function a (n : nat) {struct n} : nat := n.",
        "Equations a (n : nat) : nat := a n := 0.",
        "Derive Inversion a with P.",
        "Add Parametric Relation : A eq as a.",
        "Goal_tactic.",
        "Notation \"'Lemma' x : P\" := x.",
        "(* Lemma a : P. *)",
        "Lemma a : P. Abort.",
        "Goal P. auto. Abort All.",
    ],
)
def test_what_opens_none(command: str) -> None:
    assert names(f"{command}\nLemma b : P. Proof. auto. Qed.\n") == ["b"]


def test_a_theorem_and_its_parts() -> None:
    source = "(* é *)\nSection S.\n  Lemma a : P. (* now *) Proof with auto.\n  - x... \n Defined. (* end *)\nEnd S."
    hole = the(source)
    assert (hole.name, hole.theorem, hole.line, hole.column) == ("a", "a", 3, 3)
    assert source[slice(*hole.statement)] == "Lemma a : P."
    assert source[: hole.prefix].endswith("Proof with auto.")
    assert source[hole.start : hole.end] == "\n  - x... \n Defined."
    assert (hole.terminator, hole.admitted, hole.others) == ("Defined.", None, ())
    assert (hole.modules, hole.sections) == ((), ("S",))


@pytest.mark.parametrize(
    ("proof", "kept", "replaced"),
    [
        ("Proof. auto. Qed.", " Proof.", " auto. Qed."),
        ("Proof using b. auto. Save.", " Proof using b.", " auto. Save."),
        ("auto. Qed.", "", " auto. Qed."),
        ("Proof I.", "", " Proof I."),
        ("Proof (fun x => x).", "", " Proof (fun x => x)."),
        ("Set A. Proof. auto. Time Qed.", " Set A. Proof.", " auto. Time Qed."),
        ("Proof. auto. Fail Qed. auto. Defined a.", " Proof.", " auto. Fail Qed. auto. Defined a."),
        ("Proof. Qed.", " Proof.", " Qed."),
        ("Proof. auto.", " Proof.", " auto."),
        ("", "", ""),
    ],
)
def test_what_a_proof_replaces(proof: str, kept: str, replaced: str) -> None:
    source = f"Lemma a : P. {proof}"
    hole = the(source)
    assert source[hole.statement[1] : hole.prefix] == kept
    assert source[hole.start : hole.end] == replaced


def test_admitted() -> None:
    source = "Lemma a : P.\nProof. intros x. Admitted."
    hole = the(source, HoleKind.ADMITTED)
    assert hole == find(source, "a", "f.v")
    assert source[: hole.prefix].endswith("intros x.")
    assert source[hole.start : hole.end] == "Admitted." == source[slice(*(hole.admitted or ()))]
    assert hole.terminator == "Qed."
    whole = the(source)
    assert (whole.prefix, whole.end, whole.admitted) == (source.index(" intros"), len(source), hole.admitted)


def test_admits() -> None:
    source = "Lemma a : P.\nProof. split.\n - admit.\n - idtac. admit . admit.\nAdmitted."
    found = [hole for hole in holes(source, "f.v") if hole.kind is not HoleKind.THEOREM]
    assert [(hole.name, hole.kind, hole.line, hole.column) for hole in found] == [
        ("a#1", HoleKind.ADMIT, 3, 4),
        ("a#2", HoleKind.ADMIT, 4, 11),
        ("a#3", HoleKind.ADMIT, 4, 19),
    ]
    assert [source[hole.start : hole.end] for hole in found] == ["admit.", "admit .", "admit."]
    assert [source[: hole.prefix].rsplit(maxsplit=1)[-1] for hole in found] == ["-", "idtac.", "."]
    assert found[1].others == ((found[0].start, found[0].end), (found[2].start, found[2].end))
    assert all(source[slice(*(hole.admitted or ()))] == "Admitted." for hole in found)
    assert find(source, "a#2", "f.v") == found[1]
    assert find(source, "a@1#3", "f.v") == found[2]
    assert find(source, "a", "f.v").kind is HoleKind.THEOREM
    with pytest.raises(InputError, match="3 admit sentences"):
        find(source, "a#4", "f.v")


def test_obligations() -> None:
    source = "Next Obligation. Qed.\nNext Obligation of f. Qed.\nObligation 2 of f. Qed.\nGoal P. Qed."
    assert names(source) == ["Next_Obligation@1", "Next_Obligation@2", "f_obligation_2", "Unnamed_thm"]


MODULES = """
Module M. Lemma a : P. Qed. End M.
Module Type T. Section S. Lemma b : P. Qed. End S. End T.
Module N := M. Module N : T := M. Module Type U := T with Definition x := 1. Declare Module D : T.
Module K : T with Definition x := 1. Lemma c : P. Qed.
  Module Import I (A : T with Definition x := 1) (B : T). Lemma a : P. Qed. End I.
  Module Export(notations) E <: T. Lemma d : P. Qed. End E.
End K.
Module V : T with Definition x := 1 := M.
Lemma b : P. Qed.
Lemma b : P. Qed. Lemma b : P. Qed.
"""


def test_modules_and_selectors() -> None:
    found = holes(MODULES, "f.v")
    assert [hole.name for hole in found] == ["M.a", "T.b", "c", "K.I.a", "d", "b@10", "b@11:1", "b@11:19"]
    assert [hole.modules for hole in found[:5]] == [("M",), ("T",), ("K",), ("K", "I"), ("K", "E")]
    assert [hole.sections for hole in found[:3]] == [(), ("S",), ()]
    assert all(not hole.modules for hole in found[5:])
    assert all(find(MODULES, hole.name, "f.v") == hole for hole in found)
    for selector in ("I.a", "K.I.a", "a@6"):
        assert find(MODULES, selector, "f.v") == found[3]
    with pytest.raises(InputError, match="ambiguous") as caught:
        find(MODULES, "a", "f.v")
    assert "M.a" in caught.value.hint
    with pytest.raises(InputError, match="no theorem Z") as caught:
        find(MODULES, "Z.c", "f.v")
    assert "c" in caught.value.hint
    with pytest.raises(InputError, match="selects nothing"):
        find(MODULES, "a@b", "f.v")


def test_a_name_that_other_modules_end_in_needs_its_line() -> None:
    source = "Module B. Lemma a : P. Qed. End B.\nModule A. Module B. Lemma a : P. Qed. End B. End A."
    assert names(source) == ["a@1", "A.B.a"]


def test_nested_proofs_are_ignored() -> None:
    source = "Set Nested Proofs Allowed.\nLemma a : P.\nLemma b : Q. admit. Qed.\nauto. Qed."
    hole = the(source)
    assert (hole.name, source[hole.start :]) == ("a", "\nLemma b : Q. admit. Qed.\nauto. Qed.")
    assert len(holes(source, "f.v")) == 1


def test_what_is_not_understood_is_left_out() -> None:
    assert holes("Qed. End X. End. Section. Module. Module Type. End Y. Proof I. Lemma", "f.v")[0].theorem == "Lemma"
    # In program mode this opens no proof, which the text does not tell.
    assert names("Instance i : C.\nDefinition x := 1.\nNext Obligation. auto. Qed.\nLemma a : P. auto. Qed.") == [
        *("Next_Obligation", "a")
    ]
    assert names("Lemma a : P. auto.\nEnd X.\nLemma b : P. auto. Qed.") == ["a", "b"]
    assert the("Section A. Section B. End A. Lemma a : P. Qed.").sections == ()


def test_errors_name_the_file() -> None:
    with pytest.raises(InputError, match="does not end") as caught:
        holes("Lemma a : P.\n (* ", "some.v")
    assert str(caught.value).startswith("some.v:2:2: ")


PIECES = st.sampled_from(
    [
        *("Lemma a : P.", "Theorem a : A with b : B.", "Definition a : P.", "Definition a := 1.", "Instance : C."),
        *("Proof.", "Proof I.", "Proof with auto.", "Qed.", "Defined.", "Admitted.", "Abort.", "Save a.", "admit."),
        *("Module A.", "Module Type T.", "Section S.", "End A.", "End S.", "End", ".", "- ", "{", "}", "2: {", "auto."),
        *("#[local]", "Program", "Fail", "Timeout", "Next Obligation.", "Goal P.", "Set Nested Proofs Allowed.", ":="),
        *("Module", "Let", "Fixpoint", "Add", "Derive", "Function", "Obligation 1", "(", "match", "end", "let", "with"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30).map(" \n".join))
def test_any_text_can_be_scanned(source: str) -> None:
    found = holes(source, "f.v")
    assert len({(hole.name, hole.kind) for hole in found}) == len(found)
    for hole in found:
        assert 0 <= hole.statement[0] < hole.statement[1] <= hole.prefix <= hole.start <= hole.end <= len(source)
        selected = find(source, hole.name, "f.v")
        assert selected.statement == hole.statement
        assert selected == hole or selected.kind is HoleKind.ADMITTED


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")
@pytest.mark.skipif(not LIST.is_file(), reason=f"{LIST} is not here")
def test_the_theorems_of_a_list_are_found_in_the_library() -> None:
    theories = installation.find().where / "theories"
    for line in LIST.read_text().splitlines():
        entry = json.loads(line)
        path = theories / entry["file"]
        if not path.is_file():
            pytest.skip(f"{path} is not installed")
        source = path.read_text()
        hole = find(source, f"{entry['name']}@{entry['line']}", entry["file"])
        assert source[slice(*hole.statement)].split() == entry["statement"].split()
        assert hole.theorem == entry["name"]
        assert hole.statement[1] <= hole.prefix < hole.end
        assert source[hole.start : hole.end].split()[-1] in ("Qed.", "Defined.") or "Proof" in source[hole.start :]
