"""Finding the Lean REPL, having it built, and what is said where it is missing."""

from __future__ import annotations

import subprocess
import sys
import types
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from checkers.lean import setup
from lemmata.errors import BackendError, BackendMissing, InputError, UsageError


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be no REPL, no lean-interact and nothing remembered."""
    empty = tmp_path / "bin"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(setup.VARIABLE, raising=False)
    monkeypatch.setitem(sys.modules, "lean_interact", None)


def program(folder: Path, name: str = "repl") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text("#!/bin/sh\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def test_a_missing_repl_is_told_with_the_command_that_sets_it_up(tmp_path: Path) -> None:
    with pytest.raises(BackendMissing) as caught:
        setup.repl_command(tmp_path, "4.22.0")
    assert "pip install 'lemmata[lean]'" in caught.value.hint
    assert f"python -m checkers.lean.setup {tmp_path}" in caught.value.hint
    assert "\n" not in str(caught.value)


def test_the_variable_goes_before_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path = program(tmp_path / "bin")
    assert setup.repl_command(None, "") == (str(on_path),)
    other = program(tmp_path / "my own", "lean repl")
    monkeypatch.setenv(setup.VARIABLE, f"'{other}' --flag")
    assert setup.repl_command(None, "") == (str(other), "--flag")
    monkeypatch.setenv(setup.VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(BackendMissing, match=setup.VARIABLE):
        setup.repl_command(None, "")


def interact(monkeypatch: pytest.MonkeyPatch, cache: Path, *, builds: bool = True, fails: bool = False) -> list[object]:
    """Install a stand-in for lean-interact; return what it is asked for."""
    asked: list[object] = []

    class Config:
        def __init__(self, lean_version: str | None = None, project: object = None, verbose: bool = False) -> None:
            asked.append(project or lean_version)
            if fails:
                raise RuntimeError("Failed to build the REPL")
            self.cache_repl_dir = str(cache)
            self.lean_version = lean_version or "v4.22.0"
            if builds:
                program(cache / ".lake" / "build" / "bin")
                (cache / "lean-toolchain").write_text("leanprover/lean4:v4.22.0\n", encoding="utf-8")

    module = types.ModuleType("lean_interact")
    module.__spec__ = ModuleSpec("lean_interact", None)
    module.LeanREPLConfig = Config  # type: ignore[attr-defined]
    module.LocalProject = lambda directory, auto_build: directory  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lean_interact", module)
    return asked


def test_what_was_built_is_found_for_its_version_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "lean-toolchain").write_text("leanprover/lean4:v4.22.0\n", encoding="utf-8")
    asked = interact(monkeypatch, tmp_path / "built")
    assert setup.main([str(project)]) == 0
    assert asked == [str(project)]
    built = tmp_path / "built" / ".lake" / "build" / "bin" / "repl"
    assert setup.repl_command(project, "4.22.0") == (str(built),)
    assert setup.home((str(built),)) == tmp_path / "built"
    assert len(asked) == 1
    with pytest.raises(BackendMissing):
        setup.repl_command(project, "4.21.0")
    built.unlink()
    with pytest.raises(BackendMissing):
        setup.repl_command(project, "4.22.0")


def test_what_goes_wrong_in_setting_up_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BackendMissing, match="lean-interact"):
        setup.make(None)
    with pytest.raises(InputError, match="lean-toolchain"):
        setup.make(tmp_path)
    for version in ("v4.7.0", "new"):
        with pytest.raises(UsageError):
            setup.make(None, version)
    assert setup.main([]) == 4
    assert capsys.readouterr().err.count("\n") == 1
    assert setup.main(["--help"]) == 2
    interact(monkeypatch, tmp_path / "built", fails=True)
    with pytest.raises(BackendError, match="Failed to build"):
        setup.make(None, "v4.22.0")
    interact(monkeypatch, tmp_path / "built", builds=False)
    with pytest.raises(BackendError, match="built no REPL"):
        setup.make(None)


def test_a_spoilt_memory_is_no_memory(tmp_path: Path) -> None:
    place = tmp_path / "cache" / "lemmata" / "lean-repl.json"
    place.parent.mkdir(parents=True)
    for text in ("", "[]", "[" * 10_000, '{"4.22.0": 3}', "\x00"):
        place.write_text(text, encoding="utf-8")
        with pytest.raises(BackendMissing):
            setup.repl_command(None, "4.22.0")


def test_nothing_large_is_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys, checkers.lean.session, checkers.lean.setup, corpora.lean.dojo, corpora.lean.tracing;"
        "sys.exit(any(m.split('.')[0] in ('lean_interact', 'lean_dojo') for m in sys.modules))"
    )
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
