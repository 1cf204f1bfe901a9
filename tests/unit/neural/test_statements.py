"""Asking for conjectures: what a model is shown, and the statements in whatever it answers."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from pathlib import Path

import misbehaving_server as server
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from misbehaving_server import Server
from neural_views import COQ, view

from lemmata.errors import Location, UsageError
from lemmata.goal import GoalView
from lemmata.step import Proposal
from provers.neural import conjecturing, formats, local_manifest
from provers.neural.budget import Budget
from provers.neural.extract import candidates
from provers.neural.local import TransformersProver
from provers.neural.openai import OpenaiProver
from provers.neural.statements import MOST, statements
from provers.neural.vllm import VllmProver

SAYS = "forall (l : list nat) (x : nat), rev (l ++ x :: nil) = x :: rev l"
ASKED = conjecturing.question(
    "rev_snoc", SAYS, COQ, Location("T.v", 6, 1), [("rev_involutive", "rev (rev l) = l"), ("{{goal}}", "True")]
)
PIECES = [
    "```", "```coq\n", "```json\n", "\n", "\n  ", " ", ".", ". ", "- ", "* ", "1. ", "<think>", "</think>", '["',
    '", "', '"]', "[", "]", "{", "}", "(", ")", "(*", "*)", '"', "`", "Lemma a : ", "Lemma b (n : nat) : ", "Proof.",
    "Qed.", "forall n, ", "n = n", ":", ":=", "Axiom oops : False", "Admitted.", '{"statements": ["', "∀ n, n ≤ n",
    "\x00", "\ud800",
]  # fmt: skip
anything = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Here:\n```coq\nLemma a (n m : nat) : n + m = m + n.\nProof. lia. Qed.\n\n(* and *)\nLemma b :\n"
            "  forall n,\n  n <= n.\n```\nThese are true.",
            ["forall (n m : nat), n + m = m + n", "forall n, n <= n"],
        ),
        ('["forall n, n = n.", "Lemma z (n : nat) : n = 1"]', ["forall n, n = n", "forall (n : nat), n = 1"]),
        ('{"statements": [{"name": "x", "statement": "1 = 1"}, {"statement": "2 = 2"}]}', ["1 = 1", "2 = 2"]),
        ('{"conjectures": ["1 = 1"]}', ["1 = 1"]),
        ("1. `forall n, n = n`\n2. forall m,\n   m = m.\n", ["forall n, n = n", "forall m, m = m"]),
        (
            "```\nforall n, [n] = [n].\nforall x : nat,\n  x = x (* why *)\n```",
            ["forall n, [n] = [n]", "forall x : nat, x = x"],
        ),
        ("∀ n m, n ≤ m → ¬ m < n", ["forall n m, n <= m -> ~ m < n"]),
        ("1 = 1\n1 = 1\n", ["1 = 1"]),
        ("<think>Lemma bad : False.</think>```coq\nLemma a : True.\n```", ["True"]),
        ("True. Axiom oops : False. Lemma x : True", ["True. Axiom oops : False. Lemma x : True"]),
        ("(* nothing", []),
        ("", []),
    ],
)  # fmt: skip
def test_statements_in_the_usual_shapes(text: str, expected: list[str]) -> None:
    form = formats.load("chat-coq-conjectures")
    found = candidates(text, form, ASKED)
    assert [one.step.text for one in found] == expected
    assert {one.step.kind for one in found} <= {"statement"}


def test_an_answer_that_was_cut_off_loses_its_last_line() -> None:
    found = candidates("1 = 1\n2 = ", formats.load("chat-coq-conjectures"), ASKED, complete=False)
    assert [one.step.text for one in found] == ["1 = 1"]


def test_signs_that_the_file_writes_itself_are_left_as_they_are() -> None:
    own = dataclasses.replace(ASKED, obligation=dataclasses.replace(ASKED.obligation, source="Notation ... ≤ ..."))
    assert statements("∀ n, n ≤ n", own) == ["forall n, n ≤ n"]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(anything)
def test_any_answer_gives_a_short_list_of_short_texts(text: str) -> None:
    found = statements(text, ASKED)
    assert len(found) <= MOST
    assert len(set(found)) == len(found)
    assert all(one.strip() and len(one) <= 4000 for one in found)


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    ["x", ".", " ", "\n", "\n ", "(", "(*", "*)", "[", "{", '"', "`", "- ", "\n - ", "Lemma a : ", "Lemma a : b.\n"],
)  # fmt: skip
def test_a_megabyte_is_read_in_a_time_that_grows_with_its_length(piece: str) -> None:
    began = time.process_time()
    statements(piece * (1_000_000 // len(piece)), ASKED)
    assert time.process_time() - began < 10.0


def test_a_question_shows_the_file_the_theorem_and_the_lemmas() -> None:
    (form,) = formats.choose("some-chat-model", ASKED)
    told = form.messages(ASKED)[-1]["content"]
    assert form.name == "chat-coq-conjectures"
    assert "Lemma first : True." in told
    assert "Lemma rev_snoc (l : list nat) (x : nat) : rev (l ++ x :: nil) = x :: rev l.\n```" in told
    assert f"⊢ {SAYS}\n" in told
    # What a lemma is called is never a template.
    assert "rev_involutive : rev (rev l) = l\n{{goal}} : True\n" in told
    assert formats.choose("deepseek-ai/DeepSeek-Prover-V2-7B", ASKED) == (form,)
    assert form not in formats.choose("some-chat-model", view("coq", depth=0))


def ask(*manners: server.Manner, **more: Budget) -> tuple[list[Proposal], Server]:
    async def go() -> tuple[list[Proposal], Server]:
        async with Server(*manners) as target:
            prover = OpenaiProver("tiny", environment={"LEMMATA_OPENAI_BASE_URL": target.url}, **more)
            try:
                (found,) = await prover.propose([ASKED], 16)
            finally:
                await prover.close()
            return found, target

    return asyncio.run(go())


def test_a_model_behind_an_api_makes_conjectures() -> None:
    listed = json.dumps(["1 = 1", "True. Axiom oops : False", "2 = 2"])
    found, target = ask(server.answers(listed))
    assert [one.step.text for one in found] == ["1 = 1", "True. Axiom oops : False", "2 = 2"]
    assert {one.provenance["prompt"] for one in found} == {"chat-coq-conjectures/1"}
    (request,) = target.requests
    assert "n" not in request.body


def test_a_budget_holds_for_conjectures_too() -> None:
    found, target = ask(server.answers("1 = 1"), budget=Budget(tokens=100))
    assert found == []
    assert target.requests == []


def test_a_format_for_steps_makes_no_conjectures() -> None:
    for kind in (OpenaiProver, VllmProver):
        kind.check_conjecturer("m")
        kind.check_conjecturer("m#chat-coq-conjectures")
        with pytest.raises(UsageError, match="does not ask for conjectures"):
            kind.check_conjecturer("m#chat-coq")


def test_a_local_model_makes_conjectures_unless_it_was_trained_for_steps(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    TransformersProver.check_conjecturer(str(tmp_path))
    local_manifest.write(tmp_path, local_manifest.Manifest("prover", "reprover/1", ("coq",)))
    with pytest.raises(UsageError, match="was trained to propose steps"):
        TransformersProver.check_conjecturer(str(tmp_path))


def test_a_local_model_is_asked_in_the_same_words(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("transformers", reason="transformers is not installed")
    import tiny

    folder = tiny.decoder_only(tmp_path / "base")

    async def go(asked: GoalView) -> list[Proposal]:
        prover = TransformersProver(str(folder), sampling={"max_tokens": 24})
        try:
            assert prover._asking.manifest is None
            (found,) = await prover.propose([asked], 4)
            assert prover._loaded is not None
            (question,) = prover._asking.questions(asked, prover._loaded)
            assert question.form.name == "chat-coq-conjectures"
        finally:
            await prover.close()
        return found

    # It knows nothing, so that it may well say nothing.
    assert all(one.step.kind == "statement" for one in asyncio.run(go(ASKED)))
