"""Step records become an index: read strictly, found by likeness, kept by content."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy", reason="numpy is not installed")

from hypothesis import given, settings
from hypothesis import strategies as st

from lemmata.errors import InputError
from provers.retrieval.cache import Cache
from provers.retrieval.knn import examples
from provers.retrieval.knn.examples import Example
from provers.retrieval.knn.features import features
from provers.retrieval.knn.index import Index

RECORD: dict[str, Any] = {
    "schema": "lemmata.step/1",
    "system": "coq",
    "file": "Lists/List.v",
    "theorem": "Coq.Lists.List.app_nil_r",
    "statement": "Lemma app_nil_r : forall l, l ++ [] = l.",
    "index": 0,
    "step": "induction l",
    "goal": "l : list A\n⊢ l ++ [] = l",
    "conclusion": "eq (app l nil) l",
    "hypotheses": [["l", "list A"]],
    "premises": [],
}


def write(path: Path, records: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def example(step: str, conclusion: str, theorem: str = "t", index: int = 0) -> Example:
    return Example(step, conclusion, (("x", "nat"),), theorem, "F.v", f"Lemma {theorem} : P.", index)


GOALS = [
    example("induction l", "eq (app l nil) l", "a"),
    example("simpl", "eq (app (cons a l) nil) (cons a l)", "a", 1),
    example("lia", "le x (Nat.add x y)", "b"),
    example("ring", "eq (Rmult x y) (Rmult y x)", "c"),
    example("field", "eq (Rdiv x y) (Rmult x (Rinv y))", "c", 1),
]


def nearest(index: Index, conclusion: str, k: int = 10, allowed: Any = None) -> list[str]:
    wanted = features(conclusion, (("x", "nat"),))
    return [index.recorded(place).step for place, _ in index.nearest(wanted, k, allowed)]


def test_records_are_read(tmp_path: Path) -> None:
    other = {**RECORD, "system": "lean"}
    long = {**RECORD, "step": "exact " + "x" * 2000}
    found = list(examples.examples(write(tmp_path / "r.jsonl", [RECORD, other, long])))
    assert [one.step for one in found] == ["induction l"]
    assert found[0].hypotheses == (("l", "list A"),)


def test_parquet_gives_the_same(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    place = tmp_path / "r.parquet"
    parquet.write_table(arrow.Table.from_pylist([{**RECORD, "premises": ["A.b"]}]), place)
    expected = list(examples.examples(write(tmp_path / "r.jsonl", [{**RECORD, "premises": ["A.b"]}])))
    assert list(examples.examples(place)) == expected


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"conclusion": 3}, "'conclusion' is of type int"),
        ({"hypotheses": [["x"]]}, "pairs"),
        ({"schema": "lemmata.theorem/1"}, "lemmata.theorem/1"),
        ({"index": "first"}, "first"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    place = write(tmp_path / "r.jsonl", [RECORD, {**RECORD, **change}])
    with pytest.raises(InputError, match=said) as caught:
        list(examples.examples(place))
    assert caught.value.location is not None
    assert (caught.value.location.file, caught.value.location.line) == (str(place), 2)


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    short = {key: value for key, value in RECORD.items() if key != "theorem"}
    with pytest.raises(InputError, match="no 'theorem'"):
        list(examples.examples(write(tmp_path / "r.jsonl", [short])))


def test_no_file_is_an_error_of_the_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        examples.digest(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match="cannot be read"):
        list(examples.examples(tmp_path / "none.jsonl"))


def test_the_most_similar_goal_comes_first() -> None:
    index = Index.build(GOALS)
    assert nearest(index, "eq (app l nil) l")[0] == "induction l"
    assert nearest(index, "le z (Nat.add z z)")[0] == "lia"
    assert nearest(index, "eq (Rdiv a b) (Rmult (Rinv b) a)")[0] == "field"
    assert len(nearest(index, "eq (app l nil) l", 2)) == 2


def test_an_equal_goal_has_likeness_one_and_a_strange_one_none() -> None:
    index = Index.build(GOALS)
    wanted = features(GOALS[3].conclusion, GOALS[3].hypotheses)
    assert index.nearest(wanted, 1)[0] == (3, pytest.approx(1.0))
    assert index.nearest(features("strange", ()), 5) == []


def test_what_is_not_allowed_is_not_found() -> None:
    index = Index.build(GOALS)
    mask = index.spread([proof.theorem != "a" for proof in index.proofs])
    assert not {"induction l", "simpl"} & set(nearest(index, "eq (app l nil) l", 10, mask))


def test_names_of_variables_mean_nothing() -> None:
    assert features("le n (S n)", (("n", "nat"),)) == features("le m (S m)", (("m", "nat"),))
    assert features("forall n : nat, le n (S n)", ()) == features("forall k : nat, le k (S k)", ())


def test_the_index_is_made_once_and_damage_is_repaired(tmp_path: Path) -> None:
    cache, asked = Cache(tmp_path), []

    def found() -> list[Example]:
        asked.append(1)
        return GOALS

    first = Index.cached("key", found, cache)
    second = Index.cached("key", found, cache)
    assert len(asked) == 1
    assert nearest(first, "le z (Nat.add z z)") == nearest(second, "le z (Nat.add z z)")
    assert second.proofs == first.proofs
    (entry,) = tmp_path.glob("knn-*")
    (entry / "places.npy").write_bytes(b"broken")
    assert nearest(Index.cached("key", found, cache), "le z (Nat.add z z)")[0] == "lia"
    assert len(asked) == 2


def test_the_steps_of_a_proof_belong_together_in_any_order() -> None:
    index = Index.build([GOALS[1], GOALS[2], GOALS[0]])
    assert [proof.theorem for proof in index.proofs] == ["a", "b"]
    assert index.proof(0) == index.proof(2)
    assert index.proof(0).root == "eq(applnil)l"
    assert not index.together(0, 1)
    assert not index.together(2, 3)


def test_an_empty_data_set_finds_nothing(tmp_path: Path) -> None:
    for index in (Index.build([]), Index.cached("none", list, Cache(tmp_path))):
        assert nearest(index, "eq a b") == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5), st.text(max_size=40))
def test_no_text_breaks_it(conclusions: list[str], asked: str) -> None:
    index = Index.build(example("auto", text, f"t{n}") for n, text in enumerate(conclusions))
    for place, likeness in index.nearest(features(asked, (("h", asked),)), 5):
        assert index.recorded(place).step == "auto"
        assert 0 < likeness <= 1.0001
