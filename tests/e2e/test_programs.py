"""`lemmata` on C programs and SMT goals, from the command line to the certificate and back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples" / "programs").glob("*.c"))

COUNTER = """int unknown_int(void);
int main(void) {
    int n = unknown_int();
    int i = 0;
    while (i < n) i = i + 1;
    assert(n < 0 || i == n);
}
"""
WRONG = COUNTER.replace("i == n", "i < n")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_proved(lemmata: Any, path: Path) -> None:
    answer = lemmata("prove", "--json", "--timeout", "20", path)
    assert [result["verdict"] for result in answer.document["results"]] == ["proved"]
    assert answer.code == 0
    certificate = answer.document["results"][0]["certificate"]
    assert lemmata("replay", certificate).code == 0


def test_a_proof_shows_its_invariant(lemmata: Any) -> None:
    lemmata.write("a.c", COUNTER)
    answer = lemmata("prove", "a.c")
    assert answer.code == 0
    assert re.search(r"a\.c:5 +\S", answer.out)


def test_a_wrong_program_is_disproved_with_a_counterexample(lemmata: Any) -> None:
    lemmata.write("a.c", WRONG)
    answer = lemmata("prove", "--json", "a.c")
    (result,) = answer.document["results"]
    assert (answer.code, result["verdict"]) == (1, "disproved")
    assert result["counterexample"]
    assert lemmata("replay", result["certificate"]).code == 0


UNCHECKED = (
    "int main(void) { int i = 0; /*@ loop invariant i <= 9; loop assigns i; */ while (i < 9) i++; assert(i == 9); }"
)
NO_WITNESS = "/*@ requires i > 0; ensures \\result > 1; */ int f(int i) { return i; }"


@pytest.mark.parametrize("text", [UNCHECKED, NO_WITNESS])
def test_what_is_not_checked_is_told_in_a_certificate_that_replays(lemmata: Any, text: str) -> None:
    lemmata.write("a.c", text)
    certificate = Path(lemmata("prove", "--json", "a.c").document["results"][0]["certificate"])
    assert "unknown" in {audit["result"] for audit in json.loads(certificate.read_text())["audits"]}
    assert lemmata("replay", certificate).code == 0


def test_changing_an_invariant_of_a_certificate_is_noticed(lemmata: Any) -> None:
    lemmata.write("a.c", COUNTER)
    certificate = Path(lemmata("prove", "--json", "a.c").document["results"][0]["certificate"])
    body = json.loads(certificate.read_text())
    (first, *_) = body["steps"][0]["parts"]
    first["text"] = "1" if first["language"] == "c" else "true"
    certificate.write_text(json.dumps(body))
    assert lemmata("replay", certificate).code == 1


def test_changing_the_source_is_drift(lemmata: Any) -> None:
    lemmata.write("a.c", COUNTER)
    certificate = lemmata("prove", "--json", "a.c").document["results"][0]["certificate"]
    lemmata.write("a.c", COUNTER.replace("i + 1", "i + 2"))
    answer = lemmata("replay", certificate)
    assert answer.code == 1
    assert "source changed since the certificate was made" in answer.out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("empty", b""),
        ("binary", bytes(range(256)) * 10),
        ("syntax", b"int main(void) { int x = ; }\n"),
        ("unfinished", b"int main(void) { while (1) {"),
        ("goto", b"int main(void) { l: goto l; assert(1); }\n"),
        ("float", b"int main(void) { float f = 1.5f; assert(f > 1); }\n"),
        ("recursion", b"int f(int a[]) { return f(a); }\nint main(void) { int a[2]; assert(f(a)); }\n"),
        ("no_assertion", b"int main(void) { int x = 0; return x; }\n"),
        ("large", b"/*" + b"x" * 10_000_000 + b"*/ int main(void) { assert(1); }\n"),
        ("deep", b"int main(void) { assert(" + b"(" * 20_000 + b"1" + b")" * 20_000 + b"); }\n"),
    ],
)
def test_bad_input_is_one_clear_line(lemmata: Any, name: str, text: bytes) -> None:
    lemmata.write(f"{name}.c", text)
    answer = lemmata("prove", "--timeout", "10", f"{name}.c")
    assert answer.code == 2, answer.err
    (line,) = answer.err.splitlines()
    assert re.match(rf"{name}\.c(:\d+(:\d+)?)?: error: .", line)
    (result,) = lemmata("prove", "--json", f"{name}.c").document["results"]
    assert result["verdict"] == "error"
    assert result["exit_code"] == 2


def test_unreadable_and_missing_files(lemmata: Any) -> None:
    (lemmata.folder / "folder.c").mkdir()
    for name in ("missing.c", "folder.c", "folder.c/a.c"):
        answer = lemmata("prove", name)
        assert answer.code == 2
        assert answer.err.startswith(name)


def test_smt_goals(lemmata: Any) -> None:
    lemmata.write("unsat.smt2", "(declare-const x Int)\n(assert (> x x))\n(check-sat)\n")
    lemmata.write("sat.smt2", "(declare-const x Int)\n(assert (> x 5))\n(check-sat)\n")
    answer = lemmata("prove", "--json", "unsat.smt2", "sat.smt2")
    assert [result["verdict"] for result in answer.document["results"]] == ["proved", "disproved"]
    for result in answer.document["results"]:
        assert lemmata("replay", result["certificate"]).code == 0


def test_machine_integers_know_overflow(lemmata: Any) -> None:
    lemmata.write(
        "a.c", "int unknown_int(void);\nint main(void) { int x = unknown_int(); int y = x + 1; assert(y > x); }\n"
    )
    assert lemmata("prove", "a.c").code == 0
    assert lemmata("prove", "--int-width", "32", "a.c").code == 1


def test_doctor_finds_everything(lemmata: Any) -> None:
    answer = lemmata("doctor", "--json")
    assert answer.code == 0, answer.out
    names = {finding["name"] for finding in answer.document["results"]}
    assert {"python", "z3", "cvc5", "gcc", "store", "checker programs", "checker smt"} <= names
