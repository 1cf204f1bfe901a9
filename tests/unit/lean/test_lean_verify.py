"""Verification of Lean proofs against a stand-in: what is run, in which order, and what each answer leads to."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fake_lean
import pytest

from checkers.lean.checker import LeanChecker
from checkers.process import Supervisor
from lemmata.errors import BackendMissing, InputError
from lemmata.goal import Obligation
from lemmata.step import Step
from lemmata.verdict import Limits, Verdict, Verification

LIMITS = Limits(60.0)
SOURCE = """\
import Mathlib

namespace Numbers

theorem small (x : ℕ) (h : x = 2) : x < 3 ∧ True := by sorry

example : 1 = 1 := by sorry

theorem both (p q : Prop) (hp : p) (hq : q) : p ∧ q := ⟨sorry, by sorry⟩

theorem given : 1 + 1 = 2 := by norm_num

instance : Inhabited ℕ := ⟨sorry⟩

end Numbers
"""
STEPS = (Step("constructor", subgoals=2), Step("omega", subgoals=0), Step("trivial", subgoals=0))


class World:
    """A folder with a file and a stand-in for Lean."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        monkeypatch.setenv("PATH", os.pathsep.join([str(self.bin), "/usr/bin", "/bin"]))
        monkeypatch.setenv("HOME", str(folder))
        for name in ("LEAN_PATH", "LEAN_SYSROOT", "ELAN_HOME"):
            monkeypatch.delenv(name, raising=False)
        self.file = folder / "Numbers.lean"
        self.file.write_text(SOURCE)

    def prove(
        self,
        name: str = "small",
        steps: tuple[Step, ...] = STEPS,
        plan: Mapping[str, Any] | None = None,
        artefact: str | None = None,
        options: Mapping[str, str] | None = None,
        checker: bool = True,
        claim: str = "proved",
    ) -> Verification:
        fake_lean.write(self.bin, plan, checker=checker)

        async def run() -> Verification:
            async with Supervisor() as supervisor:
                lean = LeanChecker(supervisor)
                obligation = await lean.select(self.file, name, options or {})
                text = lean.artefact(obligation, steps) if artefact is None else artefact
                return await lean.verify(obligation, text, claim, LIMITS, options or {})

        return asyncio.run(run())

    def purposes(self) -> list[str]:
        return [call["purpose"] for call in fake_lean.calls(self.bin)]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def test_a_sound_proof_is_proved(world: World) -> None:
    said = world.prove()
    assert said.verdict is Verdict.PROVED, said
    assert [audit.result for audit in said.audits] == ["passed"] * 5
    assert said.axioms == ("propext",)
    assert world.purposes() == ["artefact", "statement", "audit", "leanchecker"]
    assert said.attachments["proof.lean"].count("· ") == 2
    assert said.environment["lean"] == "4.15.0"


def test_what_is_compiled(world: World) -> None:
    world.prove()
    artefact, statement, audit, _ = fake_lean.calls(world.bin)
    assert artefact["text"] == SOURCE.replace(
        "x < 3 ∧ True := by sorry", "x < 3 ∧ True := by\n  constructor\n  · omega\n  · trivial"
    )
    assert statement["text"] == SOURCE
    assert "--json" in artefact["arguments"]
    assert audit["request"]["theorem"] == "Numbers.small"
    assert audit["path"] == ""


def test_without_leanchecker(world: World) -> None:
    said = world.prove(checker=False)
    assert said.verdict is Verdict.PROVED
    assert said.audits[-1].result == "unknown"


def test_leanchecker_must_not_contradict(world: World) -> None:
    assert world.prove(plan={"leanchecker": 1}).verdict is Verdict.UNKNOWN


def test_an_example_is_audited_under_a_name(world: World) -> None:
    said = world.prove("example@7", (Step("rfl", subgoals=0),))
    assert said.verdict is Verdict.PROVED, said
    assert world.purposes() == ["artefact", "statement", "named", "audit", "leanchecker"]
    calls = fake_lean.calls(world.bin)
    assert "example : 1 = 1 := by\n  rfl" in calls[0]["text"]
    assert "theorem _root_.lemmata_example : 1 = 1 := by sorry" in calls[1]["text"]
    assert "theorem _root_.lemmata_example : 1 = 1 := by\n  rfl" in calls[2]["text"]
    assert calls[3]["request"]["theorem"] == "lemmata_example"


def test_other_holes_are_closed_by_an_axiom(world: World) -> None:
    said = world.prove("both#1", (Step("exact hp", subgoals=0),))
    assert said.verdict is Verdict.PROVED, said
    assert said.axioms == ("propext",)
    closed = next(call for call in fake_lean.calls(world.bin) if call["purpose"] == "closed")
    axiom = closed["text"].split("axiom _root_.")[1].split(".")[0]
    assert f"⟨(by\n  exact hp), by exact (_root_.{axiom} _)⟩" in closed["text"]
    assert closed["text"].index("axiom") < closed["text"].index("theorem both")
    said = world.prove(
        "both#1", (Step("exact hp", subgoals=0),), {"audit-closed": {"answer": {"axioms": ["sorryAx"], "direct": True}}}
    )
    assert said.verdict is Verdict.UNKNOWN


def test_a_proof_that_is_there_is_replaced(world: World) -> None:
    said = world.prove("given", (Step("rfl", subgoals=0),), {"audit": {"answer": {"axioms": [], "direct": False}}})
    assert said.verdict is Verdict.PROVED
    assert said.axioms == ()
    statement = fake_lean.calls(world.bin)[1]
    assert "theorem given : 1 + 1 = 2 := by sorry" in statement["text"]


@pytest.mark.parametrize(
    ("axioms", "option", "verdict"),
    [
        (["Lean.ofReduceBool"], "", Verdict.UNKNOWN),
        (["Lean.ofReduceBool", "Lean.trustCompiler"], '["Lean.ofReduceBool", "Lean.trustCompiler"]', Verdict.PROVED),
        (["Numbers.choice"], '["Other.choice"]', Verdict.UNKNOWN),
        (["Numbers.choice"], '"*"', Verdict.UNKNOWN),
        (["Numbers.choice"], "*", Verdict.PROVED),
        (["propext", "Classical.choice", "Quot.sound"], "", Verdict.PROVED),
    ],
)
def test_axioms(world: World, axioms: list[str], option: str, verdict: Verdict) -> None:
    options = {"allow_axioms": option} if option else {}
    plan = {"audit": {"answer": {"axioms": axioms, "direct": False}}}
    if option == '"*"':
        verdict = Verdict.PROVED  # the same, as JSON text
    assert world.prove(plan=plan, options=options).verdict is verdict


def test_an_open_lemma_is_no_ground_to_stand_on(world: World) -> None:
    plan = {"audit": {"answer": {"axioms": ["sorryAx"], "direct": False}}}
    said = world.prove(plan=plan)
    assert said.verdict is Verdict.UNKNOWN
    assert "open" in said.reason
    assert world.prove(plan=plan, options={"allow_axioms": "*"}).verdict is Verdict.PROVED
    # Allowed by name, the audit program stops at the lemma, and tells its name.
    plan = {"audit": {"answer": {"axioms": ["Numbers.lemma"], "direct": False}}}
    said = world.prove(plan=plan, options={"allow_axioms": '["Numbers.lemma"]'})
    assert said.verdict is Verdict.PROVED
    assert fake_lean.calls(world.bin)[-2]["request"]["stop"] == ["Numbers.lemma"]


def test_an_instance_without_a_name_is_refused(world: World) -> None:
    said = world.prove("instance@13#1", (Step("exact 0", subgoals=0),))
    assert said.verdict is Verdict.UNKNOWN
    assert "name" in said.reason


def test_nothing_is_refuted(world: World) -> None:
    assert world.prove(claim="disproved").verdict is Verdict.UNKNOWN
    assert world.purposes() == []


def test_in_a_lake_project(world: World) -> None:
    (world.folder / "lakefile.toml").write_text('name = "x"\n[leanOptions]\nautoImplicit = false\n')
    said = world.prove(plan={"lean_path": "/one:/two"})
    assert said.verdict is Verdict.PROVED, said
    calls = fake_lean.calls(world.bin)
    assert calls[0]["arguments"] == ["env", "printenv", "LEAN_PATH"]
    assert "-DautoImplicit=false" in calls[1]["arguments"]
    assert calls[1]["path"] == "/one:/two"
    audit = next(call for call in calls if call["purpose"] == "audit")
    assert audit["path"] == ""
    assert audit["request"]["paths"] == ["/one", "/two"]


def test_a_project_that_lake_does_not_understand(world: World) -> None:
    (world.folder / "lakefile.lean").write_text("import Lake\n")
    said = world.prove(plan={"lake_exit": 1})
    assert said.verdict is Verdict.UNKNOWN
    assert world.purposes() == ["lake"]


def test_an_error_is_told_with_its_place(world: World) -> None:
    message = {"severity": "error", "pos": {"line": 5, "column": 2}, "data": "unsolved goals\n⊢ False"}
    said = world.prove(plan={"artefact": {"exit": 1, "messages": [message]}})
    assert said.verdict is Verdict.UNKNOWN
    assert said.reason == "Numbers.lean:5:3: unsolved goals ⊢ False"


def test_without_lean(world: World) -> None:
    obligation = asyncio.run(LeanChecker(Supervisor()).select(world.file, "small", {}))
    with pytest.raises(BackendMissing) as error:
        asyncio.run(LeanChecker(Supervisor()).verify(obligation, SOURCE, "proved", LIMITS, {}))
    assert "elan" in error.value.hint
    assert "\n" not in str(error.value)


def test_options_that_weaken_lean_are_refused(world: World) -> None:
    obligation = asyncio.run(LeanChecker(Supervisor()).select(world.file, "small", {}))
    fake_lean.write(world.bin)
    for argument in ("-Ddebug.skipKernelTC=true", "--trust=1024", "-Dweak.debug.x=1", "@file"):
        options = {**dict(obligation.options), "arguments": json.dumps([argument])}
        bad = Obligation("lean", "small", SOURCE, obligation.location, tuple(sorted(options.items())))
        with pytest.raises(InputError):
            asyncio.run(LeanChecker(Supervisor()).verify(bad, SOURCE, "proved", LIMITS, {}))


def test_compiles(world: World) -> None:
    fake_lean.write(world.bin)
    lean = LeanChecker(Supervisor())
    assert asyncio.run(lean.compiles(SOURCE, world.file, {}, LIMITS)) == ""
    message = {"severity": "error", "pos": {"line": 1, "column": 0}, "data": "bad"}
    fake_lean.write(world.bin, {"patched": {"exit": 1, "messages": [message]}})
    assert asyncio.run(lean.compiles(SOURCE, world.file, {}, LIMITS)) == "Numbers.lean:1:1: bad"
