"""What a step may be."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.isabelle.steps import NotAStep, StepKind, parse, plain

INDUCTION = """\
proof (induct xs)
  case Nil
  then show ?case by simp
next
  case (Cons a xs)
  show ?case using Cons by auto
qed"""

FORWARD = """\
proof -
  have "x" if "y" for z using that by simp
  then obtain k where "P k" by auto
  thus ?thesis ..
qed"""

GOOD = {
    "apply auto": StepKind.METHOD,
    "apply (induct xs arbitrary: ys rule: foo.induct)": StepKind.METHOD,
    "apply simp+": StepKind.METHOD,
    "apply (auto simp: a b[of x] intro!: c)[1]": StepKind.METHOD,
    "using a[where x = y] apply blast": StepKind.METHOD,
    "using assms(1) by metis": StepKind.CLOSING,
    "unfolding f_def g_def": StepKind.FACTS,
    "using a b": StepKind.FACTS,
    "by simp": StepKind.CLOSING,
    "by (auto simp: foo)": StepKind.CLOSING,
    "by (induct n) (auto simp: x)": StepKind.CLOSING,
    "by (metis a (no_types, lifting) b)": StepKind.CLOSING,
    ".": StepKind.CLOSING,
    "..": StepKind.CLOSING,
    'by (rule exI[of _ "x + 1"])': StepKind.CLOSING,
    "by (simp only: ‹x = y›)": StepKind.CLOSING,
    "apply simp done": StepKind.CLOSING,
    "apply (cases x)\nsubgoal by simp\nsubgoal by auto\ndone": StepKind.CLOSING,
    INDUCTION: StepKind.CLOSING,
    FORWARD: StepKind.CLOSING,
    'proof (rule ccontr) assume "\\<not> x" { fix y have z by simp } thus False by auto qed simp': StepKind.CLOSING,
    "sledgehammer": StepKind.SEARCH,
    "sledgehammer [timeout = 20]": StepKind.SEARCH,
    "try0": StepKind.SEARCH,
    "using [[simproc del: foo]] by simp": StepKind.CLOSING,
}

BAD = [
    "",
    "  ",
    "auto",
    "sorry",
    "oops",
    "by sorry",
    "by simp sorry",
    "apply auto apply simp",
    "apply",
    "by",
    "by a b c",
    "apply simp simp",
    "apply (simp",
    "apply simp)",
    "apply (simp]",
    "defer",
    "prefer 2",
    "back",
    "subgoal by simp",
    "qed",
    "proof -",
    "proof - show ?thesis sorry qed",
    "proof - show ?thesis oops",
    "proof - show ?thesis by simp",
    "by simp by simp",
    'by simp\nlemma x: "y" by simp',
    "by simp end",
    "end",
    'lemma x: "y"',
    "apply (tactic \\<open>all_tac\\<close>)",
    "apply (raw_tactic ‹all_tac›)",
    "apply (match conclusion in _ \\<Rightarrow> ‹tactic \\<open>x\\<close>›)",
    "ML \\<open>x\\<close>",
    "ML_prf ‹x›",
    "ML_val ‹x›",
    "setup ‹x›",
    "by eval",
    "by (simp, eval)",
    "by normalization",
    "using [[quick_and_dirty]] by simp",
    "using refl[quick_and_dirty = true] by simp",
    "using [[smt_oracle = true]] by smt",
    "note [[skip_proofs]]",
    "using [[ML_print_depth = 5]] by simp",
    "using [[mystery = 5]] by simp",
    "apply simp (* hidden *)",
    "apply simp (*",
    "apply simp \\<comment> \\<open>x\\<close>",
    "apply simp \\<^cancel>‹x›",
    "by (rule \\<^term>‹x›)",
    "by {* simp *}",
    'by (simp add: "x',
    "by (simp add: ‹x)",
    "by simp \\<open>",
    "by simp\0",
    "by simp\u202e",
    "declare x[simp]",
    "axiomatization where x: y",
    'write x ("_")',
    "nitpick",
    "value x",
    "thm x",
    'sledgehammer [provers = "x", timeout = 3]',
    "sledgehammer sledgehammer",
    "private lemma x: y",
    "x" * 40_000,
]


@pytest.mark.parametrize("text", GOOD)
def test_steps(text: str) -> None:
    assert parse(text).kind is GOOD[text]
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:30])
def test_no_steps(text: str) -> None:
    with pytest.raises(NotAStep):
        plain(text)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("  by   (simp\n  add: x) ", "by (simp add: x)"),
        ("apply\tauto\r\n", "apply auto"),
        ('by (simp add: "x   y")', 'by (simp add: "x   y")'),
        ("    proof -\n      show ?thesis .\n    qed", "proof -\n  show ?thesis .\nqed"),
    ],
)
def test_equal_steps_have_one_text(text: str, same: str) -> None:
    assert plain(text) == same


@pytest.mark.parametrize(
    ("text", "focused"),
    [
        ("apply auto", "apply (auto)[1]"),
        ("apply (auto simp: x)", "apply (auto simp: x)[1]"),
        ("apply (simp)+", "apply ((simp)+)[1]"),
        ('using a[of "apply (x)"] apply (simp)', 'using a[of "apply (x)"] apply (simp)[1]'),
        ("by simp", "subgoal by simp"),
        ("proof -\n  show ?thesis .\nqed", "subgoal\n  proof -\n    show ?thesis .\n  qed"),
    ],
)
def test_a_step_for_the_first_goal_only(text: str, focused: str) -> None:
    assert parse(text).focused == focused


@pytest.mark.parametrize("text", ["unfolding x_def", "using x", "unfolding x_def apply simp"])
def test_what_would_change_other_goals_is_not_kept_to_one(text: str) -> None:
    with pytest.raises(NotAStep):
        _ = parse(text).focused


@given(st.text(max_size=80))
def test_any_text_is_a_step_or_refused(text: str) -> None:
    with contextlib.suppress(NotAStep):
        plain(text)


WORDS = 'by apply simp ( ) [ ] , ; | + ? "x" ‹y› proof qed show have sorry done . .. using a [[ ]] -'.split()


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_what_is_accepted_stays_so_and_holds_no_sorry(text: str) -> None:
    try:
        canonical = plain(text)
    except NotAStep:
        return
    assert plain(canonical) == canonical
    assert "sorry" not in canonical.split()
