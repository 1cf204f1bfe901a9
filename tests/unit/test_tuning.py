from __future__ import annotations

import pytest

from lemmata.plugins.tuning import Tuning, tuning


@pytest.mark.parametrize("system", ["smt", "something else"])
def test_systems_without_settings_of_their_own_get_the_defaults(system):
    assert tuning(system) == Tuning()


@pytest.mark.parametrize(
    ("system", "seconds", "step"),
    [("smt", 1, 1.0), ("smt", 60, 12.0), ("smt", 600, 20.0), ("coq", 1, 0.5), ("coq", 30, 3.0), ("coq", 600, 5.0)],
)
def test_a_step_gets_its_share_of_the_budget_within_bounds(system, seconds, step):
    assert tuning(system).step_seconds(seconds) == pytest.approx(step)


def test_coq_takes_turns_on_one_toplevel_and_prefers_to_stay_where_it_is():
    coq = tuning("coq")
    assert (coq.batch, coq.concurrency) == (1, 1)
    assert coq.stickiness is not None
    assert coq.stickiness > 0


def test_what_is_dear_comes_later_but_within_the_budget():
    coq = tuning("coq")
    assert all(0 < share < 1 for share in coq.delays.values())
    assert 0 < coq.refuter_delay < 1
    assert tuning("coq").verify_floor >= tuning("smt").verify_floor
