"""Which conjectures are selected, and how much each counts."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from corpora.conjecture import filters
from corpora.conjecture.stage import weighed


def test_what_always_or_never_succeeds_is_not_barely_provable() -> None:
    assert [filters.barely_provable(rate) for rate in (0.0, 0.01, 0.25, 0.26, 1.0)] == [False, True, True, False, False]


def test_the_hardest_quarter_is_barely_provable() -> None:
    rates = filters.pass_rates([1, 2, 3, 40, 5, 6, 7, 80])
    assert [filters.barely_provable(rate) for rate in rates] == [False, False, False, True, False, False, False, True]


def test_the_least_elegant_fifth_is_dropped() -> None:
    scores = [filters.elegance("x" * length, "p" * 10) for length in (10, 200, 20, 50, 40)]
    assert filters.elegant(scores) == [True, False, True, True, True]
    assert filters.elegant([1.0]) == [True]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["intros", "now rewrite Nat.add_comm"], True),
        (["hauto use: app_nil_r, Coq.Arith.PeanoNat.Nat.add_comm"], True),
        (["apply add_comm_l"], False),
        ([], False),
    ],
)
def test_a_proof_uses_what_it_names(steps: list[str], expected: bool) -> None:
    assert filters.uses(steps, "Coq.Arith.PeanoNat.Nat.add_comm") is expected


def test_weights_go_to_what_is_nearest_to_the_unproved() -> None:
    proved = [{"add", "comm"}, {"rev", "app"}, {"mul"}]
    assert filters.weights(proved, [{"rev"}, {"rev", "app", "map"}, {"mul", "add"}, {"mul"}]) == [0.0, 0.5, 0.5]
    assert filters.weights(proved, []) == [1 / 3] * 3
    assert filters.weights([], [{"rev"}]) == []


def _record(key: str, expansions: int, label: str = "proved") -> dict[str, Any]:
    made_from = {"rule": "chain", "from": ["A.lemma"]}
    told = {"name": key, "statement": f"Lemma {key} : x = x.", "proof": "Proof. apply lemma. Qed."}
    return {"key": key, **told, "steps": ["apply lemma"], "origin": made_from, "expansions": expansions, "label": label}


def test_the_undecided_only_weigh_the_others() -> None:
    counts: Counter[str] = Counter()
    undecided = {"key": "u", "statement": "y = y", "label": "undecided"}
    given = [*(_record(f"p{n}", n) for n in range(8)), undecided, _record("p1", 9), _record("d", 3, "disproved")]
    kept = list(weighed(iter(given), counts))
    assert [one["key"] for one in kept] == [*(f"p{n}" for n in range(8)), "d"]
    assert [one["key"] for one in kept if one.get("selected")] == ["p6", "p7"]
    assert sum(one.get("weight", 0) for one in kept) == pytest.approx(1.0)
    assert "selected" not in kept[-1]
    assert sum(counts.values()) == 1
