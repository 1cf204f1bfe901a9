"""The same-theorem rule: what a search may learn from, by position, by statement and by what rests on what."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("numpy", reason="numpy is not installed")

from lemmata.goal import Goal, GoalView, Location, Obligation
from provers.retrieval.knn.examples import claim, name_of
from provers.retrieval.knn.index import Proof
from provers.retrieval.knn.scope import allowed, library, own_name

SOURCE = """\
Require Import Arith.

Lemma twice : forall n,
  n + n = 2 * n.
Proof. Admitted.
"""


def view(file: str = "/usr/lib/coq/theories/Arith/Twice.v", name: str = "twice", depth: int = 0) -> GoalView:
    plain = "forall n : nat, eq (Nat.add n n) (Nat.mul (S (S O)) n)"
    obligation = Obligation("coq", name, SOURCE, Location(file, 3, 1))
    return GoalView(Goal("coq", plain, details={"plain": plain, "hypotheses": []}), obligation, depth)


def proof(
    file: str, name: str, statement: str = "Lemma x : True.", root: str = "True", used: tuple[str, ...] = ()
) -> Proof:
    library = "Coq." + file.removesuffix(".v").replace("/", ".")
    return Proof(f"{library}.{name}", file, claim(statement), "".join(root.split()), used)


OTHER = proof("Lists/List.v", "app_nil_r", "Lemma app_nil_r : forall l, l ++ [] = l.", "forall l, eq (app l nil) l")


def test_other_theorems_may_be_learnt_from() -> None:
    assert allowed(view(), [OTHER]) == [True]


def test_nothing_of_the_own_file_is() -> None:
    there = [proof("Arith/Twice.v", "twice"), proof("Arith/Twice.v", "above"), proof("Arith/Twice.v", "below")]
    assert allowed(view(), [*there, OTHER]) == [False, False, False, True]


def test_a_file_of_the_same_name_in_another_folder_is_another_file() -> None:
    assert allowed(view(), [proof("ZArith/Twice.v", "other")]) == [True]
    assert allowed(view(), [proof("rith/Twice.v", "other")]) == [True]


def test_a_copy_of_the_file_elsewhere_gives_nothing_away() -> None:
    assert allowed(view("/home/me/work/Twice.v"), [proof("Arith/Twice.v", "twice")]) == [False]


@pytest.mark.parametrize(
    "statement",
    [
        "Lemma twice : forall n,\n  n + n = 2 * n.",
        "Theorem double : forall n, n + n = 2*n.",
        "Local Lemma double : forall n ,  n+n = 2 * n .",
    ],
)
def test_the_same_statement_is_left_out_whatever_its_name_and_blanks(statement: str) -> None:
    assert allowed(view(), [proof("ZArith/Other.v", "double", statement)]) == [False]


def test_the_same_goal_is_left_out_however_it_is_written() -> None:
    other = proof("ZArith/Other.v", "double", "Lemma double n : n + n = n * 2.", view().goal.conclusion + " ")
    assert allowed(view(), [other]) == [False]
    # Below the root nothing is known of how the theorem would be printed.
    assert allowed(view(depth=2), [other]) == [True]


def test_files_that_rest_on_the_own_file_are_left_out() -> None:
    own = proof("Arith/Twice.v", "above")
    user = proof("ZArith/User.v", "u", used=("Coq.Arith.Twice.above",))
    further = proof("Reals/Further.v", "f", used=("Coq.ZArith.User.Module.lemma", "Coq.Lists.List.app_nil_r"))
    same_file = replace(further, theorem="Coq.Reals.Further.g", premises=())
    before = proof("Init/Before.v", "b", used=("Coq.Lists.List.app_nil_r",))
    found = allowed(view(), [own, user, further, same_file, before, OTHER])
    assert found == [False, False, False, False, True, True]


def test_so_are_those_that_use_what_the_own_file_defines_without_a_proof() -> None:
    user = proof("ZArith/User.v", "u", used=("Coq.Arith.Twice.times_two",))
    assert allowed(view(), [user, replace(user, theorem="Coq.ZArith.User.v", premises=()), OTHER]) == [
        False,
        False,
        True,
    ]


def test_names_are_read() -> None:
    assert own_name(view(name="Mod.twice@12")) == own_name(view(name="twice#2")) == "twice"
    assert name_of("Global Instance le_wd : Proper (eq ==> eq) le.") == "le_wd"
    assert claim("Lemma a : True.") == claim("Theorem b  :  True.") != claim("Lemma a : False.")
    assert claim("Goal True.") == name_of("") == ""
    assert library(OTHER) == "Coq.Lists.List"
    assert library(Proof("it", "It.v", "", "", ())) == ""
