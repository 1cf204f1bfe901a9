"""Reading answers: any text gives a list, and the usual shapes give the steps that they mean."""

from __future__ import annotations

import json
import time
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from neural_views import SYSTEMS, view

from checkers.coq.tactics import plain as coq_plain
from checkers.isabelle.steps import plain as isabelle_plain
from checkers.lean.tactics import plain as lean_plain
from lemmata.step import Step
from provers.neural import formats, whole
from provers.neural.extract import candidates
from provers.neural.invariants import parts
from provers.neural.proposing import Sample, proposals


def read(text: str, name: str, system: str, *, complete: bool = True) -> list[list[str]]:
    """Return what an answer proposes, as texts."""
    found = candidates(text, formats.load(name), view(system), complete=complete)
    return [[one.step.text, *(step.text for step in one.then)] for one in found]


FORMS = [(name, system) for name in formats.names() for system in formats.load(name).systems]
PIECES = [
    "```", "```coq\n", "```lean4\n", "\n", " ", "- ", "1. ", "<think>", "</think>", "<a>", "</a>", '["', '"]', "{", "}",
    "[",
    "Proof.", "Qed.", "by", ":= by\n", "  ", "·", "have h : a = b := by", "sorry", "admit.", "intros", "simp", ".", ";",
    "proof (induct xs)", "qed", "apply auto", "loop invariant", "L1:", "i <= n", "&&", "(*", "*)", "/-", "-/",
    '"', "'", "\\",
    "all_goals", "| zero =>", "case inl h =>", "Tactic: ", "let rec f x = ", "\x00", "\ud800", "theorem swap : a := ",
]  # fmt: skip
anything = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(anything, st.booleans())
def test_any_text_gives_a_list(text: str, complete: bool) -> None:
    for name, system in FORMS:
        found = candidates(text, formats.load(name), view(system), complete=complete)
        assert all(one.step.text.strip() for one in found)
        assert len({(one.step, one.then) for one in found}) == len(found)


LONG = [
    "x", " ", "{", "}", "[", "(", "```", "- ", "- simp\n", "have h : a := by\n  simp\n", "· simp\n", "all: auto. ",
    "all_goals simp\n",
    '"\\"', "loop invariant i <= n;\n", "invariant ", '{"a": [', "have     ", "(*", "/-", "\\forall", "by (",
    "let rec f x = ", "theorem a ",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["chat-coq", "chat-lean-whole", "chat-isabelle-whole", "chat-fstar", "chat-invariants"]
)
def test_a_megabyte_is_read_in_a_time_that_grows_with_its_length(name: str) -> None:
    form = formats.load(name)
    for piece in LONG:
        began = time.process_time()
        candidates(piece * (1_000_000 // len(piece)), form, view(form.systems[0]))
        assert time.process_time() - began < 10.0, piece


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('["intros n", "induction l; simpl", "auto."]', [["intros n"], ["induction l; simpl"], ["auto"]]),
        ('Sure:\n```json\n[{"tactic": "intros n"}, {"tactic": "auto", "why": "x"}]\n```', [["intros n"], ["auto"]]),
        ('{"tactics": ["intros n", "auto"]}', [["intros n"], ["auto"]]),
        ("1. `intros n`\n2. Tactic: `auto`\n3) simpl.", [["intros n"], ["auto"], ["simpl"]]),
        ("- intros n.\n- auto.\n- intros  n.", [["intros n"], ["auto"]]),
        ("<think>maybe induction\n1. foo</think>\n1. intros n", [["intros n"]]),
        ("```coq\nintros n. simpl.\nauto.\n```", [["intros n", "simpl", "auto"]]),
        ("```tactics\nintros n.\nauto.\n```", [["intros n"], ["auto"]]),
        ("Require Import Lia.", []),
        ("I cannot do this.", []),
        ("admit", []),
        ("", []),
    ],
)
def test_lists_of_coq_tactics(text: str, expected: list[list[str]]) -> None:
    assert read(text, "chat-coq", "coq") == expected


def test_a_tactic_generators_answer_is_its_tactic() -> None:
    assert read("rw [<a>Nat.gcd</a>, <a>Nat.gcd_self_right</a>]", "reprover", "lean") == [
        ["rw [Nat.gcd, Nat.gcd_self_right]"]
    ]
    assert read("intros n.", "reprover", "coq") == [["intros n"]]
    assert read("h : p\n⊢ q:::exact h.2", "bfs-prover", "lean") == [["exact h.2"]]
    assert read("exact h\nand more", "leandojo-v2", "lean") == [["exact h"]]
    assert read("exact h", "reprover", "lean", complete=False) == []
    assert read("intro h; exact h", "reprover", "lean") == [["intro h", "exact h"]]


COQ_PROOF = """Here it is. (* not yet *)

```coq
Lemma helper : True.
Proof. exact I. Qed.

Lemma rev_snoc (l : list nat) (x : nat) : rev (l ++ x :: nil) = x :: rev l.
Proof.
  induction l as [| a l IH].
  - simpl. (* "trivial". *) reflexivity.
  - { simpl. rewrite IH. }
    all: auto.
Qed.
```
"""


def test_a_coq_proof_is_cut_into_sentences_in_the_order_in_which_they_are_played() -> None:
    expected = ["induction l as [| a l IH]", "simpl", "reflexivity", "simpl", "rewrite IH; auto"]
    assert read(COQ_PROOF, "chat-coq-whole", "coq") == [expected]
    assert all(coq_plain(step) for step in expected)


def test_a_coq_sketch_goes_on_behind_its_hole() -> None:
    script = whole.cut("coq", "Proof.\nassert (H : a = b).\n{ admit. }\nrewrite H. auto.\nQed.")
    assert script.steps == ("assert (H : a = b)", None, "rewrite H", "auto")
    assert script.sketch
    assert whole.cut("coq", "split; admit. auto.").steps == ()
    other = whole.cut("coq", "split. 2: auto. auto.")
    assert other.steps == ("split",)
    assert other.sketch


LEAN_PROOF = """<think>Let me see.
```lean4
theorem swap : False := by
  wrong
```
</think>
```lean4
import Mathlib

theorem swap (p q : Prop) (h : p ∧ q := by assumption) : q ∧ p := by
  -- both halves
  constructor
  · exact h.2 /- the second -/
  · have h₁ : p := by
      have := h.1
      exact this
    have h₂ : p := by simpa using h₁
    cases h₂.lt_or_eq with
    | inl x =>
      exact x
    | inr y => simp [y]
    done
```
"""


def test_a_lean_proof_is_cut_along_its_layout() -> None:
    expected = [
        "constructor",
        "exact h.2",
        "refine (have h₁ : p := ?_; ?_)",
        "have := h.1",
        "exact this",
        "have h₂ : p := by simpa using h₁",
        "cases h₂.lt_or_eq with\n| inl x =>\n  exact x\n| inr y => simp [y]",
    ]
    assert read(LEAN_PROOF, "deepseek-prover-v2", "lean") == [expected]
    assert all(lean_plain(step) for step in expected)


def test_a_completion_ends_with_its_fence_and_with_the_next_declaration() -> None:
    text = "  simp_all only [a,\n    b]\n  have h : a * r = 2 := by simpa [h₀] using h₁\n  simpa\n```\nThat was it."
    expected = ["simp_all only [a,\n  b]", "have h : a * r = 2 := by simpa [h₀] using h₁", "simpa"]
    assert read(text, "deepseek-prover-v1.5", "lean") == [expected]
    assert read("exact foo\n\ntheorem other : True := by\n  trivial", "stp", "lean") == [["exact foo"]]
    assert read("  exact foo\n  simp [ba", "stp", "lean", complete=False) == [["exact foo"]]


@pytest.mark.parametrize(
    ("text", "steps", "sketch"),
    [
        ("have h : a = b := by sorry\nsimp [h]", ("refine (have h : a = b := ?_; ?_)", None, "simp [h]"), True),
        ("have h : a = b := by\n  sorry\nsimp [h]", ("refine (have h : a = b := ?_; ?_)", None, "simp [h]"), True),
        ("induction n with\n| zero => sorry\n| succ n ih => simp",
         ("induction n with\n| zero => ?_\n| succ n ih => simp",), True),
        ("constructor\n· sorry\n· simp", ("constructor", None, "simp"), True),
        ("constructor\nall_goals simp", ("constructor <;> (simp)",), False),
        ("constructor\nrotate_left\nsimp", ("constructor",), True),
        ("exact foo", ("exact foo",), False),
        ("simp\n<;> omega", ("simp\n<;> omega",), False),
        ("{ intro h\n  exact h }", ("intro h", "exact h"), False),
        (":= by\n  simp", ("simp",), False),
        ("theorem swap : p := foo h", ("exact foo h",), False),
    ],
)  # fmt: skip
def test_lean_structure(text: str, steps: tuple[str | None, ...], sketch: bool) -> None:
    script = whole.cut("lean", text, "swap")
    assert script.steps == steps
    assert script.sketch is sketch
    assert all(lean_plain(step) for step in steps if step is not None)


@pytest.mark.parametrize(
    ("text", "steps", "sketch"),
    [
        ("by (induct xs) auto", ("by (induct xs) auto",), False),
        ("apply (induct xs)\n apply auto\n done", ("apply (induct xs)", "apply auto"), False),
        ('lemma a: "x = y"\n  using foo\n  by simp', ("using foo by simp",), False),
        ("proof (induct xs)\n  case Nil\n  then show ?case sorry\nqed", ("apply (induct xs)",), True),
        ("apply (induct xs)\n sorry", ("apply (induct xs)",), True),
        ("proof -\n  show ?thesis sorry\nqed", (), True),
        ("proof (rule ext)\n  fix x\n  show \"f x = g x\" by simp\nqed\nend",
         ("proof (rule ext)\n  fix x\n  show \"f x = g x\" by simp\nqed",), False),
    ],
)  # fmt: skip
def test_isabelle_proofs(text: str, steps: tuple[str, ...], sketch: bool) -> None:
    script = whole.cut("isabelle", text, "app_nil")
    assert script.steps == steps
    assert script.sketch is sketch
    assert all(isabelle_plain(step) for step in steps)


def test_isabelle_methods_without_a_command_become_commands() -> None:
    text = '["by simp", "induct xs", "(auto)", "nonsense here"]'
    assert read(text, "chat-isabelle", "isabelle") == [["by simp"], ["apply (induct xs)"], ["apply (auto)"]]


def test_an_fstar_body_is_one_step_with_holes() -> None:
    text = "```fstar\nlet rec twice n =\n  match n with\n  | 0 -> admit()\n  | _ -> twice (n - 1)\n```"
    (found,) = candidates(text, formats.load("chat-fstar"), view("fstar"))
    assert found.step == Step("match n with\n| 0 -> admit ()\n| _ -> twice (n - 1)", "definition")
    assert read("let x = f 1 in\nx", "chat-fstar", "fstar") == [["let x = f 1 in\nx"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loop L1 invariant i <= n;\nloop L2 invariant j <= i;", {("L1", "i <= n"), ("L2", "j <= i")}),
        ("/*@ loop invariant 0 <= i && i <= n; */", {(x, y) for x in ("L1", "L2") for y in ("0 <= i", "i <= n")}),
        ('{"L1": ["i <= n"], "L2": "j >= 0"}', {("L1", "i <= n"), ("L2", "j >= 0")}),
        ('{"invariants": [{"loop": "L2", "invariant": "j <= i"}]}', {("L2", "j <= i")}),
        ('["L1: i <= n", "L1: i >= 0"]', {("L1", "i <= n"), ("L1", "i >= 0")}),
        ("<think>i <= 7?</think>- L1: `i <= n`\n- The variable i is never larger than n", {("L1", "i <= n")}),
        ("```c\n/* loop L1 */\n//@ loop invariant i <= n\n//@ loop invariant i >= 0\nwhile (i < n)\n```",
         {("L1", "i <= n"), ("L1", "i >= 0")}),
        ("loop L1 invariant \\forall integer k; 0 <= k < i ==> a[k] == 0;",
         {("L1", "\\forall integer k; 0 <= k < i ==> a[k] == 0")}),
        ("loop L1 invariant i ≤ n ∧ n ≥ 0;", {("L1", "i <= n"), ("L1", "n >= 0")}),
        ("loop L1 invariant i == 0 || i < n && n > 1;", {("L1", "i == 0 || i < n && n > 1")}),
        ("i = 3; assert(i < n); i++", set()),
        ("Nothing comes to mind.", set()),
    ],
)  # fmt: skip
def test_invariants_in_many_shapes(text: str, expected: set[tuple[str, str]]) -> None:
    (*found,) = candidates(text, formats.load("chat-invariants"), view("programs"))
    got = {(part.label, part.text) for one in found for part in one.step.parts}
    assert got == expected
    assert all(one.step.kind == "clauses" for one in found)


def test_a_program_without_loops_gets_no_clauses() -> None:
    assert parts("i <= n", ()) == ()


def told(
    *samples: Sample, name: str = "chat-coq", system: str = "coq", tried: tuple[str, ...] = ()
) -> list[tuple[str, float]]:
    """Return what samples propose, with estimates."""
    found = proposals(samples, formats.load(name), view(system, tried=tried), "p", provenance={"model": "m"})
    for proposal in found:
        assert proposal.provenance["prompt"] == formats.load(name).id
        json.dumps(dict(proposal.provenance))
    assert all(a.log_probability >= b.log_probability for a, b in pairwise(found))
    return [(proposal.step.text, proposal.log_probability) for proposal in found]


def test_what_several_answers_agree_on_is_likelier_and_is_proposed_once() -> None:
    found = told(Sample('["auto", "intros n"]'), Sample('["intros  n"]'), Sample('["intros n.", "lia"]'))
    assert found[0][0] == "intros n"
    assert len(found) == 3
    assert all(estimate <= 0 for _, estimate in found)


def test_a_tactic_models_own_probabilities_count() -> None:
    samples = [Sample("simp", -0.5, 1), Sample("rfl", -2.0, 1), Sample("simp", -0.7, 2), Sample("ring", 3.0, 1)]
    assert told(*samples, name="reprover", system="lean") == [("ring", 0.0), ("simp", -0.5), ("rfl", -2.0)]


def test_steps_that_were_tried_are_left_out() -> None:
    assert told(Sample('["auto", "lia"]'), tried=(Step("auto").key,))[0][0] == "lia"


def test_tokens_are_counted_once() -> None:
    samples = [Sample('["auto", "lia"]', None, 10), Sample('["auto"]', None, 7)]
    found = proposals(samples, formats.load("chat-coq"), view("coq"), "p", provenance={})
    assert sum(proposal.tokens for proposal in found) == 10


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(SYSTEMS), anything)
def test_cut_never_fails(system: str, text: str) -> None:
    script = whole.cut(system, text, "swap")
    assert all(step.strip() for step in script.steps)
