"""Records of the F* data set: read, written, and made into steps that a session takes; whatever else is in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkers.fstar.steps import plain
from corpora.extract import fstar
from corpora.fstar.exporting import rows, write
from corpora.fstar.records import definition
from corpora.fstar.steps import record
from corpora.records import step_record
from corpora.stages.task import Failure, Part
from lemmata.cli import corpus_extraction as commands
from lemmata.cli.output import Output
from lemmata.errors import InputError
from provers.neural.training.records import step_record as trained_on

VCONFIG = {
    "initial_fuel": 2,
    "max_fuel": 8,
    "initial_ifuel": 1,
    "max_ifuel": 2,
    "no_smt": False,
    "z3cliopt": ["smt.arith.nl=false"],
    "z3smtopt": [],
    "z3rlimit": 50,
    "z3seed": 0,
    "z3version": "4.8.5",
    "reuse_hint_for": None,
}
RANGE = {"start_line": 12, "start_col": 4, "end_line": 14, "end_col": 20}
SOURCE = {
    "project_name": "steel",
    "file_name": "lib/Steel.List.fst",
    "git_rev": "c0ffee",
    "git_url": "https://github.com/FStarLang/steel.git",
}
PUBLISHED: dict[str, Any] = {
    "file_name": "Steel.List.fst",
    "name": "Steel.List.twice",
    "original_source_type": "val twice (n: nat) : Lemma (n + n == 2 * n)",
    "source_type": "val twice (n: nat) : Lemma (n + n == 2 * n)",
    "source_definition": "let twice (n: nat) = (* by the solver *)\n  assert (n + n == 2 * n) // and no more",
    "source": SOURCE,
    "source_range": RANGE,
    "file_context": '(* Licensed under the Apache License, Version 2.0 (the "License") *)\nmodule Steel.List\n',
    "dependencies": {"source_file": "Steel.List.fst", "dependencies": ["prims.fst.checked"]},
    "opens_and_abbrevs": [
        {"abbrev": True, "short_module": "L", "full_module": "FStar.List"},
        {"open": "FStar.Pervasives"},
    ],
    "vconfig": VCONFIG,
    "interleaved": False,
    "verbose_type": "n: Prims.nat -> FStar.Pervasives.Lemma (ensures n + n == 2 * n)",
    "effect": "FStar.Pervasives.Lemma",
    "effect_flags": ["lemma"],
    "mutual_with": [],
    "ideal_premises": ["Prims.nat", "Prims.op_Addition"],
    "proof_features": [],
    "is_simple_lemma": True,
    "is_div": False,
    "is_proof": True,
    "is_simply_typed": False,
    "is_type": None,
    "partial_definition": "let twice (n: nat) =",
    "completed_definiton": " assert (n + n == 2 * n)",
    "isa_cross_project_example": False,
}
INSIGHT = {
    **{n: PUBLISHED[n] for n in ("file_name", "name", "source_type", "source_definition", "vconfig", "effect")},
    "opens_and_abbrevs": [{"open": "Prims"}, {"abbrev": "L", "full_module": "FStar.List"}],
    "source_range": {"file_name": "Steel.List.fst", **RANGE},
    "premises": ["Prims.nat"],
    "definition": "fun n -> assert (n + n == 2 * n)",
    "type": "n: nat -> Lemma (n + n == 2 * n)",
    "prompt": "let twice n =",
    "expected_response": "assert (n + n == 2 * n)",
}


def done(*targets: Path) -> Part:
    _, tasks = fstar.stage(targets, "jsonl")
    found: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    failures: list[Failure] = []
    for task in tasks:
        part = fstar.extract(task)
        found += [dict(record) for record in part.records]
        counts = {name: counts.get(name, 0) + part.counts.get(name, 0) for name in {*counts, *part.counts}}
        failures += part.failures
    for one in found:
        assert step_record(one).to_json() == one
        assert trained_on(one).step == one["step"]
        assert plain(one["step"]) == one["step"]
    return Part(found, counts, failures)


def wrote(folder: Path, value: Any) -> Path:
    path = folder / "train.json"
    path.write_text(json.dumps(value, indent=1))
    return path


@pytest.mark.parametrize("value", [PUBLISHED, INSIGHT])
def test_what_is_read_is_written_as_it_was(value: dict[str, Any]) -> None:
    found = definition(value)
    assert found.to_json() == value
    assert definition(found.to_json()) == found


def test_a_definition_is_one_step_on_its_type(tmp_path: Path) -> None:
    part = done(wrote(tmp_path, [PUBLISHED]))
    (found,) = part.records
    assert found["step"] == "assert (n + n == 2 * n)"
    assert found["goal"] == ("n : nat\n⊢ val twice (n: nat) : Lemma (n + n == 2 * n)\nlet twice (n: nat)")
    assert (found["theorem"], found["index"], found["steps"], found["after"]) == ("Steel.List.twice", 0, 1, [])
    assert (found["package"], found["version"], found["licence"]) == ("steel", "c0ffee", "Apache-2.0")
    assert (found["file"], found["line"], found["column"]) == ("lib/Steel.List.fst", 12, 5)
    assert found["premises"] == ["Prims.nat", "Prims.op_Addition"]
    assert part.counts == {"files": 1, "definitions": 1, "steps recorded": 1}


def test_an_insight_file_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    folder.mkdir()
    (folder / "LICENSE").write_text("Mozilla Public License Version 2.0\n")
    (folder / "Steel.List.fst.json").write_text(
        json.dumps({"defs": [INSIGHT, 3, {**INSIGHT, "name": "Steel.List.more"}], "dependencies": {}, "source": SOURCE})
    )
    part = done(folder)
    (found,) = part.records
    assert (found["package"], found["licence"], found["file"]) == ("steel", "MPL-2.0", "lib/Steel.List.fst")
    (failure,) = part.failures
    assert (failure.item, failure.detail) == ("Steel.List.fst.json:1", "this is no JSON object")
    # `Steel.List.more` is not what the text defines.
    assert part.counts["definitions left out: its type is not stated, or it is no function or value"] == 1


@pytest.mark.parametrize(
    ("stated", "text", "reason"),
    [
        ("<UNK>", "let twice = 3", "type is not stated"),
        ("", "let twice (n: nat) : nat = admit ()", "granted"),
        ("", "type twice = nat", "type is not stated"),
        ("val twice : nat", "let twice = magic ()", "no step"),
        ("val twice : nat", "let twice = (* no end", "not F* itself"),
        ("val twice : nat", "let twice = 1\nlet twice : int = 2", "twice"),
        ("val twice : nat", "let twice = 1 +", "no step"),
        ("val twice : " + "nat -> " * 4000 + "nat", "let twice = f", "too long"),
    ],
)
def test_what_is_no_step_is_counted(stated: str, text: str, reason: str, tmp_path: Path) -> None:
    part = done(wrote(tmp_path, [{**PUBLISHED, "source_type": stated, "source_definition": text}, PUBLISHED]))
    assert len(list(part.records)) == 1
    (name,) = (name for name in part.counts if name.startswith("definitions left out"))
    assert reason in name


def test_a_definition_may_be_recursive_or_one_of_several() -> None:
    text = (
        "let rec twice (n: nat) : Tot nat = if n = 0 then 0 else 2 + other (n - 1)\nand other (n: nat) : nat = twice n"
    )
    found = definition({**PUBLISHED, "source_type": "", "source_definition": text})
    assert record(found).step == "if n = 0 then 0 else 2 + other (n - 1)"


def test_what_the_harness_checks_is_written(tmp_path: Path) -> None:
    stated = "[@@ some] val twice (n: nat) : Lemma (n + n == 2 * n)"
    part = done(wrote(tmp_path, [{**PUBLISHED, "original_source_type": stated}, INSIGHT]))
    first, second = (dict(one) for one in part.records)
    strange: list[dict[str, Any]] = [{"fstar": 3}, {"fstar": "{}"}, {"fstar": "["}, {"fstar": "3"}, {}]
    found = rows([first, {**second, "split": "test"}, {**second, "split": "?"}, *strange])
    assert write(found, tmp_path) == ["train.json", "test.json"]
    train, test = (json.loads((tmp_path / name).read_text())["defs"] for name in ("train.json", "test.json"))
    assert [one["name"] for one in train] == ["Steel.List.twice"] * 2
    # The members of `DefinitionToCheck`, and those that `should_ignore` looks at.
    assert test == [
        {
            **{name: INSIGHT[name] for name in ("file_name", "name", "source_type", "source_definition")},
            **{name: INSIGHT[name] for name in ("opens_and_abbrevs", "vconfig", "definition")},
            "interleaved": False,
        }
    ]
    assert train[0]["source_type"] == stated
    assert train[0]["opens_and_abbrevs"] == [{"abbrev": "L", "full_module": "FStar.List"}, {"open": "FStar.Pervasives"}]
    assert not list(tmp_path.glob(".*"))
    assert [one["step"] for one in done(tmp_path / "test.json").records] == [second["step"]]


def test_the_command_resumes_and_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = wrote(tmp_path, [PUBLISHED, {"name": 3}])
    for again in (False, True):
        Output.emitted = False
        assert commands.extract_fstar([path], tmp_path / "out", as_json=True) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["stage"], told["records"], told["tasks"]["already"]) == ("extract fstar", 1, int(again))
        assert told["reasons"] == {"malformed record": 1}
    with pytest.raises(InputError, match="no such file"):
        commands.extract_fstar([tmp_path / "none"], tmp_path / "other")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no JSON"):
        commands.extract_fstar([tmp_path / "empty"], tmp_path / "other")


def test_records_are_written_as_parquet(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    from corpora.stages import inputs
    from lemmata.cli.corpus import Format

    path = wrote(tmp_path, [PUBLISHED, {**INSIGHT, "vconfig": None}])
    assert commands.extract_fstar([path], tmp_path / "out", data_format=Format.PARQUET, quiet=True) == 0
    assert len([trained_on(value) for _, value in inputs.records(tmp_path / "out")]) == 2


WRONG: list[Any] = [None, 3, [], {}, "\x00", "\ud800", [3], [None], {"open": 3}, [{"open": "\udc80"}], True, -1]


@pytest.mark.parametrize("name", [*PUBLISHED])
def test_a_member_of_the_wrong_type_is_no_crash(name: str) -> None:
    for wrong in WRONG:
        try:
            found = definition({**PUBLISHED, name: wrong})
        except ValueError as error:
            assert "\n" not in str(error)
        else:
            assert definition(found.to_json()) == found
    needed = ("file_name", "name", "source_type", "source_definition")
    left = {key: member for key, member in PUBLISHED.items() if key != name}
    if name in needed:
        with pytest.raises(ValueError, match=f"no '{name}'"):
            definition(left)
    else:
        assert definition(left).to_json().get(name) in (None, "", [])


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
NAME = st.from_regex(r"[A-Z][a-z]{0,3}\.[a-z]{1,4}", fullmatch=True)
OPENS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"open": TEXT}),
        st.fixed_dictionaries({"abbrev": TEXT, "full_module": TEXT}),
    ),
    max_size=3,
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), TEXT)


@st.composite
def published(draw: st.DrawFn) -> dict[str, Any]:
    value: dict[str, Any] = {
        "file_name": draw(TEXT),
        "name": draw(NAME),
        "source_type": draw(TEXT),
        "source_definition": draw(TEXT.filter(str.strip)),
        "opens_and_abbrevs": draw(OPENS),
        "vconfig": draw(st.one_of(st.none(), st.just(VCONFIG), st.fixed_dictionaries({"z3rlimit": st.integers(0, 9)}))),
        draw(st.sampled_from(["premises", "ideal_premises"])): draw(st.lists(TEXT, max_size=3)),
        "effect": draw(TEXT),
    }
    if draw(st.booleans()):
        value["source_range"] = {name: draw(st.integers(0, 99)) for name in RANGE}
    return {**value, **draw(st.dictionaries(st.sampled_from(["type", "is_div", "x"]), SCALARS))}


@settings(deadline=None, max_examples=40)
@given(published())
def test_reading_and_writing_are_inverse(value: dict[str, Any]) -> None:
    found = definition(value)
    assert found.to_json() == value
    assert definition(json.loads(json.dumps(found.to_json()))) == found


JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*INSIGHT, *RANGE, "defs", "open"]), inner, max_size=4),
    ),
    max_leaves=9,
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(st.sampled_from([*PUBLISHED, "defs"]), JSON, max_size=3))
def test_any_record_is_a_step_or_told(changes: dict[str, Any], tmp_path: Path) -> None:
    part = done(wrote(tmp_path, [{**PUBLISHED, **changes}, PUBLISHED]))
    assert any(found["theorem"] == PUBLISHED["name"] for found in part.records)
    assert all(failure.item.startswith("train.json:") for failure in part.failures)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stated=TEXT, text=st.one_of(TEXT, st.lists(st.sampled_from("let = ( ) twice in (* *) \" ' ` #[ | -> :".split())))
)
def test_any_text_is_a_step_or_left_out(stated: str, text: str | list[str], tmp_path: Path) -> None:
    body = text if isinstance(text, str) else " ".join(text)
    part = done(wrote(tmp_path, [{**PUBLISHED, "source_type": stated, "source_definition": f"let twice {body}"}]))
    assert not part.failures
