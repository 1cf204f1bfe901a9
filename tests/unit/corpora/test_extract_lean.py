"""Step records of Lean files: replayed by a recorded REPL, each tactic taken again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pipe_peer
import pytest
from lean_extraction import MIT, done
from pipe_peer import Exchange, Fault

from corpora.lean.steps import Origin, Proof, Tactic, named, records, states, usable
from lemmata.cli import corpus_extraction as commands
from lemmata.errors import BackendMissing, InputError, UsageError

FIXTURES = Path(__file__).resolve().parents[4] / "shared" / "fixtures" / "lean-repl"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a Lean that only tells its version, and a REPL at the place that is returned."""
    home = tmp_path / "lean"
    (home / "bin").mkdir(parents=True)
    program = home / "bin" / "lean"
    program.write_text("#!/bin/sh\necho 'Lean (version 4.33.0, x86_64, Release)'\n")
    program.chmod(0o755)
    monkeypatch.setenv("LEAN_SYSROOT", str(home))
    monkeypatch.setenv("LEMMATA_LEAN_REPL", str(home / "repl"))
    return home / "repl"


def repl(place: Path, exchanges: Sequence[Exchange], fault: Fault | None = None) -> None:
    unknown = json.dumps({"message": "Lean error:\nnot recorded"})
    pipe_peer.write(place.parent, place.name, exchanges, framing="blank", fault=fault, unknown=unknown)


def entry(tactic: str, line: int, column: int, goals: str, state: int, *constants: str) -> dict[str, Any]:
    return {
        "tactic": tactic,
        "proofState": state,
        "pos": {"line": line, "column": column},
        "endPos": {"line": line, "column": column + len(tactic)},
        "goals": goals,
        "usedConstants": list(constants),
    }


def left(state: int, *goals: str) -> dict[str, Any]:
    status = "Incomplete: open goals remain" if goals else "Completed"
    return {"proofStatus": status, "proofState": state, "goals": list(goals)}


def asked(tactic: str, state: int, answer: dict[str, Any]) -> Exchange:
    return Exchange({"tactic": tactic, "proofState": state}, (json.dumps(answer),))


def test_what_the_real_repl_said_becomes_a_record(installed: Path, tmp_path: Path) -> None:
    place = FIXTURES / "all_tactics-20250622.in"
    if not place.is_file():
        pytest.skip(f"no recorded conversations: {FIXTURES} is absent")
    requests = [json.loads(text) for text in place.read_text("utf-8").split("\n\n") if text.strip()]
    answers = place.with_name("all_tactics-20250622.expected.out").read_text("utf-8").split("\n\n")
    given = [answer for answer in answers if answer.strip()]
    repl(installed, [Exchange(request, (answer,)) for request, answer in zip(requests, given, strict=True)])
    file = tmp_path / "A.lean"
    file.write_text(requests[0]["cmd"])
    (record,) = done([file]).records
    assert (record["step"], record["goal"], record["after"]) == ("exact hp", "P : Prop\nhp : P\n⊢ P", [])
    assert (record["line"], record["column"], record["index"], record["steps"]) == (2, 3, 0, 1)
    assert record["hypotheses"] == [["P", "Prop"], ["hp", "P"]]
    assert record["statement"] == "example (P : Prop) (hp : P) : P"


FILE = """\
import Init
namespace N
theorem both (p q : Prop) (h : p ∧ q) : q ∧ p := by
  constructor
  · exact And.right h
  · exact h.1
theorem hard : False := by
  sorry
theorem wrong : 1 = 2 := by
  rfl
end N
def data : Nat := by exact 3
"""
CONTEXT = "p q : Prop\nh : p ∧ q\n"
TWO = (f"case left\n{CONTEXT}⊢ q", f"case right\n{CONTEXT}⊢ p")


def conversation(text: str) -> list[Exchange]:
    told = {
        "env": 0,
        "tactics": [
            entry("constructor", 4, 2, f"{CONTEXT}⊢ q ∧ p", 0, "And.intro"),
            entry("· exact And.right h", 5, 2, "\n".join(TWO), 1),
            entry("exact And.right h", 5, 4, TWO[0], 2, "And.right", "And"),
            entry("exact h.1", 6, 4, TWO[1], 3, "And.left"),
            entry("exact 3", 12, 21, "⊢ Nat", 4),
            entry("rfl", 10, 2, "⊢ 1 = 2", 5),
        ],
        "sorries": [{"pos": {"line": 8, "column": 2}, "endPos": {"line": 8, "column": 7}, "goal": "⊢ False"}],
        "messages": [
            {"severity": "error", "pos": {"line": 10, "column": 2}, "endPos": None, "data": "not equal"},
            {
                "severity": "warning",
                "pos": {"line": 7, "column": 8},
                "endPos": None,
                "data": "declaration uses `sorry`",
            },
        ],
    }
    return [
        Exchange({"cmd": text, "allTactics": True}, (json.dumps(told),)),
        asked("constructor", 0, left(6, *TWO)),
        asked("exact And.right h", 2, left(7)),
        asked("exact h.1", 3, {"message": "Lean error:\nno"}),
    ]


def project(folder: Path, lakefile: str = 'name = "proofs"\nversion = "1.2"\n') -> Path:
    (folder / "N").mkdir(parents=True)
    (folder / "lakefile.toml").write_text(lakefile)
    (folder / "LICENSE").write_text(MIT)
    file = folder / "N" / "Both.lean"
    file.write_text(FILE, encoding="utf-8")
    built = folder / ".lake" / "packages" / "other"
    built.mkdir(parents=True)
    (built / "Other.lean").write_text("theorem no : False := sorry\n")
    return file


def test_each_tactic_is_taken_again(installed: Path, tmp_path: Path) -> None:
    project(tmp_path / "work")
    repl(installed, conversation(FILE))
    part = done([tmp_path / "work"])
    first, second = part.records
    assert (first["theorem"], first["step"], first["index"], first["steps"]) == ("N.both", "constructor", 0, 4)
    assert (first["goal"], first["after"]) == (f"{CONTEXT}⊢ q ∧ p", list(TWO))
    assert (second["step"], second["goal"], second["after"]) == ("exact And.right h", TWO[0], [])
    # `And` is in the proof, but the step does not name it.
    assert (first["premises"], second["premises"]) == ([], ["And.right"])
    assert {(r["file"], r["package"], r["version"], r["licence"]) for r in part.records} == {
        ("N/Both.lean", "proofs", "1.2", "MIT")
    }
    assert part.counts == {
        "files": 1,
        "files replayed to the end": 1,
        "proofs": 1,
        "proofs given up by their authors": 1,
        "steps": 4,
        "steps recorded": 2,
        "steps left out: no plain tactic": 1,
        "steps left out: Lean does not take it again": 1,
        "tactics outside of theorems": 1,
    }
    assert [(failure.item, failure.reason) for failure in part.failures] == [("N/Both.lean:10:3", "Lean refuses this")]


def test_options_of_the_project_hold_and_move_nothing(installed: Path, tmp_path: Path) -> None:
    text = "theorem t : True := by trivial\n"
    file = project(tmp_path / "work", 'name = "p"\n[leanOptions]\nautoImplicit = false\n')
    file.write_text(text)
    sent = " set_option autoImplicit false " + text
    told = {"env": 0, "tactics": [entry("trivial", 1, sent.index("trivial"), "⊢ True", 0)]}
    repl(installed, [Exchange({"cmd": sent, "allTactics": True}, (json.dumps(told),)), asked("trivial", 0, left(1))])
    (record,) = done([file]).records
    assert (record["line"], record["column"]) == (1, text.index("trivial") + 1)


@pytest.mark.parametrize(("kind", "reason"), [("die", "the Lean REPL died"), ("hang", "timeout"), ("garbage", "died")])
def test_what_was_taken_before_the_repl_broke_is_kept(kind: str, reason: str, installed: Path, tmp_path: Path) -> None:
    text = "theorem a : True := by\n  trivial\ntheorem b : True := by\n  trivial\n"
    (tmp_path / "A.lean").write_text(text)
    told = {"env": 0, "tactics": [entry("trivial", line, 2, "⊢ True", line) for line in (2, 4)]}
    first = Exchange({"cmd": text, "allTactics": True}, (json.dumps(told),))
    repl(installed, [first, asked("trivial", 2, left(5)), asked("trivial", 4, left(6))], Fault(2, kind))
    part = done([tmp_path / "A.lean"], seconds=2.0)
    assert [record["theorem"] for record in part.records] == ["a"]
    assert part.counts["files replayed to the end"] == 0
    assert [reason in failure.reason for failure in part.failures] == [True]
    assert part.failures[0].item == "A.lean:3:1"


def test_without_lean_there_is_a_way_to_get_it(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "A.lean").write_text("theorem a : True := trivial\n")
    with pytest.raises(BackendMissing) as caught:
        commands.extract_lean([tmp_path / "A.lean"], tmp_path / "out")
    assert caught.value.exit_code == 4
    monkeypatch.setenv("LEAN_SYSROOT", str(tmp_path))
    with pytest.raises(BackendMissing):
        commands.extract_lean([tmp_path / "A.lean"], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(InputError, match="no such file"):
        commands.extract_lean([tmp_path / "B.lean"], tmp_path / "out")
    (tmp_path / "A.json").write_text("[]")
    with pytest.raises(UsageError, match="one after the other"):
        commands.extract_lean([tmp_path / "A.lean", tmp_path / "A.json"], tmp_path / "out")


def recorded(before: str, after: str | None, text: str = "simp") -> tuple[list[dict[str, Any]], Counter[str]]:
    counts: Counter[str] = Counter()
    goals = tuple(before.split("|"))
    behind = None if after is None else tuple(goal for goal in after.split("|") if goal)
    proof = Proof("t", "theorem t", (Tactic(1, 1, text, goals, behind, ()),))
    return [r.to_json() for r in records(Origin("p", "1", "MIT", "A.lean"), [proof], counts)], counts


def test_a_step_is_about_one_goal_unless_goals_depend_on_each_other() -> None:
    (record,), _ = recorded("⊢ a|⊢ b", "⊢ c|⊢ d|⊢ b")
    assert (record["goal"], record["after"]) == ("⊢ a", ["⊢ c", "⊢ d"])
    (record,), _ = recorded("⊢ a|⊢ b", "⊢ b")
    assert record["after"] == []
    (record,), _ = recorded("⊢ P ?x|⊢ Q ?x", "⊢ R ?x|⊢ Q ?x")
    assert (record["goal"], record["after"]) == ("⊢ P ?x\n\n⊢ Q ?x", ["⊢ R ?x\n\n⊢ Q ?x"])
    for after, reason in (("⊢ b|⊢ a", "other goals"), ("⊢ a|⊢ b", "nothing"), (None, "again")):
        none, counts = recorded("⊢ a|⊢ b", after)
        assert none == []
        assert reason in "".join(counts)
    none, counts = recorded("⊢ a", "⊢ " + "b" * 20_000)
    assert none == []
    assert counts["steps left out: a goal is too long"] == 1
    for goal in ("⊢ \udc80", "⊢ \0"):
        none, counts = recorded("⊢ a", goal)
        assert none == []
        assert counts["steps left out: a goal is no text"] == 1
    for text in ("· simp", "simp; simp", "sorry", "exact?", "theorem u : True", "simp \ud800", "/-"):
        assert recorded("⊢ a", "", text)[0] == []


# What Lean 4.28 prints behind `constructor`, and behind `refine ⟨?n, ?h⟩`.
PRINTED = f"{TWO[0]}\n\n{TWO[1]}\n"
DEPENDENT = "case n\n⊢ Nat\n\ncase h\n⊢ ?n = ?n\n"


def test_goals_are_told_apart_as_lean_prints_them() -> None:
    assert states(PRINTED) == TWO
    assert states("no goals") == ()
    counts: Counter[str] = Counter()
    before = states("⊢ ∃ n : Nat, n = n")
    tactic = Tactic(1, 1, "refine ⟨?n, ?h⟩", before, states(DEPENDENT), ())
    (record,) = records(Origin("p", "1", "MIT", "A.lean"), [Proof("t", "theorem t", (tactic,))], counts)
    assert record.after == ("case n\n⊢ Nat\n\ncase h\n⊢ ?n = ?n",)


def test_comments_are_no_part_of_a_step() -> None:
    assert usable("simp /- why -/ [h] -- because") == "simp  [h]"
    assert usable("  constructor\n") == "constructor"
    assert named("rw [add_comm, Nat.mul_comm]", ["Nat.mul_comm", "Nat.add_comm", "Eq"]) == (
        "Nat.add_comm",
        "Nat.mul_comm",
    )
