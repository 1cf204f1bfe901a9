"""Where proofs are cut, told from their shapes alone."""

from __future__ import annotations

import pytest

from corpora.decompose.cuts import Cut, Node, Place, cuts


def _proof(shape: str) -> list[Node]:
    """Return a proof of steps such as `2/5`: two goals left, five hypotheses; `1` has none."""
    parts = [word.partition("/") for word in shape.split()]
    return [Node(int(left), int(assumed or 0)) for left, _, assumed in parts]


def test_each_of_several_goals_is_cut_off_where_its_proof_is_long_enough() -> None:
    proof = _proof("1 2 1 0 1 1 0")
    assert cuts(proof, 3) == [Cut(4, 7, Place.SPLIT)]
    assert cuts(proof, 2) == [Cut(2, 4, Place.SPLIT), Cut(4, 7, Place.SPLIT)]


def test_splits_within_splits_are_cut_too() -> None:
    assert cuts(_proof("2 2 1 0 1 0 1 0"), 2) == [
        Cut(1, 6, Place.SPLIT),
        Cut(2, 4, Place.SPLIT),
        Cut(4, 6, Place.SPLIT),
        Cut(6, 8, Place.SPLIT),
    ]


def test_a_line_is_cut_where_the_least_is_assumed() -> None:
    proof = _proof("1/0 1/3 1/4 1/2 1/4 1/4 0/4")
    assert cuts(proof, 2) == [Cut(3, 7, Place.LINE), Cut(5, 7, Place.LINE)]
    assert cuts(proof, 3) == [Cut(3, 7, Place.LINE)]
    assert cuts(proof, 4) == []


def test_a_line_may_end_in_several_goals() -> None:
    assert cuts(_proof("1/1 1/1 1/1 1/1 2/0 0 0"), 3) == [Cut(4, 7, Place.LINE)]


@pytest.mark.parametrize("shape", ["", "0", "1 0", "2 0 0", "1 1 3 0 0 0"])
def test_the_whole_proof_is_no_lemma_of_itself(shape: str) -> None:
    assert [cut for cut in cuts(_proof(shape), 1) if cut.start == 0] == []
