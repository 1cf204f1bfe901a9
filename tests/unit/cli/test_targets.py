from __future__ import annotations

import os
from pathlib import Path

import pytest

from lemmata.errors import InputError, LemmataError, Location, UsageError
from lemmata.goal import Obligation
from lemmata.workflow import targets


def obligation(name: str) -> Obligation:
    return Obligation("programs", name, "int main(void) { }", Location("a.c", 1, 1))


def test_a_file_alone_has_no_selector(tmp_path: Path) -> None:
    file = tmp_path / "a.c"
    file.touch()
    assert targets.parse(str(file)) == targets.Target(str(file), file, None)


def test_what_follows_the_colon_is_the_selector(tmp_path: Path) -> None:
    file = tmp_path / "a.c"
    file.touch()
    target = targets.parse(f"{file}:main")
    assert (target.path, target.selector) == (file, "main")


def test_a_trailing_colon_selects_everything(tmp_path: Path) -> None:
    file = tmp_path / "a.c"
    file.touch()
    assert targets.parse(f"{file}:").selector is None


def test_a_file_name_may_contain_colons(tmp_path: Path) -> None:
    file = tmp_path / "a:b.c"
    file.touch()
    assert targets.parse(str(file)).selector is None
    target = targets.parse(f"{file}:f")
    assert (target.path, target.selector) == (file, "f")


def test_the_longest_existing_name_wins(tmp_path: Path) -> None:
    for name in ("a", "a:b"):
        (tmp_path / name).touch()
    target = targets.parse(f"{tmp_path}/a:b:c")
    assert (target.path.name, target.selector) == ("a:b", "c")


def test_a_selector_may_contain_colons(tmp_path: Path) -> None:
    file = tmp_path / "a.v"
    file.touch()
    assert targets.parse(f"{file}:Module::lemma").selector == "Module::lemma"


@pytest.mark.parametrize("name", ["missing.c", "missing.c:main", "no/such/folder.c", "x" * 5000, ":", "::"])
def test_what_does_not_exist_is_an_input_error(name: str) -> None:
    with pytest.raises(InputError) as caught:
        targets.parse(name)
    assert caught.value.exit_code == 2


def test_the_error_names_the_file_without_the_selector() -> None:
    with pytest.raises(InputError, match=r"^missing\.c: error: no such file; check the spelling$"):
        targets.parse("missing.c:main")


@pytest.mark.parametrize("text", ["", "a\0.c"])
def test_an_empty_target_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        targets.parse(text)


def test_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        targets.parse(str(tmp_path))
    pipe = tmp_path / "pipe.c"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="not a regular file"):
        targets.parse(str(pipe))


def test_selecting(tmp_path: Path) -> None:
    both = [obligation("f"), obligation("g")]
    path = tmp_path / "a.c"
    assert targets.select(targets.Target("a.c", path), both) == both
    assert targets.select(targets.Target("a.c:g", path, "g"), both) == both[1:]


def test_a_selector_may_name_the_line(tmp_path: Path) -> None:
    both = [obligation("f"), Obligation("programs", "f", "int main(void) { }", Location("a.c", 5, 1))]
    assert targets.select(targets.Target("a.c:f@5", tmp_path / "a.c", "f@5"), both) == both[1:]
    with pytest.raises(LemmataError, match="'f@6'"):
        targets.select(targets.Target("a.c:f@6", tmp_path / "a.c", "f@6"), both)


def test_an_unknown_selector_is_told_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(LemmataError, match="'h'; this file has: f, g"):
        targets.select(targets.Target("a.c:h", tmp_path / "a.c", "h"), [obligation("f"), obligation("g")])


def test_a_file_without_obligations_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to prove"):
        targets.select(targets.Target("a.c", tmp_path / "a.c"), [])
