"""A recorded step in another goal: hypotheses by type, fresh names, lemmas as they are called there."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("numpy", reason="numpy is not installed")

from provers.retrieval.knn.carrying import Names, Target, introduced, recorded
from provers.retrieval.knn.examples import Example, Pairs

NOTHING: dict[str, Any] = {}


def example(step: str, conclusion: str, hypotheses: Pairs = (), premises: tuple[str, ...] = ()) -> Example:
    return Example(step, conclusion, hypotheses, "Lib.it", premises=premises)


def carried(
    taken: Example, conclusion: str, hypotheses: Pairs = (), scope: tuple[str, ...] = ()
) -> list[tuple[str, float]]:
    names = Names.of({"premises": [[name, "True"] for name in scope]})
    return sorted(Target(conclusion, hypotheses, names).carried(recorded(taken)), key=lambda entry: entry[1])


def best(*arguments: Any) -> str:
    return carried(*arguments)[0][0]


def test_a_hypothesis_is_replaced_by_the_one_of_the_most_similar_type() -> None:
    taken = example("rewrite Hab", "le b c", (("Hab", "eq a b"), ("n", "nat")))
    there = (("m", "nat"), ("Hle", "le x y"), ("E", "eq x y"))
    assert best(taken, "le y z", there) == "rewrite E"


def test_two_hypotheses_become_two() -> None:
    taken = example("apply (le_trans _ _ _ H1 H2)", "le a c", (("H1", "le a b"), ("H2", "le b c")))
    text = best(taken, "le x z", (("P", "le x y"), ("Q", "le y z")))
    assert text in ("apply (le_trans _ _ _ P Q)", "apply (le_trans _ _ _ Q P)")


def test_the_same_name_counts_among_equals() -> None:
    taken = example("induction m", "eq m n", (("n", "nat"), ("m", "nat")))
    assert best(taken, "eq n m", (("m", "nat"), ("n", "nat"), ("k", "nat"))) == "induction m"


def test_what_is_nearly_as_good_comes_second() -> None:
    taken = example("destruct a", "eq a O", (("a", "nat"),))
    texts = [text for text, _ in carried(taken, "eq (Nat.add x y) O", (("x", "nat"), ("y", "nat")))]
    assert set(texts) == {"destruct x", "destruct y"}


def test_a_bound_variable_is_replaced_by_one_of_the_same_type() -> None:
    taken = example("induction l", "forall (l : list nat) (n : nat), P l n")
    assert best(taken, "forall (k : nat) (xs : list nat), Q k xs") == "induction xs"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("intros x H", "intros x0 H0"),
        ("intros [x | y] H", "intros [x0 | y] H0"),
        ("destruct (f c) as [x H] eqn:E", "destruct (f c) as [x0 H0] eqn:E"),
        ("assert (H : True) by auto", "assert (H0 : True) by auto"),
        ("intros", "intros"),
    ],
)
def test_new_names_are_fresh(step: str, expected: str) -> None:
    assert best(example(step, "Goal"), "Goal", (("x", "nat"), ("H", "True"))) == expected


def test_a_name_that_is_used_up_may_be_used_again() -> None:
    taken = example("induction k as [|k IHk]", "eq (f k) k", (("k", "nat"),))
    assert best(taken, "eq (g m) m", (("m", "nat"), ("IHk", "True"))) == "induction m as [|m IHk0]"


def test_what_does_not_fit_anywhere_is_not_carried_over() -> None:
    assert carried(example("apply H", "P", (("H", "le a b"),)), "Q", (("x", "nat"),)) == []


def test_what_is_bound_there_may_be_given_here() -> None:
    taken = example("destruct b", "forall b : bool, P b")
    assert best(taken, "P c", (("n", "nat"), ("c", "bool"))) == "destruct c"


def test_what_is_introduced_is_told_from_what_is_used() -> None:
    assert introduced("destruct H as [a [b Hb]] eqn:E; intros c; rewrite d in H") == ["a", "b", "Hb", "E", "c"]
    assert introduced("intros n m; apply f with n") == ["n", "m"]
    assert introduced("simpl in *; auto") == []


def test_a_lemma_goes_by_the_name_that_it_has_where_the_goal_stands() -> None:
    taken = example("apply add_comm", "eq (add a b) (add b a)", premises=("Lib.Z.add_comm",))
    scope = ("N.add_comm", "Z.add_comm", "Nat.add_comm")
    texts = [text for text, _ in carried(taken, "eq (Z.add x y) (Z.add y x)", (), scope)]
    assert texts[0] == "apply Z.add_comm"
    assert best(taken, "eq (Nat.add x y) (Nat.add y x)", (), scope) == "apply Nat.add_comm"


def test_a_lemma_in_scope_stays_as_it_is() -> None:
    taken = example("rewrite app_nil_r", "P", premises=("Coq.Lists.List.app_nil_r",))
    assert carried(taken, "P", (), ("app_nil_r", "My.app_nil_r")) == [("rewrite app_nil_r", 0.0)]


def test_a_lemma_that_is_nowhere_makes_a_step_less_likely() -> None:
    taken = example("rewrite gone", "P", premises=("Coq.Lists.List.gone",))
    known = example("rewrite here", "P", premises=("Coq.Lists.List.here",))
    assert carried(taken, "P", (), ("here",))[0][1] > carried(known, "P", (), ("here",))[0][1]


def test_a_lemma_of_the_same_file_keeps_its_name_although_it_is_not_told() -> None:
    taken = example("destruct (compare a b)", "P a b", (("a", "nat"), ("b", "Z")))
    names = Names.of({"premises": [["Other.compare", "True"]]})
    target = Target("P x y", (("x", "nat"), ("y", "Z")), names)
    texts = [text for text, _ in sorted(target.carried(recorded(taken), near=True), key=lambda entry: entry[1])]
    assert texts[:2] == ["destruct (compare x y)", "destruct (Other.compare x y)"]


def test_names_of_tactics_are_left_alone() -> None:
    taken = example("ring_simplify; field; auto with zarith", "eq a b")
    assert best(taken, "eq x y", (("x", "R"), ("y", "R")), ("other",)) == taken.step
