"""Goals of one form: names that stand for one another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numpy", reason="numpy is not installed")

from provers.retrieval.knn import aligning
from provers.retrieval.knn.carrying import Names, Target, recorded
from provers.retrieval.knn.examples import Example
from provers.retrieval.knn.features import features
from provers.retrieval.knn.index import Index

ODD = "forall n : t, iff (Odd (S n)) (Even n)"
EVEN = "forall m : t, iff (Even (S m)) (Odd m)"


def written(step: str, theirs: str, ours: str, *scope: str) -> list[str]:
    taken = recorded(Example(step, theirs, (), "Lib.it"))
    names = Names.of({"premises": [[name, "True"] for name in scope]})
    return [text for text, _ in Target(ours, (), names).carried(taken)]


def test_goals_that_differ_in_names_are_of_one_form() -> None:
    assert aligning.form(ODD)[0] == aligning.form(EVEN)[0] != 0
    assert aligning.form(ODD)[0] != aligning.form("forall n : t, iff (Odd n) (Even (S n))")[0]
    assert aligning.form(ODD)[0] != aligning.form(ODD.replace("forall", "exists"))[0]


@pytest.mark.parametrize("conclusion", ["", "True", "eq n m", "and " * 200])
def test_what_is_small_or_large_has_no_form(conclusion: str) -> None:
    assert aligning.form(conclusion) == (0, ())


def test_a_name_that_two_stand_for_stands_for_none() -> None:
    assert aligning.aligned(("f", "a", "a", "b"), ("g", "x", "y", "y")) == {"f": "g", "b": "y"}


def test_names_are_exchanged() -> None:
    assert written("rewrite <- odd_spec; exact (Odd_ind n)", ODD, EVEN)[0] == "rewrite <- odd_spec; exact (Odd_ind m)"


def test_lemmas_are_called_after_what_they_are_about() -> None:
    known = ("Odd_spec", "Even_spec", "odd_1")
    assert (
        written("rewrite Odd_spec, odd_1; unfold Odd", ODD, EVEN, *known)[0] == "rewrite Even_spec, odd_1; unfold Even"
    )


def test_the_signs_of_relations_go_with_them() -> None:
    theirs, ours = "iff (lt O m) (lt (mul n m) n)", "iff (le O m) (le (mul n m) n)"
    assert written("stepr (n * m < n * 1) by now rewrite mul_1_r", theirs, ours, "mul_1_r")[0].startswith(
        "stepr (n * m <= n * 1)"
    )
    assert (
        aligning.signs("rewrite <- add_comm; intros ->", {"lt": "le", "sub": "add"}) == "rewrite <- add_comm; intros ->"
    )
    assert aligning.signs("replace (a - b) with (c < d)", {"lt": "gt", "sub": "add"}) == "replace (a + b) with (c > d)"


def test_a_goal_of_the_same_form_is_found_though_nothing_in_it_is_the_same() -> None:
    others = [Example("auto", f"P{i} x{i}", (), f"L.t{i}") for i in range(30)]
    wanted = Example("unfold dec; now rewrite spec", "eq (dec d) (of_lu (rev d)) ", (), "L.alt")
    index = Index.build([*others, wanted])
    ours = "eq (hex e) (to_lu (turn e))"
    form, _ = aligning.form(ours)
    asked = features(ours, ())
    assert (30, pytest.approx(0.0, abs=0.2)) in index.nearest(asked, 0, None, form, 5)
    assert index.nearest(asked, 0, None, form, 0) == []
    texts = [text for text, _ in Target(ours, (), Names.of({})).carried(index.recorded(30))]
    assert texts[0] == "unfold hex; now rewrite spec"


@given(st.lists(st.sampled_from(["a", "b", "c", "M.a", "(", ")", "forall", ","]), max_size=12), st.randoms())
def test_a_renamed_goal_is_of_the_same_form_and_gives_the_renaming_back(tokens: list[str], lots: object) -> None:
    renamed = {"a": "x", "b": "y'", "c": "N.z", "M.a": "w"}
    form, names = aligning.form(" ".join(tokens))
    other, others = aligning.form(" ".join(renamed.get(token, token) for token in tokens))
    assert form == other
    if form:
        assert aligning.aligned(names, others) == {name: renamed[name] for name in names}
