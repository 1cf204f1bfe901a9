"""How a proof is written into its source."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.coq.artefact import HAMMER_LINE, artefact, script
from checkers.coq.scan import find
from checkers.coq.sentences import split
from checkers.coq.splice import take_apart
from checkers.coq.tactics import NotATactic
from lemmata.step import Step


def steps(*pairs: tuple[str, int | None]) -> list[Step]:
    return [Step(text, subgoals=count) for text, count in pairs]


def test_a_straight_proof_fills_lines() -> None:
    text = script(steps(("intros n m.", 1), ("simpl", 1), ("reflexivity", 0)), 2)
    assert text == "  intros n m. simpl. reflexivity."


def test_lines_end_at_80_columns() -> None:
    lines = script(steps(*[("rewrite Nat.add_comm", 1)] * 9, ("auto", 0)), 2).splitlines()
    assert len(lines) == 3
    assert all(len(line) <= 80 for line in lines)


def test_branches_get_bullets() -> None:
    proof = steps(
        ("intros", 1),
        ("split", 2),
        ("destruct H", 2),
        ("auto", 0),
        ("simpl", 1),
        ("split", 2),
        ("auto", 0),
        ("split", 2),
        ("a1", 0),
        ("a2", 0),
        ("exact I", 0),
    )
    assert script(proof, 2) == (
        "  intros. split.\n"
        "  - destruct H.\n"
        "    + auto.\n"
        "    + simpl. split.\n"
        "      * auto.\n"
        "      * split.\n"
        "        -- a1.\n"
        "        -- a2.\n"
        "  - exact I."
    )


def test_among_bullets_the_outermost_branches_get_braces() -> None:
    proof = steps(("split", 2), ("destruct H", 2), ("a", 0), ("b", 0), ("c", 0))
    assert script(proof, 4, nested=True) == "    split.\n    { destruct H.\n      - a.\n      - b. }\n    { c. }"


@pytest.mark.parametrize(
    "proof",
    [
        steps(("split", None), ("a", 0), ("b", 0)),
        steps(("split", 2), ("a", 0)),
        steps(("split", 2), ("a", 0), ("b", 0), ("c", 0)),
        steps(("split", 1)),
        steps(("split", 2), ("a", 1)),
        steps(*[("split", 2)] * 30, *[("a", 0)] * 31),
    ],
)
def test_where_the_branches_are_not_known_there_are_no_bullets(proof: list[Step]) -> None:
    assert script(proof, 2) == "\n".join(f"  {step.text}." for step in proof)


def test_only_plain_tactics_are_written() -> None:
    with pytest.raises(NotATactic):
        script(steps(("auto. Qed", 0)), 2)


SOURCE = """\
Module M.
  Lemma a : True /\\ True.
  Proof. auto. Qed. (* end *)

  Lemma b : True.
  Proof. Admitted.

  Lemma c : True.
  Proof.
    idtac.
    Admitted.
  Definition d : True.
  exact I.
  Defined.
End M.
Lemma e : True /\\ True.
Proof.
  split.
  - admit.
  - exact I.
Admitted.
Lemma f : True /\\ True.
Proof. split. { admit. } admit.
Admitted.
"""
PROOF = steps(("split", 2), ("exact I", 0), ("exact I", 0))
EASY = steps(("exact I", 0))


def put(name: str, proof: list[Step]) -> str:
    return artefact(SOURCE, find(SOURCE, name, "x.v"), proof)


def test_theorem() -> None:
    assert "  Proof.\n    split.\n    - exact I.\n    - exact I.\n  Qed. (* end *)\n" in put("a", PROOF)


def test_admitted() -> None:
    assert "  Lemma b : True.\n  Proof. \n    exact I.\n  Qed.\n\n" in put("b", EASY)
    assert "    idtac.\n      exact I.\n    Qed.\n  Definition d" in put("c", EASY)


def test_definition_keeps_its_end() -> None:
    assert "  Definition d : True.\n    exact I.\n  Defined.\nEnd M." in put("d", EASY)


def test_the_only_admit_makes_the_proof_complete() -> None:
    assert "  split.\n  - exact I.\n  - exact I.\nQed.\n" in put("e#1", EASY)


def test_one_admit_of_several_leaves_the_proof_admitted() -> None:
    assert "Proof. split. { exact I. } admit.\nAdmitted.\n" in put("f#1", EASY)
    assert "Proof. split. { admit. } exact I.\nAdmitted.\n" in put("f#2", EASY)


def test_hammer_is_loaded_at_the_very_top() -> None:
    text = put("b", steps(("sauto", 0)))
    assert text.startswith(HAMMER_LINE + "Module M.")
    assert not put("b", EASY).startswith(HAMMER_LINE)


@pytest.mark.parametrize("name", ["a", "b", "c", "d", "e#1", "f#1", "f#2"])
def test_the_audit_finds_the_same_proof(name: str) -> None:
    hole = find(SOURCE, name, "x.v")
    for proof in (PROOF, EASY, steps(("sauto", 0)), steps(("a", None), ("b", None))):
        taken = take_apart(SOURCE, hole, artefact(SOURCE, hole, proof))
        tactics = [s for s in taken.sentences if s[0].isalpha()]
        assert tactics == [f"{step.text}." for step in proof]


trees = st.recursive(st.just(()), lambda child: st.lists(child, min_size=1, max_size=4).map(tuple), max_leaves=25)


def preorder(tree: tuple[object, ...]) -> list[Step]:
    found: list[Step] = []
    waiting: list[tuple[object, ...]] = [tree]
    while waiting:
        node = waiting.pop()
        found.append(Step(["exact I", "id", "split", "split3", "split4"][len(node)], subgoals=len(node)))
        waiting += reversed(node)  # type: ignore[arg-type]
    return found


@given(trees, st.integers(0, 8), st.booleans())
def test_every_proof_keeps_its_sentences(tree: tuple[object, ...], indent: int, nested: bool) -> None:
    proof = preorder(tree)
    text = script(proof, indent, nested=nested)
    sentences = [s.text for s in split(text)]
    assert [s for s in sentences if s[0].isalpha()] == [f"{step.text}." for step in proof]
    assert all(line.startswith(" " * indent) for line in text.splitlines())
    assert sentences.count("{") == sentences.count("}")


def conjunction(tree: tuple[object, ...]) -> str:
    match len(tree):
        case 0:
            return "True"
        case 1:
            return conjunction(tree[0])  # type: ignore[arg-type]
    return "(" + " /\\ ".join(conjunction(child) for child in tree) + ")"  # type: ignore[arg-type]


@pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")
@settings(max_examples=1, deadline=None)
@given(st.lists(trees, min_size=40, max_size=40))
def test_coq_takes_the_structure(forest: list[tuple[object, ...]]) -> None:
    """The script of a random tree of conjunctions, bare and among bullets, proves it."""
    import tempfile

    parts = [
        "Ltac id := idtac. Ltac split2 := split. Ltac split3 := split; [|split].\n"
        "Ltac split4 := split; [|split; [|split]].\n"
    ]
    for number, tree in enumerate(forest):
        claim = conjunction(tree)
        parts.append(f"Lemma t{number} : {claim}.\nProof.\n{script(preorder(tree), 2)}\nQed.\n")
        inner = script(preorder(tree), 4, nested=True)
        parts.append(f"Lemma u{number} : {claim} /\\ True.\nProof. split.\n  -\n{inner}\n  - exact I.\nQed.\n")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trees.v"
        file.write_text("".join(parts))
        done = subprocess.run(["coqc", "-q", str(file)], capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
