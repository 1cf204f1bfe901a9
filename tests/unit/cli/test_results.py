from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemmata.errors import BackendError, CertificateError, InputError, Location
from lemmata.verdict import Verdict
from lemmata.workflow import results
from lemmata.workflow.results import Result


def result(code: int, verdict: Verdict = Verdict.ERROR) -> Result:
    return Result("a.c", "main", "programs", verdict, exit_code=code)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], 0),
        ([0, 0], 0),
        ([0, 3], 3),
        ([3, 1, 0], 1),
        ([1, 4, 3], 4),
        ([4, 2, 1, 3, 0], 2),
        ([0, 77], 4),
    ],
)
def test_the_worst_result_decides_the_exit_code(codes: list[int], expected: int) -> None:
    assert results.exit_code(result(code) for code in codes) == expected


@given(st.lists(st.sampled_from([0, 1, 2, 3, 4]), min_size=1))
def test_the_exit_code_is_that_of_some_result_and_zero_only_when_all_are(codes: list[int]) -> None:
    code = results.exit_code(result(c) for c in codes)
    assert code in codes
    assert (code == 0) == (set(codes) == {0})


def test_errors_keep_their_exit_code() -> None:
    assert results.failed("a.c", InputError("bad")).exit_code == 2
    assert results.failed("a.c", BackendError("gone")).exit_code == 4
    assert results.failed("a.c", CertificateError("altered")).exit_code == 1


def test_a_failed_target_keeps_place_and_hint() -> None:
    error = InputError("no", hint="yes", location=Location("a.c", 3, 4))
    body = results.failed("a.c", error).to_json()
    assert body["verdict"] == "error"
    assert body["reason"] == "no"
    assert body["hint"] == "yes"
    assert body["location"] == {"file": "a.c", "line": 3, "column": 4}


def test_a_result_survives_its_document() -> None:
    before = Result(
        "a.c",
        "main",
        "programs",
        Verdict.PROVED,
        seconds=1.5,
        certificate="c.json",
        location=Location("a.c", 1, 2),
        proof={"steps": []},
        audit={"checks": []},
        stats={"expansions": 1},
    )
    assert Result.from_json(json.loads(json.dumps(before.to_json()))) == before


def test_a_document_has_the_promised_shape() -> None:
    body = results.document([dataclasses.replace(result(0), verdict=Verdict.PROVED)], interrupted=True)
    assert body["schema"] == "lemmata.result/1"
    assert body["interrupted"] is True
    promised = "target obligation system verdict reason seconds certificate proof counterexample audit stats"
    assert set(promised.split()) <= set(body["results"][0])
