from __future__ import annotations

import io

import pytest

from lemmata.cli import output, render
from lemmata.errors import Location
from lemmata.verdict import Verdict
from lemmata.workflow.results import Check, ReplayResult, Result


def shown(result: Result) -> str:
    return "\n".join(line.plain for line in render.block(result))


@pytest.mark.parametrize(("value", "text"), [(0.034, "0.03 s"), (9.99, "9.99 s"), (12.34, "12.3 s"), (123.4, "123 s")])
def test_durations(value: float, text: str) -> None:
    assert render.seconds(value) == text


def test_a_proof_shows_each_loop_once_with_its_clauses_and_provers() -> None:
    parts = [
        {"label": "loop1", "place": "a.c:4", "text": "0 <= i", "prover": "sampling"},
        {"label": "loop1", "place": "a.c:4", "text": "i <= n", "prover": "atoms"},
    ]
    text = shown(Result("a.c", "main", "programs", Verdict.PROVED, seconds=0.5, proof={"steps": [{"parts": parts}]}))
    assert text.splitlines()[0].endswith("a.c:main  proved  0.50 s")
    assert text.count("a.c:4") == 1
    assert "0 <= i" in text
    assert "sampling" in text
    assert "atoms" in text


def test_a_script_keeps_its_shape_and_tells_its_axioms() -> None:
    proof = {"steps": [{"text": "split"}], "text": "  split.\n  - easy.\n    auto.\n  - lia."}
    result = Result("a.v:t@3", "t", "coq", Verdict.PROVED, seconds=0.5, proof=proof, audit={"axioms": ["classic"]})
    assert [line.rstrip() for line in shown(result).splitlines()[1:]] == [
        "    split.",
        "    - easy.",
        "      auto.",
        "    - lia.",
        "    axioms  classic",
    ]
    assert "a.v:t@3  proved" in shown(result)


def test_a_selector_is_not_shown_twice() -> None:
    text = shown(Result("a.c:main", "main", "programs", Verdict.UNKNOWN, "time budget 0 s spent"))
    assert "a.c:main  unknown" in text
    assert "main:main" not in text
    assert "time budget 0 s spent" in text


def test_a_counterexample_is_a_table() -> None:
    trace = [{"line": 3, "values": {"x": 0}}, {"line": 5, "values": {"y": [1, 2]}}]
    failure = {"file": "a.c", "line": 6, "column": 5, "message": "assertion fails"}
    counterexample = {"trace": trace, "failure": failure}
    text = shown(Result("a.c", "main", "programs", Verdict.DISPROVED, counterexample=counterexample))
    assert [line.split() for line in text.splitlines()[1:]] == [
        ["a.c:6:5:", "assertion", "fails"],
        ["line", "x", "y"],
        ["3", "0"],
        ["5", "0", "[1,", "2]"],
    ]


def test_a_long_counterexample_is_cut_in_the_middle() -> None:
    trace = [{"line": i, "values": {"x": i}} for i in range(1000)]
    text = shown(Result("a.c", "main", "programs", Verdict.DISPROVED, counterexample={"trace": trace}))
    assert len(text.splitlines()) < 40
    assert "999" in text


def test_a_counterexample_of_another_shape_is_shown_too() -> None:
    text = shown(Result("a.smt2", "goal", "smt", Verdict.DISPROVED, counterexample={"model": {"x": [1, {"y": 2}]}}))
    assert "x  =  [1, {y: 2}]" in text


def test_an_error_reads_like_a_diagnostic() -> None:
    result = Result(
        "a.c", None, None, Verdict.ERROR, "goto is not supported", location=Location("a.c", 3, 4), hint="use a loop"
    )
    assert render.diagnostic(result) == "a.c:3:4: error: goto is not supported; use a loop"
    assert shown(result).endswith("a.c  error")


def test_the_summary_counts() -> None:
    results = [Result("a.c", "f", "programs", v) for v in (Verdict.PROVED, Verdict.PROVED, Verdict.UNKNOWN)]
    assert render.summary(results, 1.0).plain == "2 proved, 1 unknown in 1.00 s"
    assert "interrupted" in render.summary([], 1.0, interrupted=True).plain


def test_an_invalid_certificate_says_why_once() -> None:
    checks = (Check("source", False, "changed"),)
    result = ReplayResult("c.json", False, "changed", "a.c", "main", "programs", "proved", 0.1, checks)
    text = "\n".join(line.plain for line in render.replay_block(result))
    assert "invalid" in text
    assert text.count("changed") == 1


def test_symbols_fall_back_to_ascii() -> None:
    assert output.encodable("✓", "+", io.TextIOWrapper(io.BytesIO(), encoding="ascii")) == "+"
    assert output.encodable("✓", "+", io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) == "✓"
