from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lemmata.config import _READERS, Settings, find_file
from lemmata.errors import UsageError


def load(cwd: Path, env: dict[str, str] | None = None, **overrides: Any) -> Settings:
    return Settings.load(overrides, {"HOME": str(cwd), **(env or {})}, cwd)


def refused(cwd: Path, env: dict[str, str] | None = None, **overrides: Any) -> str:
    with pytest.raises(UsageError) as caught:
        load(cwd, env, **overrides)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_defaults(tmp_path: Path) -> None:
    found = load(tmp_path)
    assert found.timeout == 60
    assert found.jobs >= 1
    assert found.out == tmp_path / ".lemmata" / "certificates"
    assert (found.store.parent.name, found.store.name) == ("lemmata", "store.db")
    assert found.provers is None
    assert found.int_width is None
    assert found.require_both is False
    assert found.memory_limit == 2 << 30
    assert found.max_source_bytes == 2 << 20
    assert found.to_json()["provers"] == "all"


def test_each_place_goes_before_the_next(tmp_path: Path) -> None:
    assert load(tmp_path).timeout == 60
    (tmp_path / "pyproject.toml").write_text("[tool.lemmata]\ntimeout = 1\njobs = 1\n")
    assert load(tmp_path).timeout == 1
    (tmp_path / "lemmata.toml").write_text("timeout = 2.5\n")
    assert load(tmp_path).timeout == 2.5
    assert load(tmp_path, {"LEMMATA_TIMEOUT": "3"}).timeout == 3
    assert load(tmp_path, {"LEMMATA_TIMEOUT": "3"}, timeout=4).timeout == 4
    assert load(tmp_path, {"LEMMATA_TIMEOUT": "3"}, timeout=None).timeout == 3
    assert load(tmp_path, {"LEMMATA_TIMEOUT": ""}).timeout == 2.5


def test_critics_are_a_list_of_names_or_none(tmp_path: Path) -> None:
    assert load(tmp_path).critics == ()
    assert load(tmp_path, {"LEMMATA_CRITICS": "size, novelty,size"}).critics == ("size", "novelty")
    (tmp_path / "lemmata.toml").write_text('critics = ["size"]\n')
    assert load(tmp_path).critics == ("size",)
    assert load(tmp_path).to_json()["critics"] == ["size"]
    for none in ("none", ["none"], []):
        assert load(tmp_path, critics=none).critics == ()
    for wrong in (["size", ""], [7], "", "all", "size,"):
        assert 'it must be "none" or a list of names' in refused(tmp_path, critics=wrong)


def test_a_model_s_folder_in_a_settings_file_is_seen_from_there(tmp_path: Path) -> None:
    (tmp_path / "models" / "critic").mkdir(parents=True)
    inner = tmp_path / "src"
    inner.mkdir()
    (tmp_path / "lemmata.toml").write_text(
        'critics = ["size", "value:models/critic", "value:models/none"]\nprovers = ["transformers:models/critic"]\n'
    )
    found = load(inner, {"HOME": str(tmp_path)})
    place = tmp_path / "models" / "critic"
    assert found.critics == ("size", f"value:{place}", "value:models/none")
    assert found.provers == (f"transformers:{place}",)
    assert load(inner, critics=["value:models/critic"]).critics == ("value:models/critic",)


def test_the_nearest_file_counts_up_to_home(tmp_path: Path) -> None:
    inner = tmp_path / "home" / "project" / "src"
    inner.mkdir(parents=True)
    (tmp_path / "lemmata.toml").write_text("seed = 1")
    home = tmp_path / "home"
    assert find_file(inner, home) is None
    assert find_file(inner, Path("/nowhere")) == tmp_path / "lemmata.toml"
    (home / "lemmata.toml").write_text("seed = 2")
    assert find_file(inner, home) == home / "lemmata.toml"
    (home / "project" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert find_file(inner, home) == home / "lemmata.toml"
    (home / "project" / "pyproject.toml").write_text("[tool.lemmata]\n")
    assert find_file(inner, home) == home / "project" / "pyproject.toml"


def test_paths_are_relative_to_where_they_are_written(tmp_path: Path) -> None:
    inner = tmp_path / "src"
    inner.mkdir()
    (tmp_path / "lemmata.toml").write_text("store = 'a.db'\nout = '../certificates'\n")
    env = {"HOME": str(tmp_path)}
    found = Settings.load({}, env, inner)
    assert (found.store, found.out) == (tmp_path / "a.db", tmp_path.parent / "certificates")
    assert Settings.load({"store": "b.db"}, env, inner).store == inner / "b.db"
    assert Settings.load({"store": Path("/c.db")}, env, inner).store == Path("/c.db")
    assert Settings.load({}, {**env, "LEMMATA_STORE": "~/d.db"}, inner).store == Path.home() / "d.db"


@pytest.mark.parametrize(
    ("key", "value", "meaning"),
    [
        ("provers", "all", None),
        ("provers", "atoms, spacer,atoms", ("atoms", "spacer")),
        ("provers", ["atoms"], ("atoms",)),
        ("provers", ("all",), None),
        ("int_width", "32", 32),
        ("int_width", 64, 64),
        ("int_width", "none", None),
        ("require_both", "yes", True),
        ("require_both", "0", False),
        ("memory_limit", "512 MiB", 512 << 20),
        ("memory_limit", "4G", 4 << 30),
        ("memory_limit", "1000", 1000),
        ("seed", "-3", -3),
        ("color", "never", "never"),
        ("jobs", 3, 3),
    ],
)
def test_values_can_be_written_in_several_ways(tmp_path: Path, key: str, value: Any, meaning: Any) -> None:
    assert getattr(load(tmp_path, **{key: value}), key) == meaning
    if isinstance(value, str):
        assert getattr(load(tmp_path, {f"LEMMATA_{key.upper()}": value}), key) == meaning


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("timeout", "0"),
        ("timeout", "-1"),
        ("timeout", "nan"),
        ("timeout", "inf"),
        ("timeout", "soon"),
        ("timeout", True),
        ("timeout", 10**400),
        ("jobs", 0),
        ("jobs", 1.5),
        ("jobs", True),
        ("jobs", "9" * 30),
        ("store", 5),
        ("store", "a\0b"),
        ("provers", []),
        ("provers", "a,,b"),
        ("provers", [1]),
        ("provers", {"a": 1}),
        ("policy", " "),
        ("int_width", 16),
        ("int_width", True),
        ("require_both", 1),
        ("require_both", "maybe"),
        ("memory_limit", "2 apples"),
        ("memory_limit", 0),
        ("color", "blue"),
        ("seed", 1.0),
    ],
)
def test_values_that_make_no_sense_are_named(tmp_path: Path, key: str, value: Any) -> None:
    text = refused(tmp_path, **{key: value})
    assert f"command line: --{key.replace('_', '-')} is" in text
    assert "it must be" in text


def test_mistakes_in_a_file_name_the_file_and_the_nearest_key(tmp_path: Path) -> None:
    file = tmp_path / "lemmata.toml"
    file.write_text("timout = 5")
    assert refused(tmp_path) == f"error: {file}: unknown setting 'timout'; did you mean 'timeout'?"
    file.write_text("int-width = 32")
    assert "did you mean 'int_width'?" in refused(tmp_path)
    file.write_text("xyzzy = 5")
    assert "known are timeout, jobs" in refused(tmp_path)
    file.write_text("jobs = 'many'")
    assert f"{file}: jobs is 'many'; it must be a whole number above 0" in refused(tmp_path)
    file.write_text("jobs = ")
    assert f"{file}: cannot be read as TOML" in refused(tmp_path)
    file.write_bytes(b"\xff\xfe")
    assert "cannot be read as TOML" in refused(tmp_path)
    file.write_text("a = " + "[" * 5000)
    assert "cannot be read as TOML" in refused(tmp_path)
    file.unlink()
    (tmp_path / "pyproject.toml").write_text("[tool]\nlemmata = 5\n")
    assert "tool.lemmata is not a table" in refused(tmp_path)


def test_mistakes_in_the_environment(tmp_path: Path) -> None:
    assert "LEMMATA_JOBS is 'x'" in refused(tmp_path, {"LEMMATA_JOBS": "x"})
    assert "did you mean 'LEMMATA_TIMEOUT'?" in refused(tmp_path, {"LEMMATA_TIMOUT": "5"})
    assert load(tmp_path, {"LEMMATA_SOMETHING_ELSE": "5", "TIMEOUT": "x"}).timeout == 60


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from(sorted(_READERS)),
    st.text(string.printable) | st.integers() | st.floats() | st.booleans() | st.lists(st.text(max_size=3)),
)
def test_any_value_is_read_or_refused(tmp_path: Path, key: str, value: Any) -> None:
    try:
        found = load(tmp_path, **{key: value})
    except UsageError:
        return
    assert load(tmp_path, **{k: v for k, v in found.to_json().items() if v is not None}) == found


def test_coq_flags_name_their_folders_from_where_they_are_said(tmp_path: Path) -> None:
    assert load(tmp_path, coq_flags=["-Q", "src", "My.Lib", "-I", "/x"]).coq_flags == (
        *("-Q", str(tmp_path / "src"), "My.Lib"),
        *("-I", "/x"),
    )
    assert load(tmp_path, {"LEMMATA_COQ_FLAGS": "-R 'a b' ''"}).coq_flags == ("-R", str(tmp_path / "a b"), "")
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "lemmata.toml").write_text('coq_flags = ["-Q", "src", "L"]\nroot = "lib"\nallow_axioms = ["a", "b"]\n')
    found = Settings.load({}, {"HOME": str(tmp_path)}, inner)
    assert found.coq_flags == ("-Q", str(tmp_path / "src"), "L")
    assert found.root == tmp_path / "lib"
    assert found.allow_axioms == ("a", "b")
    assert Settings.load(found.to_json() | {"provers": None, "int_width": None}, {"HOME": "/"}, inner) == found


@pytest.mark.parametrize(
    "flags",
    [
        ["-Q"],
        ["-Q", "a"],
        ["-Q", "a", "b c"],
        ["-Q", "a", "1;2"],
        ["-type-in-type"],
        ["-I"],
        ["-Q", 1, "x"],
        "-Q 'a",
        3,
    ],
)
def test_other_flags_are_refused(tmp_path: Path, flags: Any) -> None:
    assert "it must be a list such as" in refused(tmp_path, coq_flags=flags)


def test_axioms(tmp_path: Path) -> None:
    assert load(tmp_path, {"LEMMATA_ALLOW_AXIOMS": "a, b,a"}).allow_axioms == ("a", "b")
    assert load(tmp_path, allow_axioms=["*"]).allow_axioms == ("*",)
    refused(tmp_path, allow_axioms=[""])


def test_the_home_of_nobody_is_a_name_like_any_other(tmp_path: Path) -> None:
    found = load(tmp_path, store="~nobody-of-this-name/store.db")
    assert found.store == tmp_path / "~nobody-of-this-name" / "store.db"
