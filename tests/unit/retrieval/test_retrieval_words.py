"""Words of formal text, and the BM25 index over them: the same as computed by hand, deterministic, and fast."""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("bm25s", reason="bm25s is not installed")

from provers.retrieval.bm25 import K1, B, Bm25Index
from provers.retrieval.cache import Cache
from provers.retrieval.premise import Premise, content_digest
from provers.retrieval.tokens import weighted, words

TERMS = ["Nat.add", "Nat.mul", "eq", "list", "rev", "app", "x ≤ y", "a <-> b", "S n", "\\<and>", "fooBar", "le_trans"]
texts = st.lists(st.sampled_from(TERMS), max_size=8).map(" ".join)
premises = st.lists(st.builds(Premise, st.sampled_from(["a.b_c", "revInv", "x1", "lem"]), texts), max_size=12)


def by_hand(known: list[Premise], query: dict[str, float]) -> list[float]:
    """Lucene's variant of BM25 (Kamphuis et al., ECIR 2020), summed over the words of a query."""
    documents = [Counter(words(f"{p.name} {p.statement}")) for p in known]
    mean = sum(sum(d.values()) for d in documents) / max(len(documents), 1)
    scores = []
    for document in documents:
        score = 0.0
        for word, weight in query.items():
            df = sum(word in other for other in documents)
            if document[word]:
                idf = math.log(1 + (len(documents) - df + 0.5) / (df + 0.5))
                length = sum(document.values()) / mean
                score += weight * idf * document[word] / (document[word] + K1 * (1 - B + B * length))
        scores.append(score)
    return scores


@given(premises, texts, st.integers(0, 14))
@settings(deadline=None)
def test_the_index_finds_what_a_sum_over_everything_finds(known: list[Premise], goal: str, k: int) -> None:
    query = weighted([(goal, 1.0), ("rev Nat.add", 0.4)])
    expected = by_hand(known, query)
    found = Bm25Index.build(known).search(query, k)
    assert len(found) <= k
    assert len(found) == min(k, sum(score > 0 for score in expected))
    best = sorted((score for score in expected if score > 0), reverse=True)
    for (place, score), value in zip(found, best, strict=False):
        assert score == pytest.approx(expected[place], rel=1e-4)
        assert score == pytest.approx(value, rel=1e-4)
    assert found == Bm25Index.build(known).search(query, k)


@given(premises, texts, st.data())
@settings(deadline=None)
def test_what_is_not_allowed_is_never_found(known: list[Premise], goal: str, data: st.DataObject) -> None:
    numpy = pytest.importorskip("numpy")
    allowed = data.draw(st.lists(st.booleans(), min_size=len(known), max_size=len(known)))
    found = Bm25Index.build(known).search(weighted([(goal, 1.0)]), 20, numpy.array(allowed, dtype=bool))
    assert all(allowed[place] for place, _ in found)


@given(st.text(max_size=200))
def test_any_text_has_words(text: str) -> None:
    assert all(words(text))
    assert words(text) == words(text)


def test_names_count_whole_and_by_their_parts() -> None:
    assert words("Nat.add_comm") == ["add_comm", "nat", "add", "comm"]
    assert words("ofNatLT") == ["ofNatLT", "of", "nat", "lt"]
    assert words("forall n m' : T, x ≤ S y") == ["t", "≤", "s"]
    assert words("h1 hyp", frozenset({"hyp"})) == []
    assert "\\<and>" in words("P \\<and> Q")


def test_digests_tell_boundaries() -> None:
    assert content_digest([Premise("ab", "c")]) != content_digest([Premise("a", "bc")])


def made_up(count: int, seed: int = 1) -> list[Premise]:
    chance = random.Random(seed)
    known = [f"{a}_{b}" for a in ("add", "mul", "le", "rev", "app", "map", "div") for b in range(200)]
    known += ["eq", "nat", "list", "Nat.add", "iff"] * 150
    return [Premise(f"lemma_{i}", " ".join(chance.choices(known, k=22))) for i in range(count)]


def test_twenty_thousand_premises_are_indexed_and_searched_in_time(tmp_path: Path) -> None:
    known = made_up(20_000)
    began = time.process_time()
    index = Bm25Index.build(known, Cache(tmp_path))
    assert time.process_time() - began < 30
    queries = [weighted([(premise.statement, 1.0)]) for premise in known[:40]]
    began = time.process_time()
    found = [index.search(query, 32) for query in queries]
    assert (time.process_time() - began) / len(queries) < 0.02
    assert [hits[0][0] for hits in found] == list(range(40))
