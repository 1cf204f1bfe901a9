"""Sentences and proofs of the standard library, against Coq's own reading of the same files.

`coqc -time` tells where each sentence begins and ends; the prompts of `coqtop -emacs` tell which proof is open behind
each sentence. `LEMMATA_COQ_FILES` is the number of files in the sample, `all` for the whole library.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from checkers.coq import installation
from checkers.coq.project import flags
from checkers.coq.scan import HoleKind, holes
from checkers.coq.sentences import Sentence, split

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed"),
]

WANTED = os.environ.get("LEMMATA_COQ_FILES", "25")
SEED = 20
TIMEOUT = 240

MANY_KINDS = r"""
Require Import Program FunInd Recdef Derive Morphisms Setoid Lia.
Lemma a : let x := 1 in x = 1. reflexivity. Qed.
Theorem ev : forall n : nat, True with od : forall n : nat, True.
Proof. all: intros; exact I. Qed.
Section S. Let Fixpoint lf (n : nat) : nat. exact 0. Defined. Let q : nat. exact 0. Defined. End S.
Function log (n : nat) {measure (fun x => x) n} : nat := match n with 0 => 0 | S m => log m end.
Proof. intros; lia. Defined.
Derive p SuchThat (p = 1) As pok.
Proof. subst p; reflexivity. Qed.
Class C := {n : nat; m : n = n}.
#[refine, global] Instance i1 : C := {| n := 1 |}. reflexivity. Defined.
#[global] Program Instance i2 : C := {| n := 1 |}.
#[global, program] Instance i3 : C := {| n := _ |}. Next Obligation. exact 0. Defined.
Program Definition d (x : nat) : {y | y = x + 0} := x.
Fail Next Obligation.
Program Fixpoint pf (x : nat) {measure x} : {y | y = x} := match x with 0 => 0 | S k => S (pf k) end.
Solve All Obligations with (program_simpl; try lia).
Program Lemma z : exists y : {u | u = 1}, proj1_sig y = 1. Proof. Admitted.
Program Definition g : nat.
Proof. exact 0. Defined.
Goal True. Abort.
Goal True. Proof I.
Goal True /\ True. split. 2 : { exact I. } [>exact I]. Qed.
Time Lemma t : True. Time Proof. Fail exact 1. Timeout 5 exact I. Time Qed.
Set Nested Proofs Allowed.
Lemma out : True. Lemma inn : True. exact I. Qed. exact inn. Qed.
Module Type T. Parameter x : nat. Definition y : nat. exact x. Defined. End T.
Module M : T with Definition x := 1. Definition x := 1. Definition y : nat. exact x. Defined. End M.
Module F (A : T with Definition x := 1). Lemma l : A.x = 1. reflexivity. Qed. End F.
Module N := F M. Module O <: T := M.
Add Parametric Morphism : plus with signature eq ==> eq ==> eq as pm. reflexivity. Qed.
Set Program Mode. Instance i4 : C := {| n := 1 |}. Definition k : {x | x = 1} := 1.
Lemma lp : True. exact I. Qed. Unset Program Mode.
Notation "[ x := y ] z" := (x + y + z) (at level 1, only parsing).
Lemma s : [1 := 2] 3 = 6. reflexivity. Qed.
Definition s' : nat := [1 := 2] 3.
Polymorphic Lemma u@{u} : Type@{u} -> True. auto. Defined.
Fixpoint e (n : nat) : bool := match n with 0 => true | S n => o n end with o (n : nat) : bool. exact true. Defined.
CoInductive St := c : nat -> St -> St. CoFixpoint cf : St. constructor. exact 0. exact cf. Defined.
#[export] Instance : C. exact i2. Defined.
Obligation Tactic := idtac.
Program Definition w : {x | x = 1} := 1. Obligation 1 of w. reflexivity. Qed.
Program Definition w' : {x | x = 1} := 1. Next Obligation of w'. reflexivity. Defined.
Example ex : exists x, x = 1 :> nat. Proof with auto. exists 1... Qed.
Lemma sv : True. exact I. Save sv2.
Lemma adm : True /\ True. split. - admit. - give_up. Admitted.
Fact fa (b:=1) : b = 1. reflexivity. Qed.
Definition nd : match 1 with 0 => nat | _ => bool end := true.
Definition nd2 : (let x := nat in x) := 1.
Definition nd3 : let x := nat in x := 1.
Definition nd4 : let fix f (n:nat) := nat in f 0 := 1.
Definition nd5 : let '(a, b) := (nat, 1) in a. exact 0. Defined.
"""
MANY = 31
"""How many proofs there are in it; one more is given up, another nested."""


def sample() -> list[str]:
    if shutil.which("coqc") is None:
        return []
    where = installation.find().where
    files = [*(where / "theories").rglob("*.v"), *(where / "user-contrib" / "Ltac2").rglob("*.v")]
    names = sorted(str(file.relative_to(where)) for file in files)
    return names if WANTED == "all" else sorted(random.Random(SEED).sample(names, min(int(WANTED), len(names))))


def spans_of_coq(path: Path, folder: Path) -> tuple[list[tuple[int, int]], bool]:
    """Return the byte offsets of the sentences that Coq read, and whether it read the whole file."""
    coq = installation.find()
    found = flags(path, {}, coq)
    copy = folder / path.name
    shutil.copy(path, copy)
    # `coqc` takes the logical name from the load path, not from `-top`; a few files of the library depend on theirs.
    binding = ("-Q", str(folder), found.top.rpartition(".")[0])
    command = [*coq.compiler, "-q", "-time", "-w", "none", *found.arguments, *binding, str(copy)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=TIMEOUT)
    spans: list[tuple[int, int]] = []
    for begin, end in re.findall(rb"^Chars (\d+) - (\d+) \[", done.stdout, re.MULTILINE):
        # A command such as `Open Scope` within a proof runs again, and is printed again, at the proof's end.
        if not spans or int(begin) >= spans[-1][1]:
            spans.append((int(begin), int(end)))
    return spans, done.returncode == 0


def in_bytes(source: str, sentences: list[Sentence]) -> list[tuple[int, int]]:
    spans = []
    offset = position = 0
    for sentence in sentences:
        begin = offset + len(source[position : sentence.start].encode())
        offset = begin + len(sentence.text.encode())
        position = sentence.end
        spans.append((begin, offset))
    return spans


@pytest.mark.parametrize("name", sample())
def test_sentences(name: str, tmp_path: Path) -> None:
    path = installation.find().where / name
    source = path.read_bytes().decode()
    spans, complete = spans_of_coq(path, tmp_path)
    mine = in_bytes(source, split(source))
    assert spans
    assert (mine if complete else mine[: len(spans)]) == spans


def proofs_of_coq(source: str, arguments: tuple[str, ...]) -> list[list[int]]:
    """Return where each proof's statement begins and its last sentence ends; without those that are given up."""
    command = [*installation.find().toplevel, "-q", "-emacs", "-w", "none", *arguments]
    done = subprocess.run(
        command, input=source + "\n", capture_output=True, check=False, text=True, encoding="utf-8", timeout=TIMEOUT
    )
    states = re.findall(r"<prompt>.*?\|(.*?)\| \d+ < </prompt>", done.stderr)
    sentences = split(source)
    assert len(states) == len(sentences) + 1
    found: list[list[int]] = []
    for sentence, (before, behind) in zip(sentences, pairwise(states), strict=True):
        if behind and not before:
            found.append([sentence.start])
        elif before and not behind:
            found[-1].append(sentence.end)
            if sentence.text.startswith("Abort"):
                found.pop()
    return found


def proofs_of_scan(source: str) -> list[list[int]]:
    return [[hole.statement[0], hole.end] for hole in holes(source, "f.v") if hole.kind is HoleKind.THEOREM]


@pytest.mark.parametrize("name", sample() if WANTED == "all" else sample()[::3])
def test_proofs(name: str) -> None:
    coq = installation.find()
    path = coq.where / name
    source = path.read_bytes().decode()
    found = flags(path, {}, coq)
    assert proofs_of_scan(source) == proofs_of_coq(source, (*found.arguments, "-top", found.top))


def test_proofs_of_every_kind() -> None:
    if not installation.find().version.startswith("8."):
        pytest.skip("the libraries that the source requires have other names in Rocq")
    found = proofs_of_coq(MANY_KINDS, ())
    assert len(found) == MANY
    assert proofs_of_scan(MANY_KINDS) == found
