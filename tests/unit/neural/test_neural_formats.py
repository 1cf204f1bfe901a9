"""Prompt formats: every file is sound, every placeholder is filled once, whatever a goal contains."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neural_views import SYSTEMS, view

from lemmata.errors import UsageError
from lemmata.goal import Failure
from provers.neural import formats, render

EXPECTED = {
    "reprover", "leandojo-v2", "bfs-prover", "deepseek-prover-v1.5", "deepseek-prover-v2", "goedel-prover-v2",
    "kimina-prover", "stp", "chat-coq", "chat-lean", "chat-fstar", "chat-isabelle", "chat-invariants",
}  # fmt: skip
nasty = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["{{goal}}", "{{failures}}", "{0}", "{", "}}", "%s", "$x", "\\1\\g<0>", "{{premises}}{{goal}}", "```"]
    ),
)


def test_every_family_has_a_file() -> None:
    assert set(formats.names()) >= EXPECTED
    for name in formats.names():
        form = formats.load(name)
        assert form.name == name
        assert form.id == f"{name}/{form.version}"
        assert form.source
        assert set(form.systems) <= set(SYSTEMS)


@pytest.mark.parametrize(("name", "system"), [(n, s) for n in formats.names() for s in formats.load(n).systems])
def test_a_format_leaves_no_placeholder(name: str, system: str) -> None:
    form = formats.load(name)
    failures = (Failure("bad", "initiation fails", {"i": 3}),)
    for one in (view(system), view(system, depth=0, failures=failures)):
        texts = [form.prompt(one), *(turn["content"] for turn in form.messages(one))]
        assert not any("{{" in text for text in texts)
        assert all(text.strip() for text in texts)
        assert [turn["role"] for turn in form.messages(one)][-1] == "user"


@settings(max_examples=60, deadline=None)
@given(nasty, nasty, nasty, st.sampled_from(SYSTEMS))
def test_what_a_goal_contains_is_never_a_template(conclusion: str, name: str, kind: str, system: str) -> None:
    one = view(system, conclusion, ((name, kind),), failures=(Failure(name, kind, {name: kind}),))
    for form in map(formats.load, formats.names()):
        if system in form.systems:
            told = form.prompt(one)
            if "{{goal}}" in form.template:
                assert render.goal_text(one) in told
            form.messages(one)


def test_premises_are_filled_in_where_a_format_has_a_place_for_them() -> None:
    form = formats.load("reprover")
    assert form.prompt(view("lean", "a = b")) == "⊢ a = b"
    assert form.prompt(view("lean", "a = b"), premises="theorem {{goal}}\n\n") == "theorem {{goal}}\n\n⊢ a = b"


@pytest.mark.parametrize(
    ("model", "system", "name"),
    [
        ("kaiyuy/leandojo-lean4-tacgen-byt5-small", "lean", "reprover"),
        ("ByteDance-Seed/BFS-Prover-V2-32B", "lean", "bfs-prover"),
        ("deepseek-ai/DeepSeek-Prover-V1.5-RL", "lean", "deepseek-prover-v1.5"),
        ("deepseek-ai/DeepSeek-Prover-V2-7B", "lean", "deepseek-prover-v2"),
        ("Goedel-LM/Goedel-Prover-V2-8B", "lean", "goedel-prover-v2"),
        ("AI-MO/Kimina-Prover-72B", "lean", "kimina-prover"),
        ("kfdong/STP_model_Lean_0320", "lean", "stp"),
        ("deepseek-ai/DeepSeek-Prover-V2-7B", "coq", "chat-coq"),
        ("some-chat-model", "programs", "chat-invariants"),
        ("some-chat-model", "fstar", "chat-fstar"),
    ],
)
def test_a_format_is_chosen_by_the_models_name(model: str, system: str, name: str) -> None:
    assert [form.name for form in formats.choose(model, view(system))] == [name]


def test_a_chat_model_is_asked_for_whole_proofs_at_the_root() -> None:
    names = [form.name for form in formats.choose("some-chat-model", view("coq", depth=0))]
    assert names == ["chat-coq-whole", "chat-coq", "chat-coq-blueprint"]


def test_a_blueprint_that_came_back_is_repaired() -> None:
    came_back = Failure("half : forall n, n + n = 3", "half (n := 0) is false", accepted=True)
    told = dataclasses.replace(view("coq", depth=0), failures=(came_back,))
    (form,) = formats.choose("some-chat-model", told)
    assert form.name == "chat-coq-blueprint"
    assert (
        "half : forall n, n + n = 3\n  what became of it: half (n := 0) is false" in form.messages(told)[-1]["content"]
    )


def test_a_whole_proof_is_asked_for_with_the_statement_and_what_stands_above() -> None:
    told = formats.load("deepseek-prover-v1.5").prompt(view("lean", depth=0))
    assert told == (
        "Complete the following Lean 4 code:\n\n```lean4\nimport Mathlib\n\ntheorem easy : 1 = 1 := by rfl\n\n"
        "theorem swap (p q : Prop) (h : p ∧ q := by assumption) : q ∧ p := by\n"
    )
    below = formats.load("deepseek-prover-v1.5").prompt(view("lean", "q", (("h", "p ∧ q"),)))
    assert below.endswith("theorem goal (h : p ∧ q) : q := by\n")
    coq = formats.load("chat-coq-whole").messages(view("coq", depth=0))[1]["content"]
    assert "exact I. Qed.\n\nLemma rev_snoc (l : list nat) (x : nat) : rev (l ++ x :: nil) = x :: rev l.\n```" in coq
    fstar = formats.load("chat-fstar").messages(view("fstar", depth=0))[1]["content"]
    assert "val twice : n:nat -> Lemma (n + n == 2 * n)\nlet twice n =\n```" in fstar


def test_a_program_is_shown_with_its_loops_named_and_failures_in_terms_of_the_three_conditions() -> None:
    failures = (
        Failure("L1: i < 0", "no new clause is inductive; initiation fails", {"i": 0, "n": 5}),
        Failure("L2: j <= i", "consecution from L2 fails", {"i": 0, "j": 0}),
        Failure("L1: i >= 0", "assertion may fail at 10:5", {"i": 1, "n": 0}),
    )
    one = view("programs", "unreachable: assertion may fail at 10:5", (("L2#0", "(<= 0 j!1)"),), failures=failures)
    told = formats.load("chat-invariants").messages(one)[1]["content"]
    assert "    /* loop L1 */ while (i < n) {" in told
    assert "        /* loop L2 */ while (j < i) { j++; }" in told
    assert "L2 (line 7): i, j" in told
    assert "loop L2 invariant j >= 0;" in told or "loop L2 invariant 0 <= j;" in told
    assert "L1: i < 0\n  refused: establishes fails" in told
    assert "for example where i = 0, n = 5" in told
    assert "preserves fails" in told
    assert "a round from L2" in told
    assert "implies fails" in told
    assert "Last counterexample (establishes): i = 0, n = 5" in told


def test_long_goals_are_cut() -> None:
    many = tuple((f"h{i}", "x" * 100) for i in range(1000))
    told = render.goal_text(view("coq", "y" * 100_000, many))
    assert len(told) < 20_000
    assert "h999 : x" in told
    assert "h0 :" not in told


def test_leans_own_text_of_a_state_is_used() -> None:
    assert render.goal_text(view("lean", details={"state": "case inl\nh : p\n⊢ q"})) == "case inl\nh : p\n⊢ q"


GOOD = """
name = "x"
version = 1
source = "none"
verified = true
systems = ["coq"]
models = []
kind = "step"
answer = "tactic"
"""


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD + 'template = "{{nothing}}"',
        GOOD + 'template = "x"\n[[messages]]\nrole = "user"\ncontent = "y"',
        GOOD + 'template = "x"\nunknown = 1',
        GOOD + 'template = "x"\n[sampling]\ntop_p = 2.0',
        GOOD.replace("tactic", "poem") + 'template = "x"',
        "name = ",
    ],
)
def test_a_malformed_format_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        formats.parse(text)


def test_a_format_that_does_not_exist_is_a_usage_error() -> None:
    for name in ("nothing", "../formats", "reprover/99", ""):
        with pytest.raises(UsageError):
            formats.load(name)
    assert formats.load("reprover/1") is formats.load("reprover/1")


def test_no_two_families_claim_a_model_with_parts_of_the_same_length() -> None:
    parts = [(part, form.name) for form in map(formats.load, formats.names()) for part in form.models]
    assert len({part for part, _ in parts}) == len(parts)
    for (a, _), (b, _) in itertools.combinations(parts, 2):
        assert a not in b or len(a) < len(b)
