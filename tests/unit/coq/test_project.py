"""Load paths, logical names and project files; finding the installation itself."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from checkers.coq import installation
from checkers.coq.installation import Installation
from checkers.coq.project import Flags, flags
from lemmata.errors import BackendMissing, InputError, UsageError

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")


def installed(where: Path, version: str = "8.16.1") -> Installation:
    return Installation(("coqc",), ("coqtop",), (), version, where, "")


@pytest.fixture
def coq(tmp_path: Path) -> Installation:
    return installed(tmp_path / "coq")


def project(tmp_path: Path, text: str, name: str = "_CoqProject") -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / name).write_text(text)
    return folder


def test_no_project(tmp_path: Path, coq: Installation) -> None:
    assert flags(tmp_path / "A.v", {}, coq) == Flags((), "A")
    assert flags(tmp_path / "2 odd-name.v", {}, coq).top == "_2_odd_name"


@pytest.mark.parametrize("name", ["_CoqProject", "_RocqProject"])
def test_a_project_file(tmp_path: Path, coq: Installation, name: str) -> None:
    folder = project(
        tmp_path,
        '# a comment "\n-R theories Lib # -Q no comment\n-Q "two words" Two\n-I src\n-arg -noinit -arg "-w none"\n'
        "-arg \"-set 'Default Goal Selector=!'\" -custom a b c\n-install none\nVAR = -value\n"
        "theories/A.v theories/B.v\n",
        name,
    )
    assert flags(folder / "theories" / "Sub" / "A.v", {}, coq) == Flags(
        (
            *("-R", str(folder / "theories"), "Lib", "-Q", str(folder / "two words"), "Two", "-I", str(folder / "src")),
            *("-noinit", "-w", "none", "-set", "Default Goal Selector=!"),
        ),
        "Lib.Sub.A",
    )
    assert flags(folder / "two words" / "A.v", {}, coq).top == "Two.A"
    assert flags(folder / "other" / "A.v", {}, coq).top == "A"


def test_the_nearest_project_file_counts(tmp_path: Path, coq: Installation) -> None:
    folder = project(tmp_path, "-Q . Inner")
    (tmp_path / "_CoqProject").write_text("-Q . Outer")
    assert flags(folder / "A.v", {}, coq) == Flags(("-Q", str(folder), "Inner"), "Inner.A")
    assert flags(tmp_path / "A.v", {}, coq).top == "Outer.A"


def test_an_empty_logical_name(tmp_path: Path, coq: Installation) -> None:
    folder = project(tmp_path, '-Q . ""')
    assert flags(folder / "sub" / "A.v", {}, coq) == Flags(("-Q", str(folder), ""), "sub.A")


@pytest.mark.parametrize(
    ("text", "message"), [("-Q a", "lacks"), ("-I", "lacks"), ('\n-Q "a', "string"), ('-arg "\'a"', "quotation")]
)
def test_a_broken_project_file(tmp_path: Path, coq: Installation, text: str, message: str) -> None:
    folder = project(tmp_path, text)
    with pytest.raises(InputError, match=message) as caught:
        flags(folder / "A.v", {}, coq)
    assert caught.value.location is not None
    assert caught.value.location.line == text.count("\n") + 1


def test_a_project_file_that_is_no_text(tmp_path: Path, coq: Installation) -> None:
    folder = project(tmp_path, "")
    (folder / "_CoqProject").write_bytes(b"\xff")
    with pytest.raises(InputError, match="project file"):
        flags(folder / "A.v", {}, coq)


def test_further_arguments(tmp_path: Path, coq: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = flags(Path("sub/A.v"), {"coq_flags": json.dumps(["-Q", "sub", "Name", "-I", "/x", "-w", "none"])}, coq)
    assert found == Flags(("-Q", str(tmp_path / "sub"), "Name", "-I", "/x", "-w", "none"), "Name.A")


@pytest.mark.parametrize("text", ["-Q a b", '{"a": 1}', "[1]"])
def test_further_arguments_that_are_no_list(coq: Installation, text: str) -> None:
    with pytest.raises(UsageError, match="coq_flags"):
        flags(Path("A.v"), {"coq_flags": text}, coq)


@pytest.mark.parametrize(
    ("version", "file", "top", "arguments"),
    [
        ("8.16.1", "theories/Lists/List.v", "Coq.Lists.List", ()),
        ("8.16.1", "theories/Init/Logic.v", "Coq.Init.Logic", ("-noinit",)),
        ("8.16.1", "user-contrib/Ltac2/Init.v", "Ltac2.Init", ()),
        ("9.0.0", "theories/Init/Logic.v", "Corelib.Init.Logic", ("-noinit",)),
        ("9.0.0", "user-contrib/Stdlib/Lists/List.v", "Stdlib.Lists.List", ()),
    ],
)
def test_the_library(tmp_path: Path, version: str, file: str, top: str, arguments: tuple[str, ...]) -> None:
    assert flags(tmp_path / "coq" / file, {}, installed(tmp_path / "coq", version)) == Flags(arguments, top)


def test_a_copy_of_the_library(tmp_path: Path, coq: Installation) -> None:
    root = tmp_path / "copy"
    (tmp_path / "_CoqProject").write_text("-Q . Not")
    assert flags(root / "Init" / "Logic.v", {"root": str(root)}, coq) == Flags(("-noinit",), "Coq.Init.Logic")
    assert flags(tmp_path / "A.v", {"root": str(root)}, coq).top == "Not.A"


def test_a_link_into_the_library(tmp_path: Path, coq: Installation) -> None:
    (tmp_path / "coq" / "theories").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "coq" / "theories")
    assert flags(tmp_path / "link" / "Lists" / "List.v", {}, coq).top == "Coq.Lists.List"


@needs_coq
@pytest.mark.parametrize(
    "text", ["-Q a A\n", "-R . A\n-Q sub B\n", "-Q sub B\n-R . A\n", '-Q . ""\n', "-Q sub A.B\n", "-Q . A\n-Q . B\n"]
)
def test_logical_names_are_those_of_coq(tmp_path: Path, text: str) -> None:
    folder = project(tmp_path, text)
    (folder / "sub").mkdir()
    file = folder / "sub" / "F.v"
    file.write_text("Definition x := 1. Locate x.")
    found = flags(file, {}, installation.find())
    command = [*installation.find().compiler, "-q", "-w", "none", *found.arguments, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert f"Constant {found.top}.x" in done.stdout


def command(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def coq_script(version: str, where: Path) -> str:
    return f'case "$*" in *-where) echo {where};; *--print-version) echo {version} 4.14.1;; esac'


def test_coqbin_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, where = tmp_path / "bin", tmp_path / "lib" / "coq"
    for name in ("coqc", "coqtop", "coqchk"):
        command(folder, name, coq_script("8.18.0", where))
    monkeypatch.setenv("COQBIN", f"{folder}/")
    found = installation.find()
    assert found == Installation(
        *((str(folder / "coqc"),), (str(folder / "coqtop"),), (str(folder / "coqchk"),), "8.18.0", where, "")
    )
    assert installation.find() is found


def test_rocq(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, where = tmp_path / "bin", tmp_path / "lib" / "coq"
    for name in ("coqc", "coqtop", "rocq"):
        command(folder, name, coq_script("9.0.0", where))
    hammer = where / "user-contrib" / "Hammer" / "Tactics" / "Tactics.vo"
    hammer.parent.mkdir(parents=True)
    hammer.touch()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.delenv("COQBIN", raising=False)
    rocq = str(folder / "rocq")
    assert installation.find() == Installation((rocq, "compile"), (rocq, "repl"), (), "9.0.0", where, "installed")
    (where.parent / "coq-hammer-tactics").mkdir()
    (where.parent / "coq-hammer-tactics" / "META").write_text('description = "x"\nversion = "1.3.2"\n')
    installation._find.cache_clear()
    assert installation.find().hammer == "1.3.2"


@pytest.mark.parametrize(
    ("script", "message", "hint"),
    [
        (coq_script("8.15.2", Path("/x")), "too old", "COQBIN"),
        ("echo unknown", "version", "install"),
        ("echo broken >&2; exit 3", "broken", "install"),
    ],
)
def test_an_installation_that_will_not_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str, hint: str
) -> None:
    for name in ("coqc", "coqtop"):
        command(tmp_path / "bin", name, script)
    monkeypatch.setenv("COQBIN", str(tmp_path / "bin"))
    with pytest.raises(BackendMissing, match=message) as caught:
        installation.find()
    assert hint in caught.value.hint


def test_nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COQBIN", str(tmp_path))
    with pytest.raises(BackendMissing, match="COQBIN") as caught:
        installation.find()
    assert "unset" in caught.value.hint
    monkeypatch.delenv("COQBIN")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackendMissing, match="not installed") as caught:
        installation.find()
    assert "apt-get install coq" in caught.value.hint


@needs_coq
def test_the_coq_that_is_here() -> None:
    found = installation.find()
    assert (found.where / "theories").is_dir()
    assert int(found.version.partition(".")[0]) >= 8
