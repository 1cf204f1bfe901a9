"""What is known already, up to renaming."""

from __future__ import annotations

from corpora.mutate.known import Known

PREMISES = [
    ("app_nil_r", "forall [A : Type] (l : list A), eq (app l nil) l"),
    ("eq", "forall [A : Type] (_ : A) (_ : A), Prop"),
    ("app", "forall [A : Type] (_ : list A) (_ : list A), list A"),
]


def test_a_renamed_lemma_is_known() -> None:
    known = Known(PREMISES)
    assert known.add("forall (B : Type) (m : list B), eq (app m nil) m") == ""
    assert known.add("forall (B : Type) (m : list B), eq (app nil m) m") != ""


def test_what_was_added_is_known() -> None:
    known = Known(PREMISES)
    first = known.add("forall (B : Type) (m : list B), eq m m")
    assert first
    assert known.add("forall (A : Type) (k : list A), eq k k") == ""


def test_names_are_given_once() -> None:
    known = Known(PREMISES)
    assert [known.name("a"), known.name("b"), known.name("a")] == ["a", "b", "a_2"]
