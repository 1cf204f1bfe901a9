"""What `lemmata prove` writes of C programs for other tools to read, and what it warns of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cvc5
import jsonschema
import pytest
import yaml
import z3

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples" / "programs").glob("*.c"))
SCHEMA = json.loads((ROOT / "tests" / "unit" / "programs" / "witness-2.0.schema.json").read_text())
COUNTER = """\
int unknown_int(void);
int main(void) {
    int n = unknown_int();
    int i = 0;
    while (i < n) i = i + 1;
    assert(n < 0 || i == n);
}
"""
UNREACHED = COUNTER.replace("    assert", "    while (n == n) { }\n    assert")


def cvc5_says(text: str) -> str:
    solver = cvc5.Solver()
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "condition")
    said = []
    while not (command := parser.nextCommand()).isNull():
        said.append(str(command.invoke(solver, parser.getSymbolManager())))
    return "".join(said).strip()


def z3_says(text: str) -> str:
    solver = z3.Solver()
    solver.from_string(text)
    return str(solver.check())


def test_the_examples_have_witnesses_and_conditions_that_others_accept(lemmata: Any) -> None:
    flags = ["--json", "--out", "out", "--emit-smt2", "made/conditions", "--require-reachable"]
    answer = lemmata("prove", *flags, "--timeout", "20", *EXAMPLES)
    results = answer.document["results"]
    assert {result["verdict"] for result in results} == {"proved"}
    assert [result["warnings"] for result in results] == [[]] * len(EXAMPLES)
    assert answer.err == ""
    files = sorted((lemmata.folder / "made" / "conditions").iterdir())
    assert [str(file) for file in files] == [name for result in results for name in result["conditions"]]
    for file in files:
        text = file.read_text()
        assert text.endswith("(check-sat)\n")
        assert (z3_says(text), cvc5_says(text)) == ("unsat", "unsat"), file.name
    for path, result in zip(EXAMPLES, results, strict=True):
        beside = Path(result["certificate"].removesuffix("lemmata.json") + "witness.yml")
        document = yaml.safe_load(beside.read_text())
        jsonschema.validate(document, SCHEMA)
        assert document[0]["metadata"]["task"]["input_files"] == [str(path)]
        reached = [c for c in result["audit"]["checks"] if c["command"].startswith("reachability of")]
        assert reached
        assert {check["result"] for check in reached} == {"passed"}


def test_a_condition_says_what_it_is(lemmata: Any) -> None:
    lemmata.write("odd\nname.c", COUNTER)
    (result,) = lemmata("prove", "--json", "--emit-smt2", "c", "odd\nname.c").document["results"]
    assert [Path(name).name.split(".", 3)[3] for name in result["conditions"]] == [
        "00-initiation-L1-from-entry.smt2",
        "01-safety-E1-from-L1.smt2",
        "02-consecution-L1-from-L1.smt2",
    ]
    text = Path(result["conditions"][2]).read_text()
    head = [line for line in text.splitlines() if line.startswith(";")]
    assert "odd\\nname.c" in head[0]
    assert json.loads(Path(result["certificate"]).read_text())["obligation"]["source_digest"] in head[1]
    assert head[2] == "; consecution of L1 (5:5) from L1 (5:5)"


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_is_told_before_any_work(lemmata: Any, place: str) -> None:
    lemmata.write("a.c", COUNTER)
    lemmata.write("file", "")
    answer = lemmata("prove", "--emit-smt2", place, "a.c")
    assert answer.code == 2
    assert answer.err.startswith(f"{lemmata.folder / place}: error: ")
    assert answer.out == ""


def test_nothing_is_emitted_without_a_proof(lemmata: Any) -> None:
    lemmata.write("a.c", COUNTER.replace("i == n", "i < n"))
    (result,) = lemmata("prove", "--json", "--emit-smt2", "c", "a.c").document["results"]
    assert (result["verdict"], result["conditions"]) == ("disproved", [])
    assert list((lemmata.folder / "c").iterdir()) == []


@pytest.mark.parametrize("width", ["none", "32"])
def test_a_counterexample_has_a_witness(lemmata: Any, width: str) -> None:
    lemmata.write("a.c", COUNTER.replace("i == n", "i < n"))
    flags = ["--json", "--int-width", width]
    (result,) = lemmata("prove", *flags, "a.c").document["results"]
    beside = Path(result["certificate"].removesuffix("lemmata.json") + "witness.yml")
    text = beside.read_text()
    (entry,) = yaml.safe_load(text)
    jsonschema.validate([entry], SCHEMA)
    kinds = [item["segment"][0]["waypoint"]["type"] for item in entry["content"]]
    assert kinds == ["function_return", "target"]
    lemmata("prove", *flags, "a.c")
    assert beside.read_text() == text


def test_unreachable_assertions_are_warned_of_and_change_nothing(lemmata: Any) -> None:
    lemmata.write("a.c", UNREACHED)
    plain = lemmata("prove", "--json", "a.c").document["results"][0]
    assert (plain["verdict"], plain["warnings"]) == ("proved", [])
    answer = lemmata("prove", "--json", "--require-reachable", "a.c")
    (result,) = answer.document["results"]
    assert (answer.code, result["verdict"]) == (0, "proved")
    assert result["warnings"] == [
        {"file": "a.c", "line": 7, "column": 5, "message": "the assertion can never be reached"}
    ]
    assert answer.err == "a.c:7:5: warning: the assertion can never be reached\n"
    audits = json.loads(Path(result["certificate"]).read_text())["audits"]
    assert [(a["command"], a["result"]) for a in audits if "reachability" in a["command"]] == [
        ("reachability of the assertion at 7:5", "unknown")
    ]
    assert lemmata("replay", result["certificate"]).code == 0
    assert lemmata("prove", "--quiet", "--require-reachable", "a.c").err == ""
