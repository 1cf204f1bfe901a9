from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from checkers.coq import universes
from checkers.coq.counterexample import Counterexample, Denial, NoCounterexample, instantiate, read
from checkers.coq.samples import Samples, binders, put, words
from checkers.coq.scan import find
from lemmata.cli.main import run

CLAIM = Counterexample("forall n : nat, n = 1", {"n": "0"}, ("intro H", "specialize H with (n := 0)", "discriminate H"))


def test_a_counterexample_is_read_back() -> None:
    found = read(json.dumps(CLAIM.values()))
    assert found == CLAIM
    assert found.explanation == "The statement does not hold for n := 0: its negation is proved."


@pytest.mark.parametrize(
    "change",
    [
        {"instance": {"n": "1"}},
        {"instance": {"n) (m": "0"}},
        {"steps": ["intro H", "discriminate H"]},
        {"steps": ["intro H"] * 100},
        {"steps": []},
        {"explanation": "So it is."},
        {"surplus": 1},
    ],
)
def test_what_does_not_fit_together_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(NoCounterexample):
        read(json.dumps({**CLAIM.values(), **change}))


def test_the_instance_is_written_in_the_order_of_names() -> None:
    assert instantiate({"m": "1", "l": "nil"}) == "specialize H with (l := nil) (m := 1)"


def test_the_text_keeps_the_statement_and_closes_what_is_open() -> None:
    source = "Module M.\nSection S.\nVariable A : Type.\nLemma t : A = A. (* so *)\nAdmitted.\nEnd S.\nEnd M.\n"
    text = Denial(source, find(source, "t", "a.v")).whole(["intro H"])
    assert "Lemma t : A = A.\nProof using All.\nAdmitted.\nEnd S.\n" in text
    assert "Lemma lemmata_not_t : ~ ltac:(let t := type of @t in exact t).\nProof.\n  1: intro H.\nQed.\n" in text
    assert text.endswith("End M.\n")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("eq 1 1", ([], "eq 1 1")),
        ("forall n m : nat, eq n m", ([("n", "nat"), ("m", "nat")], "eq n m")),
        (
            "forall (A : Type) (_ : list A) (f : forall _ : A, nat), P",
            ([("A", "Type"), ("_", "list A"), ("f", "forall _ : A, nat")], "P"),
        ),
        ("forall _ : forall x : nat, P, forall y : nat, Q", ([("_", "forall x : nat")], "P, forall y : nat, Q")),
    ],
)
def test_binders(text: str, found: object) -> None:
    """A quantifier within an unbracketed premise is not understood; Coq then refuses the instance."""
    assert binders(text) == found


def test_applications_and_values() -> None:
    assert words("prod (list nat) (option A)") == ["prod", "(list nat)", "(option A)"]
    assert put("list A' -> A", {"A": "nat"}) == "list A' -> nat"


DECLARATIONS = {
    "Print tree.": "Inductive tree (A : Type) : Type :=  Leaf : tree A | Node : forall (_ : tree A) (_ : A), tree A.",
    "Print le.": "Inductive le (n : nat) : forall _ : nat, Prop := le_n : le n n.",
}


async def _ask(query: str) -> str:
    return DECLARATIONS.get(query, "")


@pytest.mark.parametrize(
    ("kind", "some"),
    [
        ("nat", "2"),
        ("(list (nat))", "(cons 0 (cons 1 nil))"),
        ("option bool", "(Some false)"),
        ("forall _ : nat, nat", "S"),
        ("forall (_ : nat) (_ : nat), bool", "(fun _ _ => true)"),
        ("tree nat", "(@Node nat (@Leaf nat) 0)"),
    ],
)
def test_samples(kind: str, some: str) -> None:
    assert some in asyncio.run(Samples(_ask, naturals=True).of(kind))


@pytest.mark.parametrize("kind", ["le 0", "unknown", "forall x : nat, P x", "Empty_set"])
def test_types_without_samples(kind: str) -> None:
    assert asyncio.run(Samples(_ask, naturals=True).of(kind)) == ()


def test_the_smallest_instances_come_first() -> None:
    async def collect() -> list[dict[str, str]]:
        samples = Samples(_ask, naturals=True)
        return [i async for i in samples.instances([("n", "nat"), ("_", "P"), ("b", "bool"), ("x", "unknown")], 20)]

    found = asyncio.run(collect())
    assert found[:3] == [{"n": "0", "b": "true"}, {"n": "0", "b": "false"}, {"n": "1", "b": "true"}]
    assert len(found) == 8
    assert len({tuple(i.items()) for i in found}) == 8


def test_dependent_types_get_the_values_chosen_before() -> None:
    async def first() -> dict[str, str]:
        samples = Samples(_ask, naturals=False)
        return [i async for i in samples.instances([("A", "Type"), ("l", "list A")], 2)][1]

    assert asyncio.run(first()) == {"A": "nat", "l": "(cons 0%nat nil)"}


class TestUniverses:
    BEFORE = "Set < a\n    < b\na <= c\nb = d\n"

    def added(self, more: str) -> str:
        before, after = universes.constraints(self.BEFORE), universes.constraints(self.BEFORE + more)
        assert before is not None
        assert after is not None
        return universes.added(before, after)

    def test_continued_lines(self) -> None:
        found = universes.constraints(self.BEFORE)
        assert found == frozenset({("Set", "<", "a"), ("Set", "<", "b"), ("a", "<=", "c"), ("b", "=", "d")})

    @pytest.mark.parametrize("text", ["Error: no", "a < b c", "< b"])
    def test_unknown_text(self, text: str) -> None:
        assert universes.constraints(text) is None

    @pytest.mark.parametrize("more", ["", "Set < new\n", "new <= a\n", "a <= new\nb <= new\n", "new = a\n"])
    def test_new_universes_alone_choose_nothing(self, more: str) -> None:
        assert not self.added(more)

    @pytest.mark.parametrize("more", ["a < b\n", "b = a\n", "a <= new\nnew <= b\n", "new = a\nnew < b\n", "a < Set\n"])
    def test_old_universes_are_related(self, more: str) -> None:
        assert self.added(more)

    def test_what_vanishes_is_not_ignored(self) -> None:
        before = universes.constraints(self.BEFORE)
        assert before is not None
        assert universes.added(before, universes.constraints("Set < a\n") or ())


@pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")
def test_a_false_lemma_is_disproved_and_the_certificate_replays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Wrong.v").write_text("Lemma off : forall n m : nat, n - m + m = n.\nAdmitted.\n")
    monkeypatch.chdir(tmp_path)
    assert run(["prove", "Wrong.v:off", "--timeout", "30", "--json"]) == 1
    result = json.loads(capsys.readouterr().out)["results"][0]
    assert result["verdict"] == "disproved"
    assert result["counterexample"]["instance"] == {"n": "0", "m": "1"}
    certificate = Path(result["certificate"])
    text = certificate.with_name(certificate.name.replace(".lemmata.json", ".refutation.v")).read_text()
    assert "lemmata_not_off" in text
    assert run(["replay", str(certificate)]) == 0
    forged = certificate.read_text().replace("discriminate H", "exact (H 0 0)")
    certificate.write_text(forged)
    assert run(["replay", str(certificate)]) == 1
