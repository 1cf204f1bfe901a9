from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemmata.workflow import coverage


@given(st.lists(st.booleans(), min_size=1, max_size=9), st.data())
def test_the_estimate_is_the_share_of_choices_with_a_proof(samples: list[bool], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(samples)))
    choices = [any(choice) for choice in combinations(samples, k)]
    exact = Fraction(sum(choices), len(choices))
    assert coverage.pass_at(k, len(samples), sum(samples)) == float(exact)


@given(st.integers(1, 5000), st.data())
def test_the_estimate_is_a_growing_share_however_many_samples(samples: int, data: st.DataObject) -> None:
    proved = data.draw(st.integers(0, samples))
    k = data.draw(st.integers(1, samples))
    found = coverage.pass_at(k, samples, proved)
    assert 0.0 <= found <= 1.0
    assert (found == 0.0) == (proved == 0)
    assert found >= coverage.pass_at(1, samples, proved) == pytest.approx(proved / samples)
    assert coverage.pass_at(samples, samples, proved) == float(proved > 0)
    if k < samples:
        assert found <= coverage.pass_at(k + 1, samples, proved)


def test_the_estimate_keeps_what_is_tiny() -> None:
    # The naive 1 - ratio of floats has nothing left of it.
    assert coverage.pass_at(1, 10**18, 1) == 1e-18


@given(st.integers(-(10**18), 10**18), st.integers(1, 200))
def test_samples_draw_from_seeds_that_do_not_meet(first: int, samples: int) -> None:
    found = coverage.seeds(first, samples)
    assert found[0] == first
    assert all(later - earlier > 10**6 for earlier, later in pairwise(found))


def row(problem: str, verdicts: dict[str | None, str], expected: str | None = None, worst: str = "") -> dict[str, Any]:
    parts = [
        {"obligation": name, "line": None if name is None else 7, "verdict": said} for name, said in verdicts.items()
    ]
    return {
        "problem": problem,
        "expected": expected,
        "verdict": worst or next(iter(verdicts.values())),
        "obligations": parts,
    }


def counts(rows: list[dict[str, Any]]) -> dict[str | None, dict[str, int]]:
    return {t.obligation: {k: v for k, v in t.counts.items() if v} for t in coverage.tallies(rows)}


def test_each_obligation_of_a_file_counts() -> None:
    rows = [
        row("p", {"f": "proved", "g": "unknown"}),
        row("p", {"f": "proved", "g": "proved"}),
        row("p", {None: "error"}),
    ]
    assert counts(rows) == {"f": {"proved": 2, "error": 1}, "g": {"proved": 1, "unknown": 1, "error": 1}}
    assert [tally.samples for tally in coverage.tallies(rows)] == [3, 3]


def test_a_file_that_no_sample_could_read_is_one_that_nothing_proves() -> None:
    rows = [row("p", {None: "error"}), row("p", {None: "error"})]
    assert counts(rows) == {None: {"error": 2}}
    assert coverage.curve(coverage.tallies(rows)) == [(1, 0.0), (2, 0.0)]


def test_what_contradicts_is_wrong_and_no_proof() -> None:
    rows = [row("p", {"f": "proved"}, "false"), row("p", {"f": "disproved"}, "false"), row("q", {"g": "proved"})]
    assert counts(rows) == {"f": {"disproved": 1, "wrong": 1}, "g": {"proved": 1}}
    assert coverage.wrong(rows) == ["p is proved in 1 of 2 samples, but expected.csv says false"]
    assert "**wrong:** p is proved" in coverage.markdown("s", rows, "{}")


def test_two_theorems_of_one_name_on_one_line_are_two() -> None:
    part = {"obligation": "f", "line": 7, "verdict": "proved"}
    rows = [{"problem": "p", "expected": None, "verdict": "proved", "obligations": [part, part]}] * 2
    assert [(tally.samples, tally.proved) for tally in coverage.tallies(rows)] == [(2, 2), (2, 2)]


def test_the_curve_ends_where_an_obligation_has_no_more_samples() -> None:
    three = [row("p", {"f": said}) for said in ("proved", "unknown", "unknown")]
    assert coverage.curve(coverage.tallies(three)) == [(1, 1 / 3), (2, 2 / 3), (3, 1.0)]
    two = [row("q", {"g": "unknown"})] * 2
    assert coverage.curve(coverage.tallies([*three, *two])) == [(1, 1 / 6), (2, 1 / 3)]
    assert coverage.curve([]) == []
    assert "no points" in coverage.plot("s", [])


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["proved", "error", "f"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["obligation", "line", "verdict", "x"]), inner),
)


@given(anything)
def test_a_line_that_counts_can_be_counted(said: Any) -> None:
    line = {"problem": "p", "expected": None, "verdict": "unknown", "obligations": said}
    if coverage.countable(line):
        coverage.tallies([line])
    assert not coverage.countable({"problem": "p"})
