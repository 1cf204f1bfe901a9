"""In which session a theory is checked, and with which other theories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checkers.isabelle import commands, project
from lemmata.errors import InputError, UsageError


def write(folder: Path, name: str, imports: str, body: str = "") -> Path:
    file = folder / f"{name}.thy"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"theory {file.stem} imports {imports} begin\n{body}\nend\n", encoding="utf-8")
    return file


def found(path: Path) -> project.Project:
    return project.of_file(path, commands.read(path.read_text("utf-8"), str(path)))


@pytest.mark.parametrize(
    ("imports", "logic", "sessions"),
    [
        ("Main", "HOL", ()),
        ("Complex_Main", "HOL", ()),
        ("Pure", "Pure", ()),
        ('Main "HOL-Library.Multiset"', "HOL-Library", ()),
        ('"HOL-Library.Multiset" "HOL-Analysis.Analysis"', "HOL-Analysis", ("HOL-Library",)),
        ('"HOL-Computational_Algebra.Primes"', "HOL-Computational_Algebra", ()),
        ('"~~/src/HOL/Library/Multiset"', "HOL-Library", ()),
    ],
)
def test_the_imports_tell_the_session(tmp_path: Path, imports: str, logic: str, sessions: tuple[str, ...]) -> None:
    around = found(write(tmp_path, "A", imports))
    assert (around.logic, around.sessions, around.directories) == (logic, sessions, ())


ROOT = r"""
chapter AFP
session Base (main) = "HOL-Library" +
  description "session Other = HOL"
  options [timeout = 600]
  sessions "HOL-Algebra" "HOL-Analysis"
  directories "sub"
  theories [document = false] A "sub/B"
  theories C
  document_files "root.tex"
(* session Commented = HOL + theories A *)
session Other = Base + theories D
"""


def test_the_nearest_root_tells_the_session(tmp_path: Path) -> None:
    (tmp_path / "ROOT").write_text(ROOT, encoding="utf-8")
    around = found(write(tmp_path, "sub/B", "Main"))
    assert (around.logic, around.sessions) == ("HOL-Library", ("HOL-Algebra", "HOL-Analysis", "HOL"))
    assert around.directories == (str(tmp_path),)
    assert found(write(tmp_path, "D", "Main")).logic == "Base"
    names = [(entry.name, entry.parent, entry.theories) for entry in project.sessions(ROOT, "ROOT")]
    assert names == [("Base", "HOL-Library", ("A", "B", "C")), ("Other", "Base", ("D",))]


def test_theories_beside_it_are_taken_along_in_order(tmp_path: Path) -> None:
    write(tmp_path, "A", "Main")
    write(tmp_path, "lib/B", '"../A" "HOL-Library.Multiset"')
    file = write(tmp_path, "C", 'A "lib/B" Main')
    around = found(file)
    assert [one.name for one in around.imports] == ["A", "B"]
    assert around.logic == "HOL-Library"
    texts = project.copies(around)
    assert texts["B"].startswith('theory B imports "A" "HOL-Library.Multiset" begin')
    header = project.header(commands.read(file.read_text("utf-8"), "C.thy"), ["A", "B"], "/tmp/x/")
    assert header == 'theory C imports "/tmp/x/A" "/tmp/x/B" Main begin'


def test_options_and_back(tmp_path: Path) -> None:
    write(tmp_path, "A", "Main")
    around = found(write(tmp_path, "B", "A"))
    assert project.of_options(around.options()) == around
    assert project.of_options({}) == project.Project("HOL", (), (), ())


@pytest.mark.parametrize(
    "options",
    [{"imports": "["}, {"sessions": "3"}, {"imports": "[[1, 2, 3]]"}, {"imports": '[["a"]]'}, {"sessions": '["a\\n"]'}],
)
def test_options_that_make_no_sense(options: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        project.of_options(options)


def test_a_theory_that_changed_since_is_not_used(tmp_path: Path) -> None:
    other = write(tmp_path, "A", "Main")
    around = found(write(tmp_path, "B", "A"))
    other.write_text("theory A imports Main begin axiomatization where f: False end", encoding="utf-8")
    with pytest.raises(InputError, match="has changed"):
        project.copies(around)
    other.unlink()
    with pytest.raises(InputError):
        project.copies(around)


def test_loops_and_doubles_are_errors_with_a_place(tmp_path: Path) -> None:
    write(tmp_path, "A", "B")
    with pytest.raises(InputError, match="imports itself") as caught:
        found(write(tmp_path, "B", "A"))
    assert caught.value.location is not None
    assert caught.value.location.file.endswith("A.thy")
    write(tmp_path, "x/C", "Main")
    write(tmp_path, "y/C", "Main")
    with pytest.raises(InputError, match="two theories"):
        found(write(tmp_path, "D", '"x/C" "y/C"'))


def test_what_is_missing_is_left_to_isabelle(tmp_path: Path) -> None:
    around = found(write(tmp_path, "A", "Nowhere Main"))
    assert around.imports == ()
    assert json.loads(around.options()["imports"]) == []


def test_an_import_that_no_file_can_be_called_is_none(tmp_path: Path) -> None:
    around = found(write(tmp_path, "A", f'Main "{"x" * 5000}" "a\x1bb" "A.*"'))
    assert around.imports == ()
