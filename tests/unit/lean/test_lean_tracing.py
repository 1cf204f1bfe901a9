"""Tactics of whole files, as the REPL's `allTactics` and LeanDojo tell them."""

from __future__ import annotations

import asyncio
import json
import sys
import types
from pathlib import Path
from typing import Any

import lean_peer
import pytest
from pipe_peer import Exchange, Fault

from checkers.lean.repl import Launch
from checkers.lean.replies import CommandReply, read
from checkers.process import Supervisor
from corpora.lean import dojo, tracing
from corpora.lean.records import TacticRecord
from lemmata.errors import BackendError, BackendMissing, InputError
from lemmata.verdict import Limits


def trace(program: Path, file: Path, name: str = "", seconds: float = 5.0) -> list[TacticRecord]:
    async def run() -> list[TacticRecord]:
        async with Supervisor() as supervisor:
            limits = Limits(wall_seconds=seconds)
            found = await tracing.trace(supervisor, Launch((str(program),)), file, limits, name=name)
            assert not supervisor.live
            return found

    return asyncio.run(run())


@pytest.mark.parametrize("name", ["file", "file2"])
def test_a_recorded_file_is_traced(name: str, tmp_path: Path) -> None:
    conversation = lean_peer.recorded(name)
    program = lean_peer.write(tmp_path, conversation.exchanges)
    (record,) = trace(program, lean_peer.FIXTURES / f"{name}.lean", f"test/{name}.lean")
    expected = json.loads(conversation.exchanges[0].replies[0])["tactics"][0]
    assert record.tactic == expected["tactic"]
    assert record.goals == (expected["goals"],)
    assert (record.line, record.column) == (expected["pos"]["line"], expected["pos"]["column"] + 1)
    assert record.premises == tuple(expected["usedConstants"])
    source = (lean_peer.FIXTURES / f"{name}.lean").read_text("utf-8").splitlines()
    assert source[record.line - 1][record.column - 1 :].startswith(record.tactic)


def test_tactics_belong_to_the_theorem_around_them() -> None:
    text = (
        "namespace N\ntheorem a : 1 = 1 := by\n  rfl\nend N\n"
        "def f : Nat := by exact 3\ntheorem b : True := by\n  trivial\n"
    )

    def entry(tactic: str, line: int, column: int, goals: str = "⊢ p") -> dict[str, Any]:
        start, end = {"line": line, "column": column}, {"line": line, "column": column + 3}
        return {"tactic": tactic, "proofState": 0, "pos": start, "endPos": end, "goals": goals, "usedConstants": []}

    reply = read(
        {
            "env": 0,
            "tactics": [
                entry("trivial", 7, 2, "case l\n⊢ p\ncase r\n⊢ q"),
                entry("exact 3", 5, 18),
                entry("rfl", 3, 2),
                entry("\n  3 = 4 := by rfl", 3, 2),
                entry("done", 7, 2, "no goals"),
                entry("<failed to pretty print>", 7, 2),
            ],
        }
    )
    assert isinstance(reply, CommandReply)
    found = tracing.records(reply.tactics, text, "N.lean")
    assert [(r.theorem, r.tactic) for r in found] == [("N.a", "rfl"), ("", "exact 3"), ("b", "trivial")]
    assert found[2].goals == ("case l\n⊢ p", "case r\n⊢ q")


def test_a_file_that_lean_refuses_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "A.lean"
    file.write_text("theorem a : 1 = 2 := by\n  rfl\n", encoding="utf-8")
    request = {"path": str(file), "allTactics": True}
    message = {"severity": "error", "pos": {"line": 2, "column": 2}, "data": "not equal"}
    wrong = Exchange(request, (json.dumps({"env": 0, "messages": [message]}),))
    with pytest.raises(InputError, match="not equal") as caught:
        trace(lean_peer.write(tmp_path, [wrong]), file)
    assert caught.value.location is not None
    assert (caught.value.location.line, caught.value.location.column) == (2, 3)
    with pytest.raises(InputError, match="not recorded"):
        trace(lean_peer.write(tmp_path, []), file)
    with pytest.raises(InputError, match="cannot read"):
        trace(lean_peer.write(tmp_path, []), tmp_path / "B.lean")


@pytest.mark.parametrize("kind", ["die", "hang", "garbage", "half"])
def test_a_broken_repl_is_an_error(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "A.lean"
    file.write_text("theorem a : 1 = 1 := rfl\n", encoding="utf-8")
    right = Exchange({"path": str(file), "allTactics": True}, ('{"env": 0}',))
    with pytest.raises(BackendError):
        trace(lean_peer.write(tmp_path, [right], Fault(0, kind)), file, seconds=0.5)


class FakeTactic:
    """A traced tactic as LeanDojo has it."""

    tactic = "rw [add_comm]"
    state_before = "a b : ℕ\n⊢ a + b = b + a"
    start = types.SimpleNamespace(line_nb=3, column_nb=5)

    def get_annotated_tactic(self) -> tuple[str, list[dict[str, Any]]]:
        return "rw [<a>add_comm</a>]", [{"full_name": "Nat.add_comm"}, {"full_name": "Nat.add_comm"}]


def test_lean_dojo_gives_the_same_records(monkeypatch: pytest.MonkeyPatch) -> None:
    theorem = types.SimpleNamespace(
        theorem=types.SimpleNamespace(file_path=Path("A.lean"), full_name="N.a"),
        get_traced_tactics=lambda: [FakeTactic()],
    )
    module = types.ModuleType("lean_dojo")
    module.LeanGitRepo = lambda url, commit: (url, commit)  # type: ignore[attr-defined]
    traced = types.SimpleNamespace(get_traced_theorems=lambda: [theorem])
    module.trace = lambda repo, build_deps: traced  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lean_dojo", module)
    assert dojo.trace("https://example.org/repo", "c0ffee") == [
        TacticRecord("A.lean", "N.a", 3, 5, "rw [add_comm]", ("a b : ℕ\n⊢ a + b = b + a",), ("Nat.add_comm",))
    ]

    def broken(repo: object, build_deps: bool) -> None:
        raise AssertionError("unsupported Lean version")

    module.trace = broken  # type: ignore[attr-defined]
    with pytest.raises(BackendError, match="unsupported Lean version"):
        dojo.trace("https://example.org/repo", "c0ffee")
    monkeypatch.setitem(sys.modules, "lean_dojo", None)
    with pytest.raises(BackendMissing) as caught:
        dojo.trace("https://example.org/repo", "c0ffee")
    assert caught.value.hint == "pip install 'lemmata[lean]'"
