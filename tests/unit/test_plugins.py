from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lemmata.errors import BackendError, BackendMissing, UsageError
from lemmata.plugins import discovery
from lemmata.plugins.discovery import CRITICS, PROVERS, available, load, target

GROUP = "lemmata.tests"


def install(folder: Path, name: str, points: str, **modules: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_bytes(points.encode("utf-8", "surrogateescape"))
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    install(
        tmp_path,
        "lemmata-zoo",
        f"""[{GROUP}]
good = zoo_good:Good
lacking = zoo_lacking:X
extra = zoo_lacking:X [zoo]
absent = zoo_absent:X
broken = zoo_broken:X
nothing = zoo_good:Nothing
garbage = not a reference!
[other]
stranger = zoo_good:Good
""",
        zoo_good="class Good: pass\n",
        zoo_lacking="import surely_not_installed.deep\n",
        zoo_broken="1 / 0\n",
    )
    return tmp_path


def test_plugins_are_found_without_importing_them(site: Path) -> None:
    assert list(available(GROUP)) == ["absent", "broken", "extra", "garbage", "good", "lacking", "nothing"]
    assert target(GROUP, "good") == "zoo_good:Good"
    assert target(GROUP, "extra") == "zoo_lacking:X"
    assert not any(name.startswith("zoo_") for name in sys.modules)
    assert load(GROUP, "good").__name__ == "Good"


def test_an_unknown_name_lists_the_known_ones(site: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(GROUP, "goood")
    assert str(caught.value) == (
        "error: there is no test 'goood'; known are absent, broken, extra, garbage, good, lacking, nothing; "
        "did you mean 'good'?"
    )
    with pytest.raises(UsageError, match="none is installed"):
        target("lemmata.nothings", "x")


def test_what_cannot_be_imported_says_what_to_install(site: Path) -> None:
    with pytest.raises(BackendMissing) as caught:
        load(GROUP, "lacking")
    assert caught.value.hint == "install 'surely_not_installed', for example with pip"
    with pytest.raises(BackendMissing) as caught:
        load(GROUP, "extra")
    assert caught.value.hint == "pip install 'lemmata-zoo[zoo]'"
    with pytest.raises(BackendMissing) as caught:
        load(GROUP, "absent")
    assert caught.value.hint == "reinstall lemmata-zoo"


@pytest.mark.parametrize("name", ["broken", "nothing", "garbage"])
def test_what_is_broken_is_told_and_harms_nobody_else(site: Path, name: str) -> None:
    with pytest.raises(BackendError, match="is broken") as caught:
        load(GROUP, name)
    assert caught.value.hint == "upgrade or uninstall lemmata-zoo"
    assert load(GROUP, "good")


@pytest.mark.parametrize("points", ["nonsense before any group\n", f"[{GROUP}]\nno equals sign\n", "\udcff\udcfe"])
def test_damaged_metadata_hides_only_its_own_package(site: Path, points: str) -> None:
    install(site, "aaa-damaged", points)
    assert load(GROUP, "good")


def test_the_first_of_equal_names_counts_but_never_over_ours(
    site: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, ours = tmp_path_factory.mktemp("late"), tmp_path_factory.mktemp("ours")
    install(late, "late", f"[{GROUP}]\ngood = late:X\n")
    install(ours, "lemmata", f"[{GROUP}]\nbroken = ours:X\n")
    sys.path += [str(late), str(ours)]
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert target(GROUP, "good") == "zoo_good:Good"
    assert target(GROUP, "broken") == "ours:X"


def test_the_groups_have_words_of_their_own() -> None:
    assert [discovery.singular(group) for group in (PROVERS, CRITICS)] == ["prover", "critic"]
