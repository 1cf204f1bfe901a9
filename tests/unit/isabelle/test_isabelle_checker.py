"""The checker without Isabelle, and what it says of an Isabelle that is missing, too old or broken."""

from __future__ import annotations

import asyncio
from pathlib import Path

import isabelle_peer as peer
import pytest

from checkers.isabelle import installation
from checkers.isabelle.checker import IsabelleChecker
from checkers.process import Supervisor
from lemmata.errors import BackendMissing, InputError
from lemmata.protocols import Catalogue, Equipped, Patcher, Scripted, Selector, Stated
from lemmata.step import Step
from lemmata.verdict import Limits

SOURCE = 'theory A imports Main begin\nlemma a: "x" sorry\nlemma b: "y" by simp\nend\n'


@pytest.fixture
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ISABELLE_TOOL", "ISABELLE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.mark.usefixtures("_nowhere")
def test_without_isabelle_texts_can_be_read_and_written(tmp_path: Path) -> None:
    file = tmp_path / "A.thy"
    file.write_text(SOURCE, encoding="utf-8")
    checker = IsabelleChecker(Supervisor())
    for protocol in (Catalogue, Equipped, Patcher, Scripted, Selector, Stated):
        assert isinstance(checker, protocol)

    async def run() -> None:
        (one,) = await checker.obligations(file, {})
        assert (one.name, one.location.line, one.location.column) == ("a", 2, 1)
        assert [o.name for o in await checker.catalogue(file, {})] == ["a", "b"]
        assert checker.statement(one) == 'lemma a: "x"'
        assert checker.artefact(one, [Step("by simp", subgoals=0)]) == SOURCE.replace("sorry", "by simp")
        assert checker.script(one, [Step("by simp", subgoals=0)]) == "  by simp"
        availability = await checker.probe()
        assert not availability.available
        assert availability.install.startswith("download it from https://isabelle.in.tum.de")
        (tool,) = await checker.tools()
        assert (tool.ok, tool.name) == (False, "isabelle")
        assert "Isabelle2021 or newer" in tool.detail
        for work in (checker.open(one, Limits()), checker.verify(one, SOURCE, "proved", Limits(), {})):
            with pytest.raises(BackendMissing) as caught:
                await work
            assert "\n" not in caught.value.message
            assert caught.value.hint
            assert caught.value.exit_code == 4

    asyncio.run(run())


@pytest.mark.parametrize(
    ("version", "message"), [("Isabelle2019", "too old"), ("hello", "no release"), ("", "no release")]
)
@pytest.mark.usefixtures("_nowhere")
def test_an_isabelle_that_will_not_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, message: str
) -> None:
    program = peer.write(tmp_path, version=version)
    monkeypatch.setenv("ISABELLE_TOOL", str(program))
    with pytest.raises(BackendMissing, match=message):
        installation.find()


@pytest.mark.usefixtures("_nowhere")
def test_where_isabelle_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "Isabelle2024" / "bin"
    home.mkdir(parents=True)
    program = peer.write(home, version="Isabelle2024")
    monkeypatch.setenv("ISABELLE_HOME", str(home.parent))
    found = installation.find()
    assert (found.program, found.version, found.year) == (str(program), "Isabelle2024", 2024)
    monkeypatch.setenv("ISABELLE_TOOL", str(tmp_path / "missing"))
    with pytest.raises(BackendMissing, match="ISABELLE_TOOL"):
        installation.find()


@pytest.mark.usefixtures("_nowhere")
def test_a_program_may_be_named_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = peer.write(tmp_path, version="Isabelle2024")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ISABELLE_TOOL", f"./{program.name}")
    assert installation.find().program == str(program)


def test_a_file_that_cannot_be_read_is_one_error_with_a_place(tmp_path: Path) -> None:
    file = tmp_path / "A.thy"
    file.write_text(SOURCE + "(* not closed", encoding="utf-8")
    checker = IsabelleChecker(Supervisor())
    with pytest.raises(InputError) as caught:
        asyncio.run(checker.obligations(file, {}))
    assert str(caught.value).startswith(f"{file}:5:1: error: ")
    with pytest.raises(InputError, match="cannot read"):
        asyncio.run(checker.obligations(tmp_path / "B.thy", {}))


@pytest.mark.parametrize(("code", "error"), [(0, ""), (1, "Failed to finish proof")])
@pytest.mark.usefixtures("_nowhere")
def test_a_file_is_built_to_see_whether_it_compiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, error: str
) -> None:
    program = peer.write(tmp_path, builds={"patched": peer.Built(code=code)})
    monkeypatch.setenv("ISABELLE_TOOL", str(program))
    checker = IsabelleChecker(Supervisor())
    said = asyncio.run(checker.compiles(SOURCE, tmp_path / "A.thy", {}, Limits()))
    assert said.startswith(error)
    assert bool(said) is bool(error)


@pytest.mark.parametrize("script", ["yes Isabelle2025", "printf '\\033[31m\\377'", "echo Isabelle2025; exit 3"])
@pytest.mark.usefixtures("_nowhere")
def test_an_isabelle_that_says_too_much_or_nothing_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    program = tmp_path / "isabelle"
    program.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("ISABELLE_TOOL", str(program))
    with pytest.raises(BackendMissing) as caught:
        installation.find()
    assert caught.value.message.isprintable()
