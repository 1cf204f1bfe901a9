"""LeanDojo's traces and exports, and files of JSON in general: read as far as they can be, however broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lean_extraction import MIT, done

from corpora.extract import elements, lean, licences
from corpora.lean.benchmark import Exported
from corpora.stages.run import run
from corpora.stages.task import Task
from lemmata.cli import corpus_extraction as commands
from lemmata.cli.output import Output
from lemmata.errors import InputError, LemmataError

TRACED = """\
theorem sum (α β : Nat) : α + β = β + α := by
  rw [Nat.add_comm]
def f : Nat := by
  exact 3
"""


def traced(folder: Path, **changes: Any) -> Path:
    raw = TRACED.encode()

    def at(text: str, name: str = "tactic") -> dict[str, Any]:
        start = raw.index(text.encode())
        goals = {"stateBefore": "α β : Nat\n⊢ α + β = β + α", "stateAfter": "no goals"}
        return {**goals, "pos": start, "endPos": start + len(text.encode())}

    premise = {"defPos": None, "modName": "Init", "defPath": "", "pos": {"line": 2, "column": 6}}
    trace = {
        "commandASTs": [{"node": {"args": [1, [2, {"atom": 'theorem \\" ]'}]]}}],
        # What stands among the rules is told as if it were a tactic, and a macro twice.
        "tactics": [at("rw [Nat.add_comm]"), at("rw [Nat.add_comm]"), at("Nat.add_comm"), at("]"), at("exact 3")],
        "premises": [{**premise, "fullName": "Nat.add_comm", "endPos": {"line": 2, "column": 18}}],
        **changes,
    }
    build = folder / ".lake" / "build" / "ir" / "A"
    build.mkdir(parents=True)
    (build / "B.ast.json").write_text(json.dumps(trace, indent=1))
    (folder / "A").mkdir()
    (folder / "A" / "B.lean").write_text(TRACED, encoding="utf-8")
    (folder / "lakefile.lean").write_text("package «some»\n")
    return build / "B.ast.json"


def test_a_traced_repository_is_read(tmp_path: Path) -> None:
    file = traced(tmp_path / "some")
    part = done([tmp_path / "some"])
    (record,) = part.records
    assert (record["theorem"], record["step"], record["after"]) == ("sum", "rw [Nat.add_comm]", [])
    assert (record["line"], record["column"], record["premises"]) == (2, 3, ["Nat.add_comm"])
    assert (record["package"], record["file"], record["licence"]) == ("some", "A/B.lean", "unknown")
    assert part.counts["tactics outside of theorems"] == 1
    assert list(done([file]).records) == list(part.records)
    (tmp_path / "some" / "A" / "B.lean").unlink()
    with pytest.raises(InputError, match="source of this trace"):
        done([tmp_path / "some"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"pos": 10**6},
        {"pos": 14},
        {"pos": -1},
        {"pos": True},
        {"stateBefore": None},
        {"stateAfter": "\ud800"},
        {"pos": 30},
    ],
)
def test_a_malformed_tactic_is_told_with_its_line(wrong: dict[str, Any], tmp_path: Path) -> None:
    right = {"stateBefore": "⊢ a", "stateAfter": "no goals", "pos": 4, "endPos": 20}
    traced(tmp_path / "some", tactics=[{**right, **wrong}, 3])
    part = done([tmp_path / "some"])
    assert [failure.reason for failure in part.failures] == ["malformed record"] * 2
    assert all("B.ast.json:" in failure.item for failure in part.failures)
    assert list(part.records) == []


THEOREM: dict[str, Any] = {
    "url": "https://github.com/leanprover-community/mathlib4",
    "commit": "c0ffee",
    "file_path": "Mathlib/A.lean",
    "full_name": "Nat.sum",
    "start": [7, 1],
    "end": [9, 5],
    "traced_tactics": [
        {
            "tactic": "intro h",
            "annotated_tactic": ["intro h", []],
            "state_before": "⊢ p → q",
            "state_after": "h : p\n⊢ q",
        },
        {
            "tactic": "exact mt h",
            "annotated_tactic": [
                "exact <a>mt</a> h",
                [{"full_name": "Nat.mt", "def_path": "A.lean", "def_pos": [1, 2], "def_end_pos": [1, 4]}],
            ],
            "state_before": "case pos\n\n⊢ q\n\ncase neg\n\n⊢ r",
            "state_after": "case neg\n\n⊢ r",
        },
    ],
}


def exported(folder: Path) -> Path:
    for strategy, name in (("random", "train"), ("random", "val"), ("novel_premises", "test")):
        (folder / strategy).mkdir(parents=True, exist_ok=True)
        theorem = {**THEOREM, "full_name": f"{strategy}.{name}"}
        (folder / strategy / f"{name}.json").write_text(json.dumps([theorem]))
    (folder / "licenses").mkdir()
    (folder / "licenses" / "mathlib4").write_text("Apache License\n  Version 2.0, January 2004\n")
    (folder / "metadata.json").write_text("{}")
    return folder


def test_an_exported_data_set_is_read(tmp_path: Path) -> None:
    part = done([exported(tmp_path / "benchmark")])
    found = list(part.records)
    # Each strategy splits the same theorems.
    assert [(r["theorem"], r["split"], r["index"]) for r in found] == [
        ("random.train", "train", 0),
        ("random.train", "train", 1),
        ("random.val", "validation", 0),
        ("random.val", "validation", 1),
    ]
    assert (found[0]["package"], found[0]["version"], found[0]["licence"]) == ("mathlib4", "c0ffee", "Apache-2.0")
    assert (found[0]["line"], found[0]["column"], found[0]["after"]) == (7, 1, ["h : p\n⊢ q"])
    assert (found[1]["goal"], found[1]["after"], found[1]["premises"]) == ("case pos\n⊢ q", [], ["Nat.mt"])
    (one,) = {r["split"] for r in done([tmp_path / "benchmark" / "novel_premises"]).records}
    assert one == "test"


def test_the_command_resumes_and_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = exported(tmp_path / "benchmark")
    for again in (False, True):
        Output.emitted = False
        assert commands.extract_lean([folder], tmp_path / "out", as_json=True) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["schema"], told["records"], told["tasks"]["already"]) == ("lemmata.corpus/1", 4, 2 * again)
    assert told["licences"] == {"Apache-2.0": 4}
    assert "| validation | 2 |" in (tmp_path / "out" / "README.md").read_text()


GOOD = json.dumps(THEOREM)


@pytest.mark.parametrize(
    ("text", "records_read", "detail"),
    [
        (f"[{GOOD}, 3, {GOOD}]", 4, "no JSON object"),
        (f"[{GOOD},\n{{}}]", 2, "traced_tactics"),
        (f"[{GOOD},\n{GOOD}", 4, "does not end"),
        (f"[{GOOD},\n{GOOD[:-9]}", 2, "does not end"),
        (f"{GOOD}\n{GOOD}\nx", 4, "not JSON"),
        (f"[{GOOD} {GOOD}]", 2, "comma"),
        (f"[{GOOD}] {GOOD}", 2, "follows"),
        (f"[{GOOD}, {GOOD.replace('c0ffee', 'c0' + chr(92) + 'u0000')}]", 2, "no character"),
        (f"[{GOOD}, {GOOD.replace('c0ffee', 'c0' + chr(92) + 'udc80')}]", 2, "no character"),
        (f"[{GOOD}, {GOOD.replace('c0ffee', 'c0' + chr(92) + 'ud800')}]", 2, "surrogate"),
        (f"[{GOOD}, {{{'[' * 5000}{']' * 5000}}}]", 2, "not JSON"),
        (f'[{GOOD}, {{"a": {"[" * 5000}{"]" * 5000}}}]', 2, "nested too deeply"),
        (f'[{GOOD}, {{"a": 1, "a": 2}}]', 2, "twice"),
    ],
)
def test_what_is_broken_is_told_and_the_rest_is_read(text: str, records_read: int, detail: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    part = done([tmp_path / "a.json"])
    assert len(list(part.records)) == records_read
    (failure,) = part.failures
    assert detail in failure.detail
    assert failure.item.startswith("a.json:")


@pytest.mark.parametrize("raw", [b"", b"   ", b"3", b"\xff\xfe", b"[", b'["', b"[[[[", b'{"a', b"\x00", b"{" * 100_000])
def test_a_file_that_is_no_data_set_is_one_error(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(raw)
    stage, tasks, work = lean.plan([tmp_path / "a.json"], None, 1.0, "jsonl")
    summary = run(stage, tmp_path / "out", tasks, work)
    assert (summary.failed, summary.records) == (1, 0)
    assert summary.reasons == {"InputError": 1}


def test_too_many_wrong_records_end_a_file_and_too_long_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "MOST_FAILURES", 10)
    (tmp_path / "a.json").write_text(json.dumps([THEOREM] + [{}] * 100 + [THEOREM]))
    part = done([tmp_path / "a.json"])
    assert (len(list(part.records)), len(part.failures)) == (2, 11)
    monkeypatch.setattr(elements, "LONGEST", 2000)
    (tmp_path / "b.json").write_text(json.dumps([THEOREM, {"a": "x" * 3000}]))
    part = done([tmp_path / "b.json"])
    assert "longer than" in part.failures[0].detail


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-2, 9), st.text(max_size=9), st.sampled_from(["⊢ a", "simp", "/-"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from([*THEOREM, "tactic", "state_before", "state_after", "line"]), inner, max_size=4
        ),
    ),
    max_leaves=10,
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(st.sampled_from([*THEOREM]), JSON),
    tactics=st.lists(
        st.dictionaries(st.sampled_from(["tactic", "state_before", "annotated_tactic"]), JSON), max_size=2
    ),
)
def test_any_export_is_read_or_refused(changes: dict[str, Any], tactics: list[Any], tmp_path: Path) -> None:
    tactic = THEOREM["traced_tactics"][0]
    made = [{**THEOREM, **changes}, {**THEOREM, "traced_tactics": [{**tactic, **t} for t in tactics]}]
    (tmp_path / "a.json").write_text(json.dumps(made))
    work = lean.read(Task("a", Exported(tmp_path / "a.json", "")))
    try:
        list(work.records)
    except LemmataError as error:
        assert error.location is not None


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    raw=st.binary(max_size=40),
    pieces=st.lists(st.sampled_from(['{"a":"', '"}', "[", "]", ",", "\\", '"', "\n", ":"]), max_size=9),
)
def test_any_bytes_are_read_or_refused(raw: bytes, pieces: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(raw + "".join(pieces).encode() + raw)
    for read in (elements.elements(path), elements.members(path, ("a",))):
        try:
            for _ in read:
                pass
        except InputError as error:
            assert error.location is not None
            assert error.location.line > 0


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.dictionaries(st.text(max_size=4), JSON, max_size=3), max_size=5),
    array=st.booleans(),
    chunk=st.integers(1, 7),
)
def test_what_is_cut_into_elements_is_what_json_holds(
    values: list[dict[str, Any]], array: bool, chunk: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    whole = json.dumps(values, indent=1) if array else "\n".join(map(json.dumps, values))
    path.write_text(whole, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elements, "_CHUNK", chunk)
        if values or array:
            assert [value for _, value in elements.elements(path)] == values


def test_licences_are_known_by_their_words(tmp_path: Path) -> None:
    assert licences.of_folder(tmp_path) == "unknown"
    (tmp_path / "LICENSE").write_text(MIT)
    assert licences.of_folder(tmp_path) == "MIT"
    assert licences.of_text("-- SPDX-License-Identifier: BSD-3-Clause\n") == "BSD-3-Clause"
    assert licences.of_text('(* Licensed under the Apache License, Version 2.0 (the "License"); *)') == "Apache-2.0"
    assert licences.of_text("All rights reserved.") == "unknown"
    debian = Path("/usr/share/common-licenses")
    for name, spdx in (("GPL-3", "GPL-3.0-only"), ("LGPL-2.1", "LGPL-2.1-only"), ("MPL-2.0", "MPL-2.0")):
        if (debian / name).is_file():
            assert licences.of_file(debian / name) == spdx
