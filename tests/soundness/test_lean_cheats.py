"""Every known way to make Lean, or those who read its answers, believe what was not proved."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fake_lean
import pytest

from checkers.lean import scan
from checkers.lean.artefact import NotTheSource, artefact, take_apart
from checkers.lean.checker import LeanChecker
from checkers.lean.tactics import NotATactic, plain
from checkers.process import Supervisor
from lemmata.step import Step
from lemmata.verdict import Limits, Verdict, Verification

SOURCE = """\
import Mathlib

def twice (n : Nat) : Nat := n + n

theorem unproved (n m : Nat) : n = m := by sorry

theorem wrong : twice 1 = 3 := by sorry

theorem after : True := trivial
"""
NAME = "wrong"

CHEATING_STEPS = [
    "sorry",
    "exact sorry",
    "exact (sorry : twice 1 = 3)",
    "admit",
    "exact sorryAx _ true",
    "exact @sorryAx _ false",
    "exact «sorryAx» _",
    "have h : False := by sorry\n  exact h.elim",
    "first\n  | rfl\n  | sorry",
    "refine ⟨?_, by\n  admit⟩",
    "stop\n  rfl",
    "slim_check",
    "plausible",
    "native_decide",
    "decide +native",
    "decide (config := { native := true })",
    "exact Lean.ofReduceBool _ _ rfl",
    "exact of_decide_eq_true (Lean.ofReduceBool _ true rfl)",
    "simp [Lean.reduceBool]",
    "bv_decide",
    'run_tac do Lean.logInfo m!""',
    "exact by_elab do return Lean.mkConst `x",
    "set_option debug.skipKernelTC true in rfl",
    "set_option debug.byAsSorry true in rfl",
    "set_option warn.sorry false in rfl",
    "set_option maxHeartbeats 5\n  rfl",
    "rfl\naxiom bad : False",
    "rfl\n\naxiom bad : False",
    "rfl\n  axiom bad : False",
    "rfl axiom bad : False",
    "exact bad\n  where bad : twice 1 = 3 := foo",
    "rfl\n  end",
    "rfl\ntermination_by 0",
    "rfl\n  decreasing_by trivial",
    'rfl\n  macro "x" : tactic => `(tactic| trivial)',
    "rfl\n  macro_rules | `(tactic| rfl) => `(tactic| trivial)",
    'rfl\n  elab "x" : tactic => pure ()',
    "rfl\n  elab_rules : tactic | `(tactic| rfl) => pure ()",
    'rfl\n  syntax "x" : tactic',
    'rfl\n  notation "x" => 1',
    "rfl\n  local instance : Inhabited False := bad",
    "rfl\n  instance : Inhabited False := bad",
    "rfl\n  attribute [simp] bad",
    "rfl\n  attribute [implemented_by bad] twice",
    "rfl\n  @[simp] theorem x : True := trivial",
    "rfl\n  @[csimp] def x := 1",
    "rfl\n  unsafe def x := 1",
    "rfl\n  initialize pure ()",
    "rfl\n  run_cmd pure ()",
    "rfl\n  #eval 1",
    "rfl\n  #print axioms wrong",
    'rfl\n  open Lean Elab\n  elab "x" : command => pure ()',
    "rfl /- sorry",
    "rfl -- sorry",
    "rfl /-- doc -/",
    'exact include_str "/etc/passwd"',
    'bv_check "proof.lrat"',
    "polyrith",
    "exact (rfl",
    "exact rfl)",
    'exact "rfl',
    "exact «rfl",
    "· rfl",
    "<;> rfl",
    "| inl h => rfl",
    "at h",
    "rfl; rfl",
    "rfl\nrfl",
    "have h := by",
    'exact s!"{(sorry : Nat)}"',
    'exact f s!"{by native_decide}"',
    'exact f s!"{g s!"{sorry}"}"',
    'exact f "{sorry}"',
    'first | exact logInfoAt x "{" | exact sorry | exact "}"',
    "exact f ''\"'\" sorry \"'\"",
    "exact (eval% 1)",
    "exact Aᵀsorry",
    "exact aᶜsorry",
    "exact λsorry",
    "exact 0x0sorry",
    "exact 1.e5sorry",
    'llmstep "x"',
    "suggest_tactics",
    "search_proof",
    "exact\tsorry",
    "exact \u200bsorry",
    "",
    "   ",
]


@pytest.mark.parametrize("step", CHEATING_STEPS)
def test_a_cheating_step_is_refused(step: str) -> None:
    with pytest.raises(NotATactic):
        plain(step)


def proof(text: str) -> str:
    """Put a text in the place of the proof, whatever it is."""
    hole = scan.find(SOURCE, NAME, "Cheat.lean")
    return SOURCE[: hole.start] + text + SOURCE[hole.end :]


GOOD = proof("by\n  rfl")

CHEATING_ARTEFACTS = {
    "another statement": GOOD.replace("twice 1 = 3", "twice 1 = 2"),
    "another definition": GOOD.replace("n + n", "n + n + n"),
    "another name": GOOD.replace("theorem wrong", "theorem wrong'"),
    "an axiom above": GOOD.replace("theorem wrong", "axiom bad : False\ntheorem wrong"),
    "an axiom below": GOOD + "axiom bad : False\n",
    "an axiom behind the proof": proof("by\n  rfl\naxiom bad : False"),
    "an indented axiom behind the proof": proof("by\n  rfl\n  axiom bad : False"),
    "an import": "import Cheat\n" + GOOD,
    "an option above": GOOD.replace("theorem wrong", "set_option debug.skipKernelTC true in\ntheorem wrong"),
    "an option within": proof("by\n  set_option debug.skipKernelTC true in rfl"),
    "an elaborator": GOOD.replace("theorem wrong", "elab_rules : tactic | `(tactic| rfl) => pure ()\ntheorem wrong"),
    "a macro behind": proof('by\n  rfl\nmacro "rfl" : tactic => `(tactic| trivial)'),
    "a notation above": GOOD.replace("theorem wrong", 'notation "3" => 2\ntheorem wrong'),
    "a print": GOOD + "#print axioms wrong\n",
    "a term": proof("rfl"),
    "a term with sorry": proof("sorry"),
    "still open": SOURCE,
    "open in another way": proof("by\n  sorry"),
    "native": proof("by\n  native_decide"),
    "swallows what follows": proof("by\n  rfl /-") + "-/\n",
    "swallowed": proof("by\n  rfl\n/- ") + " -/\n",
    "a string that runs on": proof('by\n  exact "') + '"\n',
    "a comment": proof("by\n  rfl -- fine"),
    "nothing": proof(""),
    "an empty block": proof("by\n"),
    "not indented": proof("by\nrfl"),
    "where": proof("by\n  rfl\nwhere x : Nat := 1"),
    "termination": proof("by\n  rfl\n  termination_by 1"),
    "an attribute": GOOD.replace("theorem wrong", "@[simp] theorem wrong"),
    "another proof beside": GOOD.replace("n = m := by sorry", "n = m := by trivial"),
    "empty": "",
    "the proof alone": "by\n  rfl",
    "cut off": GOOD[:-4],
    "twice": GOOD + GOOD,
}


@pytest.mark.parametrize("name", list(CHEATING_ARTEFACTS))
def test_an_artefact_that_is_not_the_source_with_a_proof_is_refused(name: str) -> None:
    hole = scan.find(SOURCE, NAME, "Cheat.lean")
    assert take_apart(SOURCE, hole, GOOD).proof == "by\n  rfl"
    with pytest.raises(NotTheSource):
        take_apart(SOURCE, hole, CHEATING_ARTEFACTS[name])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "bin"), "/usr/bin", "/bin"]))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("LEAN_PATH", "LEAN_SYSROOT", "ELAN_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "Cheat.lean").write_text(SOURCE)
    return tmp_path


def verified(
    place: Path, plan: Mapping[str, Any], text: str = GOOD, name: str = NAME, options: Mapping[str, str] | None = None
) -> Verification:
    fake_lean.write(place / "bin", plan)

    async def run() -> Verification:
        async with Supervisor() as supervisor:
            lean = LeanChecker(supervisor)
            obligation = await lean.select(place / "Cheat.lean", name, options or {})
            return await lean.verify(obligation, text, "proved", Limits(30.0), options or {})

    return asyncio.run(run())


def test_the_stand_in_accepts_what_is_sound(place: Path) -> None:
    assert verified(place, {}).verdict is Verdict.PROVED


ERROR = {"severity": "error", "pos": {"line": 7, "column": 0}, "data": "type mismatch"}

CHEATING_ANSWERS: dict[str, dict[str, Any]] = {
    "lean fails": {"artefact": {"exit": 1}},
    "lean fails and still writes a module": {"artefact": {"exit": 1, "messages": []}},
    "an error, and exit code 0": {"artefact": {"messages": [ERROR]}},
    "an error without a place, and exit code 0": {"artefact": {"messages": [{"severity": "error"}]}},
    "a message that is cut off": {"artefact": {"raw": '{"severity": "err'}},
    "text instead of messages": {"artefact": {"raw": "Cheat.lean:7:0: error: type mismatch\n"}},
    "a message without severity": {"artefact": {"raw": '{"data": "fine"}\n'}},
    "an unknown severity": {"artefact": {"raw": '{"severity": "fatal", "data": "x"}\n'}},
    "a message that is a list": {"artefact": {"raw": "[]\n"}},
    "deep JSON": {"artefact": {"raw": "[" * 100_000 + "\n"}},
    "no module": {"artefact": {"olean": False}},
    "says that the theorem uses sorry": {
        "artefact": {"messages": [{"severity": "warning", "kind": "hasSorry", "pos": {"line": 7, "column": 8}}]}
    },
    "the source does not compile": {"statement": {"exit": 1}},
    "the source gives an error": {"statement": {"messages": [ERROR]}},
    "the source gives no module": {"statement": {"olean": False}},
    "the audit fails": {"audit": {"exit": 1}},
    "the audit writes no answer": {"audit": {"file": False}},
    "the audit's answer on standard output": {
        "audit": {"file": False, "stdout": '{"found": true, "problems": [], "axioms": []}'}
    },
    "the audit's answer is cut off": {"audit": {"raw": '{"nonce": "'}},
    "the audit's answer is empty": {"audit": {"raw": ""}},
    "the audit's answer is a list": {"audit": {"raw": "[]"}},
    "the audit's answer is deep": {"audit": {"raw": "[" * 100_000}},
    "the answer of another audit": {"audit": {"answer": {"nonce": "0" * 32}}},
    "an answer without a nonce": {"audit": {"raw": '{"found": true, "kind": "theorem", "problems": [], "axioms": []}'}},
    "the theorem is not there": {"audit": {"answer": {"found": False}}},
    "found is no boolean": {"audit": {"answer": {"found": "true"}}},
    "sorryAx": {"audit": {"answer": {"axioms": ["propext", "sorryAx"], "direct": True}}},
    "sorryAx of another theorem": {"audit": {"answer": {"axioms": ["sorryAx"], "direct": False}}},
    "an axiom": {"audit": {"answer": {"axioms": ["bad"]}}},
    "an axiom that only looks standard": {"audit": {"answer": {"axioms": ["Cheat.propext"]}}},
    "an axiom of the file with a standard name": {
        "audit": {"answer": {"axioms": ["propext"], "ownAxioms": ["propext"]}}
    },
    "own axioms missing": {"audit": {"answer": {"ownAxioms": None}}},
    "an axiom in other letters": {"audit": {"answer": {"axioms": ["Propext"]}}},
    "a compiled program": {"audit": {"answer": {"axioms": ["Lean.ofReduceBool"]}}},
    "a compiled program, newer": {"audit": {"answer": {"axioms": ["wrong._native.native_decide.ax_1_1"]}}},
    "trusted code": {"audit": {"answer": {"axioms": ["Lean.trustCompiler"]}}},
    "another type": {"audit": {"answer": {"problems": ["wrong has another type"]}}},
    "another value": {"audit": {"answer": {"problems": ["twice has another value"]}}},
    "a new axiom": {"audit": {"answer": {"problems": ["the axiom bad is new"]}}},
    "the kernel refuses it": {"audit": {"answer": {"problems": ["the kernel refuses it: type mismatch"]}}},
    "axioms missing": {"audit": {"answer": {"axioms": None}}},
    "axioms as text": {"audit": {"answer": {"axioms": "none"}}},
    "axioms that are numbers": {"audit": {"answer": {"axioms": [1]}}},
    "problems missing": {"audit": {"answer": {"problems": None}}},
    "direct missing": {"audit": {"answer": {"direct": None}}},
    "nothing was checked": {"audit": {"answer": {"constants": 0}}},
    "kind missing": {"audit": {"answer": {"kind": None}}},
    "leanchecker refuses it": {"leanchecker": 1},
}


@pytest.mark.parametrize("name", list(CHEATING_ANSWERS))
def test_an_answer_that_is_not_sound_proves_nothing(place: Path, name: str) -> None:
    said = verified(place, CHEATING_ANSWERS[name])
    assert said.verdict is Verdict.UNKNOWN
    assert said.reason


@pytest.mark.parametrize("name", ["another statement", "an axiom behind the proof", "an elaborator", "still open"])
def test_a_cheating_artefact_never_reaches_lean(place: Path, name: str) -> None:
    assert verified(place, {}, CHEATING_ARTEFACTS[name]).verdict is Verdict.UNKNOWN
    assert fake_lean.calls(place / "bin") == []


@pytest.mark.parametrize("allowed", ["*", '["sorryAx"]', '["propext", "sorryAx"]'])
def test_no_option_allows_the_proof_itself_to_be_open(place: Path, allowed: str) -> None:
    plan = {"audit": {"answer": {"axioms": ["sorryAx"], "direct": True}}}
    assert verified(place, plan, options={"allow_axioms": allowed}).verdict is Verdict.UNKNOWN


def test_a_search_beside_other_holes_could_find_the_axiom_that_closes_them(place: Path) -> None:
    source = "theorem pair : A ∧ B := ⟨by sorry, sorry⟩\n"
    (place / "Cheat.lean").write_text(source)
    hole = scan.find(source, "pair#1", "Cheat.lean")
    text = artefact(source, hole, [Step("exact?", subgoals=0)])
    assert verified(place, {}, text, "pair#1").verdict is Verdict.UNKNOWN
    assert fake_lean.calls(place / "bin") == []


needs_lean = pytest.mark.skipif(shutil.which("lean") is None, reason="lean is not installed")

REAL = """\
def twice (n : Nat) : Nat := n + n

axiom bad : False

theorem open_ : twice 1 = 3 := by sorry

theorem target : twice 2 = 4 := by sorry

theorem wrong : twice 1 = 3 := by sorry
"""


@pytest.mark.lean
@needs_lean
@pytest.mark.parametrize(
    ("name", "step", "verdict"),
    [
        ("target", "rfl", Verdict.PROVED),
        ("target", "decide", Verdict.PROVED),
        ("wrong", "rfl", Verdict.UNKNOWN),
        ("wrong", "exact bad.elim", Verdict.UNKNOWN),
        ("wrong", "exact open_", Verdict.UNKNOWN),
        ("wrong", "exact my_fake_premise", Verdict.UNKNOWN),
    ],
)
def test_with_real_lean(tmp_path: Path, name: str, step: str, verdict: Verdict) -> None:
    file = tmp_path / "Real.lean"
    file.write_text(REAL)

    async def run() -> Verification:
        async with Supervisor() as supervisor:
            lean = LeanChecker(supervisor)
            obligation = await lean.select(file, name, {})
            text = lean.artefact(obligation, [Step(step, subgoals=0)])
            return await lean.verify(obligation, text, "proved", Limits(120.0), {})

    said = asyncio.run(run())
    assert said.verdict is verdict, said
