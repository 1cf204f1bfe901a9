"""The checker for Lean files, as far as it works without Lean."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import fake_lean
import pytest

from checkers.lean.checker import LeanChecker
from checkers.process import Supervisor
from lemmata.errors import BackendMissing, InputError
from lemmata.protocols import Catalogue, Equipped, Patcher, Scripted, Selector, Stated
from lemmata.step import Step
from lemmata.verdict import Limits

SOURCE = """\
theorem open_ (n : Nat) : n = n := by
  sorry

theorem done : True := trivial

theorem half : True ∧ True := ⟨trivial, sorry⟩
"""


@pytest.fixture
def lean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> LeanChecker:
    for name in ("LEAN_PATH", "LEAN_SYSROOT", "ELAN_HOME", "LEMMATA_LEAN_REPL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "bin"), "/usr/bin", "/bin"]))
    return LeanChecker(Supervisor())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "A.lean"
    path.write_text(SOURCE)
    return path


def test_what_it_offers(lean: LeanChecker) -> None:
    for protocol in (Selector, Catalogue, Scripted, Patcher, Equipped, Stated):
        assert isinstance(lean, protocol)


def test_obligations(lean: LeanChecker, file: Path) -> None:
    found = asyncio.run(lean.obligations(file, {}))
    assert [(o.name, o.location.line, o.location.column) for o in found] == [("open_", 1, 1), ("half#1", 6, 41)]
    assert lean.statement(found[0]) == "theorem open_ (n : Nat) : n = n"


def test_catalogue(lean: LeanChecker, file: Path) -> None:
    found = asyncio.run(lean.catalogue(file, {}))
    assert [o.name for o in found] == ["open_", "done", "half", "half#1"]


def test_select(lean: LeanChecker, file: Path) -> None:
    chosen = asyncio.run(lean.select(file, "done", {"allow_axioms": '["x"]', "other": "1"}))
    assert dict(chosen.options).keys() == {"allow_axioms", "arguments", "module", "project", "toolchain"}
    assert list(chosen.options) == sorted(chosen.options)
    with pytest.raises(InputError):
        asyncio.run(lean.select(file, "nothing", {}))


def test_artefact_and_script(lean: LeanChecker, file: Path) -> None:
    chosen = asyncio.run(lean.select(file, "open_", {}))
    assert lean.artefact(chosen, [Step("rfl", subgoals=0)]) == SOURCE.replace("by\n  sorry", "by\n  rfl")
    assert lean.script(chosen, [Step("rfl", subgoals=0)]) == "  rfl"


def test_a_large_file(lean: LeanChecker, file: Path) -> None:
    with pytest.raises(InputError):
        asyncio.run(lean.obligations(file, {"max_source_bytes": "10"}))


def test_without_lean(lean: LeanChecker, file: Path) -> None:
    said = asyncio.run(lean.probe())
    assert not said.available
    assert "elan" in said.install
    (tool,) = asyncio.run(lean.tools())
    assert not tool.ok
    assert "elan" in tool.install
    chosen = asyncio.run(lean.select(file, "open_", {}))
    with pytest.raises(BackendMissing) as error:
        asyncio.run(lean.open(chosen, Limits()))
    assert error.value.exit_code == 4


def test_with_lean(lean: LeanChecker, tmp_path: Path) -> None:
    fake_lean.write(tmp_path / "bin", checker=False)
    assert asyncio.run(lean.probe()).version == "4.15.0"
    tools = {tool.name: tool for tool in asyncio.run(lean.tools())}
    assert tools["lean"].ok
    assert "4.8" in tools["lean"].detail
    assert tools["lake"].ok
    assert not tools["leanchecker"].ok
    assert tools["leanchecker"].install
    assert not tools["repl"].ok
    assert "pip install" in tools["repl"].install
