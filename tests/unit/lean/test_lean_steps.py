"""What a Lean step may be; what it may not be is in tests/soundness/test_lean_cheats.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.lean.tactics import NotATactic, checked, plain, searches

PLAIN = [
    "simp",
    "norm_num [Nat.succ_le_iff, h₀] at *",
    "nlinarith [sq_nonneg (a - b), mul_pos ha hb, h.1]",
    "obtain ⟨x, rfl⟩ | ⟨y, -⟩ := h",
    "rcases h with ⟨x, hx⟩ | h",
    "refine ⟨_, ?_, fun x => ?_⟩",
    "have h : a = b := by\n  simp\n  ring",
    "have h : a = b := by simp; ring",
    "cases h with\n| inl h => simp\n| inr h =>\n  simp\n  ring",
    "calc a = b := by simp\n  _ = c := by\n    ring",
    "first | simp | ring | (norm_num; linarith)",
    "all_goals try simp",
    "open Real in simp [pi_pos]",
    "set_option maxHeartbeats 400000 in nlinarith",
    "conv => lhs; rw [h]",
    "intro x hx",
    "exact |x| |>.le",
    "(constructor; simp)",
    "{ simp }",
    "rw [show (2 : ℝ) = 1 + 1 by norm_num, ← h']",
    "exact h'",
    "exact 'x'.isDigit",
    'exact s!"{x} sorry"',
    "simpa [Finset.sum_range_succ, sorry_lemma, my.sorry'] using h",
    "have := h <| by\n  refine ⟨?_, ?_⟩\n  · simp\n  · ring",
    "interval_cases x <;> simp_all",
    "decide",
    "exact ⟨fun ⟨x, h⟩ => h, #[1, 2].size⟩",
    "if h : p then exact h else simp",
    "induction n with\n| zero => simp\n| succ n ih => simp [ih]",
    "let rec f : Nat → Nat := fun n => n\n  exact f 1",
]


@pytest.mark.parametrize("step", PLAIN)
def test_plain(step: str) -> None:
    assert plain(step) == step
    assert plain("\n".join(f"  {line}  " for line in step.split("\n"))) == step


@pytest.mark.parametrize(
    ("step", "canonical"),
    [
        ("    have h : a := by\n      simp\n      ring", "have h : a := by\n  simp\n  ring"),
        ("have h : a := by\r\n  simp", "have h : a := by\n  simp"),
        ("\n\n  simp\n\n", "simp"),
        ("simp [a,\n   b]   ", "simp [a,\n   b]"),
        ("  cases h with\n  | a => x", "cases h with\n| a => x"),
        ("have : a := by\n    x\n\n    y", "have : a := by\n    x\n\n    y"),
    ],
)
def test_canonical(step: str, canonical: str) -> None:
    assert plain(step) == canonical
    assert plain(canonical) == canonical


@pytest.mark.parametrize("step", ["native_decide", "decide +native", "bv_decide", "exact Lean.ofReduceBool _ _ rfl"])
def test_compiled_programs_where_they_are_allowed(step: str) -> None:
    assert plain(step, native=True) == step
    with pytest.raises(NotATactic):
        plain(step)


@pytest.mark.parametrize("step", ["exact?", "apply?", "simp? [h]", "first | rfl | exact?", "show_term simp", "hint"])
def test_searches(step: str) -> None:
    assert searches(step)


@pytest.mark.parametrize("step", ["simp", "intro x?", "refine ⟨?_, ?a⟩", "exact l.head? h", 'exact "exact?', ""])
def test_no_searches(step: str) -> None:
    assert not searches(step)


def test_a_long_step() -> None:
    with pytest.raises(NotATactic):
        plain("simp [" + "h, " * 20_000 + "h]")


@given(st.text(max_size=120))
def test_any_text_is_a_tactic_or_refused(text: str) -> None:
    try:
        once = plain(text)
    except NotATactic:
        return
    assert plain(once) == once


WORDS = st.sampled_from(
    "simp exact h by := => ( ) ⟨ ⟩ [ ] · | ; <;> sorry axiom theorem end open in at , with cases fun 1 have :".split()
)


@given(st.lists(st.tuples(WORDS, st.sampled_from([" ", "\n", "\n  "])), max_size=20))
def test_what_is_plain_holds_no_command(words: list[tuple[str, str]]) -> None:
    text = "".join(word + blank for word, blank in words)
    try:
        once = plain(text)
    except NotATactic:
        return
    assert not {"sorry", "axiom", "theorem", "end"} & {token.text for token in checked(once)}
    assert all(line.startswith(" ") or line[0] in "|<)]⟩aw" for line in once.split("\n")[1:] if line)
