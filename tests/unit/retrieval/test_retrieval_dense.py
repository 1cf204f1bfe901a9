"""Dense retrieval with a tiny real encoder: cosines, blocks in the cache, and questions that do not wait for all."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

import numpy
import torch
import transformers

from lemmata.errors import BackendError
from lemmata.goal import Goal, GoalView, Location, Obligation
from provers.neural.render import goal_text
from provers.retrieval.cache import Cache
from provers.retrieval.dense import DenseIndexer, blocks
from provers.retrieval.encoder import Encoder, premise_text
from provers.retrieval.premise import Premise
from provers.retrieval.provers import DensePremisesProver
from provers.retrieval.retriever import Retriever

PREMISES = [Premise(f"lemma_{i}", f"forall n, f{i} n = g{i * i} n") for i in range(90)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder in the shape of ReProver's: ByT5, with few and narrow layers."""
    folder = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(1)
    config = transformers.T5Config(
        vocab_size=384, d_model=32, d_kv=8, d_ff=48, num_layers=2, num_heads=2, decoder_start_token_id=0
    )
    transformers.T5EncoderModel(config).save_pretrained(folder)
    transformers.ByT5Tokenizer().save_pretrained(folder)
    return folder


def view(conclusion: str, premises: list[Premise] = PREMISES) -> GoalView:
    obligation = Obligation("coq", "it", conclusion, Location("It.v", 1, 1))
    goal = Goal("coq", conclusion, (), "", {"plain": conclusion})
    return GoalView(goal, obligation, context={"premises": [[p.name, p.statement] for p in premises], "theorem": "it"})


def test_vectors_are_means_of_length_one_whatever_stands_beside_them(model: Path) -> None:
    encoder = Encoder(str(model))
    texts = ["a", "a much longer text about nothing in particular", "", "λ x ≤ y"]
    together = encoder.encode(texts)
    assert together.shape == (4, 32)
    assert together.dtype == numpy.float32
    assert numpy.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-5)
    for text, row in zip(texts, together, strict=True):
        assert encoder.encode([text])[0] == pytest.approx(row, abs=1e-5)
    network = transformers.T5EncoderModel.from_pretrained(model).eval()
    read = transformers.ByT5Tokenizer()(texts[1], return_tensors="pt")
    with torch.inference_mode():
        mean = network(**read).last_hidden_state[0].mean(0)
    assert together[1] == pytest.approx((mean / mean.norm()).numpy(), abs=1e-5)
    assert encoder.encode([]).shape == (0, 32)


def test_premises_are_marked_as_the_retriever_of_reprover_reads_them() -> None:
    found = premise_text(Premise("Nat.add_comm", "theorem Nat.add_comm : a + b = b + a"))
    assert found == "theorem <a>Nat.add_comm</a> : a + b = b + a"
    assert premise_text(Premise("Nat.foo", "lemma foo_bar x")) == "<a>Nat.foo</a> : lemma foo_bar x"
    assert premise_text(Premise("A.b", "theorem b : p")) == "theorem <a>A.b</a> : p"
    assert premise_text(Premise("x", "")) == "<a>x</a>"


def test_the_best_are_those_of_greatest_cosine(model: Path, tmp_path: Path) -> None:
    encoder = Encoder(str(model))
    index = DenseIndexer(encoder, Cache(tmp_path)).index(PREMISES)
    goal = view("forall n, f3 n = g9 n")
    found = index.rank(goal, 7)
    cosines = encoder.encode([premise_text(p) for p in PREMISES]) @ encoder.encode([goal_text(goal)])[0]
    assert [place for place, _ in found] == list(numpy.argsort(-cosines, kind="stable")[:7])
    assert [score for _, score in found] == pytest.approx(sorted(cosines, reverse=True)[:7], abs=1e-4)
    allowed = numpy.zeros(len(PREMISES), dtype=bool)
    allowed[5] = True
    assert [place for place, _ in index.rank(goal, 7, allowed)] == [5]


def test_what_is_in_the_cache_is_not_encoded_again(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provers.retrieval.dense._CUT", 8)
    goal = view("x")
    first = DenseIndexer(Encoder(str(model)), Cache(tmp_path)).index(PREMISES).rank(goal, 5)
    encoder = Encoder(str(model))
    read: list[str] = []
    encode = encoder.encode

    def recorded(texts: Any) -> Any:
        read.extend(texts)
        return encode(texts)

    monkeypatch.setattr(encoder, "encode", recorded)
    assert DenseIndexer(encoder, Cache(tmp_path)).index(PREMISES).rank(goal, 5) == first
    assert read == [goal_text(goal)]
    # A lemma more changes its own block only.
    DenseIndexer(encoder, Cache(tmp_path)).index([*PREMISES[:10], Premise("new", "p"), *PREMISES[10:]]).rank(goal, 5)
    assert 1 <= len(read) - 2 < len(PREMISES) / 2
    # A damaged block is encoded again.
    for path in tmp_path.glob("dense-*/vectors.npy"):
        body = path.read_bytes()
        path.unlink()
        path.write_bytes(body[:-8])
    assert DenseIndexer(encoder, Cache(tmp_path)).index(PREMISES).rank(goal, 5) == first


def test_a_question_waits_no_longer_than_its_budget(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provers.retrieval.dense._CUT", 1 << 40)
    monkeypatch.setattr("provers.retrieval.dense._AT_ONCE", 40)
    index = DenseIndexer(Encoder(str(model)), Cache(tmp_path), budget_seconds=0.0).index(PREMISES)
    assert index.rank(view("x"), 5) == []
    assert not index.complete
    index._budget = 1e6
    assert len(index.rank(view("x"), 5)) == 5
    assert index.complete


def test_blocks_cover_everything_once() -> None:
    for count in (0, 1, 89, 3000):
        premises = [Premise(f"p{i}", "") for i in range(count)]
        found = list(blocks(premises))
        assert [i for begin, end in found for i in range(begin, end)] == list(range(count))


def test_the_prover_names_its_model(model: Path, tmp_path: Path) -> None:
    prover = DensePremisesProver(str(model))
    prover._retriever = Retriever(DenseIndexer(prover._encoder, Cache(tmp_path)))
    (found,) = asyncio.run(prover.propose([view("forall n, f3 n = g9 n")], 12))
    assert found
    assert {p.provenance["model"] for p in found} == {str(model)}


def test_a_model_that_cannot_be_loaded_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(BackendError) as caught:
        asyncio.run(DensePremisesProver(str(tmp_path)).propose([view("x")], 3))
    assert caught.value.hint
