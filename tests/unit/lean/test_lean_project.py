"""Which project a Lean file belongs to, how it is compiled, and finding Lean itself."""

from __future__ import annotations

import os
from pathlib import Path

import fake_lean
import pytest

from checkers.lean import installation
from checkers.lean.project import project, unsafe_option
from lemmata.errors import BackendMissing, InputError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LEAN_PATH", "LEAN_SYSROOT", "ELAN_HOME", "LEMMATA_LEAN_REPL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "bin"), "/usr/bin", "/bin"]))
    return tmp_path


def test_no_project(tmp_path: Path) -> None:
    found = project(tmp_path / "odd-name.lean")
    assert (found.root, found.module, found.arguments) == ("", "«odd-name»", ())


def test_toml(tmp_path: Path) -> None:
    (tmp_path / "lakefile.toml").write_text(
        'name = "x"\n[leanOptions]\nautoImplicit = false\nmaxRecDepth = 1000\npp.unicode.fun = true\n'
        '[[lean_lib]]\nname = "X"\n[lean_lib.leanOptions]\nweak.linter.x = "true"\n"bad name" = 1\n'
    )
    (tmp_path / "lean-toolchain").write_text("leanprover/lean4:v4.9.0\n")
    found = project(tmp_path / "A" / "B.lean")
    assert found.root == str(tmp_path)
    assert found.module == "A.B"
    assert found.toolchain == "leanprover/lean4:v4.9.0"
    assert found.arguments == (
        *("-DautoImplicit=false", "-DmaxRecDepth=1000", "-Dpp.unicode.fun=true", "-Dweak.linter.x=true"),
    )


def test_lean(tmp_path: Path) -> None:
    (tmp_path / "lakefile.lean").write_text(
        "import Lake\nopen Lake DSL\npackage x where\n  leanOptions := #[⟨`autoImplicit, false⟩, -- ⟨`no, true⟩\n"
        "    ⟨`pp.unicode.fun, true⟩, ⟨`maxRecDepth, .ofNat 5⟩, ⟨`trace.x, f y⟩]\n"
    )
    assert project(tmp_path / "A.lean").arguments == ("-DautoImplicit=false", "-Dpp.unicode.fun=true")


@pytest.mark.parametrize("text", ["[", "leanOptions = 3\nlean_lib = 4\n[a]\n", "\0", "lean_lib = [1]"])
def test_odd_project_files(tmp_path: Path, text: str) -> None:
    (tmp_path / "lakefile.toml").write_text(text)
    try:
        assert project(tmp_path / "A.lean").arguments == ()
    except InputError as error:
        assert error.location is not None


@pytest.mark.parametrize("text", ["", "../../x", "a b", "$(x)", "\n\n"])
def test_odd_toolchains(tmp_path: Path, text: str) -> None:
    (tmp_path / "lean-toolchain").write_text(text)
    assert project(tmp_path / "A.lean").toolchain in ("", "a")


def test_options() -> None:
    assert not unsafe_option(["-DmaxRecDepth=3", "-Dweak.linter.all=true"])
    for word in ("-Ddebug.skipKernelTC=true", "-Dweak.debug.x=1", "--run", "-t0", "-DmaxRecDepth", "x.lean"):
        assert unsafe_option([word])


def test_lean_on_the_path(home: Path) -> None:
    fake_lean.write(home / "bin", version="4.28.0-rc1")
    found = installation.find(home / "A.lean")
    assert found.version == "4.28.0-rc1"
    assert found.number == (4, 28)
    assert found.lake == str(home / "bin" / "lake")
    assert found.checker == (str(home / "bin" / "leanchecker"),)
    assert found.repl is None


def test_in_elans_folder(home: Path) -> None:
    fake_lean.write(home / "home" / ".elan" / "bin", checker=False)
    found = installation.find()
    assert found.lean == str(home / "home" / ".elan" / "bin" / "lean")
    assert found.checker == ()


def test_the_toolchain_that_is_asked_for(home: Path) -> None:
    (home / "lean-toolchain").write_text("leanprover/lean4:v4.9.0\n")
    elan = home / "home" / ".elan"
    fake_lean.write(elan / "bin")
    (elan / "bin" / "elan").touch()
    with pytest.raises(BackendMissing) as error:
        installation.find(home / "A.lean")
    assert "elan toolchain install leanprover/lean4:v4.9.0" in error.value.hint
    fake_lean.write(elan / "toolchains" / "leanprover--lean4---v4.9.0" / "bin", version="4.9.0")
    installation._find.cache_clear()
    assert installation.find(home / "A.lean").version == "4.9.0"


def test_sysroot(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_lean.write(home / "root" / "bin", version="4.10.0")
    monkeypatch.setenv("LEAN_SYSROOT", str(home / "root"))
    assert installation.find().version == "4.10.0"
    monkeypatch.setenv("LEAN_SYSROOT", str(home))
    with pytest.raises(BackendMissing):
        installation.find()


def test_the_repl(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_lean.write(home / "bin")
    monkeypatch.setenv("LEMMATA_LEAN_REPL", "lake --dir '/a b' exe repl")
    assert installation.find().repl == ("lake", "--dir", "/a b", "exe", "repl")


@pytest.mark.parametrize("version", ["3.4.2", "4.7.0", "unknown"])
def test_versions_that_will_not_do(home: Path, version: str) -> None:
    fake_lean.write(home / "bin", version=version)
    with pytest.raises(BackendMissing):
        installation.find()


def test_nothing(home: Path) -> None:
    with pytest.raises(BackendMissing) as error:
        installation.find()
    assert str(error.value).count("\n") == 0
    assert "curl https://elan.lean-lang.org/elan-init.sh -sSf | sh" in error.value.hint
    assert "pip install 'lemmata[lean]'" in error.value.hint


def test_a_lean_that_does_not_run(home: Path) -> None:
    (home / "bin").mkdir()
    (home / "bin" / "lean").write_text("#!/nowhere/at/all\n")
    (home / "bin" / "lean").chmod(0o755)
    with pytest.raises(BackendMissing):
        installation.find()
