from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from lemmata.workflow.edits import Edit, apply, carry, difference, offset, place

SOURCE = "Lemma a. Admitted.\nLemma b. Admitted.\nLemma c. Admitted.\n"


def replaced(text: str, name: str, proof: str) -> str:
    return text.replace(f"Lemma {name}. Admitted.", f"Lemma {name}. {proof}")


texts = st.text("ab\n", max_size=30)


@given(texts, texts)
def test_a_difference_makes_one_text_of_the_other(before: str, after: str) -> None:
    found = difference(before, after)
    assert apply(before, found) == after
    assert len(found) <= 2


@given(st.text("ab\n", min_size=2, max_size=30), st.data())
def test_edits_that_do_not_meet_can_be_made_in_any_order(text: str, data: st.DataObject) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=4)))
    assume(places[1] < places[2])
    one = Edit(places[0], places[1], data.draw(texts))
    two = Edit(places[2], places[3], data.draw(texts))
    for first, second in ((one, two), (two, one)):
        moved = carry([second], [[first]])
        assert moved is not None
        assert apply(apply(text, [first]), moved) == apply(text, [one, two])


def test_a_line_at_the_top_is_an_edit_of_its_own() -> None:
    after = "Import X.\n" + replaced(SOURCE, "b", "Proof. easy. Qed.")
    top, proof = difference(SOURCE, after)
    assert top == Edit(0, 0, "Import X.\n")
    assert SOURCE[proof.start : proof.end] in "Admitted."


def test_the_same_line_at_the_top_is_added_once() -> None:
    one = difference(SOURCE, "Import X.\n" + replaced(SOURCE, "b", "Proof. easy. Qed."))
    two = difference(SOURCE, "Import X.\n" + replaced(SOURCE, "a", "Proof. hard. Qed."))
    moved = carry(two, [one])
    assert moved is not None
    text = apply(apply(SOURCE, one), moved)
    assert text == "Import X.\nLemma a. Proof. hard. Qed.\nLemma b. Proof. easy. Qed.\nLemma c. Admitted.\n"


def test_what_somebody_else_changed_has_no_place_any_more() -> None:
    proof = difference(SOURCE, replaced(SOURCE, "b", "Proof. easy. Qed."))
    elsewhere = difference(SOURCE, SOURCE.replace("Lemma a.", "Lemma a : True."))
    there = difference(SOURCE, replaced(SOURCE, "b", "Proof. mine. Qed."))
    assert carry(proof, [there]) is None
    moved = carry(proof, [elsewhere])
    assert moved is not None
    assert apply(apply(SOURCE, elsewhere), moved).startswith("Lemma a : True. Admitted.\nLemma b. Proof. easy. Qed.\n")
    assert carry(proof, [elsewhere, [Edit(moved[0].start, moved[0].end, "other")]]) is None
    assert carry(proof, [elsewhere, moved]) == []


@given(texts, st.data())
def test_places_and_positions_are_the_same_thing(text: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(text)))
    assert offset(text, *place(text, position)) == position


def test_a_place_that_is_not_there() -> None:
    assert offset("ab\n", 1, 4) is None
    assert offset("ab\n", 3, 1) is None
    assert offset("ab\n", 0, 1) is None
    assert offset("ab\n", 1, 0) is None
