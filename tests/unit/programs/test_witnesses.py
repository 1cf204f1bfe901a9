"""SV-COMP witnesses: of the published format, at the right places, and never more than what was shown."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.programs.execute import execute_source
from checkers.programs.refute import refute
from checkers.programs.unit import load, read_unit
from checkers.programs.verifier import prove, refuted
from lemmata.errors import LemmataError

SCHEMA = json.loads(Path(__file__).with_name("witness-2.0.schema.json").read_text())
COUNTER = """\
int unknown_int(void);
int main(void) {
    int n = unknown_int();
    int i = 0;
    while (i < n) i = i + 1;
    assert(n < 0 || i == n);
}
"""
WRONG = sorted((Path(__file__).parents[2] / "soundness" / "programs").glob("*.wrong.c"))[::6]
SAFE = {"L1": ["n < 0 ==> i == 0", "n < 0 || i <= n"]}


def request(text: str, file: str = "a.c", width: str = "", name: str = "main") -> dict[str, Any]:
    return {"text": text, "file": file, "name": name, "int_width": width, "seconds": 20.0}


def read(text: str) -> dict[str, Any]:
    document = yaml.safe_load(text)
    jsonschema.validate(document, SCHEMA)
    (entry,) = document
    if entry["entry_type"] == "violation_sequence":
        for position, item in enumerate(entry["content"], start=1):
            *avoided, last = [one["waypoint"] for one in item["segment"]]
            assert all(waypoint["action"] == "avoid" for waypoint in avoided)
            assert last["action"] == "follow"
            assert (last["type"] == "target") == (position == len(entry["content"]))
    assert list(entry["metadata"]["task"]["input_file_hashes"]) == entry["metadata"]["task"]["input_files"]
    return dict(entry)


def attachments(params: dict[str, Any], clauses: dict[str, list[str]], language: str = "c") -> dict[str, str]:
    loops = {loop: [{"clause": c, "language": language} for c in own] for loop, own in clauses.items()}
    artefact = json.dumps({"format": "lemmata.invariants/1", "function": "main", "invariants": loops})
    return dict(prove({**params, "artefact": artefact})["attachments"])


def invariants(text: str, clauses: dict[str, list[str]], language: str = "c", **more: str) -> list[dict[str, Any]]:
    entry = read(attachments(request(text, **more), clauses, language)["witness.yml"])
    return [item["invariant"] for item in entry["content"]]


def places(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    wheres = [one["location"] for one in found]
    return [(where.get("function"), where["line"], where.get("column")) for where in wheres]


def counterexample(text: str, **more: str) -> dict[str, Any]:
    params = request(text, **more)
    found = refute(load(params), 20.0)
    assert found is not None
    return refuted({**params, "artefact": json.dumps(found)})


def waypoints(text: str, **more: str) -> list[dict[str, Any]]:
    said = counterexample(text, **more)
    assert said["unwitnessed"] == ""
    entry = read(said["attachments"]["witness.yml"])
    return [item["segment"][0]["waypoint"] for item in entry["content"]]


def said_of(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["type"], one.get("constraint", {}).get("value", "")) for one in found]


# Proofs.


def test_a_proof_has_its_invariant_at_the_loop() -> None:
    (found,) = invariants(COUNTER, SAFE)
    assert found["type"] == "loop_invariant"
    assert found["value"] == "(!(n < 0) || (i == 0)) && ((n < 0) || (i <= n))"
    assert places([found]) == [("main", 5, 5)]


def test_the_task_is_told() -> None:
    entry = read(attachments(request(COUNTER), SAFE)["witness.yml"])
    task = entry["metadata"]["task"]
    assert task["specification"] == "CHECK( init(main()), LTL(G ! call(reach_error())) )"
    assert task["data_model"] == "LP64"
    assert task["input_file_hashes"] == {"a.c": hashlib.sha256(COUNTER.encode()).hexdigest()}
    assert entry["metadata"]["producer"]["configuration"] == "mathematical integers"


def test_the_same_proof_gives_the_same_bytes_and_another_one_another_identifier() -> None:
    first, second = (attachments(request(COUNTER), SAFE)["witness.yml"] for _ in range(2))
    assert first == second
    other = attachments(request(COUNTER), {"L1": [*SAFE["L1"], "i >= 0"]})["witness.yml"]
    assert read(first)["metadata"]["uuid"] != read(other)["metadata"]["uuid"]


def test_clauses_that_c_cannot_say_are_left_out() -> None:
    clauses = ["\\forall integer k; 0 <= k < i ==> k < n", "i >= 0", "\\forall integer k; k == k"]
    assert [one["value"] for one in invariants(COUNTER, {"L1": clauses})] == ["i >= 0"]
    assert invariants(COUNTER, {"L1": clauses[:1]}) == []


def test_clauses_in_smt_lib_are_written_in_c() -> None:
    (found,) = invariants(COUNTER, {"L1": ["(or (< n 0) (<= (+ i 1) (+ n 1)))"]}, "smtlib")
    assert found["value"].replace("(long long)", "").replace("LL", "") in {
        "(n < 0) || ((i + 1) <= (n + 1))", "(!(n >= 0) || ((i + 1) <= (n + 1)))", "(n < 0) || (i <= n)",
    }  # fmt: skip


def test_every_loop_has_its_own_place_and_function() -> None:
    text = """\
int unknown_int(void);
int up(int m) { int k = 0; for (k = 0; k < m; k++) { } return k; }
int main(void) {
    int i = 0;
    /* a comment moves columns */ while (i < 5) {
        do { i++; } while (unknown_int());
    }
    assert(up(i) == i);
}
"""
    found = invariants(text, {"L1": ["k >= 0"], "L2": ["i >= 0"], "L3": ["i >= 0"]})
    assert places(found) == [("up", 2, 28), ("main", 5, 35), ("main", 6, 14)]
    # What holds where the body of a `do` begins need not hold where its condition is evaluated.
    assert [one["type"] for one in found] == ["loop_invariant", "loop_invariant", "location_invariant"]


def test_a_loop_that_is_inlined_twice_has_what_holds_both_times() -> None:
    text = """\
int count(int from, int to) { int k = from; while (k < to) k++; return k; }
int main(void) {
    assert(count(0, 5) == 5);
    assert(count(10, 15) == 15);
}
"""
    found = attachments(request(text), {"L1": ["0 <= k <= 5", "to == 5"], "L2": ["10 <= k <= 15", "to == 15"]})
    (one,) = read(found["witness.yml"])["content"]
    assert one["invariant"]["value"].count("||") == 1
    assert found["annotated.c"].count("loop invariant") == 1
    assert "((0 <= k <= 5) && (to == 5)) || ((10 <= k <= 15) && (to == 15))" in found["annotated.c"]
    assert invariants(text, {"L1": ["0 <= k <= 5"]}) == []


def test_a_name_that_means_something_else_at_the_loop_is_not_written() -> None:
    text = "int main(void) { int i = 0; { int i = 1; while (i < 9) i++; } assert(i == 0); }\n"
    (found,) = invariants(text, {"L1": ["i__2 >= 1", "i == 0"]})
    assert found["value"] == "i >= 1"


def test_machine_integers_are_those_of_lp64_and_ilp64_has_no_witness() -> None:
    text = COUNTER.replace("int n", "long n")
    (found,) = invariants(text, {"L1": ["i >= 0", "i + 1 > 0"]}, width="32")
    assert "(long long)i" in found["value"]
    assert "witness.yml" not in attachments(request(COUNTER, width="64"), SAFE)


@pytest.mark.parametrize("name", ["a b.c", "ä: [x].c", "- #'\".c", "line\nbreak.c", "null", "dir/\udcff.c", "&a *b.c"])
def test_odd_file_names_stay_what_they_are(name: str) -> None:
    task = read(attachments(request(COUNTER, file=name), SAFE)["witness.yml"])["metadata"]["task"]
    assert task["input_files"] == [name]
    found = waypoints(COUNTER.replace("i == n", "i < n"), file=name)
    assert {one["location"]["file_name"] for one in found} == {name}


def test_a_source_of_any_bytes_has_the_digest_of_the_file() -> None:
    data = b"/* \xff */\r\n" + COUNTER.encode().replace(b"\n", b"\r\n")
    found = attachments(request(data.decode("utf-8", "surrogateescape")), SAFE)
    hashes = read(found["witness.yml"])["metadata"]["task"]["input_file_hashes"]
    assert hashes == {"a.c": hashlib.sha256(data).hexdigest()}


# Counterexamples.


def test_a_counterexample_has_its_choices_and_its_end() -> None:
    found = waypoints(COUNTER.replace("i == n", "i < n"))
    (kind, value), target = said_of(found)
    assert kind == "function_return"
    assert int(value.removeprefix("\\result == ")) >= 0
    assert target == ("target", "")
    assert places(found) == [("main", 3, 25), ("main", 6, 5)]


def test_chosen_values_of_variables_and_parameters_are_assumed_at_the_next_statement() -> None:
    text = """\
int g;
void f(int a, unsigned long b) {
    int x, y;
    int z;

    x = x + 0;
    if (a == 7 && b > 9223372036854775808UL && g == 3 && x == 5 && y == -4 && z == 1)
        assert(0);
}
"""
    found = waypoints(text, name="f")
    assert [kind for kind, _ in said_of(found)] == ["assumption", "assumption", "target"]
    assert places(found) == [("f", 3, 5), ("f", 6, 5), ("f", 8, 9)]
    first, second = (value.split(" && ") for _, value in said_of(found)[:2])
    assert "a == 7" in first
    assert "g == 3" in first
    assert sum(v.startswith("b == ") and v.endswith("ULL") for v in first) == 1
    assert second == ["x == 5", "y == -4", "z == 1"]


def test_an_assertion_that_the_file_defines_fails_in_its_body() -> None:
    text = """\
extern int __VERIFIER_nondet_int(void);
void reach_error(void) { }
void __VERIFIER_assert(int cond) { if (!cond) { reach_error(); } }
int main(void) {
    for (int i = 0; i < 3; i++) __VERIFIER_assert(__VERIFIER_nondet_int() != 42);
}
"""
    found = waypoints(text)
    assert said_of(found)[-2:] == [("function_return", "\\result == 42"), ("target", "")]
    assert places(found)[-2:] == [("main", 5, 73), ("__VERIFIER_assert", 3, 49)]


@pytest.mark.parametrize(
    ("body", "width", "asked"),
    [
        ("int x = unknown_int(); int y = x + 1; assert(y > x);", "32", "G ! overflow"),
        ("int a[3]; int x = unknown_int(); a[x] = 1; assert(1);", "", "G valid-deref"),
        ("int x = unknown_int(); assert(x);", "32", "G ! call(reach_error())"),
    ],
)
def test_the_violated_property_is_named(body: str, width: str, asked: str) -> None:
    said = counterexample(f"int unknown_int(void);\nint main(void) {{ {body} }}\n", width=width)
    task = read(said["attachments"]["witness.yml"])["metadata"]["task"]
    assert task["specification"] == f"CHECK( init(main()), LTL({asked}) )"


@pytest.mark.parametrize(
    ("body", "width", "why"),
    [
        ("int x = unknown_int(); assert(x - 2147483647 < 9);", "", "is no int"),
        (
            "int x = unknown_int(); if (x > 2 && x < 2000000000) assert(x + x + x - 2147483647 < 2147483647);",
            "",
            "overflow",
        ),
        ("int x = unknown_int(); assert(5 / x < 9);", "32", "no property for 'undefined behaviour: division by zero'"),
        ("int x = unknown_int();\n//@ assert x > 0;\n", "", "annotation"),
        ("int x = unknown_int(); assert(x);", "64", "64 bits"),
    ],
)
def test_no_witness_says_what_other_tools_would_not_find(body: str, width: str, why: str) -> None:
    said = counterexample(f"int unknown_int(void);\nint main(void) {{ {body} }}\n", width=width)
    assert said["attachments"] == {}
    assert why in said["unwitnessed"]


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.name.split(".")[0])
def test_following_a_witness_of_a_wrong_program_ends_at_its_target(path: Path) -> None:
    text = path.read_text()
    params = request(text)
    try:
        name = read_unit(params).obligations()[0][0]
        found = refute(load({**params, "name": name}), 1.0)
    except LemmataError:
        pytest.skip("refused by name")
    if found is None:
        pytest.skip("it fails only with machine integers")
    said = refuted({**params, "name": name, "artefact": json.dumps(found)})
    if said["unwitnessed"]:
        pytest.skip(said["unwitnessed"])
    entry = read(said["attachments"]["witness.yml"])
    *before, target = (item["segment"][0]["waypoint"] for item in entry["content"])
    calls = [one for one in found["inputs"] if one["name"].endswith("!") and ".result" not in one["name"]]
    arrays = any(isinstance(one["value"], dict) for one in found["inputs"])
    if arrays or {waypoint["type"] for waypoint in before} - {"function_return"} or len(before) != len(calls):
        pytest.skip("not all of its choices are calls at known places")
    values = [int(waypoint["constraint"]["value"].removeprefix("\\result == ")) for waypoint in before]
    run = execute_source(text, name, values, int_width=32)
    claimed = "reach_error" in entry["metadata"]["task"]["specification"]
    assert run.status == ("violated" if claimed else "undefined")
    assert run.location is not None
    assert run.location.line == target["location"]["line"]


@settings(max_examples=25, deadline=None)
@given(
    wanted=st.lists(st.integers(-(1 << 31), (1 << 31) - 1), min_size=1, max_size=4),
    gap=st.sampled_from([" ", "\n", "\t", " /* unknown_int() */ ", "\n\n  // x\n"]),
    width=st.sampled_from(["", "32"]),
)
def test_the_choices_of_a_witness_are_those_that_fail(wanted: list[int], gap: str, width: str) -> None:
    lines = [f"long v{i} = unknown_int();{gap}if (v{i} != {value}L) return 0;" for i, value in enumerate(wanted)]
    text = f"int unknown_int(void);\nint main(void) {{{gap}{gap.join(lines)}{gap}assert(0); }}\n"
    found = waypoints(text, width=width)
    returned = [one for one in found if one["type"] == "function_return"]
    # On a line with several calls behind a comment their columns are not known; all others must be there, in order.
    if "/*" not in gap:
        assert [one["constraint"]["value"] for one in returned] == [f"\\result == {value}" for value in wanted]
    for one in found:
        where = one["location"]
        if "column" in where:
            character = text.split("\n")[where["line"] - 1][where["column"] - 1]
            assert character == {"function_return": ")", "target": "a"}[one["type"]]
